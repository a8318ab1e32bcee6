use super::*;
use crate::failure::Explained;
use crate::job::SigningProfile;
use crate::vault::{new_identity, new_signing_key};

struct Backup {
    folder: tempfile::TempDir,
    shares: Vec<KeyShare>,
}

impl Backup {
    fn new(needed: u8, count: u8) -> Backup {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("signing.pem");
        new_signing_key(&KeyLocation::File(file.clone()), SigningProfile::Ed25519).unwrap();
        let (_, shares) = split_key(&file, needed, count).unwrap();
        Backup { folder, shares }
    }

    /// The text of shares by number, as words.
    fn words(&self, numbers: &[usize]) -> String {
        let lines = |number: &usize| {
            let lines = self.shares[number - 1].lines();
            lines.iter().map(|line| format!("{}\n", **line)).collect::<String>()
        };
        numbers.iter().map(lines).collect()
    }

    fn key(&self) -> String {
        fs_err::read_to_string(self.folder.path().join("signing.pem")).unwrap()
    }
}

fn recovered(text: &str) -> Result<String, SharesError> {
    recover_key(&read_shares("typed", text)?).map(|key| key.text.to_string())
}

fn refused(text: &str) -> (&'static str, String, String) {
    let error = recovered(text).expect_err(text);
    assert_eq!(error.exit().code(), 2, "{error}");
    let place = error.position().map(|place| place.to_string()).unwrap_or_default();
    (error.code(), place, format!("{error}; {}", error.advice().unwrap()))
}

#[test]
fn any_k_of_n_recover_the_file_byte_for_byte() {
    for (needed, count) in [(2, 2), (2, 3), (3, 5), (5, 5), (16, 16)] {
        let backup = Backup::new(needed, count);
        let codes: String =
            backup.shares.iter().take(needed.into()).map(|share| format!("{}\r\n", *share.code())).collect();
        assert_eq!(recovered(&codes).unwrap(), backup.key());
        for first in 1..=usize::from(count - needed) + 1 {
            let numbers: Vec<usize> = (first..first + usize::from(needed)).rev().collect();
            assert_eq!(recovered(&backup.words(&numbers)).unwrap(), backup.key(), "{numbers:?}");
        }
        let all: Vec<usize> = (1..=count.into()).collect();
        assert_eq!(recovered(&backup.words(&all)).unwrap(), backup.key(), "more than needed");
    }
}

#[test]
fn the_lines_of_the_sealed_key_are_typed_once() {
    let backup = Backup::new(2, 3);
    let share = |number| -> String {
        backup
            .words(&[number])
            .lines()
            .filter(|line| line.starts_with('s'))
            .map(|line| format!("{line}\n"))
            .collect()
    };
    let text = format!("# of Anna\n\n{}{}", backup.words(&[2]), share(3));
    assert_eq!(recovered(&text.to_uppercase().replace(' ', " - ")).unwrap(), backup.key());
    let (code, _, said) = refused(&[share(1), share(2)].concat());
    assert!(code == "shares_missing" && said.contains("`k1`"), "{said}");
}

#[test]
fn what_is_missing_mistyped_foreign_doubled_or_wrong_is_named() {
    let (backup, other) = (Backup::new(3, 5), Backup::new(3, 5));
    let (code, _, said) = refused(&backup.words(&[2, 4]));
    assert!(code == "shares_missing" && said.contains("2 of 3") && said.contains("1 is"), "{said}");
    assert!(said.contains("1, 3, 5"), "{said}");
    assert_eq!(refused("# nothing\n").0, "shares_missing");

    let (code, place, said) = refused(&[backup.words(&[1, 2]), other.words(&[3])].concat());
    let foreign = backup.words(&[1, 2]).lines().count() + 1;
    assert_eq!((code, place), ("share_foreign", format!("typed:{foreign}")));
    assert!(said.contains("share 3") && said.contains(&other.shares[0].set()), "{said}");
    let (code, place, said) = refused(&backup.words(&[1, 2, 1]));
    assert_eq!((code, place), ("share_doubled", format!("typed:{foreign}")));
    assert!(said.contains("share 1") && said.contains("typed:1"), "{said}");

    let words = backup.words(&[1, 2, 3]);
    let lines: Vec<&str> = words.lines().collect();
    let with = |index: usize, line: &str| {
        let mut lines = lines.clone();
        lines[index] = line;
        lines.join("\n")
    };
    let mistyped = lines[5].replacen(lines[5].split(' ').nth(3).unwrap(), "babab", 1);
    let (code, place, said) = refused(&with(5, &mistyped));
    assert_eq!((code, place.as_str()), ("share_line", "typed:6"));
    assert!(!said.contains("babab"), "no word is repeated: {said}");
    assert_eq!(refused(&with(0, "s1 lusab")).0, "share_line");
    assert_eq!(refused(&with(2, "hello")).0, "share_line");
    let (code, place, said) = refused(&with(2, ""));
    assert_eq!((code, place.as_str()), ("share_incomplete", "typed:1"));
    assert!(said.contains("`s3`"), "{said}");
    assert_eq!(refused(&with(2, lines[1])).0, "share_incomplete");
    assert_eq!(refused(&words.replacen(lines[0], "", 1)).0, "share_incomplete");
    // The lines of another set's sealed key.
    let key = other.words(&[1]);
    let key = key.lines().find(|line| line.starts_with("k3")).unwrap();
    let at = lines.iter().position(|line| line.starts_with("k3")).unwrap();
    assert_eq!(refused(&with(at, key)).0, "share_wrong");
}

#[test]
fn a_share_that_its_holder_made_up_is_named() {
    let backup = Backup::new(2, 3);
    let mut shares = read_shares("typed", &backup.words(&[1, 3])).unwrap();
    // Sound in itself: the digest is made anew with the value.
    shares[1].value[7] ^= 1;
    let text: String = shares.iter().map(|share| format!("{}\n", *share.code())).collect();
    let (code, place, _) = refused(&text);
    assert_eq!((code, place.as_str()), ("share_wrong", "typed:2"));
    // He also changes what his value is known by: his sheet is then one of another set.
    let known = shares[1].known_by();
    let mut key = shares[1].key.clone().unwrap();
    key.values[2] = known;
    (shares[1].set, shares[1].key) = (key.set(), Some(key));
    let text: String = shares.iter().map(|share| format!("{}\n", *share.code())).collect();
    assert_eq!(refused(&text).0, "share_foreign");
    // A threshold that is lowered on every sheet opens nothing.
    let mut shares = read_shares("typed", &Backup::new(3, 3).words(&[1, 2])).unwrap();
    let mut key = shares[0].key.clone().unwrap();
    key.needed = 2;
    for share in &mut shares {
        (share.needed, share.set, share.key) = (2, key.set(), Some(key.clone()));
    }
    assert!(matches!(recover_key(&shares), Err(SharesError::Altered)));
}

#[test]
fn each_backup_has_a_wrapping_key_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codes.identity");
    new_identity(&file, &folder.path().join("codes.pub")).unwrap();
    let backups = [split_key(&file, 2, 3).unwrap().1, split_key(&file, 2, 3).unwrap().1];
    assert_ne!(backups[0][0].set, backups[1][0].set);
    let sealed = |index: usize| backups[index][0].key.as_ref().unwrap().sealed.clone();
    assert_ne!(sealed(0), sealed(1));
    let secret = fs_err::read_to_string(&file).unwrap();
    let secret = secret.lines().last().unwrap().as_bytes();
    assert!(!sealed(0).windows(16).any(|window| window == &secret[20..36]), "sealed");
}

#[test]
fn counts_and_files_that_make_no_backup_are_refused() {
    let backup = Backup::new(2, 2);
    let file = backup.folder.path().join("signing.pem");
    for (needed, count) in [(1, 3), (0, 0), (4, 3), (2, 17)] {
        let error = split_key(&file, needed, count).map(|_| ()).unwrap_err();
        assert_eq!((error.exit().code(), error.code()), (2, "share_count"));
    }
    let large = backup.folder.path().join("large.pem");
    super::super::keys::write_private(&large, &format!("{}{}", backup.key(), "\n".repeat(1024))).unwrap();
    assert_eq!(split_key(&large, 2, 2).map(|_| ()).unwrap_err().code(), "key_too_large");
    let words = backup.folder.path().join("words.txt");
    super::super::keys::write_private(&words, "no key").unwrap();
    assert_eq!(split_key(&words, 2, 2).map(|_| ()).unwrap_err().code(), "key_invalid");
}

#[test]
fn a_restored_key_is_the_one_that_was_split_and_replaces_none() {
    let backup = Backup::new(2, 2);
    let key = recover_key(&read_shares("typed", &backup.words(&[1, 2])).unwrap()).unwrap();
    let file = backup.folder.path().join("restored.pem");
    let found = restore_key(&key, &file).unwrap();
    assert_eq!(fs_err::read_to_string(&file).unwrap(), backup.key());
    assert_eq!(
        found[0].public,
        describe(&KeyLocation::File(backup.folder.path().join("signing.pem"))).unwrap().public
    );
    assert_eq!(restore_key(&key, &file).unwrap_err().code(), "key_invalid");
}
