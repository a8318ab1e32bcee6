//! The documents: their links lead somewhere, their keys and commands exist, and every block of every page is run, compared
//! with what the program prints, or loaded by it.
//!
//! A page's blocks are run from top to bottom in a folder that `setups/PAGE.sh` prepares (`running`). `table` names the pages,
//! and the few blocks that can't be run here.

mod blocks;
mod commands;
mod keys;
mod links;
pub mod quoted;
mod running;
mod table;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(page: &Path) -> String {
    fs_err::read_to_string(page).unwrap()
}

/// The pages of `docs/`, and those beside it.
fn pages() -> Vec<PathBuf> {
    let of = |folder: &Path| {
        let files = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|ending| ending == "md")).collect::<Vec<_>>()
    };
    let mut found = [of(root()), of(&root().join("docs"))].concat();
    found.sort();
    assert!(found.len() > 30, "the pages were found");
    found
}
