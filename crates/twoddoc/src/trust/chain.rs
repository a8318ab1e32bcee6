//! Certification paths (RFC 5280 §6): whether a certificate's key is trusted to sign codes.

mod error;

pub(super) use error::ChainError;

use super::super::Algorithm;
use super::authority_signature::CheckError;
use super::certificate::Certificate;
use super::key_trust::{KeyTrust, UntrustedReason};
use super::name::display_safe;
use super::store::{StoredCertificate, TrustStore};
use super::trust_list::is_ca_id;

/// Maximum number of authorities above a leaf, the trust anchor included.
const MAX_PATH_LENGTH: usize = 4;

/// Maximum number of signatures checked for one leaf, so that many certificates with one name can't take long.
const MAX_SIGNATURE_CHECKS: usize = 64;

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
    pub(super) fn of(store: &'a TrustStore, leaf: &'a Certificate, ca_id: &'a str) -> KeyTrust {
        if let Some(refusal) = store.refusal(ca_id, None) {
            return KeyTrust::Untrusted(refusal.into());
        }
        let mut search = PathSearch { store, ca_id: Some(ca_id), own_id: Some(ca_id), signature_checks: 0 };
        match search.find_issuer(leaf, 0) {
            Ok(_) if store.trust_list_selection().names(ca_id) && is_ed25519(leaf) => {
                KeyTrust::Untrusted(UntrustedReason::Ed25519 { ca_id: ca_id.to_owned() })
            }
            Ok(operator) => KeyTrust::Chained(operator),
            Err(error) if error.is_invalid() => KeyTrust::Invalid(error),
            Err(error) => KeyTrust::Untrusted(error.into()),
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
        let mut furthest = ChainError::NoIssuer;
        let issuers =
            self.store.by_subject.get(&certificate.issuer.normalised).map(Vec::as_slice).unwrap_or_default();
        let issuers = issuers.iter().filter_map(|index| self.store.certificates.get(*index));
        let (anchors, others): (Vec<_>, Vec<_>) =
            issuers.partition(|issuer| self.store.is_anchor(issuer, self.ca_id));
        for issuer in anchors.into_iter().chain(others) {
            match self.check_issuer(certificate, issuer, below) {
                Ok(()) => return Ok(issuer.certificate.subject.organisation.clone()),
                Err(error) if error.step() > furthest.step() => furthest = error,
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
            return Err(ChainError::NotAnAuthority);
        }
        self.check_signature(certificate, issuer)?;
        issuer.check_authority_use(below)?;
        if let Some(error) = self.own_id.and_then(|own_id| other_id(issuer, own_id)) {
            return Err(error);
        }
        if let Some(refusal) = self.ca_id.and_then(|ca_id| self.store.refusal(ca_id, Some(issuer))) {
            return Err(refusal.into());
        }
        if !self.store.is_anchor(stored, self.ca_id) {
            self.find_anchor(issuer, below)?;
        }
        self.check_issuance(certificate, issuer, below)
    }

    fn check_signature(&mut self, certificate: &Certificate, issuer: &Certificate) -> Result<(), ChainError> {
        self.signature_checks += 1;
        if self.signature_checks > MAX_SIGNATURE_CHECKS {
            return Err(ChainError::TooManyIssuers);
        }
        match certificate.check_signature(issuer) {
            Err(CheckError::Mismatch) => Err(ChainError::Signature),
            Err(CheckError::Unsupported) => Err(ChainError::UnsupportedAlgorithm),
            Err(CheckError::Usage) => Err(ChainError::SignatureUsage),
            Ok(()) if certificate.is_weak() => Err(ChainError::Sha1),
            Ok(()) => Ok(()),
        }
    }

    /// Continues above an authority that is not an anchor.
    fn find_anchor(&mut self, authority: &Certificate, below: usize) -> Result<(), ChainError> {
        if below + 1 == MAX_PATH_LENGTH {
            return Err(ChainError::TooLong);
        }
        match self.find_issuer(authority, below + 1) {
            Ok(_) => Ok(()),
            Err(error) if error.is_invalid() => Err(ChainError::Above(Box::new(error))),
            Err(_) => Err(ChainError::NoAnchor),
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
        let not_before = certificate.not_before.to_unix_duration();
        let (issued, valid) = (certificate.days.0, issuer.days);
        if not_before > issuer.not_after.to_unix_duration() {
            return Err(ChainError::IssuedAfter { issued, valid });
        }
        if let Some(revocation) = self.revocation_of_key(issuer) {
            return Err(ChainError::Revoked(revocation));
        }
        if below == 0 && not_before < issuer.not_before.to_unix_duration() {
            return Err(ChainError::IssuedBefore { issued, valid });
        }
        Ok(())
    }

    /// The revocation of any certificate with an authority's name and key.
    fn revocation_of_key(&self, authority: &Certificate) -> Option<String> {
        let named = self.store.by_subject.get(&authority.subject.normalised)?;
        let certificates =
            named.iter().filter_map(|index| Some(&self.store.certificates.get(*index)?.certificate));
        let mut same_key = certificates.filter(|one| one.key_info == authority.key_info);
        same_key
            .find_map(|one| self.store.revocation(one))
            .map(|revocation| display_safe(&revocation.to_string()))
    }
}

/// Whether a leaf's key is Ed25519, which the national specification does not have (S326 p. 26).
fn is_ed25519(leaf: &Certificate) -> bool {
    leaf.key.as_ref().is_ok_and(|key| key.algorithm() == Algorithm::Ed25519)
}

/// The error if an authority may not issue for an id. An authority whose CN is an id issues for that id only (Processus
/// 2D-Doc p. 13). A root's CN is not an id.
fn other_id(authority: &Certificate, own_id: &str) -> Option<ChainError> {
    let id = authority.subject.common_name.as_deref()?;
    let is_other = is_ca_id(&id.to_uppercase()) && !id.eq_ignore_ascii_case(own_id);
    is_other.then(|| ChainError::OtherId { authority: display_safe(id), own_id: own_id.to_owned() })
}
