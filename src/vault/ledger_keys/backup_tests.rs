use std::path::PathBuf;

use jiff::civil::{Date, date};

use super::*;
use crate::failure::{Explained, Failure};
use crate::vault::{Recipients, new_identity, recovery_recipients, seal_bytes};

const DAY: Date = date(2027, 3, 1);
const LEDGER: &str = "4f1c0b7d9a2e";

fn month(number: i8) -> Month {
    Month::of(date(2026, number, 1))
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        new_identity(&place.path("recovery.identity"), &place.path("recovery.pub")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Keys in a folder of this name, with one for each of these months.
    fn keys(&self, folder: &str, months: impl IntoIterator<Item = i8>) -> LedgerKeys {
        let keys = LedgerKeys::create(&self.path(folder)).unwrap();
        months.into_iter().for_each(|number| drop(row(&keys, number)));
        keys
    }

    fn recipients(&self) -> Recipients {
        recovery_recipients(&["recovery.pub".to_owned()], |name| self.path(name)).unwrap()
    }

    fn sealed(&self, keys: &LedgerKeys) -> Vec<u8> {
        seal_keys(keys, LEDGER, &self.recipients()).unwrap()
    }

    fn opened(&self, sealed: &[u8]) -> Result<KeysBackup, LedgerKeysError> {
        open_keys("ledger.keys.age", sealed, &self.path("recovery.identity"))
    }

    fn restored(&self, sealed: &[u8], folder: &str) -> Result<RestoredKeys, LedgerKeysError> {
        self.opened(sealed).unwrap().restore(&self.path(folder))
    }

    /// All files of a folder, by name; without the lock.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let entries = fs_err::read_dir(self.path(folder)).unwrap().map(|entry| entry.unwrap());
        let files = entries
            .map(|entry| (entry.file_name().into_string().unwrap(), fs_err::read(entry.path()).unwrap()));
        files.filter(|(name, _)| name != "lock").collect()
    }
}

/// A row of a month.
fn row(keys: &LedgerKeys, number: i8) -> Vec<u8> {
    let mut sealed = Vec::new();
    keys.seal(month(number), 7, "record", b"MARTIN", &mut sealed).unwrap();
    sealed
}

fn opens(keys: &LedgerKeys, number: i8, row: &[u8]) -> bool {
    let mut clear = Vec::new();
    keys.unseal(month(number), 7, "record", row, &mut clear).is_ok() && clear == b"MARTIN"
}

fn found(bytes: &[u8], within: &[u8]) -> bool {
    within.windows(bytes.len()).any(|window| window == bytes)
}

#[test]
fn a_lost_folder_comes_back_and_no_key_is_in_clear_in_its_backup() {
    let place = Place::new();
    let mut keys = place.keys("keys", [9, 10, 11]);
    let rows = [10, 11].map(|number| (number, row(&keys, number)));
    keys.destroy(month(9), DAY).unwrap();
    let (sealed, before) = (place.sealed(&keys), place.files("keys"));
    assert_eq!(before.len(), 4);
    let plain = crate::vault::open_bytes("it", &sealed, &place.path("recovery.identity")).unwrap();
    for (name, line) in before.iter().filter(|(name, _)| name.ends_with(".key")) {
        let digits = std::str::from_utf8(line).unwrap().split(' ').nth(1).unwrap();
        let bytes: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert!(found(digits.as_bytes(), &plain), "the search finds {name} where it is");
        assert!(!found(digits.as_bytes(), &sealed) && !found(&bytes, &sealed), "{name}");
    }
    let backup = place.opened(&sealed).unwrap();
    assert_eq!((backup.ledger.as_str(), backup.mark()), (LEDGER, keys.mark()));
    assert_eq!(backup.months().collect::<Vec<_>>(), [month(10), month(11)]);

    let restored = backup.restore(&place.path("again")).unwrap();
    assert_eq!(restored, RestoredKeys { index: true, added: vec![month(10), month(11)], forgotten: vec![] });
    assert_eq!(place.files("again"), before);
    let again = LedgerKeys::open(&place.path("again")).unwrap().expect("keys");
    assert!(rows.iter().all(|(number, row)| opens(&again, *number, row)));
    again.confirm(&keys.mark()).unwrap();
    assert_eq!(again.destroyed().unwrap(), DestroyedMonths::from([(month(9), DAY)]));
    assert_eq!(backup.restore(&place.path("again")).unwrap(), RestoredKeys::default(), "nothing twice");
    #[cfg(unix)]
    for name in ["index.key", "2026-10.key"] {
        let permissions = fs_err::metadata(place.path("again").join(name)).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o777, 0o600, "{name}");
    }
}

#[test]
fn what_was_forgotten_stays_forgotten() {
    let place = Place::new();
    let mut keys = place.keys("keys", [9, 10]);
    let forgotten = row(&keys, 9);
    let old = place.sealed(&keys);
    keys.destroy(month(9), DAY).unwrap();
    // A backup from before the purge, restored after it.
    fs_err::remove_file(place.path("keys/2026-10.key")).unwrap();
    let restored = place.restored(&old, "keys").unwrap();
    assert_eq!(restored, RestoredKeys { index: false, added: vec![month(10)], forgotten: vec![month(9)] });
    assert!(!place.files("keys").contains_key("2026-09.key"));
    let keys = LedgerKeys::open(&place.path("keys")).unwrap().unwrap();
    assert!(!opens(&keys, 9, &forgotten));
    // A backup from after the purge, restored over a copy from before it.
    let new = place.sealed(&keys);
    place.restored(&old, "copy").unwrap();
    assert!(opens(&LedgerKeys::open(&place.path("copy")).unwrap().unwrap(), 9, &forgotten));
    place.restored(&new, "copy").unwrap();
    assert!(!opens(&LedgerKeys::open(&place.path("copy")).unwrap().unwrap(), 9, &forgotten));
    assert_eq!(place.files("copy"), place.files("keys"));
}

#[test]
fn keys_are_added_and_never_replaced() {
    let place = Place::new();
    let keys = place.keys("keys", [10]);
    let sealed = place.sealed(&keys);
    row(&keys, 11);
    assert_eq!(place.restored(&sealed, "keys").unwrap(), RestoredKeys::default());
    assert_eq!(keys.months().unwrap(), [month(10), month(11)], "later keys stay");
    // Another ledger's folder, and a key that was made anew.
    place.keys("other", [10]);
    fs_err::remove_file(place.path("keys/2026-10.key")).unwrap();
    place.keys("keys", [10]);
    for (folder, file) in [("other", "index.key"), ("keys", "2026-10.key")] {
        let before = place.files(folder);
        let error = place.restored(&sealed, folder).unwrap_err();
        assert_eq!((error.exit().code(), error.code()), (3, "ledger_keys"));
        let text = Failure::from(error).to_string();
        let expected = format!("{folder}/{file}: another key than that of the backup `ledger.keys.age`");
        assert!(text.contains(&expected), "{text}");
        assert_eq!(place.files(folder), before, "nothing is changed");
    }
}

#[test]
fn what_is_no_backup_is_refused() {
    let place = Place::new();
    let keys = place.keys("keys", [10, 11]);
    let sealed = place.sealed(&keys);
    let plain = crate::vault::open_bytes("it", &sealed, &place.path("recovery.identity")).unwrap();
    let plain = String::from_utf8(plain.to_vec()).unwrap();
    let refused = |sealed: &[u8]| {
        let error = place.opened(sealed).err().expect("refused");
        (error.exit().code(), error.code(), Failure::from(error).to_string())
    };
    let seal = |text: &str| seal_bytes(&place.recipients(), text.as_bytes()).unwrap();
    assert!(place.opened(&seal(&plain)).is_ok());
    let without = |line: &str| {
        let kept = plain.split_inclusive('\n').filter(|text| !text.starts_with(line));
        kept.collect::<String>()
    };
    for wrong in [
        String::new(),
        "\n".to_owned(),
        without("2026-10"),
        without("index"),
        without("sha256"),
        plain.clone() + "\n",
    ] {
        let (exit, code, text) = refused(&seal(&wrong));
        assert!((exit, code) == (2, "ledger_keys_backup") && text.contains("ledger.keys.age"), "{text}");
    }
    let other = Place::new();
    assert_eq!(refused(&seal_bytes(&other.recipients(), b"").unwrap()).1, "seal_closed");
    assert_eq!(refused(&sealed[..sealed.len() - 3]).1, "seal_damaged");
    let nobody = recovery_recipients(&[], |name| place.path(name)).err().expect("no recipient");
    assert!(Failure::from(nobody).to_string().contains("`ledger.recovery`: names nobody"));
}
