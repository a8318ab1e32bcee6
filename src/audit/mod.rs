//! The audit log: one line for each act, chained by SHA-256, each day closed by a signed head.
//!
//! Takes what a command did or was refused, and by whom; gives lines in `audit/YYYY-MM-DD.jsonl`, signed heads in
//! `audit/YYYY-MM-DD.head`, and their verification. Holds piece and lot references, and never a name, a card number or a code: staff appear as
//! marks, whose list lies apart. docs/audit.md describes the files, `docs/audit-check.py` checks an export without this program.

mod checkpoint;
mod cosign;
mod day;
mod export;
mod head;
mod lacking;
mod line;
mod log;
mod note;
mod reading;
mod recovery;
mod retirements;
mod staff;
mod stamp;
mod verdict;
mod verify;

#[cfg(test)]
mod tests;

pub(crate) use checkpoint::Checkpoint;
pub(crate) use cosign::cosign;
#[cfg(test)]
pub(crate) use export::AuditExport;
pub(crate) use export::export;
pub(crate) use lacking::{Lacking, lacked_by, lacking, ledger_at, writes_into_ledger};
pub(crate) use line::Entry;
#[cfg(test)]
pub(crate) use line::Line;
pub(crate) use log::{AuditLog, AuditPlace};
pub(crate) use note::NoteKey;
pub(crate) use reading::{LoggedAct, logged_acts, newest_closed};
pub(crate) use retirements::{RETIRE, UndoneRetirement, from_day, of_key, undone_retirements};
pub(crate) use stamp::kept as kept_stamp;
pub(crate) use verdict::{Fault, Verification};
pub(crate) use verify::{Against, verify};

/// The name of the log's key in signed notes.
pub(crate) const LOG_NAME: &str = "pli-audit";
/// The name of a cosigner's key in signed notes.
pub(crate) const COSIGNER_NAME: &str = "pli-approver";

/// The hash that stands where nothing comes before: 64 zeros.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How the name of a day's lines ends.
const LINES: &str = "jsonl";
/// How the name of a day's head ends.
const HEAD: &str = "head";
/// How the name of a head ends whose line is being written.
const NEXT: &str = "next";
/// The lock's name.
const LOCK: &str = "lock";

/// The largest day that is read, in bytes.
const MAX_DAY: u64 = 256 << 20;
/// The largest head that is read, in bytes.
const MAX_HEAD: u64 = 64 << 10;
