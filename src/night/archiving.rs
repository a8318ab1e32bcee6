//! The night's keeper: what a night took in moves out of the inbox, into a folder of the night below `--archive`. A night that is
//! merged from shares has the same.
//!
//! It moves what the ledger has, and nothing else: a file that arrives during the run stays. A name that the night's folder has
//! already, with other bytes, goes into the next of its folders `2`, `3` … Before the release the digests of the night's files are
//! noted in the archive (`.pending-NIGHT`): where a crash leaves files that were taken in, a later night moves them with its own.
//! A file that somebody sends once more is not noted any more, and so is refused as before.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::intake::{IntakeFile, TakenBundle, archive_fault, spent_announcements, taken_bundles};
use crate::failure::{Exit, Failure};
use crate::files::{move_known, private_folder, remove_file, sha256_of_file, write_private};
use crate::job::{Job, ObjectUrl};
use crate::ledger::Ledger;

/// How the name of a note begins; the night follows.
const PENDING: &str = ".pending-";
/// The largest note that is read, in bytes.
const MAX_NOTE: u64 = 16 << 20;

/// The archive of a run.
pub(super) struct Archive<'a> {
    job: &'a Job,
    night: Date,
    folder: PathBuf,
}

impl<'a> Archive<'a> {
    /// The archive that a night was given; `None` without one.
    ///
    /// # Errors
    /// `archive_objects`, `archive_folder`, `archive_in_inbox`, `archive_writable_by_others`; I/O errors.
    pub(super) fn of(
        job: &'a Job,
        night: Date,
        folder: Option<&Path>,
    ) -> Result<Option<Archive<'a>>, Failure> {
        let Some(folder) = folder else { return Ok(None) };
        refuse_unless_folder(folder)?;
        let folder = std::path::absolute(folder)?;
        archive_fault(job, &folder)?;
        Ok(Some(Archive { job, night, folder }))
    }

    /// Moves what earlier nights took in and could not move any more.
    ///
    /// # Errors
    /// `archive`, `archive_altered`: exit code 4; those of the inbox.
    pub(super) fn finish_earlier(&self, ledger: &Ledger) -> Result<Vec<String>, Failure> {
        let mut moved = Vec::new();
        for (night, note) in self.notes()?.into_iter().filter(|(night, _)| *night != self.night) {
            let digests = self.noted(&note)?;
            for bundle in taken_bundles(self.job, ledger)? {
                if bundle.night == night && digests.contains(bundle.sha256()) {
                    moved.extend(self.take(&bundle)?);
                }
            }
            remove_file(&note).map_err(|error| self.failed(error))?;
        }
        Ok(moved)
    }

    /// Notes what this night is about to take in.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn expect(&self, files: &[IntakeFile]) -> Result<(), Failure> {
        if files.is_empty() {
            return Ok(());
        }
        private_folder(&self.folder)?;
        let mut digests = match self.note().is_file() {
            true => self.noted(&self.note())?,
            false => BTreeSet::new(),
        };
        digests.extend(files.iter().map(|file| file.sha256.clone()));
        let lines: String = digests.iter().map(|digest| format!("{digest}\n")).collect();
        Ok(write_private(&self.note(), lines.as_bytes())?)
    }

    /// Moves what this night has taken in, and announcements of earlier nights that are needed no more. Returns the paths below the
    /// archive. The night is released already.
    ///
    /// # Errors
    /// `archive`, `archive_altered`: exit code 4, the same command moves what is left; those of the inbox.
    pub(super) fn take_all(&self, ledger: &Ledger) -> Result<Vec<String>, Failure> {
        let moved = self.take_tonight(ledger);
        moved.map_err(|failure| failure.with_exit(Exit::Midway))
    }

    fn take_tonight(&self, ledger: &Ledger) -> Result<Vec<String>, Failure> {
        let mut moved = Vec::new();
        for bundle in taken_bundles(self.job, ledger)?.iter().filter(|bundle| bundle.night == self.night) {
            moved.extend(self.take(bundle)?);
        }
        for bundle in spent_announcements(self.job, self.night, ledger)? {
            moved.extend(self.take(&bundle)?);
        }
        remove_file(&self.note()).map_err(|error| self.failed(error))?;
        Ok(moved)
    }

    /// Moves a file with its signatures.
    fn take(&self, bundle: &TakenBundle) -> Result<Vec<String>, Failure> {
        let folder = self.free_folder(bundle).map_err(|error| self.failed(error))?;
        let mut moved = Vec::new();
        for (path, sha256) in &bundle.files {
            let to = folder.join(path.file_name().unwrap_or_default());
            if !move_known(path, &to, sha256).map_err(|error| self.failed(error))? {
                let problem = "it was altered after it was taken in, and stays in the inbox";
                return Err(Failure::midway("archive_altered", problem).in_file(path.display()).with_advice(
                    "run the same command again: it takes in what is new, and moves the rest; have files put into the inbox under names of their own",
                ));
            }
            let below = to.strip_prefix(&self.folder).unwrap_or(&to);
            moved.push(below.display().to_string());
        }
        Ok(moved)
    }

    /// The folder for a file: that of its night, or the first of `2`, `3` … in which no name of the bundle has other bytes.
    fn free_folder(&self, bundle: &TakenBundle) -> std::io::Result<PathBuf> {
        let of_night = self.folder.join(bundle.night.to_string());
        let mut folder = of_night.clone();
        let mut number = 1u32;
        while !is_free(&folder, bundle)? {
            number += 1;
            folder = of_night.join(number.to_string());
        }
        private_folder(&folder)?;
        Ok(folder)
    }

    /// The note of this night.
    fn note(&self) -> PathBuf {
        self.folder.join(format!("{PENDING}{}", self.night))
    }

    /// The notes of the archive, by night.
    fn notes(&self) -> Result<Vec<(Date, PathBuf)>, Failure> {
        if !self.folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut notes = Vec::new();
        for entry in fs_err::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(night) = name.strip_prefix(PENDING).and_then(|night| night.parse().ok()) {
                notes.push((night, path));
            }
        }
        notes.sort();
        Ok(notes)
    }

    /// The digests of a note.
    fn noted(&self, note: &Path) -> Result<BTreeSet<String>, Failure> {
        let text = foreign::read_text(note, MAX_NOTE)
            .map_err(|unreadable| self.failed(std::io::Error::other(unreadable.to_string())))?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    fn failed(&self, error: std::io::Error) -> Failure {
        let advice = foreign::advice(&error).map_or_else(
            || {
                format!(
                    "let the user that runs `pli` write the inbox and {}, then run the same command again: it moves what is left",
                    self.folder.display()
                )
            },
            str::to_owned,
        );
        let problem = format!("what was taken in can't be moved into the archive: {error}");
        Failure::midway("archive", problem).with_advice(advice).caused_by(error)
    }
}

/// Refuses an archive in an object store, and one where a file or a dangling link lies at the path or on its way.
fn refuse_unless_folder(folder: &Path) -> Result<(), Failure> {
    let text = folder.to_string_lossy();
    if ObjectUrl::parse(&text).is_some() {
        return Err(Failure::usage(
            "archive_objects",
            format!("`--archive {text}` is no folder of this machine"),
        )
        .with_advice("name a folder of this machine, and have it copied from there"));
    }
    let is_in_the_way = |above: &&Path| above.symlink_metadata().is_ok() && !above.is_dir();
    match folder.ancestors().find(is_in_the_way) {
        Some(file) => Err(Failure::usage(
            "archive_folder",
            "a file, or a link to nothing, is where `--archive` needs a folder",
        )
        .in_file(file.display())
        .with_advice("name another folder, or move away what is there")),
        None => Ok(()),
    }
}

/// Whether no file of a bundle would meet another of its name in a folder.
fn is_free(folder: &Path, bundle: &TakenBundle) -> std::io::Result<bool> {
    for (path, sha256) in &bundle.files {
        let there = folder.join(path.file_name().unwrap_or_default());
        if there.symlink_metadata().is_ok() && (!there.is_file() || sha256_of_file(&there)? != *sha256) {
            return Ok(false);
        }
    }
    Ok(true)
}
