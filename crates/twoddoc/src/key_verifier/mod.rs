//! Verification of many signatures of one key.

mod table;

use std::sync::OnceLock;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::{EdwardsPoint, Scalar};
use ring::digest::{Context, SHA512};

use super::sign::SignatureError;
use super::verifying_key::VerifyingKey;
use table::Table;

#[cfg(test)]
mod tests;

/// Bits of a digit. With 8, the tables of a key and of the base point have 1.3 MB together.
const BITS: usize = 8;
/// The length of R, of S, and of an Ed25519 key, in bytes.
const HALF: usize = 32;

/// A public key that verifies many signatures.
///
/// It accepts exactly what [`VerifyingKey::verify`] accepts. For Ed25519 it has tables, made in about a millisecond, with
/// which a verification takes a fraction of the time; other keys are used as they are.
///
/// ```
/// use twoddoc::{Algorithm, KeyVerifier, SignatureError, SigningKey};
///
/// let key = SigningKey::from_seed(Algorithm::Ed25519, &[7; 32])?;
/// let verifier = KeyVerifier::new(&key.verifying_key());
/// let signature = key.sign(b"a letter")?;
/// assert_eq!(verifier.verify(b"a letter", &signature), Ok(()));
/// assert_eq!(verifier.verify(b"another", &signature), Err(SignatureError::Mismatch));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct KeyVerifier(Kind);

enum Kind {
    Ed25519(Ed25519),
    Other(VerifyingKey),
}

impl KeyVerifier {
    /// Prepares `key`.
    #[must_use]
    pub fn new(key: &VerifyingKey) -> KeyVerifier {
        KeyVerifier(match key.as_ed25519() {
            Some(key) => Kind::Ed25519(Ed25519::new(key)),
            None => Kind::Other(key.clone()),
        })
    }

    /// Verifies a raw signature `r‖s`.
    ///
    /// # Errors
    /// As [`VerifyingKey::verify`].
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        match &self.0 {
            Kind::Ed25519(key) => {
                let claim = key.recompute(bytes, signature)?;
                claim.settle(&claim.point.compress().0)
            }
            Kind::Other(key) => key.verify(bytes, signature),
        }
    }

    /// Verifies signatures of several texts, each as [`verify`](KeyVerifier::verify) does, in order.
    ///
    /// Every signature has an answer of its own, as exact as alone. For Ed25519 they share one inversion, so that shares of
    /// 16 or more take less time.
    #[must_use]
    pub fn verify_all(&self, signed: &[(&[u8], &[u8])]) -> Vec<Result<(), SignatureError>> {
        let Kind::Ed25519(key) = &self.0 else {
            return signed.iter().map(|(bytes, signature)| self.verify(bytes, signature)).collect();
        };
        let claims: Vec<Result<Claim, SignatureError>> =
            signed.iter().map(|(bytes, signature)| key.recompute(bytes, signature)).collect();
        let points: Vec<EdwardsPoint> = claims.iter().flatten().map(|claim| claim.point).collect();
        let mut compressed = EdwardsPoint::compress_batch_alloc(&points).into_iter();
        let settled = claims.into_iter().map(|claim| {
            let claim = claim?;
            compressed.next().map_or(Err(SignatureError::Mismatch), |bytes| claim.settle(&bytes.0))
        });
        settled.collect()
    }
}

/// An Ed25519 key with its table.
struct Ed25519 {
    key: [u8; HALF],
    /// Multiples of the negated key.
    negated: Table<BITS>,
    /// Whether the key is of small order: it verifies nothing.
    weak: bool,
}

/// A signature whose R is to be compared.
struct Claim {
    /// R, as the signature has it.
    bytes: [u8; HALF],
    /// R, computed from S and the key.
    point: EdwardsPoint,
}

impl Ed25519 {
    fn new(key: &ed25519_dalek::VerifyingKey) -> Ed25519 {
        let negated = Table::new(&-key.to_edwards());
        Ed25519 { key: key.to_bytes(), negated, weak: key.is_weak() }
    }

    /// S·B − k·A, where k is the digest of R, A and the text (RFC 8032 §5.1.7).
    fn recompute(&self, bytes: &[u8], signature: &[u8]) -> Result<Claim, SignatureError> {
        let length = SignatureError::Length { expected: 2 * HALF, found: signature.len() };
        let (first, second) = signature.split_at_checked(HALF).ok_or(length)?;
        let claimed: [u8; HALF] = first.try_into().map_err(|_| length)?;
        let s = Scalar::from_canonical_bytes(second.try_into().map_err(|_| length)?);
        let s = s.into_option().filter(|_| !self.weak).ok_or(SignatureError::Mismatch)?;
        let k = self.digest(&claimed, bytes).ok_or(SignatureError::Mismatch)?;
        let mut point = base_table().product(&s);
        self.negated.add_product(&k, &mut point);
        Ok(Claim { bytes: claimed, point })
    }

    fn digest(&self, claimed: &[u8; HALF], bytes: &[u8]) -> Option<Scalar> {
        let mut context = Context::new(&SHA512);
        for part in [&claimed[..], &self.key, bytes] {
            context.update(part);
        }
        let digest = context.finish().as_ref().try_into().ok()?;
        Some(Scalar::from_bytes_mod_order_wide(&digest))
    }
}

impl Claim {
    /// Compares R with `compressed`, the encoding of the computed point. Equal encodings are of equal points, and canonical,
    /// so that R need not be decoded to know whether its order is small.
    fn settle(&self, compressed: &[u8; HALF]) -> Result<(), SignatureError> {
        let holds = self.bytes == *compressed && !self.point.is_small_order();
        if holds { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

/// Multiples of the base point, made once.
fn base_table() -> &'static Table<BITS> {
    static TABLE: OnceLock<Table<BITS>> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(&ED25519_BASEPOINT_POINT))
}
