//! The tamper table: what is found of a log that somebody altered, by itself and against an anchor.

use proptest::prelude::*;

use super::*;

/// Makes the chain of a day's lines fit again, as one without the key can.
fn chained(lines: &mut [String]) {
    for index in 1..lines.len() {
        let mut value: serde_json::Value = serde_json::from_str(&lines[index]).unwrap();
        value["before"] = hash_of(lines[index - 1].as_bytes()).into();
        let bytes = crate::certificate::canonical_json(&value).unwrap();
        lines[index] = String::from_utf8(bytes).unwrap();
    }
}

type Tamper = fn(&Bench);

/// What is done to a log; what is found without an anchor; and with the last checkpoint as one.
const TABLE: &[(&str, Tamper, Option<Tampering>, Option<Tampering>)] = &[
    ("nothing", |_| {}, None, None),
    (
        "a line is edited",
        |log| log.change(DAYS[2], |l| l[1] = l[1].replace("act 4", "act 5")),
        Some(Edited),
        Some(Edited),
    ),
    (
        "a line is edited, and the chain is made to fit",
        |log| {
            log.change(DAYS[2], |lines| {
                lines[0] = lines[0].replace("act 3", "act 9");
                chained(lines);
            });
        },
        Some(Edited),
        Some(Edited),
    ),
    ("a line is no JSON any more", |log| log.change(DAYS[0], |l| l[0].push(' ')), Some(Edited), Some(Edited)),
    (
        "the last line is edited",
        |log| log.change(DAYS[3], |l| l[1] = l[1].replace("act 7", "act 8")),
        Some(Edited),
        Some(Edited),
    ),
    ("a line is removed", |log| log.change(DAYS[2], |l| drop(l.remove(1))), Some(Removed), Some(Removed)),
    (
        "a line is doubled",
        |log| log.change(DAYS[2], |l| l.insert(1, l[1].clone())),
        Some(Doubled),
        Some(Doubled),
    ),
    (
        "the last line is doubled",
        |log| log.change(DAYS[3], |l| l.push(l[1].clone())),
        Some(Doubled),
        Some(Doubled),
    ),
    ("two lines are exchanged", |log| log.change(DAYS[2], |l| l.swap(1, 2)), Some(Moved), Some(Moved)),
    (
        "a line is moved to another day",
        |log| {
            let moved = log.lines(DAYS[0])[2].clone();
            log.change(DAYS[2], |l| l.push(moved));
        },
        Some(Exchanged),
        Some(Exchanged),
    ),
    ("the end of the last day is cut", |log| log.change(DAYS[3], |l| drop(l.pop())), Some(Cut), Some(Cut)),
    ("the end of an earlier day is cut", |log| log.change(DAYS[0], |l| drop(l.pop())), Some(Cut), Some(Cut)),
    (
        "a line is cut in two",
        |log| {
            let path = log.path("2026-11-26.jsonl");
            let bytes = fs_err::read(&path).unwrap();
            fs_err::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        },
        Some(Unsealed),
        Some(Unsealed),
    ),
    ("the lines of a day are removed", |log| log.remove("2026-11-25.jsonl"), Some(Cut), Some(Cut)),
    (
        "a line is added that fits",
        |log| {
            log.change(DAYS[3], |lines| {
                let next = lines[1].replace("\"number\":8", "\"number\":9");
                lines.push(next);
                chained(lines);
            });
        },
        Some(Unsealed),
        Some(Unsealed),
    ),
    (
        "whole days are exchanged",
        |log| {
            log.swap("2026-11-23.jsonl", "2026-11-25.jsonl");
            log.swap("2026-11-23.head", "2026-11-25.head");
        },
        Some(Exchanged),
        Some(Exchanged),
    ),
    (
        "the lines of two days are exchanged",
        |log| log.swap("2026-11-23.jsonl", "2026-11-25.jsonl"),
        Some(Exchanged),
        Some(Exchanged),
    ),
    ("an empty day is removed", |log| log.remove("2026-11-24.head"), Some(DayMissing), Some(DayMissing)),
    (
        "the first day is removed",
        |log| {
            log.remove("2026-11-23.head");
            log.remove("2026-11-23.jsonl");
        },
        Some(DayMissing),
        Some(DayMissing),
    ),
    ("a head is removed", |log| log.remove("2026-11-25.head"), Some(Unsealed), Some(Unsealed)),
    ("the last head is removed", |log| log.remove("2026-11-26.head"), Some(Unsealed), Some(Unsealed)),
    (
        "a head is altered",
        |log| {
            let path = log.path("2026-11-26.head");
            let text = fs_err::read_to_string(&path).unwrap();
            fs_err::write(path, text.replace("lines 2\ntotal 8", "lines 1\ntotal 7")).unwrap();
            log.change(DAYS[3], |l| drop(l.pop()));
        },
        Some(HeadAltered),
        Some(HeadAltered),
    ),
    (
        "a head is signed with another key",
        |log| {
            let path = log.path("2026-11-26.head");
            let key = SigningKey::from_seed(Algorithm::Ed25519, &[9; 32]).unwrap();
            let mut note = SignedNote::new(day::read_head(&path).unwrap().unwrap().1.to_string());
            note.sign(&key, &NoteKey::new(LOG_NAME, key.verifying_key()).unwrap()).unwrap();
            fs_err::write(path, note.to_file()).unwrap();
        },
        Some(AnotherKey),
        Some(AnotherKey),
    ),
    (
        "a file is put there",
        |log| fs_err::write(log.path("2026-11-26.bak"), "").unwrap(),
        Some(StrangeFile),
        Some(StrangeFile),
    ),
    (
        "the whole log is removed",
        |log| fs_err::remove_dir_all(&log.place.folder).unwrap(),
        Some(DayMissing),
        Some(DayMissing),
    ),
    (
        "the last day is removed",
        |log| {
            log.remove("2026-11-26.head");
            log.remove("2026-11-26.jsonl");
        },
        None,
        Some(Shorter),
    ),
    (
        "everything is rewritten with another key",
        |log| {
            log.forget();
            let KeyLocation::File(key) = &log.place.key else { return };
            fs_err::remove_file(key).unwrap();
            TIMES.iter().for_each(|at| log.act(at, "nothing to see"));
        },
        Some(AnotherKey),
        Some(AnotherKey),
    ),
    (
        "everything is rewritten with the log's key",
        |log| {
            log.forget();
            TIMES.iter().for_each(|at| log.act(at, "nothing to see"));
        },
        None,
        Some(Rewritten),
    ),
    (
        "everything is rewritten with the log's key, and shorter",
        |log| {
            log.forget();
            TIMES[..5].iter().for_each(|at| log.act(at, "nothing to see"));
        },
        None,
        Some(Shorter),
    ),
];

#[test]
fn each_tampering_is_found() {
    for (name, tamper, alone, anchored) in TABLE {
        let log = Bench::new();
        let (key, head) = (log.key(), log.head());
        tamper(&log);
        let first = |found: &Verification| found.faults.first().map(|fault| fault.kind);
        let by_itself = log.verify(&key, &[]);
        assert_eq!(first(&by_itself), *alone, "{name}: {:?}", by_itself.faults);
        let against = log.verify(&key, std::slice::from_ref(&head));
        assert_eq!(first(&against), *anchored, "{name}, against an anchor: {:?}", against.faults);
        let words = if alone.is_some() { "broken" } else { "consistent, not anchored" };
        assert_eq!(by_itself.in_words(), words, "{name}");
        assert_eq!(against.in_words(), if anchored.is_some() { "broken" } else { "anchored" }, "{name}");
    }
}

#[test]
fn the_first_broken_line_is_named() {
    let log = Bench::new();
    log.change(DAYS[2], |lines| lines[1] = lines[1].replace("act 4", "act 5"));
    log.change(DAYS[3], |lines| drop(lines.pop()));
    let found = log.verify(&log.key(), &[]);
    let places: Vec<(&str, Option<u64>)> =
        found.faults.iter().map(|fault| (fault.file.as_str(), fault.line)).collect();
    assert_eq!(places, [("2026-11-25.jsonl", Some(2)), ("2026-11-26.jsonl", Some(2))]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever acts there are, the log is sound; whatever byte of it is another, or whatever is cut, it is not.
    #[test]
    fn a_log_is_sound_until_a_byte_of_it_is_another(
        steps in proptest::collection::vec((0_i64..200_000, "[ -~é€]{0,12}"), 1..6),
        damages in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1_u8..255, any::<bool>()), 20),
    ) {
        let log = Bench::empty();
        let mut second = 1_800_000_000;
        for (step, act) in steps {
            second += step;
            let at = Timestamp::from_second(second).unwrap();
            log.act(&at.to_string(), &act);
        }
        let key = log.key();
        prop_assert!(log.verify(&key, &[]).is_consistent());
        let all: Vec<(PathBuf, Vec<u8>)> =
            files(&log.place.folder).into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect();
        for (file, at, change, cuts) in damages {
            let (path, bytes) = &all[file.index(all.len())];
            let at = at.index(bytes.len());
            let mut damaged = bytes.clone();
            if cuts { damaged.truncate(at) } else { damaged[at] ^= change }
            fs_err::write(path, &damaged).unwrap();
            prop_assert!(!log.verify(&key, &[]).is_consistent(), "{}: {}", path.display(), at);
            fs_err::write(path, bytes).unwrap();
        }
    }
}
