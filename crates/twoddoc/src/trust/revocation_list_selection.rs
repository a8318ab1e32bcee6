//! Which revocation lists of the folder are used, and what they revoke.

use super::authority_signature::CheckError;
use super::certificate::Certificate;
use super::chain::PathSearch;
use super::error::{TrustFault, limit_per_file};
use super::revocation::Revocation;
use super::store::{StoredRevocationList, TrustStore};
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a revocation list is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
enum UnusedReason {
    #[error("the list's issuer is not trusted here")]
    Untrusted,
    #[error("the key usage of its issuer's certificate leaves out signing revocation lists")]
    KeyUsage,
    #[error("it is signed with an algorithm or a size of key not supported here")]
    Unsupported,
    #[error("the signature is not that of the list's issuer")]
    Signature,
}

/// The revocation lists in use.
#[derive(Debug, Default)]
pub(super) struct Revocations {
    /// Their indexes in the store, by the issuer's name.
    by_issuer: BTreeMap<String, Vec<usize>>,
    /// Why the others are not used.
    pub(super) faults: Vec<TrustFault>,
}

impl TrustStore {
    /// The revocation of a certificate, if a list in use names it.
    pub(super) fn revocation(&self, certificate: &Certificate) -> Option<&Revocation> {
        let lists = self.revocations().by_issuer.get(&certificate.issuer.normalised)?;
        lists.iter().find_map(|index| self.revocation_lists.get(*index)?.list.revocation(&certificate.serial))
    }

    pub(super) fn revocations(&self) -> &Revocations {
        self.derived().revocations.get_or_init(|| {
            let mut revocations = Revocations::default();
            for (index, stored) in self.revocation_lists.iter().enumerate() {
                match self.check_revocation_list(stored) {
                    Ok(()) => {
                        let issuer = stored.list.issuer.normalised.clone();
                        revocations.by_issuer.entry(issuer).or_default().push(index);
                    }
                    Err(reason) => {
                        let (file, location) = (stored.file.clone(), stored.location.clone());
                        let message = format!("{reason}; it is not used");
                        revocations.faults.push(TrustFault { file, location, message });
                    }
                }
            }
            revocations.faults = limit_per_file(revocations.faults);
            revocations
        })
    }

    /// Whether a revocation list is used: a trusted issuer signed it, or the folder trusts no certificate of its issuer.
    fn check_revocation_list(&self, stored: &StoredRevocationList) -> Result<(), UnusedReason> {
        let named =
            self.by_subject.get(&stored.list.issuer.normalised).map(Vec::as_slice).unwrap_or_default();
        let issuers = named.iter().filter_map(|index| self.certificates.get(*index));
        let trusted: Vec<_> = issuers.filter(|issuer| PathSearch::is_anchored(self, issuer)).collect();
        if trusted.is_empty() {
            return match stored.in_directory {
                true => Err(UnusedReason::Untrusted),
                false => Ok(()),
            };
        }
        let checks: Vec<_> =
            trusted.iter().map(|issuer| stored.list.check_signature(&issuer.certificate)).collect();
        if checks.contains(&Ok(())) {
            Ok(())
        } else if checks.contains(&Err(CheckError::Usage)) {
            Err(UnusedReason::KeyUsage)
        } else if checks.contains(&Err(CheckError::Unsupported)) {
            Err(UnusedReason::Unsupported)
        } else {
            Err(UnusedReason::Signature)
        }
    }
}
