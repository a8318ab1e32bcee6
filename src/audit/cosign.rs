//! Cosignatures: an approver signs the head of a closed day, which anchors the log up to there.

use std::path::PathBuf;

use jiff::civil::Date;
use twoddoc::{SigningKey, VerifyingKey};

use super::day::{Days, file_of, read_head};
use super::head::Head;
use super::note::{NoteKey, Signed};
use super::{Against, AuditPlace, COSIGNER_NAME, HEAD, log, stamp, verify};
use crate::failure::Failure;
use crate::files::write_private;
use crate::job::Job;

/// The largest public key that is read, in bytes.
const MAX_KEY: u64 = 64 << 10;

/// Adds the signature of `key` to the head of a day, or of the newest closed day. The whole log is verified first: nobody signs what
/// is broken.
///
/// # Errors
/// `audit_broken`; `audit_day`: there is no such closed day; those of the keys; I/O errors.
pub(crate) fn cosign(
    place: &AuditPlace,
    day: Option<Date>,
    key: &SigningKey,
    public: &NoteKey,
) -> Result<Head, Failure> {
    let (_, own) = place.signer()?;
    let _lock = log::lock(&place.folder)?;
    let against = Against { kept: stamp::kept(&place.stamp)?, ..Against::default() };
    if let Some(fault) = verify(&place.folder, &own, &against)?.faults.first() {
        return Err(log::broken(&place.folder.join(&fault.file), &fault.message));
    }
    let days = Days::of(&place.folder)?;
    let closed = days.days.keys().rev().filter(|found| day.is_none_or(|day| day == **found));
    let mut heads = closed.filter_map(|day| Some((*day, read_head(&file_of(&place.folder, *day, HEAD))?)));
    let (day, (mut note, head)) = heads.find(|(_, (_, head))| head.closed).ok_or_else(|| {
        Failure::usage("audit_day", "no such day of the audit log is closed")
            .in_file(place.folder.display())
            .with_advice("a day is closed by the first act of a later day (UTC); name an earlier day")
    })?;
    if note.signed_by(public) != Signed::Yes {
        note.sign(key, public).map_err(|error| {
            Failure::midway("audit_unsigned", format!("the key does not sign: {error}"))
                .with_advice("see that the token is there, then run the same command again")
        })?;
        write_private(&file_of(&place.folder, day, HEAD), note.to_file().as_bytes())?;
    }
    Ok(head)
}

/// The keys whose cosignatures count: those of the job's approvers.
///
/// # Errors
/// `audit_cosigner`: a listed key can't be read, or is not Ed25519.
pub(crate) fn cosigners(job: &Job) -> Result<Vec<NoteKey>, Failure> {
    let read = |path: PathBuf| {
        let unusable = |problem: String| {
            Failure::usage("audit_cosigner", problem).in_file(path.display()).with_advice(
                "name public Ed25519 keys (PEM) as `approvals.keys`: `pli keys export KEY > approver.pub`",
            )
        };
        let pem = foreign::read_text(&path, MAX_KEY).map_err(|error| unusable(error.to_string()))?;
        let key = VerifyingKey::from_spki_pem(&pem).map_err(|error| unusable(error.to_string()))?;
        NoteKey::new(COSIGNER_NAME, key).ok_or_else(|| unusable("this is no Ed25519 key".to_owned()))
    };
    job.approvals().keys.iter().map(|file| read(job.path(file))).collect()
}
