//! Removes what killed runs left.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use jiff::civil::Date;

use super::output::{NightOutput, STAGING};
use super::shares::{clear_shares, complete_shares, shares_prefix};
use crate::failure::Failure;
use crate::files::remove_folder;
use crate::job::{Job, OutputLocation};
use crate::ledger::Ledger;

/// Removes what killed runs left: beside the ledger every staging folder, since the ledger belongs to this job only; under
/// `output.dir` those of nights that the ledger has released. The caller holds the job's lock and has finished every
/// interrupted release.
///
/// # Errors
/// I/O and ledger errors.
pub(crate) fn sweep(job: &Job, ledger: &Ledger) -> Result<(), Failure> {
    let released = |night: Date| Ok::<_, Failure>(ledger.knows_night(night)?);
    for night in nights_of(&job.beside_ledger(STAGING))? {
        remove_folder(&job.beside_ledger(&format!("{STAGING}{night}")))?;
    }
    if let OutputLocation::Folder(folder) = job.output() {
        for night in nights_of(&folder.join(STAGING))? {
            if released(night)? {
                NightOutput::of(job, night)?.clear()?;
            }
        }
    }
    for night in nights_of(&shares_prefix(job))? {
        if released(night)? && complete_shares(job, night)?.is_empty() {
            clear_shares(job, night)?;
        }
    }
    Ok(())
}

/// The nights that have a folder whose path is `prefix` and a date.
fn nights_of(prefix: &Path) -> io::Result<Vec<Date>> {
    let (Some(folder), Some(name_prefix)) = (prefix.parent(), prefix.file_name()) else {
        return Ok(Vec::new());
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let night = |name: &OsStr| name.to_str()?.strip_prefix(name_prefix.to_str()?)?.parse::<Date>().ok();
    let mut nights = Vec::new();
    for entry in fs_err::read_dir(folder).into_iter().flatten() {
        nights.extend(night(&entry?.file_name()));
    }
    Ok(nights)
}
