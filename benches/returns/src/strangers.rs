//! Pages that hold none of our numbers, or hold one that can't be read whole: what must not become a card number.

use std::f32::consts::TAU;

use fastrand::Rng;
use image::{GrayImage, Luma};
use symbols::code39::{Code39, Ratio};

use crate::letters::FIRST_CARD_NUMBER;
use crate::marks::{self, Brush, between};
use crate::page::{Area, CODE39, DOTS_PER_MM, PAPER_MM, Page, TWODDOC};

/// Numbers of the ledger that false acceptance is judged against, from [`FIRST_CARD_NUMBER`].
pub const LEDGER_NUMBERS: u64 = 100_000;

/// What other texts are made of.
const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

/// A symbol of another kind, a pixel a module.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The modules, dark at 0.
    pub modules: GrayImage,
    /// Whether it has bars, which are drawn higher than a pixel.
    pub bars: bool,
}

/// What a page shows that is no card number of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// Code 39 of other values: longer, shorter, with letters, beside the ledger's numbers, with one of them inside.
    OtherCode39,
    /// Other barcodes, with numbers of the ledger in them.
    OtherBarcodes,
    /// Ruled tables.
    Table,
    /// Guilloches.
    Guilloche,
    /// Our letter without its symbols.
    Text,
    /// Our letter, its bars torn, patched or torn and shifted.
    Torn,
}

impl Stranger {
    /// Every stranger.
    #[must_use]
    pub fn all() -> &'static [Stranger] {
        use Stranger::*;
        &[OtherCode39, OtherBarcodes, Table, Guilloche, Text, Torn]
    }

    /// The name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stranger::OtherCode39 => "other-code39",
            Stranger::OtherBarcodes => "other-barcodes",
            Stranger::Table => "table",
            Stranger::Guilloche => "guilloche",
            Stranger::Text => "text",
            Stranger::Torn => "torn",
        }
    }
}

/// A page of this stranger. `letter` gives the paper of those that are letters of ours, `bank` the other barcodes.
///
/// Its card number is empty, except where it can still be seen: then a reader may read it.
#[must_use]
pub fn stranger(kind: Stranger, letter: &Page, bank: &[Drawn], seed: u64) -> Page {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5354_5241);
    let rng = &mut rng;
    let mut print = letter.print.clone();
    if kind == Stranger::Torn {
        torn(&mut print, rng);
        return Page { print, ..letter.clone() };
    }
    for symbol in [CODE39, TWODDOC] {
        marks::blanked(&mut print, symbol.widened(2.0 * DOTS_PER_MM));
    }
    match kind {
        Stranger::OtherCode39 => {
            for _ in 0..rng.usize(1..5) {
                other_code39(&mut print, rng);
            }
        }
        Stranger::OtherBarcodes => {
            for _ in 0..rng.usize(2..6) {
                if let Some(drawn) = rng.choice(bank) {
                    other_barcode(&mut print, drawn, rng);
                }
            }
        }
        Stranger::Table => table(&mut print, rng),
        Stranger::Guilloche => guilloches(&mut print, rng),
        Stranger::Text | Stranger::Torn => {}
    }
    Page { print, card_number: String::new(), twoddoc: String::new() }
}

/// A number of the ledger.
#[must_use]
pub fn ledger_number(rng: &mut Rng) -> u64 {
    FIRST_CARD_NUMBER + rng.u64(0..LEDGER_NUMBERS)
}

/// Whether a text is a number of the ledger.
#[must_use]
pub fn in_ledger(text: &str) -> bool {
    let digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        && text
            .parse()
            .is_ok_and(|number| (FIRST_CARD_NUMBER..FIRST_CARD_NUMBER + LEDGER_NUMBERS).contains(&number))
}

/// A text for a Code 39 that is no number of the ledger.
fn other_text(rng: &mut Rng) -> String {
    let number = ledger_number(rng);
    let digits = |rng: &mut Rng, count: usize| -> String { (0..count).map(|_| rng.digit(10)).collect() };
    match rng.u8(0..8) {
        // One digit more at either end, one fewer.
        0 => format!("{}{number}", rng.digit(10)),
        1 => format!("{number}{}", rng.digit(10)),
        2 => number.to_string()[rng.usize(0..2)..][..9].to_owned(),
        // Beside the ledger, or a digit away from it.
        3 => (FIRST_CARD_NUMBER + LEDGER_NUMBERS + rng.u64(0..50)).to_string(),
        4 => (number + 100_000 * rng.u64(1..9)).to_string(),
        5 => format!("{}{}", rng.choice(["A", "-", "X1", "$", "REF"]).unwrap_or("A"), number),
        6 => {
            let count = rng.usize(3..16);
            format!("3{}", digits(rng, count))
        }
        _ => (0..rng.usize(4..13))
            .map(|_| char::from(rng.choice(LETTERS_AND_DIGITS).copied().unwrap_or(b'A')))
            .collect(),
    }
}

fn other_code39(print: &mut GrayImage, rng: &mut Rng) {
    let (x_dots, ratio) = match rng.bool() {
        true => (2 * rng.u32(2..5), Ratio::TwoAndHalf),
        false => (rng.u32(4..9), Ratio::Three),
    };
    let Ok(layout) = Code39::new(&other_text(rng)).and_then(|symbol| symbol.layout(x_dots, ratio, 0)) else {
        return;
    };
    let height = (between(rng, 3.0, 15.0) * DOTS_PER_MM) as u32;
    let Some((left, top)) = free_corner(print, layout.width_dots, height, rng) else { return };
    filled(print, left, top, layout.width_dots, height, 255);
    for bar in &layout.bars {
        filled(print, left + bar.x, top, bar.width, height, 0);
    }
}

fn other_barcode(print: &mut GrayImage, drawn: &Drawn, rng: &mut Rng) {
    let module = rng.u32(4..10);
    let rows = if drawn.bars { 1 } else { drawn.modules.height() };
    let row_height = if drawn.bars { (between(rng, 5.0, 15.0) * DOTS_PER_MM) as u32 } else { module };
    let (width, height) = (drawn.modules.width() * module, rows * row_height);
    let Some((left, top)) = free_corner(print, width, height, rng) else { return };
    let middle = drawn.modules.height() / 2;
    for row in 0..rows {
        for column in 0..drawn.modules.width() {
            let source = if drawn.bars { middle } else { row };
            let value = drawn.modules.get_pixel(column, source).0[0];
            filled(print, left + column * module, top + row * row_height, module, row_height, value);
        }
    }
}

/// Tables with many narrow columns, which look like bars.
fn table(print: &mut GrayImage, rng: &mut Rng) {
    for _ in 0..rng.usize(1..4) {
        let columns = rng.u32(8..90);
        let column = (between(rng, 0.6, 4.0) * DOTS_PER_MM) as u32;
        let (rows, row) = (rng.u32(2..20), (between(rng, 3.0, 12.0) * DOTS_PER_MM) as u32);
        let (width, height) = (columns * column, rows * row);
        let Some((left, top)) = free_corner(print, width + 30, height + 30, rng) else { continue };
        filled(print, left, top, width, height, 255);
        for index in 0..=columns {
            filled(print, left + index * column, top, rng.u32(3..16), height, 0);
        }
        for index in 0..=rows {
            filled(print, left, top + index * row, width, rng.u32(3..10), 0);
        }
    }
}

/// Bundles of sine curves, as on a banknote.
fn guilloches(print: &mut GrayImage, rng: &mut Rng) {
    let [width, height] = PAPER_MM.map(|mm| mm * DOTS_PER_MM);
    for _ in 0..3 {
        let brush = Brush { radius: between(rng, 2.0, 4.0), tone: rng.u8(0..120) };
        let middle = between(rng, 0.1, 0.9) * height;
        let (amplitude, period) = (between(rng, 80.0, 500.0), between(rng, 200.0, 1500.0));
        let (curves, shift) = (rng.usize(8..40), between(rng, 0.05, 0.4));
        let tall = rng.bool();
        for curve in 0..curves {
            let points: Vec<[f32; 2]> = (0..=200)
                .map(|step| {
                    let along = width * step as f32 / 200.0;
                    let across = middle + amplitude * (TAU * along / period + shift * curve as f32).sin();
                    if tall { [across * width / height, along * height / width] } else { [along, across] }
                })
                .collect();
            marks::Layer::over(print).stroke(&points, brush);
        }
    }
}

/// Tears the bars: a part is gone at one end or both, a patch covers the middle, or the rest lies shifted.
fn torn(print: &mut GrayImage, rng: &mut Rng) {
    let width = CODE39.right - CODE39.left;
    let at = |share: f32| CODE39.left + width * share;
    let around = CODE39.widened(4.0 * DOTS_PER_MM);
    let gone = |left: f32, right: f32| Area { left, right, ..around };
    match rng.u8(0..4) {
        0 => marks::blanked(print, gone(around.left, at(between(rng, 0.05, 0.6)))),
        1 => marks::blanked(print, gone(at(between(rng, 0.4, 0.95)), around.right)),
        2 => {
            let left = between(rng, 0.1, 0.8);
            marks::blanked(print, gone(at(left), at(left + between(rng, 0.05, 0.3))));
        }
        _ => {
            // Torn in two and laid together again a few millimetres too near or too far.
            let tear = at(between(rng, 0.2, 0.8)) as u32;
            let shift = between(rng, 0.5, 6.0) * DOTS_PER_MM;
            shifted_right_of(print, tear, shift as u32, rng.bool());
        }
    }
}

/// Moves what is right of a column, around the bars, by `shift` dots to the right, or to the left over what is there.
fn shifted_right_of(print: &mut GrayImage, tear: u32, shift: u32, apart: bool) {
    let around = CODE39.widened(4.0 * DOTS_PER_MM);
    let right = around.right as u32 + 150;
    for y in around.top as u32..around.bottom as u32 {
        let piece: Vec<Luma<u8>> = (tear..right).map(|x| *print.get_pixel(x, y)).collect();
        for (index, &dot) in piece.iter().enumerate() {
            let x = tear + index as u32;
            print.put_pixel(if apart { x + shift } else { x.saturating_sub(shift) }, y, dot);
        }
        let emptied = if apart { tear..tear + shift } else { right - shift..right };
        emptied.for_each(|x| print.put_pixel(x, y, Luma([255])));
    }
}

/// The corner of a rectangle that is somewhere on the page; `None` if it is larger than the page.
fn free_corner(print: &GrayImage, width: u32, height: u32, rng: &mut Rng) -> Option<(u32, u32)> {
    let most_left = print.width().checked_sub(width + 1)?;
    let most_top = print.height().checked_sub(height + 1)?;
    Some((rng.u32(0..=most_left), rng.u32(0..=most_top)))
}

fn filled(print: &mut GrayImage, left: u32, top: u32, width: u32, height: u32, value: u8) {
    let columns = print.width() as usize;
    for y in top..(top + height).min(print.height()) {
        let start = y as usize * columns;
        let row = print.as_mut().get_mut(start + left as usize..start + columns.min((left + width) as usize));
        row.into_iter().flatten().for_each(|dot| *dot = value);
    }
}
