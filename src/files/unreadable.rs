//! A file that can't be read.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;

/// A file that can't be read. Its text is the system's error alone: the path stands apart, as a failure's position.
#[derive(Debug)]
pub struct UnreadableFile {
    /// The file's path.
    pub file: String,
    /// The system's error.
    pub error: io::Error,
}

impl UnreadableFile {
    /// The failed reading of a file.
    pub(crate) fn new(path: &Path, error: io::Error) -> UnreadableFile {
        UnreadableFile { file: path.display().to_string(), error }
    }
}

impl fmt::Display for UnreadableFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `fs_err` wraps the system's error into a text that repeats the path.
        let system = self.error.get_ref().and_then(|wrapped| wrapped.source());
        match system {
            Some(system) => write!(f, "can't be read: {system}"),
            None => write!(f, "can't be read: {}", self.error),
        }
    }
}

impl Error for UnreadableFile {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// The text of a file.
///
/// # Errors
/// [`UnreadableFile`]: no such file, no permission, or not UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, UnreadableFile> {
    fs_err::read_to_string(path).map_err(|error| UnreadableFile::new(path, error))
}
