//! How many records wait in a file, counted as the intake reads them: unpacked, opened, by its header or its places.

use super::record_reader::RecordReader;
use super::{IntakeError, IntakeSettings, RecordFile};

/// Rows that are read at a time.
const BATCH: usize = 1024;

/// The number of records of a file, whether they would be accepted or rejected. No record is examined, and nothing is written
/// to a disk.
///
/// # Errors
/// [`IntakeError`]: the file can't be read or is no record file, as the intake would say it.
pub(crate) fn count_rows(file: &RecordFile, settings: &IntakeSettings) -> Result<u64, IntakeError> {
    let (mut reader, _) = RecordReader::open(file, settings)?;
    let mut count = 0;
    loop {
        match reader.next_rows(BATCH)?.len() {
            0 => return Ok(count),
            rows => count += rows as u64,
        }
    }
}
