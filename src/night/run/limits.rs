//! Limits of a night: how many records it has at least, how many may be rejected, and how many waiting pieces cancelled.

use super::Night;
use crate::failure::{Failure, agreeing, counted};
use crate::ledger::{Finding, Ledger};
use crate::night::planning::{CommonCause, Severity};
use crate::night::release::FindingsTable;
use crate::night::report::Report;
use mail::piece::PieceKind;

/// So few cancelled pieces never stop a night, whatever share of the waiting ones they are.
const FEW_CANCELLED: u64 = 3;

impl Night<'_> {
    /// Refuses a night with too few records, too many rejects or too many cancelled pieces. The list of the rejects, or of the warnings, is
    /// written all the same.
    ///
    /// # Errors
    /// `too_few_records`, `too_many_rejects`, `too_many_cancelled`; ledger errors.
    pub(in crate::night) fn within_limits(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        if let Some(problem) = self.lack_of_records(ledger)? {
            return Err(Failure::refused("too_few_records", format!("{problem}; nothing was released")).with_advice(
                "wait for the missing file or ask the issuer, then run again; if so few are right tonight, lower `limits.min_records` for this night",
            ));
        }
        self.within_rejects(ledger)?;
        self.within_cancelled(ledger)
    }

    /// What is wrong with the number of tonight's records, those of earlier runs of the night included; `None` where there are
    /// enough, and for a run of mailers alone, whose records are in the ledger.
    pub(super) fn lack_of_records(&self, ledger: &Ledger) -> Result<Option<String>, Failure> {
        let least = self.order.job.min_records();
        let mut records = self.rows();
        if records >= least || self.order.only == Some(PieceKind::Mailer) {
            return Ok(None);
        }
        let runs = ledger.runs(self.order.night)?;
        if runs.is_empty() && ledger.knows_night(self.order.night)? {
            // Its reports were purged.
            return Ok(None);
        }
        let reports = runs.iter().filter_map(|body| serde_json::from_str::<Report>(body).ok());
        records += reports.filter(|report| report.reprint.is_none()).map(|report| report.rows).sum::<u64>();
        let problem =
            || format!("this night has {}, and `limits.min_records` is {least}", counted(records, "record"));
        Ok((records < least).then(problem))
    }

    fn within_rejects(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let Some(excess) = self.excess_of_rejects() else { return Ok(()) };
        let unwritten = self.list_refused("rejects.csv", Severity::Reject, ledger);
        let cause = self.plan.findings.commonest_cause();
        let cause = cause.map(|cause| self.said_cause(&cause)).unwrap_or_default();
        let problem = format!("{cause}{excess}; nothing was released{unwritten}");
        let list = self.place_of_list("rejects.csv", "rejects");
        Err(Failure::refused("too_many_rejects", problem)
            .with_advice(format!("see {list}, correct the file and run again")))
    }

    /// By how much the rejects of this night exceed what the job allows; `None` where they do not.
    pub(super) fn excess_of_rejects(&self) -> Option<String> {
        let (rejected, rows, carried) = (self.plan.rejected(), self.rows(), self.plan.carried() as u64);
        let all = rows + carried;
        let limit = self.order.job.max_reject_percent();
        let percent = percent(rejected, all);
        let base = if carried > 0 {
            format!(" ({} and {} that had waited)", counted(rows, "row"), counted(carried, "piece"))
        } else {
            String::new()
        };
        (percent > limit).then(|| {
            format!(
                "{rejected} of {}{base} {} rejected ({percent:.1} %), and `limits.max_reject_percent` is {limit}",
                counted(all, "record"),
                agreeing(rejected, "is", "are")
            )
        })
    }

    /// The commonest cause of rejects with its cure, to stand before their number.
    fn said_cause(&self, cause: &CommonCause) -> String {
        let CommonCause { file, field, rows, line, message } = cause;
        let of = self.files.iter().find(|read| read.name == *file);
        let rows = match of {
            Some(read) => format!("{rows} of {}", counted(read.rows, "row")),
            None => counted(rows, "row"),
        };
        let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
        format!("`{file}`, {rows}, the first on line {line}: {field}{message}. ")
    }

    fn within_cancelled(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let Some(excess) = self.excess_of_cancelled(ledger)? else { return Ok(()) };
        let unwritten = self.list_refused("warnings.csv", Severity::Warning, ledger);
        let problem = format!("{excess}; nothing was released{unwritten}");
        let list = self.place_of_list("warnings.csv", "warnings");
        Err(Failure::refused("too_many_cancelled", problem).with_advice(format!(
            "see {list} and ask the issuer; take the records out that are wrong, or raise `limits.max_cancelled_percent` for this night"
        )))
    }

    /// By how much the pieces that tonight's records cancel exceed what the job allows; `None` where they do not.
    pub(super) fn excess_of_cancelled(&self, ledger: &Ledger) -> Result<Option<String>, Failure> {
        let cancelled = self.plan.cancelled_pieces;
        if cancelled <= FEW_CANCELLED {
            return Ok(None);
        }
        let waiting = ledger.waiting_count()?;
        let limit = self.order.job.max_cancelled_percent();
        let percent = percent(cancelled, waiting);
        Ok((percent > limit).then(|| {
            format!(
                "tonight's records cancel {cancelled} of {waiting} waiting pieces ({percent:.1} %), and `limits.max_cancelled_percent` is {limit}"
            )
        }))
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
