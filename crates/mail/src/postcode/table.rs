//! The table in memory, and how it is packed.
//!
//! Packed, each postcode is a line: how much greater it is than the one before, then a comma and a town for each of its
//! towns. The lines are deflated (RFC 1951).

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::ops::Range;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::town::Town;

/// The first line of the table's text.
const HEADER: &str = "postcode,label";

/// The longest text that a packed table may have, in bytes.
const MAX_UNPACKED: u64 = 1 << 20;

/// Towns that the official table leaves out: Monaco and two overseas collectivities, and two towns of which it names only
/// a post office.
const SUPPLEMENT: [(&str, &str); 5] = [
    ("97110", "POINTE A PITRE"),
    ("97115", "SAINTE ROSE"),
    ("97133", "SAINT BARTHELEMY"),
    ("97150", "SAINT MARTIN"),
    ("98000", "MONACO"),
];

/// Whether the table has a say about postcodes like this: not about the armed forces and the Pacific.
pub(super) fn covers(postcode: &str) -> bool {
    !postcode.starts_with("00") && (!postcode.starts_with("98") || postcode.starts_with("980"))
}

/// The towns of each postcode.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The labels, one after the other.
    text: String,
    /// The places of the labels in the text, in the order of postcodes.
    labels: Vec<Range<usize>>,
    /// Each postcode with its labels, sorted.
    postcodes: Vec<(u32, Range<usize>)>,
    /// Names of towns, as they are compared, each with a postcode. Sorted; made when first asked for.
    towns: OnceLock<Vec<(String, u32)>>,
}

impl Table {
    /// The table that was packed; `None` for bytes that are none.
    pub(super) fn unpack(packed: &[u8]) -> Option<Table> {
        let mut text = String::new();
        DeflateDecoder::new(packed).take(MAX_UNPACKED).read_to_string(&mut text).ok()?;
        let mut table = Table::default();
        let mut postcode: u32 = 0;
        for line in text.lines() {
            let mut parts = line.split(',');
            postcode = postcode.checked_add(parts.next()?.parse().ok()?)?;
            let first = table.labels.len();
            let mut end = line.as_ptr().addr() - text.as_ptr().addr() + line.find(',')?;
            for label in parts {
                table.labels.push(end + 1..end + 1 + label.len());
                end += 1 + label.len();
            }
            table.postcodes.push((postcode, first..table.labels.len()));
        }
        table.text = text;
        Some(table)
    }

    /// The towns of a postcode, as the table spells them; none for a postcode that does not exist.
    pub(super) fn labels(&self, postcode: &str) -> impl Iterator<Item = &str> + Clone {
        let number: u32 = postcode.parse().unwrap_or_default();
        let found = self.postcodes.binary_search_by_key(&number, |(postcode, _)| *postcode).ok();
        let labels = found.map_or(0..0, |index| self.postcodes[index].1.clone());
        let added = SUPPLEMENT.iter().filter(move |(added, _)| added.parse() == Ok(number));
        self.labels[labels].iter().map(|label| &self.text[label.clone()]).chain(added.map(|(_, town)| *town))
    }

    /// The postcodes of a town, wherever one of that name is. Sorted.
    pub(super) fn postcodes_of(&self, town: &Town) -> Vec<String> {
        let towns = self.towns.get_or_init(|| self.index());
        let first = towns.partition_point(|(name, _)| name.as_str() < town.name());
        let same = towns[first..].iter().take_while(|(name, _)| name == town.name());
        same.map(|(_, postcode)| format!("{postcode:05}")).collect()
    }

    /// The town of a postcode that has this name, as the table spells it.
    pub(super) fn label_of(&self, postcode: &str, town: &Town) -> Option<&str> {
        self.labels(postcode).find(|label| Town::read(label).is(town))
    }

    fn index(&self) -> Vec<(String, u32)> {
        let mut towns: Vec<(String, u32)> =
            self.pairs().map(|(code, label)| (Town::read(label).into_name(), code)).collect();
        towns.extend(
            SUPPLEMENT
                .iter()
                .filter_map(|(code, label)| Some((Town::read(label).into_name(), code.parse().ok()?))),
        );
        towns.sort_unstable();
        towns.dedup();
        towns
    }

    /// Every pair, in the order of postcodes.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u32, &str)> {
        self.postcodes.iter().flat_map(|(postcode, labels)| {
            self.labels[labels.clone()].iter().map(|label| (*postcode, &self.text[label.clone()]))
        })
    }
}

/// Packs a table.
///
/// # Errors
/// In words: a line that is no pair, or lines that are not sorted.
pub(super) fn pack(text: &str) -> Result<Vec<u8>, String> {
    let mut lines = String::new();
    let mut last: Option<u32> = None;
    for (number, line) in (1..).zip(text.lines()) {
        if number == 1 && line == HEADER {
            continue;
        }
        let pair = line.split_once(',').and_then(|(code, town)| Some((code.parse::<u32>().ok()?, town)));
        let (postcode, town) =
            pair.filter(|(_, town)| !town.is_empty() && !town.contains([',', '"'])).ok_or_else(|| {
                format!("line {number} is no pair of postcode and town; write such as `75015,PARIS`")
            })?;
        let step = postcode.checked_sub(last.unwrap_or_default()).ok_or_else(|| {
            format!("line {number}: the postcode is less than the one before; sort the lines")
        })?;
        match last {
            Some(last) if last == postcode => {}
            None => write!(lines, "{postcode}").map_err(|error| error.to_string())?,
            Some(_) => write!(lines, "\n{step}").map_err(|error| error.to_string())?,
        }
        lines.push(',');
        lines.push_str(town);
        last = Some(postcode);
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(lines.as_bytes()).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}
