//! The rules that the marks of a side must keep; what breaks one is an error at load.

use typst_layout::Page;

use super::control::astray;
use super::fault::{TemplateFault, at_span};
use super::marks::{AreaKind, Mark, Place};
use super::world::TemplateWorld;
use super::{FieldName, locate};
use mail::piece::PieceKind;

/// What a layout is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A piece.
    Piece(PieceKind),
    /// A sheet at an end of a lot.
    LotSheet,
}

/// The faults of one side's marks.
pub(super) fn check_side(
    world: &TemplateWorld,
    purpose: Purpose,
    page: &Page,
    marks: &[Mark],
) -> Vec<TemplateFault> {
    let size = page.frame.size();
    let sheet = Place { x: 0.0, y: 0.0, width: size.x.to_pt(), height: size.y.to_pt() };
    let side = Side { purpose, marks, sheet };
    let mut faults = side.sheet_faults();
    faults.extend(side.window_faults());
    faults.extend(side.barcode_faults());
    faults.extend(side.panel_faults());
    if purpose == Purpose::Piece(PieceKind::Letter) {
        faults.extend(side.card_faults());
    }
    faults.into_iter().map(|fault| fault.told(world)).collect()
}

/// What every piece of a kind must show, and this one does not (pieces.md §1 and §2).
pub(super) fn missing_marks<'m>(
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
    let present: Vec<(&str, &str)> = marks.map(call_of).collect();
    let (made, wanted) = match purpose {
        Purpose::Piece(PieceKind::Letter) => ("letter", &LETTER[..]),
        Purpose::Piece(PieceKind::Mailer) => ("mailer", &MAILER[..]),
        Purpose::LotSheet => ("lot's sheet", &[("code39", "lot_code"), ("field", "lot")][..]),
    };
    let missing = wanted.iter().filter(move |call| !present.contains(call));
    missing.map(move |(function, name)| match *name {
        "" => format!("a {made} must have `{function}`"),
        name => format!("a {made} must have `{function}(\"{name}\")`"),
    })
}

/// The places where nothing else may be printed: symbols with their quiet zones, and the recipient's block.
pub(super) fn kept_clear(marks: &[Mark]) -> Vec<Place> {
    let kept = marks.iter().filter(|mark| match mark {
        Mark::Code39(_) | Mark::TwoDDoc(_) | Mark::Omr(_) | Mark::ControlCode(_) => true,
        Mark::Text(text) => text.field.is_none(),
        Mark::Area(_) => false,
    });
    kept.map(printed_place).collect()
}

/// A fault before its place in the text is known.
struct MarkFault {
    function: &'static str,
    name: &'static str,
    message: String,
}

impl MarkFault {
    fn new(mark: &Mark, message: impl Into<String>) -> MarkFault {
        let (function, name) = call_of(mark);
        MarkFault { function, name, message: message.into() }
    }

    fn told(self, world: &TemplateWorld) -> TemplateFault {
        at_span(world, locate::call(world, self.function, self.name), self.message, None)
    }
}

/// The prelude's function that leaves this mark, and its first argument.
fn call_of(mark: &Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Text(text) => text.field.map_or(("address", ""), |field| ("field", field.name())),
        Mark::Code39(symbol) => ("code39", symbol.field.name()),
        Mark::TwoDDoc(_) => ("two-d-doc", ""),
        Mark::Omr(_) => ("omr", ""),
        Mark::ControlCode(_) => ("control-code", ""),
        Mark::Area(area) => match area.kind {
            AreaKind::Window(_) => ("window", ""),
            AreaKind::Card => ("card-place", ""),
            AreaKind::Safe => ("safe-area", ""),
            AreaKind::Fold => ("fold", ""),
            AreaKind::Inside => ("panel", "inside"),
            AreaKind::Outside => ("panel", "outside"),
        },
    }
}

struct Side<'a> {
    purpose: Purpose,
    marks: &'a [Mark],
    sheet: Place,
}

impl Side<'_> {
    fn areas(&self) -> impl Iterator<Item = (&AreaKind, &Place, &Mark)> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Area(area) => Some((&area.kind, &area.place, mark)),
            _ => None,
        })
    }

    fn printed(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(|mark| !matches!(mark, Mark::Area(_)))
    }

    fn symbols(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(|mark| !matches!(mark, Mark::Text(_) | Mark::Area(_)))
    }

    /// A4, and every mark on it.
    fn sheet_faults(&self) -> Vec<MarkFault> {
        let a4 = (self.sheet.width - 595.276).abs() < 0.1 && (self.sheet.height - 841.89).abs() < 0.1;
        let mut faults = Vec::new();
        if !a4 {
            faults.push(MarkFault {
                function: "piece",
                name: "",
                message: "a piece is printed on A4".to_owned(),
            });
        }
        let outside = |mark: &&Mark| !self.sheet.holds(&printed_place(mark));
        let message = "the mark does not lie within the page";
        faults.extend(self.printed().filter(outside).map(|mark| MarkFault::new(mark, message)));
        faults
    }

    /// What a window holds lies within it.
    fn window_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for (kind, window, area) in self.areas() {
            let AreaKind::Window(holds) = kind else { continue };
            for wanted in holds {
                let held: Vec<&Mark> = self.printed().filter(|mark| call_of(mark).0 == wanted).collect();
                if held.is_empty() {
                    faults.push(MarkFault::new(area, format!("the window holds no `{wanted}` of this page")));
                }
                let astray = held.into_iter().filter(|mark| !window.holds(&printed_place(mark)));
                let message = "lies outside its window, quiet zones included";
                faults.extend(astray.map(|mark| MarkFault::new(mark, format!("`{wanted}` {message}"))));
            }
        }
        faults.extend(astray(self.marks).into_iter().map(|(mark, message)| MarkFault::new(mark, message)));
        faults
    }

    /// No fold and no other mark comes into a symbol or its quiet zone; a 2.5 or 3 ratio.
    fn barcode_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for symbol in self.symbols() {
            let place = printed_place(symbol);
            let folded = self.areas().any(|(kind, fold, _)| *kind == AreaKind::Fold && place.meets(fold));
            let others = self.printed().filter(|mark| !std::ptr::eq(*mark, symbol));
            if folded {
                faults.push(MarkFault::new(symbol, "a fold runs through the symbol"));
            }
            if others.into_iter().any(|other| printed_place(other).meets(&place)) {
                faults.push(MarkFault::new(symbol, "another mark stands in the symbol or its quiet zone"));
            }
            if let Mark::Code39(code39) = symbol
                && self.purpose != Purpose::LotSheet
                && code39.field != FieldName::CardNumber
            {
                faults.push(MarkFault::new(
                    symbol,
                    "Code 39 holds the `card_number`, which the proof compares it with",
                ));
            }
            if let Mark::Code39(code39) = symbol
                && code39.ratio != 2.5
                && code39.ratio != 3.0
            {
                faults.push(MarkFault::new(symbol, "the ratio of Code 39 is 2.5 or 3 (ISO/IEC 16388)"));
            }
        }
        faults
    }

    /// Codes lie on inside panels; nothing of a card's number or codes shows on an outside panel (pieces.md §2).
    fn panel_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for mark in self.printed() {
            let Some(field) = field_of(mark) else { continue };
            let place = printed_place(mark);
            let within = |wanted: AreaKind| {
                self.areas().any(|(kind, panel, _)| *kind == wanted && panel.holds(&place))
            };
            let shown =
                self.areas().any(|(kind, panel, _)| *kind == AreaKind::Outside && panel.meets(&place));
            let numbers = matches!(field, FieldName::CardNumber | FieldName::CardNumberMasked);
            if field.is_code() && !within(AreaKind::Inside) {
                faults.push(MarkFault::new(mark, format!("`{}` must lie on an inside panel", field.name())));
            }
            if (numbers || field.is_code()) && shown {
                faults.push(MarkFault::new(mark, format!("`{}` shows on an outside panel", field.name())));
            }
        }
        faults
    }

    /// Under the card stands nothing but the card's number (pieces.md §1).
    fn card_faults(&self) -> Vec<MarkFault> {
        let mut faults = Vec::new();
        for (_, card, _) in self.areas().filter(|(kind, ..)| **kind == AreaKind::Card) {
            let under = self.printed().filter(|mark| printed_place(mark).meets(card));
            let strangers = under.filter(
                |mark| !matches!(mark, Mark::Text(text) if text.field == Some(FieldName::CardNumber)),
            );
            let message = "nothing but `card_number` may be printed under the card";
            faults.extend(strangers.map(|mark| MarkFault::new(mark, message)));
        }
        faults
    }
}

fn field_of(mark: &Mark) -> Option<FieldName> {
    match mark {
        Mark::Text(text) => text.field,
        Mark::Code39(symbol) => Some(symbol.field),
        _ => None,
    }
}

/// The surface that a mark may print on. A text's place begins at its first baseline, so its ascent is added.
pub(super) fn printed_place(mark: &Mark) -> Place {
    const ASCENT: f64 = 0.72;
    match mark {
        Mark::Text(text) => {
            let top = text.place.y - ASCENT * text.style.size;
            let height = ASCENT * text.style.size + text.leading * (text.lines - 1) as f64;
            Place { y: top, height, ..text.place }
        }
        Mark::Code39(symbol) => symbol.place,
        Mark::TwoDDoc(symbol) => symbol.place,
        Mark::Omr(strip) => strip.place,
        Mark::ControlCode(symbol) => symbol.place,
        Mark::Area(area) => area.place,
    }
}
