//! Which of the folder's trust lists count, and which are refused.
//!
//! Lists are grouped by the key that signed them, whatever their operator is called by now: of each key, the issue
//! with the highest sequence number counts, alone. Two keys that sign for one operator contest each other: nothing
//! here says which is the operator's, so neither list makes an authority, and what either names is refused.

use super::download::key_of;
use super::fault::TrustFault;
use super::name::legible;
use super::store::TrustStore;
use super::trust_list::TrustList;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A trust list, and where it stands.
#[derive(Debug)]
pub(super) struct HeldTrustList {
    pub(super) list: TrustList,
    pub(super) file: String,
    /// The key that signed it, SubjectPublicKeyInfo in DER.
    key: Vec<u8>,
}

/// What is made of the trust lists.
#[derive(Debug, Default)]
pub(super) struct Issues {
    standings: Vec<IssueStanding>,
    /// The ids that lists name which count or are contested.
    named: BTreeSet<String>,
    /// The ids that contested lists name, and why those are refused.
    contested: BTreeMap<String, String>,
    /// A fault for each contested list.
    pub(super) faults: Vec<TrustFault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IssueStanding {
    Counts,
    /// By a newer issue of this number.
    Superseded(u64),
    Contested,
}

impl HeldTrustList {
    pub(super) fn new(list: TrustList, file: &str) -> HeldTrustList {
        // A certificate that can't be read is a key of its own.
        let key = key_of(&list.signer).unwrap_or_else(|| list.signer.clone());
        HeldTrustList { list, file: file.to_owned(), key }
    }

    fn operator(&self) -> String {
        self.list.operator.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The beginning of the SHA-256 of the signer's key, as the names of fetched lists have it.
    fn short_key(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.key);
        digest.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Issues {
    fn of(lists: &[HeldTrustList]) -> Issues {
        let newest = newest(lists);
        let mut issues = Issues { standings: standings(lists, &newest), ..Issues::default() };
        let mut by_operator: BTreeMap<String, Vec<&HeldTrustList>> = BTreeMap::new();
        let places: BTreeSet<_> = newest.values().collect();
        for held in places.into_iter().filter_map(|index| lists.get(*index)) {
            issues.named.extend(held.list.services.iter().map(|service| service.ca_id.clone()));
            by_operator.entry(held.operator()).or_default().push(held);
        }
        for rivals in by_operator.values().filter(|rivals| rivals.len() > 1) {
            issues.contest(rivals);
        }
        let contested = |file: &str| issues.faults.iter().any(|fault| fault.file == file);
        for (standing, held) in issues.standings.iter_mut().zip(lists) {
            if *standing == IssueStanding::Counts && contested(&held.file) {
                *standing = IssueStanding::Contested;
            }
        }
        issues
    }

    fn contest(&mut self, rivals: &[&HeldTrustList]) {
        let told: Vec<_> =
            rivals.iter().map(|held| format!("`{}` (key {})", held.file, held.short_key())).collect();
        let told = told.join(" and ");
        for held in rivals {
            let operator = legible(&held.list.operator);
            let message = format!(
                "trust lists of one operator, `{operator}`, are signed with different keys: {told}; none of them is \
                 believed until only those of the operator's key are here"
            );
            self.faults.push(TrustFault { file: held.file.clone(), place: None, message });
            for service in &held.list.services {
                let reason = format!(
                    "trust lists of one operator that speak of authority `{}` are signed with different keys: {told}",
                    service.ca_id
                );
                self.contested.insert(service.ca_id.clone(), reason);
            }
        }
    }

    /// Whether a list is the one of its key that counts, and uncontested.
    pub(super) fn counts(&self, index: usize) -> bool {
        self.standings.get(index) == Some(&IssueStanding::Counts)
    }

    /// Whether a list that counts, or a contested one, names an authority: then nothing else makes it an anchor.
    pub(super) fn name(&self, ca_id: &str) -> bool {
        self.named.contains(ca_id)
    }

    /// Why an authority is refused that contested lists name.
    pub(super) fn contested(&self, ca_id: &str) -> Option<&String> {
        self.contested.get(ca_id)
    }
}

/// The newest list of each key; of equals, the first.
fn newest(lists: &[HeldTrustList]) -> BTreeMap<&[u8], usize> {
    let rank =
        |(index, held): (usize, &HeldTrustList)| (held.list.sequence, held.list.issued, Reverse(index));
    let mut newest: BTreeMap<&[u8], usize> = BTreeMap::new();
    for (index, held) in lists.iter().enumerate() {
        let best = newest.entry(&held.key).or_insert(index);
        if lists.get(*best).is_some_and(|other| rank((*best, other)) < rank((index, held))) {
            *best = index;
        }
    }
    newest
}

fn standings(lists: &[HeldTrustList], newest: &BTreeMap<&[u8], usize>) -> Vec<IssueStanding> {
    let standing = |(index, held): (usize, &HeldTrustList)| match newest.get(held.key.as_slice()) {
        Some(best) if *best != index => {
            IssueStanding::Superseded(lists.get(*best).map_or(0, |newer| newer.list.sequence))
        }
        _ => IssueStanding::Counts,
    };
    lists.iter().enumerate().map(standing).collect()
}

impl TrustStore {
    pub(super) fn issues(&self) -> &Issues {
        self.conclusions().issues.get_or_init(|| Issues::of(&self.trust_lists))
    }

    /// The trust lists that count: of each key that signs lists the issue with the highest sequence number, unless
    /// another key signs lists of the same operator.
    pub fn trust_lists(&self) -> impl Iterator<Item = &TrustList> {
        let lists = self.trust_lists.iter().enumerate().filter(|(index, _)| self.issues().counts(*index));
        lists.map(|(_, held)| &held.list)
    }

    /// What is made of each trust list of the folder: file, issue, operator, the key that signed it, whether it counts.
    #[must_use]
    pub fn trust_list_notes(&self) -> Vec<String> {
        self.trust_lists
            .iter()
            .zip(&self.issues().standings)
            .map(|(held, standing)| note(held, *standing))
            .collect()
    }
}

fn note(held: &HeldTrustList, standing: IssueStanding) -> String {
    let (list, key) = (&held.list, held.short_key());
    let made = match standing {
        IssueStanding::Counts => "counts".to_owned(),
        IssueStanding::Superseded(newer) => format!("superseded by issue {newer}"),
        IssueStanding::Contested => "contested by a list that another key signed".to_owned(),
    };
    let operator = legible(&list.operator);
    format!(
        "`{}`: issue {} of the trust list of `{operator}`, signed with key {key}: {made}",
        held.file, list.sequence
    )
}
