use std::time::Duration;

use datamatrix::{DataMatrix, SymbolList, SymbolSize};
use image::Luma;
use proptest::prelude::*;

use super::*;
use crate::datamatrix::encode_c40;

const TEXT: &str = "DC04FR000001265C265CP101FR0181 A LETTER THAT CAME BACK FROM ITS WAY WITH ALL KINDS OF DAMAGE TO ITS BLOCK";

/// The modules of a symbol.
struct Drawing {
    rows: usize,
    columns: usize,
    dark: Vec<bool>,
}

impl Drawing {
    fn of(text: &str) -> Drawing {
        let symbol = encode_c40(text.as_bytes()).unwrap();
        let side = symbol.side();
        let dark = (0..side * side).map(|module| symbol.dark(module / side, module % side)).collect();
        Drawing { rows: side, columns: side, dark }
    }

    fn rectangle(text: &str, size: SymbolSize) -> Drawing {
        let symbol = DataMatrix::encode(text.as_bytes(), size).unwrap();
        let bitmap = symbol.bitmap();
        Drawing { rows: bitmap.height(), columns: bitmap.width(), dark: bitmap.bits().to_vec() }
    }

    /// A picture of 420 × 360 pixels. `place` maps a pixel to the row and column of its module.
    fn picture(&self, place: impl Fn(f32, f32) -> (f32, f32)) -> GrayImage {
        GrayImage::from_fn(420, 360, |x, y| {
            let dark = (0..9).filter(|part| {
                let at = |pixel: u32, part: u32| pixel as f32 + (part as f32 + 0.5) / 3.0;
                let (row, column) = place(at(x, part % 3), at(y, part / 3));
                let inside = row >= 0.0 && column >= 0.0;
                let (row, column) = (row as usize, column as usize);
                inside && row < self.rows && column < self.columns && self.dark[row * self.columns + column]
            });
            Luma([235 - dark.count() as u8 * 23])
        })
    }

    /// A picture of the symbol turned around its middle, with `module` pixels a module.
    fn turned(&self, module: f32, degrees: f32) -> GrayImage {
        let (sin, cos) = degrees.to_radians().sin_cos();
        self.picture(|x, y| {
            let (x, y) = ((x - 200.0) / module, (y - 180.0) / module);
            (y * cos - x * sin + self.rows as f32 / 2.0, x * cos + y * sin + self.columns as f32 / 2.0)
        })
    }
}

fn read(luma: &GrayImage) -> DataMatrices {
    climb(luma, &Effort::within(Duration::from_secs(60)), &Known::default())
}

/// The step that read [`TEXT`].
fn step(luma: &GrayImage) -> Step {
    let found = read(luma);
    let [symbol] = found.symbols.as_slice() else { panic!("{found:?}") };
    assert_eq!(symbol.text, TEXT);
    symbol.step
}

/// Inks a line: what it covers keeps `tone` 255ths of its light.
fn stroke(luma: &mut GrayImage, from: Point, to: Point, radius: f32, tone: u32) {
    let along = (to.0 - from.0, to.1 - from.1);
    let length = along.0 * along.0 + along.1 * along.1;
    for (x, y, pixel) in luma.enumerate_pixels_mut() {
        let (dx, dy) = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
        let part = ((dx * along.0 + dy * along.1) / length).clamp(0.0, 1.0);
        if (dx - part * along.0).hypot(dy - part * along.1) <= radius {
            pixel.0[0] = (u32::from(pixel.0[0]) * tone / 255) as u8;
        }
    }
}

#[test]
fn every_square_up_to_64_modules_is_read_at_an_angle() {
    for size in crate::datamatrix::SymbolSize::all().filter(|size| size.side() <= 64) {
        let text = "7".repeat(3 * (size.data_codewords() - 2) / 2);
        let drawing = Drawing::of(&text);
        let found = read(&drawing.turned(4.0, 20.0));
        let texts: Vec<&str> = found.symbols.iter().map(|symbol| symbol.text.as_str()).collect();
        assert_eq!(texts, [text], "{size:?}");
    }
}

#[test]
fn every_rectangle_is_read_in_each_direction() {
    let sizes = SymbolList::with_extended_rectangles().enforce_rectangular();
    for (size, degrees) in sizes.iter().flat_map(|size| [(size, 4.0), (size, 95.0)]) {
        let drawing = Drawing::rectangle("LONG", size);
        let found = read(&drawing.turned(if drawing.columns > 70 { 2.4 } else { 4.0 }, degrees));
        let texts: Vec<&str> = found.symbols.iter().map(|symbol| symbol.text.as_str()).collect();
        assert_eq!(texts, ["LONG"], "{} × {} at {degrees}°", drawing.rows, drawing.columns);
    }
}

#[test]
fn the_negative_and_the_mirrored_are_read() {
    let mut luma = Drawing::of(TEXT).turned(5.0, 7.0);
    assert_eq!(step(&imageops::flip_horizontal(&luma)), Step::Straight);
    imageops::invert(&mut luma);
    assert_eq!(step(&luma), Step::Negative);
}

#[test]
fn strokes_as_dark_as_toner_are_erased() {
    let mut luma = Drawing::of(TEXT).turned(5.0, -3.0);
    stroke(&mut luma, (20.0, 40.0), (390.0, 250.0), 2.5, 10);
    stroke(&mut luma, (60.0, 330.0), (330.0, 60.0), 2.5, 10);
    stroke(&mut luma, (20.0, 180.0), (390.0, 160.0), 0.5, 10);
    assert_eq!(step(&luma), Step::Erasures);
}

#[test]
fn a_postmark_lighter_than_toner_is_looked_through() {
    let mut luma = Drawing::of(TEXT).turned(5.0, 2.0);
    for circle in [50.0f32, 80.0, 110.0] {
        let at = |part: u16| {
            let angle = f32::from(part) / 40.0 * std::f32::consts::TAU;
            (190.0 + circle * angle.cos(), 170.0 + circle * angle.sin())
        };
        let mut layer = GrayImage::from_pixel(420, 360, Luma([255]));
        (0..40).for_each(|part| stroke(&mut layer, at(part), at(part + 1), 4.0, 0));
        for (pixel, ink) in luma.pixels_mut().zip(layer.pixels()) {
            pixel.0[0] = if ink.0[0] == 0 { pixel.0[0] / 2 } else { pixel.0[0] };
        }
    }
    step(&luma);
}

#[test]
fn a_fax_and_curled_paper_are_read() {
    let drawing = Drawing::of(TEXT);
    let flat = |x: f32, y: f32| ((y - 30.0) / 6.0, (x - 30.0) / 6.0);
    assert_eq!(step(&drawing.picture(|x, y| flat(x, 2.0 * y))), Step::Scales);
    let curled = |x: f32, y: f32| flat(x + 6.0 * (y / 90.0).sin(), y + 4.0 * (x / 110.0).sin());
    step(&drawing.picture(curled));
}

#[test]
fn a_torn_symbol_is_not_invented() {
    let whole = Drawing::of(TEXT).turned(5.0, 2.0);
    for part in [0.2f32, 0.35, 0.5, 0.65] {
        let mut luma = whole.clone();
        for (x, _, pixel) in luma.enumerate_pixels_mut() {
            pixel.0[0] = if x as f32 > 100.0 + part * 220.0 { 235 } else { pixel.0[0] };
        }
        assert!(read(&luma).symbols.is_empty(), "{part}");
    }
}

#[test]
fn what_is_known_is_preferred_and_a_spent_effort_reads_nothing() {
    let luma = Drawing::of(TEXT).turned(5.0, 2.0);
    let known = Known { sizes: &[], header: Some("DC") };
    let place = Region { x: 60, y: 50, width: 250, height: 250 };
    let found = climb(&luma, &Effort::within(Duration::from_secs(60)).at(place), &known);
    assert_eq!((found.symbols.len(), found.symbols[0].step), (1, Step::KnownPlace));
    let middle = middle(&found.symbols[0].outline);
    assert!((middle.0 - 200.0).hypot(middle.1 - 180.0) < 5.0, "{middle:?}");
    // Wrong knowledge prevents nothing.
    let elsewhere = Region { x: 400, y: 300, width: 900, height: 900 };
    let sizes: Vec<_> = crate::datamatrix::SymbolSize::all().take(2).collect();
    let known = Known { sizes: &sizes, header: Some("XX") };
    assert_eq!(climb(&luma, &Effort::unlimited().at(elsewhere), &known).symbols.len(), 1);
    assert_eq!(climb(&luma, &Effort::within(Duration::ZERO), &known), DataMatrices::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_lies_over_a_symbol_its_text_or_nothing_is_read(
        strokes in prop::collection::vec((0f32..420.0, 0f32..360.0, 0f32..420.0, 0f32..360.0, 1f32..9.0, 0u32..255), 0..7),
        degrees in 0f32..360.0,
        module in 1.5f32..6.0,
    ) {
        let mut luma = Drawing::of(TEXT).turned(module, degrees);
        for (x, y, to_x, to_y, radius, tone) in strokes {
            stroke(&mut luma, (x, y), (to_x, to_y), radius, tone);
        }
        let found = climb(&luma, &Effort::within(Duration::from_millis(200)), &Known::default());
        prop_assert!(found.symbols.iter().all(|symbol| symbol.text == TEXT), "{found:?}");
    }

    #[test]
    fn noise_is_no_symbol(pixels in prop::collection::vec(any::<u8>(), 90 * 90), width in 1u32..90) {
        let high = pixels.len() as u32 / width;
        let luma = GrayImage::from_raw(width, high, pixels[..(width * high) as usize].to_vec()).unwrap();
        prop_assert!(climb(&luma, &Effort::within(Duration::from_millis(200)), &Known::default()).symbols.is_empty());
    }
}
