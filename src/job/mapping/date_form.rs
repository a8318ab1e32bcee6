//! How an issuer writes dates: a pattern of `date` and `strftime`, such as `%d/%m/%Y`.

use jiff::civil::{DateTime, Time, date};
use jiff::fmt::strtime;
use serde::Deserialize;

use super::column::Column;

/// A form of dates as the job file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "write a form such as \"%d/%m/%Y\", or { form = \"%d/%m/%Y\", time = \"12:00\" }"
)]
pub(crate) enum DateSetting {
    /// `"%d/%m/%Y"`
    Form(String),
    /// A date without a time, and the time that counts for all.
    WithTime(DateWithTime),
}

/// A date without a time, and the time that counts for all.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DateWithTime {
    /// The pattern of the date.
    form: String,
    /// The time, `HH:MM`.
    time: String,
}

/// How the dates of a column are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DateForm {
    pattern: String,
    /// The time of requests that come without one.
    time: Option<Time>,
    /// Whether the column needs a time.
    timed: bool,
}

/// The date and time with which patterns are tried, and of which messages show an example.
const EXAMPLE: DateTime = date(2026, 11, 23).at(16, 45, 0, 0);

impl DateForm {
    /// The form of a column's dates.
    ///
    /// # Errors
    /// The problem, then `; ` and what to write.
    pub(super) fn of(column: Column, setting: &DateSetting) -> Result<DateForm, String> {
        let timed = column == Column::RequestedAt;
        let (pattern, time) = match setting {
            DateSetting::Form(pattern) => (pattern, None),
            DateSetting::WithTime(DateWithTime { form, time }) => (form, Some(time)),
        };
        let time = match time {
            Some(_) if !timed => {
                return Err("a date of this column has no time; write the form alone".to_owned());
            }
            Some(text) => Some(hour_and_minute(text).ok_or_else(|| {
                format!("`{}` is no time; write it as in time = \"12:00\"", mail::excerpt(text))
            })?),
            None => None,
        };
        let form = DateForm { pattern: pattern.clone(), time, timed };
        form.check().map(|()| form)
    }

    /// Checks that the pattern reads what it writes.
    fn check(&self) -> Result<(), String> {
        let shown = mail::excerpt(&self.pattern);
        let written = strtime::format(&self.pattern, EXAMPLE)
            .map_err(|_| format!("`{shown}` is no form of dates; write such as \"{}\"", self.usual()))?;
        let read = strtime::parse(&self.pattern, &written).ok();
        if !reads_day(&self.pattern) {
            let meant = in_percents(&self.pattern).filter(|meant| reads_day(meant));
            let meant = meant.map(|meant| format!("did you mean \"{meant}\"? ")).unwrap_or_default();
            return Err(format!(
                "`{shown}` reads no day, month and year; {meant}write such as \"{}\"",
                self.usual()
            ));
        }
        let time = read.and_then(|read| read.to_time().ok());
        match (self.timed, self.time) {
            (true, Some(_)) if time.is_some_and(|time| time.hour() == EXAMPLE.hour()) => Err(format!(
                "`{shown}` reads an hour, which `time` would replace; write the form alone, so that the hour which is sent counts: \"{shown}\""
            )),
            (true, None) if time != Some(EXAMPLE.time()) => Err(format!(
                "`{shown}` reads no hour and minute, on which the cut-off depends; write such as \"%d/%m/%Y %H:%M\", or {{ form = \"{shown}\", time = \"12:00\" }} where the issuer sends none"
            )),
            _ => Ok(()),
        }
    }

    fn usual(&self) -> &'static str {
        if self.timed && self.time.is_none() { "%d/%m/%Y %H:%M" } else { "%d/%m/%Y" }
    }

    /// A date, or a date and a time, as ISO 8601 has it; `None` for a text of another form.
    pub(crate) fn iso(&self, text: &str) -> Option<String> {
        let read = strtime::parse(&self.pattern, text).ok()?;
        let day = read.to_date().ok()?;
        match (self.timed, self.time) {
            (false, _) => Some(day.to_string()),
            (true, Some(time)) => Some(day.to_datetime(time).to_string()),
            (true, None) => Some(day.to_datetime(read.to_time().ok()?).to_string()),
        }
    }

    /// 23 November 2026, 16:45, in this form.
    pub(crate) fn example(&self) -> String {
        strtime::format(&self.pattern, EXAMPLE).unwrap_or_default()
    }
}

/// Whether a pattern reads the day that it writes.
fn reads_day(pattern: &str) -> bool {
    let written = strtime::format(pattern, EXAMPLE).ok();
    let read = written.and_then(|written| strtime::parse(pattern, written).ok());
    read.and_then(|read| read.to_date().ok()) == Some(EXAMPLE.date())
}

fn hour_and_minute(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// The pattern that is meant by letters, `DD/MM/YYYY HH:MM` or `JJ/MM/AAAA`; `None` where they are none.
fn in_percents(letters: &str) -> Option<String> {
    let upper = letters.to_uppercase().replace("AAAA", "YYYY").replace("JJ", "DD");
    let (day, time) = match upper.find("HH") {
        Some(begin) => upper.split_at_checked(begin)?,
        None => (upper.as_str(), ""),
    };
    let day = day.replace("YYYY", "%Y").replace("DD", "%d").replace("MM", "%m");
    let time = time.replace("HH", "%H").replace("MM", "%M").replace("MI", "%M").replace("SS", "%S");
    let meant = day + &time;
    meant.contains("%Y").then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(column: Column, pattern: &str) -> Result<DateForm, String> {
        DateForm::of(column, &DateSetting::Form(pattern.to_owned()))
    }

    #[test]
    fn dates_of_issuers() {
        for (pattern, text) in [
            ("%d/%m/%Y", "23/11/2026"),
            ("%Y%m%d", "20261123"),
            ("%d%m%Y", "23112026"),
            ("%d.%m.%y", "23.11.26"),
            ("%Y-%m-%d", "2026-11-23"),
        ] {
            let form = form(Column::ExpiryDate, pattern).unwrap();
            assert_eq!(form.iso(text).as_deref(), Some("2026-11-23"), "{pattern}");
            assert_eq!(form.example(), text);
            for wrong in ["23/11", "31/02/2026", "20261323", "23/11/2026 ", "x", "\u{301}", "23112026 1"] {
                assert_eq!(form.iso(wrong), None, "{pattern}: {wrong}");
            }
        }
        for (pattern, text) in [("%d/%m/%Y %H:%M", "23/11/2026 09:30"), ("%Y%m%d%H%M%S", "20261123093000")] {
            let form = form(Column::RequestedAt, pattern).unwrap();
            assert_eq!(form.iso(text).as_deref(), Some("2026-11-23T09:30:00"), "{pattern}");
            assert_eq!(form.iso("23/11/2026"), None);
        }
    }

    #[test]
    fn requests_without_a_time_have_the_job_s() {
        let setting = |time: &str| {
            DateSetting::WithTime(DateWithTime { form: "%d/%m/%Y".to_owned(), time: time.to_owned() })
        };
        let form = DateForm::of(Column::RequestedAt, &setting("12:00")).unwrap();
        assert_eq!(form.iso("23/11/2026").as_deref(), Some("2026-11-23T12:00:00"));
        let both = DateWithTime { form: "%d/%m/%Y %H:%M".to_owned(), time: "12:00".to_owned() };
        let fault = DateForm::of(Column::RequestedAt, &DateSetting::WithTime(both)).unwrap_err();
        assert!(
            fault
                .ends_with("write the form alone, so that the hour which is sent counts: \"%d/%m/%Y %H:%M\""),
            "{fault}"
        );
        assert!(DateForm::of(Column::RequestedAt, &setting("noon")).unwrap_err().contains("12:00"));
        assert!(DateForm::of(Column::IssueDate, &setting("12:00")).is_err());
    }

    #[test]
    fn a_pattern_that_reads_no_date_is_refused_with_the_one_that_is_meant() {
        for (column, pattern, advice) in [
            (Column::IssueDate, "DD/MM/YYYY", "did you mean \"%d/%m/%Y\"?"),
            (Column::IssueDate, "JJ/MM/AAAA", "did you mean \"%d/%m/%Y\"?"),
            (Column::RequestedAt, "DD/MM/YYYY HH:MM", "did you mean \"%d/%m/%Y %H:%M\"?"),
            (Column::IssueDate, "%m/%Y", "reads no day, month and year; write such as"),
            (Column::IssueDate, "%d/%m", "write such as \"%d/%m/%Y\""),
            (Column::IssueDate, "%", "write such as \"%d/%m/%Y\""),
            (Column::IssueDate, "%Q", "write such as \"%d/%m/%Y\""),
            (Column::IssueDate, "", "write such as \"%d/%m/%Y\""),
            (Column::RequestedAt, "%d/%m/%Y", "{ form = \"%d/%m/%Y\", time = \"12:00\" }"),
        ] {
            let fault = form(column, pattern).unwrap_err();
            assert!(fault.contains(advice), "{pattern}: {fault}");
            if let Some((_, meant)) = fault.split_once("did you mean \"") {
                assert!(form(column, meant.split('"').next().unwrap()).is_ok(), "the advice is followed");
            }
        }
    }
}
