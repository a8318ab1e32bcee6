//! One night, from the record files to the release.

use std::fs::File;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use jiff::civil::Date;

use super::entering::enter;
use super::findings::Weight;
use super::intake::{IntakeFile, IntakeSettings, Outcome, Stopped, stream};
use super::lots::Shop;
use super::place::{NightPlace, sweep};
use super::planning::{Fate, Occasion, Plan};
use super::printed_kind::PrintedKind;
use super::proofing::{Proof, Prove};
use super::release::{self, FindingsTable, write_whole};
use super::report::{InputSummary, ProofSummary, Report, Seconds};
use super::sources::{Sources, record_files};
use super::{Phase, Watch};
use crate::failure::Failure;
use crate::ledger::{Finding, Ledger};
use crate::mail::job::Job;
use crate::mail::piece::PieceKind;

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
    let _lock = lock(order.job)?;
    let ledger = Ledger::open(&order.job.ledger_file())?;
    if release::finish_interrupted(order.job, &ledger)? > 0 {
        tracing::warn!("finished a release that had been cut short");
    }
    sweep(order.job)?;
    if let Some(last) = ledger.last_night()?.filter(|last| *last > order.night) {
        tracing::warn!(
            "the ledger has released the night of {last} already, and this one is of {}",
            order.night
        );
    }
    if !order.job.calendar().is_working_day(order.night) {
        tracing::warn!("{} is no working day: what is overdue leaves all the same", order.night);
    }
    let place = NightPlace::of(order.job, order.night)?;
    place.check()?;
    let mut night = Night::plan(order, &place, &ledger, watch)?;
    night.within_limits(&ledger)?;
    place.fresh_staging()?;
    let shop = Shop { order, ledger: &ledger, watch, staging: Some(place.staging()) };
    let composing = Instant::now();
    if order.only != Some(PieceKind::Letter) && night.plan.leads_to_mailers() {
        shop.warn_of_mailer_configuration();
    }
    let letters = shop.letters(&mut night.plan)?;
    night.within_limits(&ledger)?;
    let mailers = shop.mailers(&mut night.plan)?;
    night.within_limits(&ledger)?;
    let printed: Vec<PrintedKind> = letters.into_iter().chain(mailers).collect();
    night.seconds.proof = printed.iter().map(|kind| kind.proof_seconds).sum();
    night.seconds.composition = composing.elapsed().as_secs_f64() - night.seconds.proof;
    if let Some(report) = night.done_before(&printed, &ledger)? {
        place.clear()?;
        return Ok(report);
    }
    refuse_failed_proofs(&printed)?;
    let mut report = night.report(&printed, &ledger)?;
    if order.dry_run {
        place.clear()?;
        report.seconds.total = started.elapsed().as_secs_f64();
        return Ok(report);
    }
    let releasing = Instant::now();
    night.release(&printed, &report, &ledger)?;
    report.seconds.release = releasing.elapsed().as_secs_f64();
    report.seconds.total = started.elapsed().as_secs_f64();
    place.report("run.json", |path| Ok(write_whole(path, report.to_json().as_bytes())?))?;
    place.clear()?;
    tracing::info!(letters = report.letters, mailers = report.mailers, "released");
    Ok(report)
}

/// Takes in and plans a night, and makes nothing.
///
/// # Errors
/// As [`Failure`] tells.
pub fn check(order: &NightOrder, watch: &dyn Watch) -> Result<Checked, Failure> {
    let ledger = Ledger::open(&order.job.ledger_file())?;
    let place = NightPlace::of(order.job, order.night)?;
    let mut night = Night::plan(order, &place, &ledger, watch)?;
    let shop = Shop { order, ledger: &ledger, watch, staging: None };
    shop.letters(&mut night.plan)?;
    shop.mailers(&mut night.plan)?;
    let mut report = Report { dry_run: false, folder: String::new(), ..night.report(&[], &ledger)? };
    report.letters = night.plan.pieces(PieceKind::Letter).count() as u64;
    report.mailers = night.plan.pieces(PieceKind::Mailer).count() as u64;
    let findings = &mut night.plan.findings;
    Ok(Checked { report, rejects: findings.list(Weight::Reject)?, warnings: findings.list(Weight::Warning)? })
}

/// One run at a time: two would give the same numbers to different pieces.
fn lock(job: &Job) -> Result<File, Failure> {
    let path = job.beside_ledger(".lock");
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let file = fs_err::OpenOptions::new().append(true).create(true).open(&path)?.into_parts().0;
    file.try_lock().map_err(|_| {
        Failure::Refused(format!(
            "{}: another run of this job is under way\n  wait for its end",
            path.display()
        ))
    })?;
    Ok(file)
}

/// A symbol that does not read back, or a file that breaks a standard, stops the release.
fn refuse_failed_proofs(printed: &[PrintedKind]) -> Result<(), Failure> {
    let failures: Vec<&str> =
        printed.iter().flat_map(|kind| &kind.proof.failures).map(String::as_str).collect();
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
struct Night<'a> {
    order: &'a NightOrder<'a>,
    place: &'a NightPlace,
    sources: Sources,
    files: Vec<IntakeFile>,
    plan: Plan,
    seconds: Seconds,
}

/// How many batches of rows may wait to be planned.
const BATCHES_AHEAD: usize = 4;

impl<'a> Night<'a> {
    /// Takes in tonight's records and plans them as they come.
    fn plan(
        order: &'a NightOrder<'a>,
        place: &'a NightPlace,
        ledger: &Ledger,
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
        let held = ledger.hold()?;
        let mut plan = Plan::begin(occasion, ledger)?;
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
        drop(held);
        let planning = started.elapsed().as_secs_f64() - intake;
        let seconds = Seconds { intake, planning, ..Seconds::default() };
        Ok(Night { order, place, sources, files, plan, seconds })
    }

    /// Records in tonight's files.
    fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// The report of an earlier run of this night, where this one finds nothing to do.
    fn done_before(&self, printed: &[PrintedKind], ledger: &Ledger) -> Result<Option<Report>, Failure> {
        let idle = self.sources.fresh.is_empty() && printed.is_empty() && self.plan.rejected() == 0;
        if !idle {
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
    fn within_limits(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let rejected = self.plan.rejected();
        let all = self.rows() + self.plan.carried() as u64;
        let limit = self.order.job.sections.limits.max_reject_percent;
        let percent = if all == 0 { 0.0 } else { rejected as f64 * 100.0 / all as f64 };
        if percent <= limit {
            return Ok(());
        }
        if !self.order.dry_run {
            let (night, findings) = (self.order.night, &mut self.plan.findings);
            self.place.report("rejects.csv", |path| {
                let mut table = FindingsTable::create(path)?;
                let mut row = |finding: &Finding| Ok::<_, Failure>(table.row(finding)?);
                ledger.findings(night, "reject", &mut row)?;
                findings.each(Weight::Reject, &mut row)?;
                Ok(table.finish()?)
            })?;
            self.place.clear()?;
        }
        Err(Failure::Refused(format!(
            "{rejected} of {all} records are rejected ({percent:.1} %), and `limits.max_reject_percent` is {limit}; nothing was released\n  see {}, correct the file and run again",
            self.place.shown_file("rejects.csv")
        )))
    }

    /// The counts, which must add up: every record and every waiting piece ends in exactly one way.
    fn report(&self, printed: &[PrintedKind], ledger: &Ledger) -> Result<Report, Failure> {
        let plan = &self.plan;
        let count = |kind| printed.iter().filter(|lot| lot.entry.kind == kind).map(PrintedKind::count).sum();
        let mut report = Report {
            night: self.order.night.to_string(),
            folder: self.place.shown(),
            dry_run: self.order.dry_run,
            rows: self.rows(),
            carried_over: plan.carried() as u64,
            letters: count(PieceKind::Letter),
            mailers: count(PieceKind::Mailer),
            rejects: plan.rejected(),
            warnings: plan.findings.count(Weight::Warning),
            deferred: plan.count(Fate::Deferred),
            nothing_to_send: plan.count(Fate::Nothing),
            held: plan.held,
            waiting: self.waiting_after(ledger)?,
            inputs: self.inputs(),
            seconds: self.seconds.clone(),
            program: concat!("pli ", env!("CARGO_PKG_VERSION")).to_owned(),
            ..Report::default()
        };
        let mut proof = Proof::default();
        for lot in printed {
            lot.tell(&mut report);
            proof.pieces += lot.proof.pieces;
            proof.barcodes += lot.proof.barcodes;
        }
        report.proof = ProofSummary::from(&proof);
        self.balance(&report)?;
        Ok(report)
    }

    fn balance(&self, report: &Report) -> Result<(), Failure> {
        let pieces = self.plan.count(Fate::Piece);
        let ended = pieces + report.deferred + report.rejects + report.nothing_to_send;
        let begun = report.rows + report.carried_over;
        let made = PieceKind::ALL.iter().map(|kind| self.plan.pieces(*kind).count() as u64).sum::<u64>();
        if ended == begun && made == pieces {
            return Ok(());
        }
        Err(Failure::Midway(format!(
            "the counts do not add up: {begun} records and waiting pieces, {ended} accounted for, {made} pieces for {pieces} records; nothing was released\n  keep the inbox as it is and report this"
        )))
    }

    /// How many pieces wait once this night has left.
    fn waiting_after(&self, ledger: &Ledger) -> Result<u64, Failure> {
        let (carried, new) = self.plan.entries.split_at(self.plan.carried());
        let kept = new.iter().filter(|entry| entry.fate != Fate::Rejected);
        let new: u64 = kept.map(|entry| entry.sends.count()).sum();
        let ended = self.plan.duties.iter().zip(carried);
        let refused = ended.filter(|(_, entry)| entry.fate == Fate::Rejected);
        let refused: Vec<i64> = refused.map(|(duty, _)| *duty).collect();
        let gone = self.plan.count(Fate::Piece)
            + refused.len() as u64
            + ledger.followers(&refused)?
            + ledger.waiting_of_cards(&self.plan.cancelled_cards)?;
        Ok((ledger.waiting_count()? + new).saturating_sub(gone))
    }

    fn inputs(&self) -> Vec<InputSummary> {
        let summary = |file: &IntakeFile| InputSummary {
            path: file.name.clone(),
            sha256: file.sha256.clone(),
            rows: file.rows,
        };
        self.files.iter().map(summary).collect()
    }

    /// Enters the night into the ledger and puts its files in place.
    fn release(&mut self, printed: &[PrintedKind], report: &Report, ledger: &Ledger) -> Result<(), Failure> {
        let (job, night) = (self.order.job, self.order.night);
        let staged: Vec<String> = printed.iter().flat_map(|lot| lot.staged.clone()).collect();
        release::release(self.place, ledger, night, &staged, || {
            let writer = ledger.begin(night, job.calendar().mailer_due(night))?;
            enter(&writer, &self.files, &mut self.plan, printed)?;
            Ok(writer.commit(&report.to_json())?)
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
        let (give, batches) = sync_channel::<Vec<Outcome>>(BATCHES_AHEAD);
        let (sources, settings) = (&sources.fresh, &settings);
        let reader = scope.spawn(move || stream(sources, settings, &mut |batch| give.send(batch)));
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
