//! Which lot a machine's reads are of, where nobody says it.

use std::collections::BTreeMap;

use super::named_pieces::named_pieces;
use super::naming::Naming;
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
        let mut pieces = named_pieces(&self.ledger, &naming.of(text), kind)?;
        pieces.retain(|piece| piece.kind == kind.code());
        let mut lots: Vec<LotName> = pieces.iter().filter_map(|piece| LotName::parse(&piece.lot)).collect();
        lots.dedup();
        Ok(lots)
    }
}

fn unclear(lots: &[LotName], kind: PieceKind) -> Failure {
    let names: Vec<String> = lots.iter().map(|lot| format!("`{}`", lot.marked(kind))).collect();
    Failure::usage("lot_unclear", format!("the reads may be of the lots {}", names.join(", ")))
        .with_advice(format!("name the lot in hand: `--lot {}`", lots[0].marked(kind)))
}
