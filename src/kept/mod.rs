//! Templates that were released, each version kept whole for ever: its files, the prelude and fonts of the program that
//! laid it out, and what the job said of its pages. A piece is composed again from these, never from today's folder.
//!
//! A version lies in a folder of its own below `kept/templates/`, whose name is the SHA-256 of all that is in it.

mod facts;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use print_file::OutputIntent;
use sha2::{Digest, Sha256};
use template::Template;

use crate::failure::Failure;
use crate::files::{hexadecimal, private_folder, remove_folder, sync_folders};
use crate::job::Job;

pub(crate) use facts::KeptFacts;

/// The file of the facts.
const FACTS: &str = "facts.json";
/// The file of the press's profile, where the job names one.
const PROFILE: &str = "output-intent.icc";
/// The prefix of the name of a folder that is being written.
const PARTIAL: &str = ".";

/// The largest file of a kept version, in bytes.
const MAX_FILE_SIZE: u64 = 32 << 20;
/// The most that a kept version has, in bytes: a template's limit, the program's fonts and a profile.
const MAX_TOTAL_SIZE: usize = 192 << 20;

/// A version of a template with all that its pages depend on, except the records, numbers and keys.
#[derive(Debug, Clone)]
pub(crate) struct KeptTemplate {
    id: String,
    facts: KeptFacts,
    /// The template's parts, the facts and the profile, by path.
    parts: BTreeMap<String, Vec<u8>>,
}

impl KeptTemplate {
    /// What is to be kept of a job's template. `profile` is the ICC profile of the job's press.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn of(
        job: &Job,
        template: &Template,
        profile: Option<Vec<u8>>,
    ) -> Result<KeptTemplate, Failure> {
        let facts = KeptFacts::of(job, template);
        let mut parts = template.parts();
        parts.insert(FACTS.to_owned(), serde_json::to_vec_pretty(&facts).map_err(io::Error::from)?);
        parts.extend(profile.map(|profile| (PROFILE.to_owned(), profile)));
        Ok(KeptTemplate { id: digest(&parts), facts, parts })
    }

    /// Its identifier: SHA-256 over all of it, in hexadecimal.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What the job said of its pages.
    pub(crate) fn facts(&self) -> &KeptFacts {
        &self.facts
    }

    /// The template as it was.
    ///
    /// # Errors
    /// Template errors.
    pub(crate) fn template(&self) -> Result<Template, Failure> {
        Ok(Template::of_parts(&self.facts.template.name, &self.parts)?)
    }

    /// The output intent of its print files.
    ///
    /// # Errors
    /// `output_intent`: this program can't use the profile.
    pub(crate) fn output_intent(&self) -> Result<OutputIntent, Failure> {
        let Some(profile) = self.parts.get(PROFILE) else { return Ok(OutputIntent::uncoated()) };
        let condition = self.facts.press.output_condition.as_deref();
        OutputIntent::of_press(profile, condition)
            .map_err(|fault| Failure::usage("output_intent", fault.to_string()).with_advice(fault.advice()))
    }

    /// Writes it below `folder`, unless it is there: whole or not at all, synced, its files read-only. A damaged one is
    /// replaced. The caller holds the job's lock.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn keep(&self, folder: &Path) -> Result<(), Failure> {
        let target = folder.join(&self.id);
        let present = read(&target).is_ok_and(|parts| parts.is_some_and(|parts| digest(&parts) == self.id));
        private_folder(folder)?;
        if present {
            // A run that was killed may not have synced its name.
            return Ok(sync_folders(folder, &[])?);
        }
        let partial = folder.join(format!("{PARTIAL}{}", self.id));
        remove_folder(&partial)?;
        for (path, bytes) in &self.parts {
            write_read_only(&partial.join(path), bytes)?;
        }
        sync_folders(&partial, &self.parts.keys().cloned().collect::<Vec<_>>())?;
        if target.exists() {
            tracing::warn!(
                code = "kept_template_damaged",
                "{}: damaged; it is written anew",
                target.display()
            );
            remove_folder(&target)?;
        }
        fs_err::rename(&partial, &target)?;
        Ok(sync_folders(folder, &[])?)
    }

    /// Whether a path is that of a kept version, whatever state it is in: its name is an identifier.
    pub(crate) fn is_one(folder: &Path) -> bool {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let named = name.len() == 64 && name.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        named && !folder.join("template.toml").exists()
    }

    /// Opens a version by its folder, whose name is its identifier.
    ///
    /// # Errors
    /// `template_gone`: it is not there; `template_changed`: it holds anything else than was kept.
    pub(crate) fn open(folder: &Path) -> Result<KeptTemplate, Failure> {
        let changed = |problem: &str| {
            Failure::refused("template_changed", format!("{problem}; nothing is printed with it"))
                .in_file(folder.display())
                .with_advice("restore this folder from a backup of the job's `kept/`")
        };
        let parts =
            read(folder).map_err(|error| changed(&format!("can't be read as it was kept: {error}")))?;
        let parts = parts.ok_or_else(|| {
            Failure::refused("template_gone", "the template of these pieces is not kept here any more")
                .in_file(folder.display())
                .with_advice("restore this folder from a backup of the job's `kept/`; no other template prints these pieces")
        })?;
        let id = digest(&parts);
        if folder.file_name().and_then(|name| name.to_str()) != Some(&*id) {
            return Err(changed("holds other files than were kept"));
        }
        let facts = parts.get(FACTS).and_then(|bytes| serde_json::from_slice(bytes).ok());
        let facts = facts.ok_or_else(|| changed("has facts that this program does not know"))?;
        Ok(KeptTemplate { id, facts, parts })
    }
}

/// SHA-256 over paths and bytes, each with its length before it.
fn digest(parts: &BTreeMap<String, Vec<u8>>) -> String {
    let mut digest = Sha256::new();
    for part in parts.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes]) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hexadecimal(digest.finalize())
}

fn write_read_only(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
        private_folder(folder)?;
    }
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o400);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The files of a folder and of those in it, by path; `None` where there is no folder.
///
/// # Errors
/// I/O errors; links, and more than a kept version has.
fn read(folder: &Path) -> io::Result<Option<BTreeMap<String, Vec<u8>>>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let (mut parts, mut size) = (BTreeMap::new(), 0);
    let mut folders: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            let name =
                entry.file_name().into_string().map_err(|_| io::Error::other("a name is not UTF-8"))?;
            let (path, kind) = (format!("{prefix}{name}"), entry.file_type()?);
            if kind.is_dir() {
                folders.push((entry.path(), path + "/"));
                continue;
            }
            if !kind.is_file() {
                return Err(io::Error::other(format!("`{path}` is no file")));
            }
            let bytes = foreign::read(&entry.path(), MAX_FILE_SIZE).map_err(|unreadable| unreadable.error)?;
            size += bytes.len();
            if size > MAX_TOTAL_SIZE {
                return Err(io::Error::other("more than a template has"));
            }
            parts.insert(path, bytes);
        }
    }
    Ok(Some(parts))
}

#[cfg(test)]
mod tests;
