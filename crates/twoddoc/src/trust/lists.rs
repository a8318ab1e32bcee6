//! What the lists of the folder say: who is an authority, who is one no more, what is revoked.

use super::authority_signature::Unsound;
use super::certificate::Certificate;
use super::chain::Search;
use super::fault::{TrustFault, capped};
use super::name::legible;
use super::revocation::Revocation;
use super::store::{HeldCertificate, HeldRevocationList, TrustStore};
use super::trust_list::TrustedService;
use std::collections::BTreeMap;

/// An authority that a trust list of the folder has in accord.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authority {
    /// Its id: `FR03`.
    pub ca_id: String,
    /// Who operates it.
    pub operator: String,
    /// Where its certificates are published: the address of its directory.
    pub directory: Option<String>,
}

/// The revocation lists that are used.
#[derive(Debug, Default)]
pub(super) struct Revocations {
    /// By the name of their issuer, as places in the store.
    by_issuer: BTreeMap<String, Vec<usize>>,
    /// Why others are not.
    pub(super) faults: Vec<TrustFault>,
}

impl TrustStore {
    /// The authorities that the trust lists of the folder have in accord, in the order of the lists.
    #[must_use]
    pub fn authorities(&self) -> Vec<Authority> {
        let services = self.services().filter(|(_, service)| service.in_accord);
        let authority = |(_, service): (_, &TrustedService)| Authority {
            ca_id: service.ca_id.clone(),
            operator: service.operator.clone(),
            directory: service.directory.clone(),
        };
        let mut authorities: Vec<_> = services.map(authority).collect();
        authorities.dedup();
        authorities
    }

    /// The services of the lists that count, with their places.
    fn services(&self) -> impl Iterator<Item = ((usize, usize), &TrustedService)> {
        let lists = self.trust_lists.iter().enumerate().filter(|(index, _)| self.issues().counts(*index));
        lists.flat_map(|(list, held)| {
            held.list.services.iter().enumerate().map(move |(service, found)| ((list, service), found))
        })
    }

    /// Whether chains end at a certificate: that of an authority, in accord in a trust list (for `ca_id` alone, if
    /// one is asked about), or put in the folder for its own sake if no list names that id.
    pub(super) fn is_anchor(&self, held: &HeldCertificate, ca_id: Option<&str>) -> bool {
        let in_accord = |(list, service): &(usize, usize)| {
            let found = self.trust_lists.get(*list).and_then(|held| held.list.services.get(*service));
            found.is_some_and(|found| {
                self.issues().counts(*list)
                    && found.in_accord
                    && ca_id.is_none_or(|ca_id| ca_id == found.ca_id)
            })
        };
        let is_left_to_lists = ca_id.is_some_and(|ca_id| self.issues().name(ca_id));
        let is_put_here = held.file.is_some() && !is_left_to_lists;
        held.certificate.is_authority && (is_put_here || held.listed.iter().any(in_accord))
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
        let named = self.by_subject.get(&authority.subject.folded).map(Vec::as_slice).unwrap_or_default();
        let mut named = named.iter().filter_map(|index| self.certificates.get(*index));
        named.any(|held| held.listed.contains(&place) && held.certificate.key_info == authority.key_info)
    }

    /// The revocation of a certificate, if a list that is used names it.
    pub(super) fn revocation(&self, certificate: &Certificate) -> Option<&Revocation> {
        let lists = self.revocations().by_issuer.get(&certificate.issuer.folded)?;
        lists.iter().find_map(|index| self.revocation_lists.get(*index)?.list.revocation(&certificate.serial))
    }

    pub(super) fn revocations(&self) -> &Revocations {
        self.conclusions().revocations.get_or_init(|| {
            let mut revocations = Revocations::default();
            for (index, held) in self.revocation_lists.iter().enumerate() {
                match self.use_of(held) {
                    Ok(()) => {
                        let issuer = held.list.issuer.folded.clone();
                        revocations.by_issuer.entry(issuer).or_default().push(index);
                    }
                    Err(message) => {
                        let (file, place) = (held.file.clone(), held.place.clone());
                        revocations.faults.push(TrustFault { file, place, message: message.to_owned() });
                    }
                }
            }
            revocations.faults = capped(revocations.faults);
            revocations
        })
    }

    /// Whether a revocation list is used: signed by an issuer that the folder trusts, or by nobody it knows.
    fn use_of(&self, held: &HeldRevocationList) -> Result<(), &'static str> {
        let named = self.by_subject.get(&held.list.issuer.folded).map(Vec::as_slice).unwrap_or_default();
        let issuers = named.iter().filter_map(|index| self.certificates.get(*index));
        let trusted: Vec<_> = issuers.filter(|issuer| Search::is_anchored(self, issuer)).collect();
        if trusted.is_empty() {
            return match held.in_directory {
                true => Err("the list's issuer is not trusted here; it is not used"),
                false => Ok(()),
            };
        }
        let checks: Vec<_> =
            trusted.iter().map(|issuer| held.list.check_signature(&issuer.certificate)).collect();
        if checks.contains(&Ok(())) {
            Ok(())
        } else if checks.contains(&Err(Unsound::Usage)) {
            Err(
                "the key usage of its issuer's certificate leaves out signing revocation lists; it is not used",
            )
        } else if checks.contains(&Err(Unsound::Unsupported)) {
            Err("it is signed with an algorithm or a size of key not supported here; it is not used")
        } else {
            Err("the signature is not that of the list's issuer; it is not used")
        }
    }
}
