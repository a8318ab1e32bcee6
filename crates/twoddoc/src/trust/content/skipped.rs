//! The parts of files that are not used, and what they are instead.

use super::super::der::ObjectKind;
use super::super::name::display_safe_within;
use super::{PEM_BEGIN, contains};

const PRIVATE_KEY: &str = "a private key or a sealed store of keys, which has no place in a trust folder";

/// A file, or a part of one, that is not used.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::trust) struct Skipped {
    /// What it is instead.
    pub(in crate::trust) reason: String,
    /// Whether it may contain certificates or revocation lists in a format that is not supported.
    pub(in crate::trust) notable: bool,
}

impl Skipped {
    /// Something that contains no certificates or lists.
    pub(super) fn irrelevant(reason: impl Into<String>) -> Skipped {
        Skipped { reason: reason.into(), notable: false }
    }

    /// Something that may contain certificates or lists.
    pub(super) fn notable(reason: impl Into<String>) -> Skipped {
        Skipped { reason: reason.into(), notable: true }
    }

    /// A private key, or a store of keys.
    pub(super) fn private_key() -> Skipped {
        Skipped::irrelevant(PRIVATE_KEY)
    }

    /// A file in which nothing was recognised.
    pub(super) fn file(text: &[u8]) -> Skipped {
        if text.is_empty() {
            Skipped::irrelevant("it is empty")
        } else if text.starts_with(b"age-encryption.org/") {
            Skipped::irrelevant("a file sealed with age")
        } else if contains(text, b"AGE-SECRET-KEY-") {
            Skipped::irrelevant("an age identity, which is a secret and has no place in a trust folder")
        } else if text.starts_with(b"age1") {
            Skipped::irrelevant("an age recipient: files are sealed to it, codes are not signed with it")
        } else if text.starts_with(b"MII") || contains(text, PEM_BEGIN) {
            Skipped::notable("it looks like a certificate or a list in PEM or Base64, and is damaged")
        } else if text.starts_with(b"\x30\x80") {
            Skipped::notable("BER without lengths, which may hold certificates or lists; only DER is read")
        } else {
            Skipped::irrelevant("neither certificate, public key, trust list nor revocation list")
        }
    }

    /// A PEM block whose label is not one of those read.
    pub(super) fn block(label: &str) -> Skipped {
        let shown = display_safe_within(label, 60);
        match label {
            "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => {
                Skipped::notable("PKCS#7; `openssl pkcs7 -print_certs` takes its certificates out")
            }
            "TRUSTED CERTIFICATE" => {
                Skipped::notable(format!("`{shown}`; `openssl x509` makes a `CERTIFICATE` of it"))
            }
            _ if label.ends_with("PARAMETERS") || label.ends_with("REQUEST") => {
                Skipped::irrelevant(format!("`{shown}` is nothing of trust"))
            }
            _ if label.starts_with("AGE ") || label.contains("SSH") => {
                Skipped::irrelevant(format!("`{shown}` is nothing of trust"))
            }
            _ => Skipped::notable(format!(
                "`{shown}` is not read; certificates are `CERTIFICATE`, revocation lists `X509 CRL`, keys `PUBLIC KEY`"
            )),
        }
    }

    /// A DER object of a kind that is not used; `None` if its kind is used or unknown.
    pub(super) fn object(kind: ObjectKind) -> Option<Skipped> {
        match kind {
            ObjectKind::PrivateKey => Some(Skipped::private_key()),
            ObjectKind::Pkcs12 => {
                Some(Skipped::notable("PKCS#12; `openssl pkcs12 -nokeys` takes its certificates out"))
            }
            ObjectKind::Request => Some(Skipped::irrelevant("a request for a certificate")),
            ObjectKind::Cms => Some(Skipped::notable(
                "PKCS#7; `openssl pkcs7 -inform der -print_certs` takes its certificates out",
            )),
            ObjectKind::Certificate
            | ObjectKind::RevocationList
            | ObjectKind::PublicKey
            | ObjectKind::Unknown => None,
        }
    }
}
