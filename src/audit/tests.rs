//! What a log says of itself, alone and against anchors, and how it goes on after a crash.

mod tampering;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use twoddoc::{Algorithm, SigningKey};

use super::line::hash_of;
use super::note::SignedNote;
use super::verdict::Tampering::{self, *};
use super::*;
use crate::job::KeyLocation;

/// The days of the test's log: three lines, none, three, two.
const DAYS: [&str; 4] = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"];
const TIMES: [&str; 8] = [
    "2026-11-23T08:00:00Z",
    "2026-11-23T08:00:00Z",
    "2026-11-23T17:30:00Z",
    "2026-11-25T06:00:00Z",
    "2026-11-25T06:00:01Z",
    "2026-11-25T23:59:59Z",
    "2026-11-26T00:00:00Z",
    "2026-11-26T09:00:00Z",
];

/// A log in a folder that goes away.
struct Bench {
    _folder: tempfile::TempDir,
    place: AuditPlace,
}

impl Bench {
    fn empty() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let place = AuditPlace {
            folder: root.join("audit"),
            key: KeyLocation::File(root.join("keys/audit.key")),
            stamp: root.join("kept/audit.stamp"),
            staff: root.join("kept/audit-staff.csv"),
        };
        Bench { _folder: folder, place }
    }

    fn new() -> Bench {
        let bench = Bench::empty();
        TIMES.iter().enumerate().for_each(|(number, at)| bench.act(at, &format!("act {number}")));
        bench
    }

    fn act(&self, at: &str, act: &str) {
        self.try_act(at, act).unwrap();
    }

    fn try_act(&self, at: &str, act: &str) -> Result<(), crate::failure::Failure> {
        let entry =
            Entry { act: act.into(), outcome: "done".into(), user: "martin".into(), ..Entry::default() };
        AuditLog::open(&self.place)?.append(&entry, at.parse::<Timestamp>().unwrap()).map(drop)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.folder.join(name)
    }

    fn key(&self) -> NoteKey {
        self.place.signer().unwrap().1
    }

    fn verify(&self, key: &NoteKey, since: &[Checkpoint]) -> Verification {
        let against = Against { since: since.to_vec(), ..Against::default() };
        verify(&self.place.folder, key, &against).unwrap()
    }

    fn head(&self) -> Checkpoint {
        AuditLog::open(&self.place).unwrap().head().unwrap().checkpoint()
    }

    fn lines(&self, day: &str) -> Vec<String> {
        let text = fs_err::read_to_string(self.path(&format!("{day}.jsonl"))).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn put(&self, day: &str, lines: &[String]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs_err::write(self.path(&format!("{day}.jsonl")), text).unwrap();
    }

    /// Changes the lines of a day.
    fn change(&self, day: &str, change: impl FnOnce(&mut Vec<String>)) {
        let mut lines = self.lines(day);
        change(&mut lines);
        self.put(day, &lines);
    }

    fn swap(&self, one: &str, other: &str) {
        let (one, other) = (self.path(one), self.path(other));
        let bytes = fs_err::read(&one).unwrap();
        fs_err::rename(&other, &one).unwrap();
        fs_err::write(&other, bytes).unwrap();
    }

    fn remove(&self, name: &str) {
        fs_err::remove_file(self.path(name)).unwrap();
    }

    /// Takes the log away with its stamp, as who rewrites it does.
    fn forget(&self) {
        fs_err::remove_dir_all(&self.place.folder).unwrap();
        fs_err::remove_file(&self.place.stamp).unwrap();
    }
}

/// All files of a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), fs_err::read(path).unwrap())).collect()
}

#[test]
fn a_sound_log_says_how_far_it_goes() {
    let log = Bench::new();
    let found = log.verify(&log.key(), &[]);
    assert_eq!((found.days, found.lines, found.anchored), (4, 8, None));
    assert_eq!(found.head, Some(log.head()));
    assert!(!log.path("2026-11-24.jsonl").exists() && log.path("2026-11-24.head").exists());
    // An earlier checkpoint anchors what was before it.
    let second = Checkpoint { total: 2, last: hash_of(log.lines(DAYS[0])[1].as_bytes())[..16].to_owned() };
    assert_eq!(log.verify(&log.key(), &[second]).anchored, Some(2));
    let all: String = files(&log.place.folder).into_values().map(|b| String::from_utf8(b).unwrap()).collect();
    assert!(!all.contains("martin"), "staff appear as marks");
}

#[test]
fn a_log_that_was_put_back_is_shorter_than_its_stamp() {
    let log = Bench::empty();
    log.act(TIMES[0], "one");
    let before = files(&log.place.folder);
    log.act(TIMES[1], "two");
    before.iter().for_each(|(path, bytes)| fs_err::write(path, bytes).unwrap());
    assert!(log.verify(&log.key(), &[]).is_consistent());
    let kept = stamp::kept(&log.place.stamp).unwrap();
    let found = verify(&log.place.folder, &log.key(), &Against { kept, ..Against::default() }).unwrap();
    assert_eq!(found.faults.first().map(|fault| fault.kind), Some(Shorter));
    assert_eq!(log.try_act(TIMES[2], "three").unwrap_err().code(), "audit_broken");
}

#[test]
fn a_cosignature_anchors_what_it_covers() {
    let log = Bench::new();
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[5; 32]).unwrap();
    let cosigner = NoteKey::new(COSIGNER_NAME, key.verifying_key()).unwrap();
    let path = log.path("2026-11-25.head");
    let (mut note, _) = day::read_head(&path).unwrap().unwrap();
    note.sign(&key, &cosigner).unwrap();
    fs_err::write(path, note.to_file()).unwrap();
    let against = |cosigners: &[NoteKey]| {
        let against = Against { cosigners: cosigners.to_vec(), ..Against::default() };
        verify(&log.place.folder, &log.key(), &against).unwrap()
    };
    assert_eq!(against(&[cosigner]).anchored, Some(6));
    assert_eq!(against(&[]).in_words(), "consistent, not anchored");
    // The log's own key is nobody's second pair of eyes.
    let (own, _) = log.place.signer().unwrap();
    let itself = NoteKey::new(COSIGNER_NAME, own.verifying_key()).unwrap();
    let path = log.path("2026-11-23.head");
    let (mut note, _) = day::read_head(&path).unwrap().unwrap();
    note.sign(&own, &itself).unwrap();
    fs_err::write(path, note.to_file()).unwrap();
    assert_eq!(against(&[itself]).anchored, None);
}

#[test]
fn a_killed_command_leaves_a_line_that_is_finished_or_undone() {
    let log = Bench::new();
    let (lines, head, next) =
        (log.path("2026-11-26.jsonl"), log.path("2026-11-26.head"), log.path("2026-11-26.next"));
    let before = (fs_err::read(&lines).unwrap(), fs_err::read(&head).unwrap());
    log.act("2026-11-26T10:00:00Z", "cut short");
    let after = (fs_err::read(&lines).unwrap(), fs_err::read(&head).unwrap());
    let torn = &after.0[..after.0.len() - 20];
    for (found, kept, sound) in [(&before.0[..], 9, true), (torn, 9, false), (&after.0[..], 10, true)] {
        fs_err::write(&lines, found).unwrap();
        fs_err::write(&head, &before.1).unwrap();
        fs_err::write(&next, &after.1).unwrap();
        // The stamp is written last.
        fs_err::remove_file(&log.place.stamp).unwrap();
        assert_eq!(log.verify(&log.key(), &[]).is_consistent(), sound);
        log.act("2026-11-26T11:00:00Z", "after it");
        let verified = log.verify(&log.key(), &[]);
        assert_eq!((verified.lines, verified.faults), (kept, vec![]));
        assert!(!next.exists());
    }
}

#[test]
fn a_clock_that_goes_back_is_told() {
    let log = Bench::new();
    log.act("2026-11-20T08:00:00Z", "earlier");
    let last = log.lines(DAYS[3])[2].clone();
    assert!(
        last.contains(r#""at":"2026-11-26T09:00:00Z""#) && last.contains(r#""clock":"2026-11-20T08:00:00Z""#),
        "{last}"
    );
    assert!(log.verify(&log.key(), &[]).is_consistent());
    assert_eq!(log.try_act("2099-01-01T00:00:00Z", "far").unwrap_err().code(), "audit_clock");
}

#[test]
fn lines_are_forgotten_by_a_purge_that_says_so() {
    let log = Bench::new();
    let key = log.key();
    let second = Checkpoint { total: 2, last: hash_of(log.lines(DAYS[0])[1].as_bytes()) };
    let entry = Entry { act: "ledger purge".into(), outcome: "done".into(), ..Entry::default() };
    let at: Timestamp = "2026-11-27T02:00:00Z".parse().unwrap();
    let before = jiff::civil::date(2026, 11, 25);
    AuditLog::open(&log.place).unwrap().append_and_forget(&entry, at, before, &mut |_| ()).unwrap();
    assert!(!log.path("2026-11-23.jsonl").exists() && log.path("2026-11-25.jsonl").exists());
    let found = log.verify(&key, &[second]);
    assert_eq!((found.faults.len(), found.lines, found.anchored), (0, 9, None));
    // More than the purge said.
    log.remove("2026-11-25.jsonl");
    let found = log.verify(&key, &[]);
    let places: Vec<(&str, Tampering)> =
        found.faults.iter().map(|fault| (fault.file.as_str(), fault.kind)).collect();
    assert_eq!(places, [("2026-11-25.jsonl", Cut)]);
    assert!(export(&log.place.folder, jiff::civil::date(2026, 11, 23), &key, &[]).is_err());
}

#[test]
fn nothing_is_written_to_a_broken_log() {
    let log = Bench::new();
    log.change(DAYS[3], |lines| drop(lines.pop()));
    assert_eq!(log.try_act(TIMES[7], "more").unwrap_err().code(), "audit_broken");
    let keyless = Bench::new();
    let KeyLocation::File(key) = &keyless.place.key else { return };
    fs_err::remove_file(key).unwrap();
    assert_eq!(keyless.try_act(TIMES[7], "more").unwrap_err().code(), "audit_key_gone");
}

#[test]
fn the_next_act_closes_the_quiet_days_before_it_and_paper_shows_the_last() {
    let log = Bench::empty();
    assert_eq!(newest_closed(&log.place.folder).unwrap(), None);
    log.act("2026-11-20T20:00:00Z", "run");
    log.act("2026-11-20T21:00:00Z", "reprint");
    assert_eq!(newest_closed(&log.place.folder).unwrap(), None, "the day goes on");
    let now: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    AuditLog::open(&log.place).unwrap().close_days(now).unwrap();
    let (day, head) = newest_closed(&log.place.folder).unwrap().unwrap();
    assert_eq!((day, head.total), (jiff::civil::date(2026, 11, 22), 2));
    log.act("2026-11-23T06:00:01Z", "run");
    assert_eq!(newest_closed(&log.place.folder).unwrap(), Some((day, head.clone())));
    let found = log.verify(&log.key(), &[head]);
    assert!(found.is_consistent() && found.anchored == Some(2), "{found:?}");
}
