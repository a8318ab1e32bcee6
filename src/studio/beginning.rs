//! A template to begin from: the files of another one in a folder of their own.

use std::path::{Path, PathBuf};

use template::Template;

use super::specimen::of_kept;
use crate::failure::Failure;
use crate::files::{make_folder, remove_folder, rename_into, sync_folders, write_whole};
use crate::kept::KeptTemplate;

/// The file that makes a folder a template. It is put there last.
const MANIFEST: &str = "template.toml";
/// Prefix of the paths of a template's own files among its parts.
const FILES: &str = "files/";
/// The folder in which the files are written before they are put into their own.
const STAGING: &str = ".pli-new";

/// Copies the template `from` (a folder, the name of a built-in one, or the folder of one that was kept) into `folder`, which
/// must be empty or missing. Returns the paths of the files, relative to `folder`. On failure `folder` is as it was.
///
/// # Errors
/// `template_occupied`: the folder is not empty; template errors; I/O errors.
pub(crate) fn begin_template(from: &Path, folder: &Path) -> Result<Vec<String>, Failure> {
    if !is_free(folder)? {
        let problem = "there is something in this folder already, and nothing is ever overwritten";
        return Err(Failure::usage("template_occupied", problem)
            .in_file(folder.display())
            .with_advice("name a new folder, or an empty one"));
    }
    let template = match KeptTemplate::is_one(from) {
        true => of_kept(&KeptTemplate::open(from)?)?.0,
        false => Template::find(from)?,
    };
    let parts = template.parts();
    let mut files: Vec<(&str, &[u8])> = parts
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(FILES)?, bytes.as_slice())))
        .collect();
    files.sort_by_key(|(path, _)| (*path == MANIFEST, *path));
    let made = !folder.exists();
    let written = write(folder, &files);
    if written.is_err() {
        undo(folder, &files, made);
    }
    written
}

/// Whether a template can be put there: nothing is there, or an empty folder.
fn is_free(folder: &Path) -> Result<bool, Failure> {
    match folder.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        _ if folder.is_dir() => Ok(fs_err::read_dir(folder)?.next().is_none()),
        _ => Ok(false),
    }
}

/// Writes the files into a staging folder inside `folder`, then renames them into it.
fn write(folder: &Path, files: &[(&str, &[u8])]) -> Result<Vec<String>, Failure> {
    let staging = folder.join(STAGING);
    make_folder(&staging)?;
    let paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    for (path, bytes) in files {
        let file = staging.join(path);
        make_folder(file.parent().unwrap_or(&staging))?;
        write_whole(&file, bytes)?;
    }
    rename_into(&staging, folder, &paths)?;
    remove_folder(&staging)?;
    sync_folders(folder, &[])?;
    Ok(paths)
}

/// Removes what a failed [`write`] left. Its own failures are passed over: the first one is reported.
fn undo(folder: &Path, files: &[(&str, &[u8])], made: bool) {
    let _ = remove_folder(&folder.join(STAGING));
    for (path, _) in files {
        let file = folder.join(path);
        let _ = fs_err::remove_file(&file);
        let below = file.ancestors().skip(1).take_while(|above| *above != folder).map(PathBuf::from);
        below.for_each(|above| drop(fs_err::remove_dir(above)));
    }
    if made {
        let _ = fs_err::remove_dir(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_template_can_be_begun_from() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["card-letter", "mailer-igc-sante", "mailer-legacy"] {
            let (target, again) = (folder.path().join(name), folder.path().join("again").join(name));
            let files = begin_template(Path::new(name), &target).unwrap();
            assert_eq!(files.last().map(String::as_str), Some(MANIFEST));
            assert!(!target.join(STAGING).exists());
            let [builtin, own] = [Path::new(name), &target].map(|path| Template::find(path).unwrap());
            assert_eq!(own.version(), builtin.version());
            fs_err::create_dir_all(&again).unwrap();
            assert_eq!(begin_template(&target, &again).unwrap(), files);
            assert_eq!(Template::find(&again).unwrap().version(), builtin.version());
        }
    }

    #[test]
    fn nothing_is_overwritten_and_a_failure_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("notes"), "mine").unwrap();
        let refused = begin_template(Path::new("card-letter"), folder.path()).unwrap_err();
        assert_eq!(refused.code(), "template_occupied");
        let refused = begin_template(Path::new("card-letter"), &folder.path().join("notes")).unwrap_err();
        assert_eq!(refused.code(), "template_occupied");
        assert!(begin_template(Path::new("no-template"), &folder.path().join("new")).is_err());
        // A folder stands where a file is to be: the rest is taken back.
        let target = folder.path().join("target");
        let files: [(&str, &[u8]); 3] = [("a/b.typ", b"1"), ("c.typ", b"2"), (MANIFEST, b"3")];
        fs_err::create_dir_all(target.join("c.typ/full")).unwrap();
        assert!(write(&target, &files).is_err());
        undo(&target, &files, false);
        assert!(
            !target.join("a").exists() && !target.join(MANIFEST).exists() && !target.join(STAGING).exists()
        );
        let left: Vec<_> = fs_err::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 2);
    }
}
