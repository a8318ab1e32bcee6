//! The files of a night, found by the job's globs in a stable order and identified by their SHA-256.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use foreign::UnreadableFile;
use jiff::civil::Date;

use super::inbox::{self, UntakenFile};
use super::record_file::{Copies, RecordFile};
use crate::failure::Failure;
use crate::files::{remove_file, sha256_of_file, sha256_of_reader};
use crate::job::{Job, ObjectUrl};
use crate::ledger::Ledger;
use crate::store::{Bucket, Object, StoreError};
use crate::vault::{CodesFile, CodesOfNight, MAX_SEALED_SIZE, SealError, open, open_bytes};
use mail::piece::PieceKind;

/// The record files of a night.
#[derive(Debug, Default)]
pub(crate) struct RecordSources {
    /// The files to take in.
    pub fresh: Vec<RecordFile>,
    /// How many files have records that the ledger has already.
    pub known: usize,
    /// The files of the inbox that no pattern takes.
    pub untaken: Vec<UntakenFile>,
}

/// Finds the record files of a night. A file whose content was taken in on another night is refused. With `only` mailers it
/// is passed over, since the records of mailers are in the ledger.
///
/// # Errors
/// `input_pattern`, `input_folder_missing`, `input_missing`, `input_not_a_file`, `input_unreadable`: a pattern, folder or file
/// that can't be used;
/// `input_twice`, `input_other_night`: records that were taken in before; ledger and store errors.
pub(crate) fn record_files(
    job: &Job,
    night: Date,
    only: Option<PieceKind>,
    ledger: &Ledger,
) -> Result<RecordSources, Failure> {
    let mut sources = RecordSources::default();
    let mut contents: HashMap<String, String> = HashMap::new();
    let mut copies = None;
    for source in expand(job, &job.input().cards, "cards")? {
        let file = source.record_file(job, &mut copies)?;
        let shown = file.shown();
        let unreadable = |error: std::io::Error| {
            let unreadable = UnreadableFile::new(Path::new(&shown), error);
            Failure::usage("input_unreadable", unreadable.to_string())
                .in_file(&shown)
                .with_advice("check the path, its permissions and the disk")
                .caused_by(unreadable)
        };
        let sha256 = file.open().and_then(sha256_of_reader).map_err(unreadable)?;
        if let Some(same) = contents.get(&sha256) {
            return Err(Failure::refused("input_twice", format!("the same records as {same}"))
                .in_file(shown)
                .with_advice("remove one of the two files from the inbox"));
        }
        match ledger.night_of_file(&sha256)? {
            None => {
                copies.iter_mut().for_each(|copies: &mut Copies| copies.keep(&file));
                sources.fresh.push(file);
            }
            Some(taken) if taken == night || only == Some(PieceKind::Mailer) => sources.known += 1,
            Some(taken) => {
                let problem = format!("these records were taken in on the night of {taken}");
                return Err(Failure::refused("input_other_night", problem).in_file(shown).with_advice(
                    "remove the file from the inbox; what still waits of it is in the ledger (`--only mailers` passes it over)",
                ));
            }
        }
        contents.insert(sha256, shown);
    }
    sources.untaken = inbox::untaken(job)?;
    Ok(sources)
}

/// Checks that the folders in which codes files arrive are there.
///
/// # Errors
/// `input_folder_missing`.
pub(in crate::night) fn check_codes_folders(job: &Job) -> Result<(), Failure> {
    inbox::check_folders(job, &job.input().codes, "codes")
}

/// Reads the codes of a night, opened with the job's identity. Codes files of an object store are never written to disk.
///
/// # Errors
/// `input_*` as for [`record_files`]; [`SealError`](crate::vault::SealError): a file that can't be opened;
/// [`CodesError`](crate::vault::CodesError): a codes file that is no CSV with the right columns.
pub(crate) fn codes_of_night(job: &Job) -> Result<CodesOfNight, Failure> {
    let identity = job.mailers().codes_identity;
    let mut codes = CodesOfNight::default();
    // Findings name files relative to the job's folder, so that they read the same wherever the job lies.
    let folder = job.path("");
    for source in expand(job, &job.input().codes, "codes")? {
        let (name, plain) = match &source {
            Source::File(path) => {
                let name = path.strip_prefix(&folder).unwrap_or(path).display().to_string();
                (name, open(path, &identity)?)
            }
            Source::Object(object) => {
                let (name, mut sealed) = (object.url().to_string(), Vec::new());
                if object.size() > MAX_SEALED_SIZE {
                    let error = std::io::Error::from(std::io::ErrorKind::FileTooLarge);
                    return Err(SealError::from(UnreadableFile::new(Path::new(&name), error)).into());
                }
                object.fetch(&mut sealed)?;
                let plain = open_bytes(&name, &sealed, &identity)?;
                (name, plain)
            }
        };
        codes.add(CodesFile::read(&name, plain)?);
    }
    Ok(codes)
}

/// A record file whose records the ledger has.
pub(in crate::night) struct TakenFile {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The night that took it in.
    pub night: Date,
    source: Source,
}

impl TakenFile {
    /// Its path; `None` for an object.
    pub(in crate::night) fn path(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) => Some(path),
            Source::Object(_) => None,
        }
    }

    /// Removes it, durably.
    ///
    /// # Errors
    /// I/O and store errors.
    pub(in crate::night) fn remove(&self) -> Result<(), Failure> {
        match &self.source {
            Source::File(path) => Ok(remove_file(path)?),
            Source::Object(object) => Ok(object.remove()?),
        }
    }
}

/// The record files of the inbox whose records the ledger has. A file that the job names and that is not there is none.
///
/// # Errors
/// `input_pattern`, `input_folder_missing`, `input_unreadable`; I/O, ledger and store errors.
pub(in crate::night) fn taken_files(job: &Job, ledger: &Ledger) -> Result<Vec<TakenFile>, Failure> {
    let mut taken = Vec::new();
    for source in expand(job, &present(job, &job.input().cards)?, "cards")? {
        let sha256 = source.digest()?;
        if let Some(night) = ledger.night_of_file(&sha256)? {
            taken.push(TakenFile { sha256, night, source });
        }
    }
    Ok(taken)
}

/// The codes files of this machine.
///
/// # Errors
/// As [`taken_files`].
pub(in crate::night) fn local_codes_files(job: &Job) -> Result<Vec<PathBuf>, Failure> {
    local_files(job, &job.input().codes, "codes")
}

/// The record files of this machine, whether the ledger has their records or not.
///
/// # Errors
/// As [`taken_files`].
pub(crate) fn local_record_files(job: &Job) -> Result<Vec<PathBuf>, Failure> {
    local_files(job, &job.input().cards, "cards")
}

/// The files of this machine that the patterns of a key of `input` match.
fn local_files(job: &Job, patterns: &[String], key: &str) -> Result<Vec<PathBuf>, Failure> {
    let local: Vec<String> =
        patterns.iter().filter(|pattern| ObjectUrl::parse(pattern).is_none()).cloned().collect();
    let files = expand(job, &present(job, &local)?, key)?.into_iter();
    Ok(files.filter_map(|source| if let Source::File(path) = source { Some(path) } else { None }).collect())
}

/// The patterns without those of a single file that is not there.
fn present(job: &Job, patterns: &[String]) -> Result<Vec<String>, Failure> {
    let mut present = Vec::new();
    for pattern in patterns {
        let single = !pattern.contains(['*', '?', '[']);
        let there = match ObjectUrl::parse(pattern) {
            Some(Ok(url)) if single => Bucket::open(&url)?.holds("")?,
            None if single => job.path(pattern).is_file(),
            _ => true,
        };
        if there {
            present.push(pattern.clone());
        }
    }
    Ok(present)
}

/// SHA-256 of each sealed codes file.
///
/// # Errors
/// `input_*` as for [`record_files`]; I/O and store errors.
pub(crate) fn codes_digests(job: &Job) -> Result<Vec<String>, Failure> {
    expand(job, &job.input().codes, "codes")?.iter().map(Source::digest).collect()
}

/// A file of a night: on this machine or in an object store.
enum Source {
    File(PathBuf),
    Object(Object),
}

impl Source {
    /// Opens it as a record file; an object is copied.
    fn record_file(self, job: &Job, copies: &mut Option<Copies>) -> Result<RecordFile, Failure> {
        match self {
            Source::File(path) => Ok(RecordFile::at(path, &job.path(""))),
            Source::Object(object) => {
                let copies = match copies {
                    Some(copies) => copies,
                    none => none.insert(Copies::create_in(&job.scratch())?),
                };
                Ok(copies.add(object.url().to_string(), |out| object.fetch(out))?)
            }
        }
    }

    /// SHA-256 of its bytes.
    fn digest(&self) -> Result<String, Failure> {
        match self {
            Source::File(path) => Ok(sha256_of_file(path)?),
            Source::Object(object) => {
                let mut bytes = Vec::new();
                object.fetch(&mut bytes)?;
                Ok(sha256_of_reader(&bytes[..])?)
            }
        }
    }

    /// What tells it from every other: its path or URL.
    fn location(&self) -> OsString {
        match self {
            Source::File(path) => path.clone().into_os_string(),
            Source::Object(object) => object.url().to_string().into(),
        }
    }
}

/// The files that the patterns of a key of `input` match, each once, in the order of patterns and names.
fn expand(job: &Job, patterns: &[String], key: &str) -> Result<Vec<Source>, Failure> {
    let mut unique: Vec<Source> = Vec::new();
    let mut known = HashSet::new();
    for pattern in patterns {
        let found = match ObjectUrl::parse(pattern) {
            None => inbox::files(job, pattern, key)?.into_iter().map(Source::File).collect(),
            Some(url) => objects(&url.map_err(|fault| Failure::usage("input_pattern", fault.to_string()))?)?,
        };
        unique.extend(found.into_iter().filter(|source| known.insert(source.location())));
    }
    Ok(unique)
}

fn objects(url: &ObjectUrl) -> Result<Vec<Source>, StoreError> {
    Ok(Bucket::open(url)?.find()?.into_iter().map(Source::Object).collect())
}
