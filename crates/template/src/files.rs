//! The files of a template: a folder of the bureau, or one built into the program. Read once: the bytes that are hashed are
//! those that are laid out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use typst::foundations::Bytes;

use super::builtin::{self, BuiltinTemplate};
use crate::fault::Problem;
use crate::folder::{FolderFile, read_folder};
use crate::manifest::MANIFEST_PATH;
use crate::template::no_manifest;

/// The prelude's path inside the closed world of a template.
pub(super) const PRELUDE_PATH: &str = "pli.typ";
/// The prelude itself.
pub(super) const PRELUDE: &str = include_str!("pli.typ");

/// A template's files.
#[derive(Debug, Clone)]
pub(super) enum Files {
    Folder(BTreeMap<String, FolderFile>),
    Builtin(&'static BuiltinTemplate),
}

/// A template's files as one process sends them to another.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum SentFiles {
    Folder(BTreeMap<String, Result<Vec<u8>, String>>),
    Builtin(String),
}

impl Files {
    /// A folder, or the name of a built-in template (`card-letter`, also written `templates/card-letter`); `None` if it is
    /// neither.
    ///
    /// # Errors
    /// A problem of the folder and the path in it.
    pub fn find(template: &Path) -> Result<Option<Files>, (String, Problem)> {
        if template.is_dir() {
            // A folder of anything else may be large: a home, a disk.
            if std::fs::symlink_metadata(template.join(MANIFEST_PATH)).is_err() {
                return Err((String::new(), no_manifest()));
            }
            return Ok(Some(Files::Folder(read_folder(template)?)));
        }
        let name = template.strip_prefix("templates").unwrap_or(template).to_str();
        Ok(name.and_then(builtin::find).map(Files::Builtin))
    }

    /// The files alone that a picture needs: itself, and `main`, which shows it.
    pub fn of_artwork(&self, artwork: &str, main: &str, text: String) -> Files {
        let picture = self.read(artwork).and_then(|bytes| bytes.ok_or_else(|| "is not there".to_owned()));
        let main = (main.to_owned(), Ok(Bytes::new(text.into_bytes())));
        Files::Folder(BTreeMap::from([(artwork.to_owned(), picture), main]))
    }

    /// The bytes of a file; `None` if there is none.
    ///
    /// # Errors
    /// Why it can't be read: no regular file, too large, a link out of the template's folder.
    pub fn read(&self, path: &str) -> Result<Option<Bytes>, String> {
        match self {
            Files::Folder(files) => match files.get(path) {
                Some(file) => file.clone().map(Some),
                // Below a link to a folder, which is not followed.
                None => path
                    .match_indices('/')
                    .filter_map(|(end, _)| files.get(&path[..end]))
                    .map(|file| file.clone().map(|_| None))
                    .find(Result::is_err)
                    .unwrap_or(Ok(None)),
            },
            Files::Builtin(builtin) => {
                let file = builtin.files.iter().find(|(name, _)| *name == path);
                Ok(file.map(|(_, bytes)| Bytes::new(*bytes)))
            }
        }
    }

    /// SHA-256 of all files and of the prelude, which names the template's version.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new_with_prefix(PRELUDE);
        let mut add = |name: &str, bytes: &[u8]| {
            digest.update((name.len() as u64).to_be_bytes());
            digest.update(name);
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        match self {
            Files::Folder(files) => {
                let read = files.iter().filter_map(|(name, file)| Some((name, file.as_ref().ok()?)));
                read.for_each(|(name, bytes)| add(name, bytes));
            }
            Files::Builtin(builtin) => {
                let mut files: Vec<_> = builtin.files.iter().collect();
                files.sort_unstable_by_key(|(name, _)| *name);
                files.iter().for_each(|(name, bytes)| add(name, bytes));
            }
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The fonts in the folder, not in folders below, in the order of their names.
    pub fn fonts(&self) -> impl Iterator<Item = (&str, &FolderFile)> {
        self.with_endings(&["ttf", "otf", "ttc"]).filter(|(path, _)| !path.contains('/'))
    }

    /// The artwork in the folder and below, in the order of the paths.
    pub fn artwork(&self) -> impl Iterator<Item = &str> {
        let read = self.with_endings(&["svg", "png", "jpg", "jpeg", "gif", "webp", "pdf"]);
        read.filter(|(_, file)| file.is_ok()).map(|(path, _)| path)
    }

    fn with_endings(&self, endings: &'static [&str]) -> impl Iterator<Item = (&str, &FolderFile)> {
        let files = match self {
            Files::Folder(files) => Some(files),
            Files::Builtin(_) => None,
        };
        let ends = |path: &str| path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending));
        let files = files.into_iter().flatten().map(|(path, file)| (path.as_str(), file));
        files.filter(move |(path, _)| ends(path))
    }

    /// The files for another process.
    pub fn send(&self) -> SentFiles {
        match self {
            Files::Folder(files) => {
                let sent = |(path, file): (&String, &FolderFile)| {
                    (path.clone(), file.as_ref().map(|bytes| bytes.to_vec()).map_err(String::clone))
                };
                SentFiles::Folder(files.iter().map(sent).collect())
            }
            Files::Builtin(builtin) => SentFiles::Builtin(builtin.name.to_owned()),
        }
    }

    /// The files that another process sent; `None` if it names a built-in template that there is not.
    pub fn received(sent: SentFiles) -> Option<Files> {
        match sent {
            SentFiles::Folder(files) => {
                let file = |(path, file): (String, Result<Vec<u8>, String>)| (path, file.map(Bytes::new));
                Some(Files::Folder(files.into_iter().map(file).collect()))
            }
            SentFiles::Builtin(name) => builtin::find(&name).map(Files::Builtin),
        }
    }
}
