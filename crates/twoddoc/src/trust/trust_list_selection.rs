//! Which trust lists of the folder count.
//!
//! Of the lists signed with one key, only the issue with the highest sequence number counts, whatever the operator is
//! called. Lists of one operator signed with different keys are contested: nothing says which key is the operator's, so
//! none of them makes an authority, and the authorities they name are refused.

use super::anchors::Refusal;
use super::download::key_of;
use super::error::TrustFault;
use super::name::display_safe;
use super::store::TrustStore;
use super::trust_list::TrustList;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A trust list and its file.
#[derive(Debug)]
pub(super) struct StoredTrustList {
    pub(super) list: TrustList,
    pub(super) file: String,
    /// The key that signed it, SubjectPublicKeyInfo in DER.
    key: Vec<u8>,
}

/// The trust lists that count, and those that are contested.
#[derive(Debug, Default)]
pub(super) struct TrustListSelection {
    statuses: Vec<ListStatus>,
    /// The ids that current and contested lists name.
    named: BTreeSet<String>,
    /// The ids that contested lists name, and why they are refused.
    contested: BTreeMap<String, Refusal>,
    /// A fault for each contested list.
    pub(super) faults: Vec<TrustFault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListStatus {
    Current,
    /// The issue of this number is newer.
    Superseded(u64),
    Contested,
}

impl StoredTrustList {
    pub(super) fn new(list: TrustList, file: &str) -> StoredTrustList {
        // A certificate that can't be read counts as a key of its own.
        let key = key_of(&list.signer).unwrap_or_else(|| list.signer.clone());
        StoredTrustList { list, file: file.to_owned(), key }
    }

    fn operator(&self) -> String {
        self.list.operator.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first 4 bytes of the SHA-256 of the signer's key, in hexadecimal.
    fn short_key(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.key);
        digest.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TrustListSelection {
    fn of(lists: &[StoredTrustList]) -> TrustListSelection {
        let newest = newest(lists);
        let mut selection =
            TrustListSelection { statuses: statuses(lists, &newest), ..TrustListSelection::default() };
        let mut by_operator: BTreeMap<String, Vec<&StoredTrustList>> = BTreeMap::new();
        let newest_indexes: BTreeSet<_> = newest.values().collect();
        for stored in newest_indexes.into_iter().filter_map(|index| lists.get(*index)) {
            selection.named.extend(stored.list.services.iter().map(|service| service.ca_id.clone()));
            by_operator.entry(stored.operator()).or_default().push(stored);
        }
        for conflicting in by_operator.values().filter(|conflicting| conflicting.len() > 1) {
            selection.contest(conflicting);
        }
        let contested = |file: &str| selection.faults.iter().any(|fault| fault.file == file);
        for (status, stored) in selection.statuses.iter_mut().zip(lists) {
            if *status == ListStatus::Current && contested(&stored.file) {
                *status = ListStatus::Contested;
            }
        }
        selection
    }

    fn contest(&mut self, conflicting: &[&StoredTrustList]) {
        let reported: Vec<_> = conflicting
            .iter()
            .map(|stored| format!("`{}` (key {})", stored.file, stored.short_key()))
            .collect();
        let reported = reported.join(" and ");
        for stored in conflicting {
            let operator = display_safe(&stored.list.operator);
            let message = format!(
                "trust lists of one operator, `{operator}`, are signed with different keys: {reported}; none of them is \
                 believed until only those of the operator's key are here"
            );
            self.faults.push(TrustFault { file: stored.file.clone(), location: None, message });
            for service in &stored.list.services {
                let refusal = Refusal::Contested { ca_id: service.ca_id.clone(), lists: reported.clone() };
                self.contested.insert(service.ca_id.clone(), refusal);
            }
        }
    }

    /// Whether a list is the newest of its key, and not contested.
    pub(super) fn is_current(&self, index: usize) -> bool {
        self.statuses.get(index) == Some(&ListStatus::Current)
    }

    /// Whether a current or contested list names an authority. Then nothing else makes it a trust anchor.
    pub(super) fn names(&self, ca_id: &str) -> bool {
        self.named.contains(ca_id)
    }

    /// Why an authority that contested lists name is refused.
    pub(super) fn contested(&self, ca_id: &str) -> Option<&Refusal> {
        self.contested.get(ca_id)
    }
}

/// Index of the newest list of each key; of equal ones, the first.
fn newest(lists: &[StoredTrustList]) -> BTreeMap<&[u8], usize> {
    let rank = |(index, stored): (usize, &StoredTrustList)| {
        (stored.list.sequence, stored.list.issued, Reverse(index))
    };
    let mut newest: BTreeMap<&[u8], usize> = BTreeMap::new();
    for (index, stored) in lists.iter().enumerate() {
        let best = newest.entry(&stored.key).or_insert(index);
        if lists.get(*best).is_some_and(|other| rank((*best, other)) < rank((index, stored))) {
            *best = index;
        }
    }
    newest
}

fn statuses(lists: &[StoredTrustList], newest: &BTreeMap<&[u8], usize>) -> Vec<ListStatus> {
    let status = |(index, stored): (usize, &StoredTrustList)| match newest.get(stored.key.as_slice()) {
        Some(best) if *best != index => {
            ListStatus::Superseded(lists.get(*best).map_or(0, |newer| newer.list.sequence))
        }
        _ => ListStatus::Current,
    };
    lists.iter().enumerate().map(status).collect()
}

impl TrustStore {
    pub(super) fn trust_list_selection(&self) -> &TrustListSelection {
        self.derived().trust_list_selection.get_or_init(|| TrustListSelection::of(&self.trust_lists))
    }

    /// The trust lists that count: the newest issue of each signing key, unless another key signs lists of the same
    /// operator.
    pub fn trust_lists(&self) -> impl Iterator<Item = &TrustList> {
        let lists = self
            .trust_lists
            .iter()
            .enumerate()
            .filter(|(index, _)| self.trust_list_selection().is_current(*index));
        lists.map(|(_, stored)| &stored.list)
    }

    /// One line for each trust list of the folder: file, issue, operator, signing key, and whether it counts.
    #[must_use]
    pub fn trust_list_notes(&self) -> Vec<String> {
        self.trust_lists
            .iter()
            .zip(&self.trust_list_selection().statuses)
            .map(|(stored, status)| note(stored, *status))
            .collect()
    }
}

fn note(stored: &StoredTrustList, status: ListStatus) -> String {
    let (list, key) = (&stored.list, stored.short_key());
    let effect = match status {
        ListStatus::Current => "counts".to_owned(),
        ListStatus::Superseded(newer) => format!("superseded by issue {newer}"),
        ListStatus::Contested => "contested by a list that another key signed".to_owned(),
    };
    let operator = display_safe(&list.operator);
    format!(
        "`{}`: issue {} of the trust list of `{operator}`, signed with key {key}: {effect}",
        stored.file, list.sequence
    )
}
