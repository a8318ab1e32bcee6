//! What a build without the feature `cloud` says of object stores.

use std::convert::Infallible;
use std::io::Write;
use std::path::Path;

use super::StoreError;
use crate::mail::job::ObjectUrl;

/// A bucket, which this build can't open.
#[derive(Debug, Clone)]
pub struct Bucket(Infallible);

/// An object, of which this build knows none.
#[derive(Debug, Clone)]
pub struct Object(Infallible);

impl Bucket {
    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub fn open(url: &ObjectUrl) -> Result<Bucket, StoreError> {
        Err(StoreError::Setup {
            url: url.clone(),
            reason: "this build of pli has no object stores".to_owned(),
            advice: "build one with `cargo build --release --features cloud`, or name a folder",
        })
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn check(&self) -> Result<(), StoreError> {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn find(&self) -> Result<Vec<Object>, StoreError> {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn holds(&self, _: &str) -> Result<bool, StoreError> {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn digest(&self, _: &str) -> Result<Option<String>, StoreError> {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn add(&self, _: &Path, _: &str) -> Result<(), StoreError> {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn replace(&self, _: &Path, _: &str) -> Result<(), StoreError> {
        match self.0 {}
    }
}

impl Object {
    /// Never called.
    pub fn url(&self) -> &ObjectUrl {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn fetch(&self, _: &mut dyn Write) -> Result<(), StoreError> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_to_build_one_that_has_them() {
        let url = ObjectUrl::parse("s3://bureau/out").expect("a URL").expect("a good one");
        let said = Bucket::open(&url).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.starts_with("s3://bureau/out: ") && said.contains("--features cloud"), "{said}");
    }
}
