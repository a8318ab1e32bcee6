//! The account of a night: how every record and every waiting piece ended.

use super::Night;
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::night::findings::Weight;
use crate::night::intake::IntakeFile;
use crate::night::planning::Fate;
use crate::night::printed_kind::PrintedKind;
use crate::night::proofing::Proof;
use crate::night::report::{InputSummary, ProofSummary, Report};
use mail::piece::PieceKind;

impl Night<'_> {
    /// The counts, which must add up: every record and every waiting piece ends in exactly one way.
    pub(super) fn report(&self, printed: &[PrintedKind], ledger: &Ledger) -> Result<Report, Failure> {
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
            merged: self.merged.clone(),
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
}
