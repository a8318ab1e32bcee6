//! `pli unseal`

use std::path::{Path, PathBuf};

use clap::Args;
use foreign::legible;
use mail::lot::WrittenLot;
use mail::piece::PieceKind;

use super::Outcome;
use super::acts::Act;
use super::approve::RequestKey;
use super::console::Console;
use super::names::{self, Kind};
use crate::approvals;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Author, present};
use crate::unsealing::{SealedLot, UnsealOrder, UnsealReport, unseal as unseal_lot};
use crate::vault::keep_to_itself;

/// The press's identity in a job's folder.
const PRESS_IDENTITY: &str = "keys/press.identity";

/// Open mailers at the press, into a pipe or into memory, never onto a disk.
#[derive(Debug, Args)]
#[command(
    after_help = "Each file is opened once, and once more where the job's approvers allow it. A pipe takes one file, and waits for its reader.\n\nExamples:\n  pli unseal M26327A --to /dev/shm/press\n  pli unseal M26327A --folder /srv/lots --identity press.identity --file 26327A-0001.pdf --to /run/press/pipe\n\nExit codes: 0 opened; 2 usage, or no such lot; 3 refused: a disk, a target that others can read, a file that was altered\nor opened before; 4 failed midway."
)]
pub(super) struct Arguments {
    /// The lot: `M26327A`
    #[arg(value_parser = names::lot)]
    lot: WrittenLot,
    /// A named pipe, or a folder of a file system in memory
    #[arg(long, value_name = "PIPE|DIR")]
    to: PathBuf,
    /// The job file, or the folder that holds it
    #[arg(long, default_value = ".")]
    job: PathBuf,
    /// At a press without a job: the folder of the lot's sealed files
    #[arg(long, value_name = "DIR", conflicts_with = "job", requires = "identity")]
    folder: Option<PathBuf>,
    /// The age identity that opens them; default: `keys/press.identity` of the job
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Only this file of the lot
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
    /// Who opens them; default: this user
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    by: Option<String>,
    #[command(flatten)]
    request: RequestKey,
}

impl Arguments {
    /// What the audit log of the job has of it; a press without a job has none.
    pub(super) fn act(&self) -> Option<Act> {
        let act = || Act::new(&self.job, "unseal").lot(Some(&self.lot)).by(self.by.as_deref());
        self.folder.is_none().then(|| act().requests(self.request.requests()))
    }
}

pub(super) fn unseal(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    if arguments.lot.kind == Some(PieceKind::Letter) {
        let problem = format!("`{}` is a lot of letters, which are not sealed", arguments.lot);
        return Err(Failure::usage("unseal_letters", problem)
            .with_advice("name a lot of mailers; `pli status JOB` lists the lots"));
    }
    keep_to_itself()?;
    let job = match &arguments.folder {
        Some(_) => None,
        None => Some(Job::load(&arguments.job)?),
    };
    if let Some(job) = &job {
        approvals::permit(job, Some(PieceKind::Mailer))?;
    }
    let (lot, identity) = match (&arguments.folder, &job) {
        (_, Some(job)) => {
            let (name, _) = names::lot_of(job, &arguments.lot, Some(Kind::Mailer))?;
            (SealedLot::of_job(job, &names::view(job)?, &name)?, job.path(PRESS_IDENTITY))
        }
        (folder, None) => {
            let folder = folder.as_deref().unwrap_or(Path::new("."));
            (SealedLot::in_folder(folder, &arguments.lot.name)?, PathBuf::new())
        }
    };
    if arguments.identity.is_none() && !identity.exists() {
        return Err(Failure::usage("key_unreadable", "the job does not hold the press's identity")
            .in_file(identity.display())
            .with_advice("name it with `--identity FILE` where the press shares this machine; a press of its own opens a copy of the files with `--folder DIR --identity FILE`"));
    }
    let asking = arguments.request.asking()?;
    let report = unseal_lot(&UnsealOrder {
        lot: &lot,
        file: arguments.file.as_deref(),
        identity: arguments.identity.as_deref().unwrap_or(&identity),
        to: &arguments.to,
        author: &Author::named(arguments.by.as_deref()),
        at: present(),
        leave: job.as_ref().map(|job| (job, &asking)),
    })?;
    console.result(&report, |_| text(&report))?;
    Ok(Outcome::Done)
}

fn text(report: &UnsealReport) -> String {
    let lines = report
        .files
        .iter()
        .map(|file| format!("  {} ({} bytes) to {}", legible(&file.file), file.bytes, file.to));
    let before = report.opened_before.iter().map(|file| format!("  {} was opened before", legible(file)));
    let first = format!("lot {}: opened, and noted", report.lot);
    [first].into_iter().chain(lines).chain(before).collect::<Vec<_>>().join("\n")
}
