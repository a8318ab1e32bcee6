//! Where a template's files come from: a folder of the bureau's, or one built into the program.

use std::path::{Path, PathBuf};

use super::builtin;

/// The prelude's path inside the closed world of a template.
pub(super) const PRELUDE_PATH: &str = "pli.typ";
/// The prelude itself.
pub(super) const PRELUDE: &str = include_str!("pli.typ");

/// A template's files, read as they are asked for.
#[derive(Debug, Clone)]
pub(super) enum Files {
    Folder(PathBuf),
    Builtin(&'static builtin::BuiltinTemplate),
}

impl Files {
    /// A folder, or the name of a built-in template (`card-letter`, also written `templates/card-letter`).
    pub fn find(template: &Path) -> Option<Files> {
        if template.is_dir() {
            return Some(Files::Folder(template.to_owned()));
        }
        let name = template.file_name()?.to_str()?;
        builtin::TEMPLATES.iter().find(|builtin| builtin.name == name).map(Files::Builtin)
    }

    /// The bytes of a file inside the template's folder.
    pub fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        match self {
            Files::Folder(folder) => fs_err::read(folder.join(path)),
            Files::Builtin(builtin) => builtin
                .files
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, bytes)| bytes.to_vec())
                .ok_or_else(|| {
                    std::io::Error::new(std::io::ErrorKind::NotFound, format!("no file `{path}`"))
                }),
        }
    }

    /// The fonts lying in the folder, in the order of their names.
    pub fn fonts(&self) -> Vec<Vec<u8>> {
        let Files::Folder(folder) = self else { return Vec::new() };
        let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        let is_font = |path: &PathBuf| {
            path.extension().and_then(|e| e.to_str()).is_some_and(|e| matches!(e, "ttf" | "otf" | "ttc"))
        };
        paths.into_iter().filter(is_font).filter_map(|path| fs_err::read(path).ok()).collect()
    }
}
