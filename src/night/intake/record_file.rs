//! A record file: on this machine, or the copy of an object.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreign::{UnreadableFile, legible, open_regular};

use super::unpacking::Packing;
use crate::files::UnnamedFile;
use crate::vault::{HeldBytes, MAX_SEALED_SIZE, SealError};

/// A record file and its name.
#[derive(Debug)]
pub(crate) struct RecordFile {
    name: String,
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    Path(PathBuf),
    Copy { file: Arc<UnnamedFile>, begin: u64, length: u64 },
}

impl RecordFile {
    /// A file of this machine; findings name it relative to `folder`.
    pub(crate) fn at(path: PathBuf, folder: &Path) -> RecordFile {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        RecordFile { name: legible(&name).into_owned(), bytes: Bytes::Path(path) }
    }

    /// How findings and the ledger name it: legible, whatever characters its name has.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its path as a person finds it; the URL of an object.
    pub(crate) fn shown(&self) -> String {
        match &self.bytes {
            Bytes::Path(path) => legible(&path.display().to_string()).into_owned(),
            Bytes::Copy { .. } => self.name.clone(),
        }
    }

    /// How it is packed, as its name says.
    pub(super) fn packing(&self) -> Packing {
        Packing::of_name(&self.name)
    }

    /// Its bytes, of a sealed file, to be read more than once.
    ///
    /// # Errors
    /// [`SealError::Unreadable`]: it can't be read, or is larger than any sealed file.
    pub(super) fn held(&self) -> Result<HeldBytes, SealError> {
        if let Bytes::Path(path) = &self.bytes {
            return Ok(HeldBytes::of_file(path, MAX_SEALED_SIZE)?);
        }
        let mut sealed = Vec::new();
        let read = self.open().and_then(|bytes| bytes.take(MAX_SEALED_SIZE + 1).read_to_end(&mut sealed));
        let read = read.and_then(|length| match length as u64 > MAX_SEALED_SIZE {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(()),
        });
        read.map_err(|error| UnreadableFile::new(Path::new(&self.name), error))?;
        Ok(HeldBytes::in_memory(sealed))
    }

    /// Opens it at its beginning; errors do not name it. All copies share one file offset: only one of them can be read at a time.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match &self.bytes {
            Bytes::Path(path) => Ok(Box::new(open_regular(path).map_err(|unreadable| unreadable.error)?)),
            Bytes::Copy { file, begin, length } => {
                let mut copy = file.file.try_clone()?;
                copy.seek(SeekFrom::Start(*begin))?;
                Ok(Box::new(copy.take(*length)))
            }
        }
    }
}

/// The copies of objects, one behind the other in one file without a name: an inbox may hold more objects than a process
/// can open files.
#[derive(Debug)]
pub(in crate::night) struct Copies {
    file: Arc<UnnamedFile>,
    end: u64,
}

impl Copies {
    /// Creates the file in a folder, which must be there.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn create_in(folder: &Path) -> io::Result<Copies> {
        Ok(Copies { file: Arc::new(UnnamedFile::create_in(folder, "inbox")?), end: 0 })
    }

    /// Copies an object, whose bytes `fetch` writes. A copy that was not kept is overwritten.
    ///
    /// # Errors
    /// I/O errors and those of `fetch`.
    pub(super) fn add<E: From<io::Error>>(
        &self,
        url: String,
        fetch: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<RecordFile, E> {
        let mut file = &self.file.file;
        file.set_len(self.end)?;
        file.seek(SeekFrom::Start(self.end))?;
        fetch(&mut file)?;
        let length = file.stream_position()? - self.end;
        let bytes = Bytes::Copy { file: Arc::clone(&self.file), begin: self.end, length };
        Ok(RecordFile { name: url, bytes })
    }

    /// Keeps the last copy: the next one is written behind it.
    pub(super) fn keep(&mut self, last: &RecordFile) {
        if let Bytes::Copy { begin, length, .. } = last.bytes {
            self.end = begin + length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(file: &RecordFile) -> String {
        let mut text = String::new();
        file.open().expect("readable").read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn copies_share_a_file_and_those_that_are_not_kept_make_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut copies = Copies::create_in(folder.path()).expect("a file");
        let add = |copies: &Copies, words: &str| {
            let fetched = copies.add(words.to_owned(), |out| out.write_all(words.as_bytes()));
            fetched.expect("written")
        };
        let first = add(&copies, "first");
        copies.keep(&first);
        assert_eq!(
            text(&add(&copies, "not kept, and longer than the next")),
            "not kept, and longer than the next"
        );
        let third = add(&copies, "third");
        copies.keep(&third);
        let fourth = add(&copies, "");
        assert_eq!([&first, &third, &fourth, &first].map(text), ["first", "third", "", "first"]);
        assert_eq!(copies.file.file.metadata().expect("a file").len(), 10);
    }
}
