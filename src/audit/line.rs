//! A line of the log: what was done or refused, as canonical JSON (RFC 8785).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::certificate::canonical_json;
use crate::files::hexadecimal;

/// An act, as a command tells it. It names pieces and lots, and never a holder or a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What: the command, such as `reprint` or `ledger purge`.
    pub act: String,
    /// `done`, `needs_a_person`, `refused`, `usage` or `failed`.
    pub outcome: String,
    /// The stable code of the failure.
    pub code: Option<String>,
    /// The system's user. The line has the user's mark only.
    pub user: String,
    /// The person who is named on the command line. The line has the person's mark only.
    pub by: Option<String>,
    /// The night or day that the act is about.
    pub night: Option<Date>,
    /// The lots that are named.
    pub lots: Vec<String>,
    /// The pieces that are named, by their references.
    pub pieces: Vec<String>,
    /// Options that change what is done, such as `only=mailers`.
    pub options: Vec<String>,
    /// SHA-256 of what the act rests on, by name: `job`, `list`.
    pub hashes: BTreeMap<String, String>,
    /// The requests for approval that it used up or waits for.
    pub requests: Vec<String>,
}

/// A line, its keys in any order: the canonical form sorts them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Line<'l> {
    number: u64,
    before: &'l str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<String>,
    act: &'l str,
    outcome: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'l str>,
    who: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'l str>,
    host: &'l str,
    version: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    night: Option<String>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    lots: &'l [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pieces: &'l [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    options: &'l [String],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hashes: &'l BTreeMap<String, String>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    requests: &'l [String],
}

/// Where and when a line is written.
pub(super) struct Place<'p> {
    /// The number of the line in the log, from 1.
    pub number: u64,
    /// The hash of the line before.
    pub before: &'p str,
    /// The time of the line: never before that of the line before.
    pub at: Timestamp,
    /// What the clock said, where it went back.
    pub clock: Option<Timestamp>,
    /// The machine.
    pub host: &'p str,
    /// The mark of the user.
    pub who: &'p str,
    /// The mark of the person who is named.
    pub by: Option<&'p str>,
}

/// The canonical line, without its line feed; `None` where it has none, which does not occur.
pub(super) fn to_line(entry: &Entry, place: &Place) -> Option<Vec<u8>> {
    let line = Line {
        number: place.number,
        before: place.before,
        at: written(place.at),
        clock: place.clock.map(written),
        act: &entry.act,
        outcome: &entry.outcome,
        code: entry.code.as_deref(),
        who: place.who,
        by: place.by,
        host: place.host,
        version: concat!("pli ", env!("CARGO_PKG_VERSION")),
        night: entry.night.map(|night| night.to_string()),
        lots: &entry.lots,
        pieces: &entry.pieces,
        options: &entry.options,
        hashes: &entry.hashes,
        requests: &entry.requests,
    };
    canonical_json(&serde_json::to_value(line).ok()?)
}

/// A time as lines have it: UTC, to the second.
fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The day of a time, UTC.
pub(super) fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// SHA-256 of a line without its line feed, in hexadecimal.
pub(super) fn hash_of(line: &[u8]) -> String {
    hexadecimal(Sha256::digest(line))
}

/// What the verification reads of a line. Other keys may be those of a later version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadLine {
    /// The number of the line.
    pub number: u64,
    /// The hash of the line before.
    pub before: String,
    /// The time of the line.
    pub at: Timestamp,
    /// What was done.
    pub act: String,
    /// The day before which the lines of the log were forgotten by this act.
    pub forgets: Option<Date>,
}

/// The act that may forget lines of the log.
pub(super) const PURGE: &str = "ledger purge";
/// What the option of a purge begins with that says before which day lines of the log were forgotten.
const FORGETS: &str = "log_before=";

/// The option of a purge that forgets the lines of the log before a day.
pub(super) fn forgets(day: Date) -> String {
    format!("{FORGETS}{day}")
}

impl ReadLine {
    /// Reads a line without its line feed; `None` for one that is not canonical or has not these keys.
    pub(super) fn parse(line: &[u8]) -> Option<ReadLine> {
        let value: Value = serde_json::from_slice(line).ok()?;
        if canonical_json(&value)? != line {
            return None;
        }
        let text = |key: &str| value.get(key)?.as_str();
        let at = text("at")?;
        let read = ReadLine {
            number: value.get("number")?.as_u64()?,
            before: text("before")?.to_owned(),
            at: at.parse().ok()?,
            act: text("act")?.to_owned(),
            forgets: value.get("options").and_then(Value::as_array).and_then(|options| {
                options.iter().find_map(|option| option.as_str()?.strip_prefix(FORGETS)?.parse().ok())
            }),
        };
        (written(read.at) == at).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_canonical_and_read_back() {
        let at: Timestamp = "2026-11-23T17:00:01Z".parse().unwrap();
        let before = "0".repeat(64);
        let place =
            Place { number: 7, before: &before, at, clock: None, host: "bureau", who: "s1", by: Some("s2") };
        let entry = Entry {
            act: "reprint".into(),
            outcome: "refused".into(),
            code: Some("approval_missing".into()),
            user: "martin".into(),
            pieces: vec!["26327A\\000001".into()],
            ..Entry::default()
        };
        let line = to_line(&entry, &place).unwrap();
        let text = String::from_utf8(line.clone()).unwrap();
        assert!(text.starts_with(r#"{"act":"reprint","at":"2026-11-23T17:00:01Z","before":"000"#), "{text}");
        assert!(!text.contains("martin") && !text.contains("clock"), "{text}");
        let read = ReadLine::parse(&line).unwrap();
        assert_eq!((read.number, read.at, read.act.as_str()), (7, at, "reprint"));
        for wrong in [text.replace("\"at\"", " \"at\""), text.replace("17:00:01Z", "17:00:01.5Z"), text + " "]
        {
            assert_eq!(ReadLine::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
