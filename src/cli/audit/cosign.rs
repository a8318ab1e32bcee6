//! `pli audit JOB cosign`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::super::keys::location;
use super::{AuditPlace, Console, Failure, Job, NoteKey, Outcome, cosigners, head_of_ledger, night_date};
use crate::audit::COSIGNER_NAME;
use crate::audit::cosign as cosign_day;
use crate::vault::open_signing_key;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The approver's private key: a file, or a token's PKCS#11 URI
    #[arg(long, value_name = "FILE|URI")]
    key: PathBuf,
    /// The day; default: the newest that is closed
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = night_date::parse)]
    day: Option<Date>,
}

/// What was cosigned.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Answer {
    day: String,
    checkpoint: String,
}

pub(super) fn cosign(arguments: &Arguments, job: &Job, console: &Console) -> Result<Outcome, Failure> {
    let location = location(&arguments.key)?;
    let key = open_signing_key(&location)?;
    let listed = cosigners(job)?;
    let public = NoteKey::new(COSIGNER_NAME, key.verifying_key()).filter(|public| listed.contains(public));
    let public = public.ok_or_else(|| {
        Failure::refused("audit_cosigner", "this key is none of the job's `approvals.keys`")
            .in_file(&location)
            .with_advice("cosign with a key that the job lists")
    })?;
    let head = cosign_day(&AuditPlace::of(job), arguments.day, &key, &public, head_of_ledger(job))?;
    let answer = Answer { day: head.day.to_string(), checkpoint: head.checkpoint().to_string() };
    console.result(&answer, |_| format!("{} is cosigned: {}", answer.day, head.checkpoint().printed()))?;
    Ok(Outcome::Done)
}
