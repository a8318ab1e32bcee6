//! One night, from the record files to the release.

mod account;
mod alerts;
mod limits;
mod permission;
#[cfg(test)]
mod permission_tests;

pub(super) use account::add_lot;
pub(crate) use alerts::MAILERS_IN_CLEAR;
pub(super) use alerts::{add_alerts, warn_of_mailers_in_clear};
pub(super) use permission::{certifying_key, refuse_cut_mailers};

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use super::archiving::Archive;
use super::certifying::certify;
use super::intake::{
    IntakeFile, IntakeSettings, RecordSources, ShownFile, StreamError, record_files, shown_files, stream,
};
use super::key_dates::{KeyDay, check_key_dates};
use super::lot::{Lot, LotNumbers};
use super::order::{NightOrder, Phase, Progress, during, refuse_open_places};
use super::paperwork::{BundleSpan, Deposit, few_pieces, write_paperwork};
use super::planning::{HoldRules, Outcome, Plan, PlanningRules, RowToPlan, Severity};
use super::production::{
    LotOutput, Production, StockCache, refuse_failed_proofs, warn_of_mailer_configuration,
};
use super::recording::{FinishedLot, LedgerWriter};
use super::release::{self, NightOutput, lock_alone, open_ledger, refuse_beside_shares, sweep};
use super::report::{Alert, MergeSummary, Report, Seconds};
use crate::approvals::{self, Allowed, Asking};
use crate::failure::Failure;
use crate::feedback;
use crate::files::{private_folder, write_whole};
use crate::job::Job;
use crate::ledger::{Finding, Ledger, ReleaseMark};
use mail::Worded as _;
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

/// Runs a night.
///
/// # Errors
/// Errors of every station: nothing is released, and the same command resumes.
pub fn run(order: &NightOrder, progress: &dyn Progress) -> Result<Report, Failure> {
    let started = Instant::now();
    approvals::permit(order.job, order.only)?;
    refuse_open_places(order.job, order.night)?;
    let archive = Archive::of(order)?;
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

/// Opens the ledger for a dry run, which does not finish an interrupted release, but prints anew what was staged.
fn unchanged_ledger(order: &NightOrder) -> Result<Ledger, Failure> {
    let ledger = open_ledger(order.job, Ledger::open)?;
    refuse_interrupted(&ledger)?;
    permission::permit_resuming(order.job, &ledger, &order.asking)?;
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

/// Opens the ledger, finishes interrupted releases and removes what killed runs left. Where mailers were cut and two persons
/// must approve that they go on, what was staged of them stays for that.
///
/// # Errors
/// `release_interrupted`: a release of mailers was cut, and only an approved run goes on with it; ledger, I/O and store errors.
pub(crate) fn ready_ledger(job: &Job) -> Result<Ledger, Failure> {
    let ledger = open_ledger(job, Ledger::open)?;
    let cut = permission::cut_mailers(job, &ledger)?;
    if !cut.releasing.is_empty() {
        refuse_interrupted(&ledger)?;
    }
    finish_releases(job, &ledger)?;
    if cut.is_empty() {
        sweep(job, &ledger)?;
    }
    Ok(ledger)
}

/// Opens the ledger as [`ready_ledger`] does, for a command that goes on with mailers which were cut.
///
/// # Errors
/// `approval_needed`: two persons must approve first; ledger, I/O and store errors.
pub(super) fn resumed_ledger(job: &Job, asking: &Asking) -> Result<Ledger, Failure> {
    let ledger = open_ledger(job, Ledger::open)?;
    permission::permit_resuming(job, &ledger, asking)?;
    finish_releases(job, &ledger)?;
    sweep(job, &ledger)?;
    Ok(ledger)
}

fn finish_releases(job: &Job, ledger: &Ledger) -> Result<(), Failure> {
    if release::finish_interrupted(job, ledger)? > 0 {
        tracing::warn!("finished a release that had been cut short");
    }
    Ok(())
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

/// How many records are loaded at a time to be counted for the post.
const DEPOSIT_BATCH: usize = 1024;

/// How many batches of rows may wait to be planned.
const BATCHES_AHEAD: usize = 4;

impl<'a> Night<'a> {
    /// Takes in tonight's records and plans them as they come. Spools are created in the job's
    /// scratch folder. A snapshot of the ledger
    /// should be held meanwhile: it makes the many queries faster.
    ///
    /// # Errors
    /// Errors of sources, intake and planning.
    pub(super) fn plan(
        order: &'a NightOrder<'a>,
        output: &'a NightOutput,
        ledger: &Ledger,
        progress: &dyn Progress,
    ) -> Result<Night<'a>, Failure> {
        let started = Instant::now();
        let scratch = order.job.scratch();
        private_folder(&scratch)?;
        let sources =
            during(progress, Phase::Inbox, || record_files(order.job, order.night, order.only, ledger))?;
        progress.begin(Phase::Intake, 0);
        let rules = PlanningRules {
            night: order.night,
            only: order.only,
            calendar: order.job.calendar(),
            cut_off: order.job.cut_off(),
            dispatch: order.job.dispatch(),
            language: order.job.language(),
            reissues: order.reissues()?,
            holds: HoldRules {
                mailers: order.job.holds_mailers_of_returned_letters(),
                after: order.job.hold_after(),
                on_hold: order.job.on_hold(),
            },
            letters: order.job.letter_order(),
        };
        let mut plan = Plan::begin(rules, ledger, &scratch)?;
        for file in &sources.untaken {
            tracing::warn!("{}: {}", file.name, file.message);
            plan.warn_of_file(Finding {
                source_file: file.name.clone(),
                line: 0,
                card_number: String::new(),
                field: String::new(),
                code: file.code.to_owned(),
                message: file.message.words(order.job.language()),
                client_ref: String::new(),
            })?;
        }
        let files = take_in(order, &sources, &mut plan, ledger, progress)?;
        sources.check_taken(&files)?;
        for file in &files {
            tracing::info!(file = file.name, rows = file.rows, "read");
        }
        if sources.fresh.is_empty() && sources.known == 0 {
            let cards = order.job.input().cards.join(", ");
            tracing::warn!("no record file in the inbox ({cards})");
        }
        progress.end();
        let intake = started.elapsed().as_secs_f64();
        during(progress, Phase::Planning, || plan.complete(ledger))?;
        let planning = started.elapsed().as_secs_f64() - intake;
        let seconds = Seconds { intake, planning, ..Seconds::default() };
        let mark = match ledger.stamp()? {
            Some(last) => last.mark.next(),
            None => {
                let digests = files.iter().map(|file| file.sha256.as_str());
                ReleaseMark::first(&order.night.to_string(), digests)
            }
        };
        let mut alerts = alerts_on_date(order, ledger)?;
        let kinds: Vec<PieceKind> =
            PieceKind::ALL.into_iter().filter(|kind| plan.pieces(*kind).next().is_some()).collect();
        let day = KeyDay { night: order.night, today: order.today };
        alerts.extend(check_key_dates(order.job, day, &kinds, ledger.last_night()?.is_some())?);
        alerts.extend(plan.unused_releases().into_iter().map(|card| {
            let problem = format!(
                "card `{}` is listed for `--release-reissues`, and no record of tonight needs it",
                card.masked()
            );
            Alert::of("release_unused", problem)
        }));
        alerts.iter().for_each(|alert| tracing::warn!("{}", alert.message));
        let stock = Arc::new(StockCache::of(order.job));
        Ok(Night {
            order,
            output,
            sources,
            files,
            plan,
            seconds,
            merged: None,
            mark,
            alerts,
            stock,
            allowed: Allowed::default(),
        })
    }

    /// Starts the thread that writes this night into the ledger; `None` on a dry run.
    ///
    /// # Errors
    /// Ledger errors.
    pub(super) fn ledger_writer(&self, ledger: &Ledger) -> Result<Option<LedgerWriter>, Failure> {
        let NightOrder { job, night, dry_run, .. } = *self.order;
        let begin = || LedgerWriter::begin(ledger, night, job.calendar().mailer_due(night), &self.plan);
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
        progress: &dyn Progress,
    ) -> Result<Report, Failure> {
        let (order, output) = (self.order, self.output);
        let salts = ledger.proof_salts();
        let allowed = self.allowed.clone();
        let with_paperwork = |lot: Lot| {
            let bundles = self.deposit(&lot)?;
            let mut files = write_paperwork(&lot, &bundles, order, output.staging())?;
            let alert = certify(&lot, &mut files, order, &allowed, &salts, output.staging())?;
            Ok(FinishedLot { lot, files, alert })
        };
        let lots: Vec<FinishedLot> = during(progress, Phase::Paperwork, || {
            lots.into_iter().map(with_paperwork).collect::<Result<_, Failure>>()
        })?;
        let alerts = lots.iter().filter_map(|lot| lot.alert.clone());
        for alert in alerts {
            tracing::warn!("{}", alert.message);
            self.alerts.push(alert);
        }
        if let Some(report) = self.done_before(ledger)? {
            output.clear()?;
            return Ok(report);
        }
        let mut report = during(progress, Phase::Account, || self.report(&lots, ledger))?;
        let Some(writer) = writer else {
            output.clear()?;
            report.seconds.total = started.elapsed().as_secs_f64();
            return Ok(report);
        };
        let releasing = Instant::now();
        during(progress, Phase::Release, || self.release(&lots, &report, writer, ledger))?;
        report.seconds.release = releasing.elapsed().as_secs_f64();
        report.seconds.total = started.elapsed().as_secs_f64();
        output.report("run.json", |path| Ok(write_whole(path, report.to_json().as_bytes())?))?;
        output.clear()?;
        tracing::info!(letters = report.letters, mailers = report.mailers, "released");
        Ok(report)
    }

    /// Writes the deposit table of a lot and returns the lot's bundles. Warns of a lot that is too small for its postal rate.
    fn deposit(&mut self, lot: &Lot) -> Result<Vec<BundleSpan>, Failure> {
        let (job, staging) = (self.order.job, self.output.staging());
        let mut deposit = Deposit::begin(lot, job, staging)?;
        let entries: Vec<u32> = self.plan.pieces(lot.kind()).collect();
        for batch in entries.chunks(DEPOSIT_BATCH) {
            self.plan.load(batch)?.iter().try_for_each(|piece| deposit.add(&piece.issuance.address))?;
        }
        if let Some(least) = few_pieces(lot, job) {
            let (kind, name, count) = (lot.kind(), lot.name(), lot.count);
            let problem = format!(
                "{kind} lot {name} has {count} pieces, and `postage.min_pieces` is {least}: it is too small for that rate; hand it in with another lot, or at the rate of single pieces"
            );
            tracing::warn!("{problem}");
            self.alerts.push(Alert::of("postage_few_pieces", problem));
        }
        deposit.finish(staging)
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
        let night = self.order.night;
        let runs = ledger.runs(night)?;
        let reports = runs.iter().rev().filter_map(|body| serde_json::from_str::<Report>(body).ok());
        let report = reports.into_iter().find(|report| report.reprint.is_none());
        if runs.is_empty() && ledger.knows_night(night)? {
            // Its reports were purged.
            return Ok(Some(Report { night: night.to_string(), already_done: true, ..Report::default() }));
        }
        for file in report.iter().flat_map(|report| &report.files) {
            if !self.output.holds(&file.path)? {
                tracing::warn!("{}: released, and not there any more", self.output.display_file(&file.path));
                break;
            }
        }
        Ok(report.map(|report| Report { already_done: true, ..report }))
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
        let kept = self.order.job.kept_templates();
        // What a lost night leaves there is kept in vain, and harms nobody.
        lots.iter().filter_map(|lot| lot.lot.kept.as_ref()).try_for_each(|template| template.keep(&kept))?;
        let mark = self.mark.clone();
        release::release(self.order.job, self.output, ledger, self.order.night, &staged, || {
            writer.commit(&mut self.plan, &self.files, lots, mark, report.to_json())
        })
    }
}

/// Reads tonight's files on one thread while another plans what was read.
fn take_in(
    order: &NightOrder,
    sources: &RecordSources,
    plan: &mut Plan,
    ledger: &Ledger,
    progress: &dyn Progress,
) -> Result<Vec<IntakeFile>, Failure> {
    let settings = IntakeSettings::of_job(order.job, Some(order.night));
    let names: Vec<String> = sources.fresh.iter().map(|file| file.name().to_owned()).collect();
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel::<Vec<RowToPlan>>(BATCHES_AHEAD);
        let (sources, settings) = (&sources.fresh, &settings);
        let reader =
            scope.spawn(move || stream(sources, settings, &mut |batch| sender.send(RowToPlan::batch(batch))));
        let planned = batches.iter().try_for_each(|batch| {
            progress.advance(batch.len() as u64);
            plan.add(batch, &names, ledger)
        });
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
