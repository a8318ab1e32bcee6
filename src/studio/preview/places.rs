//! Places in the designer's files, by opaque names. A request names a place, and never a file.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use super::lru::Lru;
use super::shared::locked;
use crate::files::hexadecimal;

/// The most places that are known.
const MAX_PLACES: usize = 200_000;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// The places that were given names.
pub(super) struct Places(Mutex<Lru<String, Place>>);

impl Default for Places {
    fn default() -> Places {
        Places(Mutex::new(Lru::new(MAX_PLACES)))
    }
}

impl Places {
    /// The name of a place.
    pub(super) fn name(&self, file: &Path, line: usize, column: usize) -> String {
        let mut digest = Sha256::new();
        digest.update(file.as_os_str().as_encoded_bytes());
        digest.update([0]);
        digest.update(format!("{line}:{column}"));
        let name = hexadecimal(&digest.finalize()[..10]);
        let place = Place { file: file.to_owned(), line, column };
        locked(&self.0).put(name.clone(), place, 1);
        name
    }

    /// Gives a place a name that was made elsewhere.
    pub(super) fn put(&self, name: String, place: Place) {
        locked(&self.0).put(name, place, 1);
    }

    /// The place with this name.
    pub(super) fn find(&self, name: &str) -> Option<Place> {
        locked(&self.0).get(&name.to_owned())
    }
}
