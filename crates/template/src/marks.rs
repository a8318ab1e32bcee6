//! The marks that the prelude leaves in a layout: places of fields, barcodes and overlays.
//!
//! All lengths are PDF points (1/72 inch); places are counted from the page's top left corner.

use typst::foundations::{Dict, Value};
use typst::text::{FontStyle, FontWeight};
use typst::visualize::{Color, ProcessColor};

use super::FieldName;
use super::control::{ControlCodeMark, OmrMark};
use super::fonts::FontId;

/// A rectangle on a page, in points from the top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Left edge.
    pub x: f64,
    /// Top edge; for text, the first baseline.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height; for text, that of its lines.
    pub height: f64,
}

impl Place {
    /// Whether `other` lies within, to a hundredth of a point.
    pub fn holds(&self, other: &Place) -> bool {
        const SLACK: f64 = 0.01;
        other.x >= self.x - SLACK
            && other.y >= self.y - SLACK
            && other.x + other.width <= self.x + self.width + SLACK
            && other.y + other.height <= self.y + self.height + SLACK
    }

    /// Whether the two share any surface.
    pub fn meets(&self, other: &Place) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

/// What happens to a value that is too long for its place. It is never cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The size goes down to the mark's minimum, then the record is refused.
    Shrink,
    /// The text goes over several lines, then shrinks, then the record is refused.
    Wrap,
    /// The record is refused.
    Reject,
}

/// Where a text stands in its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// From the left edge.
    Left,
    /// Around the middle.
    Center,
    /// Up to the right edge.
    Right,
}

/// The look of a variable text.
#[derive(Debug, Clone, Copy, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct TextMark {
    /// Its field; `None` for the recipient's block.
    pub field: Option<FieldName>,
    /// `y` is the first baseline.
    pub place: Place,
    /// Its look.
    pub style: TextStyle,
    /// The policy for long values.
    pub fit: Fit,
    /// The smallest size in points.
    pub min_size: f64,
    /// How many lines there is place for.
    pub lines: usize,
    /// From baseline to baseline, in points.
    pub leading: f64,
    /// Its alignment.
    pub align: Align,
}

/// A Code 39 symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Code39Mark {
    /// The field it holds.
    pub field: FieldName,
    /// The symbol with its quiet zones.
    pub place: Place,
    /// How many characters there is place for.
    pub chars: usize,
    /// The narrow element, in points.
    pub x: f64,
    /// Wide to narrow.
    pub ratio: f64,
}

/// The 2D-DOC Data Matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoDDocMark {
    /// The largest symbol with its quiet zone.
    pub place: Place,
    /// The module, in points.
    pub module: f64,
}

/// What an unprinted area stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AreaKind {
    /// A window of the envelope and the marks that must show in it.
    Window(Vec<String>),
    /// The card's place (ISO/IEC 7810 ID-1).
    Card,
    /// Where anything may be printed.
    Safe,
    /// A fold.
    Fold,
    /// A panel that lies inside once the sheet is folded.
    Inside,
    /// A panel that can be seen from outside.
    Outside,
}

/// An area that is shown to designers and checked, but never printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// What it is.
    pub kind: AreaKind,
    /// Where it is.
    pub place: Place,
}

/// One mark of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A variable text.
    Text(TextMark),
    /// A Code 39 symbol.
    Code39(Code39Mark),
    /// The 2D-DOC.
    TwoDDoc(TwoDDocMark),
    /// The strip of an optical mark reader.
    Omr(OmrMark),
    /// The Data Matrix that names the sheet to an inserter.
    ControlCode(ControlCodeMark),
    /// An unprinted area.
    Area(Area),
}

/// The style of a mark before its font is resolved.
pub(super) struct RawStyle {
    pub family: Vec<String>,
    pub weight: FontWeight,
    pub style: FontStyle,
}

/// Reads the facts of one mark's dictionary.
pub(super) struct MarkReader<'a>(pub &'a Dict);

impl MarkReader<'_> {
    fn get(&self, key: &str) -> Result<Value, String> {
        self.0.get(key).cloned().map_err(|_| format!("the mark lacks `{key}`"))
    }

    pub fn text(&self, key: &str) -> Result<String, String> {
        match self.get(key)? {
            Value::Str(text) => Ok(text.to_string()),
            _ => Err(format!("`{key}` must be a text")),
        }
    }

    pub fn number(&self, key: &str) -> Result<f64, String> {
        match self.get(key)? {
            Value::Float(number) => Ok(number),
            Value::Int(number) => Ok(number as f64),
            _ => Err(format!("`{key}` must be a number")),
        }
    }

    pub fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        match self.get(key)? {
            Value::Str(text) => Ok(vec![text.to_string()]),
            Value::Array(items) => items.iter().map(|item| one_text(key, item)).collect(),
            _ => Err(format!("`{key}` must be a text or a list of texts")),
        }
    }

    /// The rectangle of the mark whose top left corner (or baseline) is at `x`, `y`.
    pub fn place(&self, x: f64, y: f64) -> Result<Place, String> {
        Ok(Place { x, y, width: self.number("width")?, height: self.number("height")? })
    }

    pub fn raw_style(&self) -> Result<RawStyle, String> {
        let weight = self.get("weight")?.cast().map_err(|_| "unknown font weight".to_owned())?;
        let style = self.get("style")?.cast().map_err(|_| "unknown font style".to_owned())?;
        Ok(RawStyle { family: self.texts("font")?, weight, style })
    }

    /// The text's colour as a share of black. White is none: what varies overprints, and white would not be seen.
    pub fn black(&self) -> Result<f64, String> {
        const LEAST: f64 = 0.001;
        match self.get("fill")? {
            Value::Color(color) => match black_of(&color) {
                Some(share) if share >= LEAST => Ok(share),
                Some(_) => Err("white text that varies would overprint and not be seen: write `k(100%)` or another share of black".to_owned()),
                None => Err("text is printed in black only: write `k(100%)` or another share".to_owned()),
            },
            _ => Err("text of a field is printed in one plain colour".to_owned()),
        }
    }

    pub fn fit(&self) -> Result<Fit, String> {
        match self.text("fit")?.as_str() {
            "shrink" => Ok(Fit::Shrink),
            "wrap" => Ok(Fit::Wrap),
            "reject" => Ok(Fit::Reject),
            other => Err(format!("unknown fit `{other}`: write \"shrink\", \"wrap\" or \"reject\"")),
        }
    }

    pub fn align(&self) -> Result<Align, String> {
        match self.text("align")?.as_str() {
            "left" | "start" => Ok(Align::Left),
            "center" => Ok(Align::Center),
            "right" | "end" => Ok(Align::Right),
            other => Err(format!("unknown alignment `{other}`: write left, center or right")),
        }
    }

    pub fn area_kind(&self) -> Result<AreaKind, String> {
        match self.text("area")?.as_str() {
            "window" => Ok(AreaKind::Window(self.texts("holds")?)),
            "card" => Ok(AreaKind::Card),
            "safe" => Ok(AreaKind::Safe),
            "fold" => Ok(AreaKind::Fold),
            "panel" if self.text("side")? == "inside" => Ok(AreaKind::Inside),
            "panel" if self.text("side")? == "outside" => Ok(AreaKind::Outside),
            "panel" => Err("a panel's side is \"inside\" or \"outside\"".to_owned()),
            other => Err(format!("unknown area `{other}`")),
        }
    }
}

fn one_text(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::Str(text) => Ok(text.to_string()),
        _ => Err(format!("`{key}` must hold texts only")),
    }
}

/// A colour as a share of black, where it is nothing but black.
pub(super) fn black_of(color: &Color) -> Option<f64> {
    const NOTHING: f32 = 0.001;
    match color {
        Color::Process(ProcessColor::Cmyk(cmyk)) => {
            let plain = cmyk.c.abs() < NOTHING && cmyk.m.abs() < NOTHING && cmyk.y.abs() < NOTHING;
            plain.then_some(f64::from(cmyk.k))
        }
        Color::Process(ProcessColor::Luma(luma)) => Some(f64::from(1.0 - luma.luma)),
        _ => None,
    }
}
