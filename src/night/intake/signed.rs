//! Signatures of what arrived: asked for beside every file where the job lists `input.signers`.

use jiff::civil::Date;

use super::source::Arrival;
use crate::failure::Failure;
use crate::job::Job;
use crate::signers::{FileDigests, SignatureFault, Signed, Signers};

/// The nights for which a file may be signed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Nights {
    /// One night: that of the run that takes the file in.
    Of(Date),
    /// A night and those before it: codes lie in the inbox until the last of their mailers has left.
    UpTo(Date),
    /// Any: that of an announcement stands in its text.
    Any,
}

impl Nights {
    fn include(self, night: Date) -> bool {
        match self {
            Nights::Of(only) => night == only,
            Nights::UpTo(last) => night <= last,
            Nights::Any => true,
        }
    }
}

/// Asks every file of a night for its signature, where the job lists signers.
#[derive(Debug)]
pub(super) struct SignatureCheck {
    signers: Signers,
}

impl SignatureCheck {
    /// The check of a job.
    ///
    /// # Errors
    /// `signer_key`: an entry of `input.signers` can't be used.
    pub(super) fn of(job: &Job) -> Result<SignatureCheck, Failure> {
        Ok(SignatureCheck { signers: Signers::read(&job.input().signers, |path| job.path(path))? })
    }

    /// Whether signatures are asked for.
    pub(super) fn is_asked(&self) -> bool {
        !self.signers.is_empty()
    }

    /// Checks the signature beside a file; `None` where none is asked for.
    ///
    /// # Errors
    /// `signature_*`: exit code 3, with the fault.
    pub(super) fn check(
        &self,
        file: &Arrival,
        digests: &FileDigests,
        nights: Nights,
    ) -> Result<Option<Signed>, Failure> {
        if !self.is_asked() {
            return Ok(None);
        }
        let signature = file.signature()?;
        let checked = match &signature {
            None => Err(SignatureFault::Missing),
            Some((form, bytes)) => self.signers.check(&file.name, digests, *form, bytes),
        };
        let signed = checked.and_then(|signed| match nights.include(signed.night) {
            true => Ok(signed),
            false => Err(SignatureFault::OtherNight(signed.night)),
        });
        match signed {
            Ok(signed) => {
                tracing::info!(file = file.shown, signer = signed.signer, "signature holds");
                Ok(Some(signed))
            }
            Err(fault) => Err(Failure::refused(fault.code(), fault.to_string())
                .in_file(&file.shown)
                .with_advice(fault.advice(&file.name))),
        }
    }
}
