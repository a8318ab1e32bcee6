//! Lines 4 to 6 of a French address: characters, postcode, locality, CEDEX (NF Z 10-011).
//!
//! Lines 1 to 3 are free text and are not checked here, nor is any line of an address abroad.

use super::fault::{AddressFault, AddressWarning, LINES};
use super::rewriting::{delivery_line, prefix_country, routing_line};
use crate::country::Country;
use crate::text::is_latin_letter;
use foreign::is_unprintable;

/// The word that marks a company mail office.
const CEDEX: &str = "CEDEX";

/// The faults of lines 4 to 6.
pub(super) fn faults(lines: &[String; LINES]) -> Vec<AddressFault> {
    let delivery = |c: char| is_latin_letter(c) || c.is_ascii_digit() || c == ' ';
    let mut faults = Vec::new();
    for (line, text) in [(4, &lines[3]), (5, &lines[4])] {
        faults.extend(wrong_character(line, text, delivery, delivery_line));
    }
    let last = &lines[LINES - 1];
    let routing = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ';
    match wrong_character(LINES, last, routing, |text| routing_line(text).unwrap_or_default()) {
        Some(fault) => faults.push(fault),
        None if last.is_empty() => {}
        None => faults.extend(routing_fault(last)),
    }
    faults
}

/// The first printable character that the line may not hold. Unprintable ones have a fault of their own.
fn wrong_character(
    line: usize,
    text: &str,
    allowed: impl Fn(char) -> bool,
    rewrite: impl Fn(&str) -> String,
) -> Option<AddressFault> {
    let found = text.chars().zip(1..).find(|(c, _)| !allowed(*c) && !is_unprintable(*c));
    let (character, position) = found?;
    // A country's prefix is a matter of the postcode, whatever follows it.
    if line == LINES && prefix_country(text).is_some() {
        return Some(postcode_missing(text));
    }
    Some(AddressFault::Character { line, character, position, instead: rewrite(text) })
}

fn postcode_missing(text: &str) -> AddressFault {
    let instead = routing_line(text).unwrap_or_default();
    AddressFault::PostcodeMissing { text: text.to_owned(), instead, abroad: prefix_country(text) }
}

/// The fault of the routing line, which is a postcode, a space, a locality and perhaps CEDEX.
pub(super) fn routing_fault(line: &str) -> Option<AddressFault> {
    let (postcode, locality) = line.split_once(' ').unwrap_or((line, ""));
    if postcode.len() != 5 || !postcode.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(postcode_missing(line));
    }
    if !postcode_exists(postcode, locality) {
        return Some(AddressFault::PostcodeUnknown(postcode.to_owned()));
    }
    if !locality.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(AddressFault::LocalityMissing(line.to_owned()));
    }
    if cedex_is_last(locality) { None } else { Some(AddressFault::Cedex(line.to_owned())) }
}

/// Whether five digits lie in a range that La Poste uses: 00 (armed forces, but not 00000), 01 to 95, overseas 971 to 978,
/// in the Pacific and Monaco 980, 984, 986 to 988. Corsica has 200, 201, 202 and 206, and further ranges of CEDEX offices.
fn postcode_exists(postcode: &str, locality: &str) -> bool {
    let number: u32 = postcode.parse().unwrap_or_default();
    match number / 1000 {
        0 => number > 0,
        20 => matches!(number / 100, 200 | 201 | 202 | 206) || is_cedex(locality),
        1..=95 => true,
        97 => (971..=978).contains(&(number / 100)),
        98 => matches!(number / 100, 980 | 984 | 986..=988),
        _ => false,
    }
}

/// Whether a locality is a CEDEX office.
pub(super) fn is_cedex(locality: &str) -> bool {
    locality.split(' ').any(|word| word == CEDEX)
}

/// Whether CEDEX is absent, or follows the post office and ends the line, alone or with a number of one or two digits.
fn cedex_is_last(locality: &str) -> bool {
    let words: Vec<&str> = locality.split(' ').collect();
    let Some(index) = words.iter().position(|word| word.starts_with(CEDEX)) else {
        return true;
    };
    let number = |word: &str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    words[index] == CEDEX
        && index > 0
        && match &words[index + 1..] {
            [] => true,
            [word] => number(word),
            _ => false,
        }
}

/// What La Poste advises against in a French address.
pub(super) fn warnings(lines: &[String; LINES], country: Country) -> Vec<AddressWarning> {
    let plain = |text: &str| text.chars().all(|c| !is_latin_letter(c) || c.is_ascii_uppercase());
    let mut warnings: Vec<AddressWarning> = [(4, &lines[3]), (5, &lines[4])]
        .into_iter()
        .filter(|(_, text)| !plain(text))
        .map(|(line, text)| AddressWarning::NotCapitals { line, instead: delivery_line(text) })
        .collect();
    if let Some(postcode) = lines[LINES - 1].get(..5).filter(|postcode| !country.has_postcode(postcode)) {
        warnings
            .push(AddressWarning::CountryMismatch { postcode: postcode.to_owned(), country: country.name() });
    }
    warnings
}
