//! What a night would reject and produce (`pli check`), without a file written.

use std::sync::Arc;

use super::Night;
use crate::approvals::Allowed;
use crate::failure::Failure;
use crate::ledger::{Finding, Ledger};
use crate::night::intake::{IntakeSettings, ShownFile, shown_files};
use crate::night::order::{NightOrder, Phase, Progress, during, refuse_open_places};
use crate::night::planning::Severity;
use crate::night::production::Production;
use crate::night::release::{NightOutput, open_ledger};
use crate::night::report::{Alert, Report};
use mail::piece::PieceKind;

/// What a night would reject and produce (`pli check`).
#[derive(Debug)]
pub(crate) struct CheckReport {
    /// The counts.
    pub report: Report,
    /// The rejects.
    pub rejects: Vec<Finding>,
    /// The warnings.
    pub warnings: Vec<Finding>,
    /// How the job's mapping reads the first rows of each file; empty where it maps nothing.
    pub mapping: Vec<ShownFile>,
}

/// Takes in, plans and checks a night, and writes nothing.
///
/// # Errors
/// Errors of intake, planning and check.
pub(crate) fn check(order: &NightOrder, progress: &dyn Progress) -> Result<CheckReport, Failure> {
    refuse_open_places(order.job, order.night)?;
    let ledger = during(progress, Phase::Ledger, || open_ledger(order.job, Ledger::open))?;
    let output = NightOutput::of(order.job, order.night)?;
    let snapshot = ledger.snapshot()?;
    let mut night = Night::plan(order, &output, &ledger, progress)?;
    drop(snapshot);
    let begun = ledger.last_night()?.is_some();
    let stock = Arc::clone(&night.stock);
    let allowed = Allowed::default();
    let production = Production { order, progress, stock: &stock, begun, allowed: &allowed, output: None };
    night.beside_mailer_check(begun, |night| production.letters(&mut night.plan, None))?;
    production.mailers(&mut night.plan)?;
    if let Some(problem) = night.lack_of_records(&ledger)? {
        night.alerts.push(Alert::of("too_few_records", format!("{problem}: `pli run` would refuse it")));
    }
    if let Some(problem) = night.excess_of_rejects() {
        night.alerts.push(Alert::of("too_many_rejects", format!("{problem}: `pli run` would refuse it")));
    }
    if let Some(problem) = night.excess_of_cancelled(&ledger)? {
        night.alerts.push(Alert::of("too_many_cancelled", format!("{problem}: `pli run` would refuse it")));
    }
    let mapping = shown_files(&night.sources.fresh, &IntakeSettings::of_job(order.job, Some(order.night)))?;
    let mut report = Report { dry_run: false, folder: String::new(), ..night.report(&[], &ledger)? };
    report.letters = night.plan.pieces(PieceKind::Letter).count() as u64;
    report.mailers = night.plan.pieces(PieceKind::Mailer).count() as u64;
    let findings = &mut night.plan.findings;
    Ok(CheckReport {
        report,
        rejects: findings.list(Severity::Reject)?,
        warnings: findings.list(Severity::Warning)?,
        mapping,
    })
}
