//! A bucket: its objects are found by pattern or key, and files are put into it.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt;
use object_store::path::Path as Key;
use object_store::{
    Error, GetOptions, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, WriteMultipart,
};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

use super::StoreError;
use super::connection::connect;
use crate::files::{hexadecimal, sha256_of_file};
use crate::job::ObjectUrl;

/// The largest file that is put in one request, in bytes. The store refuses it where there is an object already.
pub(super) const WHOLE: u64 = 16 << 20;
/// Bytes of a part of a larger file.
const PART: usize = 8 << 20;
/// Parts that are uploaded at the same time.
const PARTS_AT_ONCE: usize = 4;

/// A bucket, or a folder in one. The names of its objects are relative to it.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    url: ObjectUrl,
    store: Arc<dyn ObjectStore>,
    runtime: Arc<Runtime>,
}

/// An object that was found.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    bucket: Bucket,
    url: ObjectUrl,
    meta: ObjectMeta,
}

impl Bucket {
    /// The bucket or folder of a URL, with the store's settings from the environment. Sends no request yet.
    ///
    /// # Errors
    /// [`StoreError::Setup`]: settings are missing or contradict each other.
    pub(crate) fn open(url: &ObjectUrl) -> Result<Bucket, StoreError> {
        Bucket::of(url, connect(url)?)
    }

    pub(super) fn of(url: &ObjectUrl, store: Arc<dyn ObjectStore>) -> Result<Bucket, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Bucket { url: url.clone(), store, runtime: Arc::new(runtime) })
    }

    /// Lists the first object, to learn whether the bucket exists and may be read.
    ///
    /// # Errors
    /// Store errors.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let prefix = key(&self.url)?;
        let first = self.runtime.block_on(async { self.store.list(Some(&prefix)).next().await });
        first.transpose().map(drop).map_err(|error| StoreError::of(&self.url, &error))
    }

    /// The objects that the URL names, in the order of their keys. With `*`, `?` or `[` it is a pattern, otherwise one
    /// object. A `*` does not match a `/`.
    ///
    /// # Errors
    /// [`StoreError::Setup`]: a wrong pattern, or no such object; other store errors.
    pub(crate) fn find(&self) -> Result<Vec<Object>, StoreError> {
        let pattern = self.url.key();
        let Some(wild) = pattern.find(['*', '?', '[']) else {
            let meta = self.runtime.block_on(self.store.head(&key(&self.url)?));
            return Ok(vec![self.object(meta.map_err(|error| StoreError::of(&self.url, &error))?)]);
        };
        let matcher = glob::Pattern::new(pattern).map_err(|error| StoreError::Setup {
            url: self.url.clone(),
            reason: error.to_string(),
            advice: "correct the pattern in the job",
        })?;
        let folder = pattern[..wild].rsplit_once('/').map_or("", |(folder, _)| folder);
        let prefix = key(&self.url.with_key(folder))?;
        let listed = self.runtime.block_on(async {
            let mut found = Vec::new();
            let mut listing = self.store.list(Some(&prefix));
            while let Some(meta) = listing.next().await {
                found.push(meta.map_err(|error| StoreError::of(&self.url, &error))?);
            }
            Ok::<_, StoreError>(found)
        })?;
        let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
        let matches = |meta: &ObjectMeta| matcher.matches_with(meta.location.as_ref(), options);
        let mut found: Vec<ObjectMeta> = listed.into_iter().filter(matches).collect();
        self.drop_folder_markers(&mut found)?;
        found.sort_by(|one, other| one.location.cmp(&other.location));
        Ok(found.into_iter().map(|meta| self.object(meta)).collect())
    }

    /// Drops the markers of folders: empty objects whose keys end in `/`. They are listed without it, and no object has the
    /// key that is left.
    fn drop_folder_markers(&self, found: &mut Vec<ObjectMeta>) -> Result<(), StoreError> {
        let mut markers = Vec::new();
        for meta in found.iter().filter(|meta| meta.size == 0) {
            match self.runtime.block_on(self.store.head(&meta.location)) {
                Err(Error::NotFound { .. }) => markers.push(meta.location.clone()),
                head => drop(head.map_err(|error| StoreError::of(&self.url, &error))?),
            }
        }
        found.retain(|meta| !markers.contains(&meta.location));
        Ok(())
    }

    fn object(&self, meta: ObjectMeta) -> Object {
        Object { url: self.url.with_key(meta.location.as_ref()), bucket: self.clone(), meta }
    }

    /// Whether there is an object of this name.
    ///
    /// # Errors
    /// Store errors.
    pub(crate) fn holds(&self, name: &str) -> Result<bool, StoreError> {
        let url = self.url.join(name);
        match self.runtime.block_on(self.store.head(&key(&url)?)) {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(StoreError::of(&url, &error)),
        }
    }

    /// SHA-256 of an object, in hexadecimal; `None` where there is none. Reads the whole object.
    ///
    /// # Errors
    /// Store errors.
    pub(crate) fn digest(&self, name: &str) -> Result<Option<String>, StoreError> {
        let url = self.url.join(name);
        let location = key(&url)?;
        let mut digest = DigestWriter::default();
        let read = self.runtime.block_on(async {
            let found = match self.store.get(&location).await {
                Err(Error::NotFound { .. }) => return Ok(None),
                found => found.map_err(|error| StoreError::of(&url, &error))?,
            };
            copy(found, &url, &mut digest).await.map(Some)
        })?;
        Ok(read.map(|_| digest.hexadecimal()))
    }

    /// The bytes of an object of at most `limit` bytes; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError::Setup`]: the object is larger; other store errors.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let url = self.url.join(name);
        let location = key(&url)?;
        let mut bytes = Vec::new();
        let read = self.runtime.block_on(async {
            let found = match self.store.get(&location).await {
                Err(Error::NotFound { .. }) => return Ok(None),
                found => found.map_err(|error| StoreError::of(&url, &error))?,
            };
            if found.meta.size > limit {
                let reason = format!("the object is larger than {limit} bytes");
                let advice = "is it an object of this program? restore it from a backup";
                return Err(StoreError::Setup { url: url.clone(), reason, advice });
            }
            copy(found, &url, &mut bytes).await.map(Some)
        })?;
        Ok(read.map(|_| bytes))
    }

    /// Puts a file where no object is, and reads it back. An object with the same bytes is left as it is.
    ///
    /// # Errors
    /// [`StoreError::Foreign`]: there is an object with other bytes; [`StoreError::Spoilt`]: other bytes are read back; I/O and
    /// other store errors.
    pub(crate) fn add(&self, file: &Path, name: &str) -> Result<(), StoreError> {
        let foreign = || StoreError::Foreign { url: self.url.join(name) };
        let expected = sha256_of_file(file)?;
        match self.digest(name)? {
            Some(found) if found == expected => return Ok(()),
            Some(_) => return Err(foreign()),
            None => {}
        }
        if self.put(file, name, PutMode::Create)? == Put::Exists {
            // It may be this very file, from an attempt whose answer was lost.
            return if self.digest(name)? == Some(expected) { Ok(()) } else { Err(foreign()) };
        }
        self.confirm(name, &expected)
    }

    /// Puts a file, replaces an object of that name, and reads it back.
    ///
    /// # Errors
    /// [`StoreError::Spoilt`]: other bytes are read back; I/O and other store errors.
    pub(crate) fn replace(&self, file: &Path, name: &str) -> Result<(), StoreError> {
        self.put(file, name, PutMode::Overwrite)?;
        self.confirm(name, &sha256_of_file(file)?)
    }

    /// Removes an object; there may be none.
    ///
    /// # Errors
    /// Store errors.
    pub(crate) fn remove(&self, name: &str) -> Result<(), StoreError> {
        let url = self.url.join(name);
        match self.runtime.block_on(self.store.delete(&key(&url)?)) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(StoreError::of(&url, &error)),
        }
    }

    fn confirm(&self, name: &str, expected: &str) -> Result<(), StoreError> {
        match self.digest(name)? {
            Some(found) if found == expected => Ok(()),
            _ => Err(StoreError::Spoilt { url: self.url.join(name) }),
        }
    }

    fn put(&self, file: &Path, name: &str, mode: PutMode) -> Result<Put, StoreError> {
        let url = self.url.join(name);
        let location = key(&url)?;
        let mut input = fs_err::File::open(file)?;
        let put = match input.metadata()?.len() > WHOLE {
            true => self.runtime.block_on(self.put_parts(&mut input, &location)),
            false => {
                let mut bytes = Vec::new();
                input.read_to_end(&mut bytes)?;
                self.runtime.block_on(self.put_whole(bytes.into(), &location, mode))
            }
        };
        match put {
            Ok(()) => Ok(Put::New),
            Err(PutError::Store(Error::AlreadyExists { .. } | Error::Precondition { .. })) => Ok(Put::Exists),
            Err(PutError::Store(error)) => Err(StoreError::of(&url, &error)),
            Err(PutError::Io(error)) => Err(error.into()),
        }
    }

    async fn put_whole(
        &self,
        bytes: object_store::PutPayload,
        location: &Key,
        mode: PutMode,
    ) -> Result<(), PutError> {
        match self.store.put_opts(location, bytes.clone(), mode.into()).await {
            // The store knows no conditional requests: `add` has just asked whether there is an object.
            Err(Error::NotImplemented { .. }) => drop(self.store.put(location, bytes).await?),
            put => drop(put?),
        }
        Ok(())
    }

    /// Uploads a file in parts. No store does that on a condition: `add` has just asked whether there is an object.
    async fn put_parts(&self, input: &mut fs_err::File, location: &Key) -> Result<(), PutError> {
        let upload = self.store.put_multipart(location).await?;
        let mut parts = WriteMultipart::new_with_chunk_size(upload, PART);
        match write_parts(input, &mut parts).await {
            Ok(()) => drop(parts.finish().await?),
            Err(error) => {
                let _ = parts.abort().await;
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Object {
    /// Its URL.
    pub(crate) fn url(&self) -> &ObjectUrl {
        &self.url
    }

    /// Its size when it was listed, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.meta.size
    }

    /// Removes it.
    ///
    /// # Errors
    /// Store errors.
    pub(crate) fn remove(&self) -> Result<(), StoreError> {
        let Bucket { store, runtime, .. } = &self.bucket;
        match runtime.block_on(store.delete(&self.meta.location)) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(StoreError::of(&self.url, &error)),
        }
    }

    /// Writes its bytes to `out`, as they were when it was found.
    ///
    /// # Errors
    /// [`StoreError::Changed`]: the object has changed or gone since; I/O errors of `out`; other store errors.
    pub(crate) fn fetch(&self, out: &mut dyn Write) -> Result<(), StoreError> {
        let changed = || StoreError::Changed { url: self.url.clone() };
        let options = GetOptions { if_match: self.meta.e_tag.clone(), ..GetOptions::default() };
        let Bucket { store, runtime, .. } = &self.bucket;
        let read = runtime.block_on(async {
            let found = match store.get_opts(&self.meta.location, options).await {
                Err(Error::NotFound { .. } | Error::Precondition { .. }) => return Err(changed()),
                found => found.map_err(|error| StoreError::of(&self.url, &error))?,
            };
            copy(found, &self.url, out).await
        })?;
        if read == self.meta.size { Ok(()) } else { Err(changed()) }
    }
}

/// The outcome of putting a file.
#[derive(Debug, PartialEq, Eq)]
enum Put {
    New,
    /// Nothing was put: there is an object already.
    Exists,
}

/// Why a file was not put.
enum PutError {
    Store(Error),
    Io(io::Error),
}

impl From<Error> for PutError {
    fn from(error: Error) -> PutError {
        PutError::Store(error)
    }
}

async fn write_parts(input: &mut fs_err::File, parts: &mut WriteMultipart) -> Result<(), PutError> {
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = input.read(&mut buffer).map_err(PutError::Io)?;
        if read == 0 {
            return Ok(());
        }
        parts.wait_for_capacity(PARTS_AT_ONCE).await?;
        parts.write(&buffer[..read]);
    }
}

/// Writes a response to `out` and returns the number of bytes.
async fn copy(found: GetResult, url: &ObjectUrl, out: &mut dyn Write) -> Result<u64, StoreError> {
    let mut stream = found.into_stream();
    let mut read = 0;
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(|error| StoreError::of(url, &error))?;
        out.write_all(&bytes)?;
        read += bytes.len() as u64;
    }
    Ok(read)
}

fn key(url: &ObjectUrl) -> Result<Key, StoreError> {
    Key::parse(url.key()).map_err(|error| StoreError::Setup {
        url: url.clone(),
        reason: error.to_string(),
        advice: "write another key",
    })
}

/// Hashes the bytes that are written to it.
#[derive(Default)]
struct DigestWriter(Sha256);

impl DigestWriter {
    fn hexadecimal(self) -> String {
        hexadecimal(self.0.finalize())
    }
}

impl Write for DigestWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
