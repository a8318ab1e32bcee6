//! Object stores: S3, Google Cloud Storage and Azure, as a night uses them.
//!
//! Takes URLs of the job, and credentials from the environment variables that the `object_store` crate documents. Gives
//! the objects that a pattern names, their bytes once, and puts files where there are none. Asynchronous work stays in
//! here, on one thread. Never writes over an object whose bytes are others unless it is told to replace it, never trusts
//! an upload that it has not read back, never repeats a credential.

#[cfg(feature = "cloud")]
mod bucket;
#[cfg(feature = "cloud")]
mod connection;
mod fault;
#[cfg(any(not(feature = "cloud"), test))]
#[cfg_attr(all(feature = "cloud", test), allow(dead_code))]
mod no_cloud;
#[cfg(feature = "cloud")]
#[cfg(test)]
mod tests;

#[cfg(not(feature = "cloud"))]
use no_cloud as bucket;

pub use bucket::{Bucket, Object};
pub use fault::StoreError;
