//! Where inputs and outputs lie: in folders, or in an object store that a URL names.
//!
//! URLs are read from the job file; bucket and key stay as written. Credentials come from a file or the environment; a URL that holds
//! one is refused, and the error does not repeat it.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// The schemes of object stores: S3, Google Cloud Storage, Azure.
const SCHEMES: [&str; 6] = ["s3", "s3a", "gs", "az", "abfs", "abfss"];
/// The schemes whose bucket may be written `container@account`.
const AZURE: [&str; 3] = ["az", "abfs", "abfss"];

/// A URL that names no object store. Never repeats what stands before an `@`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ObjectUrlFault(String);

/// A URL in an object store: `s3://bucket/key`, `gs://bucket/key`, `az://container/key`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectUrl {
    /// Scheme and bucket, such as `s3://bucket`.
    root: String,
    /// The key, without a slash at either end. Nothing in it is percent-encoded.
    key: String,
}

impl ObjectUrl {
    /// Reads a URL; `None` for a text that is a path.
    pub(crate) fn parse(text: &str) -> Option<Result<ObjectUrl, ObjectUrlFault>> {
        let (scheme, rest) = text.split_once("://")?;
        let is_scheme = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_scheme.then(|| ObjectUrl::after_scheme(scheme, rest))
    }

    fn after_scheme(scheme: &str, rest: &str) -> Result<ObjectUrl, ObjectUrlFault> {
        let fault = |text: &str| Err(ObjectUrlFault(text.to_owned()));
        let scheme = scheme.to_ascii_lowercase();
        if !SCHEMES.contains(&scheme.as_str()) {
            return fault(
                "no such object store; write a path, or a URL that begins with s3://, gs://, az:// or abfss://",
            );
        }
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let before_host = bucket.split_once('@').map(|(user, _)| user);
        if before_host.is_some_and(|user| user.contains(':') || !AZURE.contains(&scheme.as_str())) {
            return fault(
                "the URL holds a user or a password; leave it out, credentials come from a file or the environment (docs/object-stores.md)",
            );
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@$".contains(&byte);
        if bucket.is_empty() || !bucket.bytes().all(plain) {
            return fault("the bucket's name is missing, or no name; write such as s3://bucket/folder");
        }
        let key = key.trim_matches('/');
        if key.contains("//") {
            return fault(
                "keys with an empty part (`//`) can't be read; copy the objects to keys without one, or write the key without it where it was mistyped",
            );
        }
        if key.split('/').any(|part| part == "." || part == "..") {
            return fault("keys with a part `.` or `..` can't be read; copy the objects to keys without one");
        }
        Ok(ObjectUrl { root: format!("{scheme}://{bucket}"), key: key.to_owned() })
    }

    /// Scheme and bucket, such as `s3://bucket`.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The key within the bucket; empty for the bucket itself.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The URL of another key in the same bucket.
    #[must_use]
    pub(crate) fn with_key(&self, key: &str) -> ObjectUrl {
        ObjectUrl { root: self.root.clone(), key: key.to_owned() }
    }

    /// The URL with a part appended to its key.
    #[must_use]
    pub(crate) fn join(&self, part: &str) -> ObjectUrl {
        let key = [self.key.as_str(), part].into_iter().filter(|part| !part.is_empty());
        self.with_key(&key.collect::<Vec<_>>().join("/"))
    }
}

impl fmt::Display for ObjectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.root, self.key)
    }
}

/// Where the nights go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum OutputLocation {
    /// A folder, relative to the job file's.
    Folder(PathBuf),
    /// An object store.
    Objects(ObjectUrl),
}

impl TryFrom<String> for OutputLocation {
    type Error = ObjectUrlFault;

    fn try_from(text: String) -> Result<OutputLocation, ObjectUrlFault> {
        match ObjectUrl::parse(&text) {
            Some(url) => url.map(OutputLocation::Objects),
            None => Ok(OutputLocation::Folder(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        ObjectUrl::parse(text).expect("a URL").expect_err(text).to_string()
    }

    #[test]
    fn what_has_no_scheme_is_a_path() {
        for text in ["out", "/srv/out", "C:\\out", "in:box/cards*.csv", "a b://c"] {
            assert_eq!(ObjectUrl::parse(text), None, "{text}");
        }
        assert_eq!(OutputLocation::try_from("out".to_owned()), Ok(OutputLocation::Folder("out".into())));
    }

    #[test]
    fn bucket_and_key_are_told_apart_and_shown_as_written() {
        let url = |text| ObjectUrl::parse(text).expect("a URL").expect("a good one");
        let nights = url("s3://bureau/out/nights/");
        assert_eq!((nights.root(), nights.key()), ("s3://bureau", "out/nights"));
        assert_eq!(nights.join("2026-11-20").to_string(), "s3://bureau/out/nights/2026-11-20");
        assert_eq!(url("gs://bureau").join("run.json").to_string(), "gs://bureau/run.json");
        let azure = url("abfss://mail@account.dfs.core.windows.net/in/cards*.csv");
        assert_eq!(azure.root(), "abfss://mail@account.dfs.core.windows.net");
        assert_eq!(azure.key(), "in/cards*.csv");
    }

    #[test]
    fn a_credential_in_a_url_is_refused_and_not_repeated() {
        for text in ["s3://AKIA:zpqm@bureau/out", "s3://zpqm@bureau/out", "az://mail:zpqm@account/out"] {
            let message = refused(text);
            assert!(message.contains("environment") && !message.contains("zpqm"), "{message}");
        }
    }

    #[test]
    fn other_schemes_and_odd_keys_are_refused() {
        for (text, word) in [
            ("https://host/out", "s3://"),
            ("ftp://host/out", "s3://"),
            ("s3:///out", "bucket"),
            ("s3://bu*/out", "bucket"),
            ("s3://bureau/a/../b", "`..`"),
            ("s3://bureau/a//b", "empty part"),
        ] {
            assert!(refused(text).contains(word), "{text}: {}", refused(text));
        }
    }
}
