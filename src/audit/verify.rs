//! Verification of a whole log: every line, every head, and what is known of it elsewhere.
//!
//! Fails on what is unsealed, short, missing or under another key. What the key's holder rewrote from some day on is found against an anchor
//! only: a checkpoint that lies elsewhere, or a cosignature.

use std::path::Path;

use jiff::civil::Date;

use super::day::{DayFiles, DayLines, Days, file_of, read_head};
use super::head::Head;
use super::line::{PURGE, ReadLine, day_of, hash_of};
use super::note::{NoteKey, Signed, SignedNote};
use super::verdict::Tampering::{self, *};
use super::{Checkpoint, Fault, HEAD, LINES, NEXT, NOTHING, Verification};
use crate::failure::{Failure, counted};

/// What a log is held against.
#[derive(Debug, Clone, Default)]
pub(crate) struct Against {
    /// How far the log went, as its job keeps it, each with the name of the place. None is an anchor: who can write the log can
    /// write them, too.
    pub kept: Vec<(&'static str, Checkpoint)>,
    /// Checkpoints that were kept elsewhere.
    pub since: Vec<Checkpoint>,
    /// The keys whose cosignatures count.
    pub cosigners: Vec<NoteKey>,
}

/// Verifies the log of a folder, whose key is `key`.
///
/// # Errors
/// I/O errors; a log that is not as it should be is no error.
pub(crate) fn verify(folder: &Path, key: &NoteKey, against: &Against) -> Result<Verification, Failure> {
    let days = Days::of(folder)?;
    let mut walk = Walk::new(folder, key, against);
    let Some((first, last)) = days.days.keys().next().copied().zip(days.days.keys().next_back().copied())
    else {
        walk.fault(DayMissing, folder.display().to_string(), None, "there is no log here".to_owned());
        walk.end();
        return Ok(walk.found);
    };
    let mut day = first;
    loop {
        walk.day(day, days.days.get(&day).copied().unwrap_or_default(), day == last)?;
        match day.tomorrow() {
            Ok(next) if day < last => day = next,
            _ => break,
        }
        // Of many missing days in a row the first says enough.
        if let Some((next, _)) = days.days.range(day..).next().filter(|_| walk.missing > 0) {
            day = *next;
        }
    }
    for name in days.strange {
        walk.fault(StrangeFile, name, None, "this file is none of the log's".to_owned());
    }
    walk.end();
    Ok(walk.found)
}

/// A verification under way.
struct Walk<'w> {
    folder: &'w Path,
    key: &'w NoteKey,
    against: &'w Against,
    found: Verification,
    /// How many lines there are so far, by the heads.
    total: u64,
    /// The hash of the line before.
    last: String,
    /// The digest of the head of the day before; `None` where that is missing or wrong.
    previous: Option<String>,
    /// How many days in a row were missing.
    missing: u32,
    /// The first days of the log whose lines are not there, with their heads' total: a purge may have forgotten them.
    forgotten: Vec<(Date, u64)>,
    /// Whether all days so far have no lines.
    nothing_yet: bool,
    /// The day before which a line of this log says that lines were forgotten.
    forgets: Option<Date>,
    /// What the log is held against, each with whether the log has its line.
    known: Vec<(Checkpoint, Place, Met)>,
}

/// Where a checkpoint was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Elsewhere,
    InJob(&'static str),
}

/// Whether the log has the line of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    NotYet,
    Same,
    Another,
}

impl<'w> Walk<'w> {
    fn new(folder: &'w Path, key: &'w NoteKey, against: &'w Against) -> Walk<'w> {
        let since = against.since.iter().map(|anchor| (anchor.clone(), Place::Elsewhere, Met::NotYet));
        let kept = against.kept.iter().map(|(place, head)| (head.clone(), Place::InJob(place), Met::NotYet));
        let mut walk = Walk {
            folder,
            key,
            against,
            found: Verification::default(),
            total: 0,
            last: NOTHING.to_owned(),
            previous: Some(NOTHING.to_owned()),
            missing: 0,
            forgotten: Vec::new(),
            nothing_yet: true,
            forgets: None,
            known: since.chain(kept).collect(),
        };
        walk.meet(0, NOTHING);
        walk
    }

    fn fault(&mut self, kind: Tampering, file: String, line: Option<u64>, message: String) {
        self.found.faults.push(Fault { kind, file, line, message });
    }

    /// Holds a line against the checkpoints of its number.
    fn meet(&mut self, number: u64, hash: &str) {
        for (known, _, met) in self.known.iter_mut().filter(|(known, ..)| known.total == number) {
            let same = *met != Met::Another && known.is_of(hash);
            *met = if same { Met::Same } else { Met::Another };
        }
    }

    /// Verifies a day.
    fn day(&mut self, day: Date, files: DayFiles, is_last: bool) -> Result<(), Failure> {
        let name = |ending: &str| format!("{day}.{ending}");
        if files == DayFiles::default() {
            self.missing += 1;
            if self.missing == 1 {
                self.fault(
                    DayMissing,
                    name(HEAD),
                    None,
                    "this day has no head, and later days have one".to_owned(),
                );
            }
            self.previous = None;
            return Ok(());
        }
        self.missing = 0;
        self.found.days += 1;
        let lines = DayLines::read(self.folder, day)?;
        // A command that was killed leaves a line whose head is signed and has not its name yet.
        let ending = if files.next && self.is_pending(day, &lines)? { NEXT } else { HEAD };
        let Some(head) = self.head(day, ending, files)? else {
            self.previous = None;
            // The lines that follow are numbered by the next head.
            return Ok(());
        };
        let (note, head) = head;
        let whole = self.hold(day, &head, is_last, ending);
        let fault = match whole {
            Some(fault) => Some(fault),
            None if self.nothing_yet && !files.lines && head.closed && head.lines > 0 => {
                self.forgotten.push((day, head.total));
                None
            }
            None => self.lines(&lines, &head),
        };
        self.nothing_yet &= !files.lines;
        self.found.faults.extend(fault);
        self.meet(head.total, &head.last);
        (self.total, self.last) = (head.total, head.last.clone());
        self.previous = Some(note.digest());
        self.found.lines = head.total;
        self.found.head = Some(head.checkpoint());
        self.cosigned(&note, &head);
        Ok(())
    }

    /// Whether the line of a killed command is there.
    fn is_pending(&self, day: Date, lines: &DayLines) -> Result<bool, Failure> {
        let found = read_head(&file_of(self.folder, day, NEXT))?;
        Ok(found.is_some_and(|(_, head)| lines.agree_with(&head) && lines.torn() == 0))
    }

    /// The head of a day that the log's key signed.
    fn head(
        &mut self,
        day: Date,
        ending: &str,
        files: DayFiles,
    ) -> Result<Option<(SignedNote, Head)>, Failure> {
        let name = format!("{day}.{ending}");
        if !files.head && ending == HEAD {
            let file = format!("{day}.{LINES}");
            self.fault(Unsealed, file, None, "the lines of this day have no head".to_owned());
            return Ok(None);
        }
        let Some((note, head)) = read_head(&file_of(self.folder, day, ending))? else {
            self.fault(HeadAltered, name, None, "this file is no head of a log".to_owned());
            return Ok(None);
        };
        let (kind, problem) = match note.signed_by(self.key) {
            Signed::Yes => return Ok(Some((note, head))),
            Signed::No => (Unsealed, "the log's key did not sign this head"),
            Signed::ByAnotherKey => (AnotherKey, "this head is signed with another key"),
            Signed::Altered => (HeadAltered, "this head is not what was signed"),
        };
        self.fault(kind, name, None, problem.to_owned());
        Ok(None)
    }

    /// What is wrong with a signed head where it stands.
    fn hold(&self, day: Date, head: &Head, is_last: bool, ending: &str) -> Option<Fault> {
        let fault = |kind, message: String| {
            Some(Fault { kind, file: format!("{day}.{ending}"), line: None, message })
        };
        if head.day != day {
            return fault(Exchanged, format!("this is the head of {}", head.day));
        }
        if !head.closed && !is_last {
            return fault(NotClosed, "this day is not closed, and another follows".to_owned());
        }
        match &self.previous {
            Some(digest) if *digest == NOTHING && head.previous != NOTHING => {
                fault(DayMissing, "the log begins with this day, and its head follows another".to_owned())
            }
            Some(digest) if *digest != head.previous => {
                fault(Exchanged, "this head does not follow that of the day before".to_owned())
            }
            Some(_) if head.total != self.total + head.lines => {
                fault(Removed, format!("its lines end with {}, and begin after {}", head.total, self.total))
            }
            _ => None,
        }
    }

    /// The first line of a day that is not as it was written.
    fn lines(&mut self, lines: &DayLines, head: &Head) -> Option<Fault> {
        let file = format!("{}.{LINES}", head.day);
        let fault = |kind, line: u64, message: String| {
            Some(Fault { kind, file: file.clone(), line: Some(line), message })
        };
        let first = head.total.saturating_sub(head.lines);
        // Where the day before has no head that counts, this day's first line says what it follows.
        let mut before = self.previous.as_ref().map(|_| self.last.clone());
        let (mut at, mut count, mut earlier): (_, u64, Vec<u8>) = (None, 0, Vec::new());
        for line in lines.whole() {
            count += 1;
            let Some(read) = ReadLine::parse(line) else {
                return fault(Edited, count, "this is no line of a log".to_owned());
            };
            let number = first + count;
            if read.number != number || day_of(read.at) != head.day {
                let (kind, message) = match line == &*earlier {
                    true => (Doubled, "this line is the one before once more".to_owned()),
                    false => misplaced(&read, number, head.day, lines),
                };
                return fault(kind, count, message);
            }
            if count > head.lines {
                return fault(
                    Unsealed,
                    count,
                    format!("the head of this day has {}", counted(head.lines, "line")),
                );
            }
            if before.as_ref().is_some_and(|before| *before != read.before) {
                let message = "the next line follows another than this one".to_owned();
                return match count {
                    1 => fault(
                        Edited,
                        1,
                        "this line does not follow the last one of the day before".to_owned(),
                    ),
                    _ => fault(Edited, count - 1, message),
                };
            }
            if at.is_some_and(|at| read.at < at) {
                return fault(Edited, count, "this line is earlier than the one before".to_owned());
            }
            let hash = hash_of(line);
            self.meet(number, &hash);
            if read.act == PURGE {
                self.forgets = self.forgets.max(read.forgets);
            }
            (before, at) = (Some(hash), Some(read.at));
            earlier.clear();
            earlier.extend(line);
        }
        if lines.torn() > 0 {
            return fault(Unsealed, count + 1, "this line is torn, and no head covers it".to_owned());
        }
        if count < head.lines {
            return fault(
                Cut,
                count + 1,
                format!("the day ends with line {count}, and its head has {}", head.lines),
            );
        }
        let last = before.is_none_or(|last| last == head.last);
        if last {
            None
        } else {
            fault(Edited, count.max(1), "the head of this day follows another line".to_owned())
        }
    }

    /// Whether the head is cosigned: then the log is anchored up to it.
    fn cosigned(&mut self, note: &SignedNote, head: &Head) {
        let mut cosigners = self.against.cosigners.iter().filter(|cosigner| !cosigner.is_key_of(self.key));
        if cosigners.any(|cosigner| note.signed_by(cosigner) == Signed::Yes) {
            self.found.anchored = self.found.anchored.max(Some(head.total));
        }
    }

    /// Says which days were forgotten by no purge, and which checkpoints the log does not have.
    fn end(&mut self) {
        if let Some((day, _)) =
            self.forgotten.iter().find(|(day, _)| self.forgets.is_none_or(|before| *day >= before))
        {
            let message = "the lines of this day are missing, and no purge of the log says so".to_owned();
            // These days are the first.
            self.found
                .faults
                .insert(0, Fault { kind: Cut, file: format!("{day}.{LINES}"), line: Some(1), message });
        }
        let forgotten = self.forgotten.last().map_or(0, |(_, total)| *total);
        let name =
            self.folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let (lines, mut faults, mut anchored) = (self.found.lines, Vec::new(), self.found.anchored);
        for (known, place, met) in &self.known {
            let by = match place {
                Place::Elsewhere => "the anchor",
                Place::InJob(name) => name,
            };
            let (kind, message) = match met {
                Met::Same if *place == Place::Elsewhere => {
                    anchored = anchored.max(Some(known.total));
                    continue;
                }
                Met::Same => continue,
                Met::Another => (Rewritten, format!("line {} is another than {by} says", known.total)),
                Met::NotYet if known.total > lines => {
                    (Shorter, format!("the log ends with line {lines}, and {by} has line {}", known.total))
                }
                // Its line is forgotten, and no longer says anything.
                Met::NotYet if known.total <= forgotten => continue,
                // A fault of its day is told already.
                Met::NotYet if !self.found.faults.is_empty() => continue,
                Met::NotYet => (Rewritten, format!("the log has no line {} of {by}", known.total)),
            };
            faults.push(Fault { kind, file: name.clone(), line: None, message });
        }
        self.found.faults.extend(faults);
        self.found.anchored = anchored;
    }
}

/// What is wrong with a line whose number or day is not that of its place.
fn misplaced(read: &ReadLine, number: u64, day: Date, lines: &DayLines) -> (Tampering, String) {
    let (found, of_day) = (read.number, day_of(read.at));
    if of_day != day {
        return (Exchanged, format!("this is line {found}, of {of_day}"));
    }
    let elsewhere = || lines.whole().filter_map(ReadLine::parse).any(|other| other.number == number);
    match found > number && !elsewhere() {
        true => (Removed, format!("this is line {found}; {number} is missing")),
        false => (Moved, format!("this is line {found}, and {number} belongs here")),
    }
}
