//! Announcements: what a sender says it sends for a night, held against what arrived.
//!
//! An announcement is a file `*.announce.toml` in a folder of the inbox. Where the job lists signers it is signed as every
//! other file is. Announcements of nights to come are passed over.

use std::collections::BTreeMap;
use std::path::Path;

use foreign::{key_offset, legible, line_and_column, plain_words};
use jiff::civil::Date;
use serde::Deserialize;

use super::inbox;
use super::signed::{Nights, SignatureCheck};
use super::source::Arrival;
use crate::failure::{Failure, Position, agreeing, counted};
use crate::job::Job;
use crate::ledger::Ledger;
use crate::signers::{FileDigests, SignatureFault};

/// The largest announcement that is read, in bytes.
const MAX_ANNOUNCEMENT_SIZE: u64 = 1 << 20;
/// How the names of sealed files end.
pub(super) const SEALED: &str = ".age";

/// An announcement as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Announcement {
    /// A date, or its text.
    night: toml::Value,
    #[serde(default)]
    files: Vec<FileEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    name: String,
    rows: Option<u64>,
    sha256: String,
}

/// An announced file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnnouncedFile {
    /// Its rows without the header; `None` for a codes file whose rows were not announced.
    pub(super) rows: Option<u64>,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub(super) sha256: String,
    night: Date,
    /// The announcement, legible.
    source: String,
}

/// A file that arrived, or was taken in by an earlier run of this night.
#[derive(Debug)]
pub(super) struct Arrived {
    /// Its name without its folder.
    pub(super) name: String,
    /// Its path or URL.
    pub(super) shown: String,
    /// SHA-256 of its bytes.
    pub(super) sha256: String,
    /// Its lines, with that of its header; `None` for a file that is sealed, compressed or without delimiters.
    pub(super) lines: Option<u64>,
}

/// Everything that the inbox's announcements say, up to a night.
#[derive(Debug)]
pub(super) struct Announced {
    night: Date,
    /// By name; of a name that several nights have, the last.
    files: BTreeMap<String, AnnouncedFile>,
    /// Whether one is of this very night.
    tonight: bool,
}

impl Announced {
    /// Reads the announcements of the inbox; `None` where there is none of this night or one before it.
    ///
    /// # Errors
    /// `announcement_invalid`, `announcement_unreadable`: exit code 2; `signature_*`; I/O errors.
    pub(super) fn read(job: &Job, night: Date, check: &SignatureCheck) -> Result<Option<Announced>, Failure> {
        let mut announced = Announced { night, files: BTreeMap::new(), tonight: false };
        let mut any = false;
        for path in inbox::announcements(job)? {
            let (_, bytes) = read(&path)?;
            let file = Arrival::at(path);
            let digests = FileDigests::of(&bytes[..], check.is_asked())?;
            let signed = check.check(&file, &digests, Nights::Any)?;
            let (of, files) = parse(&bytes, &file.shown)?;
            if let Some(signed) = signed.filter(|signed| signed.night != of) {
                let fault = SignatureFault::OtherNight(signed.night);
                return Err(Failure::refused(fault.code(), fault.to_string())
                    .in_file(&file.shown)
                    .with_advice("ask its sender for an announcement that is signed for its own night"));
            }
            if of <= night {
                any = true;
                announced.tonight |= of == night;
                announced.add(of, files, &file.shown)?;
            }
        }
        Ok(any.then_some(announced))
    }

    fn add(&mut self, night: Date, files: Vec<FileEntry>, source: &str) -> Result<(), Failure> {
        for FileEntry { name, rows, sha256 } in files {
            let known = self.files.get(&name);
            if known.is_some_and(|known| known.night == night) {
                return Err(invalid(source, format!("`{}` is announced twice for {night}", legible(&name))));
            }
            if known.is_none_or(|known| known.night < night) {
                self.files.insert(name, AnnouncedFile { rows, sha256, night, source: source.to_owned() });
            }
        }
        Ok(())
    }

    /// Whether one of them is of this very night.
    pub(super) fn are_of_this_night(&self) -> bool {
        self.tonight
    }

    /// What is announced for this very night.
    fn expected(&self) -> impl Iterator<Item = (&String, &AnnouncedFile)> {
        self.files.iter().filter(|(_, file)| file.night == self.night)
    }

    /// The announcement of a codes file.
    pub(super) fn codes(&self, name: &str) -> Option<&AnnouncedFile> {
        self.files.get(name)
    }

    /// The announcement of a record file of this night.
    pub(super) fn records(&self, name: &str) -> Option<&AnnouncedFile> {
        self.files.get(name).filter(|file| file.night == self.night)
    }

    /// Holds this night's record files, and the codes files of the inbox, against what was announced. `codes` is `None` where
    /// the run needs none, and `needed` says which announced names it needs.
    ///
    /// # Errors
    /// `announcement`: exit code 3; its parts are `announced_missing`, `announced_altered`, `not_announced`. Ledger errors.
    pub(super) fn hold(
        &self,
        records: &[Arrived],
        codes: Option<&[Arrived]>,
        needed: &dyn Fn(&str) -> bool,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let mut faults = Vec::new();
        for (name, file) in self.expected() {
            let mut arrived = records.iter().chain(codes.unwrap_or_default());
            let there = arrived.any(|arrived| arrived.name == *name);
            if !there && needed(name) && ledger.night_of_file(&file.sha256)? != Some(self.night) {
                faults.push(missing(name, file));
            }
        }
        if self.tonight {
            faults.extend(records.iter().filter_map(|arrived| fault(arrived, self.records(&arrived.name))));
        }
        let codes = codes.unwrap_or_default().iter();
        faults.extend(codes.filter_map(|arrived| fault(arrived, self.codes(&arrived.name))));
        match faults.is_empty() {
            true => Ok(()),
            false => Err(contradicted(self.night, faults)),
        }
    }
}

/// The night of an announcement of the inbox, and its files: name and SHA-256.
///
/// # Errors
/// `announcement_invalid`, `announcement_unreadable`.
pub(super) fn named_files(path: &Path) -> Result<(Date, Vec<(String, String)>), Failure> {
    let (shown, bytes) = read(path)?;
    let (night, files) = parse(&bytes, &shown)?;
    Ok((night, files.into_iter().map(|file| (file.name, file.sha256)).collect()))
}

/// An announcement's path, legible, and its bytes.
fn read(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let shown = Arrival::at(path.to_owned()).shown;
    let bytes = foreign::read(path, MAX_ANNOUNCEMENT_SIZE).map_err(|error| {
        Failure::usage("announcement_unreadable", error.to_string())
            .in_file(&shown)
            .with_advice("check its permissions, or fetch it again")
            .caused_by(error)
    })?;
    Ok((shown, bytes))
}

/// What arrived is not what was announced.
pub(super) fn contradicted(night: Date, faults: Vec<Failure>) -> Failure {
    let problem = format!("what arrived for the night of {night} is not what was announced");
    Failure::refused("announcement", problem).with_parts(faults)
}

/// The job asks for an announcement of each night, and there is none of this one.
pub(super) fn not_there(night: Date) -> Failure {
    let problem =
        format!("nothing announces the night of {night}, and the job asks for that (`input.announced`)");
    Failure::refused("announcement", problem).with_advice(format!(
        "wait for the announcement (`*.announce.toml` with `night = {night}`) or ask its sender, who announces without files a night on which nothing comes; see `--date` if the night itself is wrong"
    ))
}

/// An announced file that did not arrive.
fn missing(name: &str, file: &AnnouncedFile) -> Failure {
    let rows = file.rows.map(|rows| format!(", with {}", counted(rows, "row"))).unwrap_or_default();
    Failure::refused(
        "announced_missing",
        format!("`{}` is announced{rows}, and did not arrive", legible(name)),
    )
    .in_file(&file.source)
    .with_advice("wait for it, or ask its sender; the night can be run as soon as it is there")
}

/// What is wrong with a file that arrived.
fn fault(arrived: &Arrived, announced: Option<&AnnouncedFile>) -> Option<Failure> {
    let Some(announced) = announced else {
        return Some(
            Failure::refused("not_announced", "it arrived, and no announcement of the inbox names it")
                .in_file(&arrived.shown)
                .with_advice("ask its sender; take it out of the inbox if nobody sent it"),
        );
    };
    if announced.sha256 == arrived.sha256 {
        return None;
    }
    let sizes = announced.rows.zip(arrived.lines).map(|(rows, lines)| {
        // One line is the header.
        let cut = if lines <= rows { ": it was cut short" } else { "" };
        format!(
            "; {} {} announced, and it has {} with its header{cut}",
            counted(rows, "row"),
            agreeing(rows, "is", "are"),
            counted(lines, "line")
        )
    });
    let problem = format!("its SHA-256 is not the announced one{}", sizes.unwrap_or_default());
    Some(
        Failure::refused("announced_altered", problem)
            .in_file(&arrived.shown)
            .with_advice("fetch it again, in binary mode; ask its sender what was sent if it still differs"),
    )
}

/// A file that has another number of rows than was announced.
pub(super) fn other_rows(file: &str, announced: u64, rows: u64) -> Failure {
    Failure::refused(
        "announced_rows",
        format!(
            "{} {} announced, and it has {rows}",
            counted(announced, "row"),
            agreeing(announced, "is", "are")
        ),
    )
    .in_file(legible(file))
    .with_advice("ask its sender which of the two is right: file and announcement contradict each other")
}

fn invalid(source: &str, problem: String) -> Failure {
    Failure::usage("announcement_invalid", problem)
        .in_file(source)
        .with_advice("ask its sender for an announcement that can be read")
}

/// The night of an announcement and how many files it names; errors call it `name`.
///
/// # Errors
/// `announcement_invalid`: exit code 2.
pub fn read_announcement(bytes: &[u8], name: &str) -> Result<(Date, usize), Failure> {
    parse(bytes, name).map(|(night, files)| (night, files.len()))
}

/// The night and the files of an announcement.
fn parse(bytes: &[u8], source: &str) -> Result<(Date, Vec<FileEntry>), Failure> {
    let text = str::from_utf8(bytes).map_err(|_| invalid(source, "it is not UTF-8".to_owned()))?;
    let at = |offset: usize| {
        let (line, column) = line_and_column(text, offset);
        Position::column(source, line as u64, column as u64)
    };
    let announcement: Announcement = toml::from_str(text).map_err(|error| {
        let (problem, _) = plain_words(error.message());
        invalid(source, problem).at(at(error.span().map_or(0, |span| span.start)))
    })?;
    let night = match &announcement.night {
        toml::Value::Datetime(date) => date.to_string().parse().ok(),
        toml::Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let night = night.ok_or_else(|| {
        invalid(source, "`night` is no date such as 2026-11-20".to_owned()).at(at(key_offset(text, "night")))
    })?;
    for FileEntry { name, rows, sha256 } in &announcement.files {
        let shown = legible(name);
        if name.is_empty() || name.contains('/') {
            return Err(invalid(source, format!("`{shown}` is no name of a file without its folder")));
        }
        let digits = sha256.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if sha256.len() != 64 || !digits {
            return Err(invalid(
                source,
                format!("the `sha256` of `{shown}` has not 64 digits of 0-9 and a-f"),
            ));
        }
        if rows.is_none() && !name.ends_with(SEALED) {
            return Err(invalid(source, format!("`{shown}` is announced without its `rows`")));
        }
    }
    Ok((night, announcement.files))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn parsed(text: &str) -> Result<(Date, usize), String> {
        read_announcement(text.as_bytes(), "day.announce.toml").map_err(|failure| failure.to_string())
    }

    #[test]
    fn an_announcement_is_read_strictly() {
        let night = jiff::civil::date(2026, 11, 20);
        let file = |rest: &str| format!("night = 2026-11-20\n[[files]]\nname = \"cards.csv\"\n{rest}\n");
        assert_eq!(parsed("night = \"2026-11-20\"\n"), Ok((night, 0)));
        assert_eq!(parsed(&file(&format!("rows = 2\nsha256 = \"{DIGEST}\""))), Ok((night, 1)));
        for (text, word) in [
            ("files = []\n".to_owned(), "night"),
            ("night = 7\n".to_owned(), "night"),
            ("night = \"today\"\n".to_owned(), "1:1"),
            (file("rows = 2"), "sha256"),
            (file("rows = 2\nsha256 = \"9F\""), "64 digits"),
            (file(&format!("sha256 = \"{DIGEST}\"")), "`rows`"),
            (file(&format!("rows = -1\nsha256 = \"{DIGEST}\"")), ":4:"),
            (file(&format!("rows = 2\nsha256 = \"{DIGEST}\"\nsize = 3")), "size"),
            (file(&format!("rows = 2\nsha256 = \"{DIGEST}\"")).replace("cards", "../cards"), "folder"),
        ] {
            let error = parsed(&text).unwrap_err();
            assert!(error.contains(word) && error.starts_with("day.announce.toml"), "{text}: {error}");
        }
    }
}
