//! A clerk's work waits for a night, and not the other way round.

use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::inserting::OpenJob;
use crate::job::Job;

/// How long a booking waits for another command of the job.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Locks a job and opens its ledger, as soon as no other command holds it.
///
/// # Errors
/// `locked`: another command holds it for two minutes; as [`OpenJob::begin`].
pub(super) fn open_patiently(job: &Job) -> Result<OpenJob<'_>, Failure> {
    let begin = Instant::now();
    loop {
        match OpenJob::begin(job) {
            Err(failure) if failure.code() == "locked" && begin.elapsed() < PATIENCE => {
                std::thread::sleep(PAUSE)
            }
            opened => return opened,
        }
    }
}
