//! The identity of a read, by which a file that is given twice, or has grown, is not counted twice.

use std::collections::HashMap;

use mail::inserter::Lists;
use sha2::{Digest, Sha256};

use super::super::read::{MachineReport, Read};

/// The identity of a read: the first 16 bytes of the SHA-256 of its row, and of its number among the equal rows of its file.
///
/// A row of [`Lists::Reads`] without time and position says nothing of when it was read. Equal rows of two files may be two reads,
/// so the digest of such a row covers all such rows before it: the same read in a file that has grown, another in another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::inserting) struct ReadKey(pub(in crate::inserting) [u8; 16]);

/// The identities of a report's rows, in their order.
pub(super) fn keys(report: &MachineReport) -> Vec<ReadKey> {
    let mut equal: HashMap<[u8; 32], u64> = HashMap::with_capacity(report.reads.len());
    let mut before = [0; 32];
    let key = |read: &Read| {
        let mut digest = row_digest(read);
        if report.lists == Lists::Reads && read.at.is_empty() && read.position.is_none() {
            before = Sha256::new().chain_update(before).chain_update(digest).finalize().into();
            digest = before;
        }
        let occurrence = equal.entry(digest).and_modify(|times| *times += 1).or_insert(0);
        truncated(&digest, *occurrence)
    };
    report.reads.iter().map(key).collect()
}

/// The digest of a row: each field behind its length, so that no two rows have the same bytes.
fn row_digest(read: &Read) -> [u8; 32] {
    let position = read.position.map(|position| position.to_string()).unwrap_or_default();
    let status = format!("{:?}", read.status);
    let mut hash = Sha256::new();
    for field in [&read.at, &read.value, &position, &read.camera, &read.card_value, &status] {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// The key of the `occurrence`th equal row, from 0.
fn truncated(digest: &[u8; 32], occurrence: u64) -> ReadKey {
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    for (byte, more) in key.iter_mut().zip(occurrence.to_le_bytes()) {
        *byte ^= more;
    }
    ReadKey(key)
}
