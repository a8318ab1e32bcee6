//! The files of a template: a folder of the bureau, one built into the program, or one that was kept. Read once: the bytes that are hashed are
//! those that are laid out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use typst::foundations::Bytes;

use super::builtin::{self, BuiltinTemplate};
use crate::fault::Problem;
use crate::folder::{FolderFile, read_folder};
use crate::kind::FaultKind;
use crate::manifest::MANIFEST_PATH;
use crate::template::no_manifest;

/// The folder inside the closed world of a template where it sees the files that it shares with others.
pub(super) const SHARED: &str = "shared/";
/// The prelude's path inside the closed world of a template.
pub(super) const PRELUDE_PATH: &str = "pli.typ";
/// The prelude itself.
const PRELUDE: &str = include_str!("pli.typ");

/// The prelude, which every template imports as `/pli.typ`.
pub fn prelude() -> &'static [u8] {
    PRELUDE.as_bytes()
}

/// The endings of the fonts that are read.
const FONTS: &[&str] = &["ttf", "otf", "ttc"];
/// The endings of fonts that are not read.
const UNREAD_FONTS: &[&str] = &["woff", "woff2", "pfb", "pfa", "eot", "dfont"];
/// The endings of artwork.
const ARTWORK: &[&str] = &["svg", "png", "jpg", "jpeg", "gif", "webp", "pdf"];

/// Whether a path has one of these endings, in any case.
fn has_ending(path: &str, endings: &[&str]) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|own| endings.iter().any(|ending| own.eq_ignore_ascii_case(ending)))
}

/// A template's files.
#[derive(Debug, Clone)]
pub(super) enum Files {
    Folder(BTreeMap<String, FolderFile>),
    Builtin(&'static BuiltinTemplate),
    Kept(KeptFiles),
}

/// The files of a template that was kept, with what the program had built in then.
#[derive(Debug, Clone)]
pub(super) struct KeptFiles {
    /// The template's own files.
    pub files: BTreeMap<String, FolderFile>,
    /// The prelude.
    pub prelude: Bytes,
    /// The program's fonts, in their order; `None` for those of this program.
    pub fonts: Option<Vec<Bytes>>,
}

/// A template's files as one process sends them to another.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum SentFiles {
    Folder(SentFolder),
    Builtin(String),
    /// Files, prelude and fonts.
    Kept(SentFolder, Vec<u8>, Option<Vec<Vec<u8>>>),
}

/// The files of a folder, or why they can't be read, by path.
type SentFolder = BTreeMap<String, Result<Vec<u8>, String>>;

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
            let mut files = read_folder(template)?;
            // A prelude in the folder is for editors: the program's own takes its place.
            files.remove(PRELUDE_PATH);
            return Ok(Some(Files::Folder(files)));
        }
        let name = template.strip_prefix("templates").unwrap_or(template).to_str();
        Ok(name.and_then(builtin::find).map(Files::Builtin))
    }

    /// Adds the files of a folder that the template shares with others. Only a folder's files are added to: others have all.
    ///
    /// # Errors
    /// A problem of the folder and the path in it.
    pub fn share(&mut self, folder: &Path) -> Result<(), (String, Problem)> {
        let Files::Folder(files) = self else { return Ok(()) };
        if let Some(own) = files.keys().find(|path| path.starts_with(SHARED)) {
            let problem = Problem::new(FaultKind::Manifest, "the template has a folder `shared` of its own")
                .with_advice("rename it, or take `shared` out of `template.toml`");
            return Err((own.clone(), problem));
        }
        let shared = read_folder(folder)?;
        files.extend(shared.into_iter().map(|(path, file)| (format!("{SHARED}{path}"), file)));
        Ok(())
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
            Files::Folder(files) | Files::Kept(KeptFiles { files, .. }) => match files.get(path) {
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

    /// Adds a file to those of a folder. Others have all their files.
    pub fn add(&mut self, path: String, bytes: Bytes) {
        if let Files::Folder(files) = self {
            files.insert(path, Ok(bytes));
        }
    }

    /// The bytes of `template.toml`; none where it can't be read.
    pub fn manifest(&self) -> Vec<u8> {
        self.read(MANIFEST_PATH).ok().flatten().map_or(Vec::new(), |bytes| bytes.to_vec())
    }

    /// SHA-256 of all files and of the prelude, which names the template's version.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new_with_prefix(self.prelude());
        let mut files: Vec<(&str, &[u8])> = self.all().collect();
        files.sort_unstable_by_key(|(name, _)| *name);
        for (name, bytes) in files {
            digest.update((name.len() as u64).to_be_bytes());
            digest.update(name);
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// All files that can be read, by path.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let builtin = match self {
            Files::Builtin(builtin) => builtin.files,
            Files::Folder(_) | Files::Kept(_) => &[],
        };
        let of_folder = self
            .folder()
            .into_iter()
            .flatten()
            .filter_map(|(path, file)| Some((path.as_str(), file.as_ref().ok()?.as_slice())));
        of_folder.chain(builtin.iter().copied())
    }

    /// All files of the template by path, those that can't be read with the reason.
    pub fn entries(&self) -> Vec<(&str, Result<&[u8], &str>)> {
        let builtin = match self {
            Files::Builtin(builtin) => builtin.files,
            Files::Folder(_) | Files::Kept(_) => &[],
        };
        let of_folder = self.folder().into_iter().flatten();
        let of_folder = of_folder
            .map(|(path, file)| (path.as_str(), file.as_ref().map(Bytes::as_slice).map_err(String::as_str)));
        of_folder.chain(builtin.iter().map(|(path, bytes)| (*path, Ok(*bytes)))).collect()
    }

    /// The prelude of these files.
    pub fn prelude(&self) -> &[u8] {
        match self {
            Files::Folder(_) | Files::Builtin(_) => PRELUDE.as_bytes(),
            Files::Kept(kept) => &kept.prelude,
        }
    }

    /// The program's fonts that were kept with these files; `None` for those of this program.
    pub fn program_fonts(&self) -> Option<&[Bytes]> {
        match self {
            Files::Folder(_) | Files::Builtin(_) => None,
            Files::Kept(kept) => kept.fonts.as_deref(),
        }
    }

    /// Whether these are the files of a template that was kept.
    pub fn are_kept(&self) -> bool {
        matches!(self, Files::Kept(KeptFiles { fonts: Some(_), .. }))
    }

    fn folder(&self) -> Option<&BTreeMap<String, FolderFile>> {
        match self {
            Files::Folder(files) | Files::Kept(KeptFiles { files, .. }) => Some(files),
            Files::Builtin(_) => None,
        }
    }

    /// The fonts in the folder and below, in the order of their paths.
    pub fn fonts(&self) -> impl Iterator<Item = (&str, &FolderFile)> {
        let files = self.folder().into_iter().flatten().map(|(path, file)| (path.as_str(), file));
        files.filter(|(path, _)| Files::is_font(path))
    }

    /// Whether a file of this path is read as a font.
    pub fn is_font(path: &str) -> bool {
        has_ending(path, FONTS)
    }

    /// The fonts in the folder and below that are not read, in the order of their paths.
    pub fn unread_fonts(&self) -> impl Iterator<Item = &str> {
        let files = self.folder().into_iter().flatten();
        files.map(|(path, _)| path.as_str()).filter(|path| has_ending(path, UNREAD_FONTS))
    }

    /// The artwork in the folder and below, in the order of the paths.
    pub fn artwork(&self) -> impl Iterator<Item = &str> {
        let files = self.folder().into_iter().flatten();
        let read = files.filter(|(path, file)| file.is_ok() && has_ending(path, ARTWORK));
        read.map(|(path, _)| path.as_str())
    }

    /// The files for another process.
    pub fn send(&self) -> SentFiles {
        match self {
            Files::Folder(files) => SentFiles::Folder(sent_folder(files)),
            Files::Builtin(builtin) => SentFiles::Builtin(builtin.name.to_owned()),
            Files::Kept(KeptFiles { files, prelude, fonts }) => {
                let fonts = fonts.as_ref().map(|fonts| fonts.iter().map(|font| font.to_vec()).collect());
                SentFiles::Kept(sent_folder(files), prelude.to_vec(), fonts)
            }
        }
    }

    /// The files that another process sent; `None` if it names a built-in template that there is not.
    pub fn received(sent: SentFiles) -> Option<Files> {
        match sent {
            SentFiles::Folder(files) => Some(Files::Folder(received_folder(files))),
            SentFiles::Builtin(name) => builtin::find(&name).map(Files::Builtin),
            SentFiles::Kept(files, prelude, fonts) => Some(Files::Kept(KeptFiles {
                files: received_folder(files),
                prelude: Bytes::new(prelude),
                fonts: fonts.map(|fonts| fonts.into_iter().map(Bytes::new).collect()),
            })),
        }
    }
}

fn sent_folder(files: &BTreeMap<String, FolderFile>) -> SentFolder {
    let sent = |(path, file): (&String, &FolderFile)| {
        (path.clone(), file.as_ref().map(|bytes| bytes.to_vec()).map_err(String::clone))
    };
    files.iter().map(sent).collect()
}

fn received_folder(files: SentFolder) -> BTreeMap<String, FolderFile> {
    files.into_iter().map(|(path, file)| (path, file.map(Bytes::new))).collect()
}
