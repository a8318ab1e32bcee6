//! Reads the folder of a template into memory, once and within limits.
//!
//! What layout can't open is no part of the template: dot files, and files whose names are not UTF-8. A file that can't be
//! read (no regular file, too large, a link out of the folder) is a fault only if layout opens it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use typst::foundations::Bytes;

use crate::fault::Problem;
use crate::kind::FaultKind;

/// The largest file that is read, in bytes.
const MAX_FILE_SIZE: u64 = 32 << 20;
/// The most that the files of a template have together, in bytes.
const MAX_TOTAL_SIZE: u64 = 128 << 20;
/// The most files and folders that a template's folder has.
const MAX_ENTRIES: usize = 5000;
/// How deep folders may lie in the template's folder.
const MAX_DEPTH: usize = 8;

/// A file of a template, or why it can't be read.
pub(crate) type FolderFile = Result<Bytes, String>;

/// The files of a folder and the folders in it, by path.
///
/// # Errors
/// A problem and the path that has it: [`FaultKind::Unreadable`] for a folder that can't be read, [`FaultKind::Budget`] for
/// more or larger files than a template has.
pub(crate) fn read_folder(folder: &Path) -> Result<BTreeMap<String, FolderFile>, (String, Problem)> {
    let root = fs_err::canonicalize(folder).map_err(|error| unreadable("", &error))?;
    let mut reading = Reading { root: &root, files: BTreeMap::new(), entries: 0, size: 0 };
    let mut folders = vec![(root.clone(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&prefix, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&prefix, &error))?;
            reading.count()?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(|error| unreadable(&path, &error))?;
            if !kind.is_dir() {
                reading.read(&entry.path(), path)?;
            } else if depth < MAX_DEPTH {
                folders.push((entry.path(), path + "/", depth + 1));
            } else {
                let problem = format!("folders lie more than {MAX_DEPTH} deep");
                return Err((path, too_much(problem)));
            }
        }
    }
    Ok(reading.files)
}

/// The files read so far.
struct Reading<'a> {
    root: &'a Path,
    files: BTreeMap<String, FolderFile>,
    entries: usize,
    size: u64,
}

impl Reading<'_> {
    fn count(&mut self) -> Result<(), (String, Problem)> {
        self.entries += 1;
        match self.entries > MAX_ENTRIES {
            true => Err((String::new(), too_much(format!("more than {MAX_ENTRIES} files")))),
            false => Ok(()),
        }
    }

    fn read(&mut self, file: &Path, path: String) -> Result<(), (String, Problem)> {
        let read = self.inside(file).and_then(|file| match foreign::read(&file, MAX_FILE_SIZE) {
            Ok(bytes) => Ok(Bytes::new(bytes)),
            Err(unreadable) => Err(unreadable.to_string()),
        });
        self.size += read.as_ref().map_or(0, |bytes| bytes.len() as u64);
        if self.size > MAX_TOTAL_SIZE {
            return Err((
                String::new(),
                too_much(format!("more than {} MiB of files", MAX_TOTAL_SIZE >> 20)),
            ));
        }
        self.files.insert(path, read);
        Ok(())
    }

    /// Where a file lies once its links are followed: in the template's folder, and no folder itself.
    fn inside(&self, file: &Path) -> Result<PathBuf, String> {
        let target = std::fs::canonicalize(file).map_err(|error| format!("can't be read: {error}"))?;
        match target.starts_with(self.root) {
            true => Ok(target),
            false => Err("lies outside the template's folder".to_owned()),
        }
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> (String, Problem) {
    (path.to_owned(), Problem::new(FaultKind::Unreadable, format!("can't be read: {error}")))
}

fn too_much(problem: String) -> Problem {
    Problem::new(FaultKind::Budget, problem).with_advice("keep in the folder only what the template opens")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn traps_are_no_part_of_a_template_until_they_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs_err::create_dir(at("art")).unwrap();
        fs_err::write(at("art/a.svg"), "<svg/>").unwrap();
        symlink("art/a.svg", at("linked.svg")).unwrap();
        symlink("gone", at(".#main.typ")).unwrap();
        symlink("gone", at("gone.typ")).unwrap();
        symlink("loop", at("loop")).unwrap();
        symlink("/dev/zero", at("zero.svg")).unwrap();
        symlink(".", at("here")).unwrap();
        symlink("/etc/hostname", at("outside.txt")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at("pipe.svg")).status().unwrap().success());
        fs_err::File::create(at("huge.png")).unwrap().file().set_len(MAX_FILE_SIZE + 1).unwrap();
        let files = read_folder(folder.path()).unwrap();
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        let expected = [
            "art/a.svg",
            "gone.typ",
            "here",
            "huge.png",
            "linked.svg",
            "loop",
            "outside.txt",
            "pipe.svg",
            "zero.svg",
        ];
        assert_eq!(names, expected);
        assert_eq!(files["linked.svg"].as_ref().unwrap().as_slice(), b"<svg/>");
        for (name, reason) in [
            ("gone.typ", "No such file"),
            ("here", "not a regular file"),
            ("huge.png", "larger than 32 MiB"),
            ("outside.txt", "outside the template's folder"),
            ("pipe.svg", "not a regular file"),
            ("zero.svg", "outside the template's folder"),
        ] {
            let said = files[name].as_ref().unwrap_err();
            assert!(said.contains(reason), "{name}: {said}");
        }
    }

    #[test]
    fn a_folder_of_too_much_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c", "d", "e"] {
            let file = fs_err::File::create(folder.path().join(name)).unwrap();
            file.file().set_len(MAX_FILE_SIZE).unwrap();
        }
        let (_, problem) = read_folder(folder.path()).unwrap_err();
        assert_eq!(
            (problem.kind, problem.message.as_str()),
            (FaultKind::Budget, "more than 128 MiB of files")
        );
        let many = tempfile::tempdir().unwrap();
        (0..=MAX_ENTRIES).for_each(|n| fs_err::write(many.path().join(n.to_string()), "").unwrap());
        assert_eq!(read_folder(many.path()).unwrap_err().1.message, "more than 5000 files");
        let deep = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(deep.path().join("a/b/c/d/e/f/g/h/i/j")).unwrap();
        assert!(read_folder(deep.path()).unwrap_err().1.message.contains("deep"));
    }
}
