//! `pli approve`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Outcome;
use super::acts::Act;
use super::console::Console;
use super::keys::location;
use super::run::now;
use crate::approvals::{self, Asking, Listing, Requests, Shown, Voted};
use crate::failure::Failure;
use crate::job::Job;
use foreign::legible;

/// Approve what nobody does alone: list the requests of a job, read one, sign it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli approve job.toml list\n  pli approve job.toml show 4f0c1b2a93d7e855\n  pli approve job.toml sign 4f0c1b2a93d7e855 --hash 4f0c… --key anna.pem\n\nExit codes: 0 done; 1 nothing was signed yet: read what is shown; 2 usage, or no such request; 3 refused: it is void, or this\nkey or user may not sign it."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// List the requests and how they stand
    List,
    /// Show all that a request says, and its hash
    Show {
        /// The request, by its identifier
        request: String,
    },
    /// Sign a request that you have read
    Sign {
        /// The request, by its identifier
        request: String,
        /// The hash of what you have read; without it the request is shown, and nothing is signed
        #[arg(long, value_name = "SHA256")]
        hash: Option<String>,
        /// Your private key, or its PKCS#11 URI; default: that of `[roles.keys]`
        #[arg(long, value_name = "FILE|URI")]
        key: Option<PathBuf>,
    },
}

impl Arguments {
    /// What the audit log has of it: a vote. The rest only reads.
    pub(super) fn act(&self) -> Option<Act> {
        let Step::Sign { request, hash: Some(_), .. } = &self.step else { return None };
        // By its identifier, or by the whole hash that begins with it.
        let known = matches!(request.len(), 16 | 64) && request.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = request.get(..16).unwrap_or_default().to_ascii_lowercase();
        Some(Act::new(&self.job, "approve").option(known, format_args!("request={id}")))
    }
}

/// The key of whoever asks for an approval.
#[derive(Debug, Args)]
pub(super) struct RequestKey {
    /// The key that signs the request where this takes an approval; default: that of `[roles.keys]`
    #[arg(long, value_name = "FILE|URI")]
    key: Option<PathBuf>,
    #[arg(skip)]
    requests: Requests,
}

impl RequestKey {
    /// The requests that this command meets, for the audit log.
    pub(super) fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// With what this command asks for approvals.
    ///
    /// # Errors
    /// `key_uri`: the key is no PKCS#11 URI.
    pub(super) fn asking(&self) -> Result<Asking, Failure> {
        let key = self.key.as_deref().map(location).transpose()?;
        Ok(Asking { key, now: Some(now()), requests: self.requests() })
    }
}

pub(super) fn approve(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    match &arguments.step {
        Step::List => {
            let listing = approvals::list(&job, now())?;
            console.result(&listing, |_| listed(&listing))?;
            Ok(if listing.unusable.is_empty() { Outcome::Done } else { Outcome::NeedsAPerson })
        }
        Step::Show { request } => {
            let shown = approvals::find(&job, request, now())?;
            console.output(&shown, &read(&shown))?;
            Ok(Outcome::Done)
        }
        Step::Sign { request, hash: None, .. } => {
            let shown = approvals::find(&job, request, now())?;
            let next = format!("nothing was signed; sign it with `--hash {}`", shown.hash);
            console.output(&shown, &format!("{}\n{next}", read(&shown)))?;
            Ok(Outcome::NeedsAPerson)
        }
        Step::Sign { request, hash: Some(hash), key } => {
            let key = key.as_deref().map(location).transpose()?;
            let voted = approvals::sign(&job, request, hash, key.as_ref(), now())?;
            console.result(&voted, |_| signed(&voted))?;
            Ok(Outcome::Done)
        }
    }
}

fn listed(listing: &Listing) -> String {
    let mut lines = Vec::new();
    for request in &listing.requests {
        let standing = request.standing.first().map(String::as_str).unwrap_or_default();
        lines.push(format!(
            "{}  {}  {}, asked by {} until {}",
            request.id,
            standing,
            request.words.first().map(String::as_str).unwrap_or_default(),
            request.user,
            request.not_after
        ));
    }
    for (file, reason) in &listing.unusable {
        lines.push(format!("! {}: {}", legible(file), legible(reason)));
    }
    if lines.is_empty() {
        lines.push("no requests".to_owned());
    }
    lines.join("\n")
}

/// A request with how it stands.
fn read(shown: &Shown) -> String {
    shown.words.iter().chain(&shown.standing).cloned().collect::<Vec<_>>().join("\n")
}

fn signed(voted: &Voted) -> String {
    let Voted { request, key, already } = voted;
    let did = if *already { "had signed before" } else { "signed" };
    format!("{}\nthe key {key} {did} the request {}", read(request), request.id)
}
