//! Whose the job's files are: one that another user made stops the night that has to read or write it.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::Finding;
use crate::failure::{Failure, counted};
use crate::files::name_of_user;
use crate::job::{Job, JobOwner, LedgerLocation, OutputLocation};
use crate::vault::folder_of_job;

/// Files of other users than the job's.
#[derive(Default)]
struct Strangers {
    /// The files, folders or whole places that are to be given to the owner.
    places: Vec<PathBuf>,
    files: usize,
    /// The first of them, and whose it is.
    first: Option<(PathBuf, u32)>,
}

/// Looks at every file that the job keeps. Says nothing where all are its owner's, and where root owns the job, who can use any file.
pub(super) fn look(look: &'static str, job: &Job) -> Option<Finding> {
    let owner = job.owner()?;
    let mut strangers = Strangers::default();
    for place in written_places(job) {
        strangers.look_at(&place, &owner, &|_| true);
    }
    for place in read_places(job) {
        strangers.look_at(&place, &owner, &|found| is_closed_to_others(found));
    }
    let (first, user) = strangers.first?;
    let user = name_of_user(user).unwrap_or_else(|| user.to_string());
    let files = counted(strangers.files, "file");
    let problem = format!(
        "{files} of the job, which belongs to {}, are another user's, such as {} ({user})",
        owner.name(),
        first.display()
    );
    let places: Vec<String> = strangers.places.iter().map(|place| place.display().to_string()).collect();
    let advice =
        format!("run as root `chown -R --reference={} {}`", owner.folder.display(), places.join(" "));
    Some(Finding::failure(look, &Failure::usage("files_of_another_user", problem).with_advice(advice)))
}

/// What the program writes again and again.
fn written_places(job: &Job) -> Vec<PathBuf> {
    let mut places = vec![job.audit_folder(), job.path("kept"), job.scratch(), job.feedback_folder()];
    places.extend([job.returns_root(), job.after_press_root()]);
    if let OutputLocation::Folder(folder) = job.output() {
        places.push(folder);
    }
    if let LedgerLocation::File(file) = job.ledger().location {
        places.extend(["", "-wal", "-shm"].map(|ending| {
            let mut name = file.clone().into_os_string();
            name.push(ending);
            PathBuf::from(name)
        }));
    }
    places
}

/// What it only reads: another user's file serves where everybody may read it.
fn read_places(job: &Job) -> Vec<PathBuf> {
    vec![job.file.clone(), folder_of_job(job), job.ledger_keys()]
}

impl Strangers {
    /// Adds a place if a file of another user lies in it that `matters`. Links are not followed, and what can't be examined is left out.
    fn look_at(&mut self, place: &Path, owner: &JobOwner, matters: &dyn Fn(&Metadata) -> bool) {
        let before = self.files;
        self.walk(place, owner, matters);
        if self.files > before && !self.places.iter().any(|known| place.starts_with(known)) {
            self.places.push(place.to_owned());
        }
    }

    fn walk(&mut self, path: &Path, owner: &JobOwner, matters: &dyn Fn(&Metadata) -> bool) {
        let Ok(found) = fs_err::symlink_metadata(path) else { return };
        let user = user_of(&found);
        if user != owner.numbers.user && !found.is_symlink() && matters(&found) {
            self.files += 1;
            self.first.get_or_insert_with(|| (path.to_owned(), user));
        }
        if found.is_dir() {
            let mut entries: Vec<PathBuf> = fs_err::read_dir(path)
                .into_iter()
                .flatten()
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect();
            entries.sort();
            entries.iter().for_each(|entry| self.walk(entry, owner, matters));
        }
    }
}

#[cfg(unix)]
fn user_of(found: &Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    found.uid()
}

#[cfg(unix)]
fn is_closed_to_others(found: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let wanted = if found.is_dir() { 0o005 } else { 0o004 };
    found.permissions().mode() & wanted != wanted
}

/// Other systems have no such owners.
#[cfg(not(unix))]
fn user_of(_: &Metadata) -> u32 {
    0
}

#[cfg(not(unix))]
fn is_closed_to_others(_: &Metadata) -> bool {
    false
}
