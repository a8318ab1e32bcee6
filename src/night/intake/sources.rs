//! The files of a night, found by the job's globs in a stable order and identified by their SHA-256.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use foreign::UnreadableFile;
use jiff::civil::Date;

use super::IntakeFile;
use super::announcement::{Announced, Arrived, SEALED, contradicted, not_there, other_rows};
use super::inbox::{self, UntakenFile};
use super::record_file::{Copies, RecordFile};
use super::signed::{Nights, SignatureCheck};
use super::source::{Source, expand};
use crate::failure::Failure;
use crate::files::{name_of_user, remove_file, working_user};
use crate::job::{Job, ObjectUrl};
use crate::ledger::Ledger;
use crate::signers::FileDigests;
use crate::store::Bucket;
use crate::vault::{CodesFile, CodesOfNight, HeldBytes, MAX_SEALED_SIZE, OpenedText, SealError};
use mail::piece::PieceKind;

/// What to do about a file of the inbox that can't be read. A file of a sender with an umask of his own is let in by an access list.
fn advice_on_unreadable(file: &Path, error: io::ErrorKind) -> String {
    let user = working_user().map(|user| name_of_user(user).unwrap_or_else(|| user.to_string()));
    match (error, user, file.parent()) {
        (io::ErrorKind::PermissionDenied, Some(user), Some(folder)) => format!(
            "run as root `setfacl -m u:{user}:rw {}`, and for files to come once `setfacl -d -m u:{user}:rw {}` (package `acl`); or `chown {user}` it",
            file.display(),
            folder.display()
        ),
        _ => "check the path, its permissions and the disk".to_owned(),
    }
}

/// What findings call standard input.
const STANDARD_INPUT: &str = "standard input";

/// The record files of a night.
#[derive(Debug, Default)]
pub(crate) struct RecordSources {
    /// The files to take in.
    pub fresh: Vec<RecordFile>,
    /// How many files have records that the ledger has already.
    pub known: usize,
    /// The files of the inbox that no pattern takes.
    pub untaken: Vec<UntakenFile>,
    /// What is known of each fresh file already.
    expected: Vec<Expected>,
    night: Option<Date>,
}

/// What is known of a record file before its rows are read.
#[derive(Debug)]
struct Expected {
    /// SHA-256 of the bytes whose signature was checked.
    sha256: String,
    /// Its announced rows; `None` where it was not announced.
    rows: Option<u64>,
}

impl RecordSources {
    /// Whether one of the fresh files is sealed.
    pub(crate) fn are_sealed(&self) -> bool {
        self.fresh.iter().any(|file| file.packing().sealed)
    }

    /// Checks that the files that were taken in are those whose signature, announcement and digest were checked before.
    ///
    /// # Errors
    /// `input_changed`: a file was altered meanwhile; `announcement`: it has not the announced rows.
    pub(in crate::night) fn check_taken(&self, files: &[IntakeFile]) -> Result<(), Failure> {
        let mut faults = Vec::new();
        for (file, Expected { sha256, rows }) in files.iter().zip(&self.expected) {
            if file.sha256 != *sha256 {
                return Err(Failure::refused("input_changed", "it was altered while it was taken in")
                    .in_file(&file.name)
                    .with_advice("have files put into the inbox whole, under their name only once they are complete, then run the same command again"));
            }
            faults.extend(
                rows.filter(|rows| *rows != file.rows).map(|rows| other_rows(&file.name, rows, file.rows)),
            );
        }
        match self.night.filter(|_| !faults.is_empty()) {
            Some(night) => Err(contradicted(night, faults)),
            None => Ok(()),
        }
    }
}

/// Finds the record files of a night. A file whose content was taken in on another night is refused. With `only` mailers it
/// is passed over, since the records of mailers are in the ledger. Fresh files need a signature for this night where the job
/// lists signers, files are held against the announcements of the inbox, and one must be of this night where the job asks for it.
///
/// # Errors
/// `input_pattern`, `input_folder_missing`, `input_missing`, `input_not_a_file`, `input_unreadable`: a pattern, folder or file
/// that can't be used;
/// `input_twice`, `input_other_night`: records that were taken in before; `signer_key`; `signature_*`; `announcement`; ledger
/// and store errors.
pub(crate) fn record_files(
    job: &Job,
    night: Date,
    only: Option<PieceKind>,
    ledger: &Ledger,
) -> Result<RecordSources, Failure> {
    let mut sources = RecordSources { night: Some(night), ..RecordSources::default() };
    let check = SignatureCheck::of(job)?;
    let announced = Announced::read(job, night, &check)?;
    if job.input().announced && !announced.as_ref().is_some_and(Announced::are_of_this_night) {
        return Err(not_there(night));
    }
    let mut arrived = Vec::new();
    let mut contents: HashMap<String, String> = HashMap::new();
    let mut copies = None;
    let mapping = job.record_mapping();
    for source in expand(job, &job.input().cards, "cards")? {
        let arrival = source.arrival();
        let file = source.record_file(job, &mut copies)?;
        let shown = file.shown();
        let unreadable = |error: std::io::Error| {
            let unreadable = UnreadableFile::new(Path::new(&shown), error);
            Failure::usage("input_unreadable", unreadable.to_string())
                .in_file(&shown)
                .with_advice(advice_on_unreadable(Path::new(&shown), unreadable.error.kind()))
                .caused_by(unreadable)
        };
        let digests = file.open().and_then(|bytes| FileDigests::of(bytes, check.is_asked()));
        let digests = digests.map_err(unreadable)?;
        let sha256 = digests.sha256.clone();
        if let Some(same) = contents.get(&sha256) {
            return Err(Failure::refused("input_twice", format!("the same records as {same}"))
                .in_file(shown)
                .with_advice("remove one of the two files from the inbox"));
        }
        let taken = ledger.night_of_file(&sha256)?;
        let has_header = file.packing().is_none() && mapping.layout(file.name(), &shown).is_none();
        if taken.is_none_or(|taken| taken == night) {
            arrived.push(Arrived {
                name: arrival.name.clone(),
                shown: shown.clone(),
                sha256: sha256.clone(),
                lines: has_header.then_some(digests.lines),
            });
        }
        match taken {
            None => {
                check.check(&arrival, &digests, Nights::Of(night))?;
                let announced = announced.as_ref().and_then(|announced| announced.records(&arrival.name));
                let rows = announced.and_then(|announced| announced.rows);
                sources.expected.push(Expected { sha256: sha256.clone(), rows });
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
    if let Some(announced) = announced {
        let needs_codes = only != Some(PieceKind::Letter);
        let codes = needs_codes.then(|| arrived_codes(job)).transpose()?;
        let needed = |name: &str| needs_codes || !name.ends_with(SEALED) || inbox::is_record_name(job, name);
        announced.hold(&arrived, codes.as_deref(), &needed, ledger)?;
    }
    sources.untaken = inbox::untaken(job)?;
    Ok(sources)
}

/// The codes files of the inbox, to be held against announcements.
fn arrived_codes(job: &Job) -> Result<Vec<Arrived>, Failure> {
    let arrived = expand(job, &job.input().codes, "codes")?.into_iter().map(|source| {
        let (arrival, sha256) = (source.arrival(), source.digest()?);
        Ok(Arrived { name: arrival.name, shown: arrival.shown, sha256, lines: None })
    });
    arrived.collect()
}

/// Checks that the folders in which codes files arrive are there.
///
/// # Errors
/// `input_folder_missing`.
pub(in crate::night) fn check_codes_folders(job: &Job) -> Result<(), Failure> {
    inbox::check_folders(job, &job.input().codes, "codes")
}

/// Opens the codes files of a night with the job's identity, to be asked by card. Codes files of an object store are never
/// written to disk. Where the job lists signers, each file needs a signature for this night or one before it, and is the
/// announced one where it is announced: no bytes are opened but those that were checked. Where the job says so, codes come by
/// standard input as well, and are no file that is announced.
///
/// # Errors
/// `input_*` as for [`record_files`]; `signer_key`; `signature_*`; `announcement`; [`SealError`](crate::vault::SealError): a file
/// that can't be opened; [`CodesError`](crate::vault::CodesError): a codes file that is no CSV with the right columns;
/// `codes_changed`: a codes file that was altered meanwhile; `codes_terminal`: standard input is a terminal.
pub(crate) fn codes_of_night(job: &Job, night: Date) -> Result<CodesOfNight, Failure> {
    let identity = job.mailers().codes_identity;
    let check = SignatureCheck::of(job)?;
    let announced = Announced::read(job, night, &check)?;
    let mut codes = CodesOfNight::default();
    // Findings name files relative to the job's folder, so that they read the same wherever the job lies.
    let folder = job.path("");
    for source in expand(job, &job.input().codes, "codes")? {
        let (arrival, mut sealed) = (source.arrival(), sealed_bytes(&source)?);
        let digests = FileDigests::of(&mut sealed, check.is_asked())
            .map_err(|error| SealError::of_second_reading(&arrival.shown, error))?;
        check.check(&arrival, &digests, Nights::UpTo(night))?;
        let expected = announced.as_ref().and_then(|announced| announced.codes(&arrival.name));
        if expected.is_some_and(|expected| expected.sha256 != digests.sha256) {
            return Err(Failure::refused("input_changed", "it is not the announced file any more")
                .in_file(&arrival.shown)
                .with_advice("fetch it again, then run the same command again"));
        }
        let (name, sealed_name) = match &source {
            Source::File(path) => {
                (path.strip_prefix(&folder).unwrap_or(path).display().to_string(), path.display().to_string())
            }
            Source::Object(object) => (object.url().to_string(), object.url().to_string()),
        };
        let file = CodesFile::read(&name, OpenedText::open(&sealed_name, sealed, &identity)?)?;
        if let Some(rows) =
            expected.and_then(|expected| expected.rows).filter(|rows| *rows != file.row_count())
        {
            return Err(contradicted(night, vec![other_rows(&name, rows, file.row_count())]));
        }
        codes.add(file);
    }
    if job.input().codes_piped {
        codes.add(piped_codes(&identity)?);
    }
    Ok(codes)
}

/// The codes that the standard input of this process gives, called so in findings.
fn piped_codes(identity: &Path) -> Result<CodesFile, Failure> {
    let input = io::stdin();
    if input.is_terminal() {
        return Err(Failure::usage("codes_terminal", "codes are to come by standard input, and that is a terminal")
            .with_advice("pipe them into this command (`… | pli run JOB`), or take `input.codes_piped` out of the job file"));
    }
    // Not through the standard library's buffer, which nobody wipes.
    let input = File::from(input.as_fd().try_clone_to_owned()?);
    Ok(CodesFile::read(STANDARD_INPUT, OpenedText::of_pipe(STANDARD_INPUT, input, identity)?)?)
}

/// The bytes of a sealed file: where they lie, or those of an object in memory, still sealed.
fn sealed_bytes(source: &Source) -> Result<HeldBytes, Failure> {
    match source {
        Source::File(path) => Ok(HeldBytes::of_file(path, MAX_SEALED_SIZE).map_err(SealError::from)?),
        Source::Object(object) => {
            if object.size() > MAX_SEALED_SIZE {
                let (name, error) = (object.url().to_string(), std::io::ErrorKind::FileTooLarge.into());
                return Err(SealError::from(UnreadableFile::new(Path::new(&name), error)).into());
            }
            let mut sealed = Vec::with_capacity(object.size() as usize);
            object.fetch(&mut sealed)?;
            Ok(HeldBytes::in_memory(sealed))
        }
    }
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

/// SHA-256 of each sealed codes file, by which the shares of a night compare their codes.
///
/// # Errors
/// `input_*` as for [`record_files`]; `codes_piped_shard`: codes that come by standard input; I/O and store errors.
pub(crate) fn codes_digests(job: &Job) -> Result<Vec<String>, Failure> {
    if job.input().codes_piped {
        return Err(Failure::usage("codes_piped_shard", "shares can't tell that the same codes were piped to each")
            .in_file(job.file.display())
            .with_advice("run the mailers whole, with `--only mailers`, or give the shares codes files and take `input.codes_piped` out"));
    }
    expand(job, &job.input().codes, "codes")?.iter().map(Source::digest).collect()
}
