//! The rules that the marks of a side must keep. A mark that breaks one is a fault of the template.

use mail::piece::PieceKind;
use typst::syntax::Span;
use typst_layout::Page;

use crate::clear::{self, Ink};
use crate::codes::code_faults;
use crate::fault::{Problem, TemplateFault, at_span};
use crate::fields::FieldName;
use crate::files::Files;
use crate::fineness::fineness_faults;
use crate::folding::{A4, Seal};
use crate::kind::FaultKind;
use crate::manifest::Manifest;
use crate::marks::{AreaKind, Mark, Rect};
use crate::outside::outside_faults;
use crate::overlaps::overlap_faults;
use crate::pictures::Pictures;
use crate::place::Places;
use crate::placement::{PlacedMark, page_rule};
use crate::printed::printed;
use crate::world::TemplateWorld;

/// What a layout is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A piece.
    Piece(PieceKind),
    /// A sheet at an end of a lot.
    LotSheet,
}

/// The faults of the pages of a piece, or of a lot's sheet, whose files are these.
pub(crate) fn check_pages(
    world: &TemplateWorld,
    files: &Files,
    (purpose, manifest): (Purpose, Option<&Manifest>),
    pages: &[(&Page, &[PlacedMark])],
    pictures: &mut Pictures,
) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    let mut all_printed = Vec::with_capacity(pages.len());
    for (number, (page, marks)) in pages.iter().enumerate() {
        let size = page.frame.size();
        let sheet = Rect { x: 0.0, y: 0.0, width: size.x.to_pt(), height: size.y.to_pt() };
        let folds = manifest.map_or(Vec::new(), |manifest| manifest.fold.lines_on(number, manifest.turn));
        let bleeds = page.bleed.iter().any(|bleed| bleed.to_pt() != 0.0);
        let ink = clear::ink(page, pictures);
        let printed = printed(marks, &ink);
        let places = Places { page: number, sheet, marks, folds: &folds, printed: &printed };
        faults.extend(places.faults());
        let side = Side { purpose, number, marks, sheet, bleeds, folds };
        faults.extend(side.sheet_faults(world));
        faults.extend(side.clear_faults(&ink));
        faults.extend(side.barcode_faults());
        faults.extend(code_faults(number, marks, &ink));
        faults.extend(overlap_faults(number, marks, &ink));
        faults.extend(fineness_faults(number, marks, &ink));
        if purpose == Purpose::Piece(PieceKind::Letter) {
            faults.extend(side.card_faults());
        }
        all_printed.push(printed);
    }
    if let Some(manifest) = manifest {
        let marks: Vec<&[PlacedMark]> = pages.iter().map(|(_, marks)| *marks).collect();
        faults.extend(outside_faults(manifest, &marks, &all_printed));
        faults.extend(missing_seal(manifest, &marks));
    }
    faults.into_iter().map(|fault| fault.found(world, files)).collect()
}

/// A mailer that is glued has a place for the glue, and a letter is not glued.
fn missing_seal(manifest: &Manifest, pages: &[&[PlacedMark]]) -> Option<MarkFault> {
    if manifest.kind == PieceKind::Letter && manifest.seal != Seal::Envelope {
        let seal = manifest.seal.name();
        let message = format!("a letter can't have `seal = \"{seal}\"`: only a mailer is closed so");
        let advice = "take `seal` out of template.toml: a letter lies in an envelope";
        let problem = Problem::new(FaultKind::MissingSeal, message).with_advice(advice);
        return Some(MarkFault::positioned(Position::Key("seal"), problem));
    }
    let glued = |placed: &PlacedMark| matches!(&placed.mark, Mark::Area(area) if area.kind == AreaKind::Glue);
    if manifest.seal == Seal::Envelope || pages.iter().any(|marks| marks.iter().any(glued)) {
        return None;
    }
    let seal = manifest.seal.name();
    let message = format!("`seal = \"{seal}\"`, and no page says where the sheet is glued");
    let advice = "write `#glue(…)` on the pages that are glued, or `seal = \"envelope\"` in template.toml";
    let problem = Problem::new(FaultKind::MissingSeal, message).with_advice(advice);
    Some(MarkFault::positioned(Position::Key("seal"), problem))
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

/// Where a fault stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Position {
    /// In a file that Typst read.
    Span(Span),
    /// At a key of `template.toml`.
    Key(&'static str),
}

/// A problem of one mark, or of what the stock prints.
pub(crate) struct MarkFault {
    position: Position,
    problem: Problem,
}

impl MarkFault {
    /// A fault at the call that left a mark on a page, from 0.
    pub(crate) fn new(page: usize, placed: &PlacedMark, problem: Problem) -> MarkFault {
        MarkFault::at(placed.call, problem.shown(page, placed.mark.printed_rect()))
    }

    /// A fault of any other content.
    pub(crate) fn at(span: Span, problem: Problem) -> MarkFault {
        MarkFault::positioned(Position::Span(span), problem)
    }

    /// A fault at any position.
    pub(crate) fn positioned(position: Position, problem: Problem) -> MarkFault {
        MarkFault { position, problem }
    }

    /// The fault with its file, line and column.
    fn found(self, world: &TemplateWorld, files: &Files) -> TemplateFault {
        match self.position {
            Position::Span(span) => at_span(world, span, self.problem),
            Position::Key(key) => self.problem.at_key(&files.manifest(), key),
        }
    }
}

/// One side under check.
struct Side<'a> {
    purpose: Purpose,
    /// The page, from 0.
    number: usize,
    marks: &'a [PlacedMark],
    sheet: Rect,
    /// Whether the page is larger than its sheet.
    bleeds: bool,
    /// The fold lines of `template.toml`.
    folds: Vec<f64>,
}

impl Side<'_> {
    fn fault(&self, placed: &PlacedMark, kind: FaultKind, message: &str, advice: &str) -> MarkFault {
        MarkFault::new(self.number, placed, Problem::new(kind, message).with_advice(advice))
    }

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

    /// The page is A4 and has no bleed.
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
                let problem = Problem::new(FaultKind::NotClear, message).with_advice("move one of the two");
                MarkFault::at(span, problem.shown(self.number, rect))
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
                let (message, advice) = ("a fold runs through the symbol", "move the symbol off the fold");
                faults.push(self.fault(symbol, FaultKind::FoldInSymbol, message, advice));
            }
            if others.any(|other| other.mark.printed_rect().overlaps(&rect)) {
                faults.push(self.fault(
                    symbol,
                    FaultKind::NotClear,
                    "another mark stands in the symbol or its quiet zone",
                    "move one of the two",
                ));
            }
            if let Mark::Code39(code39) = &symbol.mark
                && self.purpose != Purpose::LotSheet
                && !matches!(code39.field, FieldName::CardNumber | FieldName::PieceBarcode)
            {
                faults.push(self.fault(
                    symbol,
                    FaultKind::Code39Field,
                    "Code 39 holds the `card_number`, which the proof compares it with, or the `piece_barcode` of a mailer",
                    "write `code39(\"card_number\")` on a letter, `code39(\"piece_barcode\")` on a mailer",
                ));
            }
            if let Mark::Code39(code39) = &symbol.mark
                && code39.ratio != 2.5
                && code39.ratio != 3.0
            {
                faults.push(self.fault(
                    symbol,
                    FaultKind::Code39Ratio,
                    "the ratio of Code 39 is 2.5 or 3 (ISO/IEC 16388)",
                    "write `ratio: 2.5`, or leave it out",
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
            let advice = "move it off the card's place";
            faults.extend(others.map(|placed| self.fault(placed, FaultKind::UnderCard, message, advice)));
        }
        faults
    }
}
