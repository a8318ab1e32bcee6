//! Files that appear whole or not at all.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file beside its path, syncs it and renames it. Replaces a file that is there. Makes the folder where it is
/// missing.
///
/// # Errors
/// I/O errors, with the file's path.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial(path, 0o666)?;
    write_and_sync(&partial, path, bytes)?;
    partial.persist(path).map(drop).map_err(|error| named(path, &error))
}

/// Like [`write_whole`], for contents that `write` produces piece by piece.
///
/// # Errors
/// I/O errors with the file's path, and those of `write`; the partial file is removed then.
pub(crate) fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut partial = partial(path, 0o666)?;
    let mut out = BufWriter::new(partial.as_file_mut());
    write(&mut out)?;
    out.flush()?;
    drop(out);
    partial.as_file().sync_all()?;
    partial.persist(path).map(drop).map_err(|error| named(path, &error))
}

/// Whether something is at a path that is neither a file nor a folder, or a link leads there. What lies in `/dev` and `/proc`
/// themselves is none of a user's files either: `/dev/stdout` is a link whose renaming would take it from the whole machine.
pub(crate) fn is_special(path: &Path) -> bool {
    let there = fs_err::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir());
    let folder = path.parent().and_then(|folder| fs_err::canonicalize(folder).ok());
    there || folder.is_some_and(|folder| folder == Path::new("/dev") || folder.starts_with("/proc"))
}

/// The failed renaming of a partial file, with the path that it should have got.
pub(super) fn named(path: &Path, error: &tempfile::PersistError) -> io::Error {
    io::Error::new(error.error.kind(), format!("{}: {}", path.display(), error.error))
}

/// A new file in the folder of a path, which is made where it is missing. On Unix it has this mode, less what the process
/// masks. Its name is drawn by chance, so that nobody can put a link there before. It is removed when it is dropped.
///
/// # Errors
/// `AlreadyExists` where the path is that of a device, a pipe or a socket: renaming would replace it, `/dev/null` too. Other I/O
/// errors.
pub(super) fn partial(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    if is_special(path) {
        let problem = "a device, a pipe or a socket is there, and a file is to be written";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{}: {problem}", path.display())));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs_err::create_dir_all(folder)?;
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".partial");
    #[cfg(not(unix))]
    let _ = mode;
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    builder.tempfile_in(folder)
}

/// Writes a new file with these permissions (Unix) and syncs it; it appears whole. Never replaces a file. Makes the folder
/// where it is missing.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where there is a file; other I/O errors. All name the file's path.
pub(crate) fn write_new(path: &Path, content: impl AsRef<[u8]>, mode: u32) -> io::Result<()> {
    let partial = partial(path, mode)?;
    open_to(partial.as_file(), mode);
    write_and_sync(&partial, path, content.as_ref())?;
    partial.persist_noclobber(path).map(drop).map_err(|error| named(path, &error))
}

/// Writes all of a partial file; an error names the path that the file gets.
fn write_and_sync(partial: &NamedTempFile, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs_err::File::from_parts(partial.as_file().try_clone()?, path);
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file the mode that others than its owner need, whatever this process masks.
#[cfg(unix)]
fn open_to(file: &File, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    if mode & 0o077 != 0 {
        // Without it fewer can read the file. A file system without permissions refuses it.
        let _ = file.set_permissions(std::fs::Permissions::from_mode(mode));
    }
}

#[cfg(not(unix))]
fn open_to(_: &File, _: u32) {}

/// Writes a file that names people: whole, synced, and with mode 0600 (Unix).
///
/// # Errors
/// I/O errors with the file's path.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial(path, 0o600)?;
    write_and_sync(&partial, path, bytes)?;
    partial.persist(path).map(drop).map_err(|error| named(path, &error))
}

/// Writes a file that everybody may read and its owner alone writes: whole, synced, and with mode 0644 (Unix) whatever the
/// process masks. Replaces a file that is there.
///
/// # Errors
/// I/O errors with the file's path.
pub(crate) fn write_public(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial(path, 0o644)?;
    #[cfg(unix)]
    partial.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    write_and_sync(&partial, path, bytes)?;
    partial.persist(path).map(drop).map_err(|error| named(path, &error))
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

    #[cfg(unix)]
    #[test]
    fn a_link_beside_a_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, treasure) = (folder.path().join("list.csv"), folder.path().join("treasure"));
        fs_err::write(&treasure, b"kept").unwrap();
        for name in ["list.csv", "list.csv.partial", "list.csv.part"] {
            std::os::unix::fs::symlink(&treasure, folder.path().join(name)).unwrap();
        }
        write_whole(&path, b"written").unwrap();
        assert_eq!(fs_err::read(&path).unwrap(), b"written");
        assert_eq!(fs_err::read(&treasure).unwrap(), b"kept");
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o600, 0o600);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_or_a_device_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink("/dev/null", folder.path().join("link")).unwrap();
        let writers = [write_whole, write_private, write_public];
        for path in [pipe.clone(), folder.path().join("link")] {
            for write in writers {
                let refused = write(&path, b"written").unwrap_err();
                assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
                let refused = refused.to_string();
                assert!(refused.starts_with(&*path.to_string_lossy()), "{refused}");
                assert!(refused.ends_with("a file is to be written"), "{refused}");
            }
        }
        assert!(!fs_err::symlink_metadata(&pipe).unwrap().is_file(), "it is a pipe still");
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 2, "nothing partial is left");
        assert!(is_special(Path::new("/dev/stdout")) && is_special(Path::new("/proc/self/none")));
        assert!(!is_special(Path::new("/dev/shm/none")) && !is_special(&folder.path().join("none")));
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
