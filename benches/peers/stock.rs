//! What does not change in a letter, for programs that draw it themselves: paragraphs, broken into lines, and drawings, as
//! `stock.py` reads them from the stock. Lengths are points from the page's top left corner.

use serde::Deserialize;

/// The page of a variant.
#[derive(Deserialize)]
pub struct StockPage {
    pub paragraphs: Vec<Paragraph>,
    pub drawings: Vec<Drawing>,
}

#[derive(Deserialize)]
pub struct Paragraph {
    /// The PostScript name; the file is `fonts/NAME.ttf`.
    pub font: String,
    pub size: f32,
    pub x: f32,
    /// The first baseline.
    pub y: f32,
    /// From a baseline to the next.
    pub leading: f32,
    pub lines: Vec<String>,
}

/// One path.
#[derive(Deserialize)]
pub struct Drawing {
    /// Its points, and whether they control a curve.
    pub points: Vec<(f32, f32, bool)>,
    pub closed: bool,
    /// Of its line; none fills.
    pub width: Option<f32>,
    /// The share of black ink.
    pub black: f32,
    /// A dash and a gap, or nothing.
    pub dash: Vec<f32>,
}
