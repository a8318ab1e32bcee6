use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::failure::{Explained, Failure};
use crate::files;

const RECORD: &str = "record";
const DAY: Date = date(2027, 3, 1);

fn november() -> Month {
    Month::of(date(2026, 11, 23))
}

fn december() -> Month {
    Month::of(date(2026, 12, 23))
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("keys/ledger")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn keys(&self) -> LedgerKeys {
        LedgerKeys::create(&self.path()).unwrap()
    }

    /// The names of all files, in order.
    fn names(&self) -> Vec<String> {
        let names = fs_err::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Whether bytes are in one of its files.
    fn holds(&self, bytes: &[u8]) -> bool {
        self.names().iter().any(|name| {
            let content = fs_err::read(self.file(name)).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }
}

fn sealed(keys: &LedgerKeys, month: Month, number: u64, clear: &[u8]) -> Vec<u8> {
    let mut sealed = b"left over".to_vec();
    keys.seal(month, number, RECORD, clear, &mut sealed).unwrap();
    sealed
}

fn unsealed(keys: &LedgerKeys, month: Month, number: u64, sealed: &[u8]) -> Result<Vec<u8>, LedgerKeysError> {
    let mut clear = b"left over".to_vec();
    keys.unseal(month, number, RECORD, sealed, &mut clear).map(|()| clear)
}

/// The exit code, the stable code and the advice of an error.
fn explained(error: LedgerKeysError) -> (u8, &'static str, String) {
    (error.exit().code(), error.code(), Failure::from(error).to_string())
}

fn is_send<T: Send>(_: &T) {}

#[test]
fn what_is_sealed_opens_in_another_process() {
    let folder = Folder::new();
    assert!(LedgerKeys::open(&folder.path()).unwrap().is_none(), "a new ledger has no keys");
    let keys = folder.keys();
    let row = sealed(&keys, november(), 7, b"MARTIN");
    assert_eq!(row.len(), 6 + 41);
    let again = LedgerKeys::open(&folder.path()).unwrap().expect("keys");
    is_send(&again);
    assert_eq!(unsealed(&again, november(), 7, &row).unwrap(), b"MARTIN");
    assert_eq!(again.hash(Hashed::Card, "2400000001"), keys.hash(Hashed::Card, "2400000001"));
    assert_eq!(again.months().unwrap(), [november()]);
    again.confirm(&keys.mark()).unwrap();
    again.require([november()]).unwrap();
    assert_eq!(folder.names(), ["2026-11.key", "index.key", "lock"]);
    assert!(!folder.holds(b"MARTIN") && !format!("{again:?}").contains("Hmac"));
    #[cfg(unix)]
    for (name, mode) in [("", 0o700), ("index.key", 0o600), ("2026-11.key", 0o600), ("lock", 0o600)] {
        let permissions = fs_err::metadata(folder.file(name)).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o777, mode, "{name}");
    }
}

#[test]
fn temporary_keys_write_nothing_and_open_their_own_only() {
    let (keys, other) = (LedgerKeys::temporary().unwrap(), LedgerKeys::temporary().unwrap());
    let row = sealed(&keys, november(), 7, b"MARTIN");
    assert_eq!(unsealed(&keys, november(), 7, &row).unwrap(), b"MARTIN");
    assert!(matches!(unsealed(&other, november(), 7, &row), Err(LedgerKeysError::Altered { .. })));
    assert_ne!(keys.hash(Hashed::Card, "2400000001"), other.hash(Hashed::Card, "2400000001"));
    assert_eq!(keys.months().unwrap(), [november()]);
}

#[test]
fn no_nonce_is_used_twice() {
    let folder = Folder::new();
    let nonces = |keys: &LedgerKeys| -> Vec<Vec<u8>> {
        (0..300).map(|_| sealed(keys, november(), 7, b"MARTIN")[1..25].to_vec()).collect()
    };
    let mut all = [nonces(&folder.keys()), nonces(&folder.keys())].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 600);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_column_opens_in_its_own_row_only(
        clear in proptest::collection::vec(any::<u8>(), 0..400),
        number in any::<u64>(),
        other in any::<u64>(),
        change in any::<proptest::sample::Index>(),
        bit in 0u8..8,
    ) {
        let keys = LedgerKeys::temporary().unwrap();
        let row = sealed(&keys, november(), number, &clear);
        prop_assert_eq!(&unsealed(&keys, november(), number, &row).unwrap(), &clear);
        let altered = |opened: Result<Vec<u8>, LedgerKeysError>| {
            matches!(opened, Err(LedgerKeysError::Altered { .. }))
        };
        let mut left = b"left over".to_vec();
        prop_assert!(keys.unseal(november(), number, "finding", &row, &mut left).is_err() && left.is_empty());
        prop_assert!(other == number || altered(unsealed(&keys, november(), other, &row)));
        sealed(&keys, december(), number, &clear);
        prop_assert!(altered(unsealed(&keys, december(), number, &row)));
        prop_assert!(altered(unsealed(&keys, november(), number, &row[..change.index(row.len())])));
        let mut changed = row.clone();
        changed[change.index(row.len())] ^= 1 << bit;
        prop_assert!(altered(unsealed(&keys, november(), number, &changed)));
    }
}

#[test]
fn a_destroyed_key_is_nowhere_and_is_told_from_a_lost_one() {
    let folder = Folder::new();
    let mut keys = folder.keys();
    let rows = [november(), december()].map(|month| sealed(&keys, month, 7, b"MARTIN"));
    let text = fs_err::read_to_string(folder.file("2026-11.key")).unwrap();
    let digits = text.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(digits.len(), 64);
    assert!(folder.holds(digits.as_bytes()), "the search finds a key that is there");
    // What a kill leaves of a key that is being written.
    fs_err::write(folder.file(".2026-11.key.x1.partial"), &text).unwrap();
    let file = fs_err::OpenOptions::new().read(true).open(folder.file("2026-11.key")).unwrap();

    keys.destroy(november(), DAY).unwrap();
    keys.destroy(november(), date(2027, 3, 2)).unwrap();
    assert!(!folder.holds(digits.as_bytes()));
    assert_eq!(
        std::io::read_to_string(file).unwrap().trim_matches('\0'),
        "",
        "overwritten before it was removed"
    );
    assert_eq!(folder.names(), ["2026-12.key", "destroyed", "index.key", "lock"]);
    assert_eq!(fs_err::read_to_string(folder.file("destroyed")).unwrap(), "2026-11 2027-03-01\n");
    for keys in [keys, LedgerKeys::open(&folder.path()).unwrap().unwrap()] {
        let (exit, code, text) = explained(unsealed(&keys, november(), 7, &rows[0]).unwrap_err());
        assert_eq!((exit, code), (3, "ledger_key_destroyed"));
        assert!(text.contains("of 2026-11 was destroyed on 2027-03-01"), "{text}");
        let again = keys.seal(november(), 8, RECORD, b"DURAND", &mut Vec::new());
        assert!(matches!(again, Err(LedgerKeysError::Destroyed { day: DAY, .. })), "{again:?}");
        assert_eq!(unsealed(&keys, december(), 7, &rows[1]).unwrap(), b"MARTIN");
        assert_eq!((keys.months().unwrap(), keys.destroyed().unwrap().len()), (vec![december()], 1));
        keys.require([november(), december()]).unwrap();
    }

    fs_err::remove_file(folder.file("2026-12.key")).unwrap();
    let keys = folder.keys();
    for error in
        [unsealed(&keys, december(), 7, &rows[1]).unwrap_err(), keys.require([december()]).unwrap_err()]
    {
        let (exit, code, text) = explained(error);
        assert_eq!((exit, code), (3, "ledger_keys"));
        assert!(text.contains("2026-12.key: the key of the ledger's rows of 2026-12 is missing"), "{text}");
        assert!(text.contains("pli ledger JOB restore"), "{text}");
    }
}

#[test]
fn a_destruction_that_was_killed_is_finished() {
    let folder = Folder::new();
    sealed(&folder.keys(), november(), 7, b"MARTIN");
    // Killed after the month was listed: the key's file is still there.
    fs_err::write(folder.file("destroyed"), "2026-11 2027-03-01\n").unwrap();
    let reader = LedgerKeys::open(&folder.path()).unwrap().unwrap();
    assert!(matches!(reader.require([november()]), Ok(())));
    assert!(matches!(unsealed(&reader, november(), 7, b""), Err(LedgerKeysError::Destroyed { .. })));
    assert!(reader.months().unwrap().is_empty() && folder.file("2026-11.key").exists(), "it writes nothing");
    folder.keys();
    assert!(!folder.file("2026-11.key").exists());

    sealed(&folder.keys(), december(), 7, b"MARTIN");
    let text = fs_err::read(folder.file("2026-12.key")).unwrap();
    folder.keys().destroy(december(), DAY).unwrap();
    // A key that comes back from a copy of the folder opens nothing, and goes.
    fs_err::write(folder.file("2026-12.key"), text).unwrap();
    assert!(matches!(unsealed(&reader, december(), 7, b""), Err(LedgerKeysError::Destroyed { .. })));
    folder.keys();
    assert_eq!(folder.names(), ["destroyed", "index.key", "lock"]);
}

#[test]
fn many_processes_make_one_key() {
    for _ in 0..20 {
        let folder = Folder::new();
        let path: &Path = &folder.path();
        let rows: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let process = || sealed(&LedgerKeys::create(path).unwrap(), november(), 7, b"MARTIN");
            let processes: Vec<_> = (0..8).map(|_| scope.spawn(process)).collect();
            processes.into_iter().map(|process| process.join().unwrap()).collect()
        });
        let keys = folder.keys();
        assert!(rows.iter().all(|row| unsealed(&keys, november(), 7, row).unwrap() == b"MARTIN"));
    }
}

#[test]
fn keys_that_are_lost_foreign_or_open_to_others_are_refused() {
    let (folder, other) = (Folder::new(), Folder::new());
    for folder in [&folder, &other] {
        sealed(&folder.keys(), november(), 7, b"MARTIN");
        sealed(&folder.keys(), december(), 7, b"MARTIN");
    }
    let refused = |what: &str| {
        let opened = LedgerKeys::open(&folder.path()).and_then(|keys| keys.unwrap().require([november()]));
        let (exit, code, text) = explained(opened.expect_err(what));
        assert_eq!((exit, code), (3, "ledger_keys"), "{what}: {text}");
        assert!(text.contains("pli ledger JOB restore"), "{what}: {text}");
    };
    let (index, month) = (folder.file("index.key"), folder.file("2026-11.key"));
    let [right_index, right_month] = [&index, &month].map(|file| fs_err::read(file).unwrap());
    // Another month's key, another ledger's, a cut or altered one, an empty one.
    let mut altered = right_month.clone();
    altered[20] ^= 1;
    for wrong in [
        fs_err::read(folder.file("2026-12.key")).unwrap(),
        fs_err::read(other.file("2026-11.key")).unwrap(),
        right_month[..right_month.len() - 5].to_vec(),
        altered,
        b"\xff".to_vec(),
        Vec::new(),
    ] {
        fs_err::write(&month, &wrong).unwrap();
        refused("month");
        let sealed = folder.keys().seal(november(), 7, RECORD, b"", &mut Vec::new());
        assert!(matches!(sealed, Err(LedgerKeysError::NotOurs { .. })), "{sealed:?}");
        assert_eq!(fs_err::read(&month).unwrap(), wrong, "it is not replaced");
    }
    fs_err::write(&month, &right_month).unwrap();
    fs_err::write(&index, fs_err::read(other.file("index.key")).unwrap()).unwrap();
    refused("index key of another ledger");
    let keys = LedgerKeys::open(&folder.path()).unwrap().unwrap();
    let (exit, code, text) = explained(keys.confirm(&[0; 16]).unwrap_err());
    assert!((exit, code) == (3, "ledger_keys") && text.contains("`ledger.url`"), "{text}");
    fs_err::remove_file(&index).unwrap();
    refused("no index key");
    assert!(
        matches!(LedgerKeys::create(&folder.path()), Err(LedgerKeysError::Missing { .. })),
        "none is made"
    );
    files::write_new(&index, std::str::from_utf8(&right_index[..20]).unwrap(), 0o600).unwrap();
    refused("half an index key");
    fs_err::write(&index, &right_index).unwrap();
    #[cfg(unix)]
    {
        let chmod =
            |mode| std::fs::set_permissions(&index, std::os::unix::fs::PermissionsExt::from_mode(mode));
        chmod(0o644).unwrap();
        let (exit, code, text) = explained(LedgerKeys::open(&folder.path()).unwrap_err());
        assert_eq!((exit, code), (2, "key_readable_by_others"));
        assert!(text.contains(&format!("run `chmod 600 {}`", index.display())), "{text}");
        chmod(0o600).unwrap();
        LedgerKeys::open(&folder.path()).unwrap().unwrap().require([november()]).unwrap();
    }
    fs_err::write(folder.file("destroyed"), "2026-08 2026-11-27\nyesterday\n").unwrap();
    refused("a list with a line that is none");
}

/// The nanoseconds that one call takes: the quickest of many rounds, since other processes run too.
fn quickest(mut call: impl FnMut(u64)) -> u128 {
    const CALLS: u64 = 2_000;
    let round = |_| {
        let start = Instant::now();
        (0..CALLS).for_each(&mut call);
        start.elapsed().as_nanos() / u128::from(CALLS)
    };
    (0..50).map(round).min().unwrap()
}

#[test]
#[ignore = "a measurement, for an optimised build on a quiet machine"]
fn sealing_and_hashing_are_quick() {
    let keys = LedgerKeys::temporary().unwrap();
    let (mut row, mut back) = (Vec::new(), Vec::new());
    let sealing = quickest(|number| keys.seal(november(), number, RECORD, &[b'x'; 500], &mut row).unwrap());
    let row = sealed(&keys, november(), 7, &[b'x'; 500]);
    let unsealing = quickest(|_| keys.unseal(november(), 7, RECORD, &row, &mut back).unwrap());
    let hashing = quickest(|_| {
        std::hint::black_box(keys.hash(Hashed::Card, std::hint::black_box("2400000001")));
    });
    assert!(sealing < 2_500 && unsealing < 2_500 && hashing < 500, "{sealing} {unsealing} {hashing} ns");
}
