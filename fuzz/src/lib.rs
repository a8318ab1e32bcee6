//! What several fuzz targets need.

/// Runs `work` on a file that holds `bytes`.
///
/// # Panics
/// `/dev/shm` is full or missing.
pub fn with_file<T>(bytes: &[u8], work: impl FnOnce(&std::path::Path) -> T) -> T {
    let file = tempfile::NamedTempFile::new_in("/dev/shm").expect("memory");
    fs_err::write(file.path(), bytes).expect("memory");
    work(file.path())
}
