//! The header: S326 §3.3, versions 01 to 04, in C40 characters.
//!
//! Takes and gives a [`Header`]; the binary form of version 04 is read by `binary`.

use super::binary;
use super::date::{DateError, from_hex_days, to_hex_days};
use super::fields::characters;
use super::version::Version;
use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;

/// The first byte of a code in binary.
pub(super) const BINARY_MARK: u8 = 0xDC;

/// What stands before the fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Header {
    /// Version of the header.
    pub version: Version,
    /// Certification authority: country and two characters. `XX00` is a test authority.
    pub ca_id: String,
    /// Certificate that verifies the signature, within the authority; `0000` is kept for tests.
    pub certificate_id: String,
    /// Day the document was issued; `None` is `FFFF`.
    pub emission_date: Option<Date>,
    /// Day it was signed. The specification knows no code without it, readers meet some.
    pub signature_date: Option<Date>,
    /// Document type: see [`DocumentType`](super::DocumentType).
    pub document_type: String,
    /// Perimeter of the type, from version 03; `01` is the national one.
    pub perimeter: Option<String>,
    /// Issuing country, from version 04: two letters, three in the binary form.
    pub country: Option<String>,
}

/// A header that can't be read, or can't be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The text does not begin as a 2D-DOC.
    #[error("the code does not begin with `DC` and a version: it is no 2D-DOC")]
    NotTwoDDoc,
    /// A version that no specification has.
    #[error("header version `{0}` is unknown")]
    Version(String),
    /// The text ends within the header.
    #[error("the header has {needed} characters and only {found} are there")]
    Short {
        /// Its length.
        needed: usize,
        /// What is there.
        found: usize,
    },
    /// A part that breaks its form.
    #[error("`{value}` is no {part}")]
    Part {
        /// Which part.
        part: &'static str,
        /// What stands there.
        value: String,
    },
    /// A date that is none, or out of range.
    #[error("{part}: {source}")]
    Date {
        /// Which date.
        part: &'static str,
        /// Why.
        source: DateError,
    },
    /// A part that this version needs, or has no place for.
    #[error("header version {version} does not go with {part}")]
    Presence {
        /// The version to write.
        version: Version,
        /// What is there or is not: "no country".
        part: &'static str,
    },
}

impl Header {
    /// A header of version 04 of perimeter 01 and country `FR`, without a date of emission.
    #[must_use]
    pub fn v04(ca_id: &str, certificate_id: &str, document_type: &str, signature_date: Date) -> Header {
        Header {
            version: Version::V04,
            ca_id: ca_id.to_owned(),
            certificate_id: certificate_id.to_owned(),
            emission_date: None,
            signature_date: Some(signature_date),
            document_type: document_type.to_owned(),
            perimeter: Some("01".to_owned()),
            country: Some("FR".to_owned()),
        }
    }

    /// Writes the header in C40 characters.
    ///
    /// # Errors
    /// Every part that breaks its form, is missing from its version, or does not belong to it; version 01 must not
    /// be issued any more.
    pub fn to_text(&self) -> Result<String, Vec<HeaderError>> {
        let mut faults = self.absences();
        let mut text = format!("DC{}", self.version);
        let mut write = |written: Result<String, HeaderError>| match written {
            Ok(part) => text += &part,
            Err(fault) => faults.push(fault),
        };
        write(part("certification authority", &self.ca_id, 4, 2));
        write(part("certificate id", &self.certificate_id, 4, 0));
        write(to_hex_days(self.emission_date).map_err(|fault| date_error("emission date", fault)));
        write(to_hex_days(self.signature_date).map_err(|fault| date_error("signature date", fault)));
        write(part("document type", &self.document_type, 2, 0));
        if let Some(perimeter) = &self.perimeter {
            write(part("perimeter", perimeter, 2, 0));
        }
        if let Some(country) = &self.country {
            write(part("country", country, 2, 2));
        }
        if faults.is_empty() { Ok(text) } else { Err(faults) }
    }

    /// The parts of its version that the header lacks, and those that have no place in it.
    fn absences(&self) -> Vec<HeaderError> {
        let version = self.version;
        let (perimeter, country) = (self.perimeter.is_some(), self.country.is_some());
        let wrong = [
            ("a new code", version == Version::V01),
            ("no signature date", self.signature_date.is_none()),
            ("a perimeter", perimeter && version < Version::V03),
            ("no perimeter", !perimeter && version >= Version::V03),
            ("a country", country && version < Version::V04),
            ("no country", !country && version >= Version::V04),
        ];
        let wrong = wrong.into_iter().filter(|(_, wrong)| *wrong);
        wrong.map(|(part, _)| HeaderError::Presence { version, part }).collect()
    }

    /// Reads the header at the beginning of a code, in C40 characters or in binary, and says how long
    /// it is.
    ///
    /// # Errors
    /// [`HeaderError`]: not a 2D-DOC, unknown version, too short, or the first part that breaks its form.
    pub fn parse(code: &[u8]) -> Result<(Header, usize), HeaderError> {
        if code.first() == Some(&BINARY_MARK) {
            return binary::parse_header(code);
        }
        let Some(version) = code.strip_prefix(b"DC").and_then(|rest| rest.get(..2)) else {
            return Err(HeaderError::NotTwoDDoc);
        };
        let version = Version::of_characters(&String::from_utf8_lossy(version))?;
        let (needed, found) = (version.header_length(), code.len());
        let short = HeaderError::Short { needed, found };
        let text = characters(code.get(..needed).ok_or(short)?);
        if !text.is_ascii() {
            return Err(part_error("header", &text));
        }
        Ok((Header::of_characters(version, &text)?, needed))
    }

    /// Takes the characters of a whole header, all ASCII and as many as its version has, apart.
    fn of_characters(version: Version, text: &str) -> Result<Header, HeaderError> {
        let day = |part, digits: &str| from_hex_days(digits).map_err(|fault| date_error(part, fault));
        let (perimeter, country) = (text.get(22..24), text.get(24..26));
        Ok(Header {
            version,
            ca_id: part("certification authority", &text[4..8], 4, 2)?,
            certificate_id: part("certificate id", &text[8..12], 4, 0)?,
            emission_date: day("emission date", &text[12..16])?,
            signature_date: day("signature date", &text[16..20])?,
            document_type: part("document type", &text[20..22], 2, 0)?,
            perimeter: perimeter.map(|text| part("perimeter", text, 2, 0)).transpose()?,
            country: country.map(|text| part("country", text, 2, 2)).transpose()?,
        })
    }
}

/// A part of `length` characters in [A-Z0-9], of which the first `letters` are letters.
fn part(name: &'static str, value: &str, length: usize, letters: usize) -> Result<String, HeaderError> {
    let fits = |(index, c): (usize, u8)| c.is_ascii_uppercase() || index >= letters && c.is_ascii_digit();
    match value.len() == length && value.bytes().enumerate().all(fits) {
        true => Ok(value.to_owned()),
        false => Err(part_error(name, value)),
    }
}

fn part_error(part: &'static str, value: &str) -> HeaderError {
    let value = value.to_owned();
    HeaderError::Part { part, value }
}

fn date_error(part: &'static str, source: DateError) -> HeaderError {
    HeaderError::Date { part, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const EXAMPLES: [&str; 3] =
        ["DC02FR0AXT4A0E840E8A01", "DC03FR0AXT4A0E840E8A0101", "DC04FR0AXT4A0E840E8A0101FR"];

    #[test]
    fn examples_of_the_specification_are_read_and_written() {
        for (text, length) in EXAMPLES.into_iter().zip([22, 24, 26]) {
            let (header, read) = Header::parse(text.as_bytes()).unwrap();
            assert_eq!(read, length);
            assert_eq!((header.ca_id.as_str(), header.certificate_id.as_str()), ("FR0A", "XT4A"));
            assert_eq!(header.emission_date, Some(date(2010, 3, 5)));
            assert_eq!(header.signature_date, Some(date(2010, 3, 11)));
            assert_eq!(header.perimeter.is_some(), length > 22);
            assert_eq!(header.country.is_some(), length > 24);
            assert_eq!(header.to_text().unwrap(), text);
        }
    }

    #[test]
    fn version_01_is_read_and_not_written() {
        let (header, _) = Header::parse(b"DC01FR0AXT4AFFFF0E8A01").unwrap();
        assert_eq!((header.version, header.emission_date), (Version::V01, None));
        assert!(matches!(&header.to_text().unwrap_err()[0], HeaderError::Presence { .. }));
    }

    #[test]
    fn parts_must_keep_their_form() {
        for text in [
            "",
            "D",
            "DC",
            "DC0",
            "DC05FR0AXT4A0E840E8A0101FR",
            "DC04FR0AXT4A0E840E8A0101F",
            "DC04F10AXT4A0E840E8A0101FR",
            "DC04FR0aXT4A0E840E8A0101FR",
            "DC04FR0AXT4A0E8G0E8A0101FR",
            "DC04FR0AXT4A0E840E8A0 01FR",
            "DC04FR0AXT4A0E840E8A0101F1",
            "DC04éR0AXT4A0E840E8A0101FR",
        ] {
            assert!(Header::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_header_that_would_read_differently_is_not_written() {
        let sound = Header::v04("FR00", "0001", "P1", date(2026, 11, 23));
        assert_eq!(sound.to_text().unwrap(), "DC04FR000001FFFF265FP101FR");
        for break_it in [
            |h: &mut Header| h.ca_id = "FR0".into(),
            |h: &mut Header| h.country = Some("FRA".into()),
            |h: &mut Header| h.country = None,
            |h: &mut Header| h.version = Version::V03,
            |h: &mut Header| h.signature_date = None,
            |h: &mut Header| h.emission_date = Some(date(1999, 1, 1)),
            |h: &mut Header| h.document_type = "p1".into(),
        ] {
            let mut header = sound.clone();
            break_it(&mut header);
            assert!(header.to_text().is_err(), "{header:?}");
        }
    }
}
