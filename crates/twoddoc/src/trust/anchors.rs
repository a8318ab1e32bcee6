//! What the lists of the folder say: who is an authority, who is one no more, what is revoked.

use super::authority_signature::CheckError;
use super::certificate::Certificate;
use super::chain::PathSearch;
use super::error::{TrustFault, limit_per_file};
use super::name::legible;
use super::revocation::Revocation;
use super::store::{StoredCertificate, StoredRevocationList, TrustStore};
use super::trust_list::TrustedService;
use std::collections::BTreeMap;

/// The revocation lists that are used.
#[derive(Debug, Default)]
pub(super) struct Revocations {
    /// By the name of their issuer, as places in the store.
    by_issuer: BTreeMap<String, Vec<usize>>,
    /// Why others are not.
    pub(super) faults: Vec<TrustFault>,
}

impl TrustStore {
    /// The services of the lists that count, with their places.
    fn services(&self) -> impl Iterator<Item = ((usize, usize), &TrustedService)> {
        let lists = self.trust_lists.iter().enumerate().filter(|(index, _)| self.issues().counts(*index));
        lists.flat_map(|(list, stored)| {
            stored.list.services.iter().enumerate().map(move |(service, found)| ((list, service), found))
        })
    }

    /// Whether chains end at a certificate: that of an authority, in accord in a trust list (for `ca_id` alone, if
    /// one is asked about), or put in the folder for its own sake if no list names that id.
    pub(super) fn is_anchor(&self, stored: &StoredCertificate, ca_id: Option<&str>) -> bool {
        let in_accord = |(list, service): &(usize, usize)| {
            let found = self.trust_lists.get(*list).and_then(|stored| stored.list.services.get(*service));
            found.is_some_and(|found| {
                self.issues().counts(*list)
                    && found.in_accord
                    && ca_id.is_none_or(|ca_id| ca_id == found.ca_id)
            })
        };
        let is_left_to_lists = ca_id.is_some_and(|ca_id| self.issues().name(ca_id));
        let is_put_here = stored.file.is_some() && !is_left_to_lists;
        stored.certificate.is_authority && (is_put_here || stored.listed.iter().any(in_accord))
    }

    /// Why the trust lists refuse an authority's certificate, if they do: that key, or everything under that
    /// id.
    pub(super) fn refusal(&self, ca_id: &str, authority: Option<&Certificate>) -> Option<String> {
        if let Some(reason) = self.issues().contested(ca_id) {
            return Some(reason.clone());
        }
        let mut services = self.services().filter(|(_, service)| service.ca_id == ca_id);
        let is_in_accord = self.services().any(|(_, service)| service.ca_id == ca_id && service.in_accord);
        let (_, service) = services.find(|(place, service)| {
            !service.in_accord
                && (!is_in_accord || authority.is_some_and(|authority| self.lists(*place, authority)))
        })?;
        let since = service.since.map(|day| format!(" since {day}")).unwrap_or_default();
        let status = legible(service.status.rsplit('/').next().unwrap_or_default());
        Some(format!("the trust list says of authority `{ca_id}`: `{status}`{since}, not in accord"))
    }

    /// Whether a service of a trust list holds the key of an authority.
    fn lists(&self, place: (usize, usize), authority: &Certificate) -> bool {
        let named = self.by_subject.get(&authority.subject.normalised).map(Vec::as_slice).unwrap_or_default();
        let mut named = named.iter().filter_map(|index| self.certificates.get(*index));
        named
            .any(|stored| stored.listed.contains(&place) && stored.certificate.key_info == authority.key_info)
    }

    /// The revocation of a certificate, if a list that is used names it.
    pub(super) fn revocation(&self, certificate: &Certificate) -> Option<&Revocation> {
        let lists = self.revocations().by_issuer.get(&certificate.issuer.normalised)?;
        lists.iter().find_map(|index| self.revocation_lists.get(*index)?.list.revocation(&certificate.serial))
    }

    pub(super) fn revocations(&self) -> &Revocations {
        self.derived().revocations.get_or_init(|| {
            let mut revocations = Revocations::default();
            for (index, stored) in self.revocation_lists.iter().enumerate() {
                match self.use_of(stored) {
                    Ok(()) => {
                        let issuer = stored.list.issuer.normalised.clone();
                        revocations.by_issuer.entry(issuer).or_default().push(index);
                    }
                    Err(message) => {
                        let (file, place) = (stored.file.clone(), stored.place.clone());
                        revocations.faults.push(TrustFault { file, place, message: message.to_owned() });
                    }
                }
            }
            revocations.faults = limit_per_file(revocations.faults);
            revocations
        })
    }

    /// Whether a revocation list is used: signed by an issuer that the folder trusts, or by nobody it knows.
    fn use_of(&self, stored: &StoredRevocationList) -> Result<(), &'static str> {
        let named =
            self.by_subject.get(&stored.list.issuer.normalised).map(Vec::as_slice).unwrap_or_default();
        let issuers = named.iter().filter_map(|index| self.certificates.get(*index));
        let trusted: Vec<_> = issuers.filter(|issuer| PathSearch::is_anchored(self, issuer)).collect();
        if trusted.is_empty() {
            return match stored.in_directory {
                true => Err("the list's issuer is not trusted here; it is not used"),
                false => Ok(()),
            };
        }
        let checks: Vec<_> =
            trusted.iter().map(|issuer| stored.list.check_signature(&issuer.certificate)).collect();
        if checks.contains(&Ok(())) {
            Ok(())
        } else if checks.contains(&Err(CheckError::Usage)) {
            Err(
                "the key usage of its issuer's certificate leaves out signing revocation lists; it is not used",
            )
        } else if checks.contains(&Err(CheckError::Unsupported)) {
            Err("it is signed with an algorithm or a size of key not supported here; it is not used")
        } else {
            Err("the signature is not that of the list's issuer; it is not used")
        }
    }
}
