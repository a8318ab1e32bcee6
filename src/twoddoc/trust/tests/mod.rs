//! The room as a whole: made-up worlds of `fixtures/trust` in, verdicts out. Every rule is judged both ways.

mod chains;
mod days;
mod files;
mod keys;
mod lists;
mod published;
mod revocations;
mod robustness;

use super::*;
use crate::twoddoc::{Algorithm, Code, parse_text};
use std::path::PathBuf;

const ASKED: Policy = Policy { accept_test_authorities: false };
const TESTS_TOO: Policy = Policy { accept_test_authorities: true };

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/trust")
}

fn fixture(name: &str) -> Vec<u8> {
    fs_err::read(fixtures().join(name)).unwrap()
}

/// What the blocks of a file of the fixtures hold, in DER.
fn objects(name: &str) -> Vec<Vec<u8>> {
    pem::blocks(&fixture(name)).iter().map(|block| block.decode().unwrap()).collect()
}

/// A folder with these files of the fixtures, none of which may be at fault.
fn folder(names: &[&str]) -> TrustStore {
    let mut store = TrustStore::default();
    for name in names {
        store.add(name, &fixture(name));
    }
    assert_eq!(store.faults(), Vec::<&TrustFault>::new());
    assert!(store.passed_over().is_empty(), "{:?}", store.passed_over());
    store
}

fn code(label: &str) -> Code {
    let codes: serde_json::Value = serde_json::from_slice(&fixture("codes.json")).unwrap();
    parse_text(codes[label].as_str().unwrap_or_else(|| panic!("no code `{label}`"))).unwrap()
}

/// The code with one character of its message changed.
fn altered(label: &str) -> Code {
    let mut code = code(label);
    let at = code.signed.len() - 3;
    code.signed[at] ^= 1;
    code
}

/// Judges a code, asserts the status, gives the verdict.
#[track_caller]
fn judged(store: &TrustStore, code: &Code, policy: Policy, status: Status) -> Verdict {
    let verdict = store.judge(code, &policy);
    assert_eq!(verdict.status, status, "{verdict:?}");
    verdict
}

#[track_caller]
fn assert_valid(store: &TrustStore, label: &str) -> Verdict {
    judged(store, &code(label), ASKED, Status::Valid)
}

/// Asserts that a code is refused, with this status and for a reason that says these words.
#[track_caller]
fn assert_refused(store: &TrustStore, label: &str, status: Status, words: &str) {
    let verdict = judged(store, &code(label), ASKED, status);
    assert!(verdict.reason.contains(words), "`{words}` is not in: {}", verdict.reason);
}
