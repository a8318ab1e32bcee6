//! Plain Ed25519 signatures, for senders without minisign: a short text that names file, night and SHA-256, and its signature.
//!
//! ```text
//! pli-signature 1
//! file: cards.csv
//! night: 2026-11-20
//! sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//! signature: BASE64
//! ```
//!
//! The signature is over all bytes before its own line, the line feed before it included (RFC 8032, not prehashed).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;

use super::SignatureFault;

/// The first line.
const FIRST_LINE: &str = "pli-signature 1\n";
/// The beginning of the last line, with the end of the one before.
const LAST_LINE: &str = "\nsignature: ";

/// A statement as its file has it.
#[derive(Debug)]
pub(super) struct Statement<'t> {
    /// The bytes that are signed.
    pub(super) signed: &'t str,
    /// The signature.
    pub(super) signature: Vec<u8>,
    /// The file's name.
    pub(super) file: &'t str,
    /// The night.
    pub(super) night: Date,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub(super) sha256: &'t str,
}

impl Statement<'_> {
    /// Reads a signature file.
    ///
    /// # Errors
    /// [`SignatureFault::Malformed`].
    pub(super) fn parse(text: &str) -> Result<Statement<'_>, SignatureFault> {
        parse(text).ok_or(SignatureFault::Malformed(
            "it has the five lines `pli-signature 1`, `file:`, `night:`, `sha256:` and `signature:`, each ended by a line feed",
        ))
    }
}

fn parse(text: &str) -> Option<Statement<'_>> {
    let (statement, signature) = text.split_once(LAST_LINE)?;
    let signed = &text[..=statement.len()];
    let mut lines = statement.strip_prefix(FIRST_LINE)?.split('\n');
    let mut field = |key: &str| lines.next()?.strip_prefix(key);
    let (file, night, sha256) = (field("file: ")?, field("night: ")?, field("sha256: ")?);
    let whole = lines.next().is_none() && !text.contains('\r');
    let signature = STANDARD.decode(signature.trim_end_matches('\n')).ok()?;
    let night = night.parse().ok()?;
    whole.then_some(Statement { signed, signature, file, night, sha256 })
}
