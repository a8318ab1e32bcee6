//! Dates that are not written as ISO 8601 has them, read so that advice can repeat them as they should be.

use jiff::civil::{Date, date};

/// The date that a text means where it is written in another way: `23/11/2026`, `23.11.26`, `2026/11/23`, `20261123`, or
/// a spreadsheet's count of days. The day stands before the month, unless only the other order is a date.
pub fn read_other_notation(text: &str) -> Option<Date> {
    let text = text.trim();
    let groups: Vec<&str> = text.split(['/', '-', '.', ' ', '_']).collect();
    if !groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    match groups.as_slice() {
        [whole] if whole.len() == 8 => {
            of(&whole[..4], &whole[4..6], &whole[6..]).or_else(|| of(&whole[4..], &whole[2..4], &whole[..2]))
        }
        [whole] if whole.len() == 5 => of_spreadsheet(whole.parse().ok()?),
        [year, month, day] if year.len() == 4 => of(year, month, day).or_else(|| of(year, day, month)),
        // Hyphens and a year of two digits: either end may be the year.
        [_, _, year] if year.len() == 2 && text.contains('-') => None,
        [day, month, year] if matches!(year.len(), 2 | 4) => {
            of(year, month, day).or_else(|| of(year, day, month))
        }
        _ => None,
    }
}

fn of(year: &str, month: &str, day: &str) -> Option<Date> {
    let century = if year.len() == 2 { 2000 } else { 0 };
    let year = century + year.parse::<i16>().ok()?;
    let plausible = (1900..=2199).contains(&year);
    plausible.then(|| Date::new(year, month.parse().ok()?, day.parse().ok()?).ok())?
}

/// Spreadsheets count days from 30 December 1899.
fn of_spreadsheet(days: i32) -> Option<Date> {
    let plausible = (30_000..70_000).contains(&days);
    plausible.then(|| date(1899, 12, 30).checked_add(jiff::Span::new().days(days)).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_notations() {
        let wanted = Some(date(2026, 11, 23));
        for text in [
            "23/11/2026",
            "23-11-2026",
            "23.11.26",
            "2026/11/23",
            "20261123",
            "23112026",
            "11/23/2026",
            "46349",
            "2026-23-11",
        ] {
            assert_eq!(read_other_notation(text), wanted, "{text}");
        }
        assert_eq!(read_other_notation("2026-1-3"), Some(date(2026, 1, 3)));
        for text in [
            "",
            "tomorrow",
            "26-11-23",
            "23-11-26",
            "31/02/2026",
            "1/2",
            "é/11/2026",
            "0000-01-01",
            "99999999",
            "1-2-3-4",
        ] {
            assert_eq!(read_other_notation(text), None, "{text}");
        }
    }
}
