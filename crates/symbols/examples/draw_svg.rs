//! Draws a value as Data Matrix and as Code 39 and writes both as one SVG to standard output.
//!
//! `cargo run -p symbols --example draw_svg -- 2800012345 > symbols.svg`

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;

use symbols::code39::{Code39, Ratio};
use symbols::datamatrix::encode_c40;

/// Device dots per inch.
const DPI: u32 = 600;
/// The X dimension of the Code 39, in dots: 0.254 mm.
const X_DOTS: u32 = 6;
/// A module of the Data Matrix, in dots: 0.508 mm.
const MODULE_DOTS: usize = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let value = std::env::args().nth(1).unwrap_or_else(|| "2800012345".to_owned());
    let (path, matrix) = data_matrix(&value)?;
    let (bars, width, height) = code39(&value, matrix)?;
    let (total_width, total_height) = (width.max(matrix as u32), matrix as u32 + height);
    let millimetres = |dots: u32| f64::from(dots) * 25.4 / f64::from(DPI);
    writeln!(
        std::io::stdout(),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.3}mm\" height=\"{:.3}mm\" \
viewBox=\"0 0 {total_width} {total_height}\" shape-rendering=\"crispEdges\">\n\
<path d=\"{path}\"/>\n<path d=\"{bars}\"/>\n</svg>",
        millimetres(total_width),
        millimetres(total_height),
    )?;
    Ok(())
}

/// The dark modules as an SVG path, and the symbol's side with a quiet zone of one module, in dots.
fn data_matrix(value: &str) -> Result<(String, usize), Box<dyn Error>> {
    let symbol = encode_c40(value.as_bytes())?;
    let mut path = String::new();
    for row in 0..symbol.side() {
        for column in (0..symbol.side()).filter(|column| symbol.dark(row, *column)) {
            let (x, y) = ((column + 1) * MODULE_DOTS, (row + 1) * MODULE_DOTS);
            write!(path, "M{x} {y}h{MODULE_DOTS}v{MODULE_DOTS}h-{MODULE_DOTS}z")?;
        }
    }
    Ok((path, (symbol.side() + 2) * MODULE_DOTS))
}

/// The bars below `top` as an SVG path, with the symbol's width and height in dots.
fn code39(value: &str, top: usize) -> Result<(String, u32, u32), Box<dyn Error>> {
    let layout = Code39::new(value)?.layout(X_DOTS, Ratio::TwoAndHalf, 0)?;
    let height = layout.min_height_dots(DPI);
    let mut path = String::new();
    for bar in &layout.bars {
        write!(path, "M{} {top}h{}v{height}h-{}z", bar.x, bar.width, bar.width)?;
    }
    Ok((path, layout.width_dots, height))
}
