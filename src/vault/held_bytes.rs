//! Sealed bytes that are read more than once, a block at a time: what is read again must be what was read first.
//!
//! A file of this machine stays where it lies and is kept open. The SHA-256 of each of its blocks is noted when the block is read
//! for the first time, and asked for each time after that. Nothing here is plain text.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use foreign::UnreadableFile;
use sha2::{Digest, Sha256};

/// Bytes of a block.
const BLOCK: usize = 16 << 10;
/// Files of at most so many bytes are taken into memory: an inbox may hold more of them than a process can open.
const SMALL: u64 = 64 << 10;

/// Sealed bytes and the digests of those of their blocks that were read.
pub(crate) struct HeldBytes {
    source: Source,
    length: u64,
    digests: Vec<Option<[u8; 32]>>,
    position: u64,
    /// The block that is in memory, and its bytes.
    loaded: Option<usize>,
    block: Vec<u8>,
}

enum Source {
    File(File),
    Memory(Arc<Vec<u8>>),
}

/// Bytes that are not those which were read before.
#[derive(Debug, thiserror::Error)]
#[error("the file was altered while it was in use")]
pub(super) struct Changed;

impl HeldBytes {
    /// A regular file of this machine, of at most `limit` bytes.
    ///
    /// # Errors
    /// [`UnreadableFile`]: it can't be opened, or is larger.
    pub(crate) fn of_file(path: &Path, limit: u64) -> Result<HeldBytes, UnreadableFile> {
        let (file, length) = foreign::open_within(path, limit)?;
        if length > SMALL {
            return Ok(HeldBytes::of(Source::File(file), length));
        }
        let mut bytes = Vec::with_capacity(length as usize);
        let read = file.take(length).read_to_end(&mut bytes);
        read.map(|_| HeldBytes::in_memory(bytes)).map_err(|error| UnreadableFile::new(path, error))
    }

    /// Bytes in memory.
    pub(crate) fn in_memory(bytes: Vec<u8>) -> HeldBytes {
        let length = bytes.len() as u64;
        HeldBytes::of(Source::Memory(Arc::new(bytes)), length)
    }

    fn of(source: Source, length: u64) -> HeldBytes {
        let blocks = length.div_ceil(BLOCK as u64) as usize;
        HeldBytes {
            source,
            length,
            digests: vec![None; blocks],
            position: 0,
            loaded: None,
            block: Vec::with_capacity(BLOCK),
        }
    }

    /// The same bytes for a second reader, which is held to the digests that are known.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn twin(&self) -> io::Result<HeldBytes> {
        let source = match &self.source {
            Source::File(file) => Source::File(file.try_clone()?),
            Source::Memory(bytes) => Source::Memory(Arc::clone(bytes)),
        };
        Ok(HeldBytes { digests: self.digests.clone(), ..HeldBytes::of(source, self.length) })
    }

    /// The first bytes, `count` at most. The next reading begins at the first byte.
    ///
    /// # Errors
    /// I/O errors; [`Changed`].
    pub(super) fn beginning(&mut self, count: usize) -> io::Result<Vec<u8>> {
        self.position = 0;
        let mut bytes = Vec::with_capacity(count.min(self.length as usize));
        self.take(count as u64).read_to_end(&mut bytes)?;
        self.position = 0;
        Ok(bytes)
    }

    /// All bytes. The next reading begins at the first byte.
    ///
    /// # Errors
    /// I/O errors; [`Changed`].
    pub(super) fn whole(&mut self) -> io::Result<Vec<u8>> {
        self.beginning(usize::MAX)
    }

    /// Reads the block at the position, unless it is in memory.
    fn load(&mut self) -> io::Result<()> {
        let index = (self.position / BLOCK as u64) as usize;
        if self.loaded == Some(index) {
            return Ok(());
        }
        self.loaded = None;
        let begin = index as u64 * BLOCK as u64;
        self.block.resize((self.length - begin).min(BLOCK as u64) as usize, 0);
        let read = match &mut self.source {
            Source::File(file) => {
                file.seek(SeekFrom::Start(begin)).and_then(|_| file.read_exact(&mut self.block))
            }
            Source::Memory(bytes) => {
                bytes.get(begin as usize..).unwrap_or_default().read_exact(&mut self.block)
            }
        };
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => changed(),
            _ => error,
        })?;
        // Nobody else writes this program's memory.
        if matches!(self.source, Source::File(_)) {
            self.compare(index)?;
        }
        self.loaded = Some(index);
        Ok(())
    }

    /// Holds the block that was read against its digest, or notes that.
    fn compare(&mut self, index: usize) -> io::Result<()> {
        let digest: [u8; 32] = Sha256::digest(&self.block).into();
        match self.digests.get_mut(index) {
            Some(Some(known)) if *known != digest => return Err(changed()),
            Some(known) => *known = Some(digest),
            None => return Err(changed()),
        }
        Ok(())
    }
}

fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Changed)
}

/// Whether an error says that bytes were altered between two readings.
pub(super) fn says_changed(error: &io::Error) -> bool {
    let inner = error.get_ref().map(|inner| inner as &(dyn Error + 'static));
    inner.is_some_and(|inner| inner.is::<Changed>())
}

impl BufRead for HeldBytes {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.length {
            return Ok(&[]);
        }
        self.load()?;
        Ok(self.block.get((self.position % BLOCK as u64) as usize..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.position += count as u64;
    }
}

impl Read for HeldBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.fill_buf()?;
        let read = rest.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl Seek for HeldBytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn bytes() -> Vec<u8> {
        (0..11 * BLOCK as u32 / 2).map(|number| (number / 3) as u8).collect()
    }

    #[test]
    fn a_file_is_read_from_everywhere_as_from_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealed");
        fs_err::write(&path, bytes()).unwrap();
        for mut held in [HeldBytes::of_file(&path, 1 << 20).unwrap(), HeldBytes::in_memory(bytes())] {
            assert_eq!(held.whole().unwrap(), bytes());
            for begin in [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 7, bytes().len()] {
                let mut read = Vec::new();
                held.seek(SeekFrom::Start(begin as u64)).unwrap();
                held.read_to_end(&mut read).unwrap();
                assert!(read == bytes()[begin..], "from {begin}");
            }
            assert_eq!(held.seek(SeekFrom::End(-3)).unwrap(), bytes().len() as u64 - 3);
            assert!(held.seek(SeekFrom::Current(-1 << 40)).is_err());
        }
        assert!(HeldBytes::of_file(&path, 100).is_err());
    }

    #[test]
    fn what_is_read_again_is_what_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealed");
        let change = |offset: usize, bytes: &[u8]| {
            let mut file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
            file.seek(SeekFrom::Start(offset as u64)).unwrap();
            file.write_all(bytes).unwrap();
        };
        fs_err::write(&path, bytes()).unwrap();
        let mut held = HeldBytes::of_file(&path, 1 << 20).unwrap();
        let whole = held.whole().unwrap();
        change(BLOCK + 5, b"x");
        assert_eq!(held.beginning(BLOCK).unwrap(), whole[..BLOCK], "another block");
        assert!(says_changed(&held.whole().unwrap_err()));
        let error = held.twin().and_then(|mut twin| twin.whole()).unwrap_err();
        assert!(says_changed(&error), "{error}");
        change(BLOCK + 5, &whole[BLOCK + 5..BLOCK + 6]);
        assert_eq!(held.whole().unwrap(), whole);
        change(whole.len(), b"more");
        assert_eq!(held.whole().unwrap(), whole, "what follows is not of it");
        fs_err::OpenOptions::new().write(true).open(&path).unwrap().set_len(BLOCK as u64 + 9).unwrap();
        assert!(says_changed(&held.whole().unwrap_err()));
    }
}
