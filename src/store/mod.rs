//! Object stores: S3, Google Cloud Storage and Azure, as a night uses them.
//!
//! Takes URLs of the job, and credentials from the environment variables that the `object_store` crate documents. Gives
//! the objects that a pattern names, their bytes once, and puts files where there are none. Asynchronous work stays in
//! here, on one thread. Never writes over an object whose bytes are others unless it is told to replace it, never trusts
//! an upload that it has not read back, never repeats a credential.

mod bucket;
mod connection;
mod fault;
#[cfg(test)]
mod tests;

pub use bucket::{Bucket, Object};
pub use fault::StoreError;
