//! Any bytes as a picture file, as the pixels of a small picture, and as the message of a symbol, which reads as written
//! or not at all.
#![no_main]

use std::time::Duration;

use fuzz::let_dependencies_panic;
use libfuzzer_sys::fuzz_target;
use symbols::code39::Code39;
use symbols::datamatrix::{Symbol, encode_c40};
use symbols::{Effort, Format, Picture, read_data_matrices, read_region};

/// The most pixels of a picture that is searched for symbols.
const MOST_PIXELS: u64 = 100 * 100;
/// The time that our own reader gets for a picture.
const BUDGET: Duration = Duration::from_millis(200);
/// The longest message that is drawn.
const LONGEST_MESSAGE: usize = 200;

fuzz_target!(init: let_dependencies_panic(), |bytes: &[u8]| {
    if let Ok(picture) = Picture::decode(bytes) {
        search(&picture);
    }
    if let Some(picture) = pixels(bytes) {
        search(&picture);
    }
    if let Some(symbol) = encode_c40(bytes).ok().filter(|_| bytes.len() <= LONGEST_MESSAGE) {
        let read = read_data_matrices(&drawn(&symbol), &Effort::unlimited()).symbols;
        assert!(read.iter().all(|symbol| symbol.bytes == bytes), "another message: {read:?}");
        let read = read_data_matrices(&drawn(&symbol), &Effort::within(BUDGET)).symbols;
        assert!(read.iter().all(|symbol| symbol.bytes == bytes), "another message: {read:?}");
    }
    let _ = Code39::new(&String::from_utf8_lossy(bytes));
});

fn search(picture: &Picture) {
    if u64::from(picture.width()) * u64::from(picture.height()) <= MOST_PIXELS {
        let _ = read_data_matrices(picture, &Effort::unlimited());
        let _ = read_data_matrices(picture, &Effort::within(BUDGET).at(picture.whole()));
        let _ = read_region(picture, picture.whole(), Format::Code39);
    }
}

/// A picture as wide as the first byte says, whose pixels are black or white as the bits of the others.
fn pixels(bytes: &[u8]) -> Option<Picture> {
    let (width, bits) = bytes.split_first()?;
    let width = usize::from(*width).clamp(1, 100);
    let height = (8 * bits.len() / width).min(100);
    let dark = |index: usize| bits[index / 8] >> (7 - index % 8) & 1 == 1;
    picture(width, height, dark)
}

/// A symbol at three pixels a module, with a quiet zone of two modules.
fn drawn(symbol: &Symbol) -> Picture {
    let side = symbol.side() + 4;
    let inside = |module: usize| module.checked_sub(2).filter(|module| *module < symbol.side());
    let dark = |index: usize| {
        let (row, column) = (inside(index / (3 * side) / 3), inside(index % (3 * side) / 3));
        row.zip(column).is_some_and(|(row, column)| symbol.dark(row, column))
    };
    picture(3 * side, 3 * side, dark).expect("as many pixels as its sides say")
}

fn picture(width: usize, height: usize, dark: impl Fn(usize) -> bool) -> Option<Picture> {
    let pixel = |index| if dark(index) { [0, 0, 0, 255] } else { [255; 4] };
    let pixels: Vec<u8> = (0..width * height).flat_map(pixel).collect();
    Picture::from_rgba(width as u32, height as u32, pixels).ok()
}
