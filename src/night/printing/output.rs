//! The file of a print file on disk: written in clear or sealed, and hashed.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::files::{HashingWriter, finish_and_sync};
use crate::vault::{Recipients, SealedWriter};

/// A print file on the disk, in clear or sealed.
pub(super) enum Output {
    /// As it is.
    Clear(BufWriter<File>),
    /// Sealed on its way.
    Sealed(Box<SealedWriter<HashingWriter>>),
}

impl Output {
    /// Creates the file with mode 0600: a mailer in clear holds codes.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn create(path: &Path, seal_to: Option<&Recipients>) -> io::Result<Output> {
        let mut options = fs_err::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let buffered = BufWriter::with_capacity(1 << 20, options.open(path)?.into_parts().0);
        match seal_to {
            None => Ok(Output::Clear(buffered)),
            Some(recipients) => {
                Ok(Output::Sealed(Box::new(SealedWriter::new(recipients, HashingWriter::new(buffered))?)))
            }
        }
    }

    /// Syncs the file and returns SHA-256 and length of its bytes on the disk.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn close(self, plain_digest: String, plain_bytes: u64) -> io::Result<(String, u64)> {
        let (buffered, digest, bytes) = match self {
            Output::Clear(buffered) => (buffered, plain_digest, plain_bytes),
            Output::Sealed(sealed) => sealed.finish()?.finish(),
        };
        finish_and_sync(buffered)?;
        Ok((digest, bytes))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Clear(out) => out.write(bytes),
            Output::Sealed(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Clear(out) => out.flush(),
            Output::Sealed(out) => out.flush(),
        }
    }
}
