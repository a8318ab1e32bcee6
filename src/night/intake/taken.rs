//! What of the inbox was taken in and is needed there no more: record files and spent announcements, each with its signatures.
//! Codes files are none of it: only a person knows whether a card whose record is still to come needs them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::announcement::named_files;
use super::inbox;
use super::sources::taken_files;
use crate::failure::Failure;
use crate::files::{open_folder, sha256_of_file};
use crate::job::{Job, ObjectUrl};
use crate::ledger::Ledger;
use crate::signers::SignatureForm;

/// A file that was taken in, and the signatures beside it.
#[derive(Debug)]
pub(in crate::night) struct TakenBundle {
    /// The night that took it in, or that it announces.
    pub night: Date,
    /// Paths, each with the SHA-256 of its bytes. The signatures come first: while the file is left, the bundle is not done.
    pub files: Vec<(PathBuf, String)>,
}

impl TakenBundle {
    /// A file and the signatures that lie beside it.
    fn of(path: &Path, sha256: String, night: Date) -> Result<TakenBundle, Failure> {
        let mut files = Vec::new();
        for form in SignatureForm::ALL {
            let mut beside = path.as_os_str().to_owned();
            beside.push(form.ending());
            let beside = PathBuf::from(beside);
            if beside.is_file() && !beside.is_symlink() {
                files.push((beside.clone(), sha256_of_file(&beside)?));
            }
        }
        files.push((path.to_owned(), sha256));
        Ok(TakenBundle { night, files })
    }

    /// SHA-256 of the file itself.
    pub(in crate::night) fn sha256(&self) -> &str {
        self.files.last().map_or("", |(_, sha256)| sha256)
    }
}

/// The record files of this machine that the ledger has. One to which a link leads is left where it is.
///
/// # Errors
/// Those of [`taken_files`]; I/O errors.
pub(in crate::night) fn taken_bundles(job: &Job, ledger: &Ledger) -> Result<Vec<TakenBundle>, Failure> {
    let taken = taken_files(job, ledger)?;
    let own = taken.iter().filter_map(|file| Some((file, file.path().filter(|path| !path.is_symlink())?)));
    own.map(|(file, path)| TakenBundle::of(path, file.sha256.clone(), file.night)).collect()
}

/// The announcements of nights before this one that name no file which is left in the inbox, or which was never taken in.
///
/// # Errors
/// `announcement_invalid`, `announcement_unreadable`; I/O and ledger errors.
pub(in crate::night) fn spent_announcements(
    job: &Job,
    night: Date,
    ledger: &Ledger,
) -> Result<Vec<TakenBundle>, Failure> {
    let arrivals = inbox::arrivals(job)?;
    let left: BTreeSet<&OsStr> = arrivals.iter().filter_map(|path| path.file_name()).collect();
    let mut spent = Vec::new();
    for path in inbox::announcements(job)?.into_iter().filter(|path| !path.is_symlink()) {
        let (of, files) = named_files(&path)?;
        let mut is_spent = of < night;
        for (name, sha256) in files.iter().filter(|_| of < night) {
            // A codes file is gone once its last mailer has left, and the ledger knows none.
            let done = inbox::is_of_codes(job, name) || ledger.night_of_file(sha256)?.is_some();
            is_spent &= done && !left.contains(OsStr::new(name));
        }
        if is_spent {
            let sha256 = sha256_of_file(&path)?;
            spent.push(TakenBundle::of(&path, sha256, of)?);
        }
    }
    Ok(spent)
}

/// Why a folder can't be the archive of a job.
///
/// # Errors
/// `archive_objects`: record files lie in an object store; `archive_in_inbox`: a pattern would take them in again;
/// `archive_writable_by_others`.
pub(in crate::night) fn archive_fault(job: &Job, folder: &Path) -> Result<(), Failure> {
    let object = job.input().cards.iter().find(|pattern| ObjectUrl::parse(pattern).is_some());
    if let Some(pattern) = object {
        let problem = format!("`--archive` moves files of this machine, and `input.cards` names `{pattern}`");
        return Err(Failure::usage("archive_objects", problem)
            .with_advice("leave `--archive` out, and give the object store a rule of its own"));
    }
    if let Some(pattern) = inbox::pattern_into(job, folder) {
        let problem = format!("`{pattern}` would take in again what is archived there");
        return Err(Failure::usage("archive_in_inbox", problem)
            .in_file(folder.display())
            .with_advice("name a folder for `--archive` that no pattern of `input` reaches"));
    }
    let Some(open) = open_folder(folder).filter(|open| open.everybody) else { return Ok(()) };
    let (path, mode) = (open.path.display(), open.mode);
    let problem = format!("every user of this machine may write it (mode {mode:03o})");
    let advice = format!("see that nobody changed what lies there, then run `chmod o-w {path}`");
    Err(Failure::usage("archive_writable_by_others", problem).in_file(path).with_advice(advice))
}
