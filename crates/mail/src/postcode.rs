//! Postcode and town of a French address, held against the official table.
//!
//! The table has 35,636 pairs of postcode and town, from open data of INSEE and DGFiP of 2023 under the open licence of
//! Etalab (`postcodes.md` beside it). [`check`] takes an address and returns what is odd about its last line.
//! A CEDEX office, the armed forces, the Pacific and addresses abroad are not in the table and are never odd.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;

mod finding;
mod table;
mod town;

use table::Table;
use town::Town;

pub use finding::PostcodeFinding;

/// The table, packed by `cargo run -p mail --example pack_postcodes`.
const PACKED: &[u8] = include_bytes!("../postcodes.bin");

/// The table, unpacked when it is first needed. A test holds every pair of it.
static TABLE: LazyLock<Table> = LazyLock::new(|| Table::unpack(PACKED).unwrap_or_default());

/// What becomes of an address whose postcode and town do not belong together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PostcodeCheck {
    /// A warning.
    #[default]
    Warn,
    /// The record is rejected.
    Reject,
    /// Nothing: the table is not asked.
    Off,
}

/// What the table says against the last line of an address; `None` where it agrees, or has no say.
pub fn check(address: &PostalAddress) -> Option<PostcodeFinding> {
    let (postcode, locality) = address.postcode().zip(address.locality())?;
    let exempt = |word: &str| matches!(word, "CEDEX" | "ARMEES" | "NAVAL");
    if !table::covers(postcode) || locality.split(' ').any(exempt) {
        return None;
    }
    let table = &*TABLE;
    let labels = table.labels(postcode);
    if labels.clone().any(|label| label == locality) {
        return None;
    }
    if let Some(finding) = finding::other_arrondissement(postcode, locality) {
        return Some(finding);
    }
    let town = Town::read(locality);
    if labels.clone().next().is_none() {
        return Some(finding::unknown(table, postcode, &town));
    }
    let known: Vec<Town> = labels.map(Town::read).collect();
    if known.iter().any(|label| town.is(label)) {
        return None;
    }
    if let Some(finding) = finding::country_behind(postcode, locality, &known) {
        return Some(finding);
    }
    let elsewhere = table.postcodes_of(&town);
    // A longer or a shorter name of the same town, unless it is the name of another.
    if elsewhere.is_empty() && known.iter().any(|label| town.is_part_of(label) || label.is_part_of(&town)) {
        return None;
    }
    // An old commune on line 5 says where this is, and the town is the new one around it.
    let old = address.line_before_last().map(Town::read);
    let near = elsewhere.is_empty() || elsewhere.iter().any(|other| other.get(..2) == postcode.get(..2));
    if near && old.is_some_and(|old| known.iter().any(|label| old.is(label))) {
        return None;
    }
    Some(finding::other_town(postcode, locality, &known, &elsewhere, &town))
}

/// Packs a table of postcodes and towns: its text has a line `postcode,town` for each pair, sorted, after a header.
///
/// # Errors
/// In words: a line that is no pair, or lines that are not sorted.
pub fn pack(text: &str) -> Result<Vec<u8>, String> {
    table::pack(text)
}

#[cfg(test)]
mod tests;
