//! Signatures and certification paths.

use super::super::forged::{self, Draft, tlv};
use super::Status::{Invalid, Untrusted};
use super::*;

/// Extended key usages: any, TLS servers, time stamps.
const ANY: &str = "2.5.29.37.0";
const WEB: &str = "1.3.6.1.5.5.7.3.1";
const TIMES: &str = "1.3.6.1.5.5.7.3.8";

#[test]
fn leaves_of_every_curve_are_valid_under_an_rsa_authority() {
    for (label, file, algorithm) in [
        ("P256", "zz01-p256.pem", Algorithm::EcdsaP256),
        ("P384", "zz01-p384.pem", Algorithm::EcdsaP384),
        ("P521", "zz01-p521.pem", Algorithm::EcdsaP521),
    ] {
        let store = folder(&["zz01.pem", file]);
        let verdict = assert_valid(&store, label);
        assert_eq!(verdict.algorithm, Some(algorithm));
        assert_eq!(verdict.signer, Some(format!("ORDRE D ESSAI {label} (ZZ01/{label})")));
        assert!(verdict.reason.contains("`ZZ01` (AUTORITE D ESSAI ZZ01)"), "{}", verdict.reason);
        let verdict = judged(&store, &altered(label), STRICT, Invalid);
        assert!(verdict.reason.contains("does not match"), "{}", verdict.reason);
        assert_eq!(verdict.algorithm, Some(algorithm));
    }
    assert_valid(&folder(&["zz01.pem", "zz01-ed25519.pem"]), "Ed25519");
}

#[test]
fn binary_codes_have_certificate_ids_of_five_digits() {
    let store = folder(&["zz01.pem", "zz01-binary.pem"]);
    assert_eq!(code("binary").header.certificate_id, "1A2B3");
    assert_valid(&store, "binary");
    judged(&store, &altered("binary"), STRICT, Invalid);
    assert_refused(&folder(&["zz01.pem"]), "binary", Untrusted, "no certificate `1A2B3` of it");
}

#[test]
fn authorities_may_sign_with_ecdsa_ed25519_and_rsa_pss() {
    for (label, file) in [
        ("ZZ02", "zz02.pem"),
        ("ZZ03", "zz03.pem"),
        ("ZZ04", "zz04.pem"),
        ("ZZ05", "zz05.pem"),
        ("ZZ06", "zz06.pem"),
        ("v1", "zz07-v1.pem"),
    ] {
        let verdict = assert_valid(&folder(&[file]), label);
        assert!(verdict.reason.contains("issued by authority"), "{}", verdict.reason);
    }
}

#[test]
fn one_changed_bit_of_a_leaf_breaks_its_chain() {
    for (label, file) in
        [("ZZ02", "zz02.pem"), ("ZZ03", "zz03.pem"), ("ZZ04", "zz04.pem"), ("ZZ06", "zz06.pem")]
    {
        let (authority, mut leaf) = (objects(file).remove(0), objects(file).remove(1));
        // In the organisation's name, so that the rest of the certificate stays the same.
        let at = leaf.windows(8).position(|window| window == b"EMETTEUR").unwrap();
        leaf[at] ^= 1;
        let mut store = TrustStore::default();
        store.add("authority", &authority);
        store.add("leaf", &leaf);
        assert_refused(&store, label, Untrusted, "not its signature");
    }
}

#[test]
fn a_code_without_a_signature_is_invalid_whatever_the_folder_holds() {
    let mut unsigned = code("P256");
    unsigned.signature = None;
    let verdict = judged(&folder(&["zz01.pem", "zz01-p256.pem"]), &unsigned, STRICT, Invalid);
    assert_eq!(verdict.algorithm, None);
    judged(&TrustStore::default(), &unsigned, STRICT, Invalid);
}

#[test]
fn unknown_signers_are_untrusted() {
    assert_refused(&TrustStore::default(), "P256", Untrusted, "nothing here speaks for authority `ZZ01`");
    assert_refused(&folder(&["zz01.pem"]), "P256", Untrusted, "no certificate `P256` of it");
    assert_refused(&folder(&["zz01.pem", "zz01-p384.pem"]), "P256", Untrusted, "no certificate `P256` of it");
    assert_refused(&folder(&["zz01-p256.pem"]), "P256 unknown id", Untrusted, "no certificate `NONE` of it");
}

#[test]
fn a_forged_leaf_with_the_authority_s_name_is_untrusted() {
    let store = folder(&["zz01.pem", "forged-new.pem"]);
    assert_refused(&store, "forged, new id", Untrusted, "not its signature");
    // An altered code is invalid, as always.
    judged(&store, &altered("forged, new id"), STRICT, Invalid);
    // With the genuine certificate in the folder too, genuine codes stay valid, and forged ones are not.
    let store = folder(&["zz01.pem", "zz01-p256.pem", "forged-p256.pem"]);
    assert_valid(&store, "P256");
    assert_refused(&store, "forged P256", Invalid, "does not match");
    // A forged authority in a directory is not an anchor.
    let mut store = folder(&["zz01.pem", "zz01-p256.pem"]);
    store.add("directory", &directory(&["forged-authority.pem", "forged-new.pem", "forged-p256.pem"]));
    assert_refused(&store, "forged, new id", Untrusted, "came in a directory");
    assert_valid(&store, "P256");
    // A forged authority in the folder is trusted, because the folder decides.
    let store = folder(&["forged-authority.pem", "forged-new.pem"]);
    assert_valid(&store, "forged, new id");
}

/// A directory with the certificates of these files.
pub(super) fn directory(files: &[&str]) -> Vec<u8> {
    let mut directory = Vec::new();
    for file in files {
        for object in objects(file) {
            directory.extend(b"--End\r\nContent-Type: application/pkix-cert\r\n\r\n");
            directory.extend(object);
            directory.extend(b"\r\n");
        }
    }
    directory.extend(b"--End--\r\n");
    directory
}

#[test]
fn certificates_of_a_directory_are_trusted_through_a_chain_only() {
    let store = folder(&["zz01-directory.der"]);
    for label in ["P256", "P384", "P521"] {
        assert_refused(&store, label, Untrusted, "came in a directory, and nothing here vouches for it");
        assert_valid(&folder(&["zz01-directory.der", "zz01.pem"]), label);
        assert_valid(&folder(&["zz01.pem", "zz01-directory.der"]), label);
    }
    let mut store = TrustStore::default();
    store.add("directory", &directory(&["zz01-p256.pem"]));
    assert_refused(&store, "P256", Untrusted, "nothing here vouches for authority `ZZ01`");
}

#[test]
fn a_leaf_can_t_issue_certificates() {
    let words = "not that of an authority";
    assert_refused(
        &folder(&["zz01.pem", "zz01-leaf-zz08.pem", "zz08-0001.pem"]),
        "leaf of a leaf",
        Untrusted,
        words,
    );
    assert_refused(&folder(&["zz01-leaf-zz08.pem", "zz08-0001.pem"]), "leaf of a leaf", Untrusted, words);
    let mut store = folder(&["zz01.pem"]);
    store.add("directory", &directory(&["zz01-leaf-zz08.pem", "zz08-0001.pem"]));
    assert_refused(&store, "leaf of a leaf", Untrusted, words);
}

#[test]
fn an_authority_below_a_root_of_the_folder_is_trusted() {
    let with = |root: &[&str]| {
        let mut store = folder(root);
        store.add("directory", &directory(&["zz09.pem", "zz09-0001.pem"]));
        store
    };
    assert_valid(&with(&["root.pem"]), "under a root");
    assert_valid(&with(&["zz09.pem"]), "under a root");
    assert_refused(&with(&[]), "under a root", Untrusted, "nothing here vouches for it");
    assert_refused(&with(&["zz01.pem"]), "under a root", Untrusted, "nothing here vouches for it");
    assert_refused(&with(&["root-short.pem"]), "under a root", Untrusted, "nothing here vouches for it");
}

#[test]
fn a_chain_has_four_authorities_at_most() {
    let with = |anchor: &str| {
        let mut store = folder(&[anchor]);
        store.add("directory", &directory(&["zz13.pem", "zz13-1.pem", "zz13-2.pem", "zz13-3.pem"]));
        store
    };
    assert_valid(&with("zz13-1.pem"), "under many");
    assert_valid(&with("zz13-3.pem"), "under many");
    assert_refused(&with("zz13-root.pem"), "under many", Untrusted, "nothing here vouches for it");
}

#[test]
fn key_usages_and_critical_extensions_are_enforced() {
    assert_refused(&folder(&["zz10.pem"]), "no keyCertSign", Untrusted, "leaves out signing certificates");
    for standing in [&["zz01.pem"][..], &[]] {
        let with = |leaf| folder(&[standing, &[leaf]].concat());
        assert_refused(&with("zz01-encryption.pem"), "for encryption", Untrusted, "signs no documents");
        assert_refused(&with("zz01-critical.pem"), "critical", Untrusted, "1.3.6.1.4.1.99999.1");
    }
}

#[test]
fn sha_1_is_refused_in_chains() {
    assert_refused(&folder(&["zz01.pem", "zz01-sha1.pem"]), "SHA-1", Untrusted, "SHA-1");
    // Alone, it needs no chain.
    assert_valid(&folder(&["zz01-sha1.pem"]), "SHA-1");
}

#[test]
fn rsa_keys_sign_no_codes() {
    for files in [&["zz01.pem", "zz01-rsa.pem"][..], &["zz01-rsa.pem"]] {
        let verdict = judged(&folder(files), &code("RSA leaf"), STRICT, Untrusted);
        assert_eq!(verdict.reason, "certificate `RSA1` holds an RSA key, and a 2D-DOC is signed with ECDSA");
        assert_eq!((verdict.algorithm, verdict.signer.as_deref()), (None, Some("EMETTEUR RSA1 (ZZ01/RSA1)")));
    }
}

#[test]
fn each_key_of_a_renewed_authority_vouches_for_the_leaves_it_signed() {
    let store = folder(&["zz11-a.pem", "zz11-b.pem"]);
    assert_valid(&store, "renewed authority a");
    assert_valid(&store, "renewed authority b");
    let mut store = folder(&["zz11-a.pem"]);
    store.add("directory", &directory(&["zz11-b.pem"]));
    assert_valid(&store, "renewed authority a");
    assert_refused(&store, "renewed authority b", Untrusted, "nothing here vouches");
}

#[test]
fn many_authorities_of_one_name_take_bounded_time_and_hide_no_anchor() {
    let mut store = TrustStore::default();
    store.add("directory", &directory(&["forged-authority.pem", "zz01-p256.pem"]));
    let forged = objects("forged-authority.pem").remove(0);
    for number in 0..200_u8 {
        // Another serial number makes another certificate, whose signature is no longer valid.
        let mut copy = forged.clone();
        copy[20] = number;
        let part = b"--End\r\nContent-Type: application/pkix-cert\r\n\r\n";
        store.add("directory", &[&part[..], &copy, b"\r\n--End--\r\n"].concat());
    }
    assert_refused(&store, "P256", Untrusted, "too many certificates");
    store.add("authority", &fixture("zz01.pem"));
    assert_valid(&store, "P256");
}

#[test]
fn a_code_with_an_invalid_finding_is_invalid_despite_a_valid_signature() {
    let store = folder(&["zz01.pem", "zz01-p256.pem"]);
    let unsound = code("P256 unsound");
    assert_eq!(unsound.worst(), Some(crate::Level::Invalid));
    assert_refused(&store, "P256 unsound", Invalid, &unsound.findings[0].message);
}

/// RFC 5280 §4.2.1.12. Of the certificates published until 2026, those with an extKeyUsage name `any`.
#[test]
fn a_critical_use_other_than_document_signing_is_refused() {
    let (authority, leaf) = (forged::key(1), forged::key(2));
    let with = |of_authority: &[&str], of_leaf: &[&str], is_chained: bool| {
        let mut store = TrustStore::default();
        let drafts = [Draft::authority("ZZ71", "ZZ71", &authority), Draft::leaf("AAAA", "ZZ71", &leaf)];
        let [mut above, mut below] = drafts;
        if !of_authority.is_empty() {
            above = above.for_uses(of_authority);
        }
        if !of_leaf.is_empty() {
            below = below.for_uses(of_leaf);
        }
        if is_chained {
            store.add("authority", &above.signed(&authority));
        }
        store.add("leaf", &below.signed(&authority));
        store.verify(&forged::code("ZZ71", "AAAA", &leaf), &STRICT)
    };
    for is_chained in [true, false] {
        for uses in [&[][..], &[ANY], &["1.3.6.1.5.5.7.3.4"], &["1.3.6.1.5.5.7.3.36"], &[WEB, ANY]] {
            assert_eq!(with(&[], uses, is_chained).status, Status::Valid, "{uses:?}");
        }
        for uses in [&[WEB][..], &[TIMES], &["1.3.6.1.4.1.99999.7"], &[WEB, TIMES]] {
            let verdict = with(&[], uses, is_chained);
            assert_eq!(verdict.status, Untrusted, "{uses:?}");
            assert!(verdict.reason.contains(&format!("for {} alone", uses.join(", "))), "{}", verdict.reason);
        }
    }
    assert_eq!(with(&[ANY], &[], true).status, Status::Valid);
    let verdict = with(&[WEB], &[], true);
    assert_eq!(verdict.status, Untrusted);
    assert!(verdict.reason.contains("not for signing documents"), "{}", verdict.reason);
}

/// Asserts that a leaf is untrusted for a reason with these words, if its authority has this key and algorithm.
#[track_caller]
fn assert_unsupported(mut authority: Draft, key_info: Vec<u8>, algorithm: Vec<u8>, words: &str) {
    let (any, leaf) = (forged::key(1), forged::key(2));
    authority.key_info = key_info;
    let mut store = TrustStore::default();
    store.add("authority", &authority.signed(&any));
    store.add("leaf", &Draft { algorithm, ..Draft::leaf("AAAA", "ZZ71", &leaf) }.signed(&any));
    let verdict = judged(&store, &forged::code("ZZ71", "AAAA", &leaf), STRICT, Untrusted);
    assert!(verdict.reason.contains(words), "{}", verdict.reason);
}

fn rsa_key(bytes: usize) -> Vec<u8> {
    let modulus = tlv(2, &[vec![0, 0xC5], vec![0x5B; bytes - 1]].concat());
    let key = tlv(0x30, &[modulus, vec![2, 3, 1, 0, 1]].concat());
    let algorithm = tlv(0x30, &[forged::oid("1.2.840.113549.1.1.1"), vec![5, 0]].concat());
    tlv(0x30, &[algorithm, tlv(3, &[vec![0], key].concat())].concat())
}

#[test]
fn unsupported_key_sizes_and_parameters_are_reported() {
    let authority = || Draft::authority("ZZ71", "ZZ71", &forged::key(1));
    let (unsupported, forged) = ("not supported here", "not its signature");
    for (bytes, words) in
        [(128, unsupported), (255, unsupported), (256, forged), (1024, forged), (1025, unsupported)]
    {
        assert_unsupported(authority(), rsa_key(bytes), forged::RSA.to_vec(), words);
    }
    let (sha256, sha384) = ("2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2");
    let hash = |name: &str| tlv(0x30, &forged::oid(name));
    let pss = |name: &str, mask: &str, salt: u8| {
        let mask = tlv(0x30, &[forged::oid("1.2.840.113549.1.1.8"), hash(mask)].concat());
        let fields = [tlv(0xA0, &hash(name)), tlv(0xA1, &mask), tlv(0xA2, &[2, 1, salt])].concat();
        tlv(0x30, &[forged::oid("1.2.840.113549.1.1.10"), tlv(0x30, &fields)].concat())
    };
    for (algorithm, words) in [
        (pss(sha256, sha256, 32), forged),
        (pss(sha256, sha256, 20), unsupported),
        (pss(sha256, sha384, 32), unsupported),
        (pss("1.3.14.3.2.26", sha256, 20), unsupported),
    ] {
        assert_unsupported(authority(), rsa_key(256), algorithm, words);
    }
    let by_default = tlv(0x30, &[forged::oid("1.2.840.113549.1.1.10"), vec![0x30, 0]].concat());
    assert_unsupported(authority(), rsa_key(256), by_default, unsupported);
}
