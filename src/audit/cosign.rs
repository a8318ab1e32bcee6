//! Cosignatures: an approver signs the head of a closed day, which anchors the log up to there.

use jiff::civil::Date;
use twoddoc::SigningKey;

use super::day::{Days, file_of, read_head};
use super::head::Head;
use super::note::{NoteKey, Signed};
use super::{Against, AuditPlace, Checkpoint, HEAD, log, stamp, verify};
use crate::failure::Failure;
use crate::files::{sync_folders, write_private};

/// Adds the signature of `key` to the head of a day, or of the newest closed day. The whole log is verified first, also against what
/// the ledger knows of it: nobody signs what is broken.
///
/// # Errors
/// `audit_broken`; `audit_day`: there is no such closed day; those of the keys; I/O errors.
pub(crate) fn cosign(
    place: &AuditPlace,
    day: Option<Date>,
    key: &SigningKey,
    public: &NoteKey,
    ledger: Option<Checkpoint>,
) -> Result<Head, Failure> {
    let (_, own) = place.signer()?;
    let _lock = log::lock(&place.folder)?;
    let mut against = Against { kept: stamp::kept(&place.stamp)?, ..Against::default() };
    against.kept.extend(ledger.map(|head| ("the ledger", head)));
    if let Some(fault) = verify(&place.folder, &own, &against)?.faults.first() {
        return Err(log::broken(&place.folder.join(&fault.file), &fault.message));
    }
    let days = Days::of(&place.folder)?;
    let closed = days.days.keys().rev().filter(|found| day.is_none_or(|day| day == **found));
    let mut found = None;
    for day in closed {
        found = read_head(&file_of(&place.folder, *day, HEAD))?.filter(|(_, head)| head.closed);
        if found.is_some() {
            break;
        }
    }
    let (mut note, head) = found.ok_or_else(|| {
        Failure::usage("audit_day", "no such day of the audit log is closed")
            .in_file(place.folder.display())
            .with_advice("a day is closed by the first act of a later day (UTC); name an earlier day")
    })?;
    if note.signed_by(public) != Signed::Yes {
        note.sign(key, public).map_err(|error| {
            Failure::midway("audit_unsigned", format!("the key does not sign: {error}"))
                .with_advice("see that the token is there, then run the same command again")
        })?;
        write_private(&file_of(&place.folder, head.day, HEAD), note.to_file().as_bytes())?;
        sync_folders(&place.folder, &[])?;
    }
    Ok(head)
}
