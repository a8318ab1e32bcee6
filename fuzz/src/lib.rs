//! What several fuzz targets need.

use std::path::Path;

/// Runs `work` on a file that holds `bytes`.
///
/// # Panics
/// `/dev/shm` is full or missing.
pub fn with_file<T>(bytes: &[u8], work: impl FnOnce(&Path) -> T) -> T {
    let file = tempfile::NamedTempFile::new_in("/dev/shm").expect("memory");
    fs_err::write(file.path(), bytes).expect("memory");
    work(file.path())
}

/// Runs `work` on a folder with one file `name` that holds `bytes`.
///
/// # Panics
/// `/dev/shm` is full or missing.
pub fn with_folder<T>(name: &str, bytes: &[u8], work: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir_in("/dev/shm").expect("memory");
    fs_err::write(folder.path().join(name), bytes).expect("memory");
    work(folder.path())
}

/// Lets a panic of a dependency unwind, for a target whose code catches those. One of our own crates still ends the run,
/// and so does one that nobody catches.
pub fn let_dependencies_panic() {
    std::panic::set_hook(Box::new(|panic| {
        // Cargo names the sources of the workspace relative to it, and those of dependencies by their whole path.
        if panic.location().is_none_or(|location| Path::new(location.file()).is_relative()) {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}
