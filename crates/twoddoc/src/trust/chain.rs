//! Certification paths (RFC 5280 §6): whether a certificate's key is trusted to sign codes.

use super::super::Algorithm;
use super::authority_signature::CheckError;
use super::certificate::Certificate;
use super::name::legible;
use super::store::{StoredCertificate, TrustStore};
use super::trust_list::is_ca_id;

/// Maximum number of authorities above a leaf, the trust anchor included.
const MAX_PATH_LENGTH: usize = 4;

/// Maximum number of signatures checked for one leaf, so that many certificates with one name can't take long.
const MAX_SIGNATURE_CHECKS: usize = 64;

/// Whether a key is trusted to sign codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyTrust {
    /// A chain leads to a trust anchor. Holds the operator of the issuer.
    Chained(Option<String>),
    /// The folder contains it, and nothing of its authority.
    Direct,
    /// Nothing trusted vouches for it, with the reason.
    Untrusted(String),
    /// Its issuer was revoked, or issued it outside its own validity period, with the reason.
    Invalid(String),
}

/// Why a chain does not lead to an anchor. Of several errors, the one of the latest step is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ChainError {
    step: ChainStep,
    reason: String,
}

/// The checks from one certificate to its issuer, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ChainStep {
    Issuer,
    Authority,
    Signature,
    Constraints,
    Anchor,
    Refusal,
    /// Issued before its authority's certificate: an earlier one with the same key may exist.
    Early,
    Period,
    Revocation,
}

impl ChainError {
    fn new<T>(step: ChainStep, reason: impl Into<String>) -> Result<T, ChainError> {
        Err(ChainError { step, reason: reason.into() })
    }
}

impl KeyTrust {
    /// Whether the key is trusted.
    pub(super) fn is_trusted(&self) -> bool {
        matches!(self, KeyTrust::Chained(_) | KeyTrust::Direct)
    }

    /// The trust in a leaf of the store.
    pub(super) fn of(store: &TrustStore, stored: &StoredCertificate) -> KeyTrust {
        let leaf = &stored.certificate;
        let Some((ca_id, _)) = leaf.id() else {
            return KeyTrust::Untrusted(
                "it is the certificate of an authority, which signs no codes".to_owned(),
            );
        };
        if let Err(error) = leaf.check_leaf_use() {
            return KeyTrust::Untrusted(error.to_string());
        }
        let issuers = store.by_subject.get(&leaf.issuer.normalised);
        if store.is_known_authority(ca_id) || issuers.is_some() {
            return PathSearch::of(store, leaf, ca_id);
        }
        match stored.file {
            Some(_) => KeyTrust::Direct,
            None => KeyTrust::Untrusted(format!(
                "its certificate came in a directory, and nothing here vouches for authority `{ca_id}`"
            )),
        }
    }
}

/// A search for a chain from a certificate to a trust anchor.
pub(super) struct PathSearch<'a> {
    store: &'a TrustStore,
    /// The authority that the leaf names; `None` if the search is for any anchor.
    ca_id: Option<&'a str>,
    /// The id at the start of the chain: no authority with another id may be above it.
    own_id: Option<&'a str>,
    signature_checks: usize,
}

impl<'a> PathSearch<'a> {
    /// The trust in a leaf whose authority is known.
    fn of(store: &'a TrustStore, leaf: &'a Certificate, ca_id: &'a str) -> KeyTrust {
        if let Some(reason) = store.refusal(ca_id, None) {
            return KeyTrust::Untrusted(reason);
        }
        let mut search = PathSearch { store, ca_id: Some(ca_id), own_id: Some(ca_id), signature_checks: 0 };
        match search.find_issuer(leaf, 0) {
            Ok(_) if store.trust_list_selection().names(ca_id) && is_ed25519(leaf) => {
                KeyTrust::Untrusted(format!(
                    "its certificate's key is Ed25519, and codes of authority `{ca_id}` of the trust list are signed with \
                 ECDSA"
                ))
            }
            Ok(operator) => KeyTrust::Chained(operator),
            Err(ChainError { step: ChainStep::Period | ChainStep::Revocation, reason }) => {
                KeyTrust::Invalid(reason)
            }
            Err(ChainError { reason, .. }) => KeyTrust::Untrusted(reason),
        }
    }

    /// Whether an authority is an anchor or a chain leads from it to one. Revocations are ignored, because this decides
    /// which revocation lists are used.
    pub(super) fn is_anchored(store: &'a TrustStore, stored: &StoredCertificate) -> bool {
        let authority = &stored.certificate;
        let own_id = authority.subject.common_name.as_deref().filter(|id| is_ca_id(id));
        let mut search = PathSearch { store, ca_id: None, own_id, signature_checks: 0 };
        authority.is_authority && (store.is_anchor(stored, None) || search.find_issuer(authority, 1).is_ok())
    }

    /// Finds an issuer of a certificate from which a chain leads to an anchor; returns its operator. `below`: number of
    /// authorities below the issuer.
    fn find_issuer(&mut self, certificate: &Certificate, below: usize) -> Result<Option<String>, ChainError> {
        let mut furthest = ChainError {
            step: ChainStep::Issuer,
            reason: "the certificate of its authority is not here, so nothing vouches for it".to_owned(),
        };
        let issuers =
            self.store.by_subject.get(&certificate.issuer.normalised).map(Vec::as_slice).unwrap_or_default();
        let issuers = issuers.iter().filter_map(|index| self.store.certificates.get(*index));
        let (anchors, others): (Vec<_>, Vec<_>) =
            issuers.partition(|issuer| self.store.is_anchor(issuer, self.ca_id));
        for issuer in anchors.into_iter().chain(others) {
            match self.check_issuer(certificate, issuer, below) {
                Ok(()) => return Ok(issuer.certificate.subject.organisation.clone()),
                Err(obstacle) if obstacle.step > furthest.step => furthest = obstacle,
                Err(_) => {}
            }
        }
        Err(furthest)
    }

    /// Checks that an issuer signed a certificate, was allowed to, and that a chain leads from it to an anchor.
    fn check_issuer(
        &mut self,
        certificate: &Certificate,
        stored: &StoredCertificate,
        below: usize,
    ) -> Result<(), ChainError> {
        let issuer = &stored.certificate;
        if !issuer.is_authority {
            return ChainError::new(
                ChainStep::Authority,
                "its issuer's certificate is not that of an authority",
            );
        }
        self.check_signature(certificate, issuer)?;
        if let Err(error) = issuer.check_authority_use(below) {
            return ChainError::new(ChainStep::Constraints, error.to_string());
        }
        if let Some(reason) = self.own_id.and_then(|own| other_id(issuer, own)) {
            return ChainError::new(ChainStep::Constraints, reason);
        }
        if let Some(reason) = self.ca_id.and_then(|ca_id| self.store.refusal(ca_id, Some(issuer))) {
            return ChainError::new(ChainStep::Refusal, reason);
        }
        if !self.store.is_anchor(stored, self.ca_id) {
            self.find_anchor(issuer, below)?;
        }
        self.check_issuance(certificate, issuer, below)
    }

    fn check_signature(&mut self, certificate: &Certificate, issuer: &Certificate) -> Result<(), ChainError> {
        self.signature_checks += 1;
        if self.signature_checks > MAX_SIGNATURE_CHECKS {
            return ChainError::new(
                ChainStep::Constraints,
                "too many certificates here bear its authority's name",
            );
        }
        match certificate.check_signature(issuer) {
            Err(CheckError::Mismatch) => ChainError::new(
                ChainStep::Signature,
                "its certificate bears its authority's name, and not its signature",
            ),
            Err(CheckError::Unsupported) => ChainError::new(
                ChainStep::Signature,
                "its authority signs certificates with an algorithm or a size of key not supported here",
            ),
            Err(CheckError::Usage) => ChainError::new(
                ChainStep::Signature,
                "its authority's certificate is not for signing certificates",
            ),
            Ok(()) if certificate.is_weak() => ChainError::new(
                ChainStep::Constraints,
                "its certificate is signed with SHA-1, which can be forged",
            ),
            Ok(()) => Ok(()),
        }
    }

    /// Continues above an authority that is not an anchor.
    fn find_anchor(&mut self, authority: &Certificate, below: usize) -> Result<(), ChainError> {
        let unanchored =
            "the certificate of its authority came in a directory, and nothing here vouches for it";
        if below + 1 == MAX_PATH_LENGTH {
            return ChainError::new(ChainStep::Anchor, "the chain of its authorities is too long");
        }
        match self.find_issuer(authority, below + 1) {
            Ok(_) => Ok(()),
            Err(ChainError { step: ChainStep::Period | ChainStep::Revocation, reason }) => {
                ChainError::new(ChainStep::Revocation, reason)
            }
            Err(_) => ChainError::new(ChainStep::Anchor, unanchored),
        }
    }

    /// Checks that the issuer was valid when it issued the certificate, and is not revoked.
    fn check_issuance(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        below: usize,
    ) -> Result<(), ChainError> {
        if self.ca_id.is_none() {
            return Ok(());
        }
        let issued = certificate.not_before.to_unix_duration();
        let ((day, _), (first, last)) = (certificate.days, issuer.days);
        if issued > issuer.not_after.to_unix_duration() {
            let reason = format!(
                "its certificate was issued on {day}, and its authority's is valid from {first} to {last}"
            );
            return ChainError::new(ChainStep::Period, reason);
        }
        if let Some(revocation) = self.revocation_of_key(issuer) {
            let reason = format!("its authority's certificate was revoked on {revocation}");
            return ChainError::new(ChainStep::Revocation, reason);
        }
        if below == 0 && issued < issuer.not_before.to_unix_duration() {
            let reason = format!(
                "its certificate was issued on {day}, before the authority's certificate here is valid (from {first} to \
                 {last}): add the authority's earlier certificate"
            );
            return ChainError::new(ChainStep::Early, reason);
        }
        Ok(())
    }

    /// The revocation of any certificate with an authority's name and key.
    fn revocation_of_key(&self, authority: &Certificate) -> Option<String> {
        let named = self.store.by_subject.get(&authority.subject.normalised)?;
        let certificates =
            named.iter().filter_map(|index| Some(&self.store.certificates.get(*index)?.certificate));
        let mut same_key = certificates.filter(|one| one.key_info == authority.key_info);
        same_key.find_map(|one| self.store.revocation(one)).map(|revocation| legible(&revocation.to_string()))
    }
}

/// Whether a leaf's key is Ed25519, which the national specification does not have (S326 p. 26).
fn is_ed25519(leaf: &Certificate) -> bool {
    leaf.key.as_ref().is_ok_and(|key| key.algorithm() == Algorithm::Ed25519)
}

/// Why an authority may not issue for an id, if so: an authority whose CN is an id issues for that id only (Processus
/// 2D-Doc p. 13). A root's CN is not an id.
fn other_id(authority: &Certificate, own_id: &str) -> Option<String> {
    let id = authority.subject.common_name.as_deref()?;
    let is_other = is_ca_id(&id.to_uppercase()) && !id.eq_ignore_ascii_case(own_id);
    is_other.then(|| format!("authority `{}` speaks for itself alone, not for `{own_id}`", legible(id)))
}
