//! Reads marks from the dictionaries that the prelude leaves in a layout.

use typst::foundations::{Dict, Value};
use typst::syntax::Span;
use typst::text::{FontStyle, FontWeight};

use crate::fault::Problem;
use crate::ink::black_of;
use crate::kind::FaultKind;
use crate::marks::{Align, AreaKind, Fit, Rect};

/// The largest whole number of a mark.
const MAX_COUNT: i64 = 99;

/// The style of a mark before its font is resolved.
pub(super) struct RawStyle {
    pub family: Vec<String>,
    pub weight: FontWeight,
    pub style: FontStyle,
}

/// Reads the dictionary of one mark.
pub(super) struct MarkReader<'a>(pub &'a Dict);

impl MarkReader<'_> {
    fn get(&self, key: &str) -> Result<Value, Problem> {
        self.0.get(key).cloned().map_err(|_| wrong_value(format!("the mark lacks `{key}`")))
    }

    /// A text.
    pub fn text(&self, key: &str) -> Result<String, Problem> {
        match self.get(key)? {
            Value::Str(text) => Ok(text.to_string()),
            _ => Err(wrong_value(format!("`{key}` must be a text"))),
        }
    }

    /// A number; lengths are in points.
    pub fn number(&self, key: &str) -> Result<f64, Problem> {
        match self.get(key)? {
            Value::Float(number) if number.is_finite() => Ok(number),
            Value::Int(number) => Ok(number as f64),
            _ => Err(wrong_value(format!("`{key}` must be a number"))),
        }
    }

    /// A whole number that an older prelude does not leave; 0 then.
    pub fn count(&self, key: &str) -> Result<usize, Problem> {
        match self.0.get(key) {
            Err(_) => Ok(0),
            Ok(Value::Int(number)) if (0..=MAX_COUNT).contains(number) => Ok(*number as usize),
            Ok(_) => Err(wrong_value(format!("`{key}` is no number that it can be"))
                .with_advice(format!("write a whole number of 0 to {MAX_COUNT}"))),
        }
    }

    /// A width or height in points, which is not below zero.
    pub fn extent(&self, key: &str) -> Result<f64, Problem> {
        let extent = self.number(key)?;
        match extent >= 0.0 {
            true => Ok(extent),
            false => Err(wrong_value(format!("`{key}` is below zero: write a length of zero or more"))),
        }
    }

    /// The call of the designer that left the mark.
    pub fn call(&self) -> Span {
        match self.0.get("call") {
            Ok(Value::Args(call)) => call.span,
            _ => Span::detached(),
        }
    }

    /// A width in points that marks of earlier versions lack; they have none.
    pub fn extent_or_zero(&self, key: &str) -> Result<f64, Problem> {
        if self.0.contains(key) { self.extent(key) } else { Ok(0.0) }
    }

    /// The distance of lines of a size, which is not so small that a page would have lines without number.
    pub fn pitch(&self, key: &str, size: f64) -> Result<f64, Problem> {
        const LEAST_SIZE: f64 = 4.0;
        let pitch = self.number(key)?;
        match size >= LEAST_SIZE && pitch >= size / 2.0 {
            true => Ok(pitch),
            false => Err(wrong_value(format!(
                "a confusion pattern has digits of {LEAST_SIZE} pt at least, and a `{key}` of half their size at least: write `text(size: {LEAST_SIZE}pt, …)` around it, or leave `{key}` out"
            ))),
        }
    }

    /// One to eight shares of black, each from 0.02 to 1.
    pub fn tints(&self, key: &str) -> Result<Vec<f64>, Problem> {
        let wrong = || {
            wrong_value(format!("`{key}` holds one to eight shares of black: write `{key}: (35%, 45%, 55%)`"))
        };
        let Value::Array(items) = self.get(key)? else { return Err(wrong()) };
        let tint = |item: &Value| match item {
            Value::Ratio(share) if (0.02..=1.0).contains(&share.get()) => Ok(share.get()),
            _ => Err(wrong()),
        };
        let tints: Vec<f64> = items.iter().map(tint).collect::<Result<_, _>>()?;
        if (1..=8).contains(&tints.len()) { Ok(tints) } else { Err(wrong()) }
    }

    /// A text or a list of texts.
    pub fn texts(&self, key: &str) -> Result<Vec<String>, Problem> {
        match self.get(key)? {
            Value::Str(text) => Ok(vec![text.to_string()]),
            Value::Array(items) => items.iter().map(|item| one_text(key, item)).collect(),
            _ => Err(wrong_value(format!("`{key}` must be a text or a list of texts"))),
        }
    }

    /// The rectangle of the mark whose top left corner (or baseline) is at `x`, `y`.
    pub fn rect(&self, x: f64, y: f64) -> Result<Rect, Problem> {
        Ok(Rect { x, y, width: self.extent("width")?, height: self.extent("height")? })
    }

    /// The font that the text around the mark asks for.
    pub fn raw_style(&self) -> Result<RawStyle, Problem> {
        let weight = self.get("weight")?.cast().map_err(|_| wrong_value("unknown font weight"))?;
        let style = self.get("style")?.cast().map_err(|_| wrong_value("unknown font style"))?;
        Ok(RawStyle { family: self.texts("font")?, weight, style })
    }

    /// The text's colour as a share of black. White is refused: variable text overprints, so white would not be seen.
    pub fn black(&self) -> Result<f64, Problem> {
        const LEAST: f64 = 0.001;
        match self.get("fill")? {
            Value::Color(color) => match black_of(&color) {
                Some(share) if share >= LEAST => Ok(share),
                Some(_) => Err(Problem::new(
                    FaultKind::WhiteText,
                    "white text that varies would overprint and not be seen: write `k(100%)` or another share of black",
                )),
                None => Err(Problem::new(
                    FaultKind::Colour,
                    "text is printed in black only: write `k(100%)` or another share",
                )),
            },
            _ => Err(Problem::new(FaultKind::Gradient, "text of a field is printed in one plain colour")),
        }
    }

    /// The policy for long values.
    pub fn fit(&self) -> Result<Fit, Problem> {
        match self.text("fit")?.as_str() {
            "shrink" => Ok(Fit::Shrink),
            "wrap" => Ok(Fit::Wrap),
            "reject" => Ok(Fit::Reject),
            other => {
                Err(wrong_value(format!("unknown fit `{other}`: write \"shrink\", \"wrap\" or \"reject\"")))
            }
        }
    }

    /// The alignment within the width.
    pub fn align(&self) -> Result<Align, Problem> {
        match self.text("align")?.as_str() {
            "left" | "start" => Ok(Align::Left),
            "center" => Ok(Align::Center),
            "right" | "end" => Ok(Align::Right),
            other => Err(wrong_value(format!("unknown alignment `{other}`: write left, center or right"))),
        }
    }

    /// The kind of an unprinted area.
    pub fn area_kind(&self) -> Result<AreaKind, Problem> {
        match self.text("area")?.as_str() {
            "window" => Ok(AreaKind::Window(self.texts("holds")?)),
            "card" => Ok(AreaKind::Card),
            "safe" => Ok(AreaKind::Safe),
            "fold" => Ok(AreaKind::Fold),
            "glue" => Ok(AreaKind::Glue),
            "perforation" => Ok(AreaKind::Perforation),
            "tear-strip" => Ok(AreaKind::TearStrip),
            "panel" if self.text("side")? == "inside" => Ok(AreaKind::Inside),
            "panel" if self.text("side")? == "outside" => Ok(AreaKind::Outside),
            "panel" => Err(wrong_value("a panel's side is \"inside\" or \"outside\"")),
            other => Err(wrong_value(format!("unknown area `{other}`"))),
        }
    }
}

fn one_text(key: &str, value: &Value) -> Result<String, Problem> {
    match value {
        Value::Str(text) => Ok(text.to_string()),
        _ => Err(wrong_value(format!("`{key}` must hold texts only"))),
    }
}

/// A wrong value of a mark.
fn wrong_value(message: impl Into<String>) -> Problem {
    Problem::new(FaultKind::MarkValue, message)
}
