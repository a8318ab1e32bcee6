//! The marks that the prelude leaves in a layout: fields, barcodes, control marks and overlays.
//!
//! All lengths are PDF points (1/72 inch), measured from the page's top left corner.

use serde::{Deserialize, Serialize};

use crate::fields::FieldName;
use crate::fonts::FontId;

/// A rectangle on a page, in points from the top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge; for text, the first baseline.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height; for text, that of its lines.
    pub height: f64,
}

impl Rect {
    /// Whether `other` lies inside, to a hundredth of a point.
    pub(crate) fn contains(&self, other: &Rect) -> bool {
        const SLACK: f64 = 0.01;
        other.x >= self.x - SLACK
            && other.y >= self.y - SLACK
            && other.x + other.width <= self.x + self.width + SLACK
            && other.y + other.height <= self.y + self.height + SLACK
    }

    /// The right edge.
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The lower edge.
    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The smallest rectangle around both.
    pub(crate) fn around(&self, other: &Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Rect { x, y, width: right - x, height: bottom - y }
    }

    /// Whether the two share any area.
    pub(crate) fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

/// What happens to a value that is too long for its mark. It is never cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fit {
    /// The size goes down to the mark's minimum, then the record is refused.
    Shrink,
    /// The text goes over several lines, then shrinks, then the record is refused.
    Wrap,
    /// The record is refused.
    Reject,
}

/// The alignment of a text within its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Align {
    /// From the left edge.
    Left,
    /// Around the middle.
    Center,
    /// Up to the right edge.
    Right,
}

/// The look of a variable text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TextStyle {
    /// The font.
    pub font: FontId,
    /// Size in points.
    pub size: f64,
    /// Black, 0 to 1.
    pub k: f64,
    /// Extra space after each glyph, in points.
    pub tracking: f64,
}

/// A variable text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextMark {
    /// Its field; `None` for the recipient's block.
    pub field: Option<FieldName>,
    /// `y` is the first baseline.
    pub rect: Rect,
    /// Its look.
    pub style: TextStyle,
    /// The policy for long values.
    pub fit: Fit,
    /// The smallest size in points.
    pub min_size: f64,
    /// How many lines there is room for.
    pub lines: usize,
    /// Distance from baseline to baseline, in points.
    pub leading: f64,
    /// Its alignment.
    pub align: Align,
    /// The width of the line in which its glyphs are drawn as outlines, in points; 0 for solid glyphs.
    #[serde(default)]
    pub outline: f64,
    /// How many characters stand together before a thin space; 0 for a text that is not grouped.
    pub groups: usize,
    /// By how many degrees it is turned clockwise about the beginning of its first baseline: 0, 90, 180 or 270. `rect` and
    /// the lines are those of the text before it is turned.
    pub turn: u16,
}

impl TextMark {
    /// The place on the page of a point that lies `along` points after the beginning of the first baseline and `below` points
    /// under it: its distances from the page's left and top edges.
    pub fn place(&self, along: f64, below: f64) -> (f64, f64) {
        let Rect { x, y, .. } = self.rect;
        match self.turn {
            90 => (x - below, y + along),
            180 => (x - along, y - below),
            270 => (x + below, y - along),
            _ => (x + along, y + below),
        }
    }

    /// The rectangle that the lines take on the page, with so much room over the first baseline and under the last, in shares
    /// of the size.
    fn turned_rect(&self, (ascent, descent): (f64, f64)) -> Rect {
        let above = ascent * self.style.size;
        let lines = self.leading * (self.lines - 1) as f64;
        let height = (ascent + descent) * self.style.size + lines;
        if self.turn == 0 {
            return Rect { y: self.rect.y - above, height, ..self.rect };
        }
        let (from, to) = (self.place(0.0, -above), self.place(self.rect.width, height - above));
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        Rect { x, y, width: from.0.max(to.0) - x, height: from.1.max(to.1) - y }
    }
}

/// A Code 39 symbol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Code39Mark {
    /// The field it holds.
    pub field: FieldName,
    /// The symbol with its quiet zones.
    pub rect: Rect,
    /// How many characters there is room for.
    pub chars: usize,
    /// The narrow element, in points.
    pub x: f64,
    /// Ratio of wide to narrow elements.
    pub ratio: f64,
}

/// The 2D-DOC Data Matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TwoDDocMark {
    /// The largest symbol with its quiet zone.
    pub rect: Rect,
    /// The module, in points.
    pub module: f64,
}

/// What an unprinted area marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AreaKind {
    /// A window of the envelope and the marks that must show in it.
    Window(Vec<String>),
    /// Where the card is glued (ISO/IEC 7810 ID-1).
    Card,
    /// The part of the page that may be printed on.
    Safe,
    /// A fold.
    Fold,
    /// A panel that lies inside once the sheet is folded.
    Inside,
    /// A panel that can be seen from outside.
    Outside,
    /// Where the sheet is glued.
    Glue,
    /// A perforation: a line, or a band as wide as its teeth.
    Perforation,
    /// A strip that is torn off. Its edges are perforated.
    TearStrip,
}

/// An area that is shown to designers and checked, but never printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// What it is.
    pub kind: AreaKind,
    /// Its rectangle.
    pub rect: Rect,
}

/// The strip of OMR marks, which an inserter reads. The job's `[inserter]` and the sheet say which marks it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OmrMark {
    /// The strip with the paper that is kept clear around it.
    pub rect: Rect,
    /// How much of the rectangle is left clear on each side.
    pub clear: f64,
}

/// The small Data Matrix that identifies a sheet to an inserter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlCodeMark {
    /// The largest symbol with its quiet zone.
    pub rect: Rect,
}

/// An area of random digits, which differ from piece to piece: what a code hides among when light shines through the paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfusionMark {
    /// The area. Digits are cut off at its edges.
    pub rect: Rect,
    /// The look of the digits. Their black is that of their layer.
    pub style: TextStyle,
    /// The black of each layer of digits, from 0 to 1, the lowest layer first.
    pub layers: Vec<f64>,
    /// Distance from baseline to baseline, in points.
    pub pitch: f64,
}

/// One mark of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Mark {
    /// A variable text.
    Text(TextMark),
    /// A Code 39 symbol.
    Code39(Code39Mark),
    /// The 2D-DOC.
    TwoDDoc(TwoDDocMark),
    /// The strip of OMR marks.
    Omr(OmrMark),
    /// The Data Matrix that identifies the sheet to an inserter.
    ControlCode(ControlCodeMark),
    /// Random digits around and under codes.
    Confusion(ConfusionMark),
    /// An unprinted area.
    Area(Area),
}

impl Mark {
    /// The rectangle that the mark may print on. The rectangle of a text begins at its first baseline, so the ascent is
    /// added. The recipient's block has room for accents over its first line and under its last, since it must show whole in
    /// its window.
    pub(crate) fn printed_rect(&self) -> Rect {
        const CAPITALS: (f64, f64) = (0.72, 0.0);
        const ACCENTED: (f64, f64) = (0.95, 0.22);
        match self {
            Mark::Text(text) => text.turned_rect(if text.field.is_none() { ACCENTED } else { CAPITALS }),
            Mark::Code39(symbol) => symbol.rect,
            Mark::TwoDDoc(symbol) => symbol.rect,
            Mark::Omr(strip) => strip.rect,
            Mark::ControlCode(symbol) => symbol.rect,
            Mark::Confusion(pattern) => pattern.rect,
            Mark::Area(area) => area.rect,
        }
    }

    /// Whether the mark prints a text or symbol of the piece. A confusion pattern says nothing, and lies under others.
    pub(crate) fn says_something(&self) -> bool {
        !matches!(self, Mark::Area(_) | Mark::Confusion(_))
    }

    /// The field that the mark shows; `None` for the recipient's block and for marks without a field.
    pub(crate) fn field(&self) -> Option<FieldName> {
        match self {
            Mark::Text(text) => text.field,
            Mark::Code39(symbol) => Some(symbol.field),
            _ => None,
        }
    }

    /// The rectangle without what the mark itself leaves clear.
    pub(crate) fn inked_rect(&self) -> Rect {
        let rect = self.printed_rect();
        let clear = if let Mark::Omr(strip) = self { strip.clear } else { 0.0 };
        Rect {
            x: rect.x + clear,
            y: rect.y + clear,
            width: rect.width - 2.0 * clear,
            height: rect.height - 2.0 * clear,
        }
    }

    /// The mark in messages: the name of its field, otherwise that of its function.
    pub(crate) fn label(&self) -> String {
        match self.call() {
            ("field", name) => format!("`{name}`"),
            (function, _) => format!("`{function}`"),
        }
    }

    /// The prelude's function that leaves this mark, and its first argument.
    pub(crate) fn call(&self) -> (&'static str, &'static str) {
        match self {
            Mark::Text(text) => text.field.map_or(("address", ""), |field| ("field", field.name())),
            Mark::Code39(symbol) => ("code39", symbol.field.name()),
            Mark::TwoDDoc(_) => ("two-d-doc", ""),
            Mark::Omr(_) => ("omr", ""),
            Mark::ControlCode(_) => ("control-code", ""),
            Mark::Confusion(_) => ("confusion", ""),
            Mark::Area(area) => match area.kind {
                AreaKind::Window(_) => ("window", ""),
                AreaKind::Card => ("card-place", ""),
                AreaKind::Safe => ("safe-area", ""),
                AreaKind::Fold => ("fold", ""),
                AreaKind::Inside => ("panel", "inside"),
                AreaKind::Outside => ("panel", "outside"),
                AreaKind::Glue => ("glue", ""),
                AreaKind::Perforation => ("perforation", ""),
                AreaKind::TearStrip => ("tear-strip", ""),
            },
        }
    }
}
