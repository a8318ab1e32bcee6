//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a file beside its path (`NAME.partial`), syncs it and renames it. Replaces a file that is there. Makes the folder
/// where it is missing.
///
/// # Errors
/// I/O errors, with the file's path.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_whole_with(path, |out| out.write_all(bytes))
}

/// Like [`write_whole`], for contents that `write` produces piece by piece.
///
/// # Errors
/// I/O errors with the file's path, and those of `write`; the partial file is removed then.
pub(crate) fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs_err::File>) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let partial = partial(path);
    let written = written_to(&partial, write).and_then(|()| fs_err::rename(&partial, path));
    if written.is_err() {
        // Best effort: the error that counts is the first one.
        let _ = fs_err::remove_file(&partial);
    }
    written
}

fn written_to(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs_err::File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(fs_err::File::create(path)?);
    write(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()
}

/// The name under which a file grows.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

/// Writes a new file with these permissions (Unix) and syncs it. Never replaces a file. Makes the folder where it is
/// missing.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where there is a file; other I/O errors. All name the file's path.
pub(crate) fn write_new(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Flushes a buffered file and syncs it.
///
/// # Errors
/// I/O errors.
pub(crate) fn finish_and_sync(buffered: BufWriter<File>) -> io::Result<()> {
    buffered.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_can_t_be_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/list.csv");
        write_whole(&path, b"first").unwrap();
        let failed = write_whole_with(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("stopped"))
        });
        assert!(failed.is_err());
        assert_eq!(fs_err::read(&path).unwrap(), b"first");
        assert_eq!(fs_err::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_replaces_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        write_new(&path, "key", 0o600).unwrap();
        let again = write_new(&path, "other", 0o600).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert!(again.to_string().contains("key.pem"), "{again}");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
