//! Limits of a night: how many records may be rejected, and how many waiting pieces cancelled.

use super::Night;
use crate::failure::Failure;
use crate::ledger::{Finding, Ledger};
use crate::night::planning::Severity;
use crate::night::release::FindingsTable;

/// So few cancelled pieces never stop a night, whatever share of the waiting ones they are.
const FEW_CANCELLED: u64 = 3;

impl Night<'_> {
    /// Refuses a night with too many rejects or too many cancelled pieces. The list of the rejects, or of the warnings, is
    /// written all the same.
    ///
    /// # Errors
    /// `too_many_rejects`, `too_many_cancelled`.
    pub(in crate::night) fn within_limits(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        self.within_rejects(ledger)?;
        self.within_cancelled(ledger)
    }

    fn within_rejects(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let rejected = self.plan.rejected();
        let all = self.rows() + self.plan.carried() as u64;
        let limit = self.order.job.max_reject_percent();
        let percent = percent(rejected, all);
        if percent <= limit {
            return Ok(());
        }
        let unwritten = self.list_refused("rejects.csv", Severity::Reject, ledger);
        let problem = format!(
            "{rejected} of {all} records are rejected ({percent:.1} %), and `limits.max_reject_percent` is {limit}; nothing was released{unwritten}"
        );
        let list = self.place_of_list("rejects.csv", "rejects");
        Err(Failure::refused("too_many_rejects", problem)
            .with_advice(format!("see {list}, correct the file and run again")))
    }

    fn within_cancelled(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let cancelled = self.plan.cancelled_pieces;
        if cancelled <= FEW_CANCELLED {
            return Ok(());
        }
        let waiting = ledger.waiting_count()?;
        let limit = self.order.job.max_cancelled_percent();
        let percent = percent(cancelled, waiting);
        if percent <= limit {
            return Ok(());
        }
        let unwritten = self.list_refused("warnings.csv", Severity::Warning, ledger);
        let problem = format!(
            "tonight's records cancel {cancelled} of {waiting} waiting pieces ({percent:.1} %), and `limits.max_cancelled_percent` is {limit}; nothing was released{unwritten}"
        );
        let list = self.place_of_list("warnings.csv", "warnings");
        Err(Failure::refused("too_many_cancelled", problem).with_advice(format!(
            "see {list} and ask the issuer; take the records out that are wrong, or raise `limits.max_cancelled_percent` for this night"
        )))
    }

    /// Where the findings of a refused night are: a dry run writes no list.
    fn place_of_list(&self, name: &str, what: &str) -> String {
        match self.order.dry_run {
            true => format!("the {what} with `pli check`"),
            false => self.output.display_file(name),
        }
    }

    /// Writes the findings of a night that is refused. Returns what a person should know if they can't be written: the refusal
    /// is reported all the same.
    fn list_refused(&mut self, name: &str, severity: Severity, ledger: &Ledger) -> String {
        if self.order.dry_run {
            return String::new();
        }
        let kind = match severity {
            Severity::Reject => "reject",
            Severity::Warning => "warning",
        };
        let (night, findings) = (self.order.night, &mut self.plan.findings);
        let written = self.output.report(name, |path| {
            let mut table = FindingsTable::create(path)?;
            let mut row = |finding: &Finding| Ok::<_, Failure>(table.row(finding)?);
            ledger.findings(night, kind, &mut row)?;
            findings.each(severity, &mut row)?;
            Ok(table.finish()?)
        });
        match written.and_then(|()| Ok(self.output.clear()?)) {
            Ok(()) => String::new(),
            Err(failure) => format!("; the list could not be written: {}", failure.message()),
        }
    }
}

fn percent(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 * 100.0 / all as f64 }
}
