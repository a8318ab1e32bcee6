//! Reads every Code 39 of a picture, at any angle, to the limit of what can be read.
//!
//! Places where bars may be are found in a small copy ([`locate`]), cut out and turned upright ([`patch`]). All pixels
//! along the bars make one profile; its two `*` are found as run lengths ([`runs`]) or by correlation at every scale
//! ([`search`]); each character is the blurred template that is most like it ([`template`], [`fit`]). Bars that are not
//! straight are followed from strip to strip ([`follow`]). Disjoint bands of the bars are then read each for itself
//! ([`bands`]), so that a caller can ask for two that agree. The steps that take longer are tried only where the shorter
//! ones did not end in agreement.

mod bands;
mod fit;
mod follow;
mod glance;
mod grey;
mod ladder;
mod locate;
mod patch;
mod runs;
mod search;
mod strokes;
mod template;

use crate::effort::{Effort, Step};
use crate::picture::{Picture, Region};

/// The least confidence of each of two bands that agree. Measured on damaged letters and strangers: right readings have 0.33
/// and more, save one in fifty; wrong ones have at most 0.18, and their bands 0.01 where they agree.
const AGREEING: f32 = 0.15;
/// The same for a text of a few characters, which chance makes sooner: by the number of characters.
const AGREEING_SHORT: [f32; 6] = [1.0, 0.6, 0.5, 0.4, 0.3, 0.2];
/// The same for bars that a stroke crosses from end to end, which all bands show alike.
const AGREEING_CROSSED: f32 = 2.0;
/// The fewest rows of pixels of a band that counts, unless it has a quarter of the bars' height.
const BAND_PIXELS: f32 = 4.0;

/// A Code 39 that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Code39Reading {
    /// The text, without the `*` that frame it.
    pub text: String,
    /// The corners of the bars, from the start of the text along its upper edge and clockwise, in pixels of the picture from
    /// its top left corner.
    pub polygon: [[f32; 2]; 4],
    /// The step that read it.
    pub step: Step,
    /// How far the least certain character can be believed, from 0 to 1: the share of the second-best character's residual
    /// that the best one explains.
    pub confidence: f32,
    /// What disjoint bands of the bars read, from the top down, each from its own pixels. A band that reads nothing is
    /// left out.
    pub bands: Vec<BandReading>,
}

/// What a band of a symbol's bars reads.
#[derive(Debug, Clone, PartialEq)]
pub struct BandReading {
    /// The text, without `*`.
    pub text: String,
    /// As [`Code39Reading::confidence`].
    pub confidence: f32,
    /// Where the band begins, in pixels from the upper end of the bars.
    pub top: f32,
    /// Where it ends.
    pub bottom: f32,
}

impl Code39Reading {
    /// The text, if it is believed: two disjoint bands of the bars, each of at least four rows of pixels or of a quarter of
    /// the bars' height, read it, and no band reads another one, however little it can be believed: a character that is
    /// painted over in a part of its height must not be taken from the rest.
    #[must_use]
    pub fn agreed(&self) -> Option<&str> {
        let [upper, _, _, lower] = self.polygon;
        let height = (lower[0] - upper[0]).hypot(lower[1] - upper[1]);
        let least = BAND_PIXELS.min(height / 4.0 - 0.01);
        let agreeing = AGREEING_SHORT.get(self.text.len()).copied().unwrap_or(AGREEING);
        let counts = |band: &&BandReading| band.confidence >= agreeing && band.bottom - band.top >= least;
        let is_same = |band: &BandReading| band.text == self.text;
        let agree = self.bands.iter().all(is_same) && self.bands.iter().filter(counts).count() >= 2;
        agree.then_some(self.text.as_str())
    }
}

/// Reads every Code 39 of a picture, from the top down. Never fails: what can't be read within the effort is left out.
/// Once straight rows read a symbol, the longer steps have 50 ms for what else may be on the picture.
///
/// ```
/// use std::time::Duration;
/// use symbols::code39::{Code39, Ratio};
/// use symbols::{Effort, Picture, read_code39s};
///
/// let layout = Code39::new("2800012345")?.layout(2, Ratio::TwoAndHalf, 0)?;
/// let dark = |x: u32, y: u32| (20..80).contains(&y) && layout.bars.iter().any(|bar| (bar.x..bar.x + bar.width).contains(&x));
/// let pixels: Vec<u8> = (0..layout.width_dots * 100)
///     .flat_map(|pixel| if dark(pixel % layout.width_dots, pixel / layout.width_dots) { [0, 0, 0, 255] } else { [255; 4] })
///     .collect();
/// let picture = Picture::from_rgba(layout.width_dots, 100, pixels)?;
/// let readings = read_code39s(&picture, &Effort::within(Duration::from_secs(1)));
/// assert_eq!(readings[0].agreed(), Some("2800012345"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn read_code39s(picture: &Picture, effort: &Effort) -> Vec<Code39Reading> {
    ladder::read(picture, effort)
}

/// Reads every Code 39 of a region, as [`read_code39s`].
pub(crate) fn read_code39s_in(picture: &Picture, region: Region, effort: &Effort) -> Vec<Code39Reading> {
    ladder::read_in(picture, region, effort)
}

#[cfg(test)]
mod tests;
