//! Every answer is that of `verify_strict`, for signatures that no signer makes, too.

use curve25519_dalek::constants::EIGHT_TORSION;
use proptest::prelude::*;

use super::*;
use crate::{Algorithm, SigningKey};

/// The group's order, little-endian.
const ORDER: [u8; 32] = [
    0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Whether the signature is valid; asserts that all ways agree.
fn answer(key: [u8; 32], message: &[u8], signature: [u8; 64]) -> bool {
    let peer = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    let expected = peer.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature)).is_ok();
    let verifier = KeyVerifier::new(&VerifyingKey::ed25519(peer));
    assert_eq!(verifier.verify(message, &signature).is_ok(), expected);
    let all =
        verifier.verify_all(&[(message, &signature[..]), (&b""[..], &[0; 3][..]), (message, &signature[..])]);
    assert_eq!(all.iter().map(Result::is_ok).collect::<Vec<_>>(), [expected, false, expected]);
    expected
}

fn digest(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let whole = ring::digest::digest(&SHA512, &[&r[..], key, message].concat());
    Scalar::from_bytes_mod_order_wide(whole.as_ref().try_into().unwrap())
}

/// A signature by `secret` with `nonce` under an R and a key that have encodings of their own.
fn signature(r: [u8; 32], key: [u8; 32], message: &[u8], secret: Scalar, nonce: Scalar) -> [u8; 64] {
    let s = nonce + digest(&r, &key, message) * secret;
    [r, s.to_bytes()].concat().try_into().unwrap()
}

/// `a` + `b`, little-endian, without the last carry.
fn sum(a: [u8; 32], b: [u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    std::array::from_fn(|index| {
        let digits = u16::from(a[index]) + u16::from(b[index]) + carry;
        carry = digits >> 8;
        digits as u8
    })
}

#[test]
fn parts_of_small_order_get_the_answer_of_verify_strict() {
    let (mut accepted, mut refused) = (0, 0);
    for (of_key, of_r) in EIGHT_TORSION.iter().flat_map(|a| EIGHT_TORSION.iter().map(move |b| (a, b))) {
        for round in 0..16_u64 {
            let (secret, nonce) =
                (Scalar::from(1_000_003 + round).invert(), Scalar::from(77 + round).invert());
            let key = (EdwardsPoint::mul_base(&secret) + of_key).compress().0;
            let r = (EdwardsPoint::mul_base(&nonce) + of_r).compress().0;
            let message = round.to_le_bytes();
            match answer(key, &message, signature(r, key, &message, secret, nonce)) {
                true => accepted += 1,
                false => refused += 1,
            }
        }
    }
    // Without parts of small order all are accepted; with them, those whose parts cancel.
    assert!(accepted > 16 && refused > 16, "{accepted} {refused}");
}

#[test]
fn keys_and_rs_of_small_order_are_refused_though_the_equation_holds() {
    let secret = Scalar::from(9_u64).invert();
    let key = EdwardsPoint::mul_base(&secret).compress().0;
    for small in EIGHT_TORSION.map(|point| point.compress().0) {
        for round in 0..16_u64 {
            let message = round.to_le_bytes();
            assert!(!answer(key, &message, signature(small, key, &message, secret, Scalar::ZERO)));
            let nonce = Scalar::from(5 + round);
            let r = EdwardsPoint::mul_base(&nonce).compress().0;
            assert!(!answer(small, &message, signature(r, small, &message, Scalar::ZERO, nonce)));
            assert!(!answer(small, &message, signature(small, small, &message, Scalar::ZERO, Scalar::ZERO)));
        }
    }
    // The cases would be accepted by a verification that is not strict.
    let message = 0_u64.to_le_bytes();
    let identity = EIGHT_TORSION[0].compress().0;
    let signed = signature(identity, key, &message, secret, Scalar::ZERO);
    let peer = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    let lax =
        ed25519_dalek::Verifier::verify(&peer, &message, &ed25519_dalek::Signature::from_bytes(&signed));
    assert!(lax.is_ok());
}

#[test]
fn encodings_that_are_not_canonical_get_the_answer_of_verify_strict() {
    let secret = Scalar::from(9_u64).invert();
    let key = EdwardsPoint::mul_base(&secret).compress().0;
    let mut tried = 0;
    // The field's order and up to 18 more, with either sign; and the identity and −1 with the wrong sign.
    let beyond = (0xED..=0xFF).flat_map(|low: u8| [0x7F, 0xFF].map(|high| (low, 0xFF, high)));
    let others = [(1, 0, 0x80), (0xEC, 0xFF, 0xFF)];
    for (low, middle, high) in beyond.chain(others) {
        let mut odd = [middle; 32];
        (odd[0], odd[31]) = (low, high);
        for round in 0..8_u64 {
            let message = round.to_le_bytes();
            let nonce = Scalar::from(round);
            assert!(!answer(key, &message, signature(odd, key, &message, secret, nonce)));
            if ed25519_dalek::VerifyingKey::from_bytes(&odd).is_ok() {
                tried += 1;
                let r = EdwardsPoint::mul_base(&nonce).compress().0;
                answer(odd, &message, signature(r, odd, &message, Scalar::ZERO, nonce));
                answer(odd, &message, signature(odd, odd, &message, Scalar::ZERO, nonce));
            }
        }
    }
    assert!(tried > 0);
}

#[test]
fn an_s_beyond_the_order_is_refused() {
    let (secret, nonce) = (Scalar::from(9_u64).invert(), Scalar::from(4_u64).invert());
    let key = EdwardsPoint::mul_base(&secret).compress().0;
    let r = EdwardsPoint::mul_base(&nonce).compress().0;
    let signed = signature(r, key, b"pli", secret, nonce);
    assert!(answer(key, b"pli", signed));
    let mut s: [u8; 32] = signed[32..].try_into().unwrap();
    for _ in 0..7 {
        s = sum(s, ORDER);
        assert!(!answer(key, b"pli", [r, s].concat().try_into().unwrap()));
    }
    for s in [ORDER, [0xFF; 32], [0; 32]] {
        assert!(!answer(key, b"pli", [r, s].concat().try_into().unwrap()));
    }
}

#[test]
fn products_are_those_of_the_library_for_digits_of_every_width() {
    fn compare<const BITS: usize>(point: &EdwardsPoint, scalar: &Scalar) {
        assert_eq!(Table::<BITS>::new(point).product(scalar), point * scalar, "{BITS}");
    }
    let point = EdwardsPoint::mul_base(&Scalar::from(3_u64).invert()) + EIGHT_TORSION[1];
    let half_bytes = Scalar::from_bytes_mod_order([0x80; 32]);
    let full_bytes = Scalar::from_bytes_mod_order([0xFF; 32]);
    for scalar in
        [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, half_bytes, full_bytes, Scalar::from(7_u64).invert()]
    {
        compare::<4>(&point, &scalar);
        compare::<5>(&point, &scalar);
        compare::<6>(&point, &scalar);
        compare::<7>(&point, &scalar);
        compare::<8>(&point, &scalar);
    }
}

#[test]
fn keys_of_other_algorithms_answer_as_before() {
    for algorithm in [Algorithm::Ed25519, Algorithm::EcdsaP256] {
        let key = SigningKey::from_seed(algorithm, &[7; 32]).unwrap();
        let (public, signed) = (key.verifying_key(), key.sign(b"pli").unwrap());
        let verifier = KeyVerifier::new(&public);
        for (message, signature) in
            [(&b"pli"[..], &signed[..]), (b"plj", &signed), (b"pli", &signed[1..]), (b"", &[])]
        {
            assert_eq!(verifier.verify(message, signature), public.verify(message, signature));
            assert_eq!(verifier.verify_all(&[(message, signature)]), [public.verify(message, signature)]);
        }
        let longer = [&signed[..], &[0]].concat();
        assert_eq!(verifier.verify(b"pli", &longer), public.verify(b"pli", &longer));
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_gets_the_answer_of_verify_strict(
        seed in any::<[u8; 32]>(),
        message in proptest::collection::vec(any::<u8>(), 1..300),
        flipped in proptest::option::of(0_usize..(64 + 300) * 8),
    ) {
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        let mut signature = ed25519_dalek::Signer::sign(&key, &message).to_bytes();
        let mut text = message;
        let place = flipped.map(|bit| (bit / 8, 1 << (bit % 8)));
        match place {
            Some((at, bit)) if at < 64 => signature[at] ^= bit,
            Some((at, bit)) => { let length = text.len(); text[(at - 64) % length] ^= bit }
            None => {}
        }
        prop_assert_eq!(answer(key.verifying_key().to_bytes(), &text, signature), flipped.is_none());
    }
}
