//! Folders: made private, synced, removed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Makes a folder, and those above it, where they are missing. Their names survive a power loss, whoever made them.
///
/// # Errors
/// I/O errors, with the folder's path.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    make_durable(folder, &std::fs::DirBuilder::new())
}

/// Makes a folder as [`make_folder`] does, with mode 0700 (Unix). The folders above it get the system's usual mode.
///
/// # Errors
/// I/O errors, with the folder's path.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    make_durable(folder, &builder)
}

/// What tells a folder from any other that had its path: device, number and when it was made.
type Identity = (u64, u64, SystemTime);

/// The folders whose names this process knows to survive a power loss.
static DURABLE: Mutex<BTreeMap<PathBuf, Identity>> = Mutex::new(BTreeMap::new());

/// The identity of a folder; `None` where the file system does not say when it was made.
#[cfg(unix)]
fn identity(folder: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = folder.metadata().ok()?;
    Some((metadata.dev(), metadata.ino(), metadata.created().ok()?))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

/// Whether this very folder was made durable before.
fn is_durable(folder: &Path) -> bool {
    let known = DURABLE.lock().unwrap_or_else(PoisonError::into_inner);
    known.get(folder).is_some_and(|known| identity(folder).as_ref() == Some(known))
}

/// Remembers that a folder is durable. `made` is its identity from before the one above it was synced.
fn remember(folder: &Path, made: Option<Identity>) {
    let mut known = DURABLE.lock().unwrap_or_else(PoisonError::into_inner);
    match made {
        Some(made) => known.insert(folder.to_owned(), made),
        None => known.remove(folder),
    };
}

/// Makes a folder and then syncs the one above it: no folder is made in one whose own name could be lost. What was synced for a
/// folder once is not synced for it again: a small night makes its folders a dozen times each.
fn make_durable(folder: &Path, builder: &std::fs::DirBuilder) -> io::Result<()> {
    if folder.parent().is_none() {
        return Ok(());
    }
    let above = above(folder);
    if folder.is_dir() {
        if is_durable(folder) {
            return Ok(());
        }
        let made = identity(folder);
        match fs_err::File::open(above) {
            // A folder that this user can't read has held this one since before.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            opened => opened?.sync_all()?,
        }
        remember(folder, made);
        return Ok(());
    }
    make_folder(above)?;
    match builder.create(folder) {
        // Another process may make it, too.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !folder.is_dir() => {
            return Err(io::Error::new(error.kind(), format!("{}: {error}", folder.display())));
        }
        _ => {}
    }
    let made = identity(folder);
    fs_err::File::open(above)?.sync_all()?;
    remember(folder, made);
    Ok(())
}

/// The folder that holds a file or folder.
pub(super) fn above(path: &Path) -> &Path {
    path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes a folder with all it holds; does nothing where there is none.
///
/// # Errors
/// I/O errors, with the folder's path.
pub(crate) fn remove_folder(folder: &Path) -> io::Result<()> {
    DURABLE.lock().unwrap_or_else(PoisonError::into_inner).retain(|known, _| !known.starts_with(folder));
    match fs_err::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Renames files of the folder `from` (paths relative to it) into the folder `to`, where they have the same paths, durably.
/// Makes folders where they are missing.
///
/// # Errors
/// I/O errors, with the paths.
pub(crate) fn rename_into(from: &Path, to: &Path, files: &[String]) -> io::Result<()> {
    let folders: BTreeSet<PathBuf> =
        files.iter().filter_map(|file| Some(to.join(file).parent()?.to_owned())).collect();
    folders.iter().try_for_each(|folder| make_folder(folder))?;
    files.iter().try_for_each(|file| fs_err::rename(from.join(file), to.join(file)))?;
    folders.iter().try_for_each(|folder| fs_err::File::open(folder)?.sync_all())
}

/// Removes a file durably; does nothing where there is none.
///
/// # Errors
/// I/O errors, with the path.
pub(crate) fn remove_file(file: &Path) -> io::Result<()> {
    match fs_err::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folders(above(file), &[]),
    }
}

/// Syncs the folders of these files (relative to `root`) and `root` itself, so that their names survive a power loss.
///
/// # Errors
/// I/O errors, with the folder's path.
pub(crate) fn sync_folders(root: &Path, files: &[String]) -> io::Result<()> {
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    folders.extend(files.iter().filter_map(|file| Some(root.join(file).parent()?.to_owned())));
    folders.sort();
    folders.dedup();
    folders
        .iter()
        .filter(|folder| folder.is_dir())
        .try_for_each(|folder| fs_err::File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_move_into_folders_that_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("staging"), folder.path().join("out/2026-11-20"));
        private_folder(&from.join("letters")).unwrap();
        let files = ["letters/1.pdf".to_owned(), "run.json".to_owned()];
        files.iter().for_each(|file| fs_err::write(from.join(file), file).unwrap());
        rename_into(&from, &to, &files).unwrap();
        for file in &files {
            assert_eq!(&fs_err::read_to_string(to.join(file)).unwrap(), file);
            remove_file(&to.join(file)).unwrap();
            assert!(!to.join(file).exists());
            remove_file(&to.join(file)).unwrap();
        }
        fs_err::write(to.join("a file"), "").unwrap();
        assert!(make_folder(&to.join("a file/folder")).is_err());
        #[cfg(unix)]
        {
            let mode = |folder: &Path| {
                std::os::unix::fs::PermissionsExt::mode(&folder.metadata().unwrap().permissions()) & 0o077
            };
            assert_eq!(mode(&from.join("letters")), 0);
        }
    }
    #[cfg(unix)]
    #[test]
    fn a_folder_is_durable_until_another_takes_its_path() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("night");
        assert!(!is_durable(&folder));
        make_folder(&folder).unwrap();
        if identity(&folder).is_none() {
            return;
        }
        assert!(is_durable(&folder));
        fs_err::write(folder.join("a file"), "").unwrap();
        assert!(is_durable(&folder), "what it holds is not asked");
        remove_folder(&folder).unwrap();
        assert!(!is_durable(&folder));
        // Another process makes it: its name may be lost.
        std::fs::create_dir(&folder).unwrap();
        assert!(!is_durable(&folder));
        // The clock of a file system goes by steps of some milliseconds.
        std::thread::sleep(std::time::Duration::from_millis(30));
        make_folder(&folder).unwrap();
        assert!(is_durable(&folder));
        fs_err::rename(&folder, root.path().join("moved")).unwrap();
        std::fs::create_dir(&folder).unwrap();
        assert!(!is_durable(&folder), "another folder of that name");
    }
}
