//! The faults of `[inserter.letters.results]`: settings that contradict each other, and those with which no file can be read.

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::{FieldPlace, Lists, ReportField, ReportFormat, Results, is_same, time_as};
use crate::excerpt;

/// The most lines that are left out before the rows.
const MAX_SKIP: u32 = 1_000;

/// The longest end mark, in characters.
const MAX_END_MARK: usize = 64;

/// The last character of a line that a field may take.
const MAX_CHARACTER: u32 = 65_536;

/// The last column that a field may be in.
const MAX_COLUMN: u32 = 1_000;

/// A setting of a machine's results with which its files can't be read. The text is the problem, then what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResultsFault {
    /// Too many lines to leave out.
    #[error("write 0 to {MAX_SKIP}")]
    SkipLines,
    /// A delimiter that can't separate columns.
    #[error("`{}` can't separate columns; write one character in quotes, such as `\";\"` or `\"\\t\"`, and no letter, digit or quote", excerpt(.0))]
    Delimiter(String),
    /// A delimiter for fields of fixed length.
    #[error("fields of fixed length have no delimiter; leave the key out, or write `format = \"csv\"`")]
    DelimiterOfFixed,
    /// A way to write a time that is none.
    #[error("`{}` can't be read: {problem}; write a format of strftime, such as `\"%d.%m.%Y %H:%M:%S\"`", excerpt(.format))]
    TimeFormat {
        /// The format.
        format: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A way to write a time that leaves open which one it is.
    #[error("`{}` does not say day and time; write year, month, day, hour and minute, such as `\"%d.%m.%Y %H:%M:%S\"`, or leave out the key and `fields.read_at`", excerpt(.0))]
    TimeFormatOpen(String),
    /// A setting of a field that is not read.
    #[error("`fields` has no `{field}`, which the key is for; add it there, or leave the key out")]
    Unused {
        /// The key of the setting.
        key: &'static str,
        /// The name of the field.
        field: &'static str,
    },
    /// An end mark that no line begins with.
    #[error(
        "can't begin a line; write at most {MAX_END_MARK} characters without quotes, line breaks and blanks around them, or \"\" where the machine writes no end mark"
    )]
    EndMark,
    /// A table of status texts without a text.
    #[error("has no text; write what the machine says, such as `{{ \"0\" = \"ok\", \"7\" = \"damaged\" }}`")]
    NoStatusText,
    /// A status text that stands twice.
    #[error("`{}` stands twice, in capitals and in small letters; keep one of them", excerpt(.0))]
    StatusTwice(String),
    /// No place of what was read.
    #[error("the table has no `value`, which names the piece; add where it is, such as `value = {}`", example(*.0))]
    NoValue(ReportFormat),
    /// No place of the status where each row is a piece with its status.
    #[error("the table has no `status`, without which `lists = \"{lists}\"` says nothing of a piece; add where it is, such as `status = {}`", example(*.format))]
    NoStatus {
        /// What the rows stand for.
        lists: &'static str,
        /// The format.
        format: ReportFormat,
    },
    /// A place that a row of this format does not have.
    #[error("a row of `format = \"{}\"` has no such place; write {}", .format.name(), places_of(*.format))]
    ForeignPlace {
        /// The key, from `fields` on.
        key: &'static str,
        /// The format.
        format: ReportFormat,
    },
    /// A place out of its range.
    #[error("{problem}; write {}", places_of(*.format))]
    Place {
        /// The key, from `fields` on.
        key: &'static str,
        /// The format.
        format: ReportFormat,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl ResultsFault {
    /// The key of the table that holds the value.
    pub fn key(&self) -> &'static str {
        match self {
            Self::SkipLines => "skip_lines",
            Self::Delimiter(_) | Self::DelimiterOfFixed => "delimiter",
            Self::TimeFormat { .. } | Self::TimeFormatOpen(_) => "time_format",
            Self::EndMark => "end_mark",
            Self::NoStatusText | Self::StatusTwice(_) => "status",
            Self::NoValue(_) | Self::NoStatus { .. } => "fields",
            Self::Unused { key, .. } | Self::ForeignPlace { key, .. } | Self::Place { key, .. } => key,
        }
    }

    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SkipLines => "results_skip_lines",
            Self::Delimiter(_) | Self::DelimiterOfFixed => "results_delimiter",
            Self::TimeFormat { .. } | Self::TimeFormatOpen(_) => "results_time_format",
            Self::Unused { .. } => "results_unused",
            Self::EndMark => "results_end_mark",
            Self::NoStatusText | Self::StatusTwice(_) => "results_status",
            Self::NoValue(_) | Self::NoStatus { .. } => "results_missing_field",
            Self::ForeignPlace { .. } | Self::Place { .. } => "results_field",
        }
    }
}

impl ReportFormat {
    /// The name in job files.
    fn name(self) -> &'static str {
        match self {
            ReportFormat::Csv => "csv",
            ReportFormat::Fixed => "fixed",
        }
    }
}

/// The places that a row of this format has.
fn places_of(format: ReportFormat) -> &'static str {
    match format {
        ReportFormat::Csv => "the column's name in its header, or its number from 1",
        ReportFormat::Fixed => "`{ start = 1, length = 12 }`, the first character and how many",
    }
}

/// A place as a person writes it.
fn example(format: ReportFormat) -> &'static str {
    match format {
        ReportFormat::Csv => "2",
        ReportFormat::Fixed => "{ start = 1, length = 12 }",
    }
}

impl Results {
    /// Checks that files can be read with these settings.
    ///
    /// # Errors
    /// The first [`ResultsFault`].
    pub fn check(&self) -> Result<(), ResultsFault> {
        if self.skip_lines > MAX_SKIP {
            return Err(ResultsFault::SkipLines);
        }
        self.check_delimiter()?;
        self.check_end_mark()?;
        self.check_status()?;
        self.check_fields()?;
        self.time_format.as_deref().map_or(Ok(()), check_time_format)
    }

    fn check_delimiter(&self) -> Result<(), ResultsFault> {
        let Some(delimiter) = &self.delimiter else { return Ok(()) };
        let separates =
            |c: char| (c.is_ascii_punctuation() && c != '"') || matches!(c, '\t' | ' ' | '\u{1c}'..='\u{1f}');
        let mut characters = delimiter.chars();
        match (self.format, characters.next(), characters.next()) {
            (ReportFormat::Fixed, ..) => Err(ResultsFault::DelimiterOfFixed),
            (ReportFormat::Csv, Some(one), None) if separates(one) => Ok(()),
            _ => Err(ResultsFault::Delimiter(delimiter.clone())),
        }
    }

    fn check_end_mark(&self) -> Result<(), ResultsFault> {
        let mark = &self.end_mark;
        let found =
            mark.trim() == mark && mark.chars().count() <= MAX_END_MARK && !mark.contains(['\n', '\r', '"']);
        if found { Ok(()) } else { Err(ResultsFault::EndMark) }
    }

    fn check_status(&self) -> Result<(), ResultsFault> {
        let Some(texts) = &self.status else { return Ok(()) };
        if texts.is_empty() {
            return Err(ResultsFault::NoStatusText);
        }
        let texts: Vec<&String> = texts.keys().collect();
        let twice = texts
            .iter()
            .enumerate()
            .find(|(index, text)| texts[..*index].iter().any(|other| is_same(text, other)));
        twice.map_or(Ok(()), |(_, text)| Err(ResultsFault::StatusTwice((*text).clone())))
    }

    /// Fields of fixed length have no names of their own; those of a table are where the format has places.
    fn check_fields(&self) -> Result<(), ResultsFault> {
        let format = self.format;
        let Some(fields) = &self.fields else {
            return if format == ReportFormat::Fixed { Err(ResultsFault::NoValue(format)) } else { Ok(()) };
        };
        fields.places().try_for_each(|(field, place)| check_place(field, place, format))?;
        let lists = match self.lists {
            Lists::Reads => None,
            Lists::All => Some("all"),
            Lists::Bad => Some("bad"),
        };
        let unused = |key, field: ReportField| Err(ResultsFault::Unused { key, field: field.name() });
        match lists {
            _ if fields.value.is_none() => Err(ResultsFault::NoValue(format)),
            Some(lists) if fields.status.is_none() => Err(ResultsFault::NoStatus { lists, format }),
            _ if self.status.is_some() && fields.status.is_none() => unused("status", ReportField::Status),
            _ if self.time_format.is_some() && fields.read_at.is_none() => {
                unused("time_format", ReportField::ReadAt)
            }
            _ => Ok(()),
        }
    }
}

fn check_place(field: ReportField, place: &FieldPlace, format: ReportFormat) -> Result<(), ResultsFault> {
    let key = key_of(field);
    let of_format = matches!(place, FieldPlace::Span(_)) == (format == ReportFormat::Fixed);
    let problem = match place {
        FieldPlace::Header(name) => name.is_empty().then_some("a column without a name can't be found"),
        FieldPlace::Column(number) => {
            (!(1..=MAX_COLUMN).contains(number)).then_some("columns count from 1 to 1000")
        }
        FieldPlace::Span(span) if span.start == 0 => Some("characters count from 1"),
        FieldPlace::Span(span) if span.length == 0 => Some("a field has one character or more"),
        FieldPlace::Span(span) => {
            let end = span.start.saturating_add(span.length);
            (end > MAX_CHARACTER).then_some("a line has at most 65,535 characters")
        }
    };
    match problem {
        _ if !of_format => Err(ResultsFault::ForeignPlace { key, format }),
        Some(problem) => Err(ResultsFault::Place { key, format, problem }),
        None => Ok(()),
    }
}

/// The key of a field's place, from `fields` on.
fn key_of(field: ReportField) -> &'static str {
    match field {
        ReportField::Value => "fields.value",
        ReportField::ReadAt => "fields.read_at",
        ReportField::Position => "fields.position",
        ReportField::Camera => "fields.camera",
        ReportField::CardValue => "fields.card_value",
        ReportField::Status => "fields.status",
    }
}

/// A format is tried: a time that is written by it must be read by it as the same minute.
fn check_time_format(format: &str) -> Result<(), ResultsFault> {
    let time = DateTime::constant(2026, 11, 24, 21, 35, 47, 0);
    let unreadable = |error: jiff::Error| ResultsFault::TimeFormat {
        format: format.to_owned(),
        problem: error.to_string(),
    };
    let zoned = time.to_zoned(TimeZone::UTC).map_err(unreadable)?;
    let written = strtime::format(format, &zoned).map_err(unreadable)?;
    strtime::parse(format, &written).map_err(unreadable)?;
    let minute = DateTime::constant(2026, 11, 24, 21, 35, 0, 0);
    match time_as(format, &written) {
        Some(read) if read == time || read == minute => Ok(()),
        _ => Err(ResultsFault::TimeFormatOpen(format.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Fields, InsertStatus, Span};
    use super::*;

    fn span(start: u32, length: u32) -> Option<FieldPlace> {
        Some(FieldPlace::Span(Span { start, length }))
    }

    fn fixed(fields: Fields) -> Results {
        Results { format: ReportFormat::Fixed, fields: Some(fields), ..Results::default() }
    }

    fn columns(fields: Fields) -> Results {
        Results { fields: Some(fields), ..Results::default() }
    }

    fn value() -> Fields {
        Fields { value: Some(FieldPlace::Column(2)), ..Fields::default() }
    }

    fn key(results: &Results) -> Result<(), &'static str> {
        results.check().map_err(|fault| fault.key())
    }

    #[test]
    fn sound_settings() {
        assert_eq!(key(&Results::default()), Ok(()));
        assert_eq!(key(&columns(value())), Ok(()));
        let overlapping = Fields { value: span(1, 12), status: span(12, 1), ..Fields::default() };
        assert_eq!(key(&Results { lists: Lists::All, ..fixed(overlapping) }), Ok(()));
        let twice = Fields { card_value: Some(FieldPlace::Column(2)), ..value() };
        assert_eq!(key(&columns(twice)), Ok(()));
        for lists in [Lists::All, Lists::Bad] {
            assert_eq!(key(&Results { lists, ..Results::default() }), Ok(()), "the header's column `status`");
        }
        for delimiter in [";", ",", "\t", "|", " "] {
            let delimiter = Some(delimiter.to_owned());
            assert_eq!(key(&Results { delimiter, ..Results::default() }), Ok(()));
        }
    }

    #[test]
    fn places_that_a_row_does_not_have() {
        for results in [
            columns(Fields { value: span(1, 12), ..Fields::default() }),
            columns(Fields { value: Some(FieldPlace::Column(0)), ..Fields::default() }),
            columns(Fields { value: Some(FieldPlace::Header(String::new())), ..Fields::default() }),
            fixed(Fields { value: span(0, 12), ..Fields::default() }),
            fixed(Fields { value: span(1, 0), ..Fields::default() }),
            fixed(Fields { value: span(u32::MAX, u32::MAX), ..Fields::default() }),
            fixed(value()),
        ] {
            assert_eq!(key(&results), Err("fields.value"), "{results:?}");
        }
        let results = fixed(Fields { value: span(1, 12), camera: span(0, 1), ..Fields::default() });
        assert_eq!(key(&results), Err("fields.camera"));
    }

    #[test]
    fn settings_that_contradict_each_other() {
        let no_fields = Results { format: ReportFormat::Fixed, ..Results::default() };
        assert_eq!(key(&no_fields), Err("fields"));
        assert_eq!(key(&columns(Fields::default())), Err("fields"));
        assert_eq!(key(&Results { lists: Lists::Bad, ..columns(value()) }), Err("fields"));
        let delimiter = Some(";".to_owned());
        let spans = Fields { value: span(1, 12), ..Fields::default() };
        assert_eq!(key(&Results { delimiter, ..fixed(spans) }), Err("delimiter"));
        let time_format = Some("%d.%m.%Y %H:%M".to_owned());
        assert_eq!(key(&Results { time_format, ..columns(value()) }), Err("time_format"));
        let status = Some([("0".to_owned(), InsertStatus::Ok)].into());
        assert_eq!(key(&Results { status, ..columns(value()) }), Err("status"));
    }

    #[test]
    fn single_settings() {
        for delimiter in ["", "ab", "é", "x", "0", "\"", "\n"] {
            let delimiter = Some(delimiter.to_owned());
            assert_eq!(key(&Results { delimiter, ..Results::default() }), Err("delimiter"));
        }
        for end_mark in [" END", "E\nND", &"x".repeat(65)] {
            let end_mark = end_mark.to_owned();
            assert_eq!(key(&Results { end_mark, ..Results::default() }), Err("end_mark"));
        }
        assert_eq!(key(&Results { end_mark: String::new(), ..Results::default() }), Ok(()));
        assert_eq!(key(&Results { skip_lines: 1001, ..Results::default() }), Err("skip_lines"));
        let texts =
            |texts: &[&str]| Some(texts.iter().map(|text| ((*text).to_owned(), InsertStatus::Ok)).collect());
        for status in [texts(&[]), texts(&["ok", "OK "])] {
            assert_eq!(key(&Results { status, ..Results::default() }), Err("status"));
        }
    }

    #[test]
    fn a_format_of_times_is_tried() {
        let code = |format: &str| {
            let results = Results { time_format: Some(format.to_owned()), ..Results::default() };
            results.check().map_err(|fault| match fault {
                ResultsFault::TimeFormat { .. } => "none",
                _ => "open",
            })
        };
        for format in
            ["%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S", "%d/%m/%y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%FT%T%.f%:z"]
        {
            assert_eq!(code(format), Ok(()), "{format}");
        }
        for format in ["%K", "%d.%m.%Y %", "%d.%m.%Y %H:%M:%S %E"] {
            assert_eq!(code(format), Err("none"), "{format}");
        }
        for format in ["", "%H:%M:%S", "%d.%m. %H:%M", "%Y-%m-%d", "%d.%m.%Y %I:%M", "dd.mm.yyyy"] {
            assert_eq!(code(format), Err("open"), "{format}");
        }
    }
}
