//! Folders: made private, synced, removed.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

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

/// Makes a folder and then syncs the one above it: no folder is made in one whose own name could be lost.
fn make_durable(folder: &Path, builder: &std::fs::DirBuilder) -> io::Result<()> {
    if folder.parent().is_none() {
        return Ok(());
    }
    let above = above(folder);
    if folder.is_dir() {
        return match fs_err::File::open(above) {
            // A folder that this user can't read has held this one since before.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            opened => opened?.sync_all(),
        };
    }
    make_folder(above)?;
    match builder.create(folder) {
        // Another process may make it, too.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !folder.is_dir() => {
            return Err(io::Error::new(error.kind(), format!("{}: {error}", folder.display())));
        }
        _ => {}
    }
    fs_err::File::open(above)?.sync_all()
}

/// The folder that holds a file or folder.
fn above(path: &Path) -> &Path {
    path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes a folder with all it holds; does nothing where there is none.
///
/// # Errors
/// I/O errors, with the folder's path.
pub(crate) fn remove_folder(folder: &Path) -> io::Result<()> {
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
