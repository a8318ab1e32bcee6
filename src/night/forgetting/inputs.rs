//! The record files of the inbox that were taken in long enough ago, and the codes files that nobody needs any more.

use jiff::Timestamp;

use super::{LeftFile, PurgeReport};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Ledger, PurgeOrder};
use crate::night::intake::{local_codes_files, taken_files};

/// Why an old codes file stays.
const CODES: &str = "the ledger does not know the pieces of a codes file; remove it once none of its cards waits for a mailer";

/// Removes the record files whose nights are past their days. Codes files are named: only a person knows whether a card
/// whose record is still to come needs them.
///
/// # Errors
/// Those of the inbox, of files and of stores.
pub(super) fn purge(
    job: &Job,
    ledger: &Ledger,
    order: &PurgeOrder,
    report: &mut PurgeReport,
) -> Result<(), Failure> {
    let limit = order.limit(order.retention.inputs);
    for file in taken_files(job, ledger)?.into_iter().filter(|file| file.night <= limit) {
        report.count("record_files", &file.night.to_string());
        if !order.dry_run {
            file.remove()?;
        }
    }
    for path in local_codes_files(job)? {
        let changed = Timestamp::try_from(fs_err::metadata(&path)?.modified()?).ok();
        let day = changed.map(|changed| changed.to_zoned(jiff::tz::TimeZone::UTC).date());
        if day.is_some_and(|day| day <= limit) {
            report.left.push(LeftFile { path: path.display().to_string(), reason: CODES.to_owned() });
        }
    }
    Ok(())
}
