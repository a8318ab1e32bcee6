//! Public keys without a certificate, with the ids to which lines of text bind them, and the days on which they sign.

use super::super::super::VerifyingKey;
use super::super::name::display_safe;
use jiff::civil::Date;
use thiserror::Error;

/// The start of a line that binds the next public key to an id: `2D-DOC: FR00/0001`.
const BINDING: &str = "2D-DOC:";

/// The start of a line with the first day on which the next public key signs: `2D-DOC from: 2026-11-28`.
const FROM: &str = "2D-DOC from:";

/// The start of a line with the last day on which the next public key signs: `2D-DOC until: 2028-11-27`.
const UNTIL: &str = "2D-DOC until:";

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
    /// The days on which it signs.
    pub(in crate::trust) days: SigningDays,
}

/// The first and the last day on which a key signs, as far as its file limits them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::trust) struct SigningDays {
    /// The first day.
    pub(in crate::trust) from: Option<Date>,
    /// The last day.
    pub(in crate::trust) until: Option<Date>,
}

impl SigningDays {
    /// Whether a day is one of them.
    pub(in crate::trust) fn hold(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// A line before a public key that can't be used.
#[derive(Debug, Error)]
pub(super) enum LineError {
    /// It starts with `2D-DOC:` and continues with no id.
    #[error("`{0}` binds the key to no id; write `2D-DOC: FR00/0001`")]
    Id(String),
    /// It starts with `2D-DOC from:` or `2D-DOC until:` and continues with no date.
    #[error("`{0}` names no day; write it as in `2D-DOC until: 2028-11-27`")]
    Day(String),
}

/// The ids to which the lines before a public key bind it, and the days to which they limit it. Other lines are ignored. Of
/// several limits the strictest counts.
///
/// # Errors
/// [`LineError`] for the first line that begins as one of these and does not continue so.
pub(super) fn read_lines(lines: &[&[u8]]) -> Result<(Vec<CertificateId>, SigningDays), LineError> {
    let (mut ids, mut days) = (Vec::new(), SigningDays::default());
    for line in lines {
        let line = String::from_utf8_lossy(line);
        let text = line.trim_start_matches(['#', ' ', '\t']);
        let day =
            |day: &str| day.trim().parse::<Date>().map_err(|_| LineError::Day(display_safe(line.trim())));
        if let Some(id) = text.strip_prefix(BINDING) {
            ids.push(certificate_id(id.trim()).ok_or_else(|| LineError::Id(display_safe(line.trim())))?);
        } else if let Some(from) = text.strip_prefix(FROM) {
            days.from = days.from.max(Some(day(from)?));
        } else if let Some(until) = text.strip_prefix(UNTIL) {
            let until = day(until)?;
            days.until = Some(days.until.map_or(until, |known| known.min(until)));
        }
    }
    Ok((ids, days))
}

fn certificate_id(id: &str) -> Option<CertificateId> {
    let is_id = |id: &str, lengths: &[usize]| {
        lengths.contains(&id.len()) && id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let (ca_id, id) = id.split_once('/').filter(|(ca_id, id)| is_id(ca_id, &[4]) && is_id(id, &[4, 5]))?;
    Some((ca_id.to_owned(), id.to_owned()))
}
