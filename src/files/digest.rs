//! SHA-256 of files and streams.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Bytes in hexadecimal, lower case.
pub(crate) fn hexadecimal(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// I/O errors, with the file's path.
pub(crate) fn sha256_of_file(path: &Path) -> io::Result<String> {
    sha256_of_reader(fs_err::File::open(path)?)
}

/// SHA-256 of all that a reader holds, in hexadecimal.
///
/// # Errors
/// I/O errors of the reader.
pub(crate) fn sha256_of_reader(mut reader: impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(hexadecimal(digest.finalize()));
        }
        digest.update(&buffer[..read]);
    }
}

/// Hashes the bytes that are written to a file.
pub(crate) struct HashingWriter {
    inner: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl HashingWriter {
    /// Hashes from the first byte on.
    pub(crate) fn new(inner: BufWriter<File>) -> HashingWriter {
        HashingWriter { inner, digest: Sha256::new(), bytes: 0 }
    }

    /// Returns the file, SHA-256 in hexadecimal and number of the bytes written.
    pub(crate) fn finish(self) -> (BufWriter<File>, String, u64) {
        (self.inner, hexadecimal(self.digest.finalize()), self.bytes)
    }
}

impl Write for HashingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
