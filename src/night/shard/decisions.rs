//! Decisions of the check, as a share passes them to the merge, which checks nothing again.
//!
//! Every shard checks every piece, so all shares hold the same decisions, byte for byte. Findings name cards and columns as
//! `rejects.csv` does; never a code. The merge has no codes identity, from which the order of the mailers follows, so a share
//! holds that order's key.

use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::files::sha256_of_file;
use crate::ledger::Finding;
use crate::night::planning::{Outcome, Plan, Severity};
use crate::vault::MailerOrder;
use mail::piece::PieceKind;

/// The file's name in a share.
pub(super) const DECISIONS: &str = "decisions.jsonl";

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    /// A finding that rejects a piece.
    Reject(Finding),
    /// A finding that does not.
    Warning(Finding),
    /// The entry with this index is rejected.
    Rejected(u32),
    /// The entry with this index waits for another night.
    Held(u32),
    /// The key of the order of the mailers, in hexadecimal.
    MailerOrder(String),
}

/// A plan before its pieces are checked.
pub(super) struct BeforeCheck {
    due: Vec<u32>,
    findings: usize,
}

impl BeforeCheck {
    /// Notes what is due and how many findings there are.
    pub(super) fn of(plan: &Plan) -> BeforeCheck {
        let due = PieceKind::ALL.iter().flat_map(|kind| plan.pieces(*kind)).collect();
        BeforeCheck { due, findings: plan.findings.len() }
    }

    /// Writes what the check has changed since, and returns the file's SHA-256.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn write_decisions(&self, plan: &mut Plan, folder: &Path) -> io::Result<String> {
        let path = folder.join(DECISIONS);
        let mut out = BufWriter::new(fs_err::File::create(&path)?);
        plan.findings.each_after(self.findings, |severity, finding| {
            let decision = match severity {
                Severity::Reject => Decision::Reject(finding),
                Severity::Warning => Decision::Warning(finding),
            };
            write_line(&mut out, &decision)
        })?;
        if let Some(order) = plan.mailer_order() {
            write_line(&mut out, &Decision::MailerOrder(order.to_hexadecimal()))?;
        }
        for &index in &self.due {
            match plan.entry(index).outcome {
                Outcome::Piece => {}
                Outcome::Rejected => write_line(&mut out, &Decision::Rejected(index))?,
                Outcome::Deferred | Outcome::Nothing => write_line(&mut out, &Decision::Held(index))?,
            }
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        sha256_of_file(&path)
    }
}

fn write_line(out: &mut impl Write, decision: &Decision) -> io::Result<()> {
    serde_json::to_writer(&mut *out, decision)?;
    out.write_all(b"\n")
}

/// Applies the decisions of a share to a plan that was not checked.
///
/// # Errors
/// `bug`: a decision on an entry that the plan does not have; I/O errors.
pub(super) fn apply(folder: &Path, plan: &mut Plan) -> Result<(), Failure> {
    let path = folder.join(DECISIONS);
    for line in io::BufReader::new(fs_err::File::open(&path)?).lines() {
        let decision: Decision = serde_json::from_str(&line?).map_err(io::Error::from)?;
        match decision {
            Decision::Reject(finding) => plan.findings.add(Severity::Reject, &finding)?,
            Decision::Warning(finding) => plan.findings.add(Severity::Warning, &finding)?,
            Decision::MailerOrder(key) => match MailerOrder::from_hexadecimal(&key) {
                Some(order) => plan.arrange_mailers(order),
                None => {
                    let problem = "the order of the mailers that the shares agree on can't be read";
                    return Err(Failure::bug(problem).in_file(path.display()));
                }
            },
            Decision::Rejected(index) if known(plan, index) => plan.reject(index, &[])?,
            Decision::Held(index) if known(plan, index) => plan.hold_back(index),
            Decision::Rejected(index) | Decision::Held(index) => {
                let problem = format!("there is no entry {index} in the plan that the shares agree on");
                return Err(Failure::bug(problem).in_file(path.display()));
            }
        }
    }
    Ok(())
}

fn known(plan: &Plan, index: u32) -> bool {
    (index as usize) < plan.entries.len()
}
