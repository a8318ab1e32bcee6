//! Who is known and who speaks for which id, found without a look at everything the folder holds.

use super::store::TrustStore;
use std::collections::{BTreeMap, BTreeSet};

/// Built once for a folder, when the first code is judged.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The authorities of which the folder holds a certificate, or a place in a trust list.
    pub(super) authorities: BTreeSet<String>,
    /// The authorities in whose name a certificate or a bound key is here.
    pub(super) authorities_with_keys: BTreeSet<String>,
    /// Public keys by the ids that they are bound to, as places in the store.
    pub(super) bound_keys: BTreeMap<(String, String), Vec<usize>>,
    /// Public keys without an id.
    pub(super) unbound_keys: Vec<usize>,
}

impl Index {
    fn of(store: &TrustStore) -> Index {
        let certificates = store.certificates.iter().map(|stored| &stored.certificate);
        let authorities = certificates.filter(|one| one.is_authority);
        let named = authorities.filter_map(|one| one.subject.common_name.clone());
        let services = store.trust_lists.iter().flat_map(|stored| &stored.list.services);
        let mut index = Index {
            authorities: named.chain(services.map(|service| service.ca_id.clone())).collect(),
            authorities_with_keys: store.by_id.keys().map(|(ca_id, _)| ca_id.clone()).collect(),
            ..Index::default()
        };
        for (place, stored) in store.public_keys.iter().enumerate() {
            for id in &stored.key.ids {
                index.authorities_with_keys.insert(id.0.clone());
                let places = index.bound_keys.entry(id.clone()).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
            if stored.key.ids.is_empty() {
                index.unbound_keys.push(place);
            }
        }
        index
    }
}

impl TrustStore {
    pub(super) fn index(&self) -> &Index {
        self.derived().index.get_or_init(|| Index::of(self))
    }

    /// Whether the folder holds anything of an authority itself: its certificate, or its place in a trust
    /// list.
    pub(super) fn is_known_authority(&self, ca_id: &str) -> bool {
        self.index().authorities.contains(ca_id)
    }
}
