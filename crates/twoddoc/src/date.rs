//! Dates in headers and fields: days since 2000-01-01 in hexadecimal (S326 p. 17), or three bytes (p. 20).

use jiff::ToSpan;
use jiff::civil::{Date, date};
use thiserror::Error;

/// Day zero of hexadecimal dates.
const EPOCH: Date = date(2000, 1, 1);

/// "No date" in hexadecimal.
const UNDATED: &str = "FFFF";

/// "No date" in binary.
const UNDATED_BINARY: [u8; 3] = [0xFF; 3];

/// A date that can't be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DateError {
    /// The date is before 2000-01-01 or after 2179-06-05.
    #[error("{0} is outside 2000-01-01 to 2179-06-05, the days that four hexadecimal digits hold")]
    OutOfRange(Date),
    /// Not four hexadecimal digits in capitals, or not a day of the calendar.
    #[error("`{0}` is not a date")]
    Malformed(String),
}

/// Formats days since 2000-01-01 as four hexadecimal digits; `FFFF` for `None`.
///
/// # Errors
/// `OutOfRange` if four digits can't express the date.
pub(super) fn to_hex_days(date: Option<Date>) -> Result<String, DateError> {
    let Some(date) = date else {
        return Ok(UNDATED.to_owned());
    };
    let days = EPOCH.until(date).map_or(-1, |span| span.get_days());
    match days {
        0..0xFFFF => Ok(format!("{days:04X}")),
        _ => Err(DateError::OutOfRange(date)),
    }
}

/// Parses four hexadecimal digits; `FFFF` is `None`.
///
/// # Errors
/// `Malformed` if they are not four digits `0-9A-F`.
pub(super) fn from_hex_days(text: &str) -> Result<Option<Date>, DateError> {
    let malformed = || DateError::Malformed(text.to_owned());
    let digits = text.len() == 4 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'A'..=b'F'));
    if text == UNDATED || !digits {
        return if digits { Ok(None) } else { Err(malformed()) };
    }
    let days = i64::from_str_radix(text, 16).map_err(|_| malformed())?;
    EPOCH.checked_add(days.days()).map(Some).map_err(|_| malformed())
}

/// Parses three bytes: the integer `MMDDYYYY`, big-endian (S326 p. 20); `FFFFFF` is `None`.
///
/// # Errors
/// `Malformed` if they are not a day of the calendar.
pub(super) fn from_binary(bytes: [u8; 3]) -> Result<Option<Date>, DateError> {
    if bytes == UNDATED_BINARY {
        return Ok(None);
    }
    let number = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
    let (month, day, year) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
    Date::new(year as i16, month as i8, day as i8)
        .map(Some)
        .map_err(|_| DateError::Malformed(format!("{number:08}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_days_of_the_specification() {
        for (day, text) in [
            (date(2011, 12, 31), "111E"),
            (date(2010, 3, 5), "0E84"),
            (date(2000, 1, 1), "0000"),
            (date(2179, 6, 5), "FFFE"),
        ] {
            assert_eq!(to_hex_days(Some(day)).unwrap(), text);
            assert_eq!(from_hex_days(text).unwrap(), Some(day));
        }
    }

    #[test]
    fn ffff_is_undated() {
        assert_eq!(to_hex_days(None).unwrap(), "FFFF");
        assert_eq!(from_hex_days("FFFF"), Ok(None));
        assert_eq!(from_binary([0xFF; 3]), Ok(None));
    }

    #[test]
    fn binary_dates_of_the_specification() {
        for (day, bytes) in [
            (date(1957, 3, 25), [0x31, 0x9E, 0xF5]),
            (date(1969, 6, 27), [0x5F, 0xB3, 0xE1]),
            (date(2016, 10, 5), [0x99, 0x61, 0xB0]),
        ] {
            assert_eq!(from_binary(bytes), Ok(Some(day)));
        }
    }

    #[test]
    fn text_that_is_not_a_date_is_an_error() {
        for text in ["", "0E8", "0E8g", "0e84", "+123", "00000"] {
            assert!(from_hex_days(text).is_err(), "{text}");
        }
        assert!(to_hex_days(Some(date(1999, 12, 31))).is_err());
        assert!(to_hex_days(Some(date(2179, 6, 6))).is_err());
        assert!(to_hex_days(Some(Date::MIN)).is_err() && to_hex_days(Some(Date::MAX)).is_err());
        assert!(from_binary([0, 0, 0]).is_err());
    }
}
