//! The rooms that parse, taken over from the program as they stand.
#![allow(missing_docs, dead_code, unused_imports)]

#[path = "../../src/ledger/mod.rs"]
pub mod ledger;
#[path = "../../src/mail/mod.rs"]
pub mod mail;
#[path = "../../src/twoddoc/mod.rs"]
pub mod twoddoc;
#[path = "../../src/vault/mod.rs"]
pub mod vault;

pub mod night;

/// Runs `work` on a file that holds `bytes`.
pub fn with_file<T>(bytes: &[u8], work: impl FnOnce(&std::path::Path) -> T) -> T {
    let file = tempfile::NamedTempFile::new_in("/dev/shm").expect("memory");
    fs_err::write(file.path(), bytes).expect("memory");
    work(file.path())
}
