//! What those who approve do: list the requests, read one, sign it.

use jiff::Timestamp;
use serde::Serialize;

use super::decision::{Rules, Standing, decide, objection};
use super::folder::{Contents, Folder};
use super::gate::{approvers, tied_key};
use super::request::{Act, SignedRequest};
use super::vote::Vote;
use super::words::{in_words, standing_in_words};
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::ledger::SystemUser;
use crate::vault::open_signing_key;
use foreign::legible;

/// A request, for people and as JSON.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Shown {
    /// Its identifier.
    pub id: String,
    /// SHA-256 of what is signed.
    pub hash: String,
    /// The act.
    pub act: Act,
    /// The user who asks.
    pub user: String,
    /// Until when it is valid.
    pub not_after: String,
    /// Whether its act may be done.
    pub approved: bool,
    /// Whether its act was begun.
    pub used: bool,
    /// Whether it is void.
    pub expired: bool,
    /// How many approvals are missing.
    pub missing: usize,
    /// All that it says, line by line.
    pub words: Vec<String>,
    /// How it stands, line by line.
    pub standing: Vec<String>,
}

/// The requests of a job.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Listing {
    /// The requests.
    pub requests: Vec<Shown>,
    /// Files that can't be used: name and reason.
    pub unusable: Vec<(String, String)>,
}

/// A vote that was given.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Voted {
    /// The request as it stands now.
    #[serde(flatten)]
    pub request: Shown,
    /// The fingerprint of the key that signed.
    pub key: String,
    /// Whether it had signed before.
    pub already: bool,
}

/// The requests of a job, as they stand at a moment.
///
/// # Errors
/// `approver_key`, `approvals_folder`.
pub(crate) fn list(job: &Job, now: Timestamp) -> Result<Listing, Failure> {
    let contents = Folder::of(job).read()?;
    let requests = contents.requests.iter().map(|request| shown(job, &contents, request, now));
    Ok(Listing { requests: requests.collect::<Result<_, _>>()?, unusable: contents.unusable.clone() })
}

/// A request by its identifier or hash.
///
/// # Errors
/// `unknown_request`; `approver_key`, `approvals_folder`.
pub(crate) fn find(job: &Job, name: &str, now: Timestamp) -> Result<Shown, Failure> {
    let contents = Folder::of(job).read()?;
    shown(job, &contents, named(&contents, name)?, now)
}

/// Signs a request whose hash was read, with a key or with the one that the job ties to this user.
///
/// # Errors
/// `unknown_request`; `hash_differs`: `hash` is not that of the request; `request_void`: it is used or expired;
/// `approval_refused`: this key or user may not sign it; `approval_key`: no key is named, or it can't sign; those of
/// [`open_signing_key`].
pub(crate) fn sign(
    job: &Job,
    name: &str,
    hash: &str,
    key: Option<&KeyLocation>,
    now: Timestamp,
) -> Result<Voted, Failure> {
    let folder = Folder::of(job);
    let contents = folder.read()?;
    let request = named(&contents, name)?;
    refuse_void(&contents, request, hash, now)?;
    let user = SystemUser::of_process()?;
    let tied = tied_key(job, &user);
    let location = key.or(tied.as_ref()).ok_or_else(|| {
        Failure::usage("approval_key", "no key is named that signs")
            .with_advice("name your private key: `--key FILE`, or a PKCS#11 URI")
    })?;
    let signer = open_signing_key(location)?;
    if let Some(own) = tied.as_ref().filter(|own| *own != location)
        && open_signing_key(own)?.verifying_key() != signer.verifying_key()
    {
        let problem = format!("the job ties another key to the user {}", user.name);
        return Err(Failure::refused("approval_refused", problem)
            .in_file(own)
            .with_advice("sign with your own key: leave `--key` out"));
    }
    let vote = Vote::sign(request, &user, &signer, now)?;
    let approvers = approvers(job)?;
    let rules = Rules { approvers: &approvers, required: job.approvals().required as usize, tied: None, now };
    if let Some(objection) = objection(request, &vote, &[], &rules) {
        let problem = format!("the key {} {}", vote.key().fingerprint(), objection.words());
        return Err(Failure::refused("approval_refused", problem)
            .with_advice("let another person sign, with a key of `approvals.keys`"));
    }
    let already = contents.votes_for(request).iter().any(|known| known.key() == vote.key());
    if !already && folder.vote(request, &vote)?.is_none() {
        let problem = "another file has the name of this vote, and can't be used";
        return Err(Failure::refused("approvals_folder", problem)
            .with_advice("`pli approve JOB list` names it; move it away"));
    }
    let (request, contents) = (request.clone(), folder.read()?);
    let key = vote.key().fingerprint();
    tracing::info!(request = request.id(), key, user = vote.user(), "signed");
    Ok(Voted { request: shown(job, &contents, &request, now)?, key, already })
}

fn refuse_void(
    contents: &Contents,
    request: &SignedRequest,
    hash: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    if !hash.eq_ignore_ascii_case(&request.hash()) {
        let problem = format!("the request {} has another hash; nothing was signed", request.id());
        return Err(Failure::refused("hash_differs", problem)
            .with_advice("read it with `pli approve JOB show`, and give the hash that stands there"));
    }
    let void = match (contents.is_used(request), request.is_expired(now)) {
        (true, _) => "was used",
        (_, true) => "is not valid any more",
        _ => return Ok(()),
    };
    Err(Failure::refused("request_void", format!("the request {} {void}; nothing was signed", request.id()))
        .with_advice("repeat the command that asked for it: it writes a new request"))
}

fn named<'c>(contents: &'c Contents, name: &str) -> Result<&'c SignedRequest, Failure> {
    let name = name.trim().to_ascii_lowercase();
    let found = contents.requests.iter().find(|request| request.id() == name || request.hash() == name);
    found.ok_or_else(|| {
        Failure::usage("unknown_request", format!("there is no request `{}`", legible(&name)))
            .with_advice("`pli approve JOB list` lists the requests")
    })
}

fn shown(job: &Job, contents: &Contents, request: &SignedRequest, now: Timestamp) -> Result<Shown, Failure> {
    let approvers = approvers(job)?;
    let rules = Rules { approvers: &approvers, required: job.approvals().required as usize, tied: None, now };
    let standing: Standing = decide(request, &contents.votes_for(request), &rules);
    let used = contents.is_used(request);
    Ok(Shown {
        id: request.id(),
        hash: request.hash(),
        act: request.request().subject.act,
        user: legible(&SystemUser::of_number(request.request().uid).name).into_owned(),
        not_after: request.request().not_after.clone(),
        approved: standing.is_approved() && !used,
        used,
        expired: standing.expired,
        missing: standing.missing(),
        words: in_words(request),
        standing: standing_in_words(&standing, used),
    })
}
