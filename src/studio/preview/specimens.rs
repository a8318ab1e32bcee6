//! A variant with a record: the piece that is shown, or why it can't be printed.

use std::sync::Arc;

use mail::issuance::Issuance;

use super::against::Against;
use super::answers::Fault;
use super::bench::Bench;
use super::faults;
use super::orders::PieceRequest;
use super::pieces::{Laid, Piece};
use super::refusal::Refusal;
use super::shared::Shared;
use crate::failure::Failure;
use crate::studio::records::with_facts;

/// What is shown of a variant and a record.
#[derive(Clone)]
pub(super) struct Shown {
    /// The layout; `None` if the variant never was sound.
    pub laid: Option<Arc<Laid>>,
    pub record: Arc<Issuance>,
    /// The piece; `None` if it never could be printed.
    pub piece: Option<Arc<Piece>>,
    /// Whether what was saved last can't be shown, and this is older.
    pub stale: bool,
    /// Why the record can't be printed.
    pub faults: Vec<Fault>,
}

impl Bench {
    /// What is shown of a variant and a record of what was saved last.
    ///
    /// # Errors
    /// A refusal if there is no such variant or record, or no piece of the variant can have the record.
    pub(super) fn shown(&mut self, request: &PieceRequest, shared: &Shared) -> Result<Shown, Refusal> {
        let record = self.record(request)?;
        let Some((laid, stale)) = self.laid(&request.variant) else {
            return Ok(Shown { laid: None, record, piece: None, stale: true, faults: Vec::new() });
        };
        let (piece, failure) = match self.piece(&laid, &record, shared) {
            Ok(piece) => (Some(piece), None),
            Err(failure) => (None, Some(failure)),
        };
        let faults = failure.map(|failure| faults::of_failure(&failure, &shared.places)).unwrap_or_default();
        // A record that went in before is shown as it was.
        let key = (request.variant.clone(), request.record.clone());
        let (piece, stale) = match piece {
            Some(piece) => {
                self.printed.put(key, piece.clone(), piece.pdf.len());
                (Some(piece), stale)
            }
            None => (self.printed.get(&key), true),
        };
        Ok(Shown { laid: Some(laid), record, piece, stale, faults })
    }

    /// The same piece of a version that is compared with; `None` if that can't print it.
    pub(super) fn before(
        &mut self,
        against: Against,
        request: &PieceRequest,
        shared: &Shared,
    ) -> Option<Arc<Piece>> {
        let record = self.record(request).ok()?;
        let laid = self.laid_of(against, &request.variant)?;
        self.piece(&laid, &record, shared).ok()
    }

    /// A record, changed to have the facts of the variant.
    fn record(&self, request: &PieceRequest) -> Result<Arc<Issuance>, Refusal> {
        let of_variant = self.variants.iter().find(|(id, _)| *id == request.variant);
        let of_record = self.records.iter().find(|record| record.id == request.record);
        let (Some((_, facts)), Some(record), Some(now)) = (of_variant, of_record, &self.now) else {
            return Err(Refusal::not_found());
        };
        let facts: Vec<(String, String)> = facts.clone().into_iter().collect();
        Ok(Arc::new(with_facts(record.issuance()?.clone(), now.kind(), &facts)?))
    }

    fn piece(
        &self,
        laid: &Arc<Laid>,
        record: &Arc<Issuance>,
        shared: &Shared,
    ) -> Result<Arc<Piece>, Failure> {
        let id = Piece::name(laid, record);
        if let Some(piece) = shared.piece(&id) {
            return Ok(piece);
        }
        let piece = Arc::new(Piece::print(id, laid, record, self.order.night)?);
        shared.keep(&piece);
        Ok(piece)
    }
}
