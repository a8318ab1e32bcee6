//! What a print file is written to: the disk, or for one that is sealed, memory that is wiped.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::clear_file::Wiped;
use crate::files::finish_and_sync;
use crate::vault::Recipients;

/// Where a print file is written.
pub(super) enum Output<'a> {
    /// On the disk, as it is.
    Clear(BufWriter<File>),
    /// In memory, to be sealed to these recipients.
    Memory(Wiped, &'a Recipients),
}

/// Creates a file with mode 0600: a mailer in clear holds codes.
///
/// # Errors
/// I/O errors.
pub(super) fn create(path: &Path) -> io::Result<BufWriter<File>> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(BufWriter::with_capacity(1 << 20, options.open(path)?.into_parts().0))
}

/// Syncs a file.
///
/// # Errors
/// I/O errors.
pub(super) fn close(out: BufWriter<File>) -> io::Result<()> {
    finish_and_sync(out)
}

impl Output<'_> {
    /// Creates a file on the disk.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        create(path).map(Output::Clear)
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Clear(out) => out.write(bytes),
            Output::Memory(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Clear(out) => out.flush(),
            Output::Memory(out, _) => out.flush(),
        }
    }
}
