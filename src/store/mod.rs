//! Object stores: S3, Google Cloud Storage and Azure, as a night uses them.
//!
//! Finds the objects that a pattern names, reads them, and puts files into a bucket. URLs come from the job, credentials
//! from files, and from the environment variables that the `object_store` crate documents. Asynchronous work stays in this module, on one
//! thread. [`Bucket::add`] never overwrites other bytes; every upload is read back; credentials are never repeated.

mod bucket;
mod connection;
mod credentials;
mod fault;
#[cfg(test)]
mod tests;

pub(crate) use bucket::{Bucket, Object};
pub(crate) use fault::StoreError;
