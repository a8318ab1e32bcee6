//! Cross-references: the position of each object of a file, collected while it is written, for the cross-reference stream
//! at its end (ISO 32000-1 §7.5.8).
//!
//! Takes object numbers with offsets or object streams and returns the stream's entries. Holds eight bytes for each object.

/// Bytes of an entry: its type, five of an offset or an object stream's number, two of an index.
const WIDTH: usize = 8;
/// The byte of an entry that only offsets from 4 GiB on need. Some readers take offsets of four bytes and not of five.
const HIGHEST: usize = 1;

/// The entries of a file's objects, by number.
#[derive(Debug, Default)]
pub(super) struct CrossReferences {
    entries: Vec<[u8; WIDTH]>,
}

impl CrossReferences {
    /// Adds an object that begins at an offset of the file.
    pub fn add_at(&mut self, number: u32, offset: u64) {
        let [_, _, _, a, b, c, d, e] = offset.to_be_bytes();
        self.set(number, [1, a, b, c, d, e, 0, 0]);
    }

    /// Adds an object that is in an object stream, at an index.
    pub fn add_within(&mut self, number: u32, stream: u32, index: u16) {
        let [a, b, c, d] = stream.to_be_bytes();
        let [e, f] = index.to_be_bytes();
        self.set(number, [2, 0, a, b, c, d, e, f]);
    }

    fn set(&mut self, number: u32, entry: [u8; WIDTH]) {
        let index = number as usize;
        if self.entries.len() <= index {
            // A number that is never added is free: type 0, generation 65535.
            self.entries.resize(index + 1, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
        }
        self.entries[index] = entry;
    }

    /// The highest number plus one.
    pub fn size(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of an offset in the file: four, or five if one needs them.
    pub fn offset_bytes(&self) -> usize {
        if self.entries.iter().any(|entry| entry[HIGHEST] != 0) { 5 } else { 4 }
    }

    /// All entries, each as its difference from the one before (PNG's predictor "up"), which deflates to a third.
    pub fn predicted(&self) -> Vec<u8> {
        let mut rows = Vec::with_capacity(self.entries.len() * (WIDTH + 1));
        let skipped = 5 - self.offset_bytes();
        let mut above = [0u8; WIDTH];
        for entry in &self.entries {
            rows.push(2);
            let differences = entry.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above));
            rows.extend(differences.clone().take(HIGHEST));
            rows.extend(differences.skip(HIGHEST + skipped));
            above = *entry;
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_its_difference_from_the_one_before() {
        let mut references = CrossReferences::default();
        references.add_at(1, 0x01_02_03);
        references.add_within(3, 7, 258);
        assert_eq!(references.size(), 4);
        let rows = references.predicted();
        assert_eq!(references.offset_bytes(), 4);
        assert_eq!(rows[..8], [2, 0, 0, 0, 0, 0, 0xFF, 0xFF], "object 0 is free");
        assert_eq!(rows[8..16], [2, 1, 0, 1, 2, 3, 1, 1]);
        assert_eq!(rows[24..], [2, 2, 0, 0, 0, 7, 2, 3]);
    }

    #[test]
    fn an_offset_from_4_gib_on_has_five_bytes() {
        let mut references = CrossReferences::default();
        references.add_at(0, u64::from(u32::MAX));
        assert_eq!((references.offset_bytes(), references.predicted().len()), (4, 8));
        references.add_at(1, 1 << 32);
        assert_eq!(references.offset_bytes(), 5);
        assert_eq!(references.predicted()[9..], [2, 0, 1, 1, 1, 1, 1, 0, 0]);
    }
}
