//! Whose signatures a returned letter may bear: the job's own key, the keys that it replaced, and what a folder adds.

use std::path::Path;

use twoddoc::trust::TrustStore;

use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::vault::KeyRegister;
use crate::verification::open_trust_folder;

/// The folder of the public keys and certificates of earlier signing keys, in the job's folder.
const FOLDER: &str = "keys/trust";
/// The largest public key that is read, in bytes.
const MAX_SIZE: u64 = 16 << 10;

/// What a job trusts: the public half of its signing key where it lies in a file, the keys of its register on their days, and
/// `keys/trust` or the folder that is named in its place.
///
/// # Errors
/// `trust_folder`: the folder that is named, or `keys/trust`, can't be read; those of the register.
pub(crate) fn trusted(job: &Job, named: Option<&Path>) -> Result<TrustStore, Failure> {
    let own = job.path(FOLDER);
    let mut trust = match named.or(own.is_dir().then_some(own.as_path())) {
        Some(folder) => open_trust_folder(folder, false)?.trust,
        None => TrustStore::default(),
    };
    if let KeyLocation::File(file) = job.letters().key {
        let public = file.with_extension("pub");
        match foreign::read(&public, MAX_SIZE) {
            Ok(bytes) => trust.add(&public.display().to_string(), &bytes),
            Err(error) if error.error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(
                code = "public_key_unreadable",
                "{error}: blocks that this key signed are not verified"
            ),
        }
    }
    for key in KeyRegister::of_job(job)?.keys() {
        if let Some(lines) = key.trust_lines() {
            trust.add("keys/register.toml", lines.as_bytes());
        }
    }
    if trust.is_empty() {
        tracing::warn!(
            code = "no_public_key",
            "no public key of this job was found, so no signed block can be verified: put the public half of its signing key into `{FOLDER}`"
        );
    }
    Ok(trust)
}
