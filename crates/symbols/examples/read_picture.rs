//! Reads the symbols of a picture: every Data Matrix and every Code 39.
//!
//! `cargo run -p symbols --example read_picture -- scan.png` reads a picture file. Without a file it reads a picture
//! that it draws itself.

use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use symbols::code39::{Code39, Ratio};
use symbols::datamatrix::encode_c40;
use symbols::{Effort, Picture, read_code39s, read_data_matrices};

fn main() -> Result<(), Box<dyn Error>> {
    let picture = match std::env::args_os().nth(1) {
        Some(file) => Picture::decode(&fs_err::read(file)?)?,
        None => drawn()?,
    };
    let data_matrices = read_data_matrices(&picture, &Effort::unlimited());
    let code39s = read_code39s(&picture, &Effort::within(Duration::from_secs(1)));
    let mut out = std::io::stdout().lock();
    for symbol in &data_matrices.symbols {
        writeln!(out, "{:?} {:?} at {:?}", symbol.format, symbol.text, symbol.outline)?;
    }
    for corners in &data_matrices.unread {
        writeln!(out, "a Data Matrix that can't be decoded at {corners:?}")?;
    }
    for reading in &code39s {
        let belief = if reading.agreed().is_some() { "confirmed by two bands" } else { "in doubt" };
        writeln!(
            out,
            "Code 39 {:?} at {:?}: {} ({}, confidence {:.2})",
            reading.text,
            reading.polygon,
            belief,
            reading.step.name(),
            reading.confidence
        )?;
    }
    let found = data_matrices.symbols.len() + code39s.len();
    writeln!(out, "{} × {} pixels, {found} symbols", picture.width(), picture.height())?;
    Ok(())
}

/// A Data Matrix above a Code 39, in black on white.
fn drawn() -> Result<Picture, Box<dyn Error>> {
    const MODULE: usize = 8;
    let matrix = encode_c40(b"2D-DOC ON PAPER")?;
    let layout = Code39::new("2800012345")?.layout(2, Ratio::TwoAndHalf, 0)?;
    let bars_top = (matrix.side() + 4) * MODULE;
    let (width, height) = (layout.width_dots as usize, bars_top + 100);
    let in_module = |pixel: usize| (pixel / MODULE).wrapping_sub(2);
    let dark = |x: usize, y: usize| match y < bars_top {
        true => matrix.dark(in_module(y), in_module(x)),
        false => {
            let bar_at = |x: u32| layout.bars.iter().any(|bar| (bar.x..bar.x + bar.width).contains(&x));
            (20..80).contains(&(y - bars_top)) && bar_at(x as u32)
        }
    };
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|pixel| if dark(pixel % width, pixel / width) { [0, 0, 0, 255] } else { [255; 4] })
        .collect();
    Ok(Picture::from_rgba(width as u32, height as u32, pixels)?)
}
