//! What a lot is judged by, prepared once.

use std::borrow::Cow;

use composition::{BlockMap, Stamper};
use jiff::civil::Date;
use mail::lot::LotPosition;
use template::{CompiledTemplate, CompiledVariant, FieldName, Mark, SheetSide, variant_name};
use twoddoc::{KeyVerifier, VerifyingKey};

use super::places::Part;
use super::plan::{PressDots, SidePlan};
use super::side::Wanted;
use crate::failure::Failure;
use crate::job::PostalWeight;
use crate::ledger::ReleaseMark;
use crate::night::lot::{LotNumbers, NumberedPiece, SheetLayout};
use crate::night::proofing::claims::{Claim, ClaimOrder, ClaimedPiece, Claims};
use crate::vault::CodesOfNight;

/// What a lot was printed with.
pub(in crate::night) struct LotRulesOrder<'a> {
    /// The template for its press and its inserter.
    pub stamper: &'a Stamper<'a>,
    /// How pieces lie on sheets.
    pub layout: SheetLayout,
    /// Name, kind and numbers.
    pub numbers: &'a LotNumbers,
    /// The release of the ledger that the lot belongs to.
    pub mark: &'a ReleaseMark,
    /// The postal weight classes of its pieces.
    pub weight: PostalWeight<'a>,
    /// The fields of the signed block; `None` for mailers.
    pub block_map: Option<&'a BlockMap>,
    /// The key that verifies it.
    pub key: Option<&'a VerifyingKey>,
    /// The codes of mailers; `None` for letters.
    pub codes: Option<&'a CodesOfNight>,
    /// Whether the files are sealed.
    pub sealed: bool,
    /// The night of the originals, from which dates are counted.
    pub night: Date,
    /// The day that pieces show: the night, or the day of a reprint.
    pub day: Date,
}

/// What a lot is judged by.
pub(in crate::night) struct LotRules<'a> {
    pub(super) template: &'a CompiledTemplate,
    pub(super) layout: SheetLayout,
    pub(super) press: PressDots,
    pub(super) numbers: &'a LotNumbers,
    pub(super) mark: &'a ReleaseMark,
    pub(super) weight: PostalWeight<'a>,
    pub(super) key: Option<KeyVerifier>,
    pub(super) codes: Option<&'a CodesOfNight>,
    pub(super) sealed: bool,
    pub(super) claims: Claims<'a>,
    variants: Vec<VariantPlan<'a>>,
    pub(super) header: Vec<SidePlan<'a>>,
    pub(super) trailer: Vec<SidePlan<'a>>,
}

/// The counts of a lot, as the sheet at its end must show them.
pub(super) struct LotCounts {
    /// Its pieces.
    pub pieces: u32,
    /// The printed reference of the last.
    pub last_piece: String,
    /// Its files; `None` where a file's name does not tell them.
    pub files: Option<u32>,
    /// Its sheets; `None` where other files are not known.
    pub sheets: Option<u32>,
    /// Its bundles; 0 where it is not broken into such.
    pub bundles: u32,
}

impl LotCounts {
    /// The text of a count, if it is known; `None` for a field that is no count.
    fn text(&self, field: FieldName) -> Option<Option<String>> {
        match field {
            FieldName::LastPiece => Some(Some(self.last_piece.clone())),
            FieldName::Pieces => Some(Some(self.pieces.to_string())),
            FieldName::Files => Some(self.files.map(|files| files.to_string())),
            FieldName::Bundles => Some(Some(self.bundles.to_string())),
            FieldName::Sheets => Some(self.sheets.map(|sheets| sheets.to_string())),
            _ => None,
        }
    }
}

/// A variant, prepared.
pub(super) struct VariantPlan<'a> {
    variant: &'a CompiledVariant,
    /// Its name in manifests.
    pub name: String,
    /// Its sides.
    pub sides: Vec<SidePlan<'a>>,
}

impl<'a> LotRules<'a> {
    /// Prepares the rules of a lot.
    ///
    /// # Errors
    /// A block map by which no letter can be claimed: an error of the program, since letters were composed by it.
    pub(in crate::night) fn new(order: LotRulesOrder<'a>) -> Result<LotRules<'a>, Failure> {
        let LotRulesOrder {
            stamper,
            layout,
            numbers,
            mark,
            weight,
            block_map,
            key,
            codes,
            sealed,
            night,
            day,
        } = order;
        let template = stamper.template();
        let machine = stamper.machine();
        let press = PressDots { grid: layout.grid, reduction: stamper.bar_width_reduction() };
        let claims = Claims::new(&ClaimOrder { template, machine, block_map, night, day })
            .map_err(|fault| Failure::bug(fault.to_string()))?;
        let plans = |sides: &'a [SheetSide]| -> Vec<SidePlan<'a>> {
            sides.iter().map(|side| SidePlan::of(side, press, machine)).collect()
        };
        let variant = |variant: &'a CompiledVariant| VariantPlan {
            variant,
            name: variant_name(&variant.facts),
            sides: plans(&variant.sides),
        };
        let of_lot = |sides: &'a [SheetSide]| plans(&sides[..sides.len().min(layout.sides())]);
        let lot_sheets = template.lot_sheets.as_ref();
        Ok(LotRules {
            template,
            layout,
            press,
            numbers,
            mark,
            weight,
            key: key.map(KeyVerifier::new),
            codes,
            sealed,
            claims,
            variants: template.variants.iter().map(variant).collect(),
            header: lot_sheets.map_or_else(Vec::new, |sheets| of_lot(&sheets.header)),
            trailer: lot_sheets.map_or_else(Vec::new, |sheets| of_lot(&sheets.trailer)),
        })
    }

    /// The variant in which a piece must be printed.
    pub(super) fn variant(&self, piece: &NumberedPiece) -> Option<&VariantPlan<'a>> {
        let variant = self.claims.variant(&piece.piece.issuance)?;
        let sides = |plan: &&VariantPlan| std::ptr::eq(plan.variant, variant) && !plan.sides.is_empty();
        self.variants.iter().find(sides)
    }

    /// What the marks of a piece's side must show.
    pub(super) fn of_piece<'p>(&'p self, piece: &'p NumberedPiece, side: &'p SheetSide) -> Vec<Wanted<'p>> {
        let LotNumbers { name, kind, .. } = self.numbers;
        let claimed = ClaimedPiece {
            issuance: &piece.piece.issuance,
            position: LotPosition { lot: name, kind: *kind, sequence: piece.sequence },
            piece_id: &piece.piece_id,
            tracking: piece.tracking,
        };
        self.claims.of_side(&claimed, side).into_iter().map(Wanted::Claim).collect()
    }

    /// What the marks of a sheet of the lot must show. Counts are those of the sheet at the end.
    pub(super) fn of_lot<'p>(
        &'p self,
        part: Part,
        side: &'p SheetSide,
        counts: &LotCounts,
    ) -> Vec<Wanted<'p>> {
        side.marks.iter().map(|mark| self.of_lot_mark(part, mark, counts)).collect()
    }

    fn of_lot_mark(&self, part: Part, mark: &Mark, counts: &LotCounts) -> Wanted<'_> {
        let field = match mark {
            Mark::Text(text) => text.field,
            Mark::Code39(symbol) => Some(symbol.field),
            Mark::Confusion(_) | Mark::Area(_) => return Wanted::Claim(Claim::Nothing),
            Mark::TwoDDoc(_) | Mark::Omr(_) | Mark::ControlCode(_) => None,
        };
        let lot = self.numbers.name.marked(self.numbers.kind);
        let end = if part == Part::Header { "DEBUT" } else { "FIN" };
        let text = match field {
            Some(FieldName::Lot) => lot,
            Some(FieldName::LotCode) => format!("LOT-{lot}-{end}"),
            Some(FieldName::FirstPiece) => self.numbers.piece_id(1),
            Some(field) if part == Part::Trailer => match counts.text(field) {
                Some(Some(text)) => text,
                Some(None) => return Wanted::Anything,
                None => return Wanted::Claim(Claim::Nothing),
            },
            _ => return Wanted::Claim(Claim::Nothing),
        };
        Wanted::Claim(match mark {
            Mark::Code39(_) => Claim::Code39(Cow::Owned(text)),
            _ => Claim::Text(Cow::Owned(text)),
        })
    }
}
