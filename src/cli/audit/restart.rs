//! `pli audit JOB restart`: ends a log that is broken, keeps it for the inquiry, and begins another.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::acts::{head_of_ledger, keep_head};
use super::super::approve::RequestKey;
use super::super::run::now;
use super::{Against, AuditPlace, Console, Failure, Job, Outcome, kept_heads, verify};
use crate::approvals::{self, Subject};
use crate::audit::{AuditLog, Entry};
use crate::files::{remove_file, sync_folders};
use crate::ledger::{Author, Ledger};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    request: RequestKey,
}

/// What was done.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Answer {
    /// Where the ended log lies; `None` where there was none any more.
    ended: Option<PathBuf>,
    /// Where its stamp lies, if that could not be read.
    stamp: Option<PathBuf>,
    /// The first checkpoint of the new log.
    checkpoint: String,
}

/// Ends a broken log and begins another, whose first line says so.
///
/// # Errors
/// `audit_sound`: the log is not broken; `approval_needed`; those of the key and of the ledger; I/O errors.
pub(super) fn restart(arguments: &Arguments, job: &Job, console: &Console) -> Result<Outcome, Failure> {
    let place = AuditPlace::of(job);
    let (_, key) = place.signer()?;
    let kept = kept_heads(job, &place);
    // A stamp that can't be read ends the log like one that says otherwise, and is kept for the inquiry, too.
    let illegible = kept.as_ref().is_err_and(|failure| failure.code() == "audit_stamp");
    let kept = if illegible { Vec::new() } else { kept? };
    let found = verify(&place.folder, &key, &Against { kept, ..Against::default() })?;
    let opens = || AuditLog::open(&place).and_then(|mut log| log.close_days(now())).is_ok();
    if !illegible && found.is_consistent() && opens() {
        return Err(Failure::usage("audit_sound", "the audit log is not broken, so that nothing ends it")
            .in_file(place.folder.display())
            .with_advice("go on with it: `pli audit JOB` says where it stands"));
    }
    let known = head_of_ledger(job).map_or_else(|| "none".to_owned(), |head| head.to_string());
    let found = found.head.map_or_else(|| "none".to_owned(), |head| head.to_string());
    let ledger = Ledger::open(&job.ledger())?;
    let subject = Subject::new(
        approvals::Act::RestartLog,
        Vec::new(),
        [("log ends with", found), ("ledger knows", known.clone())],
    );
    approvals::pass(job, &ledger, &arguments.request.asking()?, vec![subject])?;
    let ended = set_aside(&place.folder)?;
    let stamp = if illegible { set_aside(&place.stamp)? } else { None };
    if place.stamp.exists() {
        remove_file(&place.stamp)?;
    }
    ledger.forget_audit_head()?;
    let name = ended.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let entry = Entry {
        act: "audit restart".to_owned(),
        user: Author::of_process().name,
        outcome: "done".to_owned(),
        options: vec![format!("ended={name}"), format!("known={known}")],
        requests: arguments.request.requests().ids(),
        ..Entry::default()
    };
    let head = AuditLog::open(&place)?.append(&entry, now())?;
    keep_head(job, &head);
    let answer = Answer { ended, stamp, checkpoint: head.to_string() };
    let kept = answer
        .ended
        .as_ref()
        .map_or_else(String::new, |path| format!("; the ended one is kept in {}", path.display()));
    console.result(&answer, |_| format!("a new audit log begins: {}{kept}", head.printed()))?;
    Ok(Outcome::NeedsAPerson)
}

/// Gives the folder of a log, or its stamp, another name beside it, which it returns; `None` where there is none.
fn set_aside(folder: &Path) -> Result<Option<PathBuf>, Failure> {
    if !folder.exists() {
        return Ok(None);
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names = (1..).map(|number: u32| folder.with_file_name(format!("{name}-ended-{number}")));
    let Some(ended) = names.into_iter().find(|path| !path.exists()) else { return Ok(None) };
    fs_err::rename(folder, &ended)?;
    sync_folders(folder.parent().unwrap_or(folder), &[])?;
    Ok(Some(ended))
}
