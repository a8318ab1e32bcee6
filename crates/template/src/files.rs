//! The files of a template: a folder of the bureau, or one built into the program.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::builtin;

/// The prelude's path inside the closed world of a template.
pub(super) const PRELUDE_PATH: &str = "pli.typ";
/// The prelude itself.
pub(super) const PRELUDE: &str = include_str!("pli.typ");

/// A template's files, read on demand.
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
        let name = template.strip_prefix("templates").unwrap_or(template).to_str()?;
        builtin::TEMPLATES.iter().find(|builtin| builtin.name == name).map(Files::Builtin)
    }

    /// The bytes of a file inside the template's folder.
    ///
    /// # Errors
    /// An I/O error if there is no such file, if it lies outside the folder, or if it can't be read.
    pub fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        match self {
            Files::Folder(folder) => {
                let (root, file) = (fs_err::canonicalize(folder)?, fs_err::canonicalize(folder.join(path))?);
                let outside =
                    || std::io::Error::other(format!("`{path}` lies outside the template's folder"));
                if file.starts_with(&root) { fs_err::read(file) } else { Err(outside()) }
            }
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

    /// SHA-256 of all files and of the prelude, which names the template's version.
    ///
    /// # Errors
    /// The I/O error of a file or folder that can't be read.
    pub fn digest(&self) -> std::io::Result<String> {
        let mut digest = Sha256::new_with_prefix(PRELUDE);
        let mut add = |name: &str, bytes: &[u8]| {
            digest.update((name.len() as u64).to_be_bytes());
            digest.update(name);
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        match self {
            Files::Folder(folder) => {
                for path in files_below(folder)? {
                    let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                    add(&name, &fs_err::read(&path)?);
                }
            }
            Files::Builtin(builtin) => {
                let mut files: Vec<_> = builtin.files.iter().collect();
                files.sort_unstable_by_key(|(name, _)| *name);
                files.iter().for_each(|(name, bytes)| add(name, bytes));
            }
        }
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The fonts in the folder, in the order of their names.
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

/// All files below a folder, in the order of their paths.
fn files_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
