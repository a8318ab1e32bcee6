//! Public keys without a certificate, and the ids to which lines of text bind them.

use super::super::super::VerifyingKey;
use super::super::name::display_safe;
use thiserror::Error;

/// The start of a line that binds the next public key to an id: `2D-DOC: FR00/0001`.
const BINDING: &str = "2D-DOC:";

/// An authority id and a certificate id.
pub(in crate::trust) type CertificateId = (String, String);

/// A public key without a certificate.
#[derive(Debug)]
pub(in crate::trust) struct PublicKey {
    /// The key.
    pub(in crate::trust) key: VerifyingKey,
    /// SubjectPublicKeyInfo in DER.
    pub(in crate::trust) key_info: Vec<u8>,
    /// The ids to which the file binds it.
    pub(in crate::trust) ids: Vec<CertificateId>,
}

/// A line that starts with `2D-DOC:` and continues with no id.
#[derive(Debug, Error)]
#[error("`{0}` binds the key to no id; write `2D-DOC: FR00/0001`")]
pub(super) struct BindingError(String);

/// The ids to which the lines before a public key bind it. Other lines are ignored.
///
/// # Errors
/// [`BindingError`] for the first line that starts with `2D-DOC:` and continues with no id.
pub(super) fn bound_ids(lines: &[&[u8]]) -> Result<Vec<CertificateId>, BindingError> {
    lines.iter().filter_map(|line| bound_id(line)).collect()
}

fn bound_id(line: &[u8]) -> Option<Result<CertificateId, BindingError>> {
    let line = String::from_utf8_lossy(line);
    let id = line.trim_start_matches(['#', ' ', '\t']).strip_prefix(BINDING)?.trim();
    let is_id = |id: &str, lengths: &[usize]| {
        lengths.contains(&id.len()) && id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let parts = id.split_once('/').filter(|(ca_id, id)| is_id(ca_id, &[4]) && is_id(id, &[4, 5]));
    Some(match parts {
        Some((ca_id, id)) => Ok((ca_id.to_owned(), id.to_owned())),
        None => Err(BindingError(display_safe(line.trim()))),
    })
}
