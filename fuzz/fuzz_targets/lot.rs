//! Any bytes as the tables of a released lot, one after the other with a NUL between them: certificate, manifest, control
//! file, pieces, salts. `pli prove` reads them to the end, and nothing is sound, since nobody is trusted.
#![no_main]

use fuzz::let_dependencies_panic;
use libfuzzer_sys::fuzz_target;
use pli::proving::{ProveOrder, prove};
use twoddoc::trust::TrustStore;

/// What the files of the lot are called.
const ENDINGS: [&str; 5] = ["proof.json", "manifest.csv", "control.csv", "proof-pieces.csv", "proof-salts"];

fuzz_target!(init: let_dependencies_panic(), |bytes: &[u8]| {
    let folder = tempfile::tempdir_in("/dev/shm").expect("memory");
    for (part, ending) in bytes.splitn(ENDINGS.len(), |byte| *byte == 0).zip(ENDINGS) {
        fs_err::write(folder.path().join(format!("26324A.{ending}")), part).expect("memory");
    }
    let trust = TrustStore::default();
    let order = ProveOrder { folder: folder.path(), lot: None, trust: &trust, identity: None };
    let report = prove(&order).unwrap_or_else(|_| panic!("the folder is there"));
    assert!(!report.sound);
});
