//! Reads the symbols of a picture: every Data Matrix, and a Code 39.
//!
//! `cargo run -p symbols --example read_picture -- scan.png` reads a picture file. Without a file it reads a picture
//! that it draws itself.

use std::error::Error;
use std::io::Write as _;

use symbols::code39::{Code39, Ratio};
use symbols::datamatrix::encode_c40;
use symbols::{Effort, Format, Picture, read_data_matrices, read_region};

fn main() -> Result<(), Box<dyn Error>> {
    let picture = match std::env::args_os().nth(1) {
        Some(file) => Picture::decode(&fs_err::read(file)?)?,
        None => drawn()?,
    };
    let data_matrices = read_data_matrices(&picture, &Effort::unlimited());
    let mut found = data_matrices.symbols;
    found.extend(read_region(&picture, picture.whole(), Format::Code39));
    let mut out = std::io::stdout().lock();
    for symbol in &found {
        writeln!(out, "{:?} {:?} at {:?}", symbol.format, symbol.text, symbol.outline)?;
    }
    for corners in &data_matrices.unread {
        writeln!(out, "a Data Matrix that can't be decoded at {corners:?}")?;
    }
    writeln!(out, "{} × {} pixels, {} symbols", picture.width(), picture.height(), found.len())?;
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
