//! Dates that are kept and obeyed, and what is wrong with a register.

use super::*;
use crate::failure::Explained;
use crate::job::SigningProfile;
use crate::vault::new_signing_key;
use jiff::civil::date;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn key(folder: &Path, name: &str) -> KeySummary {
    new_signing_key(&KeyLocation::File(folder.join(name)), SigningProfile::Ed25519).unwrap()
}

#[test]
fn dates_are_kept_and_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (key(folder.path(), "old.pem"), key(folder.path(), "new.pem"));
    change_register(folder.path(), |register| {
        let entry = register.entry(&old);
        (entry.valid_from, entry.valid_to) = (Some(date(2026, 1, 1)), Some(date(2026, 12, 31)));
        entry.successor = Some(new.fingerprint.clone());
        register.entry(&new).valid_from = Some(date(2027, 1, 1));
        Ok(())
    })
    .unwrap();
    let register = KeyRegister::of_folder(folder.path()).unwrap();
    let asked = |key: &KeySummary, on: &str, today: Option<&str>| {
        register.require(key, day(on), today.map(day), "signing.key").map_err(|error| error.code())
    };
    assert_eq!(asked(&old, "2026-01-01", None), Ok(Some(date(2026, 12, 31))));
    assert_eq!(asked(&old, "2026-12-31", Some("2027-02-01")), Ok(Some(date(2026, 12, 31))), "an old night");
    assert_eq!(asked(&old, "2025-12-31", None), Err("key_not_yet_valid"));
    assert_eq!(asked(&old, "2027-01-01", None), Err("key_expired"));
    assert_eq!(asked(&new, "2026-12-31", None), Err("key_not_yet_valid"));
    assert_eq!(asked(&new, "2031-01-01", None), Ok(None));
    let expired = register.require(&old, day("2027-01-01"), None, "signing.key").unwrap_err();
    let advice = expired.advice().unwrap();
    assert!(advice.contains("`signing.key`") && advice.contains(&new.fingerprint), "{advice}");

    change_register(folder.path(), |register| {
        register.entry(&old).retired_from = Some(date(2026, 11, 28));
        Ok(())
    })
    .unwrap();
    let register = KeyRegister::of_folder(folder.path()).unwrap();
    let asked = |on: &str, today: Option<&str>| {
        register.require(&old, day(on), today.map(day), "signing.key").map_err(|error| error.code())
    };
    assert_eq!(asked("2026-11-27", Some("2026-11-27")), Ok(Some(date(2026, 11, 27))));
    assert_eq!(
        asked("2026-11-27", Some("2026-11-28")),
        Err("key_retired"),
        "a date in the past lifts nothing"
    );
    assert_eq!(asked("2026-11-28", Some("2026-11-01")), Err("key_retired"));
}

#[test]
fn what_is_wrong_with_a_register_has_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(NAME);
    let known = key(folder.path(), "key.pem");
    let refused = |text: &str| {
        fs_err::write(&file, text).unwrap();
        let error = KeyRegister::of_folder(folder.path()).expect_err(text);
        assert_eq!((error.exit().code(), error.code()), (2, "key_invalid"), "{error}");
        (error.position().unwrap().to_string(), error.to_string())
    };
    let entry =
        format!("[[key]]\nfingerprint = \"{}\"\npublic = \"{}\"\n", known.fingerprint, public_text(&known));
    let (place, problem) = refused(&format!("{entry}valid = \"2026-01-01\"\n"));
    assert!(place.ends_with("register.toml:4") && problem.contains("`valid`"), "{place}: {problem}");
    let (place, _) = refused(&format!("{entry}valid_to = \"soon\"\n"));
    assert!(place.ends_with(":4"), "{place}");
    let (place, problem) = refused(&format!("{entry}\n{entry}"));
    assert!(place.ends_with(":5") && problem.contains("another entry"), "{place}: {problem}");
    let (_, problem) = refused(&entry.replace("public = \"M", "public = \"N"));
    assert!(problem.contains("is not that of its `public`"), "{problem}");
    let (_, problem) = refused(&format!("{entry}valid_from = \"2026-02-01\"\nvalid_to = \"2026-01-01\"\n"));
    assert!(problem.contains("before"), "{problem}");
    #[cfg(unix)]
    {
        fs_err::write(&file, &entry).unwrap();
        KeyRegister::of_folder(folder.path()).unwrap();
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        std::fs::set_permissions(&file, open).unwrap();
        let error = KeyRegister::of_folder(folder.path()).unwrap_err();
        assert_eq!(error.code(), "key_replaceable_by_others");
    }
}
