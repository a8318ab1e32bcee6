//! `pli audit`

pub(in crate::cli) mod cosign;
mod export;
pub(in crate::cli) mod incident;
pub(in crate::cli) mod restart;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use foreign::legible;
use serde::Serialize;

use super::Outcome;
use super::acts::{Act, head_of_ledger};
use super::console::Console;
use super::night_date;
use crate::approvals::cosigners;
use crate::audit::{
    Against, AuditPlace, Checkpoint, Fault, NoteKey, UndoneRetirement, Verification, kept_stamp,
    undone_retirements, verify,
};
use crate::failure::{Failure, counted};
use crate::job::Job;
use crate::vault::KeyRegister;

/// Verify the audit log, export a day of it, cosign it, or say what a breach notice needs.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli audit job.toml\n  pli audit job.toml --since 345-0a1b2c3d4e5f60718293a4b5c6d7e8f9\n  pli audit job.toml export --day 2026-11-23 > day.json\n  pli audit job.toml cosign --key approver.pem\n  pli audit job.toml incident M26327A\n\nExit codes: 0 sound; 1 sound, and `audit.require_anchor` asks for an anchor; 2 usage, or no log yet; 3 broken."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// A checkpoint that was kept elsewhere: `newest head` as `pli audit JOB` prints it, the one on a work order (of the last
    /// closed day; there is none on the first), or the file of a head
    #[arg(long, value_name = "CHECKPOINT")]
    since: Vec<String>,
    /// The verifier key of the log as you know it from elsewhere; default: the public half of `audit.key`
    #[arg(long, value_name = "VKEY")]
    key: Option<String>,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Print what an auditor needs to check a day without pli (`docs/audit-check.py`)
    #[command(after_help = "Example:\n  pli audit job.toml export --day 2026-11-23 > day.json")]
    Export(export::Arguments),
    /// Sign the newest closed day with an approver's key: it anchors the log up to there
    #[command(after_help = "Example:\n  pli audit job.toml cosign --key approver.pem")]
    Cosign(cosign::Arguments),
    /// Say what a breach notice needs of a lot or piece: since when, how many persons, which data, which pieces, what was done
    #[command(after_help = "Example:\n  pli audit job.toml incident M26327A")]
    Incident(incident::Arguments),
    /// End a log that is broken, keep it for the inquiry, and begin another
    #[command(
        after_help = "Example:\n  pli audit job.toml restart\n\nExit codes: 1 done, and a person must look into it; 2 the log is not broken; 3 not approved."
    )]
    Restart(restart::Arguments),
}

impl Arguments {
    /// What the audit log has of it: an export and a notice give out what the job knows.
    pub(super) fn act(&self) -> Option<Act> {
        match &self.task {
            None => None,
            Some(Task::Export(arguments)) => Some(arguments.act(&self.job)),
            Some(Task::Cosign(_)) => Some(Act::new(&self.job, "audit cosign")),
            Some(Task::Incident(_)) => Some(Act::new(&self.job, "audit incident").tells()),
            // It writes the first line of another log.
            Some(Task::Restart(_)) => None,
        }
    }

    /// The job whose log is to be begun again.
    pub(super) fn restarts(&self) -> Option<&Path> {
        matches!(self.task, Some(Task::Restart(_))).then_some(&*self.job)
    }
}

pub(super) fn audit(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    match &arguments.task {
        None => verified(arguments, &job, console),
        Some(Task::Export(arguments)) => export::export(arguments, &job, console),
        Some(Task::Cosign(arguments)) => cosign::cosign(arguments, &job, console),
        Some(Task::Incident(arguments)) => incident::incident(arguments, &job, console),
        Some(Task::Restart(arguments)) => restart::restart(arguments, &job, console),
    }
}

/// The answer of a verification.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Answer<'a> {
    verdict: &'static str,
    /// The verifier key of the log.
    key: String,
    #[serde(flatten)]
    found: &'a Verification,
}

fn verified(arguments: &Arguments, job: &Job, console: &Console) -> Result<Outcome, Failure> {
    let place = AuditPlace::of(job);
    let since = arguments.since.iter().map(|text| Checkpoint::named(text)).collect::<Result<_, _>>()?;
    let kept = kept_heads(job, &place)?;
    if kept.is_empty() && !place.folder.exists() {
        return Err(Failure::usage("no_audit_log", "there is no audit log yet")
            .in_file(place.folder.display())
            .with_advice(
                "the next command that acts begins one; if there was one, restore it from a backup",
            ));
    }
    let key = match &arguments.key {
        None => place.signer()?.1,
        Some(text) => NoteKey::parse(text).ok_or_else(|| {
            Failure::usage("audit_key", "this is no verifier key of a log")
                .with_advice("write it as `pli audit JOB --json` shows it under `key`: `pli-audit+…+…`")
        })?,
    };
    let mut found = verify(&place.folder, &key, &Against { kept, since, cosigners: cosigners(job)? })?;
    let undone = undone_retirements(&place.folder, &KeyRegister::of_job(job)?)?;
    found.faults.extend(undone.iter().map(UndoneRetirement::fault));
    let answer = Answer { verdict: found.in_words(), key: key.to_text(), found: &found };
    console.result(&answer, |console| text(&found, console))?;
    Ok(match (found.is_consistent(), found.anchored) {
        (false, _) => Outcome::Refused,
        (true, None) if job.requires_anchor() => Outcome::NeedsAPerson,
        (true, _) => Outcome::Done,
    })
}

fn text(found: &Verification, console: &Console) -> String {
    let mut lines = vec![format!("{}, {}", counted(found.days, "day"), counted(found.lines, "line"))];
    for Fault { file, line, message, .. } in &found.faults {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        lines.push(console.alert(&format!("  ! {}{line}: {message}", legible(file))));
    }
    lines.extend(found.anchored.map(|line| format!("anchored up to line {line}")));
    lines.extend(found.head.as_ref().map(|head| format!("newest head {}", head.printed())));
    lines.push(console.strong(found.in_words()));
    lines.join("\n")
}

/// How far the log went, as the job keeps it.
///
/// # Errors
/// `audit_stamp`.
fn kept_heads(job: &Job, place: &AuditPlace) -> Result<Vec<(&'static str, Checkpoint)>, Failure> {
    let mut kept = kept_stamp(&place.stamp)?;
    kept.extend(head_of_ledger(job).map(|head| ("the ledger", head)));
    Ok(kept)
}
