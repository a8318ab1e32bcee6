//! The ledger: reachable, its own keys beside it, and not older than what was released.

use super::patience::{PATIENCE, within};
use super::{Finding, Scene};
use crate::failure::Failure;
use crate::job::{Job, LedgerHome, LedgerLocation, OutputLocation};
use crate::ledger::Ledger;
use crate::night::order::NightOrder;
use crate::night::{alerts_on_date, is_locked, open_ledger};

const LOOK: &str = "ledger";
/// How a ledger is opened by somebody who writes nothing, not even beside it.
const READING: fn(&LedgerHome) -> Result<Ledger, crate::ledger::LedgerError> = Ledger::read;

/// Opens the ledger as the run does, for reading, and holds it against the outputs and against the night's date.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let ledger = match opened(scene.job) {
        Ok(ledger) => ledger,
        Err(failure) => return vec![unopened(scene, &failure)],
    };
    let found = described(scene, &ledger).unwrap_or_else(|failure| vec![Finding::failure(LOOK, &failure)]);
    scene.ledger = Some(ledger);
    found
}

/// The ledger, open for reading. What lies behind a network is waited for within a limit.
fn opened(job: &Job) -> Result<Ledger, Failure> {
    let far = matches!(job.ledger().location, LedgerLocation::Server(_));
    if !far && matches!(job.output(), OutputLocation::Folder(_)) {
        return open_ledger(job, READING);
    }
    let (own, whom) = (job.clone(), if far { "the ledger's server" } else { "the object store" });
    within(PATIENCE, whom, move || open_ledger(&own, READING))
}

/// A ledger that a run has open, or left open, is brought in order by the next command; others stop the night.
fn unopened(scene: &Scene, failure: &Failure) -> Finding {
    let finding = Finding::failure(LOOK, failure);
    match failure.code() {
        "ledger_unsettled" if is_locked(scene.job) => Finding {
            message: "a run writes the ledger at this moment".to_owned(),
            advice: Some("look again once it has ended".to_owned()),
            ..finding.into_warning()
        },
        "ledger_unsettled" => Finding {
            advice: Some(format!(
                "run the command again that was cut short: `pli run {}`, with its `--date`",
                scene.job.file.display()
            )),
            ..finding.into_warning()
        },
        _ => finding,
    }
}

fn described(scene: &mut Scene, ledger: &Ledger) -> Result<Vec<Finding>, Failure> {
    let last = ledger.last_night()?;
    scene.begun = last.is_some();
    let order = NightOrder { today: Some(scene.today), ..NightOrder::new(scene.job, scene.night) };
    // A day off is the calendar's finding.
    let alerts = alerts_on_date(&order, ledger)?.into_iter().filter(|alert| alert.code != "no_working_day");
    let mut found: Vec<Finding> = alerts
        .map(|alert| {
            Finding::alert(
                LOOK,
                &alert,
                "see that the date is meant, and that the clock is right; `--date` names another night",
            )
        })
        .collect();
    if found.is_empty() {
        let place = ledger.place();
        found.push(Finding::ok(
            LOOK,
            match last {
                Some(last) => format!("{place} agrees with what was released; the last night was {last}"),
                None => format!("{place} has released no night yet"),
            },
        ));
    }
    Ok(found)
}
