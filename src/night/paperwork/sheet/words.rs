//! French words and numbers of the sheet: dates, counts, sizes.
//!
//! Texts have the spaces of French typography. Counts are not rounded.

use jiff::civil::Date;

use mail::calendar::french_date;

const WEEKDAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/// `lundi 23 novembre 2026`; the first of a month is `1er`.
pub(in crate::night::paperwork) fn long_date(date: Date) -> String {
    let weekday = WEEKDAYS[date.weekday().to_monday_zero_offset() as usize];
    format!("{weekday} {}", french_date(date))
}

/// `12 345`, with narrow spaces that don't break.
pub(in crate::night::paperwork) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202F}');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 fichier`, `12 fichiers`: French counts from two.
pub(in crate::night::paperwork) fn counted(number: u64, noun: &str) -> String {
    let plural = if number < 2 { "" } else { "s" };
    format!("{}\u{A0}{noun}{plural}", count(number))
}

/// `812 o`, `4,8 Mo`: decimal units, one digit after the comma.
pub(in crate::night::paperwork) fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes}\u{A0}o");
    }
    let mut unit: u128 = 1;
    let mut tenths = u128::MAX;
    let mut symbol = "";
    for name in ["ko", "Mo", "Go", "To", "Po", "Eo"] {
        unit *= 1000;
        tenths = (u128::from(bytes) * 10 + unit / 2) / unit;
        symbol = name;
        if tenths < 10_000 {
            break;
        }
    }
    format!("{},{}\u{A0}{symbol}", tenths / 10, tenths % 10)
}
