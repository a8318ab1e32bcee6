//! The keys that may have signed a code: those of certificates with its ids, bound public keys, and unbound ones.

use super::super::{Header, KeyError, VerifyingKey};
use super::key_trust::{KeyTrust, UntrustedReason};
use super::store::{StoredCertificate, StoredKey, TrustStore};
use jiff::civil::Date;

/// A key that may have signed a code.
pub(super) struct Candidate<'a> {
    /// Whose it is: `ORDRE NATIONAL DES INFIRMIERS (FR03/ONI1)`.
    pub(super) name: String,
    /// The key, if its algorithm signs 2D-DOC.
    pub(super) key: Result<&'a VerifyingKey, &'a KeyError>,
    /// The key in DER, to compare keys.
    pub(super) key_info: &'a [u8],
    /// Whether it is trusted.
    pub(super) trust: KeyTrust,
    /// First and last day of validity; `None` for a public key without a certificate.
    pub(super) days: Option<(Date, Date)>,
    /// When and why it was revoked.
    pub(super) revocation: Option<String>,
    /// The file that contains it.
    pub(super) file: &'a str,
    /// Whether it is bound to the ids of the code, by a certificate or a line.
    pub(super) is_bound: bool,
}

impl TrustStore {
    /// The certificates and keys with the ids of a header.
    pub(super) fn candidates(&self, header: &Header) -> Vec<Candidate<'_>> {
        let id = (header.ca_id.clone(), header.certificate_id.clone());
        let indexes = self.by_id.get(&id).map(Vec::as_slice).unwrap_or_default();
        let leaves = indexes.iter().filter_map(|index| self.leaf(*index, header));
        let keys = self.index().bound_keys.get(&id).map(Vec::as_slice).unwrap_or_default();
        let keys = keys.iter().filter_map(|index| self.public_keys.get(*index));
        leaves.chain(keys.map(|stored| self.bound_key(stored, header))).collect()
    }

    fn leaf(&self, index: usize, header: &Header) -> Option<Candidate<'_>> {
        let stored = self.certificates.get(index)?;
        let certificate = &stored.certificate;
        let id = format!("{}/{}", header.ca_id, header.certificate_id);
        Some(Candidate {
            name: match &certificate.subject.organisation {
                Some(organisation) => format!("{organisation} ({id})"),
                None => id,
            },
            key: certificate.key.as_ref(),
            key_info: &certificate.key_info,
            trust: self.key_trust(index, stored),
            days: Some(certificate.days),
            revocation: self.revocation(certificate).map(ToString::to_string),
            file: stored.location(),
            is_bound: true,
        })
    }

    fn key_trust(&self, index: usize, stored: &StoredCertificate) -> KeyTrust {
        let find = || KeyTrust::of(self, stored);
        let kept = self.derived().key_trust.get(index);
        kept.map_or_else(find, |kept| kept.get_or_init(find).clone())
    }

    fn bound_key<'a>(&'a self, stored: &'a StoredKey, header: &Header) -> Candidate<'a> {
        let ca_id = &header.ca_id;
        let trust = match self.is_known_authority(ca_id) {
            false => KeyTrust::Direct,
            true => KeyTrust::Untrusted(UntrustedReason::BareKey { ca_id: ca_id.clone() }),
        };
        Candidate { trust, is_bound: true, ..self.unbound_key(stored) }
    }

    /// The keys without an id. None if the folder has a key or certificate of the authority, unless it is a test authority.
    pub(super) fn unbound_keys(&self, ca_id: &str) -> Vec<Candidate<'_>> {
        let index = self.index();
        let is_test = ca_id.ends_with("00");
        if !is_test && (index.authorities_with_keys.contains(ca_id) || self.is_known_authority(ca_id)) {
            return Vec::new();
        }
        let keys = index.unbound_keys.iter().filter_map(|index| self.public_keys.get(*index));
        keys.map(|stored| self.unbound_key(stored)).collect()
    }

    fn unbound_key<'a>(&'a self, stored: &'a StoredKey) -> Candidate<'a> {
        let digest = ring::digest::digest(&ring::digest::SHA256, &stored.key.key_info);
        let digits: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Candidate {
            name: format!("public key {digits}… ({})", stored.file),
            key: Ok(&stored.key.key),
            key_info: &stored.key.key_info,
            trust: KeyTrust::Direct,
            days: None,
            revocation: None,
            file: &stored.file,
            is_bound: false,
        }
    }

    /// Why the folder has no key for a code.
    pub(super) fn no_candidate_reason(&self, header: &Header) -> String {
        let (ca_id, id) = (&header.ca_id, &header.certificate_id);
        if let Some(refusal) = self.refusal(ca_id, None) {
            return refusal.to_string();
        }
        let mut others = self.by_id.range((ca_id.clone(), String::new())..);
        let knows_others = others.next().is_some_and(|((known, _), _)| known == ca_id);
        match self.is_known_authority(ca_id) || knows_others {
            true => format!("authority `{ca_id}` is known here, and no certificate `{id}` of it"),
            false => format!("nothing here speaks for authority `{ca_id}`"),
        }
    }
}
