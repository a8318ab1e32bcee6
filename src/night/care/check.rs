//! A job's ledger held against all that belongs to it: files, manifests, stamps and keys.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;

use jiff::civil::Date;
use mail::lot::LotName;
use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};

use super::current;
use crate::audit::lacked_by;
use crate::failure::{Failure, agreeing, counted};
use crate::job::{Job, OutputLocation};
use crate::ledger::{Counts, Fault, Ledger, LotStatus, Reach};
use crate::night::paperwork::manifest_path;
use crate::night::release::{NightOutput, hold_against_outputs, refuse_lost_ledger};

/// How many faults of files are listed.
const LISTED: usize = 50;

/// How many acts are listed that the ledger lacks.
const LISTED_ACTS: usize = 20;

/// What a check found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CheckReport {
    /// Where the ledger is.
    pub ledger: String,
    /// How far it has come.
    #[serde(flatten)]
    pub reach: Reach,
    /// How many rows it has.
    pub counts: Counts,
    /// How many files of its lots were read.
    pub files: u64,
    /// Whether nothing is wrong.
    pub sound: bool,
    /// Whether the ledger itself is damaged, or knows less than the outputs.
    pub damaged: bool,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Checks a job's ledger, at one moment of it. Writes nothing.
///
/// # Errors
/// `no_ledger`; `ledger_damaged`: it can't be opened; key, I/O and store errors.
pub(crate) fn check(job: &Job) -> Result<CheckReport, Failure> {
    refuse_lost_ledger(job)?;
    let ledger = current(&job.ledger())?;
    let _snapshot = ledger.snapshot()?;
    let mut faults = ledger.faults()?;
    if let Err(failure) = hold_against_outputs(job, &ledger) {
        faults.push(Fault { part: "stamps", damaged: true, message: failure.in_one_line() });
    }
    if let Some(lacking) = lacked_by(&ledger, &job.audit_folder())? {
        let problem = format!(
            "the audit log has acts that the ledger lacks, because it was put back; do them again: {}",
            lacking.in_words(LISTED_ACTS)
        );
        faults.push(Fault::to_see("acts", problem));
    }
    let mut outputs = Outputs { job, ledger: &ledger, files: 0, faults: Vec::new() };
    for lot in ledger.lots(None)? {
        outputs.check(&lot)?;
    }
    let Outputs { files, faults: mut found, .. } = outputs;
    let more = found.len().saturating_sub(LISTED);
    found.truncate(LISTED);
    faults.extend(found);
    if more > 0 {
        faults.push(Fault::to_see(
            "files",
            format!("and {more} more that {} missing", agreeing(more, "differs or is", "differ or are")),
        ));
    }
    Ok(CheckReport {
        ledger: ledger.place().to_owned(),
        reach: ledger.reach()?,
        counts: ledger.counts()?,
        files,
        sound: faults.is_empty(),
        damaged: faults.iter().any(|fault| fault.damaged),
        faults,
    })
}

/// The outputs of a job, looked at lot by lot.
struct Outputs<'c> {
    job: &'c Job,
    ledger: &'c Ledger,
    files: u64,
    faults: Vec<Fault>,
}

/// The columns of a manifest that the ledger knows.
#[derive(Deserialize)]
struct Row {
    piece_id: String,
    sequence: i64,
    file: String,
    first_page: String,
    pages: String,
}

impl Outputs<'_> {
    /// Checks the files of a lot that is released: each is in place with its bytes, unless a purge removed it; the manifest
    /// has the lot's pieces.
    fn check(&mut self, lot: &LotStatus) -> Result<(), Failure> {
        let parsed = (lot.night.parse::<Date>(), LotName::parse(&lot.lot), PieceKind::parse(&lot.kind));
        let (Ok(night), Some(name), Some(kind)) = parsed else { return Ok(()) };
        let output = NightOutput::of(self.job, night)?;
        let manifest = manifest_path(kind, &name);
        for (path, sha256) in self.ledger.files_in_place(&name, kind)? {
            self.files += 1;
            let problem = match output.digest(&path)? {
                Some(found) if found == sha256 => None,
                Some(_) => Some("has other bytes than were released"),
                None => Some("is missing"),
            };
            match (problem, self.job.output()) {
                (Some(problem), _) => {
                    let file = output.display_file(&path);
                    self.faults.push(Fault::to_see("files", format!("`{file}` {problem}")));
                }
                (None, OutputLocation::Folder(folder)) if path == manifest => {
                    self.check_manifest(&name, kind, &folder.join(&lot.night).join(path))?;
                }
                (None, _) => {}
            }
        }
        Ok(())
    }

    /// Compares the rows of a manifest with the pieces of its lot.
    fn check_manifest(&mut self, lot: &LotName, kind: PieceKind, path: &Path) -> Result<(), Failure> {
        let mut table = csv::Reader::from_reader(BufReader::new(fs_err::File::open(path)?));
        let mut rows = BTreeMap::new();
        for row in table.deserialize() {
            let Row { piece_id, sequence, file, first_page, pages } = row.map_err(std::io::Error::other)?;
            rows.insert(sequence, [piece_id, file, first_page, pages]);
        }
        let mut wrong = 0u64;
        self.ledger.pieces_of_lot(lot, kind, |sequence, piece, forgotten| {
            let same = rows.remove(&sequence).map_or(forgotten, |row| row == piece);
            wrong += u64::from(!same);
        })?;
        if wrong > 0 || !rows.is_empty() {
            let (path, more) = (path.display(), rows.len());
            let problem = format!(
                "`{path}`: {} of the ledger {} no such row, and {} no piece",
                counted(wrong, "piece"),
                agreeing(wrong, "has", "have"),
                counted(more, "row")
            );
            self.faults.push(Fault::to_see("manifests", problem));
        }
        Ok(())
    }
}
