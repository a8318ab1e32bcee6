//! Values whose written form is not what people read and programs work with.

use std::fmt;

use super::base32;
use super::date::from_hex_days;
use super::identifiers::DataIdentifier;
use serde::Serialize;

/// A value, decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
#[non_exhaustive]
pub enum DecodedValue {
    /// A date `2026-11-20`, with `00` for an unknown day or month; a time `08:30` or `08:30:15`; a date with a time
    /// `2026-11-20T08:30`; a URL.
    Text(String),
    /// A number that is written in hexadecimal or in base 36.
    Number(u32),
    /// The lines of an address, or the parts of a name, which are written with `/` between them.
    Parts(Vec<String>),
}

impl fmt::Display for DecodedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodedValue::Text(text) => f.write_str(text),
            DecodedValue::Number(number) => write!(f, "{number}"),
            DecodedValue::Parts(parts) => f.write_str(&parts.join(", ")),
        }
    }
}

/// Identifiers of numbers in hexadecimal: delay of a transport in hours, emission of CO2, academic year.
const HEXADECIMAL: [&str; 3] = ["7H", "A7", "BF"];

/// Identifiers of numbers in base 36: points of a driving licence.
const BASE_36: [&str; 2] = ["AF", "AG"];

/// Decodes a value of an identifier; `None` where the written form is the value, or does not decode.
pub(super) fn decode(identifier: &DataIdentifier, value: &str) -> Option<DecodedValue> {
    let id = identifier.id;
    if !value.is_ascii() {
        return None;
    }
    if id == "0C" {
        return String::from_utf8(base32::decode(value.as_bytes())?).ok().map(DecodedValue::Text);
    }
    if let Some(radix) =
        HEXADECIMAL.contains(&id).then_some(16).or_else(|| BASE_36.contains(&id).then_some(36))
    {
        let conforms = value.len() == identifier.min_length();
        return u32::from_str_radix(value, radix).ok().filter(|_| conforms).map(DecodedValue::Number);
    }
    if identifier.truncatable && identifier.alphabet.contains('/') && !id.starts_with('L') {
        let parts = value.contains('/').then(|| value.split('/').map(str::to_owned).collect());
        return parts.map(DecodedValue::Parts);
    }
    let named = |words: &[&str]| words.iter().any(|word| identifier.name.contains(word));
    if !identifier.is_fixed() || value.len() != identifier.min_length() {
        return None;
    }
    let text = match value.len() {
        4 if id == "AE" => time(value),
        6 if id == "07" => time(value),
        4 if named(&["Date", "Début de période", "Fin de période"]) => {
            from_hex_days(value).ok().flatten().map(|day| day.to_string())
        }
        8 if named(&["Date"]) => date(value),
        12 if named(&["Date"]) => Some(format!("{}T{}", date(value.get(..8)?)?, time(value.get(8..)?)?)),
        _ => None,
    };
    text.map(DecodedValue::Text)
}

/// `JJMMAAAA` as `AAAA-MM-JJ`.
fn date(value: &str) -> Option<String> {
    let (day, month, year) = (value.get(..2)?, value.get(2..4)?, value.get(4..)?);
    let at_most = |digits: &str, most: u32| digits.parse::<u32>().is_ok_and(|number| number <= most);
    let plausible = value.bytes().all(|c| c.is_ascii_digit()) && at_most(day, 31) && at_most(month, 12);
    plausible.then(|| format!("{year}-{month}-{day}"))
}

/// `HHMM` or `HHMMSS` with colons.
fn time(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.as_bytes().chunks(2).filter_map(|part| str::from_utf8(part).ok()).collect();
    let at_most = |digits: &&str, most: u32| digits.parse::<u32>().is_ok_and(|number| number <= most);
    let digits = value.bytes().all(|c| c.is_ascii_digit());
    let plausible = parts.iter().zip([23, 59, 59]).all(|(part, most)| at_most(part, most));
    (digits && plausible).then(|| parts.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(id: &str, value: &str) -> Option<String> {
        DataIdentifier::find(id).unwrap().decode_value(value).map(|decoded| decoded.to_string())
    }

    #[test]
    fn dates_times_numbers_urls_and_parts_are_decoded() {
        let url = "NB2WS43TNFSXELLKOVZXI2LDMUXGM4RPGE4DSNRVGQ3TQNJTIFBA";
        for (id, value, decoded) in [
            ("36", "111E", "2011-12-31"),
            ("53", "265C", "2026-11-20"),
            ("69", "00001970", "1970-00-00"),
            ("71", "200420260830", "2026-04-20T08:30"),
            ("07", "083015", "08:30:15"),
            ("AE", "0830", "08:30"),
            ("A7", "082", "130"),
            ("BF", "7E0", "2016"),
            ("AG", "C", "12"),
            ("4Y", "1 RUE DES ESSAIS/75001/PARIS", "1 RUE DES ESSAIS, 75001, PARIS"),
            ("10", "MME/MARTIN/ZOE", "MME, MARTIN, ZOE"),
            ("0C", url, "huissier-justice.fr/1896547853AB"),
        ] {
            assert_eq!(shown(id, value).as_deref(), Some(decoded), "{id}");
        }
    }

    #[test]
    fn what_is_no_such_value_stays() {
        for (id, value) in [
            ("82", "2400"),
            ("AN", "00120000"),
            ("08", "FFFF"),
            ("69", "0000197"),
            ("69", "32131970"),
            ("71", "200420262560"),
            ("A7", "08"),
            ("0C", "1"),
            ("60", "ZOE"),
            ("L3", "A/B"),
            ("45", "2025"),
        ] {
            assert_eq!(shown(id, value), None, "{id} {value}");
        }
    }
}
