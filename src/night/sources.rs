//! The files that a night begins with: found by the job's globs, in a stable order, and known by content.

use std::path::PathBuf;

use jiff::civil::Date;

use super::release::digest;
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::mail::job::Job;
use crate::mail::piece::PieceKind;
use crate::vault::{CodesFile, CodesShelf, open};

/// The record files of a night.
#[derive(Debug, Default)]
pub struct Sources {
    /// Files to take in.
    pub fresh: Vec<PathBuf>,
    /// Files whose records the ledger has already.
    pub known: Vec<PathBuf>,
}

/// The record files of a night. One that was taken in on another night is refused, by content; where only mailers
/// leave it is passed over, since their records are in the ledger.
///
/// # Errors
/// A pattern that is none, a file that is missing or unreadable, a file of another night.
pub fn record_files(
    job: &Job,
    night: Date,
    only: Option<PieceKind>,
    ledger: &Ledger,
) -> Result<Sources, Failure> {
    let mut sources = Sources::default();
    let mut contents: Vec<(String, PathBuf)> = Vec::new();
    for path in expand(job, &job.sections.input.cards)? {
        let sha256 = digest(&path).map_err(|error| Failure::Usage(error.to_string()))?;
        if let Some((_, twin)) = contents.iter().find(|(known, _)| *known == sha256) {
            return Err(Failure::Refused(format!(
                "{}: the same records as {}\n  remove one of the two files from the inbox",
                path.display(),
                twin.display()
            )));
        }
        match ledger.night_of_file(&sha256)? {
            None => sources.fresh.push(path.clone()),
            Some(taken) if taken == night || only == Some(PieceKind::Mailer) => {
                sources.known.push(path.clone())
            }
            Some(taken) => {
                return Err(Failure::Refused(format!(
                    "{}: these records were taken in on the night of {taken}\n  remove the file from the inbox; what still waits of it is in the ledger (`--only mailers` passes it over)",
                    path.display()
                )));
            }
        }
        contents.push((sha256, path));
    }
    Ok(sources)
}

/// The codes of a night, opened with the job's identity.
///
/// # Errors
/// A file that can't be opened or has not the right columns.
pub fn codes(job: &Job) -> Result<CodesShelf, Failure> {
    let identity = job.path(&job.sections.input.codes_identity);
    let mut shelf = CodesShelf::default();
    for path in codes_files(job)? {
        // As findings name it, the same wherever the job lies.
        let name = path.strip_prefix(job.path("")).unwrap_or(&path).display().to_string();
        let file = CodesFile::read(&name, open(&path, &identity)?)?;
        if file.unread_lines() > 0 {
            tracing::warn!(
                "{}: {} lines name no card and were passed over",
                path.display(),
                file.unread_lines()
            );
        }
        shelf.add(file);
    }
    Ok(shelf)
}

/// The codes files, still sealed.
///
/// # Errors
/// A pattern that is none, a file that is missing.
pub(super) fn codes_files(job: &Job) -> Result<Vec<PathBuf>, Failure> {
    expand(job, &job.sections.input.codes)
}

/// The files that the patterns match, each once, in the order of patterns and names.
fn expand(job: &Job, patterns: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut found: Vec<PathBuf> = Vec::new();
    for pattern in patterns {
        let path = job.path(pattern);
        let is_pattern = pattern.contains(['*', '?', '[']);
        if !is_pattern {
            if !path.is_file() {
                return Err(Failure::Usage(format!(
                    "{}: no such file\n  correct `input` in {}",
                    path.display(),
                    job.file.display()
                )));
            }
            found.push(path);
            continue;
        }
        let folder = glob::Pattern::escape(&job.path("").display().to_string());
        let full =
            if PathBuf::from(pattern).is_absolute() { pattern.clone() } else { format!("{folder}{pattern}") };
        let matches = glob::glob(&full).map_err(|error| Failure::Usage(format!("`{pattern}`: {error}")))?;
        for path in matches {
            let path = path.map_err(|error| Failure::Usage(error.to_string()))?;
            if !path.is_file() {
                return Err(Failure::Usage(format!(
                    "{}: not a file; take it out of the inbox",
                    path.display()
                )));
            }
            found.push(path);
        }
    }
    let mut unique: Vec<PathBuf> = Vec::with_capacity(found.len());
    for path in found {
        if !unique.contains(&path) {
            unique.push(path);
        }
    }
    Ok(unique)
}
