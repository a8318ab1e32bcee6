//! Objects: the two halves of a key on a token, found and generated.

use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::token::{unreachable, words};
use crate::job::TokenKey;
use crate::vault::key_error::KeyError;
use twoddoc::{Algorithm, VerifyingKey};

/// A curve as tokens encode it (CKA_EC_PARAMS): its object identifier, or its name for Edwards curves (PKCS#11 3.0).
const P256: &[u8] = b"\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07";
const ED25519: [&[u8]; 3] =
    [b"\x13\x0Cedwards25519", b"\x06\x03\x2B\x65\x70", b"\x06\x09\x2B\x06\x01\x04\x01\xDA\x47\x0F\x01"];

/// The bytes before a point in a SubjectPublicKeyInfo (RFC 5480, RFC 8410).
const P256_SPKI: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07\x03\x42\x00";
const ED25519_SPKI: &[u8] = b"\x30\x2A\x30\x05\x06\x03\x2B\x65\x70\x03\x21\x00";

/// The one private key that a URI names.
pub(super) fn private_key(key: &TokenKey, session: &Session) -> Result<ObjectHandle, KeyError> {
    let named = named(key, ObjectClass::PRIVATE_KEY);
    match session.find_objects(&named).map_err(|error| unreachable(key, words(&error)))?[..] {
        [found] => may_sign(key, session, found),
        [] => Err(KeyError::of(key, "the token has no such private key").with_advice(
            "list its keys with `pkcs11-tool --list-objects --login`, or make one with `pli keys new signing --output` and this URI",
        )),
        _ => Err(KeyError::of(key, "several private keys fit; name `object=` and `id=`")),
    }
}

/// Refuses a key that is not for signing, or that asks for its PIN at each signature, as keys for a person's qualified
/// signatures do.
fn may_sign(key: &TokenKey, session: &Session, private: ObjectHandle) -> Result<ObjectHandle, KeyError> {
    let asked = [AttributeType::Sign, AttributeType::AlwaysAuthenticate];
    let attributes =
        session.get_attributes(private, &asked).map_err(|error| unreachable(key, words(&error)))?;
    if attributes.contains(&Attribute::Sign(false)) {
        return Err(KeyError::of(key, "the key is not for signing (CKA_SIGN); make one that is"));
    }
    if attributes.contains(&Attribute::AlwaysAuthenticate(true)) {
        return Err(KeyError::of(
            key,
            "the key asks for the PIN at each signature (CKA_ALWAYS_AUTHENTICATE), which a night can't give; make one that does not",
        ));
    }
    Ok(private)
}

/// The public half of a private key, from the public object beside it or from the private object's own attributes.
pub(super) fn public_key(
    key: &TokenKey,
    session: &Session,
    private: ObjectHandle,
) -> Result<VerifyingKey, KeyError> {
    let lost = |error: Error| unreachable(key, words(&error));
    let beside = beside(session, private).map_err(lost)?;
    let points = [AttributeType::EcParams, AttributeType::EcPoint];
    for object in beside.into_iter().chain([private]) {
        let attributes = session.get_attributes(object, &points).map_err(lost)?;
        if let [Attribute::EcParams(curve), Attribute::EcPoint(point)] = &attributes[..] {
            return from_point(curve, point).ok_or_else(|| {
                KeyError::of(
                    key,
                    "the key is neither on P-256 nor on Ed25519; make one with `pli keys new signing`",
                )
            });
        }
    }
    Err(KeyError::of(
        key,
        "the token has no public key with the label or identifier of the private key; import it there",
    ))
}

/// The public keys with the identifier of a private key, else with its label.
fn beside(session: &Session, private: ObjectHandle) -> Result<Vec<ObjectHandle>, Error> {
    for name in [AttributeType::Id, AttributeType::Label] {
        let name = session.get_attributes(private, &[name])?.pop();
        let empty = matches!(&name, Some(Attribute::Id(value) | Attribute::Label(value)) if value.is_empty());
        if let (Some(name), false) = (name, empty) {
            let found = session.find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY), name])?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }
    Ok(Vec::new())
}

/// A public key from its two attributes. Depending on the token, the point is in an OCTET STRING, in a BIT STRING, or bare.
fn from_point(curve: &[u8], point: &[u8]) -> Option<VerifyingKey> {
    let (head, length): (&[u8], usize) = match curve {
        P256 => (P256_SPKI, 65),
        curve if ED25519.contains(&curve) => (ED25519_SPKI, 32),
        _ => return None,
    };
    let bare = point.get(point.len().checked_sub(length)?..)?;
    VerifyingKey::from_spki_der(&[head, bare].concat()).ok()
}

/// Generates both halves, with the label and identifier of a URI.
pub(super) fn generate(key: &TokenKey, session: &Session, algorithm: Algorithm) -> Result<(), KeyError> {
    let lost = |error: Error| unreachable(key, words(&error));
    let Some(label) = &key.object else {
        return Err(KeyError::of(key, "a new key needs a label; add `object=`"));
    };
    for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
        if !session.find_objects(&named(key, class)).map_err(lost)?.is_empty() {
            return Err(KeyError::of(key, "the token has such a key already; keys are never overwritten"));
        }
    }
    let (mechanism, curve) = match algorithm {
        Algorithm::Ed25519 => (Mechanism::EccEdwardsKeyPairGen, ED25519[0]),
        _ => (Mechanism::EccKeyPairGen, P256),
    };
    let id = key.id.clone().map_or_else(random_id, Ok)?;
    let name = [Attribute::Token(true), Attribute::Label(label.clone().into_bytes()), Attribute::Id(id)];
    let public = [Attribute::Private(false), Attribute::Verify(true), Attribute::EcParams(curve.to_vec())];
    let private = [
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ];
    let made = session.generate_key_pair(&mechanism, &with(&name, &public), &with(&name, &private));
    made.map(drop)
        .map_err(|error| KeyError::of(key, format!("the token makes no such key: {}", words(&error))))
}

fn with(name: &[Attribute], others: &[Attribute]) -> Vec<Attribute> {
    name.iter().chain(others).cloned().collect()
}

/// The attributes of the objects of a class that a URI names.
fn named(key: &TokenKey, class: ObjectClass) -> Vec<Attribute> {
    let label = key.object.iter().map(|label| Attribute::Label(label.clone().into_bytes()));
    let id = key.id.iter().map(|id| Attribute::Id(id.clone()));
    std::iter::once(Attribute::Class(class)).chain(label).chain(id).collect()
}

fn random_id() -> Result<Vec<u8>, KeyError> {
    let mut id = vec![0; 8];
    getrandom::fill(&mut id).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use twoddoc::SigningKey;

    #[test]
    fn a_point_is_read_however_a_token_wraps_it() {
        for (algorithm, curve) in [(Algorithm::EcdsaP256, P256), (Algorithm::Ed25519, ED25519[1])] {
            let public = SigningKey::from_seed(algorithm, &[3; 32]).unwrap().verifying_key();
            let spki = public.to_spki_der().unwrap();
            let length = if algorithm == Algorithm::Ed25519 { 32 } else { 65 };
            let point = &spki[spki.len() - length..];
            let octets = [&[0x04, length as u8], point].concat();
            let bits = [&[0x03, length as u8 + 1, 0], point].concat();
            for wrapped in [point, &octets, &bits] {
                assert_eq!(from_point(curve, wrapped), Some(public.clone()));
            }
            assert_eq!(from_point(curve, &point[1..]), None);
            assert_eq!(from_point(b"\x06\x05\x2B\x81\x04\x00\x22", point), None, "P-384");
        }
    }
}
