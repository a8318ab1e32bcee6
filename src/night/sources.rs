//! The files that a night begins with: found by the job's globs, in a stable order, and known by content.

use std::path::PathBuf;

use jiff::civil::Date;

use super::intake::{Copies, RecordFile};
use super::release::{digest, digest_of};
use crate::failure::Failure;
use crate::job::{Job, ObjectUrl};
use crate::ledger::Ledger;
use crate::store::{Bucket, Object, StoreError};
use crate::vault::{CodesFile, CodesShelf, open, open_bytes};
use mail::piece::PieceKind;

/// The record files of a night.
#[derive(Debug, Default)]
pub struct Sources {
    /// Files to take in.
    pub fresh: Vec<RecordFile>,
    /// How many there are whose records the ledger has already.
    pub known: usize,
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
    let mut contents: Vec<(String, String)> = Vec::new();
    let mut copies = None;
    for place in expand(job, &job.sections.input.cards)? {
        let file = place.record_file(job, &mut copies)?;
        let shown = file.shown();
        let sha256 = file.open().and_then(digest_of).map_err(|error| Failure::Usage(error.to_string()))?;
        if let Some((_, twin)) = contents.iter().find(|(known, _)| *known == sha256) {
            return Err(Failure::Refused(format!(
                "{shown}: the same records as {twin}\n  remove one of the two files from the inbox"
            )));
        }
        match ledger.night_of_file(&sha256)? {
            None => {
                copies.iter_mut().for_each(|copies: &mut Copies| copies.keep(&file));
                sources.fresh.push(file);
            }
            Some(taken) if taken == night || only == Some(PieceKind::Mailer) => sources.known += 1,
            Some(taken) => {
                return Err(Failure::Refused(format!(
                    "{shown}: these records were taken in on the night of {taken}\n  remove the file from the inbox; what still waits of it is in the ledger (`--only mailers` passes it over)"
                )));
            }
        }
        contents.push((sha256, shown));
    }
    Ok(sources)
}

/// The codes of a night, opened with the job's identity. Those of an object store never touch the disk.
///
/// # Errors
/// A file that can't be opened or has not the right columns.
pub fn codes(job: &Job) -> Result<CodesShelf, Failure> {
    let identity = job.path(&job.sections.input.codes_identity);
    let mut shelf = CodesShelf::default();
    // Files are named as findings name them, the same wherever the job lies.
    let folder = job.path("");
    for place in expand(job, &job.sections.input.codes)? {
        let (name, plain) = match &place {
            Place::File(path) => {
                let name = path.strip_prefix(&folder).unwrap_or(path).display().to_string();
                (name, open(path, &identity)?)
            }
            Place::Object(object) => {
                let (name, mut sealed) = (object.url().to_string(), Vec::new());
                object.fetch(&mut sealed)?;
                let plain = open_bytes(&name, &sealed, &identity)?;
                (name, plain)
            }
        };
        let file = CodesFile::read(&name, plain)?;
        if file.unread_lines() > 0 {
            tracing::warn!("{name}: {} lines name no card and were passed over", file.unread_lines());
        }
        shelf.add(file);
    }
    Ok(shelf)
}

/// SHA-256 of each codes file as it is sealed.
///
/// # Errors
/// A pattern that is none, a file that can't be read.
pub(super) fn codes_digests(job: &Job) -> Result<Vec<String>, Failure> {
    let digest = |place: &Place| match place {
        Place::File(path) => Ok(digest(path)?),
        Place::Object(object) => {
            let mut sealed = Vec::new();
            object.fetch(&mut sealed)?;
            Ok(digest_of(&sealed[..])?)
        }
    };
    expand(job, &job.sections.input.codes)?.iter().map(digest).collect()
}

/// Where a file of a night lies.
enum Place {
    File(PathBuf),
    Object(Object),
}

impl Place {
    /// The record file; an object's is copied.
    fn record_file(self, job: &Job, copies: &mut Option<Copies>) -> Result<RecordFile, Failure> {
        match self {
            Place::File(path) => Ok(RecordFile::at(path, &job.path(""))),
            Place::Object(object) => {
                let copies = match copies {
                    Some(copies) => copies,
                    none => none.insert(Copies::beside(&job.ledger_file())?),
                };
                Ok(copies.add(object.url().to_string(), |out| object.fetch(out))?)
            }
        }
    }

    fn is(&self, other: &Place) -> bool {
        match (self, other) {
            (Place::File(one), Place::File(other)) => one == other,
            (Place::Object(one), Place::Object(other)) => one.url() == other.url(),
            _ => false,
        }
    }
}

/// The files that the patterns match, each once, in the order of patterns and names.
fn expand(job: &Job, patterns: &[String]) -> Result<Vec<Place>, Failure> {
    let mut unique: Vec<Place> = Vec::new();
    for pattern in patterns {
        let found = match ObjectUrl::parse(pattern) {
            None => files(job, pattern)?.into_iter().map(Place::File).collect(),
            Some(url) => objects(&url.map_err(|fault| Failure::Usage(fault.to_string()))?)?,
        };
        for place in found {
            if !unique.iter().any(|known| known.is(&place)) {
                unique.push(place);
            }
        }
    }
    Ok(unique)
}

fn objects(url: &ObjectUrl) -> Result<Vec<Place>, StoreError> {
    Ok(Bucket::open(url)?.find()?.into_iter().map(Place::Object).collect())
}

/// The files of this machine that a pattern matches.
fn files(job: &Job, pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    let path = job.path(pattern);
    if !pattern.contains(['*', '?', '[']) {
        if !path.is_file() {
            return Err(Failure::Usage(format!(
                "{}: no such file\n  correct `input` in {}",
                path.display(),
                job.file.display()
            )));
        }
        return Ok(vec![path]);
    }
    let folder = glob::Pattern::escape(&job.path("").display().to_string());
    let full =
        if PathBuf::from(pattern).is_absolute() { pattern.to_owned() } else { format!("{folder}{pattern}") };
    let matches = glob::glob(&full).map_err(|error| Failure::Usage(format!("`{pattern}`: {error}")))?;
    let mut found = Vec::new();
    for path in matches {
        let path = path.map_err(|error| Failure::Usage(error.to_string()))?;
        if !path.is_file() {
            return Err(Failure::Usage(format!("{}: not a file; take it out of the inbox", path.display())));
        }
        found.push(path);
    }
    Ok(found)
}
