//! The pile: which files are read, in which order, and under which names.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use foreign::legible;

use crate::failure::Failure;

/// The most files of one pile.
const MAX_FILES: usize = 200_000;

/// Files that systems and viewers leave in folders.
const LEFT_BY_SYSTEMS: [&str; 3] = ["thumbs.db", "desktop.ini", "ehthumbs.db"];

/// The files of what was named, in its order; those of a folder with its sub-folders by their names, numbers in them by value.
///
/// # Errors
/// `scan_path`: a path is not there, or can't be looked into; `scan_empty`; `scan_too_many`.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let found = files_so_far(paths)?;
    match found.is_empty() {
        true => Err(Failure::usage("scan_empty", "no file lies there")
            .with_advice("name the folder into which the scanner writes, or add `--watch` to wait for it")),
        false => Ok(found),
    }
}

/// The files of what was named as [`files`] gives them; none where none has come yet.
///
/// # Errors
/// `scan_path`; `scan_too_many`.
pub(super) fn files_so_far(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let name = legible(&path.display().to_string()).into_owned();
        let found = |error: std::io::Error| {
            Failure::usage("scan_path", error.to_string())
                .with_advice("name pictures, or folders that hold some")
                .in_file(&name)
                .caused_by(error)
        };
        match std::fs::metadata(path).map_err(found)? {
            kind if kind.is_dir() => add_folder(path, &mut files).map_err(found)?,
            _ => files.push(path.clone()),
        }
        if files.len() > MAX_FILES {
            return Err(Failure::usage("scan_too_many", format!("more than {MAX_FILES} files"))
                .with_advice("name fewer folders at once")
                .in_file(&name));
        }
    }
    Ok(files)
}

/// Adds the files of a folder and its sub-folders. Links to folders are not followed; hidden files, and those that systems
/// leave, are no scans.
fn add_folder(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !LEFT_BY_SYSTEMS.contains(&name.to_lowercase().as_str()) {
            entries.push((name, entry.file_type()?.is_dir(), entry.path()));
        }
    }
    entries.sort_by(|(one, ..), (other, ..)| natural(one, other));
    for (_, is_folder, path) in entries {
        match is_folder {
            _ if files.len() > MAX_FILES => break,
            true => add_folder(&path, files)?,
            // A link to a folder is none of its files.
            false if path.is_dir() => {}
            false => files.push(path),
        }
    }
    Ok(())
}

/// The order of two names as people count: `scan 2` before `scan 10`.
fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (a, b) = (digits(left), digits(right));
        if a > 0 && b > 0 {
            let (number, with) = (left[..a].trim_start_matches('0'), right[..b].trim_start_matches('0'));
            let order = number.len().cmp(&with.len()).then_with(|| number.cmp(with));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[a..], &right[b..]);
            continue;
        }
        let mut characters = (left.chars(), right.chars());
        match (characters.0.next(), characters.1.next()) {
            (None, None) => return one.cmp(other),
            (a, b) if a != b => return a.cmp(&b),
            _ => (left, right) = (characters.0.as_str(), characters.1.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_folder_is_read_in_the_order_in_which_people_count() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(folder.path().join("box 2")).unwrap();
        fs_err::create_dir_all(folder.path().join("box 10")).unwrap();
        for name in ["scan10.png", "scan2.png", "box 10/a.tif", "box 2/b.tif", ".hidden", "Thumbs.db"] {
            fs_err::write(folder.path().join(name), "").unwrap();
        }
        let found = files(&[folder.path().to_owned()]).unwrap();
        let names: Vec<_> = found.iter().map(|file| file.strip_prefix(folder.path()).unwrap()).collect();
        let wanted = ["box 2/b.tif", "box 10/a.tif", "scan2.png", "scan10.png"];
        assert_eq!(names, wanted.map(Path::new));
    }

    #[test]
    fn a_path_that_is_not_there_is_an_error() {
        let error = files(&["/no/such/pile".into()]).unwrap_err();
        assert_eq!(error.code(), "scan_path");
    }

    proptest! {
        #[test]
        fn names_have_one_order(one in "[a-b0-2é ]{0,6}", two in "[a-b0-2é ]{0,6}", three in "[a-b0-2é ]{0,6}") {
            prop_assert_eq!(natural(&one, &two), natural(&two, &one).reverse());
            if natural(&one, &two).is_le() && natural(&two, &three).is_le() {
                prop_assert!(natural(&one, &three).is_le());
            }
            prop_assert_eq!(natural(&one, &two) == Ordering::Equal, one == two);
        }
    }
}
