//! The pages of a TIFF file (TIFF 6.0 p. 13–14, BigTIFF): its directories, each of which names the next one.

use std::borrow::Cow;

/// How many directories are followed: one more than the 1000 pages that a file may have, so that more pages show.
const MAX_DIRECTORIES: usize = 1001;

/// A TIFF file's directories.
pub(crate) struct Directories {
    big: bool,
    big_endian: bool,
    offsets: Vec<u64>,
}

impl Directories {
    /// The directories of a file, up to [`MAX_DIRECTORIES`]; `None` if it is no TIFF. A chain that is broken or closed
    /// ends where it is.
    pub(crate) fn of(bytes: &[u8]) -> Option<Directories> {
        let (big, big_endian) = match bytes.get(..4)? {
            b"II*\0" => (false, false),
            b"MM\0*" => (false, true),
            b"II+\0" => (true, false),
            b"MM\0+" => (true, true),
            _ => return None,
        };
        let mut directories = Directories { big, big_endian, offsets: Vec::new() };
        let mut offset = directories.offset(bytes, directories.first());
        while let Some(at) = offset.filter(|&at| at != 0)
            && !directories.offsets.contains(&at)
            && directories.offsets.len() < MAX_DIRECTORIES
        {
            directories.offsets.push(at);
            offset = directories.next(bytes, at);
        }
        Some(directories)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.offsets.len()
    }

    /// The file with another directory (from 0) as its first one.
    pub(crate) fn single<'a>(&self, bytes: &'a [u8], page: usize) -> Option<Cow<'a, [u8]>> {
        let offset = *self.offsets.get(page)?;
        if page == 0 {
            return Some(Cow::Borrowed(bytes));
        }
        let mut bytes = bytes.to_vec();
        let number = self.to_bytes(offset);
        bytes.get_mut(self.first()..self.first() + number.len())?.copy_from_slice(&number);
        Some(Cow::Owned(bytes))
    }

    /// Where the offset of the first directory stands.
    fn first(&self) -> usize {
        if self.big { 8 } else { 4 }
    }

    /// The offset of the directory after the one at `at`.
    fn next(&self, bytes: &[u8], at: u64) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let (count_length, entry_length) = if self.big { (8, 20) } else { (2, 12) };
        let entries = usize::try_from(self.number(bytes, at, count_length)?).ok()?;
        self.offset(bytes, entries.checked_mul(entry_length)?.checked_add(at)?.checked_add(count_length)?)
    }

    fn offset(&self, bytes: &[u8], at: usize) -> Option<u64> {
        self.number(bytes, at, if self.big { 8 } else { 4 })
    }

    fn number(&self, bytes: &[u8], at: usize, length: usize) -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(length)?)?;
        let joined = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(match self.big_endian {
            true => bytes.iter().fold(0, joined),
            false => bytes.iter().rev().fold(0, joined),
        })
    }

    fn to_bytes(&self, offset: u64) -> Vec<u8> {
        match (self.big, self.big_endian) {
            (true, true) => offset.to_be_bytes().to_vec(),
            (true, false) => offset.to_le_bytes().to_vec(),
            (false, true) => (offset as u32).to_be_bytes().to_vec(),
            (false, false) => (offset as u32).to_le_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directories without entries, at the offsets 8, 14, …, each naming the next, the last naming `last`.
    fn chain(count: u32, last: u32) -> Vec<u8> {
        let mut bytes = [b"II*\0".as_slice(), &8u32.to_le_bytes()].concat();
        for index in 1..=count {
            bytes.extend([0, 0]);
            bytes.extend(if index == count { last } else { 8 + 6 * index }.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn every_directory_can_come_first() {
        let bytes = chain(3, 0);
        let directories = Directories::of(&bytes).unwrap();
        assert_eq!(directories.count(), 3);
        let third = directories.single(&bytes, 2).unwrap();
        assert_eq!(Directories::of(&third).unwrap().count(), 1);
        assert!(directories.single(&bytes, 3).is_none());
        assert!(Directories::of(b"\x89PNG").is_none());
    }

    #[test]
    fn a_chain_that_ends_nowhere_ends() {
        for last in [8, 14, 99, u32::MAX] {
            let bytes = chain(2, last);
            assert!(Directories::of(&bytes).unwrap().count() <= 3, "{last}");
        }
        assert_eq!(Directories::of(&chain(1000, 0)).unwrap().count(), 1000);
        assert_eq!(Directories::of(&chain(5000, 0)).unwrap().count(), MAX_DIRECTORIES);
    }
}
