//! Symbols drawn, damaged and read.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::code39::{Code39, Ratio};

/// How a symbol is printed, and what happens to it.
#[derive(Debug, Clone)]
struct Scene {
    text: &'static str,
    /// Pixels of a narrow element.
    narrow: f32,
    ratio: Ratio,
    /// Height of the bars, in narrow elements.
    height: f32,
    /// Turn of the reading axis, in degrees.
    turn: f32,
    /// How far bars are moved along the reading axis, as a share of a narrow element for each narrow element of height, at
    /// the ends of the bars.
    curl: f32,
    /// How much smaller the far end of the reading axis is than the near one.
    perspective: f32,
    /// Standard deviation of the blur, in pixels.
    blur: f32,
    /// Standard deviation of the noise, in levels.
    noise: f32,
    /// Levels of ink and of paper.
    levels: (f32, f32),
    /// Whether levels become black and white.
    threshold: bool,
    /// How much wider bars get, in narrow elements.
    growth: f32,
}

impl Default for Scene {
    fn default() -> Scene {
        Scene {
            text: "2800012345",
            narrow: 3.0,
            ratio: Ratio::TwoAndHalf,
            height: 39.0,
            turn: 0.0,
            curl: 0.0,
            perspective: 0.0,
            blur: 0.5,
            noise: 4.0,
            levels: (30.0, 245.0),
            threshold: false,
            growth: 0.0,
        }
    }
}

impl Scene {
    /// The picture, square, with the symbol in its middle.
    fn drawn(&self) -> Picture {
        let layout = Code39::new(self.text).unwrap().layout(2, self.ratio, 0).unwrap();
        let width = layout.symbol_width_dots as f32 / 2.0;
        let side = ((width + 30.0) * self.narrow) as usize;
        let (sin, cos) = self.turn.to_radians().sin_cos();
        let dark = |x: f32, y: f32| {
            let (dx, dy) = (x - side as f32 / 2.0, y - side as f32 / 2.0);
            let (u, v) = ((dx * cos + dy * sin) / self.narrow, (dy * cos - dx * sin) / self.narrow);
            let shrink = 1.0 + self.perspective * u / width;
            let (u, v) = (u * shrink, v * shrink);
            let v_share = v / (self.height / 2.0);
            let u = u + self.curl * self.height / 4.0 * v_share * v_share + width / 2.0;
            let at = |bar: &crate::code39::Bar| {
                let start = (bar.x - layout.quiet_zone_dots) as f32 / 2.0 - self.growth / 2.0;
                (start..start + bar.width as f32 / 2.0 + self.growth).contains(&u)
            };
            v_share.abs() <= 1.0 && layout.bars.iter().any(at)
        };
        let mut levels: Vec<f32> = (0..side * side)
            .map(|pixel| {
                let (x, y) = ((pixel % side) as f32, (pixel / side) as f32);
                let points = (0..9).filter(|point| {
                    let part = |index: i32| (index as f32 + 0.5) / 3.0;
                    dark(x + part(point % 3), y + part(point / 3))
                });
                let share = points.count() as f32 / 9.0;
                self.levels.1 + (self.levels.0 - self.levels.1) * share
            })
            .collect();
        blur(&mut levels, side, self.blur);
        let mut seed = 0x2545_F491u32;
        let pixels: Vec<u8> = levels
            .iter()
            .flat_map(|level| {
                let sum: f32 = (0..6).map(|_| random(&mut seed)).sum();
                let level = level + self.noise * (sum - 3.0) * 1.41;
                let middle = (self.levels.0 + self.levels.1) / 2.0;
                let level = match self.threshold {
                    true if level < middle => 0,
                    true => 255,
                    false => level.clamp(0.0, 255.0) as u8,
                };
                [level, level, level, 255]
            })
            .collect();
        Picture::from_rgba(side as u32, side as u32, pixels).unwrap()
    }

    #[track_caller]
    fn reads(&self) {
        let readings = read_code39s(&self.drawn(), &Effort::unlimited());
        let texts: Vec<_> = readings.iter().map(Code39Reading::agreed).collect();
        assert_eq!(texts, [Some(self.text)], "{self:?}: {readings:#?}");
    }
}

/// A number from 0 to 1.
fn random(seed: &mut u32) -> f32 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    (*seed >> 8) as f32 / (1u32 << 24) as f32
}

/// Blurs both ways with a normal distribution.
fn blur(levels: &mut [f32], side: usize, deviation: f32) {
    let reach = (3.0 * deviation).ceil() as isize;
    let weights: Vec<f32> = (-reach..=reach).map(|d| (-0.5 * (d as f32 / deviation).powi(2)).exp()).collect();
    let total: f32 = weights.iter().sum();
    for (along, across) in [(1, side), (side, 1)] {
        let old = levels.to_vec();
        for (index, level) in levels.iter_mut().enumerate() {
            let (position, line) = (index / along % side, index / across % side * across);
            let at = |d: isize| {
                let near = (position as isize + d).clamp(0, side as isize - 1) as usize;
                old[line + near * along]
            };
            *level = (-reach..=reach).zip(&weights).map(|(d, weight)| weight * at(d)).sum::<f32>() / total;
        }
    }
}

#[test]
fn a_good_symbol_is_read_from_straight_rows() {
    for narrow in [2.0, 3.0, 6.0] {
        let readings = read_code39s(&Scene { narrow, ..Scene::default() }.drawn(), &Effort::unlimited());
        assert_eq!(readings.len(), 1, "{narrow}: {readings:#?}");
        assert_eq!(
            (readings[0].agreed(), readings[0].step),
            (Some("2800012345"), Step::Straight),
            "{narrow}"
        );
    }
}

#[test]
fn a_symbol_is_read_at_any_angle_and_size() {
    for turn in [3.0, 20.0, 45.0, 75.0, 90.0, 135.0, 180.0, 269.0, 333.0] {
        for narrow in [1.5, 3.0] {
            Scene { turn, narrow, ..Scene::default() }.reads();
        }
    }
}

#[test]
fn the_polygon_starts_where_the_text_starts() {
    for turn in [0.0f32, 30.0, 180.0, 250.0] {
        let scene = Scene { turn, ..Scene::default() };
        let reading = read_code39s(&scene.drawn(), &Effort::unlimited()).remove(0);
        let (width, height) = (173.0 * scene.narrow / 2.0, scene.height * scene.narrow / 2.0);
        let middle = scene.drawn().width() as f32 / 2.0;
        let (sin, cos) = turn.to_radians().sin_cos();
        let corners = [(-width, -height), (width, -height), (width, height), (-width, height)];
        for ([x, y], (u, v)) in reading.polygon.into_iter().zip(corners) {
            let off = (x - middle - u * cos + v * sin).hypot(y - middle - u * sin - v * cos);
            assert!(off < 1.5 * scene.narrow, "{turn}: {off} of {reading:?}");
        }
    }
}

#[test]
fn one_pixel_for_a_narrow_element_is_enough() {
    for turn in [0.0, 1.0, 10.0, 37.0] {
        Scene { narrow: 1.0, turn, blur: 0.4, ..Scene::default() }.reads();
    }
}

#[test]
fn any_length_and_ratio_is_read() {
    for text in ["A", "42", "PLI-7", "$/+%. -", "0123456789ABCDEFGHIJKLM"] {
        for ratio in [Ratio::TwoAndHalf, Ratio::Three] {
            Scene { text, ratio, ..Scene::default() }.reads();
        }
    }
}

#[test]
fn blur_noise_and_pale_ink_are_read() {
    Scene { narrow: 2.0, blur: 2.0, ..Scene::default() }.reads();
    Scene { narrow: 2.0, noise: 45.0, ..Scene::default() }.reads();
    Scene { levels: (170.0, 195.0), ..Scene::default() }.reads();
    Scene { levels: (60.0, 75.0), noise: 3.0, ..Scene::default() }.reads();
}

#[test]
fn spread_and_starved_ink_are_read_in_black_and_white() {
    for growth in [-0.5, -0.3, 0.3, 0.5] {
        for turn in [0.0, 2.0, 25.0] {
            Scene { narrow: 2.0, growth, turn, threshold: true, ..Scene::default() }.reads();
        }
    }
}

#[test]
fn a_sliver_of_the_bars_is_read() {
    for narrow in [1.5, 3.0] {
        Scene { narrow, height: 6.3, turn: 4.0, ..Scene::default() }.reads();
    }
}

#[test]
fn curled_paper_and_perspective_are_read() {
    for curl in [-0.4, -0.2, 0.2, 0.4] {
        Scene { curl, ..Scene::default() }.reads();
    }
    for perspective in [-0.15, 0.1, 0.15] {
        Scene { perspective, turn: 8.0, ..Scene::default() }.reads();
    }
}

#[test]
fn a_region_that_bars_fill_is_read() {
    let picture = Scene::default().drawn();
    let (middle, half) = (picture.height() / 2, 45);
    let region = Region { x: 0, y: middle - half, width: picture.width(), height: 2 * half };
    let read = read_code39s_in(&picture, region, &Effort::unlimited());
    assert_eq!(read[0].agreed(), Some("2800012345"));
    assert!((0.0..4.0).contains(&(read[0].polygon[0][1] - region.y as f32)), "{read:?}");
    let known = read_code39s(&picture, &Effort::unlimited().at(region));
    assert_eq!((known[0].agreed(), known[0].step), (Some("2800012345"), Step::KnownPlace));
    assert!((0.0..4.0).contains(&(known[0].polygon[0][1] - region.y as f32)), "{known:?}");
}

#[test]
fn nothing_is_read_where_nothing_is() {
    for bytes in [vec![255; 4], vec![0; 4 * 7 * 3], vec![128; 4 * 400 * 300]] {
        let width = if bytes.len() == 4 {
            1
        } else if bytes.len() == 84 {
            7
        } else {
            400
        };
        let picture = Picture::from_rgba(width, bytes.len() as u32 / 4 / width, bytes).unwrap();
        assert_eq!(read_code39s(&picture, &Effort::unlimited()), []);
    }
    assert_eq!(read_code39s(&Picture::from_rgba(0, 0, []).unwrap(), &Effort::unlimited()), []);
}

#[test]
fn a_spent_effort_reads_nothing() {
    assert_eq!(read_code39s(&Scene::default().drawn(), &Effort::within(Duration::ZERO)), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_lightly_damaged_symbol_is_read(
        turn in 0.0f32..360.0,
        narrow in 1.5f32..5.0,
        blur in 0.2f32..0.6,
        noise in 0.0f32..12.0,
        growth in -0.2f32..0.2,
    ) {
        Scene { turn, narrow, blur: blur * narrow, noise, growth, ..Scene::default() }.reads();
    }

    #[test]
    fn any_pixels_end_in_readings(width in 1usize..90, pixels in prop::collection::vec(any::<u8>(), 1..3000)) {
        let width = width.min(pixels.len());
        let height = pixels.len() / width;
        let rgba: Vec<u8> = pixels[..width * height].iter().flat_map(|&level| [level, level, level, 255]).collect();
        let picture = Picture::from_rgba(width as u32, height as u32, rgba).unwrap();
        prop_assert!(read_code39s(&picture, &Effort::unlimited()).is_empty());
    }
}
