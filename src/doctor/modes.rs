//! Who may read and write what the job keeps, and whose it is.

use std::path::{Path, PathBuf};

use super::{Finding, Scene};
use crate::job::{LedgerLocation, OutputLocation};
use crate::night::refuse_open_places;
use crate::vault::{folder_of_job, refuse_open_file};

const LOOK: &str = "modes";

/// Looks at the folders that a night writes, as the run does, and at what other users could read.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let (job, night) = (scene.job, scene.night);
    let mut found: Vec<Finding> = Vec::new();
    if let Err(failure) = refuse_open_places(job, night) {
        found.push(Finding::failure(LOOK, &failure));
    }
    if let Err(error) = refuse_open_file(&job.file) {
        found.push(Finding::failure(LOOK, &error.into()));
    }
    found.extend(super::owners::look(LOOK, job));
    found.extend(private_places(scene).iter().filter(|place| is_open_to_all(place)).map(|place| {
        let problem = format!("{}: every user of this machine can read it", place.display());
        Finding::warning(
            LOOK,
            "readable_by_others",
            problem,
            format!("run `chmod o-rwx {}`", place.display()),
        )
    }));
    if found.is_empty() {
        found.push(Finding::ok(LOOK, "nobody else reads or writes what the job keeps"));
    }
    found
}

/// What names people, or opens what does.
fn private_places(scene: &Scene) -> Vec<PathBuf> {
    let job = scene.job;
    let mut places = vec![job.path("inbox"), folder_of_job(job), job.ledger_keys(), job.audit_folder()];
    places.extend([job.feedback_folder(), job.scratch(), job.kept_templates(), job.proof_salts()]);
    if let OutputLocation::Folder(folder) = job.output() {
        places.push(folder);
    }
    if let LedgerLocation::File(file) = job.ledger().location {
        places.push(file);
    }
    places.sort();
    places.dedup();
    places
}

/// Whether users who are neither owner nor of the group can read a file, or list a folder, through every folder above it.
#[cfg(unix)]
fn is_open_to_all(place: &Path) -> bool {
    let (read, pass) = (0o004, 0o001);
    let Ok(place) = fs_err::canonicalize(place) else { return false };
    let above = place.ancestors().skip(1).all(|folder| allows(folder, pass));
    let opens = if place.is_dir() { read | pass } else { read };
    above && allows(&place, opens)
}

#[cfg(not(unix))]
fn is_open_to_all(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn allows(path: &Path, wanted: u32) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs_err::metadata(path).is_ok_and(|found| found.permissions().mode() & wanted == wanted)
}
