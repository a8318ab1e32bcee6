//! A file of known content that moves to another folder, on this file system or another, and is never lost or replaced on the way.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::SystemTime;

use foreign::open_regular;

use super::digest::{HashingWriter, sha256_of_file, sha256_of_reader};
use super::folders::{above, sync_folders};
use super::whole::partial;

/// What tells a file that nobody has altered or replaced.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    file: (u64, u64),
    length: u64,
    modified: Option<SystemTime>,
}

impl Identity {
    fn of(metadata: &std::fs::Metadata) -> Identity {
        #[cfg(unix)]
        let file = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let file = (0, 0);
        Identity { file, length: metadata.len(), modified: metadata.modified().ok() }
    }

    fn still_at(&self, path: &Path) -> io::Result<bool> {
        Ok(Identity::of(&fs_err::symlink_metadata(path)?) == *self)
    }
}

/// Moves a file durably, if it has this SHA-256; false where it has another, and stays. Where there is a file of the same bytes at
/// the new path, the old one is removed. The new path's folder must be there.
///
/// A move that was cut short leaves the file at one of the two paths, or whole at both: the same call finishes it.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`]: there is another file; other I/O errors. All name a path.
pub(crate) fn move_known(from: &Path, to: &Path, sha256: &str) -> io::Result<bool> {
    let mut file = open_regular(from).map_err(|unreadable| {
        let text = unreadable.to_string();
        io::Error::new(unreadable.error.kind(), text)
    })?;
    let identity = Identity::of(&file.metadata()?);
    if sha256_of_reader(&mut file)? != sha256 || !identity.still_at(from)? {
        return Ok(false);
    }
    if fs_err::symlink_metadata(to).is_ok() {
        if sha256_of_file(to)? != sha256 {
            let text = format!("{}: another file has this name", to.display());
            return Err(io::Error::new(ErrorKind::AlreadyExists, text));
        }
        return remove(from, &identity);
    }
    match fs_err::rename(from, to) {
        Ok(()) => moved_back(from, to, &identity),
        Err(error) if error.kind() == ErrorKind::CrossesDevices => copy(from, to, sha256, &identity),
        Err(error) => Err(error),
    }
}

/// Syncs a renaming, or takes it back where another file was put at the old path just before.
fn moved_back(from: &Path, to: &Path, identity: &Identity) -> io::Result<bool> {
    let kept = identity.still_at(to)?;
    if !kept {
        fs_err::rename(to, from)?;
    }
    sync_folders(above(to), &[])?;
    sync_folders(above(from), &[])?;
    Ok(kept)
}

/// Copies a file to another file system, under its name once it is whole and synced, and removes it here.
fn copy(from: &Path, to: &Path, sha256: &str, identity: &Identity) -> io::Result<bool> {
    let mut source = open_regular(from).map_err(|unreadable| unreadable.error)?;
    let mut partial = partial(to, 0o600)?;
    let file: File = partial.as_file().try_clone()?;
    let mut out = HashingWriter::new(io::BufWriter::new(file));
    io::copy(&mut source, &mut out)?;
    out.flush()?;
    let (_, copied, _) = out.finish();
    if copied != sha256 {
        return Ok(false);
    }
    partial.as_file_mut().sync_all()?;
    partial.persist_noclobber(to).map_err(|error| super::whole::named(to, &error))?;
    sync_folders(above(to), &[])?;
    remove(from, identity)
}

/// Removes a file durably, if it is still the one that was looked at.
fn remove(from: &Path, identity: &Identity) -> io::Result<bool> {
    if !identity.still_at(from)? {
        return Ok(false);
    }
    fs_err::remove_file(from)?;
    sync_folders(above(from), &[])?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &[u8] = b"a file";

    fn sha256(bytes: &[u8]) -> String {
        sha256_of_reader(bytes).unwrap()
    }

    #[test]
    fn a_file_moves_once_and_replaces_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs_err::write(path("a"), A).unwrap();
        assert!(!move_known(&path("a"), &path("b"), &sha256(b"other")).unwrap(), "it is another file");
        assert!(path("a").exists() && !path("b").exists());
        assert!(move_known(&path("a"), &path("b"), &sha256(A)).unwrap());
        assert!(!path("a").exists() && fs_err::read(path("b")).unwrap() == A);
        // Cut short after a copy: it is at both places.
        fs_err::write(path("a"), A).unwrap();
        assert!(move_known(&path("a"), &path("b"), &sha256(A)).unwrap());
        assert!(!path("a").exists());
        fs_err::write(path("a"), b"new").unwrap();
        let refused = move_known(&path("a"), &path("b"), &sha256(b"new")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        assert!(refused.to_string().contains("/b"), "{refused}");
        assert_eq!(fs_err::read(path("b")).unwrap(), A);
        assert_eq!(fs_err::read(path("a")).unwrap(), b"new");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_moves_to_another_file_system() {
        use std::os::unix::fs::MetadataExt;
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in("/dev/shm").unwrap());
        let device = |folder: &Path| fs_err::metadata(folder).unwrap().dev();
        assert_ne!(device(here.path()), device(there.path()), "the test needs two file systems");
        let (from, to) = (here.path().join("a"), there.path().join("a"));
        fs_err::write(&from, A).unwrap();
        assert!(move_known(&from, &to, &sha256(A)).unwrap());
        assert!(!from.exists() && fs_err::read(&to).unwrap() == A);
        assert_eq!(fs_err::read_dir(there.path()).unwrap().count(), 1, "nothing partial is left");
    }
}
