//! A file of a night, on this machine or in an object store, and the signature beside it.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use foreign::{UnreadableFile, legible};

use super::inbox;
use super::record_file::{Copies, RecordFile};
use crate::failure::Failure;
use crate::files::{sha256_of_file, sha256_of_reader};
use crate::job::{Job, ObjectUrl};
use crate::signers::{MAX_SIGNATURE_SIZE, SignatureForm};
use crate::store::{Bucket, Object, StoreError};

/// A file of a night: on this machine or in an object store.
pub(super) enum Source {
    /// On this machine.
    File(PathBuf),
    /// In an object store.
    Object(Object),
}

/// The name of a file that arrived, and where it and its signature are.
pub(super) struct Arrival {
    /// Its name without its folder.
    pub(super) name: String,
    /// Its path or URL, legible.
    pub(super) shown: String,
    location: Location,
}

enum Location {
    Path(PathBuf),
    Url(ObjectUrl),
}

impl Source {
    /// Opens it as a record file; an object is copied.
    ///
    /// # Errors
    /// I/O and store errors.
    pub(super) fn record_file(self, job: &Job, copies: &mut Option<Copies>) -> Result<RecordFile, Failure> {
        match self {
            Source::File(path) => Ok(RecordFile::at(path, &job.path(""))),
            Source::Object(object) => {
                let copies = match copies {
                    Some(copies) => copies,
                    none => none.insert(Copies::create_in(&job.scratch())?),
                };
                Ok(copies.add(object.url().to_string(), |out| object.fetch(out))?)
            }
        }
    }

    /// SHA-256 of its bytes.
    ///
    /// # Errors
    /// I/O and store errors.
    pub(super) fn digest(&self) -> Result<String, Failure> {
        match self {
            Source::File(path) => Ok(sha256_of_file(path)?),
            Source::Object(object) => {
                let mut bytes = Vec::new();
                object.fetch(&mut bytes)?;
                Ok(sha256_of_reader(&bytes[..])?)
            }
        }
    }

    /// Its name and location.
    pub(super) fn arrival(&self) -> Arrival {
        match self {
            Source::File(path) => Arrival::at(path.clone()),
            Source::Object(object) => {
                let url = object.url().clone();
                let name = url.key().rsplit('/').next().unwrap_or_default().to_owned();
                Arrival { name, shown: legible(&url.to_string()).into_owned(), location: Location::Url(url) }
            }
        }
    }

    /// What tells it from every other: its path or URL.
    fn location(&self) -> OsString {
        match self {
            Source::File(path) => path.clone().into_os_string(),
            Source::Object(object) => object.url().to_string().into(),
        }
    }
}

impl Arrival {
    /// A file of this machine.
    pub(super) fn at(path: PathBuf) -> Arrival {
        Arrival {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            shown: legible(&path.display().to_string()).into_owned(),
            location: Location::Path(path),
        }
    }

    /// The signature beside it; `None` where there is none.
    ///
    /// # Errors
    /// `signature_unreadable`; store errors.
    pub(super) fn signature(&self) -> Result<Option<(SignatureForm, Vec<u8>)>, Failure> {
        for form in SignatureForm::ALL {
            let found = match &self.location {
                Location::Path(path) => read_beside(path, form)?,
                Location::Url(url) => {
                    let beside = url.with_key(&format!("{}{}", url.key(), form.ending()));
                    Bucket::open(&beside)?.read("", MAX_SIGNATURE_SIZE)?
                }
            };
            if let Some(bytes) = found {
                return Ok(Some((form, bytes)));
            }
        }
        Ok(None)
    }
}

/// The bytes of a file's signature on this machine; `None` where there is none.
fn read_beside(path: &Path, form: SignatureForm) -> Result<Option<Vec<u8>>, Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(form.ending());
    let beside = PathBuf::from(beside);
    if beside.symlink_metadata().is_err() {
        return Ok(None);
    }
    let unreadable = |error: UnreadableFile| {
        Failure::refused("signature_unreadable", error.to_string())
            .in_file(&error.file)
            .with_advice("check its permissions, or fetch the signature again")
            .caused_by(error)
    };
    foreign::read(&beside, MAX_SIGNATURE_SIZE).map(Some).map_err(unreadable)
}

/// The files that the patterns of a key of `input` match, each once, in the order of patterns and names.
///
/// # Errors
/// `input_*`; store errors.
pub(super) fn expand(job: &Job, patterns: &[String], key: &str) -> Result<Vec<Source>, Failure> {
    let mut unique: Vec<Source> = Vec::new();
    let mut known = HashSet::new();
    let mut folders = HashMap::new();
    for pattern in patterns {
        let found = match ObjectUrl::parse(pattern) {
            None => inbox::files(job, pattern, key)?.into_iter().map(Source::File).collect(),
            Some(url) => objects(&url.map_err(|fault| Failure::usage("input_pattern", fault.to_string()))?)?,
        };
        unique.extend(found.into_iter().filter(|source| known.insert(place(source, &mut folders))));
    }
    Ok(unique)
}

/// Where a source is, however its pattern spells the folder. A link to a file has a place of its own.
fn place(source: &Source, folders: &mut HashMap<PathBuf, PathBuf>) -> OsString {
    let Source::File(path) = source else { return source.location() };
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return source.location() };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let real = |folder: &Path| fs_err::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    folders.entry(folder.to_owned()).or_insert_with(|| real(folder)).join(name).into_os_string()
}

/// The objects that a URL's pattern matches, without signatures.
fn objects(url: &ObjectUrl) -> Result<Vec<Source>, StoreError> {
    let found = Bucket::open(url)?.find()?.into_iter();
    Ok(found.filter(|object| !inbox::is_companion(object.url().key())).map(Source::Object).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_patterns_spell_differently_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir(folder.path().join("inbox")).unwrap();
        fs_err::write(folder.path().join("inbox/cards.csv"), "x").unwrap();
        let cards = r#"["inbox/cards.csv", "./inbox/*.csv", "inbox/../inbox/cards.csv"]"#;
        let text = format!("[bureau]\nname = \"B\"\n[input]\ncards = {cards}\n");
        let file = folder.path().join("job.toml");
        fs_err::write(&file, text).unwrap();
        let job = Job::load(&file).unwrap();
        assert_eq!(expand(&job, &job.input().cards, "cards").unwrap().len(), 1);
    }
}
