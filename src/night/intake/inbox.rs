//! The folders of this machine in which a job's files arrive: the files that its patterns take, and those that none takes.
//!
//! A missing folder is an error: a share that is not mounted must not pass for a night without records. Hidden files, and
//! files whose transfer is not finished, are never taken. They are named, as is every other file that no pattern takes.

use std::collections::{BTreeSet, HashSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use foreign::legible;
use glob::{MatchOptions, Pattern};
use mail::Words;
use zeroize::Zeroizing;

use crate::failure::{Failure, agreeing, counted};
use crate::files::open_folder;
use crate::job::{Job, ObjectUrl};
use crate::night::order::refuse_link;
use crate::signers::SignatureForm;

/// What a `*` does not match: a `/`, and the full stop of a hidden file.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// How the names of files end while they are written or sent.
const UNFINISHED: [&str; 9] =
    [".filepart", ".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".swp", "~"];

/// Files that systems leave in folders and that hold no records.
const CLUTTER: [&str; 5] = [".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep", ".gitignore"];

/// How the names of announcements end.
const ANNOUNCEMENT: &str = ".announce.toml";

/// How many folders below the inbox a `**` is followed where names that are not UTF-8 are looked for.
const DEEPEST: usize = 16;

/// How many files that were not taken are named.
const NAMED: usize = 100;

/// A file of an inbox that was not taken.
#[derive(Debug)]
pub(crate) struct UntakenFile {
    /// Its path relative to the job's folder, legible; empty for those beyond [`NAMED`].
    pub name: String,
    /// Why, and what to do.
    pub message: Words,
    /// The stable code.
    pub code: &'static str,
}

/// How much of a file is read for its header, in bytes.
const HEADER: u64 = 4 << 10;

/// The files that a pattern takes, in the order of their names.
///
/// # Errors
/// `input_folder_missing`, `input_missing`, `input_pattern`, `input_name`, `input_not_a_file`, `input_unreadable`;
/// `inbox_writable_by_others`, `link_out_of_job`.
pub(super) fn files(job: &Job, pattern: &str, key: &str) -> Result<Vec<PathBuf>, Failure> {
    let advice = || format!("correct `input.{key}` in {}", job.file.display());
    let path = job.path(pattern);
    if !is_pattern(pattern) {
        if !path.is_file() {
            return Err(Failure::usage("input_missing", "no such file")
                .in_file(shown(&path))
                .with_advice(advice()));
        }
        refuse_stranger(job, path.parent().unwrap_or(&path), &path)?;
        return Ok(vec![path]);
    }
    let folder = fixed_folder(job, pattern);
    if !folder.is_dir() {
        return Err(Failure::usage("input_folder_missing", "no such folder, so no file can arrive there")
            .in_file(shown(&folder))
            .with_advice(format!("mount or make it, or {}", advice())));
    }
    refuse_open_inbox(job, &folder, key)?;
    let no_pattern = |error: glob::PatternError| {
        Failure::usage("input_pattern", format!("`{pattern}`: {error}"))
            .with_advice(advice())
            .caused_by(error)
    };
    let mut found = Vec::new();
    let whole = full(job, pattern);
    let matcher = Pattern::new(&whole).map_err(no_pattern)?;
    if let Some(path) = not_utf_8(&folder, pattern, &matcher) {
        return Err(Failure::usage("input_name", "its name is not UTF-8, so it can't be named in a report")
            .in_file(shown(&path))
            .with_advice("rename it, or move it out of the inbox"));
    }
    // `glob` panics where it compares the first character of a name that is not UTF-8: hidden files are left out here.
    let walked = MatchOptions { require_literal_leading_dot: false, ..OPTIONS };
    for path in glob::glob_with(&whole, walked).map_err(no_pattern)? {
        let path = path.map_err(|error| {
            Failure::usage("input_unreadable", error.to_string())
                .with_advice("check the permissions of the inbox")
                .caused_by(error)
        })?;
        let hidden = is_hidden(&path, &folder) && !matcher.matches_path_with(&path, OPTIONS);
        if hidden || is_unfinished(&path) || is_companion(&path.to_string_lossy()) {
            continue;
        }
        if !path.is_file() {
            return Err(Failure::usage("input_not_a_file", "not a file")
                .in_file(shown(&path))
                .with_advice("take it out of the inbox"));
        }
        refuse_stranger(job, &folder, &path)?;
        found.push(path);
    }
    Ok(found)
}

/// Refuses a file of an inbox to which a symbolic link leads, out of the job, or out of an inbox that lies elsewhere.
fn refuse_stranger(job: &Job, folder: &Path, path: &Path) -> Result<(), Failure> {
    refuse_link(job, folder, path, "take the link out of the inbox, and put the file itself there")
}

/// Refuses a folder in which every user may put records, or to which a symbolic link leads, out of the job.
fn refuse_open_inbox(job: &Job, folder: &Path, key: &str) -> Result<(), Failure> {
    refuse_link(job, folder, folder, &format!("write the folder that is meant as `input.{key}`"))?;
    // The sticky bit keeps users from replacing each other's files, and not from adding their own.
    let Some(open) = open_folder(folder).filter(|open| open.everybody) else { return Ok(()) };
    let (path, mode) = (shown(&open.path), open.mode);
    let problem = format!(
        "every user of this machine may write it (mode {mode:03o}), and so decide what is printed and sent"
    );
    let advice = format!("see that all records in it are the issuer's, then run `chmod o-w {path}`");
    Err(Failure::usage("inbox_writable_by_others", problem).in_file(path).with_advice(advice))
}

/// A file with a name that is not UTF-8, in a folder or below, that the pattern would take if its name were.
fn not_utf_8(folder: &Path, pattern: &str, matcher: &Pattern) -> Option<PathBuf> {
    let parts = pattern.split('/').filter(|part| is_pattern(part)).count();
    let depth = if pattern.contains("**") { DEEPEST } else { parts + pattern.matches('/').count() };
    let taken = |path: &Path| {
        path.to_str().is_none()
            && !is_unfinished(path)
            && path.is_file()
            && matcher.matches_with(&path.to_string_lossy(), OPTIONS)
    };
    let mut folders = vec![(folder.to_owned(), depth)];
    let mut found: Vec<PathBuf> = Vec::new();
    while let Some((folder, depth)) = folders.pop() {
        // A folder that can't be listed is reported by the walk that takes files.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if taken(&path) {
                found.push(path);
            } else if depth > 1 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push((path, depth - 1));
            }
        }
    }
    found.into_iter().min()
}

/// Whether a part of a path below a folder begins with a full stop.
fn is_hidden(path: &Path, folder: &Path) -> bool {
    let below = path.strip_prefix(folder).unwrap_or(path);
    below.iter().any(|part| part.as_encoded_bytes().starts_with(b"."))
}

/// Checks that the folders of patterns are there.
///
/// # Errors
/// `input_folder_missing`.
pub(super) fn check_folders(job: &Job, patterns: &[String], key: &str) -> Result<(), Failure> {
    let local = patterns.iter().filter(|pattern| ObjectUrl::parse(pattern).is_none() && is_pattern(pattern));
    local.map(|pattern| (pattern, fixed_folder(job, pattern))).try_for_each(|(_, folder)| {
        match folder.is_dir() {
            true => Ok(()),
            false => {
                Err(Failure::usage("input_folder_missing", "no such folder, so no file can arrive there")
                    .in_file(shown(&folder))
                    .with_advice(format!(
                        "mount or make it, or correct `input.{key}` in {}",
                        job.file.display()
                    )))
            }
        }
    })
}

/// The files in the folders of the job's patterns that no pattern takes, in the order of their names.
///
/// # Errors
/// I/O errors: a folder can't be listed.
pub(super) fn untaken(job: &Job) -> Result<Vec<UntakenFile>, Failure> {
    let all = job.input().cards.iter().chain(&job.input().codes);
    let local: Vec<&String> = all.filter(|pattern| ObjectUrl::parse(pattern).is_none()).collect();
    let literal: HashSet<PathBuf> =
        local.iter().filter(|pattern| !is_pattern(pattern)).map(|pattern| job.path(pattern)).collect();
    let matchers: Vec<(&str, Pattern)> = local
        .iter()
        .filter(|pattern| is_pattern(pattern))
        .filter_map(|pattern| Some((pattern.as_str(), Pattern::new(&full(job, pattern)).ok()?)))
        .collect();
    let mut files = arrivals(job)?;
    files.retain(|path| !is_clutter(path) && !literal.contains(path));
    let mut untaken: Vec<UntakenFile> = Vec::new();
    let mut more = 0;
    let signed = !job.input().signers.is_empty();
    let why = |path: &Path| match is_companion(&path.to_string_lossy()) {
        true => use_of(path, signed),
        false => reason(path, &matchers),
    };
    for (path, reason) in files.iter().filter_map(|path| Some((path, why(path)?))) {
        match untaken.len() < NAMED {
            true => untaken.push(match may_hold_codes(path) {
                true => UntakenFile {
                    name: name(job, path),
                    message: codes_in_clear(),
                    code: "file_may_hold_codes",
                },
                false => UntakenFile { name: name(job, path), message: reason, code: "file_not_taken" },
            }),
            false => more += 1,
        }
    }
    if more > 0 {
        let message = Words::of(
            format!(
                "{more} {} pas été pris dans la boîte d’arrivée\u{202F}; voyez ce que nomme «\u{A0}input\u{A0}»",
                agreeing(more, "autre fichier n’a", "autres fichiers n’ont")
            ),
            format!(
                "{} of the inbox {} not taken; see what `input` names",
                counted(more, "more file"),
                agreeing(more, "was", "were")
            ),
        );
        untaken.push(UntakenFile { name: String::new(), message, code: "file_not_taken" });
    }
    Ok(untaken)
}

/// The files in the folders of the job's patterns on this machine, in the order of their names.
///
/// # Errors
/// I/O errors: a folder can't be listed.
pub(super) fn arrivals(job: &Job) -> Result<Vec<PathBuf>, Failure> {
    let all = job.input().cards.iter().chain(&job.input().codes);
    let local = all.filter(|pattern| ObjectUrl::parse(pattern).is_none());
    let folders: BTreeSet<PathBuf> = local.filter_map(|pattern| inbox_of(job, pattern)).collect();
    let mut files = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The pattern that could take files below a folder; `None` where none can. Patterns of object stores take none.
pub(super) fn pattern_into<'j>(job: &'j Job, folder: &Path) -> Option<&'j str> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let all = job.input().cards.iter().chain(&job.input().codes);
    let mut local = all.filter(|pattern| ObjectUrl::parse(pattern).is_none() && is_pattern(pattern));
    let into = |pattern: &&String| {
        let fixed = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
        let goes_deeper = pattern[fixed..].contains('/');
        let begin = fixed_folder(job, pattern);
        goes_deeper && folder.starts_with(begin.canonicalize().unwrap_or(begin))
    };
    local.find(into).map(String::as_str)
}

/// Whether a name without its folder is one that the patterns of codes files take.
pub(super) fn is_of_codes(job: &Job, name: &str) -> bool {
    let named = job.input().codes.iter().map(|pattern| pattern.rsplit('/').next().unwrap_or_default());
    let mut matchers = named.filter_map(|pattern| Pattern::new(pattern).ok());
    matchers.any(|matcher| matcher.matches_with(name, OPTIONS))
}

/// The announcements in the folders of the job's patterns, in the order of their names.
///
/// # Errors
/// `link_out_of_job`; I/O errors: a folder can't be listed.
pub(super) fn announcements(job: &Job) -> Result<Vec<PathBuf>, Failure> {
    let is_one = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.ends_with(ANNOUNCEMENT) && !name.starts_with('.')
    };
    let found: Vec<PathBuf> = arrivals(job)?.into_iter().filter(|path| is_one(path)).collect();
    found.iter().try_for_each(|path| refuse_stranger(job, path.parent().unwrap_or(path), path))?;
    Ok(found)
}

/// Whether a name is that of a signature or of an announcement, which no pattern takes.
pub(super) fn is_companion(name: &str) -> bool {
    name.ends_with(ANNOUNCEMENT) || SignatureForm::ALL.iter().any(|form| name.ends_with(form.ending()))
}

/// Whether a name without its folder is that of a record file rather than of a codes file.
pub(super) fn is_record_name(job: &Job, name: &str) -> bool {
    let takes = |patterns: &[String]| {
        patterns.iter().any(|pattern| {
            let last = pattern.rsplit('/').next().unwrap_or_default();
            Pattern::new(last).is_ok_and(|matcher| matcher.matches_with(name, OPTIONS))
        })
    };
    takes(&job.input().cards) && !takes(&job.input().codes)
}

/// Why a signature is of no use; `None` for one that is used, and for an announcement.
fn use_of(path: &Path, signed: bool) -> Option<Words> {
    let name = path.to_string_lossy();
    let of = SignatureForm::ALL.iter().find_map(|form| name.strip_suffix(form.ending()))?;
    match (signed, Path::new(of).is_file()) {
        (true, true) => None,
        (false, _) => Some(Words::new(
            "non pris\u{202F}: c’est une signature, et la tâche ne donne pas d’«\u{A0}input.signers\u{A0}»",
            "not taken: a signature, and the job lists no `input.signers`",
        )),
        (true, false) => Some(Words::new(
            "non pris\u{202F}: c’est la signature d’un fichier absent\u{202F}; faites-le revenir, ou sortez-la de la boîte d’arrivée",
            "not taken: the signature of a file that is not there; fetch it again, or move it out of the inbox",
        )),
    }
}

/// A file's path relative to the job's folder, legible.
fn name(job: &Job, path: &Path) -> String {
    shown(path.strip_prefix(job.path("")).unwrap_or(path))
}

/// Whether the first line of a file names codes, as a table of codes in clear does. What can't be read names none.
fn may_hold_codes(path: &Path) -> bool {
    let Ok(file) = foreign::open_regular(path) else { return false };
    // What follows the header may be codes: it is wiped.
    let mut begin = Zeroizing::new(Vec::with_capacity(HEADER as usize));
    if file.take(HEADER).read_to_end(&mut begin).is_err() {
        return false;
    }
    let header = begin.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = header.split(|byte| !byte.is_ascii_alphanumeric());
    words.any(|word| [b"pin", b"puk"].iter().any(|code| word.eq_ignore_ascii_case(code.as_slice())))
}

/// What is to be done about codes in clear.
fn codes_in_clear() -> Words {
    Words::new(
        "non pris\u{202F}: son en-tête est celui de codes, et il peut les contenir en clair\u{202F}; faites-le sceller par qui fait les codes («\u{A0}age -R keys/codes.pub\u{A0}»), et détruisez cette copie",
        "not taken: its header is that of codes, and it may hold them in clear; have it sealed by who makes the codes (`age -R keys/codes.pub`), and destroy this copy",
    )
}

/// Why no pattern takes a file; `None` where one does.
fn reason(path: &Path, matchers: &[(&str, Pattern)]) -> Option<Words> {
    let taken = |options: MatchOptions| {
        matchers.iter().find(|(_, matcher)| matcher.matches_path_with(path, options)).map(|(text, _)| *text)
    };
    if is_unfinished(path) {
        return Some(Words::new(
            "non pris\u{202F}: son nom est celui d’un transfert inachevé\u{202F}; renommez-le une fois le transfert fini",
            "not taken: its name is that of a transfer that is not finished; rename it once it is",
        ));
    }
    if taken(OPTIONS).is_some() {
        return None;
    }
    if let Some(pattern) = taken(MatchOptions { case_sensitive: false, ..OPTIONS }) {
        return Some(Words::of(
            format!(
                "non pris\u{202F}: seules ses capitales diffèrent de «\u{A0}{pattern}\u{A0}»\u{202F}; renommez-le, ou ajoutez son nom à «\u{A0}input\u{A0}»"
            ),
            format!(
                "not taken: only its capitals differ from `{pattern}`; rename it, or add its name to `input`"
            ),
        ));
    }
    if path.file_name().is_some_and(|name| name.to_str().is_none()) {
        return Some(Words::new(
            "non pris\u{202F}: son nom n’est pas en UTF-8\u{202F}; renommez-le, ou sortez-le de la boîte d’arrivée",
            "not taken: its name is not UTF-8; rename it, or move it out of the inbox",
        ));
    }
    if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
        return Some(Words::new(
            "non pris\u{202F}: il est caché, comme pendant un transfert\u{202F}; renommez-le sans son point initial",
            "not taken: it is hidden, as files are during a transfer; rename it without its full stop",
        ));
    }
    Some(Words::new(
        "non pris\u{202F}: aucun motif d’«\u{A0}input\u{A0}» ne lui correspond\u{202F}; ajoutez-en un, ou sortez le fichier de la boîte d’arrivée",
        "not taken: no pattern of `input` matches it; add one, or move the file out of the inbox",
    ))
}

fn is_pattern(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

/// The pattern from the root of the file system.
fn full(job: &Job, pattern: &str) -> String {
    let folder = Pattern::escape(&job.path("").display().to_string());
    if Path::new(pattern).is_absolute() { pattern.to_owned() } else { format!("{folder}{pattern}") }
}

/// The folder of a pattern down to the first part with a wildcard.
fn fixed_folder(job: &Job, pattern: &str) -> PathBuf {
    let fixed = &pattern[..pattern.find(['*', '?', '[']).unwrap_or(pattern.len())];
    job.path(fixed.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder }))
}

/// The folder whose files a pattern may take; `None` where that is no single folder, or the job's own.
fn inbox_of(job: &Job, pattern: &str) -> Option<PathBuf> {
    let (folder, _) = pattern.rsplit_once('/')?;
    (!is_pattern(folder) && !folder.is_empty()).then(|| job.path(folder))
}

fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    UNFINISHED.iter().any(|ending| name.ends_with(ending))
}

fn is_clutter(path: &Path) -> bool {
    path.file_name().is_some_and(|name| CLUTTER.iter().any(|clutter| *clutter == name))
}

fn shown(path: &Path) -> String {
    legible(&path.display().to_string()).into_owned()
}
