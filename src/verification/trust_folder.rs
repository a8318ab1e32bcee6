//! The trust folder of a verification.

use std::path::Path;

use twoddoc::trust::TrustStore;

use crate::authorities::{self, FetchOutcome};
use crate::failure::Failure;

/// A trust folder that was read.
#[derive(Default)]
pub(crate) struct OpenTrust {
    /// What is trusted.
    pub trust: TrustStore,
    /// What came of each address, where the folder was refreshed first.
    pub fetched: Vec<FetchOutcome>,
}

/// Reads a trust folder, and with `fetch` first downloads what its authorities publish. Damaged files are logged; the others
/// count.
///
/// # Errors
/// `trust_folder`: the folder can't be read; `trust_no_list`, `trust_lists_contested`: there is nobody to fetch from.
pub(crate) fn open_trust_folder(folder: &Path, fetch: bool) -> Result<OpenTrust, Failure> {
    let fetched = if fetch { authorities::fetch(folder)? } else { Vec::new() };
    let trust = TrustStore::read(folder).map_err(|error| {
        let advice = error.advice().unwrap_or("give the folder that holds certificates, keys and lists");
        Failure::usage("trust_folder", error.to_string()).with_advice(advice).caused_by(error)
    })?;
    for fault in trust.faults() {
        tracing::warn!(code = "trust_file", "{fault}");
    }
    for note in trust.trust_list_notes() {
        tracing::info!("{note}");
    }
    for skipped in trust.skipped() {
        match skipped.notable {
            true => tracing::warn!(code = "trust_not_used", "{skipped}"),
            false => tracing::info!("{skipped}"),
        }
    }
    Ok(OpenTrust { trust, fetched })
}
