//! The gate before an act: it opens once, for exactly what two persons approved.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::decision::{Approver, Rules, Standing, decide};
use super::folder::Folder;
use super::public_key::PublicKey;
use super::request::{SignedRequest, Subject};
use crate::audit::{COSIGNER_NAME, NoteKey};
use crate::failure::Failure;
use crate::files::open_to_writers;
use crate::job::{Job, KeyLocation};
use crate::ledger::Ledger;
use crate::ledger::SystemUser;
use crate::vault::open_signing_key;
use foreign::legible;
use twoddoc::SigningKey;

/// The requests that a command met: those that it used up, and those that it still waits for.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Mutex<Vec<String>>>);

impl Requests {
    fn met(&self, request: &SignedRequest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request.id());
    }

    /// Their identifiers, in the order in which they were met.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// With what somebody asks: nothing where no act of the command takes an approval.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    /// The key that signs requests, as the command names it.
    pub key: Option<KeyLocation>,
    /// The present time; `None` where nobody is there who could ask.
    pub now: Option<Timestamp>,
    /// Where the gate notes which requests it met.
    pub requests: Requests,
}

/// Those who approve today.
///
/// # Errors
/// `approver_key`: a listed key can't be used, or is listed twice; `job_writable_by_others`: everybody may list other keys.
pub(crate) fn approvers(job: &Job) -> Result<Vec<Approver>, Failure> {
    if let Some(open) = open_to_writers(&job.file).filter(|open| open.everybody) {
        let problem = format!("everybody may write it (mode {:03o}), and so list other approvers", open.mode);
        let path = open.path.display();
        return Err(Failure::refused("job_writable_by_others", problem)
            .with_advice(format!("run `chmod o-w {path}`"))
            .in_file(&path));
    }
    let mut found: Vec<Approver> = Vec::new();
    for file in &job.approvals().keys {
        let (name, key) = (file.display().to_string(), PublicKey::read(&job.path(file))?);
        if let Some(known) = found.iter().find(|known| known.key == key) {
            let problem = format!("it holds the same key as `{}`", known.name);
            return Err(Failure::usage("approver_key", problem)
                .in_file(legible(&name))
                .with_advice("list each key once in `approvals.keys`"));
        }
        found.push(Approver { name, key });
    }
    Ok(found)
}

/// The keys whose cosignatures on the audit log count: those of the approvers.
///
/// # Errors
/// As [`approvers`].
pub(crate) fn cosigners(job: &Job) -> Result<Vec<NoteKey>, Failure> {
    let keys = approvers(job)?.into_iter();
    Ok(keys.filter_map(|approver| NoteKey::new(COSIGNER_NAME, approver.key.verifying_key())).collect())
}

/// The key that the job ties to a user.
pub(crate) fn tied_key(job: &Job, user: &SystemUser) -> Option<KeyLocation> {
    let mut entries = job.roles().keys.iter();
    let (_, location) = entries.find(|(name, _)| user.is(name))?;
    Some(location.resolved(|path| job.path(path)))
}

/// Lets acts pass that were approved, each once; all of them or none. Does nothing where the job lists nobody who approves.
///
/// Approvals are used up before the acts begin, so that a command that fails later must ask again.
///
/// # Errors
/// `approval_needed`: an act is not approved. Its request is written, and what is missing is said. `approver_key`,
/// `approval_key`, `approvals_folder`, `no_user`; key and ledger errors.
pub(crate) fn pass(
    job: &Job,
    ledger: &Ledger,
    asking: &Asking,
    subjects: Vec<Subject>,
) -> Result<(), Failure> {
    if !job.lists_approvers() || subjects.is_empty() {
        return Ok(());
    }
    let gate = Gate::open(job, ledger, asking)?;
    let (mut approved, mut missing) = (Vec::new(), Vec::new());
    for subject in subjects {
        match gate.approval(subject.under("job", job.digest()))? {
            Found::Approved(request) => approved.push(request),
            Found::Missing(failure) => missing.push(failure),
        }
    }
    match (missing.len(), missing.pop()) {
        (_, None) => approved.iter().try_for_each(|request| gate.spend(request)),
        (1, Some(only)) => Err(only),
        (count, Some(last)) => {
            missing.push(last);
            let problem = format!("{count} acts of this command are not approved; nothing was done");
            Err(Failure::refused("approval_needed", problem).with_parts(missing))
        }
    }
}

/// What is found for a subject.
enum Found {
    Approved(Box<SignedRequest>),
    Missing(Failure),
}

struct Gate<'a> {
    job: &'a Job,
    ledger: &'a Ledger,
    asking: &'a Asking,
    now: Timestamp,
    user: SystemUser,
    approvers: Vec<Approver>,
    folder: Folder,
    /// The key that the job ties to this user.
    tied: Option<SigningKey>,
}

impl<'a> Gate<'a> {
    fn open(job: &'a Job, ledger: &'a Ledger, asking: &'a Asking) -> Result<Gate<'a>, Failure> {
        let Some(now) = asking.now else {
            let problem = "this act takes an approval, and nobody is there to ask for it";
            return Err(Failure::refused("approval_needed", problem)
                .with_advice("run the command by itself, as the user who does the act"));
        };
        let user = SystemUser::of_process()?;
        let tied = tied_key(job, &user).map(|location| open_signing_key(&location)).transpose()?;
        let (approvers, folder) = (approvers(job)?, Folder::of(job));
        Ok(Gate { job, ledger, asking, now, user, approvers, folder, tied })
    }

    fn tied_public(&self) -> Option<PublicKey> {
        PublicKey::of(self.tied.as_ref()?.verifying_key())
    }

    /// The approved request of a subject; otherwise what is missing. Writes a request where there is none.
    fn approval(&self, subject: Subject) -> Result<Found, Failure> {
        let contents = self.folder.read()?;
        let tied = self.tied_public();
        let rules = Rules {
            approvers: &self.approvers,
            required: self.job.approvals().required as usize,
            tied: tied.as_ref(),
            now: self.now,
        };
        let mut waiting: Option<(SignedRequest, Standing)> = None;
        for request in &contents.requests {
            let own = request.request().subject == subject && request.request().uid == self.user.number;
            let of_tied = tied.as_ref().is_none_or(|tied| tied == request.key());
            if !own || !of_tied || contents.is_used(request) || self.ledger.knows_approval(&request.hash())? {
                continue;
            }
            let standing = decide(request, &contents.votes_for(request), &rules);
            if standing.is_approved() {
                self.asking.requests.met(request);
                return Ok(Found::Approved(Box::new(request.clone())));
            }
            let nearer = waiting.as_ref().is_none_or(|(_, known)| standing.missing() < known.missing());
            if !standing.expired && nearer {
                waiting = Some((request.clone(), standing));
            }
        }
        Ok(Found::Missing(match waiting {
            Some((request, standing)) => {
                self.asking.requests.met(&request);
                waits(&request, &standing)
            }
            None => {
                let request = self.ask(subject)?;
                let file = self.folder.add(&request)?;
                self.asking.requests.met(&request);
                asked(&request, &decide(&request, &[], &rules), &file)
            }
        }))
    }

    /// Signs a new request.
    fn ask(&self, subject: Subject) -> Result<SignedRequest, Failure> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|error| Failure::midway("entropy", error.to_string()))?;
        let named = self.asking.key.as_ref().map(open_signing_key).transpose()?;
        let key = match (&named, &self.tied) {
            (Some(named), Some(tied)) if named.verifying_key() != tied.verifying_key() => {
                let problem = format!("the job ties another key to {}", legible(&self.user.name));
                return Err(Failure::refused("approval_key", problem)
                    .with_advice("leave `--key` out: the request is signed with the key of `roles.keys`"));
            }
            (Some(key), _) | (None, Some(key)) => key,
            (None, None) => {
                let problem =
                    format!("to {} takes an approval, and the request must be signed", subject.act.words());
                let advice = "name the key of the user who asks with `--key FILE`, or under `[roles.keys]` of the job; `pli keys new signing` makes one";
                return Err(Failure::refused("approval_needed", problem).with_advice(advice));
            }
        };
        SignedRequest::make(subject, &self.user, key, nonce, self.now)
    }

    /// Uses a request up.
    fn spend(&self, request: &SignedRequest) -> Result<(), Failure> {
        let first = self.ledger.spend_approval(&request.hash())? && self.folder.mark_used(request)?;
        match first {
            true => {
                tracing::info!(
                    request = request.id(),
                    act = request.request().subject.act.words(),
                    "approved"
                );
                Ok(())
            }
            false => Err(Failure::refused("approval_needed", "the approval was used meanwhile")
                .with_advice("repeat the command to ask for another one")),
        }
    }
}

/// A request was written.
fn asked(request: &SignedRequest, standing: &Standing, file: &Path) -> Failure {
    let (act, required) = (request.request().subject.act.words(), standing.required);
    let problem = format!("to {act} takes {required} approvals; the request {} was written", request.id());
    Failure::refused("approval_needed", problem)
        .in_file(file.display())
        .with_advice(next_step(request, standing))
}

/// A request waits for approvals.
fn waits(request: &SignedRequest, standing: &Standing) -> Failure {
    let (act, missing) = (request.request().subject.act.words(), standing.missing());
    let of = standing.required;
    let mut problem = format!(
        "to {act} takes {of} approvals, and {missing} of them are missing from the request {}",
        request.id()
    );
    for (key, objection) in &standing.set_aside {
        problem += &format!("; the key {key} {}", objection.words());
    }
    Failure::refused("approval_needed", problem).with_advice(next_step(request, standing))
}

fn next_step(request: &SignedRequest, standing: &Standing) -> String {
    let keys: Vec<String> = standing.open.iter().map(|name| format!("`{}`", legible(name))).collect();
    format!(
        "let holders of {} read it with `pli approve JOB show {id}` and sign it with `pli approve JOB sign {id}` until {}, then repeat this command unchanged",
        keys.join(", "),
        request.request().not_after,
        id = request.id()
    )
}
