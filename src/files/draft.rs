//! A file that a library writes by itself, under a draft's name beside its path: it appears whole or not at all.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{make_folder, sync_folders};

/// What SQLite writes beside a file.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// A new file of mode 0600 under a draft's name. One that a killed process left is removed first; it is removed when it is
/// dropped, too.
#[derive(Debug)]
pub(crate) struct Draft {
    path: PathBuf,
    draft: PathBuf,
    file: File,
}

impl Draft {
    /// Creates the empty draft of a file. Makes the folder where it is missing.
    ///
    /// # Errors
    /// [`io::ErrorKind::ResourceBusy`]: another process writes a draft of the same file; other I/O errors. All name the path.
    pub(crate) fn begin(path: &Path) -> io::Result<Draft> {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(".partial");
        let draft = path.with_file_name(name);
        make_folder(folder(path))?;
        remove_left(&draft)?;
        let mut options = fs_err::OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&draft)?.into_parts().0;
        lock(&draft, &file)?;
        Ok(Draft { path: path.to_owned(), draft, file })
    }

    /// Where the draft is written.
    pub(crate) fn place(&self) -> &Path {
        &self.draft
    }

    /// Syncs the draft, which nothing writes any more, and gives it its path. Replaces a file that is there.
    ///
    /// # Errors
    /// I/O errors, with the path.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs_err::rename(&self.draft, &self.path)?;
        sync_folders(folder(&self.path), &[])
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After `finish` there is none. Another process removes what can't be removed now.
        let _ = remove(&self.draft);
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn remove_left(draft: &Path) -> io::Result<()> {
    match fs_err::symlink_metadata(draft) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return remove(draft),
        Err(error) => return Err(error),
        Ok(found) if found.is_file() => lock(draft, fs_err::File::open(draft)?.file())?,
        Ok(_) => {}
    }
    remove(draft)
}

fn lock(draft: &Path, file: &File) -> io::Result<()> {
    match file.try_lock() {
        // A file system without locks has them for nobody.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let problem = format!("{}: another command is writing it", draft.display());
            Err(io::Error::new(io::ErrorKind::ResourceBusy, problem))
        }
    }
}

fn remove(draft: &Path) -> io::Result<()> {
    for ending in BESIDE {
        let mut name = draft.as_os_str().to_owned();
        name.push(ending);
        match fs_err::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/backup.db");
        let draft = Draft::begin(&path).unwrap();
        fs_err::write(draft.place(), "half").unwrap();
        assert_eq!(Draft::begin(&path).unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        drop(draft);
        assert_eq!(fs_err::read_dir(path.parent().unwrap()).unwrap().count(), 0);
        // What a killed process left, and a link that somebody put there.
        let left = folder.path().join("new/.backup.db.partial");
        fs_err::write(&left, "left").unwrap();
        fs_err::write(folder.path().join("new/.backup.db.partial-wal"), "left").unwrap();
        let draft = Draft::begin(&path).unwrap();
        fs_err::write(draft.place(), "whole").unwrap();
        draft.finish().unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "whole");
        assert_eq!(fs_err::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
