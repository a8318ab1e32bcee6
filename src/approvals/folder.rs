//! The folder of requests and votes: `ID.json` is a request, `ID.KEY.vote.json` a vote for it, `ID.used` says that its act
//! was begun.
//!
//! Whoever asks and whoever approves are different users of the system, so that the folder belongs to a group of them. Nothing
//! that lies there is believed: requests and votes are signed, and the ledger knows what was used.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::request::{ID_LENGTH, SignedRequest};
use super::vote::Vote;
use crate::failure::Failure;
use crate::files::{make_folder, sync_folders, write_new};
use crate::job::Job;

/// The largest request or vote that is read, in bytes.
const MAX_SIZE: u64 = 16 << 20;
/// The most requests and votes that are read.
const MOST_FILES: usize = 10_000;
/// How the name of a vote ends.
const VOTE: &str = ".vote.json";
/// How the name of a request ends.
const REQUEST: &str = ".json";
/// How the name of the mark of a used request ends.
const USED: &str = ".used";
/// The permissions of what is written: the group reads it.
const MODE: u32 = 0o640;

/// The folder of requests and votes of a job.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// What lies in the folder.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The requests, by their identifiers.
    pub requests: Vec<SignedRequest>,
    /// The votes.
    pub votes: Vec<Vote>,
    /// The files that can't be used, each with the reason.
    pub unusable: Vec<(String, String)>,
    used: Vec<String>,
}

impl Contents {
    /// Whether the act of a request was begun.
    pub(super) fn is_used(&self, request: &SignedRequest) -> bool {
        self.used.contains(&request.id())
    }

    /// The votes for a request.
    pub(super) fn votes_for(&self, request: &SignedRequest) -> Vec<Vote> {
        self.votes.iter().filter(|vote| vote.is_for(request)).cloned().collect()
    }
}

impl Folder {
    /// That of a job.
    pub(super) fn of(job: &Job) -> Folder {
        Folder(job.approvals_folder())
    }

    /// Reads all of it. A folder that is not there is empty.
    ///
    /// # Errors
    /// `approvals_folder`: it can't be read, or holds more files than are read.
    pub(super) fn read(&self) -> Result<Contents, Failure> {
        let mut contents = Contents::default();
        for name in self.names()? {
            let (id, rest) = name.split_at_checked(ID_LENGTH).unwrap_or(("", ""));
            let is_id = id.len() == ID_LENGTH && id.bytes().all(is_digit);
            match rest {
                USED if is_id => contents.used.push(id.to_owned()),
                REQUEST if is_id => match self.request(&name, id) {
                    Ok(request) => contents.requests.push(request),
                    Err(reason) => contents.unusable.push((name, reason)),
                },
                _ if is_id && rest.ends_with(VOTE) => match self.vote_in(&name) {
                    Ok(vote) => contents.votes.push(vote),
                    Err(reason) => contents.unusable.push((name, reason)),
                },
                _ => {}
            }
        }
        Ok(contents)
    }

    /// Adds a request and returns its file.
    ///
    /// # Errors
    /// `approvals_folder`: it can't be written.
    pub(super) fn add(&self, request: &SignedRequest) -> Result<PathBuf, Failure> {
        let path = self.0.join(format!("{}{REQUEST}", request.id()));
        make_folder(&self.0).and_then(|()| self.write(&path, request.text())).map_err(unwritable)?;
        Ok(path)
    }

    /// Adds a vote and returns its file; `None` where this key has signed before.
    ///
    /// # Errors
    /// `approvals_folder`: it can't be written.
    pub(super) fn vote(&self, request: &SignedRequest, vote: &Vote) -> Result<Option<PathBuf>, Failure> {
        let name = format!("{}.{}{VOTE}", request.id(), vote.key().fingerprint());
        let path = self.0.join(name);
        match self.write(&path, vote.text()) {
            Ok(()) => Ok(Some(path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(unwritable(error)),
        }
    }

    /// Marks a request as used; false where it was marked before.
    ///
    /// # Errors
    /// `approvals_folder`: it can't be written.
    pub(super) fn mark_used(&self, request: &SignedRequest) -> Result<bool, Failure> {
        match self.write(&self.0.join(format!("{}{USED}", request.id())), "") {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(unwritable(error)),
        }
    }

    /// Writes a new file, durably.
    fn write(&self, path: &Path, content: impl AsRef<[u8]>) -> std::io::Result<()> {
        write_new(path, content, MODE)?;
        sync_folders(&self.0, &[])
    }

    /// The names of its files, sorted.
    fn names(&self) -> Result<Vec<String>, Failure> {
        let entries = match fs_err::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(unreadable)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry.map_err(unreadable)?.file_name().into_string().ok());
            if names.len() > MOST_FILES {
                let problem = format!("it holds more than {MOST_FILES} files");
                return Err(Failure::refused("approvals_folder", problem)
                    .in_file(self.0.display())
                    .with_advice("move old requests and votes to an archive"));
            }
        }
        names.sort();
        Ok(names)
    }

    fn request(&self, name: &str, id: &str) -> Result<SignedRequest, String> {
        let request = SignedRequest::parse(&self.bytes(name)?)?;
        match request.id() == id {
            true => Ok(request),
            false => Err("it is another request than its name says".to_owned()),
        }
    }

    /// The vote in a file. The file's owner must be the user that the vote names, or the office for which operators run this
    /// program: whoever asks could write any user's number into a vote.
    fn vote_in(&self, name: &str) -> Result<Vote, String> {
        let vote = Vote::parse(&self.bytes(name)?)?;
        let owner = owner(&self.0.join(name)).map_err(|error| error.to_string())?;
        match owner == vote.uid() || is_office(owner) {
            true => Ok(vote),
            false => Err(format!("it names user {} as who signed, and user {owner} wrote it", vote.uid())),
        }
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        foreign::read(&self.0.join(Path::new(name)), MAX_SIZE).map_err(|error| error.to_string())
    }
}

/// The number of the user to whom a file belongs.
fn owner(file: &Path) -> std::io::Result<u32> {
    use std::os::unix::fs::MetadataExt;
    Ok(fs_err::symlink_metadata(file)?.uid())
}

/// Whether this program runs for an office, which is this user: then it alone writes such files, and knows who calls it.
fn is_office(user: u32) -> bool {
    let (real, effective) = (rustix::process::getuid(), rustix::process::geteuid());
    real != effective && effective.as_raw() == user
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn unreadable(error: std::io::Error) -> Failure {
    Failure::refused("approvals_folder", error.to_string())
        .with_advice("let this user read the folder: make it for a group of those who ask and approve")
        .caused_by(error)
}

fn unwritable(error: std::io::Error) -> Failure {
    Failure::refused("approvals_folder", error.to_string())
        .with_advice(
            "let this user write the folder: make it for a group of those who ask and approve (`chmod 2770`)",
        )
        .caused_by(error)
}
