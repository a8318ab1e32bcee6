//! A file that can't be read.

use std::io;
use std::path::Path;

/// A file that can't be read. Its text does not repeat the path, which is a failure's position.
#[derive(Debug, thiserror::Error)]
#[error("can't be read: {error}")]
pub struct UnreadableFile {
    /// The file's path.
    pub file: String,
    /// The system's error.
    #[source]
    pub error: io::Error,
}

impl UnreadableFile {
    /// The failed reading of a file.
    pub(crate) fn new(path: &Path, error: io::Error) -> UnreadableFile {
        UnreadableFile { file: path.display().to_string(), error }
    }
}

/// The text of a file.
///
/// # Errors
/// [`UnreadableFile`]: no such file, no permission, or not UTF-8.
#[expect(clippy::disallowed_methods, reason = "the error carries the path apart")]
pub(crate) fn read_text(path: &Path) -> Result<String, UnreadableFile> {
    std::fs::read_to_string(path).map_err(|error| UnreadableFile::new(path, error))
}
