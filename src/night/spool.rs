//! The spool: what a night must not forget and need not hold in memory lies in a file without a name.
//!
//! Takes bytes, gives their place, and later the bytes again. The file is made beside another, with mode 0600, and
//! loses its name at once: it goes with its process, however that ends. Machines that share the folder do not meet in it:
//! a name is only ever made anew.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How much is gathered before it is written.
const GATHERED: usize = 1 << 18;
/// How much is read at once: what lies together is asked for together.
const WINDOW: usize = 1 << 14;

/// How many of a place's bits are its length: nothing is longer than a megabyte, and no spool than sixteen terabytes.
const LENGTH_BITS: u32 = 20;

/// Where something lies in a spool, and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u64);

impl Place {
    fn new(at: u64, length: usize) -> io::Result<Place> {
        let fits = length < 1 << LENGTH_BITS && at < 1 << (u64::BITS - LENGTH_BITS);
        let too_much = || io::Error::other("more than a spool can hold");
        fits.then_some(Place(at << LENGTH_BITS | length as u64)).ok_or_else(too_much)
    }

    fn at(self) -> u64 {
        self.0 >> LENGTH_BITS
    }

    fn length(self) -> usize {
        (self.0 & ((1 << LENGTH_BITS) - 1)) as usize
    }
}

/// A file without a name.
#[derive(Debug)]
pub(super) struct Spool {
    unnamed: UnnamedFile,
    written: u64,
    gathered: Vec<u8>,
    /// What was read last, and where it lies.
    window: Vec<u8>,
    window_at: u64,
}

/// A file that loses its name at once, of mode 0600.
#[derive(Debug)]
pub(super) struct UnnamedFile {
    pub file: File,
    /// Its name where it could not be taken away yet.
    name: Option<PathBuf>,
}

impl UnnamedFile {
    /// An empty one beside a file or folder, such as the ledger.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn beside(place: &Path, what: &str) -> io::Result<UnnamedFile> {
        let mut options = fs_err::OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // A process on another machine may have the same number.
        let named = |rank: u32| {
            let mut name = place.as_os_str().to_owned();
            name.push(format!(".{what}-{}-{rank}", std::process::id()));
            PathBuf::from(name)
        };
        let mut rank = 0;
        let (file, name) = loop {
            match options.open(named(rank)) {
                Ok(file) => break (file.into_parts().0, named(rank)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => rank += 1,
                Err(error) => return Err(error),
            }
        };
        let name = fs_err::remove_file(&name).err().map(|_| name);
        Ok(UnnamedFile { file, name })
    }
}

impl Drop for UnnamedFile {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = fs_err::remove_file(name);
        }
    }
}

impl Spool {
    /// An empty spool beside a file or folder, such as the ledger.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn beside(place: &Path, what: &str) -> io::Result<Spool> {
        let unnamed = UnnamedFile::beside(place, what)?;
        Ok(Spool { unnamed, written: 0, gathered: Vec::new(), window: Vec::new(), window_at: 0 })
    }

    /// Adds something; gives its place.
    ///
    /// # Errors
    /// Those of the disk, and of a megabyte in one.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<Place> {
        let place = Place::new(self.written + self.gathered.len() as u64, bytes.len())?;
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED {
            self.flush()?;
        }
        Ok(place)
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

    /// What lies at a place.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn read(&mut self, place: Place) -> io::Result<Vec<u8>> {
        self.flush()?;
        let (at, length) = (place.at(), place.length());
        let end = at + length as u64;
        let seen = self.window_at..=self.window_at + self.window.len() as u64;
        if !(seen.contains(&at) && seen.contains(&end)) {
            let size = (self.written - at).min(WINDOW.max(length) as u64);
            self.window.resize(size as usize, 0);
            self.window_at = at;
            self.unnamed.file.seek(SeekFrom::Start(at))?;
            self.unnamed.file.read_exact(&mut self.window)?;
        }
        let begin = (at - self.window_at) as usize;
        Ok(self.window[begin..begin + length].to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_no_name_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::beside(&folder.path().join("ledger.db"), "records").expect("a spool");
        let texts: Vec<Vec<u8>> = (0..200u32).map(|n| vec![n as u8; 17 * n as usize]).collect();
        let places: Vec<Place> = texts.iter().map(|text| spool.add(text).expect("room")).collect();
        assert_eq!(fs_err::read_dir(folder.path()).expect("a folder").count(), 0);
        for (text, place) in texts.iter().zip(places).rev() {
            assert_eq!(&spool.read(place).expect("readable"), text);
        }
        let more = spool.add(b"more").expect("room");
        assert_eq!(spool.read(more).expect("readable"), b"more");
    }

    #[test]
    fn a_name_that_another_machine_has_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let theirs = folder.path().join(format!("ledger.db.records-{}-0", std::process::id()));
        fs_err::write(&theirs, "theirs").expect("written");
        let mut spool = Spool::beside(&folder.path().join("ledger.db"), "records").expect("a spool");
        let ours = spool.add(b"ours").expect("room");
        assert_eq!(spool.read(ours).expect("readable"), b"ours");
        assert_eq!(fs_err::read(&theirs).expect("there"), b"theirs");
    }
}
