//! A print file that is to be sealed: written to memory that is wiped, where it is proved whole, and then sealed to the disk.
//!
//! A sealed file can't be read back. So nothing of it reaches the disk before its proof has read the very bytes that are
//! sealed.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroize;

use super::output::create;
use crate::files::{HashingWriter, finish_and_sync};
use crate::vault::{Recipients, SealedWriter};

/// Memory that is wiped when it grows and when it goes.
#[derive(Default)]
pub(super) struct Wiped {
    bytes: Vec<u8>,
}

impl Wiped {
    /// Memory for so many bytes. It grows.
    pub(super) fn with_capacity(bytes: usize) -> Wiped {
        Wiped { bytes: Vec::with_capacity(bytes) }
    }

    /// Its bytes. Whoever takes them wipes them: [`seal`] does.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Write for Wiped {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.bytes.capacity() - self.bytes.len() < more.len() {
            let mut larger = Vec::with_capacity(2 * (self.bytes.len() + more.len()));
            larger.extend_from_slice(&self.bytes);
            self.bytes.zeroize();
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of a file in clear, wiped when they are dropped.
pub(super) struct ClearBytes(Arc<Vec<u8>>);

impl ClearBytes {
    /// Takes the bytes of a file.
    pub(super) fn new(bytes: Wiped) -> ClearBytes {
        ClearBytes(Arc::new(bytes.into_bytes()))
    }

    /// The bytes, for a reader that drops them before this is dropped.
    pub(super) fn shared(&self) -> &Arc<Vec<u8>> {
        &self.0
    }
}

impl Drop for ClearBytes {
    fn drop(&mut self) {
        match Arc::get_mut(&mut self.0) {
            Some(bytes) => bytes.zeroize(),
            None => {
                tracing::error!(code = "not_wiped", "a reader still holds a file in clear; it is not wiped")
            }
        }
    }
}

/// Seals the bytes of a file to its recipients, and syncs it. Returns SHA-256 and length of its bytes on the disk.
///
/// # Errors
/// I/O errors.
pub(super) fn seal(clear: &ClearBytes, path: &Path, recipients: &Recipients) -> io::Result<(String, u64)> {
    let mut sealed = SealedWriter::new(recipients, HashingWriter::new(create(path)?))?;
    sealed.write_all(clear.shared())?;
    let (buffered, digest, bytes) = sealed.finish()?.finish();
    finish_and_sync(buffered)?;
    Ok((digest, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_grows_keeps_what_was_written() {
        let mut memory = Wiped::with_capacity(4);
        for part in [b"abc".as_slice(), b"defghi", b"", b"j"] {
            assert_eq!(memory.write(part).unwrap(), part.len());
        }
        assert_eq!(**ClearBytes::new(memory).shared(), b"abcdefghij");
    }
}
