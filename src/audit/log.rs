//! The log that a command appends to.
//!
//! A line is written so: the head that will follow it, signed, as `DAY.next`; the line itself; and then the head gets its name. Each step is
//! synced. A command that is killed in between leaves what the next one finishes ([`super::recovery`]), so that no line is ever there without a
//! signature that was made for it.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use twoddoc::SigningKey;

use super::day::{DayLines, Days, file_of, read_head};
use super::head::Head;
use super::line::{Entry, Place, ReadLine, day_of, forgets, hash_of, to_line};
use super::note::{NoteKey, Signed, SignedNote};
use super::{Against, Checkpoint, HEAD, LINES, LOCK, LOG_NAME, NEXT, recovery, staff, stamp, verify};
use crate::failure::{Exit, Failure, counted};
use crate::files::{make_folder, open_folder, private_folder, remove_file, sync_folders, write_private};
use crate::job::{Job, KeyLocation};
use crate::vault::{make_key_file, open_signing_key};

/// The most quiet days that are closed at once: a clock that went further is wrong, and its heads could not be taken back.
const MOST_QUIET_DAYS: u64 = 100;
/// The longest name of a machine.
const LONGEST_HOST: usize = 64;

/// Where a log and what belongs to it lie.
#[derive(Debug, Clone)]
pub(crate) struct AuditPlace {
    /// The folder of lines and heads.
    pub folder: PathBuf,
    /// The key that signs the heads: Ed25519.
    pub key: KeyLocation,
    /// The file that says how far the log went.
    pub stamp: PathBuf,
    /// The list of whose marks are whose.
    pub staff: PathBuf,
}

impl AuditPlace {
    /// Where the log of a job lies.
    pub(crate) fn of(job: &Job) -> AuditPlace {
        AuditPlace {
            folder: job.audit_folder(),
            key: job.audit_key(),
            stamp: job.audit_stamp(),
            staff: job.audit_staff(),
        }
    }

    /// The key of the log under its name in notes.
    ///
    /// # Errors
    /// Those of the key; `audit_key`: it is not Ed25519.
    pub(crate) fn signer(&self) -> Result<(SigningKey, NoteKey), Failure> {
        let key = open_signing_key(&self.key)?;
        let public = NoteKey::new(LOG_NAME, key.verifying_key()).ok_or_else(|| {
            Failure::usage(
                "audit_key",
                "heads of the audit log are signed notes, and those need an Ed25519 key",
            )
            .in_file(&self.key)
            .with_advice("name another key as `audit.key`: `pli keys new signing --output keys/audit.key`")
        })?;
        Ok((key, public))
    }
}

/// The newest day, its head and the head's digest.
#[derive(Debug)]
pub(super) struct Newest {
    pub head: Head,
    pub digest: String,
}

/// A log that is open for a line. Other processes wait until it is dropped.
pub(crate) struct AuditLog {
    place: AuditPlace,
    key: SigningKey,
    public: NoteKey,
    newest: Option<Newest>,
    /// The time of the last line.
    last_at: Option<Timestamp>,
    _lock: File,
}

impl AuditLog {
    /// Opens the log of a place, waits for other processes, and finishes what a killed one left. Makes folder and key with the log's
    /// first line.
    ///
    /// # Errors
    /// `audit_broken`: the newest day is not what its head says; `audit_key_gone`; those of the key; I/O errors.
    pub(crate) fn open(place: &AuditPlace) -> Result<AuditLog, Failure> {
        private_folder(&place.folder)?;
        [Some(place.folder.as_path()), place.stamp.parent()]
            .into_iter()
            .flatten()
            .try_for_each(refuse_open)?;
        let lock = lock(&place.folder)?;
        let days = Days::of(&place.folder)?;
        make_key(place, &days)?;
        let (key, public) = place.signer()?;
        recovery::recover(&place.folder, &days, &public)?;
        let days = Days::of(&place.folder)?;
        let newest = newest(&place.folder, &days, &public)?;
        let mut log = AuditLog { place: place.clone(), key, public, newest, last_at: None, _lock: lock };
        log.hold_against_stamp()?;
        if let Some(newest) = &log.newest {
            log.last_at = last_time(&log.place.folder, newest)?;
        }
        Ok(log)
    }

    /// Where the log stands; `None` before its first line.
    pub(crate) fn head(&self) -> Option<&Head> {
        self.newest.as_ref().map(|newest| &newest.head)
    }

    /// Closes the days before today, also those on which nothing happened.
    ///
    /// # Errors
    /// As [`AuditLog::append`].
    pub(crate) fn close_days(&mut self, now: Timestamp) -> Result<(), Failure> {
        match &self.newest {
            Some(newest) if newest.head.day < day_of(now) => self.day_for(day_of(now)).map(drop),
            _ => Ok(()),
        }
    }

    /// Appends the line of an act at a time, durably, and signs the head. Closes the days before, also those on which nothing
    /// happened.
    ///
    /// # Errors
    /// `audit_clock`: the clock is far ahead of the log; those of a key on a token; I/O errors.
    pub(crate) fn append(&mut self, entry: &Entry, now: Timestamp) -> Result<Checkpoint, Failure> {
        self.append_expected(entry, now, &mut |_| ())
    }

    /// As [`AuditLog::append`]. `expect` is told the number and the hash of the line before it is written.
    ///
    /// # Errors
    /// As [`AuditLog::append`].
    pub(crate) fn append_expected(
        &mut self,
        entry: &Entry,
        now: Timestamp,
        expect: &mut dyn FnMut(&Checkpoint),
    ) -> Result<Checkpoint, Failure> {
        let names: Vec<&str> =
            [Some(entry.user.as_str()), entry.by.as_deref()].into_iter().flatten().collect();
        let marks = staff::marks(&self.place.staff, &names)?;
        // Lines have seconds.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let mut head = self.day_for(day_of(now))?;
        let at = self.time_on(head.day, now)?;
        let before = head.last.clone();
        let place = Place {
            number: head.total + 1,
            before: &before,
            at,
            clock: (at != now).then_some(now),
            host: &host(),
            who: marks.first().map_or("", String::as_str),
            by: marks.get(1).map(String::as_str),
        };
        let line = to_line(entry, &place).ok_or_else(|| Failure::bug("an act has no canonical form"))?;
        head.lines += 1;
        head.total += 1;
        head.last = hash_of(&line);
        let note = self.signed(&head)?;
        let folder = &self.place.folder;
        write_private(&file_of(folder, head.day, NEXT), note.to_file().as_bytes())?;
        // A line whose head is lost would be a line that nobody signed.
        sync_folders(folder, &[])?;
        expect(&head.checkpoint());
        append_line(&file_of(folder, head.day, LINES), &line)?;
        sync_folders(folder, &[])?;
        fs_err::rename(file_of(folder, head.day, NEXT), file_of(folder, head.day, HEAD))?;
        sync_folders(folder, &[])?;
        let checkpoint = head.checkpoint();
        stamp::write(&self.place.stamp, &checkpoint)?;
        self.newest = Some(Newest { digest: note.digest(), head });
        self.last_at = Some(at);
        Ok(checkpoint)
    }

    /// Appends the line of an act that forgets the lines of all days before `day`, and removes them then. Their heads stay, so that the
    /// chain can be verified for ever.
    ///
    /// # Errors
    /// As [`AuditLog::append`].
    pub(crate) fn append_and_forget(
        &mut self,
        entry: &Entry,
        now: Timestamp,
        day: Date,
        expect: &mut dyn FnMut(&Checkpoint),
    ) -> Result<Checkpoint, Failure> {
        let mut entry = entry.clone();
        entry.options.push(forgets(day));
        let checkpoint = self.append_expected(&entry, now, expect)?;
        let newest = self.head().map(|head| head.day);
        for (old, files) in Days::of(&self.place.folder)?.days.range(..day) {
            if files.lines && Some(*old) != newest {
                remove_file(&file_of(&self.place.folder, *old, LINES))?;
            }
        }
        Ok(checkpoint)
    }

    /// The head of the day to which a line goes now, before that line.
    fn day_for(&mut self, today: Date) -> Result<Head, Failure> {
        let Some(newest) = &self.newest else { return Ok(Head::first(today)) };
        if !newest.head.closed && today <= newest.head.day {
            return Ok(newest.head.clone());
        }
        // A closed day gets no line, whatever the clock says.
        let day = today.max(tomorrow(newest.head.day)?);
        let quiet: u64 = day.since(newest.head.day).map_or(0, |span| span.get_days().unsigned_abs().into());
        if quiet > MOST_QUIET_DAYS {
            let problem = format!("the last act was on {}, and the clock says {today}", newest.head.day);
            return Err(Failure::refused("audit_clock", problem)
                .with_advice("set the clock of this machine, then run the same command again; if the job did rest for so long, begin a new log with `pli audit JOB restart`"));
        }
        self.close_days_before(day)
    }

    /// Closes the newest day and the quiet ones that follow, and returns the head of `day` before its first line.
    fn close_days_before(&mut self, day: Date) -> Result<Head, Failure> {
        loop {
            let Some(newest) = &self.newest else { return Ok(Head::first(day)) };
            let mut closing = newest.head.clone();
            if newest.head.closed {
                let next = newest.head.next_day(tomorrow(newest.head.day)?, newest.digest.clone());
                if next.day >= day {
                    return Ok(next);
                }
                closing = next;
            }
            closing.closed = true;
            let note = self.signed(&closing)?;
            write_private(&file_of(&self.place.folder, closing.day, HEAD), note.to_file().as_bytes())?;
            // Of two days the earlier must not be lost alone.
            sync_folders(&self.place.folder, &[])?;
            self.newest = Some(Newest { digest: note.digest(), head: closing });
        }
    }

    /// The time of a line on a day: the clock's, unless it lies on another day or before the last line.
    fn time_on(&self, day: Date, now: Timestamp) -> Result<Timestamp, Failure> {
        let begin = day.to_zoned(TimeZone::UTC).map_err(|error| Failure::bug(error.to_string()))?.timestamp();
        let earliest = self.last_at.map_or(begin, |last| last.max(begin));
        Ok(now.max(earliest))
    }

    fn signed(&self, head: &Head) -> Result<SignedNote, Failure> {
        let mut note = head.note();
        note.sign(&self.key, &self.public).map_err(|error| {
            Failure::midway("audit_unsigned", format!("the head of the audit log can't be signed: {error}"))
                .with_advice("see that the token of `audit.key` is there, then run the same command again")
        })?;
        Ok(note)
    }

    /// Refuses a log that is shorter than `place` knows it, or another there. Reads all of a log that went on since.
    ///
    /// # Errors
    /// `audit_broken`; I/O errors.
    pub(crate) fn hold_against(&self, place: &'static str, known: &Checkpoint) -> Result<(), Failure> {
        self.refuse_shorter(known)?;
        if self.head().is_some_and(|head| head.total > known.total) {
            let against = Against { kept: vec![(place, known.clone())], ..Against::default() };
            if let Some(fault) = verify(&self.place.folder, &self.public, &against)?.faults.first() {
                // A fault of the log as a whole names its folder.
                let file = self.place.folder.join(&fault.file);
                let file = if file.exists() { file } else { self.place.folder.clone() };
                return Err(broken(&file, &fault.message));
            }
        }
        Ok(())
    }

    /// Refuses a log that is shorter than its stamp says, or another.
    fn hold_against_stamp(&self) -> Result<(), Failure> {
        match stamp::read(&self.place.stamp)? {
            Some(known) => self.refuse_shorter(&known),
            None => Ok(()),
        }
    }

    fn refuse_shorter(&self, known: &Checkpoint) -> Result<(), Failure> {
        let head = self.head();
        let total = head.map_or(0, |head| head.total);
        let same = head.is_none_or(|head| head.total != known.total || known.is_of(&head.last));
        if total >= known.total && same {
            return Ok(());
        }
        let problem = match total < known.total {
            true => format!("the log had {} once, and has {total}", counted(known.total, "line")),
            false => format!("line {total} is another than it was once"),
        };
        Err(broken(&self.place.folder, &problem))
    }
}

/// Refuses a folder in which every user may put another file in the place of the log's.
fn refuse_open(folder: &Path) -> Result<(), Failure> {
    let Some(open) = open_folder(folder).filter(|open| open.everybody) else { return Ok(()) };
    let problem = format!("every user may write it (mode {:03o}), and so the audit log", open.mode);
    Err(Failure::refused("audit_open_folder", problem)
        .in_file(open.path.display())
        .with_advice(format!("run `chmod o-w {}`, then look with `pli audit JOB`", open.path.display())))
}

/// The refusal to go on with a log that is not as it was written.
pub(super) fn broken(file: &Path, problem: &str) -> Failure {
    Failure::refused("audit_broken", format!("the audit log was changed: {problem}; nothing is done until a person has seen it"))
        .in_file(file.display())
        .with_advice("`pli audit JOB` says what is broken; restore the folder from a backup, or keep it for the inquiry and begin a new log with `pli audit JOB restart`")
}

fn tomorrow(day: Date) -> Result<Date, Failure> {
    day.tomorrow().map_err(|error| Failure::bug(error.to_string()))
}

/// Waits until no other process has the log of a folder.
pub(super) fn lock(folder: &Path) -> Result<File, Failure> {
    let mut options = fs_err::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let (lock, path) = options.open(folder.join(LOCK))?.into_parts();
    lock.lock().map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    Ok(lock)
}

/// Makes the key of a new log, unless it is there.
fn make_key(place: &AuditPlace, days: &Days) -> Result<(), Failure> {
    let KeyLocation::File(path) = &place.key else { return Ok(()) };
    if path.exists() {
        return Ok(());
    }
    if !days.days.is_empty() || place.stamp.exists() {
        return Err(Failure::usage("audit_key_gone", "the key of the audit log is not there")
            .in_file(path.display())
            .with_advice("restore it from its backup: heads under another key are not believed"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(folder)?;
    // A disk that is full is no fault of the job's.
    make_key_file(path).map_err(|error| Failure::from(error).with_exit(Exit::Midway))?;
    Ok(sync_folders(folder, &[])?)
}

/// The newest day of a folder, whose lines agree with its head.
fn newest(folder: &Path, days: &Days, public: &NoteKey) -> Result<Option<Newest>, Failure> {
    let Some(day) = days.newest() else {
        return match days.days.keys().next() {
            None => Ok(None),
            Some(day) => Err(broken(&file_of(folder, *day, LINES), "these lines have no head")),
        };
    };
    let path = file_of(folder, day, HEAD);
    let (note, head) = read_head(&path)?.ok_or_else(|| broken(&path, "it is no head of a log"))?;
    if note.signed_by(public) != Signed::Yes || head.day != day {
        return Err(broken(&path, "the log's key did not sign this head of this day"));
    }
    if days.days.range(day..).nth(1).is_some() {
        return Err(broken(folder, "it has lines after its newest head"));
    }
    let lines = DayLines::read(folder, day)?;
    match lines.agree_with(&head) && lines.torn() == 0 {
        true => Ok(Some(Newest { digest: note.digest(), head })),
        false => Err(broken(&file_of(folder, day, LINES), "its lines are not those of its head")),
    }
}

/// The time of the last line of the newest day.
fn last_time(folder: &Path, newest: &Newest) -> Result<Option<Timestamp>, Failure> {
    let lines = DayLines::read(folder, newest.head.day)?;
    Ok(lines.last().and_then(ReadLine::parse).map(|line| line.at))
}

/// Appends a line and its line feed, and syncs the file. Mode 0600 (Unix).
fn append_line(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut options = fs_err::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let whole: Vec<u8> = line.iter().copied().chain([b'\n']).collect();
    file.write_all(&whole)?;
    file.sync_all()
}

/// The name of this machine.
fn host() -> String {
    let name = foreign::read_text(Path::new("/proc/sys/kernel/hostname"), 1 << 10).unwrap_or_default();
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(LONGEST_HOST).collect();
    if name.is_empty() { "unknown".to_owned() } else { name }
}
