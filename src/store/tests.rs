//! A bucket over a store in memory.

use crate::failure::Failure;
use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStoreExt;
use object_store::memory::InMemory;

use super::bucket::WHOLE;
use super::{Bucket, StoreError};
use crate::job::ObjectUrl;

fn url(text: &str) -> ObjectUrl {
    ObjectUrl::parse(text).expect("a URL").expect("a good one")
}

/// Views of one store in memory.
struct Stored(Arc<InMemory>, tempfile::TempDir);

impl Stored {
    fn new() -> Stored {
        Stored(Arc::new(InMemory::new()), tempfile::tempdir().expect("a folder"))
    }

    fn at(&self, text: &str) -> Bucket {
        Bucket::of(&url(text), self.0.clone()).expect("a runtime")
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.1.path().join("file");
        fs_err::write(&path, bytes).expect("room");
        path
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        self.at("s3://bureau").add(&self.file(bytes), key).expect("room");
    }

    fn found(&self, pattern: &str) -> Vec<String> {
        let found = self.at(pattern).find().expect("a listing");
        found.iter().map(|object| object.url().to_string()).collect()
    }
}

#[test]
fn patterns_find_objects_in_order_and_a_star_stays_within_a_folder() {
    let stored = Stored::new();
    for key in ["in/cards-2.csv", "in/cards-1.csv", "in/old/cards-0.csv", "in/notes.txt", "inbox/cards.csv"] {
        stored.put(key, b"x");
    }
    assert_eq!(
        stored.found("s3://bureau/in/cards*.csv"),
        ["s3://bureau/in/cards-1.csv", "s3://bureau/in/cards-2.csv"]
    );
    assert_eq!(stored.found("s3://bureau/in/*/cards*.csv"), ["s3://bureau/in/old/cards-0.csv"]);
    assert_eq!(stored.found("s3://bureau/in/notes.txt"), ["s3://bureau/in/notes.txt"]);
    assert_eq!(stored.found("s3://bureau/none/*.csv"), [""; 0]);
    let absent = stored.at("s3://bureau/in/absent.csv").find().expect_err("none");
    let absent = Failure::from(absent).to_string();
    assert!(absent.starts_with("s3://bureau/in/absent.csv: "), "{absent}");
    assert!(stored.at("s3://bureau/in/[").find().is_err());
}

#[test]
fn an_object_comes_back_whole_and_never_as_another() {
    let stored = Stored::new();
    stored.put("in/cards.csv", b"header\nrow\n");
    let found = stored.at("s3://bureau/in/cards.csv").find().expect("found").remove(0);
    let mut read = Vec::new();
    found.fetch(&mut read).expect("read");
    assert_eq!(read, b"header\nrow\n");
    stored.at("s3://bureau").replace(&stored.file(b"header\nROW\n"), "in/cards.csv").expect("written");
    let changed = found.fetch(&mut Vec::new()).expect_err("other bytes now");
    assert!(matches!(changed, StoreError::Changed { .. }), "{changed}");
    let found = stored.at("s3://bureau/in/cards.csv").find().expect("found").remove(0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(stored.0.delete(&"in/cards.csv".into())).expect("deleted");
    let gone = found.fetch(&mut Vec::new()).expect_err("gone");
    assert!(matches!(gone, StoreError::Changed { .. }), "{gone}");
}

#[test]
fn a_file_is_added_once_and_never_over_other_bytes() {
    let stored = Stored::new();
    let nights = stored.at("s3://bureau/out/2026-11-20");
    assert_eq!(nights.digest("letters/a.pdf").expect("asked"), None);
    assert!(!nights.holds("letters/a.pdf").expect("asked"));
    nights.add(&stored.file(b"abc"), "letters/a.pdf").expect("added");
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(nights.digest("letters/a.pdf").expect("asked").as_deref(), Some(known), "FIPS 180-2, B.1");
    assert!(nights.holds("letters/a.pdf").expect("asked"));
    nights.add(&stored.file(b"abc"), "letters/a.pdf").expect("the same bytes are no loss");
    let foreign = nights.add(&stored.file(b"abd"), "letters/a.pdf").expect_err("other bytes");
    assert!(matches!(foreign, StoreError::Foreign { .. }), "{foreign}");
    let foreign = Failure::from(foreign).to_string();
    assert!(foreign.starts_with("s3://bureau/out/2026-11-20/letters/a.pdf: "), "{foreign}");
    assert_eq!(nights.digest("letters/a.pdf").expect("asked").as_deref(), Some(known), "untouched");
    nights.replace(&stored.file(b"abd"), "letters/a.pdf").expect("replaced");
    assert_ne!(nights.digest("letters/a.pdf").expect("asked").as_deref(), Some(known));
}

#[test]
fn a_large_file_goes_in_parts_and_comes_back_the_same() {
    let stored = Stored::new();
    let bytes: Vec<u8> = (0..WHOLE as u32 + 12_345).map(|n| (n >> 7) as u8 ^ n as u8).collect();
    stored.put("in/large.csv", &bytes);
    let mut read = Vec::new();
    stored.at("s3://bureau/in/large*").find().expect("found")[0].fetch(&mut read).expect("read");
    assert!(read == bytes);
    let other = stored.at("s3://bureau").add(&stored.file(&bytes[1..]), "in/large.csv");
    assert!(matches!(other, Err(StoreError::Foreign { .. })));
}

#[test]
fn what_is_removed_is_gone_and_removing_it_again_is_no_fault() {
    let stored = Stored::new();
    for key in ["out/2020-11-20/run.json", "in/cards-1.csv"] {
        stored.put(key, b"x");
    }
    let outputs = stored.at("s3://bureau/out");
    for _ in 0..2 {
        outputs.remove("2020-11-20/run.json").expect("removed");
        assert!(!outputs.holds("2020-11-20/run.json").expect("an answer"));
    }
    let found = stored.at("s3://bureau/in/*.csv").find().expect("a listing");
    for _ in 0..2 {
        found[0].remove().expect("removed");
    }
    assert_eq!(stored.found("s3://bureau/in/*.csv"), [""; 0]);
}
