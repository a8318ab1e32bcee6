//! Who besides its owner may replace a file: by writing it, or by renaming another into its folder.

use std::path::{Path, PathBuf};

/// A file or folder that others than its owner may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenToWriters {
    /// The file, or its folder.
    pub path: PathBuf,
    /// Its permissions.
    pub mode: u32,
    /// Whether every user may write it; otherwise its group may.
    pub everybody: bool,
}

/// The first of a file and its folder that everybody may write; otherwise the first that its group may write. Folders with
/// the sticky bit count as closed, since nobody can replace another user's file there. `None` for what is closed or can't
/// be examined, and on systems without such permissions.
#[cfg(unix)]
pub(super) fn open_to_writers(file: &Path) -> Option<OpenToWriters> {
    use std::os::unix::fs::PermissionsExt;
    const STICKY: u32 = 0o1000;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let open = |path: &Path| {
        let metadata = std::fs::metadata(path).ok()?;
        let mode = metadata.permissions().mode();
        let closed = mode & 0o022 == 0 || (metadata.is_dir() && mode & STICKY != 0);
        let found = OpenToWriters { path: path.to_owned(), mode: mode & 0o777, everybody: mode & 0o002 != 0 };
        (!closed).then_some(found)
    };
    let found = [open(file), open(folder)];
    let everybody = found.iter().flatten().find(|open| open.everybody).cloned();
    everybody.or_else(|| found.into_iter().flatten().next())
}

#[cfg(not(unix))]
pub(super) fn open_to_writers(_: &Path) -> Option<OpenToWriters> {
    None
}
