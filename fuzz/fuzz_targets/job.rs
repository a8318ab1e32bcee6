//! Any bytes as a job file: a job, or an error with a line.
#![no_main]

use fuzz::with_file;
use libfuzzer_sys::fuzz_target;
use pli::job::{Job, JobError};

fuzz_target!(|bytes: &[u8]| {
    match with_file(bytes, Job::load) {
        Ok(job) => {
            let _ = (job.calendar(), job.cut_off(), job.ledger_file());
        }
        Err(JobError::Invalid { line, column, .. }) => assert!(line >= 1 && column >= 1),
        Err(_) => {}
    }
});
