//! Any bytes as a job file: a job, or an error with a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pli_fuzz::mail::job::{Job, JobError};
use pli_fuzz::with_file;

fuzz_target!(|bytes: &[u8]| {
    match with_file(bytes, Job::load) {
        Ok(job) => {
            let _ = (job.calendar(), job.cut_off(), job.ledger_file());
        }
        Err(JobError::Invalid { line, column, .. }) => assert!(line >= 1 && column >= 1),
        Err(_) => {}
    }
});
