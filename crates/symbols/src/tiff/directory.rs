//! The pages of a TIFF file (TIFF 6.0 p. 13–16, BigTIFF): its directories, each of which names the next one, and their tags.

/// How many directories are followed: one more than the 1000 pages that a file may have, so that more pages show.
const MAX_DIRECTORIES: usize = 1001;

/// How many tags of a directory are looked at. Files have about 20.
const MAX_TAGS: usize = 1024;

/// Tag: what kind of page it is, in bits.
const NEW_SUBFILE_TYPE: u16 = 254;

/// The bit of [`NEW_SUBFILE_TYPE`] of a page that shows another one smaller.
const THUMBNAIL: u64 = 1;

/// A TIFF file's directories.
pub(crate) struct Directories<'a> {
    layout: Layout<'a>,
    offsets: Vec<u64>,
}

impl<'a> Directories<'a> {
    /// The directories of a file, up to [`MAX_DIRECTORIES`], without those of thumbnails; `None` if it is no TIFF. A chain
    /// that is broken or closed ends where it is.
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Directories<'a>> {
        let layout = Layout::of(bytes)?;
        let mut offsets = Vec::new();
        let mut offset = layout.offset(if layout.big { 8 } else { 4 });
        while let Some(at) = offset.filter(|&at| at != 0)
            && !offsets.contains(&at)
            && offsets.len() < MAX_DIRECTORIES
        {
            offsets.push(at);
            offset = layout.next(at);
        }
        let thumbnail = |at: &u64| {
            let directory = Directory { layout, at: *at };
            directory.number(NEW_SUBFILE_TYPE).is_some_and(|kind| kind & THUMBNAIL != 0)
        };
        if !offsets.iter().all(thumbnail) {
            offsets.retain(|at| !thumbnail(at));
        }
        Some(Directories { layout, offsets })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.offsets.len()
    }

    /// A directory, from 0.
    pub(crate) fn directory(&self, page: usize) -> Option<Directory<'a>> {
        Some(Directory { layout: self.layout, at: *self.offsets.get(page)? })
    }
}

/// The tags of a page.
#[derive(Clone, Copy)]
pub(crate) struct Directory<'a> {
    layout: Layout<'a>,
    at: u64,
}

impl<'a> Directory<'a> {
    /// The first number of a tag. Fractions are cut off.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        self.numbers(tag, 1).first().copied()
    }

    /// The numbers of a tag, at most so many; none if it is missing.
    pub(super) fn numbers(&self, tag: u16, most: usize) -> Vec<u64> {
        let Some((kind, count, at)) = self.values(tag) else { return Vec::new() };
        let length = match kind {
            1 => 1,
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => return Vec::new(),
        };
        let read = |index: usize| self.layout.number(at.checked_add(index * length)?, length);
        (0..usize::try_from(count).unwrap_or(usize::MAX).min(most)).map_while(read).collect()
    }

    /// The first fraction of a tag.
    pub(super) fn fraction(&self, tag: u16) -> Option<f64> {
        let (_, _, at) = self.values(tag).filter(|&(kind, count, _)| kind == 5 && count > 0)?;
        let part = |at: usize| self.layout.number(at, 4).map(|number| number as f64);
        Some(part(at)? / part(at.checked_add(4)?)?)
    }

    /// The bytes of a tag; none if it is missing or cut off.
    pub(super) fn bytes(&self, tag: u16) -> &'a [u8] {
        let values = self.values(tag).filter(|&(kind, ..)| matches!(kind, 1 | 7));
        let range = values.and_then(|(_, count, at)| {
            let length = usize::try_from(count).ok()?;
            Some(at..at.checked_add(length)?)
        });
        range.and_then(|range| self.layout.bytes.get(range)).unwrap_or(&[])
    }

    /// The whole file.
    pub(super) fn file(&self) -> &'a [u8] {
        self.layout.bytes
    }

    /// Whether numbers have their high byte first.
    pub(super) fn big_endian(&self) -> bool {
        self.layout.big_endian
    }

    /// The type, the count and the position of a tag's values.
    fn values(&self, tag: u16) -> Option<(u64, u64, usize)> {
        let (entries, count) = self.layout.entries(self.at)?;
        let (count_length, entry_length) = if self.layout.big { (8, 20) } else { (4, 12) };
        let places = (0..count.min(MAX_TAGS)).map(|index| entries + index * entry_length);
        let mut places = places.take_while(|&at| at < self.layout.bytes.len());
        let at = places.find(|&at| self.layout.number(at, 2) == Some(u64::from(tag)))?;
        let kind = self.layout.number(at + 2, 2)?;
        let count = self.layout.number(at + 4, count_length)?;
        let inline = at + 4 + count_length;
        let length = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            _ => 8,
        };
        match count.saturating_mul(length) <= count_length as u64 {
            true => Some((kind, count, inline)),
            false => Some((kind, count, usize::try_from(self.layout.offset(inline)?).ok()?)),
        }
    }
}

/// A file, and how its numbers are written.
#[derive(Clone, Copy)]
struct Layout<'a> {
    bytes: &'a [u8],
    big: bool,
    big_endian: bool,
}

impl<'a> Layout<'a> {
    fn of(bytes: &'a [u8]) -> Option<Layout<'a>> {
        let (big, big_endian) = match bytes.get(..4)? {
            b"II*\0" => (false, false),
            b"MM\0*" => (false, true),
            b"II+\0" => (true, false),
            b"MM\0+" => (true, true),
            _ => return None,
        };
        Some(Layout { bytes, big, big_endian })
    }

    /// Where the entries of a directory begin, and how many there are.
    fn entries(&self, at: u64) -> Option<(usize, usize)> {
        let at = usize::try_from(at).ok()?;
        let length = if self.big { 8 } else { 2 };
        Some((at.checked_add(length)?, usize::try_from(self.number(at, length)?).ok()?))
    }

    /// The offset of the directory after the one at `at`.
    fn next(&self, at: u64) -> Option<u64> {
        let (entries, count) = self.entries(at)?;
        self.offset(count.checked_mul(if self.big { 20 } else { 12 })?.checked_add(entries)?)
    }

    fn offset(&self, at: usize) -> Option<u64> {
        self.number(at, if self.big { 8 } else { 4 })
    }

    fn number(&self, at: usize, length: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        let joined = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(match self.big_endian {
            true => bytes.iter().fold(0, joined),
            false => bytes.iter().rev().fold(0, joined),
        })
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
    fn every_directory_is_a_page() {
        let bytes = chain(3, 0);
        let directories = Directories::of(&bytes).unwrap();
        assert_eq!(directories.count(), 3);
        assert!(directories.directory(2).is_some() && directories.directory(3).is_none());
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

    #[test]
    fn a_count_beyond_the_file_gives_what_is_there() {
        // One entry: 273, type LONG, 4 billion of them, at offset 8.
        let mut bytes = [b"II*\0".as_slice(), &8u32.to_le_bytes(), &[1, 0]].concat();
        bytes.extend([17, 1, 4, 0, 255, 255, 255, 255, 8, 0, 0, 0]);
        let directories = Directories::of(&bytes).unwrap();
        let numbers = directories.directory(0).unwrap().numbers(273, usize::MAX);
        assert_eq!(numbers.len(), (bytes.len() - 8) / 4);
        assert_eq!(directories.directory(0).unwrap().number(999), None);
    }
}
