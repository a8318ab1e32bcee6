//! Header versions.

use super::header::HeaderError;
use serde::Serialize;
use std::fmt;

/// Version of the header, not of the specification. Specification 3.0.0 introduced header version 04.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(into = "u8")]
pub enum Version {
    /// Raw signature bytes. Must not be issued any more (S326 p. 9).
    V01 = 1,
    /// Signature in Base32.
    V02 = 2,
    /// Adds the perimeter.
    V03 = 3,
    /// Adds the issuing country and the annex.
    V04 = 4,
}

impl Version {
    /// Length of the header, in characters (S326 p. 17-19).
    pub(super) fn header_length(self) -> usize {
        match self {
            Version::V01 | Version::V02 => 22,
            Version::V03 => 24,
            Version::V04 => 26,
        }
    }

    pub(super) fn of_characters(characters: &str) -> Result<Version, HeaderError> {
        match characters {
            "01" => Ok(Version::V01),
            "02" => Ok(Version::V02),
            "03" => Ok(Version::V03),
            "04" => Ok(Version::V04),
            other => Err(HeaderError::Version(other.to_owned())),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}", *self as u8)
    }
}

impl From<Version> for u8 {
    fn from(version: Version) -> u8 {
        version as u8
    }
}
