//! Keys that the log knows to be retired, held against the register of keys: a hand that takes a retirement out of
//! `keys/register.toml` is noticed.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use super::day::{DayLines, Days};
use super::{Fault, verdict::Tampering};
use crate::failure::Failure;
use crate::vault::KeyRegister;

/// The act that retires a key.
pub(crate) const RETIRE: &str = "keys retire";
/// How the line of such an act begins: its keys are sorted.
const BEGIN: &[u8] = br#"{"act":"keys retire","#;
/// The register's name, as faults have it.
const REGISTER: &str = "keys/register.toml";

/// The option of a line that names the retired key.
pub(crate) fn of_key(fingerprint: &str) -> String {
    format!("fingerprint={fingerprint}")
}

/// The option of a line that says from when on the key is retired.
pub(crate) fn from_day(day: Date) -> String {
    format!("from={day}")
}

/// What is read of a line.
#[derive(Deserialize)]
struct Act {
    outcome: String,
    #[serde(default)]
    options: Vec<String>,
}

/// A retirement of the log that the register does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UndoneRetirement {
    /// The key.
    pub fingerprint: String,
    /// The first day on which it is used no more, as the log says.
    pub from: Date,
    /// The day that the register has.
    pub registered: Option<Date>,
}

impl UndoneRetirement {
    /// What is wrong, in words.
    pub(crate) fn problem(&self) -> String {
        let UndoneRetirement { fingerprint, from, registered } = self;
        let found = match registered {
            Some(day) => format!("retires it from {day} on only"),
            None => "does not retire it".to_owned(),
        };
        format!(
            "the audit log says that the key {fingerprint} is retired from {from} on, and this file {found}"
        )
    }

    /// The fault of a verification.
    pub(crate) fn fault(&self) -> Fault {
        Fault { kind: Tampering::Unretired, file: REGISTER.to_owned(), line: None, message: self.problem() }
    }

    /// The refusal of a night.
    pub(crate) fn refusal(&self) -> Failure {
        let advice = format!(
            "restore it from a backup that has the retirement, or retire the key again: `pli keys retire KEY --from {}`; `pli audit JOB` lists what was undone",
            self.from
        );
        Failure::refused("key_retirement_undone", self.problem()).in_file(REGISTER).with_advice(advice)
    }
}

/// The retirements of a log that a register of keys does not have, or has from a later day on. Lines that a purge forgot say nothing.
///
/// # Errors
/// `audit_io`: this user can't read a day.
pub(crate) fn undone_retirements(
    folder: &Path,
    register: &KeyRegister,
) -> Result<Vec<UndoneRetirement>, Failure> {
    let undone = retirements(folder)?.into_iter().filter_map(|(fingerprint, from)| {
        let of_key = register.keys().iter().filter(|key| key.fingerprint == fingerprint);
        let registered = of_key.filter_map(|key| key.retired_from).min();
        let is_kept = registered.is_some_and(|day| day <= from);
        (!is_kept).then_some(UndoneRetirement { fingerprint, from, registered })
    });
    Ok(undone.collect())
}

/// The earliest day from which each key is retired, by fingerprint.
fn retirements(folder: &Path) -> Result<BTreeMap<String, Date>, Failure> {
    let mut found: BTreeMap<String, Date> = BTreeMap::new();
    for day in Days::of(folder)?.days.into_keys() {
        let lines = DayLines::read(folder, day)?;
        let acts = lines.whole().filter(|line| line.starts_with(BEGIN));
        for act in acts.filter_map(|line| serde_json::from_slice::<Act>(line).ok()) {
            let option = |name: &str| {
                act.options.iter().find_map(|option| Some(option.strip_prefix(name)?.to_owned()))
            };
            let from = option("from=").and_then(|day| day.parse::<Date>().ok());
            if let Some((key, from)) = option("fingerprint=").zip(from).filter(|_| act.outcome == "done") {
                let known = found.entry(key).or_insert(from);
                *known = from.min(*known);
            }
        }
    }
    Ok(found)
}
