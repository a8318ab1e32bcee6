//! The machine's files of a lot, read as its machine writes them.

use std::path::Path;

use serde::Serialize;

use super::naming::Named;
use super::opening::OpenJob;
use super::read::{MachineReport, Read};
use super::reconcile::ReconcileOrder;
use super::results::{RowFault, read_report};
use crate::failure::Failure;
use mail::inserter::Machine;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// The reports of a machine, and the lot that they are of.
pub(super) struct Reports {
    /// The lot.
    pub name: LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// The files.
    pub all: Vec<MachineReport>,
    /// The last reads of files that are still being written: they count, and are not booked, since more of their line may come.
    pub unfinished: Vec<Read>,
}

/// A row of a machine's file that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FileFault {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The stable code.
    pub code: &'static str,
    /// The problem.
    pub problem: String,
    /// What to do.
    pub advice: String,
}

impl Reports {
    /// Reads the files as the machine of the lot writes them. Without a lot they are read as that of the letters does, then as
    /// that of the mailers.
    ///
    /// # Errors
    /// `lot_unclear`: the reads do not tell the lot; errors of the files and of the ledger.
    pub(super) fn read(open: &OpenJob, order: &ReconcileOrder) -> Result<Reports, Failure> {
        if let Some((name, kind)) = &order.lot {
            return read_all(name.clone(), *kind, order);
        }
        let mut first_failure = None;
        for kind in PieceKind::ALL {
            match read_all_of(kind, order) {
                Ok((all, unfinished)) => {
                    if let Some(name) = open.lot_of_reads(&all, kind)? {
                        return Ok(Reports { name, kind, all, unfinished });
                    }
                }
                Err(failure) => {
                    first_failure.get_or_insert(failure);
                }
            }
        }
        Err(first_failure.unwrap_or_else(|| {
            let problem = "the reads do not tell the lot: none of them names a piece of the ledger";
            Failure::usage("lot_unclear", problem).with_advice("name the lot in hand: `--lot L26327A`")
        }))
    }

    /// The rows that can't be used.
    pub(super) fn faults(&self) -> Vec<FileFault> {
        let of_report = |report: &MachineReport| {
            report.faults.iter().map(|fault| FileFault::of(&report.file, fault)).collect::<Vec<_>>()
        };
        self.all.iter().flat_map(of_report).collect()
    }
}

impl FileFault {
    fn of(file: &str, fault: &RowFault) -> FileFault {
        let failure = fault.failure(file);
        FileFault {
            file: file.to_owned(),
            line: fault.line,
            code: failure.code(),
            problem: failure.message().to_owned(),
            advice: failure.advice().unwrap_or_default().to_owned(),
        }
    }
}

fn read_all(name: LotName, kind: PieceKind, order: &ReconcileOrder) -> Result<Reports, Failure> {
    let (all, unfinished) = read_all_of(kind, order)?;
    Ok(Reports { name, kind, all, unfinished })
}

fn read_all_of(kind: PieceKind, order: &ReconcileOrder) -> Result<(Vec<MachineReport>, Vec<Read>), Failure> {
    let machine = order.job.machine(kind);
    let (mut all, mut unfinished) = (Vec::new(), Vec::new());
    for file in order.files {
        let (report, last) = read_growing(file, machine, order.complete)?;
        all.push(report);
        unfinished.extend(last);
    }
    Ok((all, unfinished))
}

/// A file that may still be growing, and its last read where that has no line end and names something whole.
fn read_growing(
    file: &Path,
    machine: &Machine,
    complete: bool,
) -> Result<(MachineReport, Option<Read>), Failure> {
    let report = read_report(file, &machine.results, complete)?;
    if !report.unfinished {
        return Ok((report, None));
    }
    let closed = read_report(file, &machine.results, true)?;
    let last = closed.reads.last().filter(|_| closed.reads.len() == report.reads.len() + 1).cloned();
    match last.filter(|last| Named::of(&last.value, machine) != Named::Nothing) {
        Some(last) => Ok((closed, Some(last))),
        None => Ok((report, None)),
    }
}
