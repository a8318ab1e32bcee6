//! The ledger as each command needs it: as it stands, ready, or with what was cut finished first.

use super::permission;
use crate::approvals::Asking;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::night::order::NightOrder;
use crate::night::release::{self, open_ledger, sweep};

/// Opens the ledger for a dry run, which does not finish an interrupted release, but prints anew what was staged.
pub(super) fn unchanged_ledger(order: &NightOrder) -> Result<Ledger, Failure> {
    let ledger = open_ledger(order.job, Ledger::open)?;
    refuse_interrupted(&ledger)?;
    permission::permit_resuming(order.job, &ledger, &order.asking)?;
    Ok(ledger)
}

/// Refuses to go on beside an interrupted release.
///
/// # Errors
/// `release_interrupted`: there is one; ledger errors.
pub(in crate::night) fn refuse_interrupted(ledger: &Ledger) -> Result<(), Failure> {
    match ledger.interrupted()?.first() {
        None => Ok(()),
        Some(night) => {
            let problem = format!("the release of the night of {} was cut short", night.night);
            Err(Failure::refused("release_interrupted", problem)
                .with_advice("finish it first, with the command that began it: `pli run` or `pli merge`"))
        }
    }
}

/// Opens the ledger, finishes interrupted releases and removes what killed runs left. Where mailers were cut and two persons
/// must approve that they go on, what was staged of them stays for that.
///
/// # Errors
/// `release_interrupted`: a release of mailers was cut, and only an approved run goes on with it; ledger, I/O and store errors.
pub(crate) fn ready_ledger(job: &Job) -> Result<Ledger, Failure> {
    let ledger = open_ledger(job, Ledger::open)?;
    let cut = permission::cut_mailers(job, &ledger)?;
    if !cut.releasing.is_empty() {
        refuse_interrupted(&ledger)?;
    }
    finish_releases(job, &ledger)?;
    if cut.is_empty() {
        sweep(job, &ledger)?;
    }
    Ok(ledger)
}

/// Opens the ledger as [`ready_ledger`] does, for a command that goes on with mailers which were cut.
///
/// # Errors
/// `approval_needed`: two persons must approve first; ledger, I/O and store errors.
pub(in crate::night) fn resumed_ledger(job: &Job, asking: &Asking) -> Result<Ledger, Failure> {
    let ledger = open_ledger(job, Ledger::open)?;
    permission::permit_resuming(job, &ledger, asking)?;
    finish_releases(job, &ledger)?;
    sweep(job, &ledger)?;
    Ok(ledger)
}

fn finish_releases(job: &Job, ledger: &Ledger) -> Result<(), Failure> {
    if release::finish_interrupted(job, ledger)? > 0 {
        tracing::warn!(code = "release_finished", "finished a release that had been cut short");
    }
    Ok(())
}
