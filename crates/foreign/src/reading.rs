//! Reading files that others wrote: regular files only, and never more than a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::legible;

/// A file that can't be read. Its text does not repeat the path, which is a failure's position.
#[derive(Debug, thiserror::Error)]
#[error("can't be read: {error}")]
pub struct UnreadableFile {
    /// The file's path, legible.
    pub file: String,
    /// The system's error, or what is wrong with the file.
    #[source]
    pub error: io::Error,
}

impl UnreadableFile {
    /// The failed reading of a file.
    pub fn new(path: &Path, error: io::Error) -> UnreadableFile {
        UnreadableFile { file: legible(&path.display().to_string()).into_owned(), error }
    }
}

const TOO_MANY: &str =
    "too many files are open: raise the limit (`ulimit -n 4096`), then run the same command again";

/// What to do where this process can hardly open a further file, which many a library reports as something else; `None`
/// where it can.
pub fn advice_on_open_files() -> Option<&'static str> {
    const SPARE: usize = 8;
    let opened: Vec<io::Result<File>> = (0..SPARE).map(|_| File::open("/dev/null")).collect();
    let mut refused = opened.iter().filter_map(|file| file.as_ref().err()?.raw_os_error());
    refused.any(|code| matches!(code, 23 | 24)).then_some(TOO_MANY)
}

/// What to do about an error of the system whose cause lies outside the file; `None` for any other error.
pub fn advice(error: &io::Error) -> Option<&'static str> {
    const PERMISSION: &str = "let this user read it: see the permissions of the file and of its folders";
    const FULL: &str = "make room on the disk, then run the same command again";
    if !cfg!(unix) {
        return None;
    }
    match system_code(error)? {
        1 | 13 => Some(PERMISSION),
        23 | 24 => Some(TOO_MANY),
        28 | 122 => Some(FULL),
        _ => None,
    }
}

/// The number of the system's error, which an error with a path encloses (Linux's numbers: EMFILE is 24).
fn system_code(error: &io::Error) -> Option<i32> {
    let enclosed = || error.get_ref()?.source()?.downcast_ref::<io::Error>().and_then(system_code);
    error.raw_os_error().or_else(enclosed)
}

/// Opens a regular file for reading. Links are followed.
///
/// # Errors
/// [`UnreadableFile`]: no such file, no permission, or a folder, pipe, socket or device.
pub fn open_regular(path: &Path) -> Result<File, UnreadableFile> {
    let failed = |error| UnreadableFile::new(path, error);
    let not_a_file = || failed(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    // A pipe without a writer would block the opening itself, so the kind is asked for before and after.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(not_a_file());
    }
    let file = File::open(path).map_err(failed)?;
    match file.metadata().map_err(failed)?.is_file() {
        true => Ok(file),
        false => Err(not_a_file()),
    }
}

/// The bytes of a regular file of at most `limit` bytes.
///
/// # Errors
/// [`UnreadableFile`]: as [`open_regular`]; I/O errors; a file of more than `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, UnreadableFile> {
    let failed = |error| UnreadableFile::new(path, error);
    let file = open_regular(path)?;
    // Bytes that move as they grow leave copies behind.
    let length = file.metadata().map_or(0, |metadata| metadata.len().min(limit));
    let mut bytes = Vec::with_capacity(length as usize + 1);
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    match read as u64 > limit {
        true => Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, too_large(limit)))),
        false => Ok(bytes),
    }
}

/// Opens a regular file of at most `limit` bytes; returns it and its length.
///
/// # Errors
/// [`UnreadableFile`]: as [`open_regular`]; a file of more than `limit` bytes.
pub fn open_within(path: &Path, limit: u64) -> Result<(File, u64), UnreadableFile> {
    let failed = |error| UnreadableFile::new(path, error);
    let file = open_regular(path)?;
    let length = file.metadata().map_err(failed)?.len();
    match length > limit {
        true => Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, too_large(limit)))),
        false => Ok((file, length)),
    }
}

/// The text of a regular file of at most `limit` bytes.
///
/// # Errors
/// [`UnreadableFile`]: as [`read`]; not UTF-8, with the line of the first byte that is not.
pub fn read_text(path: &Path, limit: u64) -> Result<String, UnreadableFile> {
    String::from_utf8(read(path, limit)?).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count();
        let reason = format!("line {line} is not UTF-8");
        UnreadableFile::new(path, io::Error::new(io::ErrorKind::InvalidData, reason))
    })
}

fn too_large(limit: u64) -> String {
    const MEBIBYTE: u64 = 1 << 20;
    match limit {
        MEBIBYTE.. if limit.is_multiple_of(MEBIBYTE) => format!("larger than {} MiB", limit / MEBIBYTE),
        _ => format!("larger than {limit} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(result: Result<Vec<u8>, UnreadableFile>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        fs_err::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(open_within(&path, 5).is_ok_and(|(_, length)| length == 5));
        assert_eq!(open_within(&path, 4).unwrap_err().to_string(), "can't be read: larger than 4 bytes");
        assert_eq!(reason(read(&path, 4)), "can't be read: larger than 4 bytes");
        fs_err::write(&path, b"1\n2\n\xff").unwrap();
        assert_eq!(read_text(&path, 99).unwrap_err().to_string(), "can't be read: line 3 is not UTF-8");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_cause_outside_the_file_has_its_own_advice() {
        let many = io::Error::from_raw_os_error(24);
        assert!(advice(&many).unwrap().starts_with("too many files are open"));
        let missing = fs_err::File::open("/nowhere").unwrap_err();
        assert_eq!(advice(&missing), None);
        let denied = UnreadableFile::new(Path::new("a"), io::Error::from_raw_os_error(13));
        assert!(advice(&io::Error::other(denied)).is_some_and(|advice| advice.contains("permissions")));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [folder.path(), Path::new("/dev/zero"), &link] {
            assert_eq!(reason(read(path, 9)), "can't be read: not a regular file");
        }
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(reason(read(&pipe, 9)), "can't be read: not a regular file");
    }
}
