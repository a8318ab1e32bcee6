//! Lines of a French address as they could be written: what advice repeats, so that following it works.

use super::french::routing_fault;
use crate::country::Country;
use crate::text::postal_capitals;

/// Prefixes of postcodes in the French post, as some addresses have them (`F-67000`).
const FRENCH_PREFIXES: [&str; 4] = ["F", "FR", "FRA", "FRANCE"];

/// The distinguishing signs of neighbours that are not their ISO code.
const FOREIGN_SIGNS: [(&str, &str); 10] = [
    ("A", "AT"),
    ("B", "BE"),
    ("D", "DE"),
    ("E", "ES"),
    ("I", "IT"),
    ("L", "LU"),
    ("N", "NO"),
    ("P", "PT"),
    ("S", "SE"),
    ("UK", "GB"),
];

/// Line 4 or 5 in capitals without accents. Of several house numbers the first one stays, and `bis` becomes `B`
/// (`12/14`, `4 à 8`, `5 bis`: La Poste's rules).
pub(super) fn delivery_line(text: &str) -> String {
    let capitals = postal_capitals(text);
    let words: Vec<&str> = capitals.split(' ').collect();
    let separated = |from: usize| {
        text.get(from..).is_some_and(|rest| rest.trim_start().starts_with(['/', '-', '–', '&', '+']))
    };
    let number = words.first().filter(|word| is_house_number(word));
    let Some(number) = number else { return capitals };
    let joined = words.get(1).is_some_and(|word| matches!(*word, "A" | "ET" | "OU"));
    let is_number = |index: usize| words.get(index).is_some_and(|word| is_house_number(word));
    let rest = match () {
        () if joined && is_number(2) => 3,
        () if is_number(1) && separated(text.find(number).unwrap_or_default() + number.len()) => 2,
        () => 1,
    };
    let (index, rest) = match words.get(rest) {
        Some(&"BIS") => (" B", rest + 1),
        Some(&"TER") => (" T", rest + 1),
        Some(&"QUATER") => (" Q", rest + 1),
        _ => ("", rest),
    };
    let street = words.get(rest..).unwrap_or_default().join(" ");
    format!("{number}{index} {street}").trim_end().to_owned()
}

/// Up to four digits, perhaps with a letter: `12`, `12B`.
fn is_house_number(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_uppercase());
    (1..=4).contains(&digits.len())
        && word.len() - digits.len() <= 1
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A last line with its postcode put right: country's prefix off, digits together, a lost zero in front. `None` where the
/// result would still be faulty.
pub(super) fn routing_line(text: &str) -> Option<String> {
    let capitals = postal_capitals(text.strip_suffix(".0").unwrap_or(text));
    let line = strip_french_prefix(&capitals);
    let end = line.find(|c: char| c != ' ' && !c.is_ascii_digit())?;
    let (number, locality) = line.split_at(end);
    let digits: String = number.split(' ').collect();
    let postcode = match digits.len() {
        4 => format!("0{digits}"),
        5 => digits,
        // A spreadsheet wrote the postcode as a number with a fraction.
        6 if text.contains(".0") || text.contains(",0") => digits[..5].to_owned(),
        _ => return None,
    };
    let rewritten = format!("{postcode} {}", locality.trim());
    (routing_fault(&rewritten).is_none() && rewritten.len() <= super::MAX_CHARACTERS).then_some(rewritten)
}

fn strip_french_prefix(line: &str) -> &str {
    let (letters, rest) = split_prefix(line);
    let in_french_post = || Country::find(letters).is_ok_and(Country::in_french_post);
    match !letters.is_empty() && (FRENCH_PREFIXES.contains(&letters) || in_french_post()) {
        true => rest,
        false => line,
    }
}

/// The foreign country whose sign stands before a postcode: `D-10115 BERLIN`, `AD500`.
pub(super) fn prefix_country(text: &str) -> Option<Country> {
    let capitals = postal_capitals(text);
    let (letters, rest) = split_prefix(&capitals);
    if letters.is_empty() || FRENCH_PREFIXES.contains(&letters) || rest.is_empty() {
        return None;
    }
    let sign = FOREIGN_SIGNS.iter().find(|(sign, _)| *sign == letters).map(|(_, code)| *code);
    let country = Country::find(sign.unwrap_or(letters)).ok()?;
    (!country.in_french_post()).then_some(country)
}

/// A word of letters before digits, and the line from its first digit on. Without such a word, the line.
fn split_prefix(line: &str) -> (&str, &str) {
    let end = line.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(line.len());
    let rest = line[end..].trim_start();
    match rest.starts_with(|c: char| c.is_ascii_digit()) {
        true => (&line[..end], rest),
        false => ("", line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn house_numbers_by_the_rules() {
        for (text, wanted) in [
            ("12/14 RUE HAUTE", "12 RUE HAUTE"),
            ("12 - 14 rue Haute", "12 RUE HAUTE"),
            ("4 à 8 RUE HAUTE", "4 RUE HAUTE"),
            ("12B/14 RUE HAUTE", "12B RUE HAUTE"),
            ("5, bis rue Haute", "5 B RUE HAUTE"),
            ("5 ter, rue de l'Église", "5 T RUE DE L EGLISE"),
            ("9 RUE DU 8-MAI-1945", "9 RUE DU 8 MAI 1945"),
            ("2, 3 BLOC", "2 3 BLOC"),
            ("L'ÉGLISE", "L EGLISE"),
            ("???", ""),
        ] {
            assert_eq!(delivery_line(text), wanted, "{text}");
        }
    }

    #[test]
    fn postcodes_put_right() {
        for (text, wanted) in [
            ("F-67000 STRASBOURG", Some("67000 STRASBOURG")),
            ("F 67000 STRASBOURG", Some("67000 STRASBOURG")),
            ("FR67000 Strasbourg", Some("67000 STRASBOURG")),
            ("MC-98000 MONACO", Some("98000 MONACO")),
            ("63000.0 CLERMONT FERRAND", Some("63000 CLERMONT FERRAND")),
            ("75 015 PARIS", Some("75015 PARIS")),
            ("75015PARIS", Some("75015 PARIS")),
            ("1000 BOURG-EN-BRESSE", Some("01000 BOURG EN BRESSE")),
            ("RE-97400 ST DENIS", Some("97400 ST DENIS")),
            ("PARIS", None),
            ("750155 PARIS", None),
            ("75015", None),
        ] {
            assert_eq!(routing_line(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn countries_before_postcodes() {
        let code = |text| prefix_country(text).map(Country::code);
        assert_eq!(code("D-10115 BERLIN"), Some("DE"));
        assert_eq!(code("AD500 ANDORRE LA VIEILLE"), Some("AD"));
        assert_eq!(code("CH 1200 GENEVE"), Some("CH"));
        for text in ["F-67000 STRASBOURG", "MC 98000 MONACO", "75015 PARIS", "PARIS 15", "SP 00800 ARMEES"] {
            assert_eq!(code(text), None, "{text}");
        }
    }
}
