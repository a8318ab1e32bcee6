//! Folders: made private, synced, removed.

use std::io;
use std::path::{Path, PathBuf};

/// Makes a folder with mode 0700 (Unix). The folders above it get the system's usual mode.
///
/// # Errors
/// I/O errors, with the folder's path.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    folder.parent().map_or(Ok(()), fs_err::create_dir_all)?;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", folder.display())))
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

/// Renames a file to `target`, whose folder is made where it is missing.
///
/// # Errors
/// I/O errors, with both paths.
pub(crate) fn rename_into(file: &Path, target: &Path) -> io::Result<()> {
    if let Some(folder) = target.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::rename(file, target)
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
