//! The header (S326 §3.3): versions 01 to 04 in C40 characters. The module `binary` parses the binary form.

use super::binary;
use super::date::{DateError, from_hex_days, to_hex_days};
use super::fields::characters;
use super::version::Version;
use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;

/// First byte of a binary code.
pub(super) const BINARY_MARK: u8 = 0xDC;

/// The header of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Header {
    /// Version of the header.
    pub version: Version,
    /// Id of the certification authority: country and two characters. Ids that end with `00` are for tests.
    pub ca_id: String,
    /// Id of the certificate that verifies the signature, within the authority. `0000` is for tests.
    pub certificate_id: String,
    /// Day the document was issued; `None` if it is undated (`FFFF`).
    pub emission_date: Option<Date>,
    /// Day it was signed. The specification requires it; codes without it exist.
    pub signature_date: Option<Date>,
    /// Code of the [`DocumentType`](super::DocumentType).
    pub document_type: String,
    /// Perimeter of the document type, from version 03 on. `01` is the national one.
    pub perimeter: Option<String>,
    /// Issuing country, from version 04 on: two letters; in binary, three.
    pub country: Option<String>,
}

/// A header that can't be read, or can't be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The text does not start with `DC` and a version.
    #[error("the code does not begin with `DC` and a version: it is no 2D-DOC")]
    NotTwoDDoc,
    /// The header version is unknown.
    #[error("header version `{0}` is unknown")]
    Version(String),
    /// The text is shorter than the header.
    #[error("the header has {needed} characters and only {found} are there")]
    Short {
        /// Length of the header.
        needed: usize,
        /// Length of the text.
        found: usize,
    },
    /// A part has the wrong length or characters.
    #[error("`{value}` is no {part}")]
    Part {
        /// Which part.
        part: &'static str,
        /// Its value.
        value: String,
    },
    /// A date is malformed or out of range.
    #[error("{part}: {source}")]
    Date {
        /// Which date.
        part: &'static str,
        /// The error.
        source: DateError,
    },
    /// A part that this version requires is missing, or one that it does not have is present.
    #[error("header version {version} does not go with {part}")]
    Presence {
        /// The version to write.
        version: Version,
        /// The part: `no country`, `a perimeter`.
        part: &'static str,
    },
}

impl Header {
    /// A header of version 04, perimeter `01`, country `FR`, without a date of issue.
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

    /// Formats the header in C40 characters.
    ///
    /// # Errors
    /// All of them at once: [`HeaderError::Part`] for a malformed part, [`HeaderError::Date`] for a date out of range,
    /// [`HeaderError::Presence`] for a part that is missing or does not belong to the version, and for version 01, which
    /// must not be issued any more.
    pub fn to_text(&self) -> Result<String, Vec<HeaderError>> {
        let mut faults = self.presence_errors();
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

    /// The errors for parts that the version requires and the header lacks, or the other way round.
    fn presence_errors(&self) -> Vec<HeaderError> {
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

    /// Parses the header at the start of a code, in C40 or binary; returns it and its length.
    ///
    /// # Errors
    /// The first error: `NotTwoDDoc`, `Version`, `Short`, `Part` or `Date`.
    pub(super) fn parse(code: &[u8]) -> Result<(Header, usize), HeaderError> {
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

    /// Splits a whole header, ASCII and of its version's length, into its parts.
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

/// Checks a part: `length` characters of `A-Z0-9`, of which the first `letters` are letters.
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
    fn malformed_parts_are_refused() {
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
    fn a_header_that_would_be_read_differently_is_an_error() {
        let valid = Header::v04("FR00", "0001", "P1", date(2026, 11, 23));
        assert_eq!(valid.to_text().unwrap(), "DC04FR000001FFFF265FP101FR");
        for break_it in [
            |h: &mut Header| h.ca_id = "FR0".into(),
            |h: &mut Header| h.country = Some("FRA".into()),
            |h: &mut Header| h.country = None,
            |h: &mut Header| h.version = Version::V03,
            |h: &mut Header| h.signature_date = None,
            |h: &mut Header| h.emission_date = Some(date(1999, 1, 1)),
            |h: &mut Header| h.document_type = "p1".into(),
        ] {
            let mut header = valid.clone();
            break_it(&mut header);
            assert!(header.to_text().is_err(), "{header:?}");
        }
    }
}
