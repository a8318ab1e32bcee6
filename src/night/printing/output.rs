//! Where a print file goes: to the disk, in clear or sealed on its way, hashed.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::vault::{Recipients, SealedWriter};

/// A print file on the disk, in clear or sealed.
pub(super) enum Output {
    /// As it is.
    Clear(BufWriter<File>),
    /// Sealed on its way.
    Sealed(Box<SealedWriter<Hashing>>),
}

impl Output {
    /// Creates the file, for its owner only: a mailer in clear holds codes.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(path: &Path, seal_to: Option<&Recipients>) -> io::Result<Output> {
        let mut options = fs_err::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let buffered = BufWriter::with_capacity(1 << 20, options.open(path)?.into_parts().0);
        match seal_to {
            None => Ok(Output::Clear(buffered)),
            Some(recipients) => {
                Ok(Output::Sealed(Box::new(SealedWriter::new(recipients, Hashing::new(buffered))?)))
            }
        }
    }

    /// Ends the file on the disk; gives SHA-256 and size of what lies there.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn close(self, plain_digest: String, plain_bytes: u64) -> io::Result<(String, u64)> {
        let (buffered, digest, bytes) = match self {
            Output::Clear(buffered) => (buffered, plain_digest, plain_bytes),
            Output::Sealed(sealed) => sealed.finish()?.finish(),
        };
        let file = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
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

/// Hashes what goes to the disk.
pub(in crate::night) struct Hashing {
    inner: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl Hashing {
    /// Hashes from the first byte on.
    pub fn new(inner: BufWriter<File>) -> Hashing {
        Hashing { inner, digest: Sha256::new(), bytes: 0 }
    }

    /// Gives the file back, with SHA-256 and number of its bytes.
    pub fn finish(self) -> (BufWriter<File>, String, u64) {
        let digest = self.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.inner, digest, self.bytes)
    }
}

impl Write for Hashing {
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
