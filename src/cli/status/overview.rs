//! The overview: lots, what waits, what is late.

use serde::Serialize;

use super::rows::Judge;
use crate::cli::console::Console;
use crate::cli::names::marked;
use crate::failure::{Failure, agreeing, counted};
use crate::ledger::{Ledger, LotStatus, PieceFilter, WaitingDay};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Overview {
    lots: Vec<LotStatus>,
    waiting: u64,
    waiting_by_day: Vec<WaitingDay>,
    late: u64,
}

/// Prints the overview.
///
/// # Errors
/// Those of the ledger and of the output.
pub(super) fn print(ledger: &Ledger, judge: &Judge, console: &Console) -> Result<(), Failure> {
    let overview = Overview {
        lots: ledger.lots(None)?,
        waiting: ledger.waiting_count()?,
        waiting_by_day: ledger.waiting_by_day()?,
        late: late(ledger, judge)?,
    };
    console.result(&overview, |_| text(&overview))
}

/// How many pieces are late that wait or must be printed again.
fn late(ledger: &Ledger, judge: &Judge) -> Result<u64, Failure> {
    let mut late = 0;
    ledger.each_planned(None, None, false, |piece| {
        late += u64::from(judge.deadline.of_planned(&piece).late);
        Ok::<_, Failure>(())
    })?;
    let open = PieceFilter { states: Some(judge.deadline.open_states()), ..PieceFilter::default() };
    ledger.each_piece(&open, |piece| {
        late += u64::from(judge.deadline.of_piece(&piece).late);
        Ok::<_, Failure>(())
    })?;
    Ok(late)
}

fn text(overview: &Overview) -> String {
    let mut lines: Vec<String> = Vec::new();
    for lot in &overview.lots {
        lines.push(lot_line(lot));
        lines.extend(lot.files.iter().map(|file| format!("    {file}")));
    }
    lines.push(format!(
        "{} {} for a later night",
        counted(overview.waiting, "piece"),
        agreeing(overview.waiting, "waits", "wait")
    ));
    for WaitingDay { due, kind, pieces } in &overview.waiting_by_day {
        let due = due.as_deref().map_or("once their letters have left", |due| due);
        lines.push(format!("    {pieces:>8} {kind:<7} {due}"));
    }
    if overview.late > 0 {
        let (pieces, are) = (counted(overview.late, "piece"), agreeing(overview.late, "is", "are"));
        lines.push(format!("{pieces} {are} late: see `pli status JOB --late`"));
    }
    lines.join("\n")
}

/// A lot in a line.
pub(super) fn lot_line(lot: &LotStatus) -> String {
    let LotStatus { lot: name, kind, night, pieces, template, states, .. } = lot;
    let states: Vec<String> = match states.len() {
        1 => states.keys().map(|state| state.replace('_', " ")).collect(),
        _ => states.iter().map(|(state, pieces)| format!("{pieces} {}", state.replace('_', " "))).collect(),
    };
    format!(
        "{night}  {}  {kind:<7}{pieces:>8} pieces  {}  {}",
        marked(name, kind),
        states.join(", "),
        template.split(' ').next().unwrap_or("")
    )
}
