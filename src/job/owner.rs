//! To whom a job belongs: the one user whose files it keeps.

use std::path::{Path, PathBuf};

use super::Job;
use crate::files::{Owner, UnnamedFile, name_of_user, owner_of, working_user};

/// Root, who may read and write every file.
const ROOT: u32 = 0;
/// The number by which Linux shows a user that this machine does not know, as user namespaces and network file systems have them.
const UNKNOWN: u32 = 65_534;

/// The user to whom a job belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobOwner {
    /// The user and the group by their numbers.
    pub numbers: Owner,
    /// The folder that says so.
    pub folder: PathBuf,
}

impl JobOwner {
    /// The user's name, or the number where the machine has no name for it.
    pub(crate) fn name(&self) -> String {
        name_of_user(self.numbers.user).unwrap_or_else(|| self.numbers.user.to_string())
    }

    /// The words before a command that run it as this user.
    pub(crate) fn runner(&self) -> String {
        let Owner { user, group } = self.numbers;
        match (name_of_user(user), working_user()) {
            (Some(name), Some(ROOT)) => format!("runuser -u {name} --"),
            (Some(name), _) => format!("sudo -u {name}"),
            (None, Some(ROOT)) => format!("setpriv --reuid {user} --regid {group} --clear-groups"),
            (None, _) => format!("sudo -u '#{user}' -g '#{group}'"),
        }
    }
}

/// What a user is to do who may not read a job file.
pub(super) fn advice_to_strangers(file: &Path) -> String {
    let found = file.ancestors().find_map(|path| Some((path, owner_of(path)?)));
    match found {
        Some((folder, numbers)) if Some(numbers.user) != working_user() => {
            let owner = JobOwner { numbers, folder: folder.to_owned() };
            format!(
                "it belongs to the user {}: run the same command as that user (`{} pli …`); an operator of `[roles]` works for that user, with the Debian package by `/usr/lib/pli/as letters pli …` as root",
                owner.name(),
                owner.runner()
            )
        }
        _ => "let this user read it: see the permissions of the file and of its folders".to_owned(),
    }
}

impl Job {
    /// The folder of the job file.
    pub(crate) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// The user to whom the job belongs: the one who keeps the audit log in it, or, before there is one, the owner of its folder.
    /// `None` where one of the two is root's, who can use every file, where the machine does not know its owner, and on systems
    /// without owners.
    pub(crate) fn owner(&self) -> Option<JobOwner> {
        let known = |folder: PathBuf| {
            let numbers = owner_of(&folder).filter(|owner| ![ROOT, UNKNOWN].contains(&owner.user))?;
            Some(JobOwner { numbers, folder })
        };
        let folder = match self.folder() {
            here if here.as_os_str().is_empty() => Path::new("."),
            folder => folder,
        };
        let (folder, audit) = (known(folder.to_owned())?, self.audit_folder());
        if owner_of(&audit).is_some() { known(audit) } else { Some(folder) }
    }

    /// The owner of the job, if files that this process makes in it would be another user's. Where a file system gives all files one
    /// owner, or maps users, what counts is the owner that a new file has. A folder that every user may enter, and in which its
    /// owner has not begun the audit log, such as a copy that came with a container, is still anybody's.
    pub(crate) fn owner_other_than_this_user(&self) -> Option<JobOwner> {
        let owner = self.owner()?;
        let user = owner.numbers.user;
        let has_worked = owner_of(&self.audit_folder()).is_some_and(|keeper| keeper.user == user)
            || is_closed(&owner.folder);
        let other = working_user().is_some_and(|working| working != user);
        (has_worked && other && made_as(&owner.folder) != Some(user)).then_some(owner)
    }
}

/// Whether users other than the owner and those of a group or an access list may not enter a folder.
#[cfg(unix)]
fn is_closed(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o007 == 0)
}

/// Other systems have no such modes.
#[cfg(not(unix))]
fn is_closed(_folder: &Path) -> bool {
    false
}

/// The owner of a file that this process makes in a folder; it has no name and is gone at once.
#[cfg(unix)]
fn made_as(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let made = UnnamedFile::create_in(folder, "owner").ok()?;
    Some(made.file.metadata().ok()?.uid())
}

/// Other systems have no such owners.
#[cfg(not(unix))]
fn made_as(_folder: &Path) -> Option<u32> {
    None
}
