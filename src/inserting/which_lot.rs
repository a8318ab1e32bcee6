//! Which lot a machine's reads are of, where nobody says it.

use std::collections::BTreeMap;

use super::naming::{Named, Naming};
use super::opening::OpenJob;
use super::read::MachineReport;
use crate::failure::Failure;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// How many reads are asked, spread over all of them.
const ASKED: usize = 400;

impl OpenJob<'_> {
    /// The lot of a kind that most reads name; `None` where they name none. Of a lot and its reprints that all of the reads
    /// name alike, it is the one that is not settled: the order of events decides.
    ///
    /// # Errors
    /// `lot_unclear`: two lots are named as often; ledger errors.
    pub(super) fn lot_of_reads(
        &self,
        reports: &[MachineReport],
        kind: PieceKind,
    ) -> Result<Option<LotName>, Failure> {
        let naming = Naming::of_job(self.job, kind);
        let texts: Vec<&str> = reports
            .iter()
            .flat_map(|report| &report.reads)
            .map(|read| read.value.as_str())
            .filter(|text| !text.is_empty())
            .collect();
        let step = texts.len().div_ceil(ASKED).max(1);
        let mut votes: BTreeMap<LotName, usize> = BTreeMap::new();
        for text in texts.iter().step_by(step) {
            for lot in self.lots_of(naming, text, kind)? {
                *votes.entry(lot).or_default() += 1;
            }
        }
        let most = votes.values().copied().max().unwrap_or_default();
        let mut first: Vec<LotName> =
            votes.into_iter().filter(|(_, count)| *count == most).map(|(lot, _)| lot).collect();
        if first.len() > 1 {
            let mut open = Vec::new();
            for lot in &first {
                if self.lot(lot, kind)?.settled.is_none() {
                    open.push(lot.clone());
                }
            }
            if open.len() != 1 {
                return Err(unclear(&first, kind));
            }
            first = open;
        }
        Ok(first.pop())
    }

    /// The lots of a kind that have the piece which a text names.
    fn lots_of(&self, naming: Naming, text: &str, kind: PieceKind) -> Result<Vec<LotName>, Failure> {
        let known = |lot: LotName| {
            Ok::<_, Failure>(
                self.ledger
                    .lots(Some(lot.as_str()))?
                    .iter()
                    .any(|lot| lot.kind == kind.code())
                    .then_some(lot),
            )
        };
        match naming.of(text) {
            Named::Card(number) if kind == PieceKind::Letter => {
                let mut lots: Vec<LotName> = self
                    .ledger
                    .places_of_card(number.as_str(), kind)?
                    .into_iter()
                    .map(|(lot, _)| lot)
                    .collect();
                lots.dedup();
                Ok(lots)
            }
            Named::Piece(piece) if piece.kind.unwrap_or(kind) == kind => {
                let found = self.ledger.piece(&piece.piece_id(kind))?;
                Ok(found.and_then(|found| LotName::parse(&found.lot)).into_iter().collect())
            }
            Named::Sheet { lot, kind: said, .. } if said.unwrap_or(kind) == kind => {
                Ok(LotName::parse(&lot).map(known).transpose()?.flatten().into_iter().collect())
            }
            Named::Tracking(number) if kind == PieceKind::Mailer => {
                let found = self.ledger.mailers_of_tracking(number.number())?;
                Ok(found.iter().filter_map(|found| LotName::parse(&found.lot)).collect())
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn unclear(lots: &[LotName], kind: PieceKind) -> Failure {
    let names: Vec<String> = lots.iter().map(|lot| format!("`{}`", lot.marked(kind))).collect();
    Failure::usage("lot_unclear", format!("the reads may be of the lots {}", names.join(", ")))
        .with_advice(format!("name the lot in hand: `--lot {}`", lots[0].marked(kind)))
}
