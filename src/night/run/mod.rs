//! One night, from the record files to the release.

mod account;
mod alerts;

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use super::intake::{IntakeFile, IntakeSettings, RecordSources, StreamError, record_files, stream};
use super::lot::{Lot, LotNumbers};
use super::order::{NightOrder, Phase, Progress};
use super::paperwork::write_paperwork;
use super::planning::{Outcome, Plan, PlanningRules, RowToPlan, Severity};
use super::production::{LotOutput, Production};
use super::recording::{FinishedLot, LedgerWriter};
use super::release::{self, FindingsTable, NightOutput, lock_alone, refuse_beside_shares, sweep};
use super::report::{MergeSummary, Report, Seconds};
use crate::failure::Failure;
use crate::files::write_whole;
use crate::job::Job;
use crate::ledger::{Finding, Ledger};
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
}

/// Runs a night.
///
/// # Errors
/// Errors of every station: nothing is released, and the same command resumes.
pub fn run(order: &NightOrder, progress: &dyn Progress) -> Result<Report, Failure> {
    let started = Instant::now();
    let _lock = lock_alone(order.job)?;
    let ledger = match order.dry_run {
        true => unchanged_ledger(order.job)?,
        false => ready_ledger(order.job)?,
    };
    if !order.dry_run {
        refuse_beside_shares(order.job, order.night)?;
    }
    warn_of_date(order, &ledger)?;
    let output = NightOutput::of(order.job, order.night)?;
    output.check()?;
    let snapshot = ledger.snapshot()?;
    let mut night = Night::plan(order, &output, &ledger, ledger.file(), progress)?;
    drop(snapshot);
    night.within_limits(&ledger)?;
    let lots = LotNumbers::tonight(order, &ledger, &night.plan)?;
    output.fresh_staging()?;
    let lot_output = LotOutput { staging: output.staging(), lots: &lots, shard: None };
    let mut writer = night.ledger_writer(&ledger)?;
    let lots = night.produce(lot_output, writer.as_mut(), &ledger, progress)?;
    night.finish(lots, writer, &ledger, started)
}

/// Opens the ledger for a dry run, which does not finish an interrupted release.
fn unchanged_ledger(job: &Job) -> Result<Ledger, Failure> {
    let ledger = Ledger::open(&job.ledger_file())?;
    refuse_interrupted(&ledger)?;
    Ok(ledger)
}

/// Refuses to go on beside an interrupted release.
///
/// # Errors
/// `release_interrupted`: there is one; ledger errors.
pub(super) fn refuse_interrupted(ledger: &Ledger) -> Result<(), Failure> {
    match ledger.interrupted()?.first() {
        None => Ok(()),
        Some(night) => {
            let problem = format!("the release of the night of {} was cut short", night.night);
            Err(Failure::refused("release_interrupted", problem)
                .with_advice("finish it first, with the command that began it: `pli run` or `pli merge`"))
        }
    }
}

/// Opens the ledger, finishes interrupted releases and removes what killed runs left.
///
/// # Errors
/// Ledger, I/O and store errors.
pub(super) fn ready_ledger(job: &Job) -> Result<Ledger, Failure> {
    let ledger = Ledger::open(&job.ledger_file())?;
    if release::finish_interrupted(job, &ledger)? > 0 {
        tracing::warn!("finished a release that had been cut short");
    }
    sweep(job, &ledger)?;
    Ok(ledger)
}

/// Warns of a date that may be a mistake.
///
/// # Errors
/// Ledger errors.
pub(super) fn warn_of_date(order: &NightOrder, ledger: &Ledger) -> Result<(), Failure> {
    if let Some(last) = ledger.last_night()?.filter(|last| *last > order.night) {
        tracing::warn!(
            "the ledger has released the night of {last} already, and this one is of {}",
            order.night
        );
    }
    if !order.job.calendar().is_working_day(order.night) {
        tracing::warn!("{} is no working day: what is overdue leaves all the same", order.night);
    }
    Ok(())
}

/// Takes in, plans and checks a night, and writes nothing.
///
/// # Errors
/// Errors of intake, planning and check.
pub(crate) fn check(order: &NightOrder, progress: &dyn Progress) -> Result<CheckReport, Failure> {
    let ledger = Ledger::open(&order.job.ledger_file())?;
    let output = NightOutput::of(order.job, order.night)?;
    let snapshot = ledger.snapshot()?;
    let mut night = Night::plan(order, &output, &ledger, ledger.file(), progress)?;
    drop(snapshot);
    let production = Production { order, progress, begun: ledger.last_night()?.is_some(), output: None };
    production.letters(&mut night.plan, None)?;
    production.mailers(&mut night.plan)?;
    let mut report = Report { dry_run: false, folder: String::new(), ..night.report(&[], &ledger)? };
    report.letters = night.plan.pieces(PieceKind::Letter).count() as u64;
    report.mailers = night.plan.pieces(PieceKind::Mailer).count() as u64;
    let findings = &mut night.plan.findings;
    Ok(CheckReport {
        report,
        rejects: findings.list(Severity::Reject)?,
        warnings: findings.list(Severity::Warning)?,
    })
}

/// A symbol that does not read back, or a file that breaks a standard, stops the release.
fn refuse_failed_proofs(lots: &[Lot]) -> Result<(), Failure> {
    let failures: Vec<&str> = lots.iter().flat_map(|lot| &lot.proof.failures).map(String::as_str).collect();
    if failures.is_empty() {
        return Ok(());
    }
    let parts = failures.iter().take(SHOWN_FAILURES);
    let parts = parts.map(|failure| Failure::refused("proof_failed", *failure)).collect();
    let problem = format!("{} proofs failed; nothing was released", failures.len());
    Err(Failure::refused("proofs_failed", problem)
        .with_parts(parts)
        .with_advice("check the template's barcodes and artwork, and `press` in the job"))
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
}

/// How many failures of proofs are listed.
const SHOWN_FAILURES: usize = 20;

/// How many batches of rows may wait to be planned.
const BATCHES_AHEAD: usize = 4;

impl<'a> Night<'a> {
    /// Takes in tonight's records and plans them as they come. Spools are created beside `spools`. A snapshot of the ledger
    /// should be held meanwhile: it makes the many queries faster.
    ///
    /// # Errors
    /// Errors of sources, intake and planning.
    pub(super) fn plan(
        order: &'a NightOrder<'a>,
        output: &'a NightOutput,
        ledger: &Ledger,
        spools: &Path,
        progress: &dyn Progress,
    ) -> Result<Night<'a>, Failure> {
        let started = Instant::now();
        let sources = record_files(order.job, order.night, order.only, ledger)?;
        progress.begin(Phase::Intake, sources.fresh.len() as u64);
        let rules = PlanningRules {
            night: order.night,
            only: order.only,
            calendar: order.job.calendar(),
            cut_off: order.job.cut_off(),
        };
        let mut plan = Plan::begin(rules, ledger, spools)?;
        let files = take_in(order.job, &sources, &mut plan, ledger)?;
        for file in &files {
            tracing::info!(file = file.name, rows = file.rows, "read");
        }
        if sources.fresh.is_empty() && sources.known == 0 {
            let cards = order.job.input().cards.join(", ");
            tracing::warn!("no record file in the inbox ({cards})");
        }
        progress.end();
        let intake = started.elapsed().as_secs_f64();
        plan.complete(ledger)?;
        let planning = started.elapsed().as_secs_f64() - intake;
        let seconds = Seconds { intake, planning, ..Seconds::default() };
        Ok(Night { order, output, sources, files, plan, seconds, merged: None })
    }

    /// Starts the thread that writes this night into the ledger; `None` on a dry run.
    ///
    /// # Errors
    /// Ledger errors.
    pub(super) fn ledger_writer(&self, ledger: &Ledger) -> Result<Option<LedgerWriter>, Failure> {
        let NightOrder { job, night, dry_run, .. } = *self.order;
        let begin =
            || LedgerWriter::begin(ledger.file(), night, job.calendar().mailer_due(night), &self.plan);
        (!dry_run).then(begin).transpose()
    }

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
        let production = Production { order: self.order, progress, begun, output: Some(output) };
        alerts::warn_of_mailers_in_clear(self.order.job);
        if self.order.only != Some(PieceKind::Letter) && self.plan.leads_to_mailers() {
            production.warn_of_mailer_configuration();
        }
        let letters = production.letters(&mut self.plan, writer)?;
        self.within_limits(ledger)?;
        let mailers = production.mailers(&mut self.plan)?;
        self.within_limits(ledger)?;
        let lots: Vec<Lot> = letters.into_iter().chain(mailers).collect();
        self.seconds.proof = lots.iter().map(|lot| lot.proof_seconds).sum();
        self.seconds.composition = composing.elapsed().as_secs_f64() - self.seconds.proof;
        refuse_failed_proofs(&lots)?;
        Ok(lots)
    }

    /// Writes the lots' paperwork and releases them, unless an earlier run did it all or this is a dry run.
    ///
    /// # Errors
    /// Errors of paperwork and release.
    pub(super) fn finish(
        &mut self,
        lots: Vec<Lot>,
        writer: Option<LedgerWriter>,
        ledger: &Ledger,
        started: Instant,
    ) -> Result<Report, Failure> {
        let (order, output) = (self.order, self.output);
        let with_paperwork = |lot: Lot| {
            let files = write_paperwork(&lot, order, output.staging())?;
            Ok(FinishedLot { lot, files })
        };
        let lots: Vec<FinishedLot> = lots.into_iter().map(with_paperwork).collect::<Result<_, Failure>>()?;
        if let Some(report) = self.done_before(ledger)? {
            output.clear()?;
            return Ok(report);
        }
        let mut report = self.report(&lots, ledger)?;
        let Some(writer) = writer else {
            output.clear()?;
            report.seconds.total = started.elapsed().as_secs_f64();
            return Ok(report);
        };
        let releasing = Instant::now();
        self.release(&lots, &report, writer, ledger)?;
        report.seconds.release = releasing.elapsed().as_secs_f64();
        report.seconds.total = started.elapsed().as_secs_f64();
        output.report("run.json", |path| Ok(write_whole(path, report.to_json().as_bytes())?))?;
        output.clear()?;
        tracing::info!(letters = report.letters, mailers = report.mailers, "released");
        Ok(report)
    }

    /// Records in tonight's files.
    fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Whether there is nothing to do: no new record file, no piece, no reject.
    pub(super) fn is_idle(&self) -> bool {
        let pieces = self.plan.count(Outcome::Piece);
        self.sources.fresh.is_empty() && pieces == 0 && self.plan.rejected() == 0
    }

    /// The report of an earlier run of this night, where this one finds nothing to do.
    fn done_before(&self, ledger: &Ledger) -> Result<Option<Report>, Failure> {
        if !self.is_idle() {
            return Ok(None);
        }
        let last = ledger.runs(self.order.night)?.pop();
        let report = last.and_then(|body| serde_json::from_str::<Report>(&body).ok());
        for file in report.iter().flat_map(|report| &report.files) {
            if !self.output.holds(&file.path)? {
                tracing::warn!("{}: released, and not there any more", self.output.display_file(&file.path));
                break;
            }
        }
        Ok(report.map(|report| Report { already_done: true, ..report }))
    }

    /// Refuses a night with too many rejects; `rejects.csv` is written all the same.
    ///
    /// # Errors
    /// `too_many_rejects`.
    pub(super) fn within_limits(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let rejected = self.plan.rejected();
        let all = self.rows() + self.plan.carried() as u64;
        let limit = self.order.job.max_reject_percent();
        let percent = if all == 0 { 0.0 } else { rejected as f64 * 100.0 / all as f64 };
        if percent <= limit {
            return Ok(());
        }
        let mut unwritten = String::new();
        if !self.order.dry_run {
            let (night, findings) = (self.order.night, &mut self.plan.findings);
            let written = self.output.report("rejects.csv", |path| {
                let mut table = FindingsTable::create(path)?;
                let mut row = |finding: &Finding| Ok::<_, Failure>(table.row(finding)?);
                ledger.findings(night, "reject", &mut row)?;
                findings.each(Severity::Reject, &mut row)?;
                Ok(table.finish()?)
            });
            // The refusal is reported even if its list can't be written.
            if let Err(failure) = written.and_then(|()| Ok(self.output.clear()?)) {
                unwritten = format!("; the list could not be written: {}", failure.message());
            }
        }
        let problem = format!(
            "{rejected} of {all} records are rejected ({percent:.1} %), and `limits.max_reject_percent` is {limit}; nothing was released{unwritten}"
        );
        let list = self.output.display_file("rejects.csv");
        Err(Failure::refused("too_many_rejects", problem)
            .with_advice(format!("see {list}, correct the file and run again")))
    }

    /// Commits the night to the ledger and moves its files to their final paths.
    fn release(
        &mut self,
        lots: &[FinishedLot],
        report: &Report,
        writer: LedgerWriter,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let staged = lots.iter().flat_map(|lot| &lot.files.all).map(|(path, _)| path.clone());
        let staged: Vec<String> = staged.collect();
        release::release(self.output, ledger, self.order.night, &staged, || {
            writer.commit(&mut self.plan, &self.files, lots, report.to_json())
        })
    }
}

/// Reads tonight's files on one thread while another plans what was read.
fn take_in(
    job: &Job,
    sources: &RecordSources,
    plan: &mut Plan,
    ledger: &Ledger,
) -> Result<Vec<IntakeFile>, Failure> {
    let input = job.input();
    let settings = IntakeSettings { encoding: input.encoding, ignore: input.ignore.clone() };
    let names: Vec<String> = sources.fresh.iter().map(|file| file.name().to_owned()).collect();
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel::<Vec<RowToPlan>>(BATCHES_AHEAD);
        let (sources, settings) = (&sources.fresh, &settings);
        let reader =
            scope.spawn(move || stream(sources, settings, &mut |batch| sender.send(RowToPlan::batch(batch))));
        let planned = batches.iter().try_for_each(|batch| plan.add(batch, &names, ledger));
        // The reader stops once its channel is closed.
        drop(batches);
        let read = reader.join().map_err(|_| Failure::bug("the intake broke off"))?;
        planned?;
        read.map_err(|error| match error {
            StreamError::Intake(error) => error.into(),
            StreamError::Receiver(_) => Failure::bug("the plan broke off"),
        })
    })
}
