//! Many Ed25519 signatures of one key: the ways to verify them, in microseconds a signature.
//!
//! `cargo bench -p twoddoc --bench key_verifier`. Ways are measured in turns, round after round, on one core; figures are
//! medians. The sum over all signatures, which `verify_batch` of ed25519-dalek computes, is not as strict as the others.
#![allow(missing_docs, clippy::print_stdout, clippy::expect_used)]

#[path = "../src/key_verifier/table.rs"]
mod table;

use std::hint::black_box;
use std::time::Instant;

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, ED25519_BASEPOINT_TABLE};
use curve25519_dalek::edwards::{
    CompressedEdwardsY, EdwardsBasepointTable, EdwardsBasepointTableRadix64, EdwardsBasepointTableRadix256,
    VartimeEdwardsPrecomputation,
};
use curve25519_dalek::traits::{
    BasepointTable as _, VartimeMultiscalarMul as _, VartimePrecomputedMultiscalarMul as _,
};
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use table::Table;
use twoddoc::{KeyVerifier, VerifyingKey};

const SIGNATURES: usize = 512;
const ROUNDS: usize = 15;
/// Signatures that share an inversion, or a sum.
const SHARE: usize = 64;

/// A message, its signature, and the scalars k and S, which a way is given ready.
struct Signed {
    message: Vec<u8>,
    signature: Signature,
    k: Scalar,
    s: Scalar,
}

type Figures = Vec<(String, Vec<f64>)>;

fn main() {
    let key = SigningKey::from_bytes(&[0x2D; 32]);
    let public = key.verifying_key();
    let signed: Vec<Signed> = (0..SIGNATURES).map(|index| sign(&key, index)).collect();
    let minus = -public.to_edwards();
    let base = ED25519_BASEPOINT_POINT;
    let pem = VerifyingKey::from_spki_der(&spki(public.as_bytes())).expect("a key");
    let began = Instant::now();
    let verifier = KeyVerifier::new(&pem);
    println!("tables of a key: {:.0} µs", began.elapsed().as_secs_f64() * 1e6);

    let mut figures = Figures::new();
    let (radix16, radix64, radix256) = (
        EdwardsBasepointTable::create(&minus),
        (EdwardsBasepointTableRadix64::create(&minus), EdwardsBasepointTableRadix64::create(&base)),
        (EdwardsBasepointTableRadix256::create(&minus), EdwardsBasepointTableRadix256::create(&base)),
    );
    let straus = VartimeEdwardsPrecomputation::new([minus, base]);
    let (four, six, eight) = (both::<4>(&minus), both::<6>(&minus), both::<8>(&minus));
    for _ in 0..ROUNDS {
        let figures = &mut figures;
        whole(figures, "verify_strict", &signed, |one| {
            public.verify_strict(&one.message, &one.signature).is_ok()
        });
        whole(figures, "VerifyingKey::verify", &signed, |one| {
            pem.verify(&one.message, &one.signature.to_bytes()).is_ok()
        });
        whole(figures, "KeyVerifier::verify", &signed, |one| {
            verifier.verify(&one.message, &one.signature.to_bytes()).is_ok()
        });
        time(figures, "KeyVerifier::verify_all", || {
            for share in signed.chunks(SHARE) {
                let bytes: Vec<_> = share.iter().map(|one| one.signature.to_bytes()).collect();
                let given: Vec<_> =
                    share.iter().zip(&bytes).map(|(one, bytes)| (&one.message[..], &bytes[..])).collect();
                assert!(verifier.verify_all(&given).iter().all(Result::is_ok));
            }
        });
        time(figures, "one sum for all, as verify_batch", || {
            assert!(signed.chunks(SHARE).all(|share| sum_is_zero(share, &minus)));
        });
        let mut point = |name: &str, way: &dyn Fn(&Signed) -> EdwardsPoint| {
            whole(figures, &format!("  R by {name}"), &signed, |one| {
                way(one).compress().0 == *one.signature.r_bytes()
            });
        };
        point("double multiplication", &|one| {
            EdwardsPoint::vartime_double_scalar_mul_basepoint(&one.k, &minus, &one.s)
        });
        point("Straus, precomputed", &|one| straus.vartime_multiscalar_mul([one.k, one.s]));
        point("dalek's tables, radix 16", &|one| {
            radix16.mul_base(&one.k) + ED25519_BASEPOINT_TABLE.mul_base(&one.s)
        });
        point("dalek's tables, radix 64", &|one| radix64.0.mul_base(&one.k) + radix64.1.mul_base(&one.s));
        point("dalek's tables, radix 256", &|one| radix256.0.mul_base(&one.k) + radix256.1.mul_base(&one.s));
        point("own tables, radix 16", &|one| sum(&four, one));
        point("own tables, radix 64", &|one| sum(&six, one));
        point("own tables, radix 256", &|one| sum(&eight, one));
    }
    for (name, mut rounds) in figures {
        rounds.sort_by(f64::total_cmp);
        println!("{name:<34}{:>8.2} µs", rounds[rounds.len() / 2] * 1e6);
    }
}

fn sign(key: &SigningKey, index: usize) -> Signed {
    let message = format!("{index:0200}").into_bytes();
    let signature = key.sign(&message);
    let hashed = [&signature.r_bytes()[..], key.verifying_key().as_bytes(), &message].concat();
    let digest = ring::digest::digest(&ring::digest::SHA512, &hashed);
    let k = Scalar::from_bytes_mod_order_wide(digest.as_ref().try_into().expect("64 bytes"));
    let s = Scalar::from_canonical_bytes(*signature.s_bytes()).expect("a scalar");
    Signed { message, signature, k, s }
}

/// SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
fn spki(key: &[u8; 32]) -> Vec<u8> {
    [&[0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00][..], key].concat()
}

fn both<const BITS: usize>(minus: &EdwardsPoint) -> (Table<BITS>, Table<BITS>) {
    (Table::new(minus), Table::new(&ED25519_BASEPOINT_POINT))
}

fn sum<const BITS: usize>(tables: &(Table<BITS>, Table<BITS>), one: &Signed) -> EdwardsPoint {
    let mut point = tables.0.product(&one.k);
    tables.1.add_product(&one.s, &mut point);
    point
}

/// Whether Σ z·(S·B − k·A − R) is zero; z are 128 bits each, here not random.
fn sum_is_zero(share: &[Signed], minus: &EdwardsPoint) -> bool {
    let z: Vec<Scalar> =
        (1..=share.len() as u128).map(|n| Scalar::from(n * 0x9E37_79B9_7F4A_7C15_F39C_C060)).collect();
    let total = |of: fn(&Signed) -> Scalar| share.iter().zip(&z).map(|(one, z)| z * of(one)).sum::<Scalar>();
    let points = share.iter().map(|one| CompressedEdwardsY(*one.signature.r_bytes()).decompress());
    let scalars = [total(|one| one.s), total(|one| one.k)].into_iter().chain(z.iter().map(|z| -z));
    let points = [Some(ED25519_BASEPOINT_POINT), Some(*minus)].into_iter().chain(points);
    EdwardsPoint::optional_multiscalar_mul(scalars, points).is_some_and(|sum| sum.is_small_order())
}

fn whole(figures: &mut Figures, name: &str, signed: &[Signed], mut way: impl FnMut(&Signed) -> bool) {
    time(figures, name, || assert!(signed.iter().all(|one| black_box(way(black_box(one))))));
}

fn time(figures: &mut Figures, name: &str, work: impl FnOnce()) {
    let began = Instant::now();
    work();
    let seconds = began.elapsed().as_secs_f64() / SIGNATURES as f64;
    match figures.iter_mut().find(|(known, _)| known == name) {
        Some((_, rounds)) => rounds.push(seconds),
        None => figures.push((name.to_owned(), vec![seconds])),
    }
}
