//! Who besides its owner may replace a file: by writing it, or by renaming another into its folder.

use std::path::{Path, PathBuf};

/// A file or folder that others than its owner may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenToWriters {
    /// The file, or its folder.
    pub path: PathBuf,
    /// Its permissions.
    pub mode: u32,
    /// Whether every user may write it; otherwise its group may.
    pub everybody: bool,
}

/// The first of a file, its folder and, if it is a link, the folder of its target, that everybody may write; otherwise the
/// first that its group may write. Folders with the sticky bit count as closed, since nobody can replace another user's file
/// there. `None` for what is closed or can't be examined, and on systems without such permissions.
#[cfg(unix)]
pub(crate) fn open_to_writers(file: &Path) -> Option<OpenToWriters> {
    let target = std::fs::canonicalize(file).ok();
    let folders = [Some(file), target.as_deref()].map(|file| file.map(folder));
    let found = [Some(file)].into_iter().chain(folders).flatten().filter_map(open);
    let found: Vec<OpenToWriters> = found.collect();
    found.iter().find(|open| open.everybody).or(found.first()).cloned()
}

/// A folder in which others than its owner may make files, or replace it by another. The sticky bit closes only the folder
/// above it. `None` for what is closed or can't be examined, and on systems without such permissions.
#[cfg(unix)]
pub(crate) fn open_folder(path: &Path) -> Option<OpenToWriters> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    match mode & 0o002 {
        0 => open_to_writers(path),
        _ => Some(OpenToWriters { path: path.to_owned(), mode: mode & 0o777, everybody: true }),
    }
}

#[cfg(not(unix))]
pub(crate) fn open_folder(_: &Path) -> Option<OpenToWriters> {
    None
}

#[cfg(unix)]
fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn open(path: &Path) -> Option<OpenToWriters> {
    use std::os::unix::fs::PermissionsExt;
    const STICKY: u32 = 0o1000;
    let metadata = std::fs::metadata(path).ok()?;
    let mode = metadata.permissions().mode();
    let closed = mode & 0o022 == 0 || (metadata.is_dir() && mode & STICKY != 0);
    let found = OpenToWriters { path: path.to_owned(), mode: mode & 0o777, everybody: mode & 0o002 != 0 };
    (!closed).then_some(found)
}

#[cfg(not(unix))]
pub(crate) fn open_to_writers(_: &Path) -> Option<OpenToWriters> {
    None
}
