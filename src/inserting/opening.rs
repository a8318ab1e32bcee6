//! The ledger and the lot that a command after the press works on.

use crate::failure::Failure;
use crate::feedback;
use crate::job::Job;
use crate::ledger::{Ledger, LotInHand};
use crate::night::{JobLock, lock_alone, no_ledger, ready_ledger};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// A job whose ledger this command alone changes.
pub(crate) struct OpenJob<'j> {
    /// The job.
    pub job: &'j Job,
    /// Its ledger.
    pub ledger: Ledger,
    _lock: JobLock,
}

impl<'j> OpenJob<'j> {
    /// Locks the job and opens its ledger; a release that was cut short is finished first.
    ///
    /// # Errors
    /// `locked`: another command of the job is under way; `no_ledger`; ledger, I/O and store errors.
    pub(crate) fn begin(job: &'j Job) -> Result<OpenJob<'j>, Failure> {
        let lock = lock_alone(job)?;
        let home = job.ledger();
        if Ledger::is_missing(&home)? {
            return Err(no_ledger(&home));
        }
        Ok(OpenJob { job, ledger: ready_ledger(job)?, _lock: lock })
    }

    /// A lot of the ledger.
    ///
    /// # Errors
    /// `unknown_lot`; ledger errors.
    pub(super) fn lot(&self, name: &LotName, kind: PieceKind) -> Result<LotInHand, Failure> {
        self.ledger.in_hand(name, kind)?.ok_or_else(|| {
            let problem = format!("the ledger knows no lot `{}`", name.marked(kind));
            Failure::usage("unknown_lot", problem).with_advice("`pli status JOB` lists the lots")
        })
    }

    /// Tells the issuer what has changed.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    pub(crate) fn tell(&self) -> Result<(), Failure> {
        feedback::write(self.job, &self.ledger).map(drop)
    }
}
