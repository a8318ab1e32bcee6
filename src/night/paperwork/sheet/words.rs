//! Words and numbers of the sheet in the bureau's language: dates, counts, sizes.
//!
//! Texts have the spaces of their language's typography. Counts are not rounded.

use jiff::civil::Date;

use mail::Language;

const WEEKDAYS: [(&str, &str); 7] = [
    ("lundi", "Monday"),
    ("mardi", "Tuesday"),
    ("mercredi", "Wednesday"),
    ("jeudi", "Thursday"),
    ("vendredi", "Friday"),
    ("samedi", "Saturday"),
    ("dimanche", "Sunday"),
];

/// What is counted: its singular in French and in English. Both plurals end in `s`.
pub(in crate::night::paperwork) type Noun = (&'static str, &'static str);

/// `lundi 23 novembre 2026`, `Monday 23 November 2026`; in French the first of a month is `1er`.
pub(in crate::night::paperwork) fn long_date(language: Language, date: Date) -> String {
    let (french, english) = WEEKDAYS[date.weekday().to_monday_zero_offset() as usize];
    format!("{} {}", language.of(french, english), language.date(date))
}

/// `12 345` with narrow spaces that don't break, `12,345` in English.
pub(in crate::night::paperwork) fn count(language: Language, number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(language.of('\u{202F}', ','));
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 fichier`, `12 fichiers`. French counts from two; in English only one is singular.
pub(in crate::night::paperwork) fn counted(
    language: Language,
    number: u64,
    (french, english): Noun,
) -> String {
    let plural = if language.of(number >= 2, number != 1) { "s" } else { "" };
    format!("{}\u{A0}{}{plural}", count(language, number), language.of(french, english))
}

/// A number with its decimal comma or point.
pub(in crate::night::paperwork) fn decimal(language: Language, number: f64) -> String {
    language.of(number.to_string().replace('.', ","), number.to_string())
}

/// `812 o`, `4,8 Mo`; `812 B`, `4.8 MB`: decimal units, one decimal digit.
pub(in crate::night::paperwork) fn size(language: Language, bytes: u64) -> String {
    let byte = language.of('o', 'B');
    if bytes < 1000 {
        return format!("{bytes}\u{A0}{byte}");
    }
    let mut unit: u128 = 1;
    let mut tenths = u128::MAX;
    let mut multiple = 'k';
    for name in ['k', 'M', 'G', 'T', 'P', 'E'] {
        unit *= 1000;
        tenths = (u128::from(bytes) * 10 + unit / 2) / unit;
        multiple = name;
        if tenths < 10_000 {
            break;
        }
    }
    let point = language.of(',', '.');
    format!("{}{point}{}\u{A0}{multiple}{byte}", tenths / 10, tenths % 10)
}
