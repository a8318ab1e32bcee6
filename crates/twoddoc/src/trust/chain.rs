//! Chains: whether a certificate's key may sign codes, and by whose word (RFC 5280 §6, as far as 2D-DOC
//! goes).

use super::super::Algorithm;
use super::authority_signature::CheckError;
use super::certificate::Certificate;
use super::name::legible;
use super::store::{StoredCertificate, TrustStore};
use super::trust_list::is_ca_id;

/// The most authorities between a leaf and its anchor, the anchor included.
const MAX_PATH_LENGTH: usize = 4;

/// The most signatures that are checked for one leaf: many certificates of one name must cost no more.
const MAX_SIGNATURE_CHECKS: usize = 64;

/// Whether a certificate's key may sign codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyTrust {
    /// A chain leads to an authority of the folder; its operator.
    Chained(Option<String>),
    /// The folder holds it, and nothing of its authority.
    Direct,
    /// Nothing trusted vouches for it, in words.
    Untrusted(String),
    /// What vouches for it was revoked, or did so out of its time, in words.
    Invalid(String),
}

/// What keeps a chain from holding: the further it got, the more it says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ChainError {
    step: Step,
    reason: String,
}

/// The steps from one certificate to the next, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Issuer,
    Authority,
    Signature,
    Constraints,
    Anchor,
    Refusal,
    /// Before its authority's certificate: there may be an earlier one with the same key.
    Early,
    Period,
    Revocation,
}

impl ChainError {
    fn new<T>(step: Step, reason: impl Into<String>) -> Result<T, ChainError> {
        Err(ChainError { step, reason: reason.into() })
    }
}

impl KeyTrust {
    /// Whether the key is trusted.
    pub(super) fn is_trusted(&self) -> bool {
        matches!(self, KeyTrust::Chained(_) | KeyTrust::Direct)
    }

    /// Of the leaf at a place in the store.
    pub(super) fn of(store: &TrustStore, stored: &StoredCertificate) -> KeyTrust {
        let leaf = &stored.certificate;
        let Some((ca_id, _)) = leaf.id() else {
            return KeyTrust::Untrusted(
                "it is the certificate of an authority, which signs no codes".to_owned(),
            );
        };
        if let Some(reason) = leaf.check_leaf_use() {
            return KeyTrust::Untrusted(reason);
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

/// A search for a chain.
pub(super) struct PathSearch<'a> {
    store: &'a TrustStore,
    /// The authority that the leaf names; `None` if any will do.
    ca_id: Option<&'a str>,
    /// The id in whose name is spoken: no authority with another id may stand above it.
    own_id: Option<&'a str>,
    checks: usize,
}

impl<'a> PathSearch<'a> {
    /// The standing of a leaf whose authority is known.
    fn of(store: &'a TrustStore, leaf: &'a Certificate, ca_id: &'a str) -> KeyTrust {
        if let Some(reason) = store.refusal(ca_id, None) {
            return KeyTrust::Untrusted(reason);
        }
        let mut search = PathSearch { store, ca_id: Some(ca_id), own_id: Some(ca_id), checks: 0 };
        match search.rise(leaf, 0) {
            Ok(_) if store.issues().name(ca_id) && is_ed25519(leaf) => KeyTrust::Untrusted(format!(
                "its certificate's key is Ed25519, and codes of authority `{ca_id}` of the trust list are signed with \
                 ECDSA"
            )),
            Ok(operator) => KeyTrust::Chained(operator),
            Err(ChainError { step: Step::Period | Step::Revocation, reason }) => KeyTrust::Invalid(reason),
            Err(ChainError { reason, .. }) => KeyTrust::Untrusted(reason),
        }
    }

    /// Whether an authority is an anchor, or a chain leads from it to one; revocations aside, since it is
    /// asked in order to know them.
    pub(super) fn is_anchored(store: &'a TrustStore, stored: &StoredCertificate) -> bool {
        let authority = &stored.certificate;
        let own_id = authority.subject.common_name.as_deref().filter(|id| is_ca_id(id));
        let mut search = PathSearch { store, ca_id: None, own_id, checks: 0 };
        authority.is_authority && (store.is_anchor(stored, None) || search.rise(authority, 1).is_ok())
    }

    /// Looks for an issuer of a certificate that is anchored, with `below` authorities beneath it; gives its
    /// operator.
    fn rise(&mut self, certificate: &Certificate, below: usize) -> Result<Option<String>, ChainError> {
        let mut furthest = ChainError {
            step: Step::Issuer,
            reason: "the certificate of its authority is not here, so nothing vouches for it".to_owned(),
        };
        let issuers =
            self.store.by_subject.get(&certificate.issuer.normalised).map(Vec::as_slice).unwrap_or_default();
        let issuers = issuers.iter().filter_map(|index| self.store.certificates.get(*index));
        let (anchors, others): (Vec<_>, Vec<_>) =
            issuers.partition(|issuer| self.store.is_anchor(issuer, self.ca_id));
        for issuer in anchors.into_iter().chain(others) {
            match self.step(certificate, issuer, below) {
                Ok(()) => return Ok(issuer.certificate.subject.organisation.clone()),
                Err(obstacle) if obstacle.step > furthest.step => furthest = obstacle,
                Err(_) => {}
            }
        }
        Err(furthest)
    }

    /// One step up: whether an issuer may vouch for a certificate, and is itself vouched for.
    fn step(
        &mut self,
        certificate: &Certificate,
        stored: &StoredCertificate,
        below: usize,
    ) -> Result<(), ChainError> {
        let issuer = &stored.certificate;
        if !issuer.is_authority {
            return ChainError::new(Step::Authority, "its issuer's certificate is not that of an authority");
        }
        self.check_signature(certificate, issuer)?;
        if let Some(reason) = issuer.check_authority_use(below) {
            return ChainError::new(Step::Constraints, reason);
        }
        if let Some(reason) = self.own_id.and_then(|own| other_id(issuer, own)) {
            return ChainError::new(Step::Constraints, reason);
        }
        if let Some(reason) = self.ca_id.and_then(|ca_id| self.store.refusal(ca_id, Some(issuer))) {
            return ChainError::new(Step::Refusal, reason);
        }
        if !self.store.is_anchor(stored, self.ca_id) {
            self.climb(issuer, below)?;
        }
        self.check_word(certificate, issuer, below)
    }

    fn check_signature(&mut self, certificate: &Certificate, issuer: &Certificate) -> Result<(), ChainError> {
        self.checks += 1;
        if self.checks > MAX_SIGNATURE_CHECKS {
            return ChainError::new(
                Step::Constraints,
                "too many certificates here bear its authority's name",
            );
        }
        match certificate.check_signature(issuer) {
            Err(CheckError::Mismatch) => ChainError::new(
                Step::Signature,
                "its certificate bears its authority's name, and not its signature",
            ),
            Err(CheckError::Unsupported) => ChainError::new(
                Step::Signature,
                "its authority signs certificates with an algorithm or a size of key not supported here",
            ),
            Err(CheckError::Usage) => ChainError::new(
                Step::Signature,
                "its authority's certificate is not for signing certificates",
            ),
            Ok(()) if certificate.is_weak() => ChainError::new(
                Step::Constraints,
                "its certificate is signed with SHA-1, which can be forged",
            ),
            Ok(()) => Ok(()),
        }
    }

    /// From an authority that is no anchor to the next.
    fn climb(&mut self, authority: &Certificate, below: usize) -> Result<(), ChainError> {
        let unanchored =
            "the certificate of its authority came in a directory, and nothing here vouches for it";
        if below + 1 == MAX_PATH_LENGTH {
            return ChainError::new(Step::Anchor, "the chain of its authorities is too long");
        }
        match self.rise(authority, below + 1) {
            Ok(_) => Ok(()),
            Err(ChainError { step: Step::Period | Step::Revocation, reason }) => {
                ChainError::new(Step::Revocation, reason)
            }
            Err(_) => ChainError::new(Step::Anchor, unanchored),
        }
    }

    /// Whether an anchored issuer's word holds: given in its time, by one who is not revoked.
    fn check_word(
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
            return ChainError::new(Step::Period, reason);
        }
        if let Some(revocation) = self.revocation_of_key(issuer) {
            let reason = format!("its authority's certificate was revoked on {revocation}");
            return ChainError::new(Step::Revocation, reason);
        }
        if below == 0 && issued < issuer.not_before.to_unix_duration() {
            let reason = format!(
                "its certificate was issued on {day}, before the authority's certificate here is valid (from {first} to \
                 {last}): add the authority's earlier certificate"
            );
            return ChainError::new(Step::Early, reason);
        }
        Ok(())
    }

    /// The revocation of an authority, by any of the certificates of its key.
    fn revocation_of_key(&self, authority: &Certificate) -> Option<String> {
        let named = self.store.by_subject.get(&authority.subject.normalised)?;
        let certificates =
            named.iter().filter_map(|index| Some(&self.store.certificates.get(*index)?.certificate));
        let mut same_key = certificates.filter(|one| one.key_info == authority.key_info);
        same_key.find_map(|one| self.store.revocation(one)).map(|revocation| legible(&revocation.to_string()))
    }
}

/// Whether a leaf's key is one that the national specification does not have: S326 p. 26.
fn is_ed25519(leaf: &Certificate) -> bool {
    leaf.key.as_ref().is_ok_and(|key| key.algorithm() == Algorithm::Ed25519)
}

/// Why an authority does not speak for an id: the certificate of one has its id as CN (PROC p. 13), and speaks for no
/// other. The name of a root is no id.
fn other_id(authority: &Certificate, own_id: &str) -> Option<String> {
    let id = authority.subject.common_name.as_deref()?;
    let is_other = is_ca_id(&id.to_uppercase()) && !id.eq_ignore_ascii_case(own_id);
    is_other.then(|| format!("authority `{}` speaks for itself alone, not for `{own_id}`", legible(id)))
}
