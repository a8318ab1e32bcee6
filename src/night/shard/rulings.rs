//! Rulings: what the check decided, as a share hands it to the merge, which checks nothing again.
//!
//! Every shard checks every piece, so all shares hold the same rulings, byte for byte. Findings name cards and columns as
//! `rejects.csv` does; never a code.

use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::ledger::Finding;
use crate::night::findings::Weight;
use crate::night::planning::{Fate, Plan};
use crate::night::release::digest;
use mail::piece::PieceKind;

/// The file's name in a share.
pub(super) const RULINGS: &str = "rulings.jsonl";

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ruling {
    /// A finding that refused a piece.
    Reject(Finding),
    /// One that did not.
    Warning(Finding),
    /// The entry is refused.
    Refused(u32),
    /// The entry waits for another night.
    Held(u32),
}

/// What a plan was before its pieces were checked.
pub(super) struct Unchecked {
    due: Vec<u32>,
    findings: usize,
}

impl Unchecked {
    /// That of a plan.
    pub fn note(plan: &Plan) -> Unchecked {
        let due = PieceKind::ALL.iter().flat_map(|kind| plan.pieces(*kind)).collect();
        Unchecked { due, findings: plan.findings.len() }
    }

    /// Writes what the check changed since; gives the file's SHA-256.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write_rulings(&self, plan: &mut Plan, folder: &Path) -> io::Result<String> {
        let path = folder.join(RULINGS);
        let mut out = BufWriter::new(fs_err::File::create(&path)?);
        plan.findings.each_after(self.findings, |weight, finding| {
            let ruling = match weight {
                Weight::Reject => Ruling::Reject(finding),
                Weight::Warning => Ruling::Warning(finding),
            };
            write_line(&mut out, &ruling)
        })?;
        for &index in &self.due {
            match plan.entry(index).fate {
                Fate::Piece => {}
                Fate::Rejected => write_line(&mut out, &Ruling::Refused(index))?,
                Fate::Deferred | Fate::Nothing => write_line(&mut out, &Ruling::Held(index))?,
            }
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        digest(&path)
    }
}

fn write_line(out: &mut impl Write, ruling: &Ruling) -> io::Result<()> {
    serde_json::to_writer(&mut *out, ruling)?;
    out.write_all(b"\n")
}

/// Takes the rulings of a share into a plan that was not checked.
///
/// # Errors
/// Those of the disk, and a ruling about an entry that the plan has not.
pub(super) fn apply(folder: &Path, plan: &mut Plan) -> Result<(), Failure> {
    let path = folder.join(RULINGS);
    for line in io::BufReader::new(fs_err::File::open(&path)?).lines() {
        let ruling: Ruling = serde_json::from_str(&line?).map_err(io::Error::from)?;
        match ruling {
            Ruling::Reject(finding) => plan.findings.add(Weight::Reject, &finding)?,
            Ruling::Warning(finding) => plan.findings.add(Weight::Warning, &finding)?,
            Ruling::Refused(index) if known(plan, index) => plan.reject(index, &[])?,
            Ruling::Held(index) if known(plan, index) => plan.hold_back(index),
            Ruling::Refused(index) | Ruling::Held(index) => {
                return Err(Failure::Midway(format!(
                    "{}: there is no entry {index} in the plan that the shares agree on; report this",
                    path.display()
                )));
            }
        }
    }
    Ok(())
}

fn known(plan: &Plan, index: u32) -> bool {
    (index as usize) < plan.entries.len()
}
