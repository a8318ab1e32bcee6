//! TIFF files changed or made tag by tag.

/// A tag of a made file.
pub(crate) struct Tag(pub(crate) u16, pub(crate) Vec<u32>);

/// A TIFF file of one directory: `chunks` follow the header, and their offsets are the values of tag `offsets`.
pub(crate) fn file(tags: &[Tag], offsets: u16, chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"II*\0\0\0\0\0".to_vec();
    let mut at = Vec::new();
    for chunk in chunks {
        at.push(file.len() as u32);
        file.extend(chunk);
    }
    let offsets = Tag(offsets, at);
    let mut tags: Vec<&Tag> = tags.iter().chain([&offsets]).collect();
    tags.sort_by_key(|tag| tag.0);
    let mut entries = Vec::new();
    for Tag(number, values) in tags {
        entries.extend(number.to_le_bytes());
        entries.extend([4, 0]);
        entries.extend((values.len() as u32).to_le_bytes());
        match values.as_slice() {
            [value] => entries.extend(value.to_le_bytes()),
            values => {
                entries.extend((file.len() as u32).to_le_bytes());
                values.iter().for_each(|value| file.extend(value.to_le_bytes()));
            }
        }
    }
    let directory = file.len() as u32;
    file[4..8].copy_from_slice(&directory.to_le_bytes());
    file.extend(((entries.len() / 12) as u16).to_le_bytes());
    file.extend(entries);
    file.extend([0; 4]);
    file
}

/// Where the entry of a tag stands in the first directory of a little-endian file.
fn entry(file: &[u8], tag: u16) -> usize {
    let number = |at: usize, length: usize| {
        file[at..at + length].iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
    };
    let directory = number(4, 4);
    let mut entries = (0..number(directory, 2)).map(|index| directory + 2 + 12 * index);
    entries.find(|&at| number(at, 2) == usize::from(tag)).expect("the tag")
}

/// Where the bytes of the only strip of a file are.
pub(crate) fn strip(file: &[u8]) -> std::ops::Range<usize> {
    let first = |tag: u16| {
        let at = entry(file, tag);
        let length = if file[at + 2] == 3 { 2 } else { 4 };
        file[at + 8..at + 8 + length].iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
    };
    first(273)..first(273) + first(279)
}

/// The file without a tag: it becomes a private one.
pub(crate) fn without(file: &[u8], tag: u16) -> Vec<u8> {
    let mut changed = file.to_vec();
    let at = entry(file, tag);
    changed[at..at + 2].copy_from_slice(&65_000u16.to_le_bytes());
    changed
}

/// The file with another entry in place of that of a tag.
pub(crate) fn replaced(file: &[u8], tag: u16, by: &[u8]) -> Vec<u8> {
    let mut changed = file.to_vec();
    let at = entry(file, tag);
    changed[at..at + by.len()].copy_from_slice(by);
    changed
}

/// The file with every value of a tag changed. Values have two or four bytes.
pub(crate) fn changed(file: &[u8], tag: u16, change: impl Fn(u32) -> u32) -> Vec<u8> {
    let mut changed = file.to_vec();
    let at = entry(file, tag);
    let long = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
    let (length, count) = (if file[at + 2] == 3 { 2 } else { 4 }, long(at + 4) as usize);
    let values = if length * count <= 4 { at + 8 } else { long(at + 8) as usize };
    for at in (values..).step_by(length).take(count) {
        let value = (0..length).rev().fold(0, |value, byte| value << 8 | u32::from(file[at + byte]));
        let bytes = change(value).to_le_bytes();
        changed[at..at + length].copy_from_slice(&bytes[..length]);
    }
    changed
}
