//! The date of a night, as `--date` has it.

use jiff::civil::Date;

use mail::date::read_other_notation;

/// The years of nights.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2099;

/// Reads `YYYY-MM-DD`.
///
/// # Errors
/// The problem and what to write: another notation, no date, or a year that no night has.
pub(super) fn parse(text: &str) -> Result<Date, String> {
    let iso = text.len() == 10 && text.split('-').map(str::len).eq([4, 2, 2]);
    let date = match text.parse::<Date>() {
        Ok(date) if iso => date,
        _ => {
            let meant = read_other_notation(text).filter(|date| YEARS.contains(&date.year()));
            return Err(match meant {
                Some(meant) => format!("a date is written as year, month and day; write {meant}"),
                None => "it is no date; write year, month and day, such as 2026-11-23".to_owned(),
            });
        }
    };
    match YEARS.contains(&date.year()) {
        true => Ok(date),
        false => Err(format!(
            "no night is in the year {}; write a year from {} to {}",
            date.year(),
            YEARS.start(),
            YEARS.end()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_the_very_date() {
        assert_eq!(parse("2026-11-23"), Ok(jiff::civil::date(2026, 11, 23)));
        for text in ["23/11/2026", "23.11.2026", "20261123", "2026/11/23"] {
            assert!(parse(text).expect_err(text).ends_with("write 2026-11-23"), "{text}");
        }
        for text in ["tomorrow", "26-11-23"] {
            assert!(
                parse(text).expect_err("no date").contains("it is no date"),
                "{text}: either end may be the year"
            );
        }
        for text in ["1850-01-01", "0000-01-01", "9999-12-31"] {
            assert!(parse(text).expect_err(text).contains("from 2000 to 2099"), "{text}");
        }
    }
}
