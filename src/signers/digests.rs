//! What is known of a file after one reading: its digests, and how many lines it has.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::blake2b::Blake2b;
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
        let (mut sha256, mut blake2b) = (Sha256::new(), signed.then(Blake2b::new));
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
        Ok(FileDigests { sha256, blake2b: blake2b.map(Blake2b::finish), lines })
    }
}
