//! The dates of a record.
//!
//! Dates are `YYYY-MM-DD`; requests have a local time too (ISO 8601). An offset from universal time is refused: the
//! cut-off is counted in the bureau's own time.

use jiff::civil::{Date, DateTime, Time};

use mail::date::read_other_notation;
use mail::{Worded, excerpt};

/// The years that dates of records may have.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2099;

/// What is wrong with a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum DateFault {
    /// Not a date.
    #[error("`{}` is not a date; write it as year, month and day (other forms: `[input.dates]`): {}", excerpt(.0), date_instead(.0))]
    Date(String),
    /// Not a date and a time.
    #[error("`{}` is not a date and a time; write it (other forms: `[input.dates]`) as in {}", excerpt(.0), date_time_instead(.0))]
    DateTime(String),
    /// A date without its time.
    #[error("`{}` has no time, on which the cut-off depends; write it as in {}", excerpt(.0), date_time_instead(.0))]
    NoTime(String),
    /// A time with an offset.
    #[error("`{}` has an offset from universal time; write the local time without one", excerpt(.0))]
    Offset(String),
    /// A year outside [`YEARS`].
    #[error("the year of `{}` is not between {} and {}; mend it", excerpt(.0), YEARS.start(), YEARS.end())]
    Range(String),
}

impl DateFault {
    /// The stable code of this kind of fault.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Date(_) => "date",
            Self::DateTime(_) => "date_time",
            Self::NoTime(_) => "date_time_no_time",
            Self::Offset(_) => "date_time_offset",
            Self::Range(_) => "date_range",
        }
    }
}

impl Worded for DateFault {
    fn french(&self) -> String {
        match self {
            Self::Date(text) => format!(
                "«\u{A0}{}\u{A0}» n’est pas une date\u{202F}; écrivez année, mois et jour (autres formes dans «\u{A0}[input.dates]\u{A0}»)\u{202F}: {}",
                excerpt(text),
                date_instead(text)
            ),
            Self::DateTime(text) => format!(
                "«\u{A0}{}\u{A0}» n’est pas une date avec son heure\u{202F}; écrivez-la (autres formes dans «\u{A0}[input.dates]\u{A0}») comme {}",
                excerpt(text),
                date_time_instead(text)
            ),
            Self::NoTime(text) => format!(
                "«\u{A0}{}\u{A0}» n’a pas d’heure, dont dépend l’heure limite\u{202F}; écrivez-la comme {}",
                excerpt(text),
                date_time_instead(text)
            ),
            Self::Offset(text) => format!(
                "«\u{A0}{}\u{A0}» a un décalage par rapport au temps universel\u{202F}; écrivez l’heure locale sans décalage",
                excerpt(text)
            ),
            Self::Range(text) => format!(
                "l’année de «\u{A0}{}\u{A0}» n’est pas entre {} et {}\u{202F}; corrigez-la",
                excerpt(text),
                YEARS.start(),
                YEARS.end()
            ),
        }
    }
}

/// The date as it is to be written; an example where it can't be made out.
fn date_instead(text: &str) -> String {
    let date = read_other_notation(text).filter(|date| YEARS.contains(&date.year()));
    date.map_or_else(|| "2026-11-23".to_owned(), |date| date.to_string())
}

/// The date and time as they are to be written, with an example of what can't be made out.
fn date_time_instead(text: &str) -> String {
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let date = parse_date(date).map_or_else(|_| date_instead(date), |date| date.to_string());
    let time = time.trim().replace(['h', 'H'], ":");
    let padded = format!("0{time}");
    let time = [time.as_str(), padded.as_str()].into_iter().find(|time| parse_time(time).is_some());
    format!("{date}T{}", time.unwrap_or("16:45:00"))
}

/// Reads `YYYY-MM-DD`.
pub(super) fn parse_date(text: &str) -> Result<Date, DateFault> {
    let date = shaped(text, "dddd-dd-dd").and_then(|text| text.parse::<Date>().ok());
    let date = date.ok_or_else(|| DateFault::Date(text.to_owned()))?;
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(DateFault::Range(text.to_owned())) }
}

/// Reads a date, `T` or a space, and a local time down to minutes, seconds or fractions of them.
pub(super) fn parse_date_time(text: &str) -> Result<DateTime, DateFault> {
    let wrong = || DateFault::DateTime(text.to_owned());
    let (date, rest) = text.split_at_checked(10).ok_or_else(wrong)?;
    let date = parse_date(date).map_err(|fault| match fault {
        DateFault::Range(_) => fault,
        _ => wrong(),
    })?;
    if rest.is_empty() {
        return Err(DateFault::NoTime(text.to_owned()));
    }
    let time = rest.strip_prefix(['T', ' ']).ok_or_else(wrong)?;
    if time.ends_with(['Z', 'z', ']']) || time.contains(['+', '-']) {
        return Err(DateFault::Offset(text.to_owned()));
    }
    Ok(date.to_datetime(parse_time(time).ok_or_else(wrong)?))
}

/// Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.f` with one to nine digits of fraction.
fn parse_time(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once(['.', ',']).map_or((text, None), |(w, f)| (w, Some(f)));
    let digits = |f: &str| (1..=9).contains(&f.len()) && f.bytes().all(|byte| byte.is_ascii_digit());
    match fraction {
        None => shaped(whole, "dd:dd").or(shaped(whole, "dd:dd:dd"))?,
        Some(fraction) => shaped(whole, "dd:dd:dd").filter(|_| digits(fraction))?,
    };
    text.parse().ok()
}

/// The text if it has this shape: `d` stands for a digit, every other character for itself.
fn shaped<'t>(text: &'t str, shape: &str) -> Option<&'t str> {
    let fits = |(byte, wanted): (u8, u8)| if wanted == b'd' { byte.is_ascii_digit() } else { byte == wanted };
    (text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)).then_some(text)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates() {
        assert_eq!(parse_date("2024-02-29"), Ok(date(2024, 2, 29)));
        for text in [
            "2023-02-29",
            "2023-13-01",
            "23/11/2026",
            "20261123",
            "2026-1-3",
            "2026-11-23T00:00",
            "é026-1-23",
        ] {
            assert_eq!(parse_date(text).map_err(|f| f.code()), Err("date"), "{text}");
        }
        for text in ["9999-12-31", "0001-01-01", "1989-12-31", "2100-01-01"] {
            assert_eq!(parse_date(text).map_err(|f| f.code()), Err("date_range"), "{text}");
        }
    }

    #[test]
    fn advice_repeats_the_date_as_it_should_be() {
        for (text, wanted) in [
            ("23/11/2026", "2026-11-23"),
            ("46349", "2026-11-23"),
            ("tomorrow", "2026-11-23"),
            ("3.4.2026", "2026-04-03"),
        ] {
            let advice = parse_date(text).expect_err(text).to_string();
            assert!(advice.ends_with(wanted), "{advice}");
        }
        for (text, wanted) in [
            ("23/11/2026 9:30", "2026-11-23T09:30"),
            ("23/11/2026 09h30", "2026-11-23T09:30"),
            ("2026-11-20", "2026-11-20T16:45:00"),
            ("2026-11-23t12:00", "2026-11-23T12:00"),
            ("soon", "2026-11-23T16:45:00"),
        ] {
            let advice = parse_date_time(text).expect_err(text).to_string();
            assert!(advice.ends_with(wanted), "{advice}");
            assert!(parse_date_time(advice.rsplit(' ').next().expect("a word")).is_ok());
        }
    }

    #[test]
    fn dates_with_their_time() {
        let noon = date(2026, 11, 23).at(12, 0, 0, 0);
        for text in [
            "2026-11-23T12:00",
            "2026-11-23 12:00:00",
            "2026-11-23T12:00:00.000000000",
            "2026-11-23T12:00:00,0",
        ] {
            assert_eq!(parse_date_time(text), Ok(noon), "{text}");
        }
    }

    #[test]
    fn dates_whose_time_is_wrong() {
        let bad = [
            ("2026-11-23", "date_time_no_time"),
            ("2026-11-23T12:00:00Z", "date_time_offset"),
            ("2026-11-23T12:00:00+01:00", "date_time_offset"),
            ("2026-11-23T12:00-01", "date_time_offset"),
            ("2026-11-23T12:00[Europe/Paris]", "date_time_offset"),
            ("2026-11-23T24:00", "date_time"),
            ("2026-11-23T12", "date_time"),
            ("2026-11-23T12:60", "date_time"),
            ("2026-11-23T12:00:00.", "date_time"),
            ("2026-11-23T12:00.5", "date_time"),
            ("2026-11-23t12:00", "date_time"),
            ("2026-11-2", "date_time"),
            ("23/11/2026 12:00", "date_time"),
            ("2026-11-2é 12:00", "date_time"),
            ("9999-12-31T12:00", "date_range"),
        ];
        for (text, code) in bad {
            assert_eq!(parse_date_time(text).map_err(|f| f.code()), Err(code), "{text}");
        }
    }
}
