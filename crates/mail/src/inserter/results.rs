//! The job file's `[inserter.letters.results]`: what the files look like in which a machine reports its pieces.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use serde::Deserialize;

use crate::Encoding;

mod check;
mod fields;

pub use check::ResultsFault;
pub use fields::{FieldPlace, Fields, ReportField, Span};

/// What the files look like in which a machine reports its pieces. The default is `camera.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Results {
    /// How a row is divided into fields.
    pub format: ReportFormat,
    /// Lines before the header, or before the first row where there is no header.
    pub skip_lines: u32,
    /// The character between columns; `None`: found in the file.
    pub delimiter: Option<String>,
    /// The encoding.
    pub encoding: Encoding,
    /// The machine's way to write a time, as `strftime` has it; `None`: ISO 8601.
    pub time_format: Option<String>,
    /// What the rows stand for.
    pub lists: Lists,
    /// A line that begins with this ends the report; empty: no line does.
    pub end_mark: String,
    /// What the machine's texts for a status mean; `None`: the names of [`InsertStatus`].
    pub status: Option<BTreeMap<String, InsertStatus>>,
    /// Where the fields are; `None`: in columns that the header calls as [`ReportField::name`] does.
    pub fields: Option<Fields>,
}

impl Default for Results {
    fn default() -> Results {
        Results {
            format: ReportFormat::Csv,
            skip_lines: 0,
            delimiter: None,
            encoding: Encoding::Utf8,
            time_format: None,
            lists: Lists::Reads,
            end_mark: "END".to_owned(),
            status: None,
            fields: None,
        }
    }
}

impl Results {
    /// The character between columns; `None` where it is found in the file.
    pub fn delimiter(&self) -> Option<char> {
        self.delimiter.as_ref()?.chars().next()
    }

    /// Whether a row with the names of the columns comes before the others.
    pub fn has_header(&self) -> bool {
        let by_name =
            |fields: &Fields| fields.places().any(|(_, place)| matches!(place, FieldPlace::Header(_)));
        self.format == ReportFormat::Csv && self.fields.as_ref().is_none_or(by_name)
    }

    /// A time as the machine writes it; `None` for any other text. An offset behind it is read and left out: what stays is the
    /// time that the machine's clock shows.
    pub fn time(&self, text: &str) -> Option<DateTime> {
        match &self.time_format {
            Some(format) => time_as(format, text),
            None => iso_time(text),
        }
    }

    /// What the machine says with this text; `None` for a text that is not known. Small letters count as capitals.
    pub fn status_of(&self, text: &str) -> Option<InsertStatus> {
        match &self.status {
            Some(known) => known.iter().find(|(name, _)| is_same(name, text)).map(|(_, status)| *status),
            None => InsertStatus::ALL.into_iter().find(|status| is_same(status.name(), text)),
        }
    }
}

/// Whether two texts for a status are the same to us.
fn is_same(text: &str, other: &str) -> bool {
    text.trim().eq_ignore_ascii_case(other.trim())
}

fn time_as(format: &str, text: &str) -> Option<DateTime> {
    strtime::parse(format, text).ok()?.to_datetime().ok()
}

/// A date and a time of ISO 8601, `T` or a blank between them. A date alone is none.
fn iso_time(text: &str) -> Option<DateTime> {
    let timed = text.contains(['T', 't', ' ']);
    text.strip_suffix(['Z', 'z']).unwrap_or(text).parse().ok().filter(|_| timed)
}

/// How a row of a report is divided into fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportFormat {
    /// Columns with a delimiter between them.
    #[default]
    Csv,
    /// Fields of fixed length, one behind the other.
    Fixed,
}

/// What the rows of a report stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lists {
    /// What a camera read, a row a read. A piece without a row was not seen.
    #[default]
    Reads,
    /// Every piece of the lot with its status.
    All,
    /// The pieces that are not good. All others are.
    Bad,
}

/// What a machine did with a piece.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InsertStatus {
    /// It is in its envelope.
    #[default]
    Ok,
    /// It was damaged.
    Damaged,
    /// A person must look at it.
    Attention,
    /// It was taken out.
    Pulled,
    /// The machine says nothing of it.
    None,
}

impl InsertStatus {
    /// Every status.
    pub const ALL: [InsertStatus; 5] = [
        InsertStatus::Ok,
        InsertStatus::Damaged,
        InsertStatus::Attention,
        InsertStatus::Pulled,
        InsertStatus::None,
    ];

    /// The name in job files and in `camera.csv`.
    pub fn name(self) -> &'static str {
        match self {
            InsertStatus::Ok => "ok",
            InsertStatus::Damaged => "damaged",
            InsertStatus::Attention => "attention",
            InsertStatus::Pulled => "pulled",
            InsertStatus::None => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_iso_8601() {
        let read = |text: &str| Results::default().time(text).map(|time| time.to_string());
        for (text, wanted) in [
            ("2026-11-24T09:30:12", "2026-11-24T09:30:12"),
            ("2026-11-24 09:30:12.250", "2026-11-24T09:30:12.25"),
            ("2026-11-24 09:30", "2026-11-24T09:30:00"),
            ("2026-11-24T09:30:12+01:00", "2026-11-24T09:30:12"),
            ("2026-11-24T08:30:12Z", "2026-11-24T08:30:12"),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "2026-11-24", "09:30:12", "24.11.2026 09:30:12", "2026-11-24T25:00:00", "T", "é Z"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn times_as_the_machine_writes_them() {
        let results = Results { time_format: Some("%d.%m.%Y %H:%M:%S".to_owned()), ..Results::default() };
        let read = |text: &str| results.time(text).map(|time| time.to_string());
        assert_eq!(read("24.11.2026 09:30:12").as_deref(), Some("2026-11-24T09:30:12"));
        assert_eq!(read("24.11.2026 09:30:12 h"), None);
        assert_eq!(read("2026-11-24T09:30:12"), None);
    }

    #[test]
    fn texts_for_a_status() {
        let results = Results::default();
        assert_eq!(results.status_of(" OK "), Some(InsertStatus::Ok));
        assert_eq!(results.status_of("spoiled"), None);
        assert_eq!(results.status_of(""), None);
        let status = [("0".to_owned(), InsertStatus::Ok), ("Défaut".to_owned(), InsertStatus::Damaged)];
        let results = Results { status: Some(status.into()), ..Results::default() };
        assert_eq!(results.status_of("défaut"), Some(InsertStatus::Damaged));
        assert_eq!(results.status_of("ok"), None, "a table of the job takes the place of the names");
    }
}
