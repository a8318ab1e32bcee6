//! What a piece must show, by its record and its numbers: a claim for each mark of its sides.
//!
//! A second, plain implementation of what `composition` does with a record, written from the facts of the trade and from
//! the documents. It never calls `composition`; of that crate it uses [`BlockMap`] alone, which is a part of the job file.
//! A claim never holds a code: of a code it says which one.
//!
//! - [`facts`](facts): the variant of a piece.
//! - [`fields`](fields): the text of each field; [`dates`](dates) and [`numbers`](numbers) as pieces print them.
//! - [`block`](block): the signed block; [`reduction`](reduction) brings words to its characters.
//! - [`control`](control): what an inserter reads.
//! - [`shown`](shown): whether what a page shows is what is claimed.

pub(in crate::night) mod block;
pub(in crate::night) mod control;
mod dates;
mod facts;
mod fields;
mod numbers;
mod reduction;
mod shown;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use composition::BlockMap;
use jiff::civil::Date;
use mail::inserter::Machine;
use mail::issuance::Issuance;
use mail::lot::LotPosition;
use mail::piece::PieceKind;
use mail::tracking::TrackingId;
use template::{CompiledTemplate, CompiledVariant, FieldName, Fit, Mark, SheetSide, TextMark};

use block::{BlockClaim, MappedBlock};
use control::OmrBar;
use facts::Variants;
use shown::nfc;

/// What one mark must show.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::night) enum Claim<'a> {
    /// Nothing: the value is empty, or the mark is an area that is never printed.
    Nothing,
    /// A text on one line, in composed characters (NFC).
    Text(Cow<'a, str>),
    /// A text that may go over several lines, which are its words: one space stands between two lines.
    Wrapped(Cow<'a, str>),
    /// The recipient's block, line by line, in the order of the post: the recipient first, the routing line or the country
    /// last.
    Lines(Vec<Cow<'a, str>>),
    /// The text of a Code 39 symbol.
    Code39(Cow<'a, str>),
    /// The signed block.
    DataMatrix(BlockClaim<'a>),
    /// The text of the Data Matrix that identifies the sheet to an inserter.
    ControlCode(String),
    /// The marks of an OMR strip, from the top.
    Omr(Vec<OmrBar>),
    /// A code of the card, which only the vault can compare.
    Secret(FieldName),
    /// Random digits: a drawing that says nothing.
    Drawing,
    /// No piece can show the mark: the record does not fit it, or it does not belong on such a piece.
    Impossible,
}

/// What the claims of a lot depend on, besides its pieces.
#[derive(Clone, Copy)]
pub(in crate::night) struct ClaimOrder<'a> {
    /// The template as it is laid out.
    pub template: &'a CompiledTemplate,
    /// The inserter of this kind of piece.
    pub machine: &'a Machine,
    /// The fields of the signed block, and who signs it; `None` for mailers.
    pub block_map: Option<&'a BlockMap>,
    /// The night of the originals, from which dates are counted.
    pub night: Date,
    /// The day that pieces show and blocks are signed on: the night, or the day of a reprint.
    pub day: Date,
}

/// A job's block map that no letter can be claimed by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(in crate::night) enum ClaimFault {
    /// The document type is unknown.
    #[error("`signing.document_type`: unknown type `{0}`")]
    DocumentType(String),
    /// A field's identifier is unknown.
    #[error("`signing.fields`: unknown identifier `{0}`")]
    Identifier(String),
    /// A field's value names an unknown column, or its braces are not closed.
    #[error("`signing.fields`: `{0}` can't be read")]
    Value(String),
    /// A day that a header can't hold.
    #[error("`{0}` is outside the days of a 2D-DOC")]
    Day(Date),
}

/// A piece with its numbers.
#[derive(Clone, Copy)]
pub(in crate::night) struct ClaimedPiece<'a> {
    /// Its record.
    pub issuance: &'a Issuance,
    /// Its place in the lot that is printed.
    pub position: LotPosition<'a>,
    /// Its printed reference. It counts in a reprint lot; that of an original follows from its place in the lot.
    pub piece_id: &'a str,
    /// A mailer's tracking identifier.
    pub tracking: Option<TrackingId>,
}

/// What the pieces of a lot must show.
pub(in crate::night) struct Claims<'a> {
    kind: PieceKind,
    machine: &'a Machine,
    variants: Variants<'a>,
    block: Option<MappedBlock>,
    night: Date,
    /// The day in words.
    day: String,
}

impl<'a> Claims<'a> {
    /// Prepares the claims of a lot.
    ///
    /// # Errors
    /// The first [`ClaimFault`] of the block map.
    pub(in crate::night) fn new(order: &ClaimOrder<'a>) -> Result<Claims<'a>, ClaimFault> {
        let ClaimOrder { template, machine, block_map, night, day } = *order;
        let variants = Variants::of(&template.manifest.variants, &template.variants);
        Claims::of_variants(template.manifest.kind, variants, machine, block_map, night, day)
    }

    fn of_variants(
        kind: PieceKind,
        variants: Variants<'a>,
        machine: &'a Machine,
        block_map: Option<&BlockMap>,
        night: Date,
        day: Date,
    ) -> Result<Claims<'a>, ClaimFault> {
        let block = block_map.map(|map| MappedBlock::of(map, day)).transpose()?;
        Ok(Claims { kind, machine, variants, block, night, day: dates::in_words(day) })
    }

    /// The variant that a record must be printed in; `None` if the template was laid out without it.
    pub(in crate::night) fn variant(&self, issuance: &Issuance) -> Option<&'a CompiledVariant> {
        self.variants.find(&facts::of_piece(self.kind, issuance))
    }

    /// What each mark of a side must show, in the order of [`SheetSide::marks`].
    pub(in crate::night) fn of_side<'p>(
        &'p self,
        piece: &ClaimedPiece<'p>,
        side: &'p SheetSide,
    ) -> Vec<Claim<'p>> {
        side.marks.iter().map(|mark| self.of_mark(piece, side, mark)).collect()
    }

    /// What a mark of a side must show.
    pub(in crate::night) fn of_mark<'p>(
        &'p self,
        piece: &ClaimedPiece<'p>,
        side: &SheetSide,
        mark: &'p Mark,
    ) -> Claim<'p> {
        if piece.position.kind != self.kind {
            return Claim::Impossible;
        }
        match mark {
            Mark::Text(mark) => self.of_text(piece, mark),
            Mark::Code39(mark) => match self.field(mark.field, piece) {
                Some(Claim::Text(text)) => Claim::Code39(text),
                // A symbol is never left out, and a code is no symbol.
                _ => Claim::Impossible,
            },
            Mark::TwoDDoc(_) => match &self.block {
                Some(block) => block.of_record(piece.issuance).map_or(Claim::Impossible, Claim::DataMatrix),
                None => Claim::Nothing,
            },
            Mark::Omr(strip) => Claim::Omr(control::bars(strip, self.machine, piece.position, side)),
            Mark::ControlCode(_) => {
                Claim::ControlCode(control::code(self.machine, piece.position, side.sheet, side.sheets))
            }
            Mark::Confusion(_) => Claim::Drawing,
            Mark::Area(_) => Claim::Nothing,
        }
    }

    fn of_text<'p>(&'p self, piece: &ClaimedPiece<'p>, mark: &TextMark) -> Claim<'p> {
        let Some(field) = mark.field else {
            return Claim::Lines(piece.issuance.address.lines().map(nfc).collect());
        };
        match self.field(field, piece) {
            Some(Claim::Text(text)) if text.is_empty() => Claim::Nothing,
            Some(Claim::Text(text)) if mark.fit == Fit::Wrap => shown::words(text),
            Some(claim) => claim,
            None => Claim::Impossible,
        }
    }

    /// The text of a field, or which code it is; `None` for a field that such a piece does not have.
    fn field<'p>(&'p self, field: FieldName, piece: &ClaimedPiece<'p>) -> Option<Claim<'p>> {
        use FieldName::{AssistanceCode, Date, PieceBarcode, PieceId, Pin, Puk, TrackingId};
        let mailer = self.kind == PieceKind::Mailer;
        let text: Cow<'p, str> = match field {
            Pin | Puk | AssistanceCode => return mailer.then_some(Claim::Secret(field)),
            Date => self.day.as_str().into(),
            PieceId => numbers::reference(piece)?,
            PieceBarcode if mailer => numbers::barcode(piece)?.into(),
            TrackingId if mailer => numbers::tracking(piece.tracking?)?.into(),
            PieceBarcode | TrackingId => return None,
            field => fields::text(field, piece.issuance, self.night)?,
        };
        Some(Claim::Text(text))
    }
}
