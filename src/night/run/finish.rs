//! The end of a night: paperwork, report and release.

use std::time::Instant;

use super::Night;
use crate::failure::{Failure, counted};
use crate::files::write_whole;
use crate::ledger::Ledger;
use crate::night::certifying::certify;
use crate::night::lot::Lot;
use crate::night::order::{Phase, Progress, during};
use crate::night::paperwork::{Deposit, PostalParts, few_pieces, write_paperwork};
use crate::night::planning::Outcome;
use crate::night::recording::{FinishedLot, LedgerWriter};
use crate::night::release;
use crate::night::report::{Alert, Report};
use mail::piece::PieceKind;

/// How many records are loaded at a time to be counted for the post.
const DEPOSIT_BATCH: usize = 1024;

impl Night<'_> {
    /// Writes the lots' paperwork and releases them, unless an earlier run did it all or this is a dry run.
    ///
    /// # Errors
    /// Errors of paperwork and release.
    pub(in crate::night) fn finish(
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
            let parts = self.deposit(&lot)?;
            let mut files = write_paperwork(&lot, &parts, order, output.staging())?;
            let alert = certify(&lot, &mut files, order, &allowed, &salts, output.staging())?;
            Ok(FinishedLot { lot, files, alert })
        };
        let lots: Vec<FinishedLot> = during(progress, Phase::Paperwork, || {
            lots.into_iter().map(with_paperwork).collect::<Result<_, Failure>>()
        })?;
        let alerts = lots.iter().filter_map(|lot| lot.alert.clone());
        for alert in alerts {
            tracing::warn!(code = alert.code, "{}", alert.message);
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

    /// Writes the deposit table of a lot and returns what it says of the lot. Warns of a lot that is too small for its postal rate.
    fn deposit(&mut self, lot: &Lot) -> Result<PostalParts, Failure> {
        let (job, staging) = (self.order.job, self.output.staging());
        let mut deposit = Deposit::begin(lot, job, staging)?;
        let entries: Vec<u32> = self.plan.pieces(lot.kind()).collect();
        for batch in entries.chunks(DEPOSIT_BATCH) {
            self.plan.load(batch)?.iter().try_for_each(|piece| deposit.add(&piece.issuance.address))?;
        }
        if let Some(least) = few_pieces(lot, job) {
            let (kind, name, count) = (lot.kind(), lot.name(), counted(lot.count, "piece"));
            let problem = format!(
                "{kind} lot {name} has {count}, and `postage.min_pieces` is {least}: it is too small for that rate; hand it in with another lot, or at the rate of single pieces"
            );
            tracing::warn!(code = "postage_few_pieces", "{problem}");
            self.alerts.push(Alert::of("postage_few_pieces", problem));
        }
        deposit.finish(staging)
    }

    /// Records in tonight's files.
    pub(super) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Whether there is nothing to do: no new record file, no piece, no reject.
    pub(in crate::night) fn is_idle(&self) -> bool {
        let pieces = self.plan.count(Outcome::Piece);
        self.sources.fresh.is_empty() && pieces == 0 && self.plan.rejected() == 0
    }

    /// Whether a report is of the kind that is sent. One without a kind is of both, or of an earlier version.
    fn is_of_this_kind(&self, report: &Report) -> bool {
        let only = self.order.only.map(PieceKind::folder);
        only.is_none() || report.only.is_none() || report.only.as_deref() == only
    }

    /// The report of an earlier run of this night, where this one finds nothing to do.
    fn done_before(&self, ledger: &Ledger) -> Result<Option<Report>, Failure> {
        if !self.is_idle() {
            return Ok(None);
        }
        let night = self.order.night;
        let runs = ledger.runs(night)?;
        let reports = runs.iter().rev().filter_map(|body| serde_json::from_str::<Report>(body).ok());
        let mut reports = reports.filter(|report| report.reprint.is_none()).peekable();
        let ran = reports.peek().is_some();
        let report = reports.find(|report| self.is_of_this_kind(report));
        if ran && report.is_none() {
            // The other kind left, and nothing of this one is due.
            return Ok(Some(Report { already_done: true, ledger: None, ..self.report(&[], ledger)? }));
        }
        if runs.is_empty() && ledger.knows_night(night)? {
            // Its reports were purged.
            return Ok(Some(Report { night: night.to_string(), already_done: true, ..Report::default() }));
        }
        for file in report.iter().flat_map(|report| &report.files) {
            if !self.output.holds(&file.path)? {
                tracing::warn!(
                    code = "released_file_gone",
                    "{}: released, and not there any more",
                    self.output.display_file(&file.path)
                );
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
