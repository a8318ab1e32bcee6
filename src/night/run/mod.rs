//! One night, from the record files to the release.

mod account;
mod alerts;
mod check;
mod finish;
mod limits;
mod opening;
mod permission;
#[cfg(test)]
mod permission_tests;
mod plan;

pub(super) use account::add_lot;
pub(crate) use alerts::{MAILERS_IN_CLEAR, alerts_on_date};
pub(super) use alerts::{add_alerts, warn_of_mailers_in_clear};
pub(crate) use check::check;
pub(crate) use opening::ready_ledger;
pub(super) use opening::{refuse_interrupted, resumed_ledger};
pub(super) use permission::{certifying_key, refuse_cut_mailers};

use std::sync::Arc;
use std::time::Instant;

use super::archiving::Archive;
use super::intake::{IntakeFile, RecordSources};
use super::lot::{Lot, LotNumbers};
use super::order::{NightOrder, Phase, Progress, during, refuse_open_places};
use super::planning::Plan;
use super::production::{
    LotOutput, Production, StockCache, refuse_failed_proofs, warn_of_mailer_configuration,
};
use super::recording::LedgerWriter;
use super::release::{NightOutput, lock_alone, refuse_beside_shares};
use super::report::{Alert, MergeSummary, Report, Seconds};
use crate::approvals::{self, Allowed};
use crate::failure::Failure;
use crate::feedback;
use crate::ledger::{Ledger, ReleaseMark};
use opening::unchanged_ledger;

/// Runs a night.
///
/// # Errors
/// Errors of every station: nothing is released, and the same command resumes.
pub fn run(order: &NightOrder, progress: &dyn Progress) -> Result<Report, Failure> {
    let started = Instant::now();
    approvals::permit(order.job, order.only)?;
    refuse_open_places(order.job, order.night)?;
    let archive = Archive::of(order.job, order.night, order.archive.as_deref().filter(|_| !order.dry_run))?;
    let _lock = lock_alone(order.job)?;
    let ledger = during(progress, Phase::Ledger, || match order.dry_run {
        true => unchanged_ledger(order),
        false => resumed_ledger(order.job, &order.asking),
    })?;
    if !order.dry_run {
        refuse_beside_shares(order.job, order.night)?;
    }
    let mut archived = archive.as_ref().map_or(Ok(Vec::new()), |archive| archive.finish_earlier(&ledger))?;
    let output = NightOutput::of(order.job, order.night)?;
    output.check()?;
    let snapshot = ledger.snapshot()?;
    let mut night = Night::plan(order, &output, &ledger, progress)?;
    drop(snapshot);
    night.within_limits(&ledger)?;
    night.permitted(&ledger)?;
    archive.as_ref().map_or(Ok(()), |archive| archive.expect(&night.files))?;
    let lots = LotNumbers::tonight(order, &ledger, &night.plan)?;
    output.fresh_staging()?;
    let mark = night.mark.clone();
    let salts = ledger.proof_salts();
    let lot_output =
        LotOutput { staging: output.staging(), lots: &lots, shard: None, mark: &mark, salts: Some(&salts) };
    let mut writer = during(progress, Phase::Ledger, || night.ledger_writer(&ledger))?;
    let lots = night.produce(lot_output, writer.as_mut(), &ledger, progress)?;
    let report = night.finish(lots, writer, &ledger, started, progress)?;
    if !order.dry_run {
        during(progress, Phase::Feedback, || feedback::write(order.job, &ledger))?;
    }
    if let Some(archive) = archive {
        archived.extend(during(progress, Phase::Archive, || archive.take_all(&ledger))?);
    }
    Ok(Report { archived, ..report })
}

/// A planned night.
pub(super) struct Night<'a> {
    order: &'a NightOrder<'a>,
    output: &'a NightOutput,
    sources: RecordSources,
    /// The record files that were taken in.
    pub files: Vec<IntakeFile>,
    /// Its plan.
    pub plan: Plan,
    /// Seconds spent so far, by station.
    pub seconds: Seconds,
    /// The shares that it is merged from; `None` for a whole run.
    pub merged: Option<MergeSummary>,
    /// The release of the ledger that the night becomes.
    pub mark: ReleaseMark,
    /// What a person should know of the night, whatever its records say.
    pub alerts: Vec<Alert>,
    /// The laid-out stock of earlier runs.
    pub stock: Arc<StockCache>,
    /// The templates and keys that it may use.
    pub(super) allowed: Allowed,
}

impl Night<'_> {
    /// Checks, prints and proves tonight's lots, or a share of them.
    ///
    /// # Errors
    /// `too_many_rejects`, `proofs_failed`; those of production.
    pub(super) fn produce(
        &mut self,
        output: LotOutput,
        writer: Option<&mut LedgerWriter>,
        ledger: &Ledger,
        progress: &dyn Progress,
    ) -> Result<Vec<Lot>, Failure> {
        let composing = Instant::now();
        let begun = ledger.last_night()?.is_some();
        let stock = Arc::clone(&self.stock);
        let allowed = self.allowed.clone();
        let (order, output) = (self.order, Some(output));
        let production = Production { order, progress, stock: &stock, begun, allowed: &allowed, output };
        alerts::warn_of_mailers_in_clear(self.order.job);
        let letters = self.beside_mailer_check(begun, |night| production.letters(&mut night.plan, writer))?;
        self.within_limits(ledger)?;
        let mailers = production.mailers(&mut self.plan)?;
        self.within_limits(ledger)?;
        let lots: Vec<Lot> = letters.into_iter().chain(mailers).collect();
        self.seconds.proof = lots.iter().map(|lot| lot.proof_seconds).sum();
        self.seconds.composition = composing.elapsed().as_secs_f64() - self.seconds.proof;
        refuse_failed_proofs(&lots.iter().flat_map(|lot| lot.proof.failures.clone()).collect::<Vec<_>>())?;
        Ok(lots)
    }

    /// Does the work, and meanwhile finds out what the mailers of tonight's cards would be refused for. `begun`: the
    /// ledger has released a night.
    pub(super) fn beside_mailer_check<T>(&mut self, begun: bool, work: impl FnOnce(&mut Self) -> T) -> T {
        let (order, facts) = (self.order, self.plan.facts_of_new_mailers());
        let stock = Arc::clone(&self.stock);
        let (done, alert) = std::thread::scope(|scope| {
            let alert = scope.spawn(|| warn_of_mailer_configuration(order, &stock, begun, facts));
            (work(self), alert.join())
        });
        self.alerts.extend(alert.unwrap_or_default());
        done
    }
}
