//! A record file: one of this machine, or a copy of an object.

use std::io::{self, Seek};
use std::path::{Path, PathBuf};

use super::super::spool::UnnamedFile;

/// A record file and its name.
#[derive(Debug)]
pub struct RecordFile {
    name: String,
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    Path(PathBuf),
    Copy(UnnamedFile),
}

impl RecordFile {
    /// A file of this machine; findings name it relative to `folder`.
    pub fn at(path: PathBuf, folder: &Path) -> RecordFile {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        RecordFile { name, bytes: Bytes::Path(path) }
    }

    /// A copy of the object of that URL.
    pub(in crate::night) fn copied(url: String, copy: UnnamedFile) -> RecordFile {
        RecordFile { name: url, bytes: Bytes::Copy(copy) }
    }

    /// How findings and the ledger name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How a person finds it.
    pub fn shown(&self) -> String {
        match &self.bytes {
            Bytes::Path(path) => path.display().to_string(),
            Bytes::Copy(_) => self.name.clone(),
        }
    }

    /// Opens it, from its beginning; one reader at a time.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn open(&self) -> io::Result<fs_err::File> {
        match &self.bytes {
            Bytes::Path(path) => fs_err::File::open(path),
            Bytes::Copy(copy) => {
                let mut copy = copy.file.try_clone()?;
                copy.rewind()?;
                Ok(fs_err::File::from_parts(copy, &self.name))
            }
        }
    }
}
