//! Signatures made by OpenSSL 3.0 (`openssl dgst -sha256 -sign`) with each curve and hash.

use super::*;
use x509_cert::der::Decode as _;

const SIGNED: &[u8] = b"what an authority signs";

/// For each curve: a key in DER, and signatures with SHA-256, SHA-384 and SHA-512, all in hexadecimal.
const VECTORS: [(&str, [&str; 3]); 3] = [
    // P256
    (
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004e593f14724988270203af8bb9c4d9e10bc53952e2f34c15d564b32e379d994da9154109df9758b66cecdc2408be09661eac4567c4e6c56fd82a37bec18315cf4",
        [
            "3045022100f836da96863664c409f24e0ca8279807b43e7b88f655cbf25797283c6f7f89d902206d27b0eb3298a038c86c08bee32dee1c831ea192d55fd7e84fe79ea2e149af70",
            "3045022100e0c85db460143f00284ce4ae7029a4f29bc6d4be121c14ecde7951392cf5617e022054aec99b9e5934b9e9f081bceea55f49e3049967bba84c4b460f3a06df41e67b",
            "3046022100ca3c8417764cd5b48432040fc5318edbed76bba2d93468f16922972a9a4f64bc022100c59b2e20ed267357e5a7755a24ff8a9ad57ba51da4c5b89c82a188fafcef9a0e",
        ],
    ),
    // P384
    (
        "3076301006072a8648ce3d020106052b81040022036200049eb3c68f174b599c6207375a93418c91fe552c4a5772dcbfabe43ce445e9545ba9c2cdc6786064e54701d3d394464134a85b960099c06f986c55cc6737240af446756bdf97587f06191e35101dbabf2d0b58362d5cd3477575b4f11589b06028",
        [
            "306402303284db421006df403eb3bc04c0b7f29419c7ce840eef408e45468ce35baa27de55cdc489800e41ae1d2a25a07b844b1f02301c4ff26f7540de7031e3cf477f70d2c43fc125a66b14d5569a5965d929ce1b1ce9accb8c15cee1cba9e1ee4e2a8f7ee8",
            "30650231008432cdb15da0ad54a1ac415145e1cb1a943368084e6018b99dc8af5a521cbe37801a9a9545783707f0034747b62de48702307aa5a43af0e878683964ca527026d398da19968fb7e9e5482eaadc8a05ad4e7a9550ee30c67d5a8f581d4e1d9a367d16",
            "3065023100ad9ee41f50fed5985dd6b68488fb911ecf6dd89933d427ba893d5504d1b2f3566c2fe7efbd7e9622d0ad7cbf2a9055f102301798c30b023860b6b46347d38423289901a6f49e309db99f9a106863aa6f5b3979c7fcbaf6bbab4546081ea0b9e62302",
        ],
    ),
    // P521
    (
        "30819b301006072a8648ce3d020106052b81040023038186000401dff7b545fc00ae2393ad5e59083ce0272b0ee38faca80c7fc9b82656cae86a774a0410b178ee8b0cb9573a21fa5e8a743335d701486cdf892aa8504ce671ed203401826bc9ce47b8f66043e1f3badb49a32f27b4c40df4e55b7fa40c750755386681dc951b22073907f165c771fd725a29cfbc4822c6d6d1b575477a4ad1b9916e7972",
        [
            "308188024200cb295b82debff1c3878ae2b3d5068855629e443b235bae5e1012b6d7c62cc9ef00ddd46252153ad438abe4353d4978f86687e341b11356bfa3cf21ac4f77dc746b0242008c70e6daf77c466c64beabb3056e2ae642d517d4090be3c73126b93bc6f649ffbf751d06b14dd76cad8005e06178d4794a021aab1c81a20814d64927ee2bf47641",
            "30818802420084b7b06edce7d08eb9889176ce1dc991c89ccf44b4b795e2882b96f048bd44e997a115717653966e3e36df43f10c8c3b1ffac249787dabdb4862273025a02698120242009b6ca0322d29e3dcfe74c67386f14997166427623e8910d70614bac8a812bdb6440c3c833b87c71fb52b26af80abb529f5a8be63a8e8fcb420218efec37122a50b",
            "308188024200e9aafdcbdaab1e0a3914f2833326c7cf91946a2e7778c3f4a947d1fca61b3ff4cd1d0fcb1284bea8aeb15c950b43a1f90adf62dd896cf2897b547ecd8a37705c3d024200f067460c939b6650b4eb7e18e53ae736f424db03f365be5531ce9c4f8ac2bb23cd789226db0acd98aea8d8823f634e07bff296c1454314d4b490d988c041691dcf",
        ],
    ),
];

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// P-384 with SHA-512 is not supported.
#[test]
fn ecdsa_is_verified_on_every_curve_with_every_hash() {
    for (curve, (key, signatures)) in VECTORS.iter().enumerate() {
        let key = SubjectPublicKeyInfoOwned::from_der(&bytes(key)).unwrap();
        for (signature, oid) in signatures.iter().zip([ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512]) {
            let algorithm = AlgorithmIdentifierOwned { oid, parameters: None };
            let mut signature = bytes(signature);
            let verify = |signed: &[u8], signature: &[u8]| check(&algorithm, &key, signed, signature);
            if (curve, oid) == (1, ECDSA_SHA512) {
                assert_eq!(verify(SIGNED, &signature), Err(CheckError::Unsupported));
                continue;
            }
            assert_eq!(verify(SIGNED, &signature), Ok(()), "{curve} {oid}");
            assert_eq!(verify(b"another", &signature), Err(CheckError::Mismatch), "{curve} {oid}");
            *signature.last_mut().unwrap() ^= 1;
            assert_eq!(verify(SIGNED, &signature), Err(CheckError::Mismatch), "{curve} {oid}");
        }
    }
}
