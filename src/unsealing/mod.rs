//! Unsealing at the press: mailers are opened into a pipe or a folder in memory, never onto a disk, and each file once.
//!
//! Takes the sealed print files of a lot, the press's identity and a target. A file is opened whole in memory that is wiped, and
//! only if its bytes are those that were released. The opening is noted before the first byte leaves.

mod lot;
mod record;
mod target;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use foreign::legible;
use serde::Serialize;

pub(crate) use lot::SealedLot;

use crate::approvals::{self, Act, Asking, Subject};
use crate::failure::Failure;
use crate::files::sha256_of_reader;
use crate::job::Job;
use crate::ledger::{Author, Ledger};
use crate::vault::{MAX_SEALED_SIZE, SealError, open_bytes};
use lot::SealedFile;
use record::{OpeningRecord, Records};
use target::Target;

/// How the name of a sealed file ends.
const SEALED: &str = ".age";

/// What is to be opened, and where to.
#[derive(Debug)]
pub(crate) struct UnsealOrder<'a> {
    /// The lot.
    pub(crate) lot: &'a SealedLot,
    /// The only file to open, by its name; `None` for all of the lot.
    pub(crate) file: Option<&'a str>,
    /// The press's age identity.
    pub(crate) identity: &'a Path,
    /// A named pipe, or a folder in memory.
    pub(crate) to: &'a Path,
    /// Who opens it.
    pub(crate) author: &'a Author,
    /// When, as the record says it.
    pub(crate) at: String,
    /// The job whose approvers may let files be opened once more, and with what is asked; `None` at a press without a job.
    pub(crate) leave: Option<(&'a Job, &'a Asking)>,
}

/// What was opened.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct UnsealReport {
    /// The lot with its kind.
    pub(crate) lot: String,
    /// The files, in the order of their names.
    pub(crate) files: Vec<UnsealedFile>,
    /// The files of the lot that were opened before, and are not opened again.
    pub(crate) opened_before: Vec<String>,
}

/// A file that was opened.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct UnsealedFile {
    /// The sealed file's name.
    pub(crate) file: String,
    /// SHA-256 of its sealed bytes.
    pub(crate) sha256: String,
    /// How many bytes were written.
    pub(crate) bytes: u64,
    /// Where they went.
    pub(crate) to: String,
}

/// Opens the mailers of a lot: the file that is named, or all that were not opened yet; all of them once more where none is left.
///
/// # Errors
/// `unseal_*`: exit code 2 for a lot or file that is not there, 3 for a target on a disk, one that others may read, a file that was
/// altered; `unsealed_before`, `approval_needed`: exit code 3; those of the identity and of sealed files; `unseal_lost`: exit code 3;
/// `unseal_write`: exit code 4, and the same command goes on.
pub(crate) fn unseal(order: &UnsealOrder) -> Result<UnsealReport, Failure> {
    let target = Target::find(order.to)?;
    let files = order.lot.chosen(order.file)?;
    let records = Records::in_folder(&order.lot.records);
    let mut report =
        UnsealReport { lot: order.lot.name.clone(), files: Vec::new(), opened_before: Vec::new() };
    let mut ready = Vec::new();
    for file in files {
        let (sealed, sha256) = sealed_bytes(file)?;
        let time = records.next_time(&sha256);
        ready.push((file, sealed, sha256, time));
    }
    // A command that failed after some of its files resumes with the others.
    if order.file.is_none() && ready.iter().any(|(.., time)| *time == 1) {
        let before = ready.extract_if(.., |(.., time)| *time > 1);
        report.opened_before = before.map(|(file, ..)| file.name.clone()).collect();
    }
    if let (Target::Pipe(_), [_, _, ..]) = (&target, &ready[..]) {
        let problem =
            format!("lot {} has {} files to open, and a pipe takes one", order.lot.name, ready.len());
        let names: Vec<&str> = ready.iter().map(|(file, ..)| file.name.as_str()).collect();
        return Err(Failure::usage("unseal_which", problem)
            .with_advice(format!("open one after the other, with `--file`: {}", names.join(", "))));
    }
    let again = ready.iter().filter(|(.., time)| *time > 1);
    let again: Vec<(&str, &str)> =
        again.map(|(file, _, sha256, _)| (file.name.as_str(), sha256.as_str())).collect();
    permit_again(order, &records, &again)?;
    for (file, sealed, sha256, time) in ready {
        let plain = open_bytes(&file.path.display().to_string(), &sealed, order.identity)?;
        let clear_name = file.name.strip_suffix(SEALED).unwrap_or(&file.name);
        let record = OpeningRecord {
            lot: order.lot.name.clone(),
            file: file.name.clone(),
            sha256: sha256.clone(),
            by: order.author.name.clone(),
            at: order.at.clone(),
            to: target.kind().to_owned(),
        };
        let to = target.write(clear_name, &plain, || records.claim(&record, time))?;
        report.files.push(UnsealedFile { file: file.name.clone(), sha256, bytes: plain.len() as u64, to });
    }
    Ok(report)
}

/// Lets files that were opened before be opened once more, where the approvers of the job allow exactly that.
///
/// # Errors
/// `unsealed_before`: nobody is there who could approve it; those of [`approvals::pass`].
fn permit_again(order: &UnsealOrder, records: &Records, again: &[(&str, &str)]) -> Result<(), Failure> {
    let Some((file, sha256)) = again.first() else { return Ok(()) };
    let Some((job, asking)) = order.leave.filter(|(job, _)| job.lists_approvers()) else {
        return Err(records.refusal(file, sha256));
    };
    let names = again.iter().map(|(file, _)| (*file).to_owned()).collect();
    let subject = Subject::new(Act::UnsealAgain, names, [("lot", order.lot.name.clone())]);
    let subject = again.iter().fold(subject, |subject, (file, sha256)| subject.under(*file, *sha256));
    approvals::pass(job, &Ledger::open(&job.ledger())?, asking, vec![subject])
}

/// The bytes of a sealed file and their SHA-256.
///
/// # Errors
/// `unseal_altered`: they are not those that were released; [`SealError::Unreadable`].
fn sealed_bytes(file: &SealedFile) -> Result<(Vec<u8>, String), Failure> {
    let sealed = foreign::read(&file.path, MAX_SEALED_SIZE).map_err(SealError::from)?;
    let sha256 = sha256_of_reader(&sealed[..])?;
    match &file.sha256 {
        Some(released) if *released != sha256 => Err(Failure::refused(
            "unseal_altered",
            "it is not the file that the night released",
        )
        .in_file(shown(&file.path))
        .with_advice(
            "fetch it again from the night's folder; `pli ledger JOB check` says whether it is sound there",
        )),
        _ => Ok((sealed, sha256)),
    }
}

fn shown(path: &Path) -> String {
    legible(&path.display().to_string()).into_owned()
}

/// Where the records of openings lie: in the job's folder, or beside the files at a press without a job.
fn records_folder(folder: &Path) -> PathBuf {
    folder.join("unsealed")
}
