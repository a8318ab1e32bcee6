//! Spools: bytes that a run needs again and does not hold in memory, in files without a name.
//!
//! A spool's file is made in the job's scratch folder with mode 0600 and unlinked at once: it goes with its process, however that
//! ends. Machines that share the folder never open each other's: a name is only ever created new.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Prefix of a spool's short-lived name.
const SPOOL: &str = "spool-";
/// Bytes gathered before they are written.
const GATHERED: usize = 1 << 18;
/// Bytes read at once: records that lie together are read together.
const WINDOW: usize = 1 << 14;

/// Bits of a span that hold its length: no entry is longer than a megabyte, no spool longer than sixteen terabytes.
const LENGTH_BITS: u32 = 20;

/// Offset and length of an entry in a spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpoolSpan(u64);

impl SpoolSpan {
    fn new(offset: u64, length: usize) -> io::Result<SpoolSpan> {
        let fits = length < 1 << LENGTH_BITS && offset < 1 << (u64::BITS - LENGTH_BITS);
        let too_long = || io::Error::other("an entry or a spool is too long");
        fits.then_some(SpoolSpan(offset << LENGTH_BITS | length as u64)).ok_or_else(too_long)
    }

    fn offset(self) -> u64 {
        self.0 >> LENGTH_BITS
    }

    fn length(self) -> usize {
        (self.0 & ((1 << LENGTH_BITS) - 1)) as usize
    }
}

/// An append-only file without a name, read by span.
#[derive(Debug)]
pub(crate) struct Spool {
    unnamed: UnnamedFile,
    written: u64,
    gathered: Vec<u8>,
    /// The bytes read last, and their offset.
    window: Vec<u8>,
    window_offset: u64,
    /// The end of the entry read last.
    last_end: u64,
}

/// A file of mode 0600 that loses its name at once.
#[derive(Debug)]
pub(crate) struct UnnamedFile {
    /// The open file, for reading and writing.
    pub file: File,
    /// Its name, on systems that don't remove the name of an open file; removed on drop.
    name: Option<PathBuf>,
}

impl UnnamedFile {
    /// Creates an empty file in a folder, which must be there: `what` becomes part of its short-lived name.
    ///
    /// # Errors
    /// I/O errors, with the file's path.
    pub(crate) fn create_in(folder: &Path, what: &str) -> io::Result<UnnamedFile> {
        let mut options = fs_err::OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // A process on another machine may have the same process id.
        let named = |number: u32| folder.join(format!("{SPOOL}{what}-{}-{number}", std::process::id()));
        let mut number = 0;
        let (file, name) = loop {
            match options.open(named(number)) {
                Ok(file) => break (file.into_parts().0, named(number)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        };
        let name = fs_err::remove_file(&name).err().map(|_| name);
        Ok(UnnamedFile { file, name })
    }
}

/// Removes the names of spools that processes left which were killed in the moment between making and unlinking one.
///
/// # Errors
/// I/O errors, with the path.
pub(crate) fn remove_spool_names(folder: &Path) -> io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(SPOOL.as_bytes()) {
            // A living process may remove its own meanwhile.
            match fs_err::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

impl Drop for UnnamedFile {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = fs_err::remove_file(name);
        }
    }
}

impl Spool {
    /// Creates an empty spool in a folder, which must be there.
    ///
    /// # Errors
    /// I/O errors, with the file's path.
    pub(crate) fn create_in(folder: &Path, what: &str) -> io::Result<Spool> {
        let unnamed = UnnamedFile::create_in(folder, what)?;
        Ok(Spool {
            unnamed,
            written: 0,
            gathered: Vec::new(),
            window: Vec::new(),
            window_offset: 0,
            last_end: 0,
        })
    }

    /// Appends an entry and returns its span.
    ///
    /// # Errors
    /// I/O errors; an entry of a megabyte or more.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> io::Result<SpoolSpan> {
        let span = SpoolSpan::new(self.written + self.gathered.len() as u64, bytes.len())?;
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED {
            self.flush()?;
        }
        Ok(span)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.gathered.is_empty() {
            self.unnamed.file.seek(SeekFrom::Start(self.written))?;
            self.unnamed.file.write_all(&self.gathered)?;
            self.written += self.gathered.len() as u64;
            self.gathered.clear();
        }
        Ok(())
    }

    /// Reads the entry of a span.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn read(&mut self, span: SpoolSpan) -> io::Result<Vec<u8>> {
        self.flush()?;
        let (offset, length) = (span.offset(), span.length());
        let end = offset + length as u64;
        let seen = self.window_offset..=self.window_offset + self.window.len() as u64;
        if !(seen.contains(&offset) && seen.contains(&end)) {
            // Of entries that are read in an order of their own, each is read alone.
            let goes_on = offset.checked_sub(self.last_end).is_some_and(|skipped| skipped < WINDOW as u64);
            let wanted = if goes_on { WINDOW.max(length) } else { length };
            let size = (self.written - offset).min(wanted as u64);
            self.window.resize(size as usize, 0);
            self.window_offset = offset;
            self.unnamed.file.seek(SeekFrom::Start(offset))?;
            self.unnamed.file.read_exact(&mut self.window)?;
        }
        self.last_end = end;
        let begin = (offset - self.window_offset) as usize;
        Ok(self.window[begin..begin + length].to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_no_name_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::create_in(folder.path(), "records").expect("a spool");
        let texts: Vec<Vec<u8>> = (0..200u32).map(|n| vec![n as u8; 17 * n as usize]).collect();
        let spans: Vec<SpoolSpan> = texts.iter().map(|text| spool.add(text).expect("room")).collect();
        assert_eq!(fs_err::read_dir(folder.path()).expect("a folder").count(), 0);
        for (text, span) in texts.iter().zip(spans).rev() {
            assert_eq!(&spool.read(span).expect("readable"), text);
        }
        let more = spool.add(b"more").expect("room");
        assert_eq!(spool.read(more).expect("readable"), b"more");
    }

    #[test]
    fn a_name_that_another_machine_has_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let theirs = folder.path().join(format!("spool-records-{}-0", std::process::id()));
        fs_err::write(&theirs, "theirs").expect("written");
        let mut spool = Spool::create_in(folder.path(), "records").expect("a spool");
        let ours = spool.add(b"ours").expect("room");
        assert_eq!(spool.read(ours).expect("readable"), b"ours");
        assert_eq!(fs_err::read(&theirs).expect("there"), b"theirs");
    }
}
