//! Alerts: what a person should know of a night before it leaves the bureau, whatever its records say.

use super::super::order::NightOrder;
use super::super::report::{Alert, Report};
use crate::audit::lacked_by;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::vault::RecipientSummary;
use mail::piece::PieceKind;

/// What a person should know of a job that writes its mailers in clear.
pub(crate) const MAILERS_IN_CLEAR: &str = "`output.unsealed` is true: mailers are written in clear, and whoever can read their files reads the codes; for anything but a demonstration remove `unsealed` from the job";

/// How many acts are listed that the ledger lacks.
const LISTED_ACTS: usize = 20;

/// Warns of mailers that the job writes in clear.
pub(in crate::night) fn warn_of_mailers_in_clear(job: &Job) {
    if !job.seals(PieceKind::Mailer) {
        tracing::warn!(code = "mailers_unsealed", "{MAILERS_IN_CLEAR}");
    }
}

/// What a person should know of a night's date, which may be a mistake.
///
/// # Errors
/// Ledger errors.
pub(crate) fn alerts_on_date(order: &NightOrder, ledger: &Ledger) -> Result<Vec<Alert>, Failure> {
    let night = order.night;
    let mut alerts = Vec::new();
    if let Some(last) = ledger.last_night()?.filter(|last| *last > night) {
        let problem =
            format!("the ledger has released the night of {last} already, and this one is of {night}");
        alerts.push(Alert::of("night_before_last", problem));
    }
    if !order.job.calendar().is_working_day(night) {
        let problem = format!("{night} is no working day: what is overdue leaves all the same");
        alerts.push(Alert::of("no_working_day", problem));
    }
    if let Some(today) = order.today.filter(|today| *today < night) {
        let problem = format!(
            "{night} is in the future (today is {today}): what is due until then leaves with this run"
        );
        alerts.push(Alert::of("night_in_future", problem));
    }
    Ok(alerts)
}

/// Adds the alerts of a night to its report.
///
/// # Errors
/// Ledger errors.
pub(in crate::night) fn add_alerts(report: &mut Report, job: &Job, ledger: &Ledger) -> Result<(), Failure> {
    let mut add = |code: &str, message: String| report.alerts.push(Alert { code: code.to_owned(), message });
    if !job.seals(PieceKind::Mailer) {
        add("mailers_unsealed", MAILERS_IN_CLEAR.to_owned());
    }
    if let Some(lacking) = lacked_by(ledger, &job.audit_folder())? {
        let message = format!(
            "the audit log has acts that the ledger lacks, because it was put back: {}; do them again before a lot leaves",
            lacking.in_words(LISTED_ACTS)
        );
        tracing::warn!(code = "ledger_lacks_acts", "{message}");
        add("ledger_lacks_acts", message);
    }
    if let Some(body) = ledger.last_run_with_recipients()?
        && let Ok(last) = serde_json::from_str::<Report>(&body)
        && let Some(message) = changed(&last, &report.recipients)
    {
        tracing::warn!(code = "recipients_changed", "{message}");
        add("recipients_changed", message);
    }
    Ok(())
}

/// How the recipients of mailers differ from those of the last run that had some; `None` where they are the same.
fn changed(last: &Report, recipients: &[RecipientSummary]) -> Option<String> {
    let missing = |from: &[RecipientSummary], of: &[RecipientSummary], what: &str| -> Vec<String> {
        let gone = of.iter().filter(|one| !from.iter().any(|other| other.recipient == one.recipient));
        gone.map(|one| format!("{} ({}) {what}", one.fingerprint, one.source)).collect()
    };
    let mut changes = missing(&last.recipients, recipients, "is new");
    changes.extend(missing(recipients, &last.recipients, "is gone"));
    let differs = !recipients.is_empty() && !changes.is_empty();
    differs.then(|| {
        format!(
            "the mailers can be opened by other keys than on the night of {}: {}; make sure that somebody wanted it",
            last.night,
            changes.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipients(names: &[&str]) -> Vec<RecipientSummary> {
        let named = |name: &&str| RecipientSummary {
            fingerprint: format!("f-{name}"),
            recipient: format!("age1{name}"),
            source: "keys/press.pub:1".to_owned(),
        };
        names.iter().map(named).collect()
    }

    #[test]
    fn a_change_of_recipients_is_told_and_their_order_is_none() {
        let last = Report {
            night: "2026-11-20".to_owned(),
            recipients: recipients(&["a", "b"]),
            ..Report::default()
        };
        assert_eq!(changed(&last, &recipients(&["b", "a"])), None);
        assert_eq!(changed(&last, &[]), None, "a night without mailers");
        let message = changed(&last, &recipients(&["a", "c"])).unwrap();
        assert!(
            message.contains("2026-11-20: f-c (keys/press.pub:1) is new, f-b (keys/press.pub:1) is gone"),
            "{message}"
        );
    }
}
