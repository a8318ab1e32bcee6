//! Who speaks for a code: the certificates and keys that carry its ids.

use super::super::{Header, KeyError, VerifyingKey};
use super::chain::Standing;
use super::store::{HeldCertificate, HeldKey, TrustStore};
use jiff::civil::Date;

/// A key that carries the ids of a code.
pub(super) struct Speaker<'a> {
    /// Whose it is: `ORDRE NATIONAL DES INFIRMIERS (FR03/ONI1)`.
    pub(super) name: String,
    /// The key, if it is one that signs 2D-DOC.
    pub(super) key: Result<&'a VerifyingKey, &'a KeyError>,
    /// The key in DER, by which two keys are told apart.
    pub(super) key_info: &'a [u8],
    /// Whether it is trusted.
    pub(super) standing: Standing,
    /// First and last day; a bare key has none.
    pub(super) days: Option<(Date, Date)>,
    /// When and why it was revoked.
    pub(super) revocation: Option<String>,
    /// The file that holds it.
    pub(super) file: &'a str,
    /// Whether it carries the ids of the code.
    pub(super) is_bound: bool,
}

impl TrustStore {
    /// The certificates and keys with the ids of a header.
    pub(super) fn speakers(&self, header: &Header) -> Vec<Speaker<'_>> {
        let id = (header.ca_id.clone(), header.certificate_id.clone());
        let places = self.by_id.get(&id).map(Vec::as_slice).unwrap_or_default();
        let leaves = places.iter().filter_map(|place| self.leaf(*place, header));
        let keys = self.index().bound_keys.get(&id).map(Vec::as_slice).unwrap_or_default();
        let keys = keys.iter().filter_map(|place| self.public_keys.get(*place));
        leaves.chain(keys.map(|held| self.bound_key(held, header))).collect()
    }

    fn leaf(&self, place: usize, header: &Header) -> Option<Speaker<'_>> {
        let held = self.certificates.get(place)?;
        let certificate = &held.certificate;
        let id = format!("{}/{}", header.ca_id, header.certificate_id);
        Some(Speaker {
            name: match &certificate.subject.organisation {
                Some(organisation) => format!("{organisation} ({id})"),
                None => id,
            },
            key: certificate.key.as_ref(),
            key_info: &certificate.key_info,
            standing: self.standing(place, held),
            days: Some(certificate.days),
            revocation: self.revocation(certificate).map(ToString::to_string),
            file: held.place(),
            is_bound: true,
        })
    }

    fn standing(&self, place: usize, held: &HeldCertificate) -> Standing {
        let find = || Standing::of(self, held);
        let kept = self.conclusions().standings.get(place);
        kept.map_or_else(find, |kept| kept.get_or_init(find).clone())
    }

    fn bound_key<'a>(&'a self, held: &'a HeldKey, header: &Header) -> Speaker<'a> {
        let ca_id = &header.ca_id;
        let standing = match self.is_known_authority(ca_id) {
            false => Standing::AsItStands,
            true => Standing::Untrusted(format!(
                "it is a public key without a certificate, and authority `{ca_id}` is known here: only certificates \
                 that it issued speak for it"
            )),
        };
        Speaker { standing, is_bound: true, ..self.bare(held) }
    }

    /// The keys to try for a code of which the folder knows nothing; none if anything speaks for its authority,
    /// unless that is a test's, which proves nothing anyway.
    pub(super) fn bare_keys(&self, ca_id: &str) -> Vec<Speaker<'_>> {
        let index = self.index();
        let is_test = ca_id.ends_with("00");
        if !is_test && (index.spoken_for.contains(ca_id) || self.is_known_authority(ca_id)) {
            return Vec::new();
        }
        let keys = index.free_keys.iter().filter_map(|place| self.public_keys.get(*place));
        keys.map(|held| self.bare(held)).collect()
    }

    fn bare<'a>(&'a self, held: &'a HeldKey) -> Speaker<'a> {
        let digest = ring::digest::digest(&ring::digest::SHA256, &held.key.key_info);
        let digits: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Speaker {
            name: format!("public key {digits}… ({})", held.file),
            key: Ok(&held.key.key),
            key_info: &held.key.key_info,
            standing: Standing::AsItStands,
            days: None,
            revocation: None,
            file: &held.file,
            is_bound: false,
        }
    }

    /// Why nobody speaks for a code.
    pub(super) fn silence(&self, header: &Header) -> String {
        let (ca_id, id) = (&header.ca_id, &header.certificate_id);
        if let Some(refusal) = self.refusal(ca_id, None) {
            return refusal;
        }
        let mut others = self.by_id.range((ca_id.clone(), String::new())..);
        let knows_others = others.next().is_some_and(|((known, _), _)| known == ca_id);
        match self.is_known_authority(ca_id) || knows_others {
            true => format!("authority `{ca_id}` is known here, and no certificate `{id}` of it"),
            false => format!("nothing here speaks for authority `{ca_id}`"),
        }
    }
}
