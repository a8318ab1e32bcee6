//! Trust anchors: the authorities at which chains end, and those that trust lists refuse.

use super::certificate::Certificate;
use super::name::display_safe;
use super::store::{StoredCertificate, TrustStore};
use super::trust_list::TrustedService;
use jiff::civil::Date;
use thiserror::Error;

/// Why the trust lists refuse an authority.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    /// Lists of one operator that name it are signed with different keys. `lists`: their files and keys.
    #[error(
        "trust lists of one operator that speak of authority `{ca_id}` are signed with different keys: {lists}"
    )]
    Contested { ca_id: String, lists: String },
    /// Its status is not "in accord".
    #[error("the trust list says of authority `{ca_id}`: `{status}`{}, not in accord", since_day(.since.as_ref()))]
    NotInAccord { ca_id: String, status: String, since: Option<Date> },
}

fn since_day(day: Option<&Date>) -> String {
    day.map(|day| format!(" since {day}")).unwrap_or_default()
}

impl TrustStore {
    /// The services of the current trust lists, with the indexes of list and service.
    fn services(&self) -> impl Iterator<Item = ((usize, usize), &TrustedService)> {
        let lists = self
            .trust_lists
            .iter()
            .enumerate()
            .filter(|(index, _)| self.trust_list_selection().is_current(*index));
        lists.flat_map(|(list, stored)| {
            stored.list.services.iter().enumerate().map(move |(service, found)| ((list, service), found))
        })
    }

    /// Whether a certificate is a trust anchor: that of an authority, which a trust list has in accord (for `ca_id`, if
    /// given), or which is in the folder while no list names `ca_id`.
    pub(super) fn is_anchor(&self, stored: &StoredCertificate, ca_id: Option<&str>) -> bool {
        let in_accord = |(list, service): &(usize, usize)| {
            let found = self.trust_lists.get(*list).and_then(|stored| stored.list.services.get(*service));
            found.is_some_and(|found| {
                self.trust_list_selection().is_current(*list)
                    && found.in_accord
                    && ca_id.is_none_or(|ca_id| ca_id == found.ca_id)
            })
        };
        let is_listed_id = ca_id.is_some_and(|ca_id| self.trust_list_selection().names(ca_id));
        let is_in_folder = stored.file.is_some() && !is_listed_id;
        stored.certificate.is_authority && (is_in_folder || stored.listed.iter().any(in_accord))
    }

    /// Why the trust lists refuse an authority, if they do: the certificate `authority`, or all certificates of the id.
    pub(super) fn refusal(&self, ca_id: &str, authority: Option<&Certificate>) -> Option<Refusal> {
        if let Some(refusal) = self.trust_list_selection().contested(ca_id) {
            return Some(refusal.clone());
        }
        let mut services = self.services().filter(|(_, service)| service.ca_id == ca_id);
        let is_in_accord = self.services().any(|(_, service)| service.ca_id == ca_id && service.in_accord);
        let (_, service) = services.find(|(position, service)| {
            !service.in_accord
                && (!is_in_accord
                    || authority.is_some_and(|authority| self.service_has_key(*position, authority)))
        })?;
        let status = display_safe(service.status.rsplit('/').next().unwrap_or_default());
        Some(Refusal::NotInAccord { ca_id: ca_id.to_owned(), status, since: service.since })
    }

    /// Whether a service of a trust list has the key of an authority.
    fn service_has_key(&self, position: (usize, usize), authority: &Certificate) -> bool {
        let named = self.by_subject.get(&authority.subject.normalised).map(Vec::as_slice).unwrap_or_default();
        let mut named = named.iter().filter_map(|index| self.certificates.get(*index));
        named.any(|stored| {
            stored.listed.contains(&position) && stored.certificate.key_info == authority.key_info
        })
    }
}
