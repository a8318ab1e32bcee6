//! The doctor: looks at a job before the night does, and says what would stop it and what needs a person.
//!
//! Takes a job file, a night and the clock; gives findings, each with the look that found it, a stable code and a remedy. One file
//! for each look. A look uses the checks of the run itself. Changes nothing: the ledger is opened for reading, locks are left alone,
//! and codes are opened by the mailer stage, which counts them. What lies behind a network is waited for within a limit.

mod approvals;
mod audit;
mod bureau;
mod calendar;
mod clock;
mod codes;
mod disk;
mod finding;
mod inbox;
mod keys;
mod ledger;
mod leftovers;
mod modes;
mod owners;
mod patience;
mod press_key;
mod recovery;
mod sizes;
mod stores;
mod templates;
mod user;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

pub(crate) use finding::{Finding, Status};

use crate::job::Job;
use crate::ledger::Ledger;
use mail::piece::PieceKind;

/// What is to be looked at.
#[derive(Debug)]
pub(crate) struct Examination<'a> {
    /// The job file, or its folder.
    pub job: &'a Path,
    /// The night.
    pub night: Date,
    /// The clock's day.
    pub today: Date,
    /// The clock's time.
    pub now: Timestamp,
    /// The only looks to take, by name; all where it is empty.
    pub only: &'a [String],
}

/// What was found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Diagnosis {
    /// The job file.
    pub job: PathBuf,
    /// The night.
    pub night: String,
    /// How many findings are well.
    pub ok: usize,
    /// How many need a person.
    pub warnings: usize,
    /// How many would stop the night.
    pub failures: usize,
    /// The findings, in the order of the looks.
    pub findings: Vec<Finding>,
}

/// What looks share.
struct Scene<'s> {
    job: &'s Job,
    night: Date,
    today: Date,
    now: Timestamp,
    /// The kinds that this user prints.
    kinds: Vec<PieceKind>,
    /// The ledger, once it is open.
    ledger: Option<Ledger>,
    /// Whether the ledger has released a night.
    begun: bool,
    /// How many rows of records wait in the inbox.
    rows: u64,
}

impl Scene<'_> {
    fn prints(&self, kind: PieceKind) -> bool {
        self.kinds.contains(&kind)
    }
}

/// A look: what it is called, and what it does.
type Look = (&'static str, fn(&mut Scene) -> Vec<Finding>);

/// Every look after the job file, in order: later ones use what earlier ones found.
const LOOKS: [Look; 18] = [
    ("bureau", bureau::look),
    ("user", user::look),
    ("modes", modes::look),
    ("clock", clock::look),
    ("calendar", calendar::look),
    ("ledger", ledger::look),
    ("leftovers", leftovers::look),
    ("audit", audit::look),
    ("signing_key", keys::look_at_signing_key),
    ("key_dates", keys::look_at_dates),
    ("press_key", press_key::look),
    ("recovery", recovery::look),
    ("templates", templates::look),
    ("inbox", inbox::look),
    ("codes", codes::look),
    ("disk", disk::look),
    ("approvals", approvals::look),
    ("stores", stores::look),
];

/// The looks that need no ledger; all others rest on what the look at it found. All rest on who the user is.
const ALONE: [&str; 10] =
    ["job", "bureau", "user", "modes", "clock", "calendar", "press_key", "templates", "approvals", "stores"];

/// The name of every look.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once("job").chain(LOOKS.iter().map(|(name, _)| *name))
}

/// Takes every look, and calls `tell` for each finding as it is made.
pub(crate) fn examine(order: &Examination, tell: &mut dyn FnMut(&Finding)) -> Diagnosis {
    let mut findings = Vec::new();
    let mut add = |found: Vec<Finding>| {
        found.iter().for_each(&mut *tell);
        findings.extend(found);
    };
    let wanted = |name: &str| order.only.is_empty() || order.only.iter().any(|only| only == name);
    let mut file = order.job.to_owned();
    match Job::load(order.job) {
        Err(error) => add(vec![Finding::failure("job", &error.into())]),
        Ok(job) => {
            file.clone_from(&job.file);
            if wanted("job") {
                add(vec![Finding::ok("job", format!("{} can be read", job.file.display()))]);
            }
            let mut scene = Scene {
                job: &job,
                night: order.night,
                today: order.today,
                now: order.now,
                kinds: PieceKind::ALL.to_vec(),
                ledger: None,
                begun: false,
                rows: 0,
            };
            let rests = names().any(|name| wanted(name) && !ALONE.contains(&name));
            let taken = |name: &str| wanted(name) || name == "user" || (rests && name == "ledger");
            for (name, look) in LOOKS.iter().filter(|(name, _)| taken(name)) {
                let found = look(&mut scene);
                if wanted(name) {
                    add(found);
                }
            }
        }
    }
    let count = |status| findings.iter().filter(|finding: &&Finding| finding.status == status).count();
    let (ok, warnings, failures) = (count(Status::Ok), count(Status::Warning), count(Status::Failure));
    Diagnosis { job: file, night: order.night.to_string(), ok, warnings, failures, findings }
}
