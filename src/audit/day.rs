//! The files of a day, and the days of a folder.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::head::Head;
use super::line::hash_of;
use super::note::SignedNote;
use super::{HEAD, LINES, LOCK, MAX_DAY, MAX_HEAD, NEXT};
use crate::failure::Failure;
use crate::files::{name_of_user, owner_of, working_user};

/// The file of a day with an ending.
pub(super) fn file_of(folder: &Path, day: Date, ending: &str) -> PathBuf {
    folder.join(format!("{day}.{ending}"))
}

/// Which files a day has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DayFiles {
    /// Whether there are lines.
    pub lines: bool,
    /// Whether there is a head.
    pub head: bool,
    /// Whether there is the head of a line that is being written.
    pub next: bool,
}

/// The days of a folder.
#[derive(Debug, Default)]
pub(super) struct Days {
    /// The days that have a file.
    pub days: BTreeMap<Date, DayFiles>,
    /// Files that are none of a log's, by name.
    pub strange: Vec<String>,
}

impl Days {
    /// Lists a folder. One that is not there has no days.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn of(folder: &Path) -> io::Result<Days> {
        let mut found = Days::default();
        let entries = match fs_err::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // What a killed process left of a file that appears whole.
            if name == LOCK || (name.starts_with('.') && name.ends_with(".partial")) {
                continue;
            }
            let parts =
                name.split_once('.').and_then(|(day, ending)| Some((day.parse::<Date>().ok()?, ending)));
            let Some((day, ending)) = parts.filter(|(day, ending)| format!("{day}.{ending}") == name) else {
                found.strange.push(name);
                continue;
            };
            let regular = entry.file_type()?.is_file();
            let files = found.days.entry(day).or_default();
            match ending {
                LINES if regular => files.lines = true,
                HEAD if regular => files.head = true,
                NEXT if regular => files.next = true,
                _ => found.strange.push(name),
            }
        }
        found.days.retain(|_, files| *files != DayFiles::default());
        found.strange.sort();
        Ok(found)
    }

    /// The newest day that has a head.
    pub(super) fn newest(&self) -> Option<Date> {
        self.days.iter().rev().find(|(_, files)| files.head).map(|(day, _)| *day)
    }
}

/// The lines of a day. What follows the last line feed is a torn line.
#[derive(Debug, Default)]
pub(super) struct DayLines {
    bytes: Vec<u8>,
}

impl DayLines {
    /// Reads a day. One without a file has no lines.
    ///
    /// # Errors
    /// `audit_io`: the file is there and can't be read.
    pub(super) fn read(folder: &Path, day: Date) -> Result<DayLines, Failure> {
        let path = file_of(folder, day, LINES);
        match foreign::read(&path, MAX_DAY) {
            Ok(bytes) => Ok(DayLines { bytes }),
            Err(unreadable) if unreadable.error.kind() == io::ErrorKind::NotFound => Ok(DayLines::default()),
            Err(unreadable) => Err(audit_io(&path, &unreadable.error)),
        }
    }

    /// The whole lines, without their line feeds.
    pub(super) fn whole(&self) -> impl Iterator<Item = &[u8]> {
        let end = self.bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        let none = self.bytes.is_empty() || (end == 0 && self.bytes[0] != b'\n');
        let whole = if none { &[][..] } else { &self.bytes[..end] };
        whole.split(|byte| *byte == b'\n').filter(move |_| !none)
    }

    /// The bytes of the torn line, if there is one.
    pub(super) fn torn(&self) -> usize {
        let end = self.bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.bytes.len() - end
    }

    /// How many whole lines there are, and the hash of the last.
    pub(super) fn end(&self) -> (u64, Option<String>) {
        let (mut count, mut last) = (0, None);
        for line in self.whole() {
            count += 1;
            last = Some(line);
        }
        (count, last.map(hash_of))
    }

    /// The last whole line.
    pub(super) fn last(&self) -> Option<&[u8]> {
        self.whole().last()
    }

    /// Whether these are the lines that a head says: as many, and the last of its hash.
    pub(super) fn agree_with(&self, head: &Head) -> bool {
        let (count, last) = self.end();
        count == head.lines && last.is_none_or(|last| last == head.last)
    }

    /// The length of the whole lines in bytes.
    pub(super) fn whole_length(&self) -> u64 {
        (self.bytes.len() - self.torn()) as u64
    }
}

/// Reads a head; `None` for what is none, and where there is no file.
///
/// # Errors
/// `audit_io`: the file is there and this user can't read it, or the disk fails.
pub(super) fn read_head(path: &Path) -> Result<Option<(SignedNote, Head)>, Failure> {
    let bytes = match foreign::read(path, MAX_HEAD) {
        Ok(bytes) => bytes,
        Err(unreadable) if is_none_of_a_log(unreadable.error.kind()) => return Ok(None),
        Err(unreadable) => return Err(audit_io(path, &unreadable.error)),
    };
    let head = || {
        let note = SignedNote::parse(&bytes)?;
        let head = Head::parse(note.text())?;
        Some((note, head))
    };
    Ok(head())
}

/// Whether a file that was not read is missing, or can't be one of a log whoever reads it.
fn is_none_of_a_log(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{FileTooLarge, InvalidData, InvalidInput, IsADirectory, NotFound};
    matches!(kind, NotFound | FileTooLarge | InvalidData | InvalidInput | IsADirectory)
}

fn shown_user(number: u32) -> String {
    name_of_user(number).unwrap_or_else(|| number.to_string())
}

/// A file of the log that can't be read. Nothing says that it was changed.
pub(super) fn audit_io(path: &Path, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            let this = working_user().map_or_else(|| "USER".to_owned(), shown_user);
            let owner = owner_of(path).map(|owner| format!(", which belongs to {}", shown_user(owner.user)));
            format!(
                "let this user read the audit log{}: `chown {this} {}` as root, then run the same command again; `pli doctor` names all such files",
                owner.unwrap_or_default(),
                path.display()
            )
        }
        _ => "see to the disk, then run the same command again".to_owned(),
    };
    Failure::midway("audit_io", error.to_string()).in_file(path.display()).with_advice(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_told_from_a_torn_one() {
        for (bytes, whole, torn) in [
            ("", vec![], 0),
            ("a", vec![], 1),
            ("a\n", vec!["a"], 0),
            ("\n", vec![""], 0),
            ("a\nb\nc", vec!["a", "b"], 1),
        ] {
            let lines = DayLines { bytes: bytes.into() };
            let found: Vec<&[u8]> = lines.whole().collect();
            assert_eq!(found, whole.iter().map(|line| line.as_bytes()).collect::<Vec<_>>(), "{bytes:?}");
            assert_eq!(lines.torn(), torn, "{bytes:?}");
            assert_eq!(lines.whole_length(), (bytes.len() - torn) as u64);
        }
    }
}
