//! Builds certificates, revocation lists and codes for tests, with P-256 keys. The DER is written by hand, so that tests can
//! build certificates that no tool would write.

use twoddoc::{Algorithm, Code, SigningKey, base32, parse_text};
use x509_cert::der::Encode as _;
use x509_cert::der::asn1::ObjectIdentifier;

/// ECDSA with SHA-256.
pub(crate) const ECDSA: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
/// RSA with SHA-256.
pub(crate) const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00";

/// The key of a seed.
pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(Algorithm::EcdsaP256, &[seed; 32]).unwrap()
}

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..128 => vec![tag, length as u8],
        128..256 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content.to_vec()].concat()
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    ObjectIdentifier::new_unwrap(text).to_der().unwrap()
}

fn name(common_name: &str) -> Vec<u8> {
    let attribute = tlv(0x30, &[oid("2.5.4.3"), tlv(0x0C, common_name.as_bytes())].concat());
    tlv(0x30, &tlv(0x31, &attribute))
}

/// An extension: object identifier, whether it is critical, value.
pub(crate) type Extension = (&'static str, bool, Vec<u8>);

fn extensions(all: &[Extension]) -> Vec<u8> {
    let each = all.iter().map(|(id, critical, value)| {
        let critical = if *critical { tlv(1, &[0xFF]) } else { Vec::new() };
        tlv(0x30, &[oid(id), critical, tlv(4, value)].concat())
    });
    tlv(0x30, &each.collect::<Vec<_>>().concat())
}

fn signed(content: &[u8], algorithm: &[u8], by: &SigningKey) -> Vec<u8> {
    let raw = by.sign(content).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&raw).unwrap().to_der();
    let signature = tlv(3, &[&[0], signature.as_bytes()].concat());
    tlv(0x30, &[content, algorithm, &signature].concat())
}

/// A certificate to be signed, valid from 2024-01-01 to 2027-01-01.
pub(crate) struct Draft {
    pub(crate) subject: &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) key_info: Vec<u8>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) extensions: Vec<Extension>,
}

impl Draft {
    pub(crate) fn leaf(subject: &'static str, issuer: &'static str, key: &SigningKey) -> Draft {
        let key_info = key.verifying_key().to_spki_der().unwrap();
        Draft { subject, issuer, key_info, algorithm: ECDSA.to_vec(), extensions: Vec::new() }
    }

    pub(crate) fn authority(subject: &'static str, issuer: &'static str, key: &SigningKey) -> Draft {
        Draft::leaf(subject, issuer, key).with(("2.5.29.19", true, tlv(0x30, &tlv(1, &[0xFF]))))
    }

    pub(crate) fn with(mut self, extension: Extension) -> Draft {
        self.extensions.push(extension);
        self
    }

    /// Adds a critical extKeyUsage.
    pub(crate) fn for_uses(self, uses: &[&str]) -> Draft {
        let uses: Vec<_> = uses.iter().map(|one| oid(one)).collect();
        self.with(("2.5.29.37", true, tlv(0x30, &uses.concat())))
    }

    pub(crate) fn signed(&self, by: &SigningKey) -> Vec<u8> {
        let days = [tlv(0x17, b"240101000000Z"), tlv(0x17, b"270101000000Z")].concat();
        let serial = tlv(2, &[b"\x01", self.subject.as_bytes()].concat());
        let content = [
            tlv(0xA0, &[2, 1, 2]),
            serial,
            self.algorithm.clone(),
            name(self.issuer),
            tlv(0x30, &days),
            name(self.subject),
            self.key_info.clone(),
            tlv(0xA3, &extensions(&self.extensions)),
        ];
        signed(&tlv(0x30, &content.concat()), &self.algorithm, by)
    }
}

/// A revocation list, issued on a day of January 2026, that revokes the certificate of a subject. `part` is its distribution
/// point.
pub(crate) fn revocation_list(issuer: &str, by: &SigningKey, day: u8, subject: &str, part: &str) -> Vec<u8> {
    let time = tlv(0x17, format!("2601{day:02}000000Z").as_bytes());
    let serial = tlv(2, &[b"\x01", subject.as_bytes()].concat());
    let entry = tlv(0x30, &[serial, time.clone()].concat());
    let distribution_point = tlv(0x30, &tlv(0x81, part.as_bytes()));
    let own = extensions(&[("2.5.29.28", true, distribution_point)]);
    let content =
        [vec![2, 1, 1], ECDSA.to_vec(), name(issuer), time, tlv(0x30, &entry), tlv(0xA0, &own)].concat();
    signed(&tlv(0x30, &content), ECDSA, by)
}

/// A code signed on 2026-03-02.
pub(crate) fn code(ca_id: &str, id: &str, by: &SigningKey) -> Code {
    let text = format!("DC04{ca_id}{id}FFFF2555A601FR80DUPONT\u{1d}81JEANNE\u{1d}821234\u{1d}83SDIS 99");
    let signature = base32::encode(&by.sign(text.as_bytes()).unwrap());
    parse_text(&format!("{text}\u{1f}{signature}")).unwrap()
}
