//! Indexes of a trust store, to find authorities and keys by id.

use super::store::TrustStore;
use std::collections::{BTreeMap, BTreeSet};

/// Built once, when the first code is verified.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Authorities with a certificate in the folder or a service in a trust list.
    pub(super) authorities: BTreeSet<String>,
    /// Authorities with a leaf or a bound public key in the folder.
    pub(super) authorities_with_keys: BTreeSet<String>,
    /// Indexes of public keys in the store, by the ids that they are bound to.
    pub(super) bound_keys: BTreeMap<(String, String), Vec<usize>>,
    /// Indexes of public keys without an id.
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
        for (position, stored) in store.public_keys.iter().enumerate() {
            for id in &stored.key.ids {
                index.authorities_with_keys.insert(id.0.clone());
                let positions = index.bound_keys.entry(id.clone()).or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
            if stored.key.ids.is_empty() {
                index.unbound_keys.push(position);
            }
        }
        index
    }
}

impl TrustStore {
    pub(super) fn index(&self) -> &Index {
        self.derived().index.get_or_init(|| Index::of(self))
    }

    /// Whether the folder has a certificate of an authority, or a trust list names it.
    pub(super) fn is_known_authority(&self, ca_id: &str) -> bool {
        self.index().authorities.contains(ca_id)
    }
}
