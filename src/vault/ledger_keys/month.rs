//! Months, by which the keys of personal columns are kept.

use std::fmt;

use jiff::civil::Date;

/// A month of the calendar. Its text is as `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month of a day.
    pub(crate) fn of(day: Date) -> Month {
        Month { year: day.year(), month: day.month() }
    }

    /// Its first day.
    pub(crate) fn first_day(self) -> Date {
        Date::constant(self.year, self.month, 1)
    }

    /// Its last day.
    pub(crate) fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    /// Reads a text such as `2026-11`; `None` for any other.
    pub(crate) fn parse(text: &str) -> Option<Month> {
        let (year, month) = text.split_once('-')?;
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        Some(Month::of(Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_month_is_read_as_it_is_written() {
        let month = Month::of(date(2026, 11, 30));
        assert_eq!((month.to_string().as_str(), Month::parse("2026-11")), ("2026-11", Some(month)));
        assert!(Month::of(date(2026, 2, 1)) < Month::of(date(2026, 11, 1)));
        for wrong in
            ["", "2026", "2026-13", "2026-00", "26-11", "2026-1", "2026-+1", "2026-11-01", "../../a-11"]
        {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }
}
