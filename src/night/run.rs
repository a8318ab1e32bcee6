//! One night, from the record files to the release.

use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use jiff::civil::Date;

use super::intake::{Intake, IntakeSettings, take_in};
use super::lots::{PrintedKind, Shop};
use super::planning::{Fate, Occasion, Plan, plan};
use super::proofing::{Proof, Prove};
use super::release::{self, findings_table, write_whole};
use super::report::{ProofSummary, Report, Seconds};
use super::sources::{Sources, record_files};
use super::{Phase, Watch};
use crate::failure::Failure;
use crate::ledger::{Finding, Ledger, LotEntry, NewRecord, NightEntry, Waiting};
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
    let mut ledger = Ledger::open(&order.job.ledger_file())?;
    if release::finish_interrupted(order.job, &ledger)? > 0 {
        tracing::warn!("finished a release that had been cut short");
    }
    let opening = Opening::new(order, &ledger, watch)?;
    let mut night = Night::plan(order, &opening, &ledger)?;
    if let Some(report) = night.done_before(&ledger)? {
        return Ok(report);
    }
    night.within_limits()?;
    let staging = release::fresh_staging(order.job, order.night)?;
    let shop = Shop { order, ledger: &ledger, watch, staging: Some(&staging) };
    let composing = Instant::now();
    let letters = shop.letters(&mut night.plan)?;
    night.within_limits()?;
    let mailers = shop.mailers(&mut night.plan)?;
    night.within_limits()?;
    let printed: Vec<PrintedKind> = letters.into_iter().chain(mailers).collect();
    night.seconds.proof = printed.iter().map(|kind| kind.proof_seconds).sum();
    night.seconds.composition = composing.elapsed().as_secs_f64() - night.seconds.proof;
    refuse_failed_proofs(&printed)?;
    let mut report = night.report(printed.as_slice(), &ledger)?;
    if order.dry_run {
        release::remove(&staging)?;
        report.seconds.total = started.elapsed().as_secs_f64();
        return Ok(report);
    }
    let releasing = Instant::now();
    night.release(printed, &report, &mut ledger)?;
    report.seconds.release = releasing.elapsed().as_secs_f64();
    report.seconds.total = started.elapsed().as_secs_f64();
    write_whole(&order.job.night_folder(order.night).join("run.json"), report.to_json().as_bytes())?;
    Ok(report)
}

/// Takes in and plans a night, and makes nothing.
///
/// # Errors
/// As [`Failure`] tells.
pub fn check(order: &NightOrder, watch: &dyn Watch) -> Result<Checked, Failure> {
    let ledger = Ledger::open(&order.job.ledger_file())?;
    let opening = Opening::new(order, &ledger, watch)?;
    let mut night = Night::plan(order, &opening, &ledger)?;
    let shop = Shop { order, ledger: &ledger, watch, staging: None };
    shop.letters(&mut night.plan)?;
    shop.mailers(&mut night.plan)?;
    let mut report = night.report(&[], &ledger)?;
    report.letters = night.plan.pieces(PieceKind::Letter).len() as u64;
    report.mailers = night.plan.pieces(PieceKind::Mailer).len() as u64;
    Ok(Checked { report, rejects: night.rejects(), warnings: night.warnings() })
}

/// One run at a time: two would give the same numbers to different pieces.
fn lock(job: &Job) -> Result<File, Failure> {
    let mut name = job.ledger_file().into_os_string();
    name.push(".lock");
    let path = PathBuf::from(name);
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

/// A symbol that does not read back stops the release.
fn refuse_failed_proofs(printed: &[PrintedKind]) -> Result<(), Failure> {
    let failures: Vec<&str> =
        printed.iter().flat_map(|kind| &kind.proof.failures).map(String::as_str).collect();
    if failures.is_empty() {
        return Ok(());
    }
    let shown = failures.iter().take(20).copied().collect::<Vec<_>>().join("\n  ");
    Err(Failure::Refused(format!(
        "{} symbols do not read back; nothing was released\n  {shown}\n  check the template's barcodes and `press` in the job",
        failures.len()
    )))
}

/// What a night begins with: tonight's records, and what the ledger held for tonight.
struct Opening {
    sources: Sources,
    intake: Intake,
    waiting: Vec<Waiting>,
    seconds: f64,
}

impl Opening {
    fn new(order: &NightOrder, ledger: &Ledger, watch: &dyn Watch) -> Result<Opening, Failure> {
        let started = Instant::now();
        let input = &order.job.sections.input;
        let sources = record_files(order.job, order.night, order.only, ledger)?;
        watch.begin(Phase::Intake, sources.fresh.len() as u64);
        let settings = IntakeSettings { encoding: input.encoding, ignore: input.ignore.clone() };
        let intake = take_in(&sources.fresh, &settings)?;
        let waiting = ledger.due(order.night)?;
        watch.end();
        Ok(Opening { sources, intake, waiting, seconds: started.elapsed().as_secs_f64() })
    }
}

/// A planned night.
struct Night<'a> {
    order: &'a NightOrder<'a>,
    opening: &'a Opening,
    plan: Plan<'a>,
    seconds: Seconds,
}

impl<'a> Night<'a> {
    fn plan(order: &'a NightOrder<'a>, opening: &'a Opening, ledger: &Ledger) -> Result<Night<'a>, Failure> {
        let started = Instant::now();
        let occasion = Occasion {
            night: order.night,
            only: order.only,
            calendar: order.job.calendar(),
            cut_off: order.job.cut_off(),
        };
        let plan = plan(&opening.intake, &opening.waiting, ledger, &occasion)?;
        let planning = started.elapsed().as_secs_f64();
        let seconds = Seconds { intake: opening.seconds, planning, ..Seconds::default() };
        Ok(Night { order, opening, plan, seconds })
    }

    /// The report of an earlier run of this night, where there is nothing left to do.
    fn done_before(&self, ledger: &Ledger) -> Result<Option<Report>, Failure> {
        let idle = self.opening.sources.fresh.is_empty() && self.plan.due.is_empty();
        if !idle {
            return Ok(None);
        }
        let last = ledger.last_run(self.order.night)?;
        let report = last.and_then(|body| serde_json::from_str::<Report>(&body).ok());
        Ok(report.map(|report| Report { already_done: true, ..report }))
    }

    /// Refuses a night with too many rejects; their list is written all the same.
    fn within_limits(&self) -> Result<(), Failure> {
        let rejected = self.rejected();
        let all = self.opening.intake.rows + self.plan.carried.len() as u64;
        let limit = self.order.job.sections.limits.max_reject_percent;
        let percent = if all == 0 { 0.0 } else { rejected as f64 * 100.0 / all as f64 };
        if percent <= limit {
            return Ok(());
        }
        let rejects = self.order.job.night_folder(self.order.night).join("rejects.csv");
        if !self.order.dry_run {
            write_whole(&rejects, &findings_table(&self.rejects())?)?;
            release::remove(&release::staging_folder(self.order.job, self.order.night))?;
        }
        Err(Failure::Refused(format!(
            "{rejected} of {all} records are rejected ({percent:.1} %), and `limits.max_reject_percent` is {limit}; nothing was released\n  see {}, correct the records and run again",
            rejects.display()
        )))
    }

    /// Rejected records, and rejected pieces that had waited.
    fn rejected(&self) -> u64 {
        self.opening.intake.rejected_rows + self.plan.count(Fate::Rejected)
    }

    fn rejects(&self) -> Vec<Finding> {
        in_file_order(self.opening.intake.rejects.iter().chain(&self.plan.rejects))
    }

    fn warnings(&self) -> Vec<Finding> {
        in_file_order(self.opening.intake.warnings.iter().chain(&self.plan.warnings))
    }

    /// The counts, which must add up: every record and every waiting piece ends in exactly one way.
    fn report(&self, printed: &[PrintedKind], ledger: &Ledger) -> Result<Report, Failure> {
        let plan = &self.plan;
        let count = |kind| printed.iter().filter(|lot| lot.entry.kind == kind).map(PrintedKind::pieces).sum();
        let mut report = Report {
            night: self.order.night.to_string(),
            folder: self.order.job.night_folder(self.order.night).display().to_string(),
            dry_run: self.order.dry_run,
            rows: self.opening.intake.rows,
            carried_over: plan.carried.len() as u64,
            letters: count(PieceKind::Letter),
            mailers: count(PieceKind::Mailer),
            rejects: self.rejected(),
            warnings: self.warnings().len() as u64,
            deferred: plan.count(Fate::Deferred),
            nothing_to_send: plan.count(Fate::Nothing),
            waiting: self.waiting_after(printed, ledger)?,
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
        let made = self.plan.due.len() as u64;
        if ended == begun && made == pieces {
            return Ok(());
        }
        Err(Failure::Midway(format!(
            "the counts do not add up: {begun} records and waiting pieces, {ended} accounted for, {made} pieces for {pieces} records; nothing was released\n  keep the inbox as it is and report this"
        )))
    }

    /// How many pieces wait once this night has left.
    fn waiting_after(&self, printed: &[PrintedKind], ledger: &Ledger) -> Result<u64, Failure> {
        let kept = self.plan.records.iter().filter(|record| record.fate != Fate::Rejected);
        let new: u64 = kept.map(|record| record.duties.len() as u64).sum();
        let left: u64 = printed.iter().map(PrintedKind::pieces).sum();
        let carried = &self.plan.carried;
        let refused =
            carried.iter().filter(|(_, fate)| matches!(fate, Fate::Rejected | Fate::Nothing)).count();
        Ok((ledger.waiting_count()? + new).saturating_sub(left + refused as u64))
    }

    /// Enters the night into the ledger and puts its files in place.
    fn release(
        &self,
        printed: Vec<PrintedKind>,
        report: &Report,
        ledger: &mut Ledger,
    ) -> Result<(), Failure> {
        let (job, night) = (self.order.job, self.order.night);
        let staging = release::staging_folder(job, night);
        let (rejects, warnings) = (self.rejects(), self.warnings());
        let mut files: Vec<String> = printed.iter().flat_map(|lot| lot.staged.clone()).collect();
        for (name, kind, findings) in
            [("rejects.csv", "reject", &rejects), ("warnings.csv", "warning", &warnings)]
        {
            let mut all = ledger.findings(night, kind)?;
            all.extend(findings.iter().cloned());
            write_whole(&staging.join(name), &findings_table(&all)?)?;
            files.push(name.to_owned());
        }
        let lots: Vec<LotEntry> = printed.into_iter().map(|lot| lot.entry).collect();
        let entry = NightEntry {
            night,
            mailers_due: job.calendar().mailer_due(night),
            files: self.taken_files(),
            records: self.new_records(),
            rejected: self.refused_duties(),
            cancelled_cards: self.plan.cancelled_cards.clone(),
            lots: &lots,
            rejects: &rejects,
            warnings: &warnings,
            summary: report.to_json(),
        };
        release::release(job, ledger, &entry, &files)
    }

    fn taken_files(&self) -> Vec<(&str, &str, u64)> {
        let files = self.opening.intake.files.iter();
        files.map(|file| (file.sha256.as_str(), file.name.as_str(), file.rows)).collect()
    }

    /// Every planned record, so that places in the plan are places in the ledger's entry.
    fn new_records(&self) -> Vec<NewRecord<'_>> {
        let records = self.plan.records.iter();
        records
            .map(|record| NewRecord {
                issuance: &record.taken.issuance,
                source_file: record.source_file,
                line: record.taken.line,
                duties: &record.duties,
                refused: record.fate == Fate::Rejected,
            })
            .collect()
    }

    fn refused_duties(&self) -> Vec<i64> {
        let refused = self.plan.carried.iter().filter(|(_, fate)| *fate == Fate::Rejected);
        refused.map(|(waiting, _)| waiting.duty).collect()
    }
}

/// Findings by file and line, each record's together.
fn in_file_order<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<Finding> {
    let mut sorted: Vec<Finding> = findings.cloned().collect();
    sorted.sort_by(|a, b| (&a.source_file, a.line).cmp(&(&b.source_file, b.line)));
    sorted
}
