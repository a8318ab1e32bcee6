//! The rules that the marks of a side must keep. A mark that breaks one is a fault of the template.

use mail::piece::PieceKind;
use typst::syntax::Span;
use typst_layout::Page;

use crate::clear::{self, Ink};
use crate::codes::code_faults;
use crate::fault::{Problem, TemplateFault, at_span};
use crate::fields::FieldName;
use crate::folding::A4;
use crate::kind::FaultKind;
use crate::manifest::Manifest;
use crate::marks::{AreaKind, Mark, Rect};
use crate::outside::outside_faults;
use crate::placement::{PlacedMark, page_rule};
use crate::world::TemplateWorld;

/// What a layout is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A piece.
    Piece(PieceKind),
    /// A sheet at an end of a lot.
    LotSheet,
}

/// The faults of the pages of a piece, or of a lot's sheet.
pub(crate) fn check_pages(
    world: &TemplateWorld,
    purpose: Purpose,
    manifest: Option<&Manifest>,
    pages: &[(&Page, &[PlacedMark])],
) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    for (number, (page, marks)) in pages.iter().enumerate() {
        let size = page.frame.size();
        let sheet = Rect { x: 0.0, y: 0.0, width: size.x.to_pt(), height: size.y.to_pt() };
        let folds = manifest.map_or(Vec::new(), |manifest| manifest.fold.lines_on(number, manifest.turn));
        let bleeds = page.bleed.iter().any(|bleed| bleed.to_pt() != 0.0);
        let (side, ink) = (Side { purpose, marks, sheet, bleeds, folds }, clear::ink(page));
        faults.extend(side.sheet_faults(world));
        faults.extend(side.clear_faults(&ink));
        faults.extend(side.barcode_faults());
        faults.extend(code_faults(marks, &ink));
        if purpose == Purpose::Piece(PieceKind::Letter) {
            faults.extend(side.card_faults());
        }
    }
    if let Some(manifest) = manifest {
        let marks: Vec<&[PlacedMark]> = pages.iter().map(|(_, marks)| *marks).collect();
        faults.extend(outside_faults(manifest, &marks));
    }
    faults.into_iter().map(|fault| at_span(world, fault.span, fault.problem)).collect()
}

/// One message for each mark that every piece of the kind must have and that is missing (pieces.md §1 and §2).
pub(crate) fn missing_marks<'m>(
    purpose: Purpose,
    marks: impl Iterator<Item = &'m Mark>,
) -> impl Iterator<Item = String> {
    const LETTER: [(&str, &str); 5] = [
        ("address", ""),
        ("code39", "card_number"),
        ("two-d-doc", ""),
        ("field", "card_number"),
        ("field", "piece_id"),
    ];
    const MAILER: [(&str, &str); 6] = [
        ("address", ""),
        ("field", "piece_id"),
        ("field", "tracking_id"),
        ("field", "pin"),
        ("field", "puk"),
        ("field", "assistance_code"),
    ];
    let present: Vec<(&str, &str)> = marks.map(Mark::call).collect();
    let (kind, wanted) = match purpose {
        Purpose::Piece(PieceKind::Letter) => ("letter", &LETTER[..]),
        Purpose::Piece(PieceKind::Mailer) => ("mailer", &MAILER[..]),
        Purpose::LotSheet => ("lot's sheet", &[("code39", "lot_code"), ("field", "lot")][..]),
    };
    let missing = wanted.iter().filter(move |call| !present.contains(call));
    missing.map(move |(function, name)| match *name {
        "" => format!("a {kind} must have `{function}`"),
        name => format!("a {kind} must have `{function}(\"{name}\")`"),
    })
}

/// A problem of one mark, or of what the stock prints.
pub(crate) struct MarkFault {
    span: Span,
    problem: Problem,
}

impl MarkFault {
    /// A fault at the call that left a mark.
    pub(crate) fn new(placed: &PlacedMark, problem: Problem) -> MarkFault {
        MarkFault::at(placed.call, problem)
    }

    /// A fault of any other content.
    pub(crate) fn at(span: Span, problem: Problem) -> MarkFault {
        MarkFault { span, problem }
    }

    fn of(placed: &PlacedMark, kind: FaultKind, message: &str) -> MarkFault {
        MarkFault::new(placed, Problem::new(kind, message))
    }
}

/// One side under check.
struct Side<'a> {
    purpose: Purpose,
    marks: &'a [PlacedMark],
    sheet: Rect,
    /// Whether the page is larger than its sheet.
    bleeds: bool,
    /// The fold lines of `template.toml`.
    folds: Vec<f64>,
}

impl Side<'_> {
    fn areas(&self) -> impl Iterator<Item = (&AreaKind, &Rect)> {
        self.marks.iter().filter_map(|placed| match &placed.mark {
            Mark::Area(area) => Some((&area.kind, &area.rect)),
            _ => None,
        })
    }

    fn printed(&self) -> impl Iterator<Item = &PlacedMark> {
        self.marks.iter().filter(|placed| !matches!(placed.mark, Mark::Area(_)))
    }

    fn symbols(&self) -> impl Iterator<Item = &PlacedMark> {
        self.marks
            .iter()
            .filter(|placed| !matches!(placed.mark, Mark::Text(_) | Mark::Confusion(_) | Mark::Area(_)))
    }

    /// The page is A4, and every mark lies on it.
    fn sheet_faults(&self, world: &TemplateWorld) -> Vec<MarkFault> {
        let near = |length: f64, wanted: f64| (length - wanted).abs() < 0.1;
        let mut faults = Vec::new();
        let of_page = |message: &str, advice: &str| {
            let problem = Problem::new(FaultKind::SheetSize, message).with_advice(advice);
            MarkFault::at(page_rule(world), problem)
        };
        if !near(self.sheet.width, A4.width) || !near(self.sheet.height, A4.height) {
            let advice = "write `#show: piece`, and set no other size of the page";
            faults.push(of_page("a piece is printed on A4", advice));
        }
        if self.bleeds {
            faults.push(of_page(
                "a piece has no bleed: sheets are not trimmed",
                "take `bleed` from `set page`",
            ));
        }
        let outside = self.printed().filter(|placed| !self.sheet.contains(&placed.mark.printed_rect()));
        let message = "the mark does not lie within the page";
        faults.extend(outside.map(|placed| MarkFault::of(placed, FaultKind::OutsidePage, message)));
        faults
    }

    /// The stock prints nothing in symbols with their quiet zones, and nothing in the recipient's block.
    fn clear_faults(&self, ink: &[Ink]) -> Vec<MarkFault> {
        let message = "stands in a barcode, its quiet zone, the address or a confusion pattern: keep their places clear";
        let kept = self.printed().filter(|placed| match &placed.mark {
            Mark::Text(text) => text.field.is_none(),
            _ => true,
        });
        let mut faults = Vec::new();
        for placed in kept {
            let rect = placed.mark.printed_rect();
            faults.extend(ink.iter().filter(|ink| ink.enters(&rect)).map(|ink| {
                let span = if ink.span.is_detached() { placed.call } else { ink.span };
                MarkFault::at(span, Problem::new(FaultKind::NotClear, message))
            }));
        }
        faults
    }

    /// No fold and no other mark lies in a symbol or its quiet zone. The ratio of Code 39 is 2.5 or 3.
    fn barcode_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for symbol in self.symbols() {
            let rect = symbol.mark.printed_rect();
            let drawn = self.areas().filter(|(kind, _)| **kind == AreaKind::Fold).map(|(_, fold)| fold.y);
            let mut folds = drawn.chain(self.folds.iter().copied());
            let mut others = self.printed().filter(|placed| !std::ptr::eq(*placed, symbol));
            if folds.any(|fold| rect.y < fold && fold < rect.y + rect.height) {
                faults.push(MarkFault::of(symbol, FaultKind::FoldInSymbol, "a fold runs through the symbol"));
            }
            if others.any(|other| other.mark.printed_rect().overlaps(&rect)) {
                faults.push(MarkFault::of(
                    symbol,
                    FaultKind::NotClear,
                    "another mark stands in the symbol or its quiet zone",
                ));
            }
            if let Mark::Code39(code39) = &symbol.mark
                && self.purpose != Purpose::LotSheet
                && !matches!(code39.field, FieldName::CardNumber | FieldName::PieceBarcode)
            {
                faults.push(MarkFault::of(
                    symbol,
                    FaultKind::Code39Field,
                    "Code 39 holds the `card_number`, which the proof compares it with, or the `piece_barcode` of a mailer",
                ));
            }
            if let Mark::Code39(code39) = &symbol.mark
                && code39.ratio != 2.5
                && code39.ratio != 3.0
            {
                faults.push(MarkFault::of(
                    symbol,
                    FaultKind::Code39Ratio,
                    "the ratio of Code 39 is 2.5 or 3 (ISO/IEC 16388)",
                ));
            }
        }
        faults
    }

    /// Nothing except the card's number lies under the card (pieces.md §1).
    fn card_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for (_, card) in self.areas().filter(|(kind, _)| **kind == AreaKind::Card) {
            let under = self.printed().filter(|placed| placed.mark.printed_rect().overlaps(card));
            let others = under.filter(
                |placed| !matches!(&placed.mark, Mark::Text(text) if text.field == Some(FieldName::CardNumber)),
            );
            let message = "nothing but `card_number` may be printed under the card";
            faults.extend(others.map(|placed| MarkFault::of(placed, FaultKind::UnderCard, message)));
        }
        faults
    }
}
