//! The rules that the marks of a side must keep. A mark that breaks one is a fault of the template.

use mail::piece::PieceKind;
use typst_layout::Page;

use crate::fault::{Problem, TemplateFault, at_span};
use crate::fields::FieldName;
use crate::kind::FaultKind;
use crate::locate;
use crate::marks::{AreaKind, Mark, Rect};
use crate::world::TemplateWorld;

/// What a layout is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A piece.
    Piece(PieceKind),
    /// A sheet at an end of a lot.
    LotSheet,
}

/// The faults of one side's marks.
pub(crate) fn check_side(
    world: &TemplateWorld,
    purpose: Purpose,
    page: &Page,
    marks: &[Mark],
) -> Vec<TemplateFault> {
    let size = page.frame.size();
    let sheet = Rect { x: 0.0, y: 0.0, width: size.x.to_pt(), height: size.y.to_pt() };
    let side = Side { purpose, marks, sheet };
    let mut faults = side.sheet_faults();
    faults.extend(side.window_faults());
    faults.extend(side.barcode_faults());
    faults.extend(side.panel_faults());
    if purpose == Purpose::Piece(PieceKind::Letter) {
        faults.extend(side.card_faults());
    }
    faults.into_iter().map(|fault| fault.located(world)).collect()
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

/// The rectangles where nothing else may be printed: symbols with their quiet zones, and the recipient's block.
pub(crate) fn kept_clear(marks: &[Mark]) -> Vec<Rect> {
    let kept = marks.iter().filter(|mark| match mark {
        Mark::Code39(_) | Mark::TwoDDoc(_) | Mark::Omr(_) | Mark::ControlCode(_) => true,
        Mark::Text(text) => text.field.is_none(),
        Mark::Area(_) => false,
    });
    kept.map(Mark::printed_rect).collect()
}

/// A problem of one mark, before the mark's call in the template is found.
struct MarkFault {
    call: (&'static str, &'static str),
    problem: Problem,
}

impl MarkFault {
    fn new(mark: &Mark, kind: FaultKind, message: impl Into<String>) -> MarkFault {
        MarkFault { call: mark.call(), problem: Problem::new(kind, message) }
    }

    fn located(self, world: &TemplateWorld) -> TemplateFault {
        let (function, argument) = self.call;
        at_span(world, locate::call(world, function, argument), self.problem)
    }
}

/// One side under check.
struct Side<'a> {
    purpose: Purpose,
    marks: &'a [Mark],
    sheet: Rect,
}

impl Side<'_> {
    fn areas(&self) -> impl Iterator<Item = (&AreaKind, &Rect, &Mark)> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Area(area) => Some((&area.kind, &area.rect, mark)),
            _ => None,
        })
    }

    fn printed(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(|mark| !matches!(mark, Mark::Area(_)))
    }

    fn symbols(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(|mark| !matches!(mark, Mark::Text(_) | Mark::Area(_)))
    }

    /// The page is A4, and every mark lies on it.
    fn sheet_faults(&self) -> Vec<MarkFault> {
        let a4 = (self.sheet.width - 595.276).abs() < 0.1 && (self.sheet.height - 841.89).abs() < 0.1;
        let mut faults = Vec::new();
        if !a4 {
            let problem = Problem::new(FaultKind::SheetSize, "a piece is printed on A4");
            faults.push(MarkFault { call: ("piece", ""), problem });
        }
        let outside = |mark: &&Mark| !self.sheet.contains(&mark.printed_rect());
        let message = "the mark does not lie within the page";
        faults.extend(
            self.printed().filter(outside).map(|mark| MarkFault::new(mark, FaultKind::OutsidePage, message)),
        );
        faults
    }

    /// What a window holds lies inside it. No other control mark shows in it.
    fn window_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for (kind, window, area) in self.areas() {
            let AreaKind::Window(holds) = kind else { continue };
            for wanted in holds {
                let held: Vec<&Mark> = self.printed().filter(|mark| mark.call().0 == wanted).collect();
                if held.is_empty() {
                    faults.push(MarkFault::new(
                        area,
                        FaultKind::EmptyWindow,
                        format!("the window holds no `{wanted}` of this page"),
                    ));
                }
                let outside = held.into_iter().filter(|mark| !window.contains(&mark.printed_rect()));
                let message = format!("`{wanted}` lies outside its window, quiet zones included");
                faults.extend(
                    outside.map(|mark| MarkFault::new(mark, FaultKind::OutsideWindow, message.as_str())),
                );
            }
        }
        let message = "shows in a window that does not hold it: name it in `holds`, or move it";
        let shown = self.controls().filter(|mark| self.shows_undeclared(mark));
        faults.extend(shown.map(|mark| MarkFault::new(mark, FaultKind::UndeclaredInWindow, message)));
        faults
    }

    /// The marks that an inserter reads.
    fn controls(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(|mark| matches!(mark, Mark::Omr(_) | Mark::ControlCode(_)))
    }

    /// Whether a mark shows in a window that does not name it in `holds`.
    fn shows_undeclared(&self, mark: &Mark) -> bool {
        let (function, _) = mark.call();
        self.areas().any(|(kind, window, _)| match kind {
            AreaKind::Window(holds) => {
                window.overlaps(&mark.printed_rect()) && !holds.iter().any(|held| held == function)
            }
            _ => false,
        })
    }

    /// No fold and no other mark lies in a symbol or its quiet zone. The ratio of Code 39 is 2.5 or 3.
    fn barcode_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for symbol in self.symbols() {
            let rect = symbol.printed_rect();
            let folded = self.areas().any(|(kind, fold, _)| *kind == AreaKind::Fold && rect.overlaps(fold));
            let others = self.printed().filter(|mark| !std::ptr::eq(*mark, symbol));
            if folded {
                faults.push(MarkFault::new(
                    symbol,
                    FaultKind::FoldInSymbol,
                    "a fold runs through the symbol",
                ));
            }
            if others.into_iter().any(|other| other.printed_rect().overlaps(&rect)) {
                faults.push(MarkFault::new(
                    symbol,
                    FaultKind::NotClear,
                    "another mark stands in the symbol or its quiet zone",
                ));
            }
            if let Mark::Code39(code39) = symbol
                && self.purpose != Purpose::LotSheet
                && code39.field != FieldName::CardNumber
            {
                faults.push(MarkFault::new(
                    symbol,
                    FaultKind::Code39Field,
                    "Code 39 holds the `card_number`, which the proof compares it with",
                ));
            }
            if let Mark::Code39(code39) = symbol
                && code39.ratio != 2.5
                && code39.ratio != 3.0
            {
                faults.push(MarkFault::new(
                    symbol,
                    FaultKind::Code39Ratio,
                    "the ratio of Code 39 is 2.5 or 3 (ISO/IEC 16388)",
                ));
            }
        }
        faults
    }

    /// Codes lie on inside panels. No code and no card number shows on an outside panel (pieces.md §2).
    fn panel_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for mark in self.printed() {
            let Some(field) = mark.field() else { continue };
            let rect = mark.printed_rect();
            let within = |wanted: AreaKind| {
                self.areas().any(|(kind, panel, _)| *kind == wanted && panel.contains(&rect))
            };
            let shown =
                self.areas().any(|(kind, panel, _)| *kind == AreaKind::Outside && panel.overlaps(&rect));
            let numbers = matches!(field, FieldName::CardNumber | FieldName::CardNumberMasked);
            if field.is_code() && !within(AreaKind::Inside) {
                faults.push(MarkFault::new(
                    mark,
                    FaultKind::OutsidePanel,
                    format!("`{}` must lie on an inside panel", field.name()),
                ));
            }
            if (numbers || field.is_code()) && shown {
                faults.push(MarkFault::new(
                    mark,
                    FaultKind::ShownOutside,
                    format!("`{}` shows on an outside panel", field.name()),
                ));
            }
        }
        faults
    }

    /// Nothing except the card's number lies under the card (pieces.md §1).
    fn card_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for (_, card, _) in self.areas().filter(|(kind, ..)| **kind == AreaKind::Card) {
            let under = self.printed().filter(|mark| mark.printed_rect().overlaps(card));
            let others = under.filter(
                |mark| !matches!(mark, Mark::Text(text) if text.field == Some(FieldName::CardNumber)),
            );
            let message = "nothing but `card_number` may be printed under the card";
            faults.extend(others.map(|mark| MarkFault::new(mark, FaultKind::UnderCard, message)));
        }
        faults
    }
}
