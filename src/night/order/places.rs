//! The folders that a night uses: refused where every user may write them, or where a link leads out of the job.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use mail::piece::PieceKind;

use crate::failure::Failure;
use crate::files::{is_named_within, link_out_of, open_to_writers};
use crate::job::{Job, KeyLocation, OutputLocation};

/// Refuses the folder of outputs and the keys of a job where they are not the job's own. An object store has its own rules.
///
/// # Errors
/// `output_writable_by_others`: every user may write the outputs or replace their folder; `link_out_of_job`: a symbolic link
/// leads outputs or keys out of the job.
pub(crate) fn refuse_open_places(job: &Job, night: Date) -> Result<(), Failure> {
    if let OutputLocation::Folder(folder) = job.output() {
        refuse_open_output(&folder)?;
        let of_night = folder.join(night.to_string());
        let kinds = PieceKind::ALL.map(|kind| of_night.join(kind.folder()));
        for place in [folder.clone(), of_night].into_iter().chain(kinds) {
            let advice = "write the folder that is meant as `output.dir`";
            refuse_link(job, &folder, &place, advice)?;
        }
    }
    for key in keys(job) {
        let advice = "write the path that is meant into the job file, or put the file itself there";
        refuse_link(job, &job.path(""), &key, advice)?;
    }
    Ok(())
}

/// Refuses a path that a symbolic link leads out of the job; one that the job names outside of its folder, out of `own`.
///
/// # Errors
/// `link_out_of_job`.
pub(in crate::night) fn refuse_link(job: &Job, own: &Path, path: &Path, advice: &str) -> Result<(), Failure> {
    let folder = job.path("");
    let within = if is_named_within(&folder, path) { &folder } else { own };
    match link_out_of(within, path) {
        None => Ok(()),
        Some(target) => {
            let problem = format!("a symbolic link leads it out of the job, to {}", target.display());
            Err(Failure::refused("link_out_of_job", problem).in_file(path.display()).with_advice(advice))
        }
    }
}

fn refuse_open_output(folder: &Path) -> Result<(), Failure> {
    let Some(open) = open_to_writers(folder).filter(|open| open.everybody) else { return Ok(()) };
    let (path, mode) = (open.path.display(), open.mode);
    let problem =
        format!("every user of this machine may write it (mode {mode:03o}), and so replace what is printed");
    let advice = format!("see that nobody changed what lies there, then run `chmod o-w {path}`");
    Err(Failure::usage("output_writable_by_others", problem).in_file(path).with_advice(advice))
}

/// The files of keys that the job names.
fn keys(job: &Job) -> Vec<PathBuf> {
    let file = |key: KeyLocation| match key {
        KeyLocation::File(path) => Some(path),
        KeyLocation::Token(_) => None,
    };
    let mailers = job.mailers();
    let recipients = mailers.seal_to.unwrap_or_default().iter().chain(job.ledger_recovery());
    let mut keys: Vec<PathBuf> = [job.letters().key, job.audit_key()].into_iter().filter_map(file).collect();
    keys.extend([mailers.codes_identity.clone(), job.cards_identity(), job.share_key(), job.ledger_keys()]);
    // A recipient that is written into the job file is no path, and nothing of its name is there.
    keys.extend(recipients.map(|text| job.path(text)));
    keys
}
