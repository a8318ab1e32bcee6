//! A PDF that is parsed once for all who read it: to parse one of 2000 pages takes as long as to read what 500 of them show.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_syntax::Pdf;

use super::ShowFault;

/// A PDF in memory, parsed. Clones share it.
#[derive(Clone)]
pub struct OpenFile {
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) pdf: Arc<Pdf>,
}

impl OpenFile {
    /// Parses a file.
    ///
    /// # Errors
    /// [`ShowFault::File`] if it is no PDF, damaged or encrypted.
    pub fn new(bytes: Arc<Vec<u8>>) -> Result<OpenFile, ShowFault> {
        // A parser that panics on a damaged file must not end the program.
        let parsed = catch_unwind(AssertUnwindSafe(|| Pdf::new(Arc::clone(&bytes))));
        let pdf = parsed.ok().and_then(Result::ok).ok_or(ShowFault::File)?;
        Ok(OpenFile { bytes, pdf: Arc::new(pdf) })
    }

    /// What was parsed.
    pub fn pdf(&self) -> &Arc<Pdf> {
        &self.pdf
    }
}
