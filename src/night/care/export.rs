//! The export of a job's ledger.

use std::io::{BufWriter, Write};
use std::path::Path;

use super::{begin, current, refuse_ledger_itself};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::MailerLinks;

/// Writes a job's ledger as JSON Lines, while others may write it; returns how many rows it has.
///
/// # Errors
/// `no_ledger`; `ledger_keys`: opaque links need the keys; ledger errors and those of `out`.
pub(crate) fn export_to(job: &Job, mailers: MailerLinks, out: &mut dyn Write) -> Result<u64, Failure> {
    let ledger = current(&job.ledger())?;
    match mailers {
        MailerLinks::Personal => Ok(ledger.export(mailers, out)?),
        MailerLinks::Opaque => Ok(ledger.with_keys()?.export(mailers, out)?),
    }
}

/// Writes a job's ledger into a file of mode 0600 that appears whole or not at all. Replaces one if `force`.
///
/// # Errors
/// `export_exists`; `backup_file`: it is the ledger itself; those of [`export_to`].
pub(crate) fn export_to_file(
    job: &Job,
    mailers: MailerLinks,
    file: &Path,
    force: bool,
) -> Result<u64, Failure> {
    refuse_ledger_itself(&job.ledger(), file)?;
    if file.exists() && !force {
        return Err(Failure::usage("export_exists", "this file is there already")
            .in_file(file.display())
            .with_advice("name another file, or add `--force` to replace it"));
    }
    let draft = begin(file)?;
    let opened = fs_err::OpenOptions::new().write(true).open(draft.place())?;
    let mut out = BufWriter::with_capacity(1 << 18, opened);
    let rows = export_to(job, mailers, &mut out)?;
    out.flush()?;
    drop(out);
    draft.finish()?;
    Ok(rows)
}
