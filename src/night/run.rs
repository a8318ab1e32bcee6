//! One night, from the record files to the release.

mod account;

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use jiff::civil::Date;

use super::findings::Weight;
use super::intake::{IntakeFile, IntakeSettings, Stopped, stream};
use super::keeper::Keeper;
use super::locking;
use super::lots::{PressRoom, Shop};
use super::numbering::Series;
use super::place::{NightPlace, sweep};
use super::planning::{Fate, Occasion, Plan, RowToPlan};
use super::pressed::Pressed;
use super::printed_kind::PrintedKind;
use super::proofing::Prove;
use super::release::{self, FindingsTable, write_whole};
use super::report::{MergeSummary, Report, Seconds};
use super::shard::refuse_beside_shares;
use super::sources::{Sources, record_files};
use super::{Phase, Watch};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Finding, Ledger};
use mail::piece::PieceKind;

/// What is asked of a night.
#[derive(Debug, Clone)]
pub struct NightOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// The night's date.
    pub night: Date,
    /// The only kind to send, where not both.
    pub only: Option<PieceKind>,
    /// How much is read back.
    pub prove: Prove,
    /// Compose and prove, release nothing.
    pub dry_run: bool,
}

/// What a night would make, without anything being made (`pli check`).
#[derive(Debug)]
pub struct Checked {
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
/// As [`Failure`] tells; nothing is released then, and the same command resumes.
pub fn run(order: &NightOrder, watch: &dyn Watch) -> Result<Report, Failure> {
    let started = Instant::now();
    let _lock = locking::alone(order.job)?;
    let ledger = match order.dry_run {
        true => untouched_ledger(order.job)?,
        false => ready_ledger(order.job)?,
    };
    if !order.dry_run {
        refuse_beside_shares(order.job, order.night)?;
    }
    warn_of_date(order, &ledger)?;
    let place = NightPlace::of(order.job, order.night)?;
    place.check()?;
    let held = ledger.hold()?;
    let mut night = Night::plan(order, &place, &ledger, ledger.file(), watch)?;
    drop(held);
    night.within_limits(&ledger)?;
    let series = Series::tonight(order, &ledger, &night.plan)?;
    place.fresh_staging()?;
    let press = PressRoom { staging: place.staging(), series: &series, shard: None };
    let mut keeper = night.keeper(&ledger)?;
    let pressed = night.press(press, keeper.as_mut(), &ledger, watch)?;
    night.conclude(pressed, keeper, &ledger, started)
}

/// The ledger as it is, for a rehearsal: it finishes nothing that a run left in the middle.
fn untouched_ledger(job: &Job) -> Result<Ledger, Failure> {
    let ledger = Ledger::open(&job.ledger_file())?;
    refuse_interrupted(&ledger)?;
    Ok(ledger)
}

/// Refuses to go on beside a release that was cut short.
///
/// # Errors
/// There is one.
pub(super) fn refuse_interrupted(ledger: &Ledger) -> Result<(), Failure> {
    match ledger.interrupted()?.first() {
        None => Ok(()),
        Some(night) => Err(Failure::Refused(format!(
            "the release of the night of {} was cut short\n  finish it first, with the command that was: `pli run` or `pli merge`",
            night.night
        ))),
    }
}

/// The ledger, with what a run left in the middle finished.
pub(super) fn ready_ledger(job: &Job) -> Result<Ledger, Failure> {
    let ledger = Ledger::open(&job.ledger_file())?;
    if release::finish_interrupted(job, &ledger)? > 0 {
        tracing::warn!("finished a release that had been cut short");
    }
    sweep(job, &ledger)?;
    Ok(ledger)
}

/// Tells of a date that may be a mistake.
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

/// Takes in and plans a night, and makes nothing.
///
/// # Errors
/// As [`Failure`] tells.
pub fn check(order: &NightOrder, watch: &dyn Watch) -> Result<Checked, Failure> {
    let ledger = Ledger::open(&order.job.ledger_file())?;
    let place = NightPlace::of(order.job, order.night)?;
    let held = ledger.hold()?;
    let mut night = Night::plan(order, &place, &ledger, ledger.file(), watch)?;
    drop(held);
    let shop = Shop { order, watch, press: None };
    shop.letters(&mut night.plan, None)?;
    shop.mailers(&mut night.plan)?;
    let mut report = Report { dry_run: false, folder: String::new(), ..night.report(&[], &ledger)? };
    report.letters = night.plan.pieces(PieceKind::Letter).count() as u64;
    report.mailers = night.plan.pieces(PieceKind::Mailer).count() as u64;
    let findings = &mut night.plan.findings;
    Ok(Checked { report, rejects: findings.list(Weight::Reject)?, warnings: findings.list(Weight::Warning)? })
}

/// A symbol that does not read back, or a file that breaks a standard, stops the release.
fn refuse_failed_proofs(pressed: &[Pressed]) -> Result<(), Failure> {
    let failures: Vec<&str> =
        pressed.iter().flat_map(|lot| &lot.proof.failures).map(String::as_str).collect();
    if failures.is_empty() {
        return Ok(());
    }
    let shown = failures.iter().take(20).copied().collect::<Vec<_>>().join("\n  ");
    Err(Failure::Refused(format!(
        "{} proofs failed; nothing was released\n  {shown}\n  check the template's barcodes and artwork, and `press` in the job",
        failures.len()
    )))
}

/// A planned night.
pub(super) struct Night<'a> {
    order: &'a NightOrder<'a>,
    place: &'a NightPlace,
    pub sources: Sources,
    pub files: Vec<IntakeFile>,
    pub plan: Plan,
    pub seconds: Seconds,
    /// The shares that it was merged from, where it was not run whole.
    pub merged: Option<MergeSummary>,
}

/// How many batches of rows may wait to be planned.
const BATCHES_AHEAD: usize = 4;

impl<'a> Night<'a> {
    /// Takes in tonight's records and plans them as they come; spools are made beside `spools`. The ledger should be
    /// held meanwhile.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub fn plan(
        order: &'a NightOrder<'a>,
        place: &'a NightPlace,
        ledger: &Ledger,
        spools: &Path,
        watch: &dyn Watch,
    ) -> Result<Night<'a>, Failure> {
        let started = Instant::now();
        let sources = record_files(order.job, order.night, order.only, ledger)?;
        watch.begin(Phase::Intake, sources.fresh.len() as u64);
        let occasion = Occasion {
            night: order.night,
            only: order.only,
            calendar: order.job.calendar(),
            cut_off: order.job.cut_off(),
        };
        let mut plan = Plan::begin(occasion, ledger, spools)?;
        let files = take_in(order.job, &sources, &mut plan, ledger)?;
        for file in &files {
            tracing::info!(file = file.name, rows = file.rows, "read");
        }
        if sources.fresh.is_empty() && sources.known == 0 {
            let cards = order.job.sections.input.cards.join(", ");
            tracing::warn!("no record file in the inbox ({cards})");
        }
        watch.end();
        let intake = started.elapsed().as_secs_f64();
        plan.complete(ledger)?;
        let planning = started.elapsed().as_secs_f64() - intake;
        let seconds = Seconds { intake, planning, ..Seconds::default() };
        Ok(Night { order, place, sources, files, plan, seconds, merged: None })
    }

    /// Who enters the night into the ledger; nobody where nothing is to be released.
    ///
    /// # Errors
    /// Those of the ledger.
    pub fn keeper(&self, ledger: &Ledger) -> Result<Option<Keeper>, Failure> {
        let NightOrder { job, night, dry_run, .. } = *self.order;
        let begin = || Keeper::begin(ledger.file(), night, job.calendar().mailer_due(night), &self.plan);
        (!dry_run).then(begin).transpose()
    }

    /// Checks, prints and proves tonight's lots, or a share of them.
    ///
    /// # Errors
    /// As [`Failure`] tells: too many rejects, a proof that failed.
    pub fn press(
        &mut self,
        press: PressRoom,
        keeper: Option<&mut Keeper>,
        ledger: &Ledger,
        watch: &dyn Watch,
    ) -> Result<Vec<Pressed>, Failure> {
        let composing = Instant::now();
        let shop = Shop { order: self.order, watch, press: Some(press) };
        if self.order.only != Some(PieceKind::Letter) && self.plan.leads_to_mailers() {
            shop.warn_of_mailer_configuration();
        }
        let letters = shop.letters(&mut self.plan, keeper)?;
        self.within_limits(ledger)?;
        let mailers = shop.mailers(&mut self.plan)?;
        self.within_limits(ledger)?;
        let pressed: Vec<Pressed> = letters.into_iter().chain(mailers).collect();
        self.seconds.proof = pressed.iter().map(|lot| lot.proof_seconds).sum();
        self.seconds.composition = composing.elapsed().as_secs_f64() - self.seconds.proof;
        refuse_failed_proofs(&pressed)?;
        Ok(pressed)
    }

    /// Gives the lots their paperwork and releases them, unless all was done before or nothing is to be released.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub fn conclude(
        &mut self,
        pressed: Vec<Pressed>,
        keeper: Option<Keeper>,
        ledger: &Ledger,
        started: Instant,
    ) -> Result<Report, Failure> {
        let (order, place) = (self.order, self.place);
        let finish = |lot: Pressed| lot.finish(order, place.staging());
        let printed: Vec<PrintedKind> = pressed.into_iter().map(finish).collect::<Result<_, _>>()?;
        if let Some(report) = self.done_before(ledger)? {
            place.clear()?;
            return Ok(report);
        }
        let mut report = self.report(&printed, ledger)?;
        let Some(keeper) = keeper else {
            place.clear()?;
            report.seconds.total = started.elapsed().as_secs_f64();
            return Ok(report);
        };
        let releasing = Instant::now();
        self.release(&printed, &report, keeper, ledger)?;
        report.seconds.release = releasing.elapsed().as_secs_f64();
        report.seconds.total = started.elapsed().as_secs_f64();
        place.report("run.json", |path| Ok(write_whole(path, report.to_json().as_bytes())?))?;
        place.clear()?;
        tracing::info!(letters = report.letters, mailers = report.mailers, "released");
        Ok(report)
    }

    /// Records in tonight's files.
    fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Whether there was nothing to do: no new record, no piece, no refusal.
    pub fn is_idle(&self) -> bool {
        let pieces = self.plan.count(Fate::Piece);
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
            if !self.place.holds(&file.path)? {
                tracing::warn!("{}: released, and not there any more", self.place.shown_file(&file.path));
                break;
            }
        }
        Ok(report.map(|report| Report { already_done: true, ..report }))
    }

    /// Refuses a night with too many rejects; their list is written all the same.
    ///
    /// # Errors
    /// Too many rejects; those of the disk.
    pub fn within_limits(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let rejected = self.plan.rejected();
        let all = self.rows() + self.plan.carried() as u64;
        let limit = self.order.job.sections.limits.max_reject_percent;
        let percent = if all == 0 { 0.0 } else { rejected as f64 * 100.0 / all as f64 };
        if percent <= limit {
            return Ok(());
        }
        let mut unwritten = String::new();
        if !self.order.dry_run {
            let (night, findings) = (self.order.night, &mut self.plan.findings);
            let written = self.place.report("rejects.csv", |path| {
                let mut table = FindingsTable::create(path)?;
                let mut row = |finding: &Finding| Ok::<_, Failure>(table.row(finding)?);
                ledger.findings(night, "reject", &mut row)?;
                findings.each(Weight::Reject, &mut row)?;
                Ok(table.finish()?)
            });
            // What refuses the night is told first, whatever befalls its list.
            if let Err(failure) = written.and_then(|()| Ok(self.place.clear()?)) {
                unwritten = format!("\n  and the list could not be written: {failure}");
            }
        }
        Err(Failure::Refused(format!(
            "{rejected} of {all} records are rejected ({percent:.1} %), and `limits.max_reject_percent` is {limit}; nothing was released\n  see {}, correct the file and run again{unwritten}",
            self.place.shown_file("rejects.csv")
        )))
    }

    /// Enters the night into the ledger and puts its files in place.
    fn release(
        &mut self,
        printed: &[PrintedKind],
        report: &Report,
        keeper: Keeper,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let staged: Vec<String> = printed.iter().flat_map(|lot| lot.staged.clone()).collect();
        release::release(self.place, ledger, self.order.night, &staged, || {
            keeper.commit(&mut self.plan, &self.files, printed, report.to_json())
        })
    }
}

/// Reads tonight's files on a thread of its own while what was read is planned.
fn take_in(
    job: &Job,
    sources: &Sources,
    plan: &mut Plan,
    ledger: &Ledger,
) -> Result<Vec<IntakeFile>, Failure> {
    let input = &job.sections.input;
    let settings = IntakeSettings { encoding: input.encoding, ignore: input.ignore.clone() };
    let names: Vec<String> = sources.fresh.iter().map(|file| file.name().to_owned()).collect();
    std::thread::scope(|scope| {
        let (give, batches) = sync_channel::<Vec<RowToPlan>>(BATCHES_AHEAD);
        let (sources, settings) = (&sources.fresh, &settings);
        let reader =
            scope.spawn(move || stream(sources, settings, &mut |batch| give.send(RowToPlan::batch(batch))));
        let planned = batches.iter().try_for_each(|batch| plan.take(batch, &names, ledger));
        // The reader stops at once where nobody takes what it reads any more.
        drop(batches);
        let read =
            reader.join().map_err(|_| Failure::Midway("the intake broke off; report this".to_owned()))?;
        planned?;
        read.map_err(|stopped| match stopped {
            Stopped::File(error) => error.into(),
            Stopped::Taker(_) => Failure::Midway("the plan broke off; report this".to_owned()),
        })
    })
}
