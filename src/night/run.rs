//! One night, from the record files to the release.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::civil::Date;

use super::intake::{Intake, IntakeFile, IntakeSettings, take_in};
use super::lots::{PrintedKind, Shop};
use super::planning::{Fate, Occasion, Plan, plan};
use super::proofing::{Proof, Prove};
use super::release::{self, findings_table, write_whole};
use super::report::{InputSummary, ProofSummary, Report, Seconds};
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
    if let Some(last) = ledger.last_night()?.filter(|last| *last > order.night) {
        tracing::warn!(
            "the ledger has released the night of {last} already, and this one is of {}",
            order.night
        );
    }
    if !order.job.calendar().is_working_day(order.night) {
        tracing::warn!("{} is no working day: what is overdue leaves all the same", order.night);
    }
    let opening = Opening::new(order, &ledger, watch)?;
    let mut night = Night::plan(order, &opening, &ledger)?;
    night.within_limits(&ledger)?;
    let staging = release::fresh_staging(order.job, order.night)?;
    let shop = Shop { order, ledger: &ledger, watch, staging: Some(&staging) };
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
        release::remove(&staging)?;
        return Ok(report);
    }
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
    tracing::info!(letters = report.letters, mailers = report.mailers, "released");
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
    let mut report = Report { dry_run: false, folder: String::new(), ..night.report(&[], &ledger)? };
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
        let mut intake = take_in(&sources.fresh, &settings)?;
        name_within_job(&mut intake, order.job);
        for file in &intake.files {
            tracing::info!(file = file.name, rows = file.rows, "read");
        }
        if sources.fresh.is_empty() && sources.known.is_empty() {
            tracing::warn!("no record file in the inbox ({})", input.cards.join(", "));
        }
        let waiting = ledger.due(order.night)?;
        watch.end();
        Ok(Opening { sources, intake, waiting, seconds: started.elapsed().as_secs_f64() })
    }
}

/// Names the record files as the job does, so that the same night gives the same tables wherever it runs.
fn name_within_job(intake: &mut Intake, job: &Job) {
    let folder = job.path("");
    let within = |name: &mut String| {
        if let Ok(rest) = Path::new(name.as_str()).strip_prefix(&folder) {
            *name = rest.display().to_string();
        }
    };
    intake.files.iter_mut().for_each(|file| within(&mut file.name));
    let findings = intake.rejects.iter_mut().chain(&mut intake.warnings);
    let prefix = format!("`{}", folder.join("").display());
    findings.for_each(|finding| {
        within(&mut finding.source_file);
        finding.message = finding.message.replace(&prefix, "`");
    });
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

    /// The report of an earlier run of this night, where this one finds nothing to do.
    fn done_before(&self, printed: &[PrintedKind], ledger: &Ledger) -> Result<Option<Report>, Failure> {
        let idle = self.opening.sources.fresh.is_empty() && printed.is_empty() && self.rejected() == 0;
        if !idle {
            return Ok(None);
        }
        let last = ledger.runs(self.order.night)?.pop();
        let report = last.and_then(|body| serde_json::from_str::<Report>(&body).ok());
        let folder = self.order.job.night_folder(self.order.night);
        let gone =
            report.iter().flat_map(|report| &report.files).find(|file| !folder.join(&file.path).exists());
        if let Some(file) = gone {
            tracing::warn!("{}: released, and not there any more", folder.join(&file.path).display());
        }
        Ok(report.map(|report| Report { already_done: true, ..report }))
    }

    /// Refuses a night with too many rejects; their list is written all the same.
    fn within_limits(&self, ledger: &Ledger) -> Result<(), Failure> {
        let rejected = self.rejected();
        let all = self.opening.intake.rows + self.plan.carried.len() as u64;
        let limit = self.order.job.sections.limits.max_reject_percent;
        let percent = if all == 0 { 0.0 } else { rejected as f64 * 100.0 / all as f64 };
        if percent <= limit {
            return Ok(());
        }
        let rejects = self.order.job.night_folder(self.order.night).join("rejects.csv");
        if !self.order.dry_run {
            let mut all = ledger.findings(self.order.night, "reject")?;
            all.extend(self.rejects());
            write_whole(&rejects, &findings_table(&all)?)?;
            release::remove(&release::staging_folder(self.order.job, self.order.night))?;
        }
        Err(Failure::Refused(format!(
            "{rejected} of {all} records are rejected ({percent:.1} %), and `limits.max_reject_percent` is {limit}; nothing was released\n  see {}, correct the file and run again",
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
        let made = self.plan.due.len() as u64;
        if ended == begun && made == pieces {
            return Ok(());
        }
        Err(Failure::Midway(format!(
            "the counts do not add up: {begun} records and waiting pieces, {ended} accounted for, {made} pieces for {pieces} records; nothing was released\n  keep the inbox as it is and report this"
        )))
    }

    /// How many pieces wait once this night has left.
    fn waiting_after(&self, ledger: &Ledger) -> Result<u64, Failure> {
        let kept = self.plan.records.iter().filter(|record| record.fate != Fate::Rejected);
        let new: u64 = kept.map(|record| record.duties.len() as u64).sum();
        let refused = self.refused_duties();
        let gone = self.plan.due.len() as u64
            + refused.len() as u64
            + ledger.followers(&refused)?
            + ledger.waiting_of_cards(&self.plan.cancelled_cards)?;
        Ok((ledger.waiting_count()? + new).saturating_sub(gone))
    }

    fn inputs(&self) -> Vec<InputSummary> {
        let files = self.opening.intake.files.iter();
        let summary = |file: &IntakeFile| InputSummary {
            path: file.name.clone(),
            sha256: file.sha256.clone(),
            rows: file.rows,
        };
        files.map(summary).collect()
    }

    /// Enters the night into the ledger and puts its files in place.
    fn release(
        &self,
        printed: Vec<PrintedKind>,
        report: &Report,
        ledger: &mut Ledger,
    ) -> Result<(), Failure> {
        let (job, night) = (self.order.job, self.order.night);
        let (rejects, warnings) = (self.rejects(), self.warnings());
        let files: Vec<String> = printed.iter().flat_map(|lot| lot.staged.clone()).collect();
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
