//! A production job to begin with: folders with their modes, keys, a commented `job.toml`, and the first line of the audit log.
//!
//! Takes what the bureau says of itself; invents nothing: who opens the mailers and what paper is loaded stay open where nobody
//! says it. The job is made in a folder beside its own, which gets its name once all of it is on the disk. Never changes a job
//! that is there.

mod answers;
mod job_text;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

pub(crate) use answers::{BureauAnswers, Question};

use crate::audit::{AuditLog, AuditPlace, Entry};
use crate::failure::Failure;
use crate::files::{make_folder, private_folder, sha256_of_file, sync_folders, write_new, write_private};
use crate::job::{Job, KeyLocation, SigningProfile};
use crate::ledger::Author;
use crate::vault::{
    KeySummary, LedgerKeys, RecipientSummary, describe, new_identity, new_signing_key, recipients,
};

/// The folders of a job that are there from the first day on, mode 0700. Commands make others when they need them.
const FOLDERS: [&str; 3] = ["inbox", "out", "keys"];
/// The file of the recipients of mailers, in the job's folder.
const PRESS_KEY: &str = "keys/press.pub";
/// How the name of a job's folder ends while it is made.
const UNFINISHED: &str = ".partial";

/// The order of a job.
#[derive(Debug)]
pub(crate) struct InitOrder<'a> {
    /// The job's folder, which is not there yet, or is empty.
    pub folder: &'a Path,
    /// What pieces say about the sender.
    pub bureau: &'a BureauAnswers,
    /// Who opens the mailers: an age recipient (`age1…`), or a file with one a line; `None` where nobody said yet.
    pub press_key: Option<&'a str>,
    /// The opacity of the mailers' paper in per cent (ISO 2471); `None` where nobody said yet.
    pub paper_opacity: Option<f64>,
    /// The product code that begins a tracking identifier, two capitals or digits; `None` where nobody said yet.
    pub tracking_prefix: Option<&'a str>,
    /// The present time, for the audit log.
    pub now: Timestamp,
}

/// A job that was made. Paths begin with the job's folder.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MadeJob {
    /// The job file.
    pub job: PathBuf,
    /// The keys that were made, without their private halves.
    pub keys: Vec<MadeKey>,
    /// The folder of the keys that open the ledger's names.
    pub ledger_keys: PathBuf,
    /// The recipient to which codes files are sealed: for whoever makes the codes.
    pub codes_recipient: PathBuf,
    /// Who can open the mailers; nobody yet where it is empty.
    pub press: Vec<RecipientSummary>,
    /// Whether the job says how opaque the mailers' paper is.
    pub says_opacity: bool,
}

/// A key that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MadeKey {
    /// `signing`, `codes` or `audit`.
    pub purpose: &'static str,
    /// The key.
    #[serde(flatten)]
    pub key: KeySummary,
}

/// Makes a job.
///
/// # Errors
/// `init_occupied`: something is there already; `init_answer`: an answer can't be used; `recipient` and others of the press's key;
/// key and I/O errors. Nothing has the job's name then.
pub(crate) fn make(order: &InitOrder) -> Result<MadeJob, Failure> {
    refuse_occupied(order.folder)?;
    order.bureau.check()?;
    let text = job_text::text(order);
    let press = order.press_key.map(press_recipients).transpose()?.unwrap_or_default();
    let above = above(order.folder);
    make_folder(above)?;
    let draft = drafted(order.folder)?;
    fill(draft.path(), order, &text, &press)?;
    let made = describe_job(draft.path(), order, press)?;
    sync_folders(draft.path(), &[])?;
    // A folder that filled meanwhile is not replaced: only an empty one can be.
    fs_err::rename(draft.path(), order.folder).map_err(|error| match order.folder.exists() {
        true => occupied(order.folder),
        false => error.into(),
    })?;
    // What is dropped now has another name.
    let _ = draft.keep();
    sync_folders(above, &[])?;
    Ok(made)
}

/// The folder above a path.
fn above(folder: &Path) -> &Path {
    folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Refuses a folder that holds something, and a file.
fn refuse_occupied(folder: &Path) -> Result<(), Failure> {
    if folder.file_name().is_none() {
        return Err(Failure::usage("init_occupied", "a job's folder has a name of its own")
            .in_file(folder.display())
            .with_advice("name a folder that is not there yet"));
    }
    let empty = match fs_err::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !folder.exists() && !folder.is_symlink(),
    };
    if empty { Ok(()) } else { Err(occupied(folder)) }
}

fn occupied(folder: &Path) -> Failure {
    Failure::usage("init_occupied", "something is there already, and nothing is ever overwritten")
        .in_file(folder.display())
        .with_advice("name a folder that is not there yet, or an empty one")
}

/// A folder beside the job's, mode 0700, that goes away unless it is finished.
fn drafted(folder: &Path) -> Result<tempfile::TempDir, Failure> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    Ok(builder.tempdir_in(above(folder))?)
}

/// The recipients that an answer names.
fn press_recipients(answer: &str) -> Result<Vec<RecipientSummary>, Failure> {
    let named = recipients(&[answer.to_owned()], |path| PathBuf::from(path));
    Ok(named.map_err(Failure::from)?.summaries())
}

/// Puts all that belongs to a job into a folder.
fn fill(folder: &Path, order: &InitOrder, text: &str, press: &[RecipientSummary]) -> Result<(), Failure> {
    FOLDERS.iter().try_for_each(|name| private_folder(&folder.join(name)))?;
    write_private(&folder.join("job.toml"), text.as_bytes())?;
    if !press.is_empty() {
        let lines: String = press.iter().map(|one| format!("{}\n", one.recipient)).collect();
        write_new(&folder.join(PRESS_KEY), lines, 0o644)?;
    }
    let job = Job::load(folder)?;
    new_signing_key(&job.letters().key, SigningProfile::Ed25519)?;
    let codes = job.mailers().codes_identity;
    new_identity(&codes, &codes.with_extension("pub"))?;
    LedgerKeys::create(&job.ledger_keys())?;
    begin_log(&job, order)
}

/// Writes the first line of the audit log, which makes its key.
fn begin_log(job: &Job, order: &InitOrder) -> Result<(), Failure> {
    let mut entry = Entry {
        act: "init".to_owned(),
        outcome: "done".to_owned(),
        user: Author::of_process().name,
        ..Entry::default()
    };
    entry.hashes.insert("job".to_owned(), sha256_of_file(&job.file)?);
    AuditLog::open(&AuditPlace::of(job))?.append(&entry, order.now)?;
    Ok(())
}

/// Describes a job that lies in a folder, by the paths that it will have.
fn describe_job(draft: &Path, order: &InitOrder, press: Vec<RecipientSummary>) -> Result<MadeJob, Failure> {
    let job = Job::load(draft)?;
    let place = |path: &Path| order.folder.join(path.strip_prefix(draft).unwrap_or(path));
    let codes = job.mailers().codes_identity;
    let keys = [
        ("signing", job.letters().key),
        ("codes", KeyLocation::File(codes.clone())),
        ("audit", job.audit_key()),
    ];
    let keys = keys.into_iter().map(|(purpose, location)| {
        let mut key = describe(&location)?;
        key.file = place(Path::new(&key.file)).display().to_string();
        Ok(MadeKey { purpose, key })
    });
    Ok(MadeJob {
        job: order.folder.join("job.toml"),
        keys: keys.collect::<Result<_, Failure>>()?,
        ledger_keys: place(&job.ledger_keys()),
        codes_recipient: place(&codes.with_extension("pub")),
        press,
        says_opacity: order.paper_opacity.is_some(),
    })
}

#[cfg(test)]
mod tests;
