//! `pli ledger JOB check`

use serde::Serialize;

use super::{Console, Failure, Job, Ledger, Outcome, home};

#[derive(Serialize)]
struct Answer {
    sound: bool,
    faults: Vec<String>,
}

pub(super) fn check(job: &Job, console: &Console) -> Result<Outcome, Failure> {
    let faults = Ledger::view(&home(job)?)?.integrity()?;
    let answer = Answer { sound: faults.is_empty(), faults };
    console.result(&answer, |_| match &answer.faults[..] {
        [] => "the ledger is sound".to_owned(),
        faults => faults.join("\n"),
    })?;
    Ok(if answer.sound { Outcome::Done } else { Outcome::NeedsAPerson })
}
