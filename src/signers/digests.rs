//! What is known of a file after one reading: its digests, and how many lines it has.

use std::io::{self, Read};

use blake2::Blake2b512;
use sha2::{Digest, Sha256};

use crate::files::hexadecimal;

/// The bytes that are read at a time.
const READ_AT_ONCE: usize = 1 << 16;

/// A file's digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigests {
    /// SHA-256 in lower-case hexadecimal.
    pub(crate) sha256: String,
    /// BLAKE2b-512; `None` where no signature is asked for.
    pub(super) blake2b: Option<[u8; 64]>,
    /// How many lines it has; a last one without its end counts.
    pub(crate) lines: u64,
}

impl FileDigests {
    /// Reads all that a reader holds. BLAKE2b is computed only if `signed`.
    ///
    /// # Errors
    /// I/O errors of the reader.
    pub fn of(mut reader: impl Read, signed: bool) -> io::Result<FileDigests> {
        let (mut sha256, mut blake2b) = (Sha256::new(), signed.then(Blake2b512::new));
        let (mut lines, mut last) = (0, b'\n');
        let mut buffer = vec![0; READ_AT_ONCE];
        loop {
            let read = match reader.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            if read == 0 {
                break;
            }
            let bytes = &buffer[..read];
            sha256.update(bytes);
            blake2b.iter_mut().for_each(|hash| hash.update(bytes));
            lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            last = bytes[read - 1];
        }
        let sha256 = hexadecimal(sha256.finalize());
        let lines = lines + u64::from(last != b'\n');
        Ok(FileDigests { sha256, blake2b: blake2b.map(|hash| hash.finalize().into()), lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(bytes: &[u8]) -> String {
        hexadecimal(Blake2b512::digest(bytes))
    }

    #[test]
    fn the_example_of_rfc_7693() {
        let expected = "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
                        7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923";
        assert_eq!(hash(b"abc"), expected);
    }

    #[test]
    fn lengths_about_a_block_are_those_of_another_library() {
        // By Python's `hashlib.blake2b`, of bytes that count from 0 to 250 and again.
        for (length, expected) in [
            (0, "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"),
            (127, "b6292669ccd38d5f01caae96ba272c76a879a45743afa0725d83b9ebb26665b7"),
            (128, "2319e3789c47e2daa5fe807f61bec2a1a6537fa03f19ff32e87eecbfd64b7e0e"),
            (129, "f59711d44a031d5f97a9413c065d1e614c417ede998590325f49bad2fd444d3e"),
            (256, "93463ac058b6163eb43be3f5bb32b28541498f4e3366f1effe253ad44e1e076e"),
            (1000, "c11e1c0340bd7e5a1b275f1230c962fad215ecb1391486e74e31b960a2f29963"),
        ] {
            let bytes: Vec<u8> = (0..length).map(|index: u32| (index % 251) as u8).collect();
            assert_eq!(hash(&bytes)[..64], *expected, "{length} bytes");
        }
    }

    #[test]
    fn parts_are_the_whole() {
        let bytes: Vec<u8> = (0..700u32).map(|index| (index % 251) as u8).collect();
        for size in [1, 7, 64, 127, 128, 129, 300] {
            let mut hash_of_parts = Blake2b512::new();
            bytes.chunks(size).for_each(|part| hash_of_parts.update(part));
            assert_eq!(hexadecimal(hash_of_parts.finalize()), hash(&bytes), "parts of {size}");
        }
    }
}
