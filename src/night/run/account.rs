//! The account of a night: the outcome of every record and every waiting piece.

use super::Night;
use super::alerts::add_alerts;
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::night::intake::IntakeFile;
use crate::night::lot::{Lot, Proof};
use crate::night::planning::{Outcome, Severity};
use crate::night::recording::FinishedLot;
use crate::night::report::{InputSummary, LotSummary, ProofSummary, Report};
use mail::piece::PieceKind;

impl Night<'_> {
    /// The counts, which must add up: every record and every waiting piece ends in exactly one way.
    pub(super) fn report(&self, lots: &[FinishedLot], ledger: &Ledger) -> Result<Report, Failure> {
        let plan = &self.plan;
        let of = |kind| lots.iter().map(|finished| &finished.lot).filter(move |lot| lot.kind() == kind);
        let count = |kind| of(kind).map(|lot| u64::from(lot.count)).sum();
        let mut report = Report {
            night: self.order.night.to_string(),
            folder: self.output.display(),
            only: self.order.only.map(|kind| kind.folder().to_owned()),
            dry_run: self.order.dry_run,
            rows: self.rows(),
            carried_over: plan.carried() as u64,
            letters: count(PieceKind::Letter),
            mailers: count(PieceKind::Mailer),
            rejects: plan.rejected(),
            warnings: plan.findings.count(Severity::Warning),
            deferred: plan.count(Outcome::Deferred),
            nothing_to_send: plan.count(Outcome::Nothing),
            held: plan.held,
            waiting: self.waiting_after(ledger)?,
            inputs: self.inputs(),
            seconds: self.seconds.clone(),
            merged: self.merged.clone(),
            cancelled: plan.cancelled_pieces,
            recalled: plan.recalls.len() as u64,
            released_reissues: plan.released_codes.len() as u64,
            ledger: Some(self.mark.clone()),
            alerts: self.alerts.iter().cloned().chain(self.stock.alerts()).collect(),
            program: concat!("pli ", env!("CARGO_PKG_VERSION")).to_owned(),
            ..Report::default()
        };
        let mut proof = Proof::default();
        for finished in lots {
            add_lot(&mut report, finished);
            proof.add(Proof { failures: Vec::new(), ..finished.lot.proof.clone() });
        }
        report.proof = ProofSummary::from(&proof);
        add_alerts(&mut report, self.order.job, ledger)?;
        self.balance(&report)?;
        Ok(report)
    }

    fn balance(&self, report: &Report) -> Result<(), Failure> {
        let pieces = self.plan.count(Outcome::Piece);
        let ended = pieces + report.deferred + report.rejects + report.nothing_to_send;
        let begun = report.rows + report.carried_over;
        let made = PieceKind::ALL.iter().map(|kind| self.plan.pieces(*kind).count() as u64).sum::<u64>();
        if ended == begun && made == pieces {
            return Ok(());
        }
        Err(Failure::bug(format!(
            "the counts do not add up: {begun} records and waiting pieces, {ended} accounted for, {made} pieces for {pieces} records; nothing was released"
        )))
    }

    /// How many pieces wait once this night has left.
    fn waiting_after(&self, ledger: &Ledger) -> Result<u64, Failure> {
        let (carried, new) = self.plan.entries.split_at(self.plan.carried());
        let kept = new.iter().filter(|entry| entry.outcome != Outcome::Rejected);
        let new: u64 = kept.map(|entry| entry.mailing.count()).sum();
        let ended = self.plan.duties.iter().zip(carried);
        let refused = ended.filter(|(_, entry)| entry.outcome == Outcome::Rejected);
        let refused: Vec<i64> = refused.map(|(duty, _)| *duty).collect();
        let gone = self.plan.count(Outcome::Piece)
            + refused.len() as u64
            + ledger.followers(&refused)?
            + self.plan.cancelled_pieces
            + self.superseded(ledger)?;
        Ok((ledger.waiting_count()? + new).saturating_sub(gone))
    }

    /// How many waiting pieces other records of their cards supersede.
    fn superseded(&self, ledger: &Ledger) -> Result<u64, Failure> {
        let cards = self.plan.superseded_cards.iter();
        let mut pieces = 0;
        for card in cards.filter(|card| !self.plan.is_cancelled(**card)) {
            pieces += ledger.waiting_of_card(card.as_str())?;
        }
        Ok(pieces)
    }

    fn inputs(&self) -> Vec<InputSummary> {
        let accepted = self.plan.accepted();
        let summary = |file: &IntakeFile| InputSummary {
            path: file.name.clone(),
            sha256: file.sha256.clone(),
            rows: file.rows,
            accepted: Some(accepted.get(&*file.name).copied().unwrap_or_default()),
        };
        self.files.iter().map(summary).collect()
    }
}

/// Adds a lot to a report.
pub(in crate::night) fn add_lot(report: &mut Report, FinishedLot { lot, files, .. }: &FinishedLot) {
    let Lot { key, .. } = lot;
    let [first_piece, last_piece] = lot.ends();
    report.lots.push(LotSummary {
        lot: lot.name().to_string(),
        kind: lot.kind().to_string(),
        pieces: u64::from(lot.count),
        first_piece,
        last_piece,
        work_order: files.work_order.clone(),
        manifest: files.manifest.clone(),
        control_file: files.control_file.clone(),
        job_ticket: files.job_ticket.clone(),
        deposit: files.deposit.clone(),
        certificate: files.certificate.clone(),
        reprint_of: lot.name().original().map(|lot| lot.to_string()).unwrap_or_default(),
        kept: lot.kept.as_ref().map(|kept| kept.id().to_owned()).unwrap_or_default(),
    });
    report.files.extend(lot.files.iter().cloned());
    report.recipients.extend(lot.recipients.iter().cloned());
    report.templates.insert(lot.kind().code().to_owned(), lot.template_label());
    if let Some(key) = key {
        report.keys.insert("signing".to_owned(), key.clone());
    }
}
