//! Any grey pixels as a picture, and any text as a Code 39 among lines of them: what its bands agree on is the text.
#![no_main]

use fuzz::let_dependencies_panic;
use libfuzzer_sys::fuzz_target;
use symbols::code39::{Code39, Ratio};
use symbols::{Effort, Picture, read_code39s};

/// The most pixels of a picture.
const MOST_PIXELS: usize = 160 * 160;
/// The longest text that is drawn.
const LONGEST_TEXT: usize = 8;
/// Rows of a drawn symbol.
const ROWS: usize = 24;

fuzz_target!(init: let_dependencies_panic(), |bytes: &[u8]| {
    if let Some((width, pixels)) = bytes.split_first() {
        let width = usize::from(*width).clamp(1, 160);
        let height = (pixels.len() / width).min(MOST_PIXELS / width);
        read(width, &pixels[..width * height], None);
    }
    let Some((text, noise)) = bytes.split_at_checked(bytes.len().min(LONGEST_TEXT)) else { return };
    let text = String::from_utf8_lossy(text).to_uppercase();
    if let Ok(symbol) = Code39::new(&text) {
        let layout = symbol.layout(2, Ratio::TwoAndHalf, 0).expect("two dots are a whole wide element of 5");
        let width = layout.width_dots as usize;
        let dark = |x: usize| layout.bars.iter().any(|bar| (bar.x..bar.x + bar.width).contains(&(x as u32)));
        // Noise moves levels by less than a quarter of their difference.
        let level = |index: usize| {
            let noise = noise.get(index % noise.len().max(1)).map_or(0, |noise| noise / 4);
            if dark(index % width) { 20 + noise } else { 230 - noise }
        };
        let pixels: Vec<u8> = (0..ROWS * width).map(level).collect();
        read(width, &pixels, Some(&text));
    }
});

/// Reads grey pixels. What is believed is the text, if there is one.
fn read(width: usize, pixels: &[u8], text: Option<&str>) {
    let rgba: Vec<u8> = pixels.iter().flat_map(|&level| [level, level, level, 255]).collect();
    let height = pixels.len() / width.max(1);
    let Ok(picture) = Picture::from_rgba(width as u32, height as u32, rgba) else { return };
    let readings = read_code39s(&picture, &Effort::unlimited());
    let believed = readings.iter().filter_map(|reading| reading.agreed());
    believed
        .into_iter()
        .for_each(|read| assert!(text.is_none_or(|text| text == read), "{read} is not {text:?}"));
}
