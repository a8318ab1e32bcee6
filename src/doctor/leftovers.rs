//! What runs left that were cut short, and runs that are under way.

use std::path::Path;

use jiff::civil::Date;

use super::{Finding, Scene};
use crate::failure::{Failure, agreeing, counted};
use crate::night::{Leftovers, is_locked};

const LOOK: &str = "leftovers";

/// Looks for a run under way, releases that were cut short, staged files, and shares that wait. Removes nothing.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    if is_locked(scene.job) {
        let problem = "a run, merge or shard of this job is under way";
        return vec![Finding::warning(LOOK, "locked", problem, "wait for its end, then look again")];
    }
    let mut found = left(scene).unwrap_or_else(|failure| vec![Finding::failure(LOOK, &failure)]);
    if found.is_empty() {
        found.push(Finding::ok(LOOK, "no run was cut short, and none is under way"));
    }
    found
}

fn left(scene: &Scene) -> Result<Vec<Finding>, Failure> {
    let file = scene.job.file.as_path();
    let left = Leftovers::find(scene.job)?;
    let mut found = Vec::new();
    let mut released = Vec::new();
    if let Some(ledger) = &scene.ledger {
        for night in ledger.interrupted()? {
            let problem = format!("the release of the night of {} was cut short", night.night);
            found.push(Finding::warning(LOOK, "release_interrupted", problem, again(file, &night.night)));
        }
        for night in &left.staged {
            released.extend(ledger.knows_night(*night)?.then_some(*night));
        }
    }
    let cut = left.staged.iter().filter(|night| !released.contains(night));
    found.extend(cut.map(|night: &Date| {
        let problem = format!("a run of the night of {night} was cut short; nothing of it was released");
        Finding::warning(LOOK, "night_cut_short", problem, again(file, night))
    }));
    found.extend(left.shares.iter().map(|(night, complete)| {
        let problem = format!(
            "{} of the night of {night} {} to be merged",
            counted(complete, "complete share"),
            agreeing(complete, "waits", "wait")
        );
        let advice = format!("once all are there: `pli merge {} --date {night}`", file.display());
        Finding::warning(LOOK, "shares_waiting", problem, advice)
    }));
    Ok(found)
}

fn again(job: &Path, night: &dyn std::fmt::Display) -> String {
    format!("run it again, which finishes it: `pli run {} --date {night}`", job.display())
}
