//! Code 39 (ISO/IEC 16388) laid out in whole device dots.
//!
//! Takes a text and a printer's numbers (X dimension, wide-to-narrow ratio, bar-width reduction) and returns the bars
//! with their quiet zones. Adds no check character.

use thiserror::Error;

use super::alphabet::{ALPHABET, ELEMENTS, FRAME, characters};

/// Quiet zone on each side, in X dimensions: ISO/IEC 16388 4.4(d).
const QUIET_ZONE_X: u32 = 10;

/// The widest X dimension accepted, in dots: one inch at 1200 dpi. Keeps every sum within `u32`.
const MAX_X_DOTS: u32 = 1200;

/// The longest text accepted, in characters.
const MAX_CHARACTERS: usize = 256;

/// Width of a wide element over that of a narrow one.
///
/// ISO/IEC 16388 allows 2.0 to 3.0. These two ratios suit every X dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ratio {
    /// 2.5 to 1. Needs an X dimension of an even number of dots.
    TwoAndHalf,
    /// 3 to 1.
    Three,
}

/// A bar of a laid-out symbol, in device dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Left edge, counted from the left edge of the left quiet zone.
    pub x: u32,
    /// Width, after bar-width reduction.
    pub width: u32,
}

/// Why a text can't be encoded or laid out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Code39Error {
    /// The text is empty.
    #[error("a Code 39 needs at least one character")]
    Empty,
    /// The text has more than 256 characters.
    #[error("a Code 39 holds at most {MAX_CHARACTERS} characters, and this text has {0}")]
    TooLong(usize),
    /// A character is not one of the 43 of Code 39.
    #[error("`{character}` (character {position}) is not in the Code 39 alphabet")]
    Character {
        /// The character.
        character: char,
        /// Its position in the text, from 1.
        position: usize,
    },
    /// The X dimension is 0 dots, or more than 1200.
    #[error("the X dimension must be 1 to {MAX_X_DOTS} dots, not {0}")]
    XDimension(u32),
    /// The ratio is 2.5 and the X dimension is odd, so a wide element would not be whole dots.
    #[error("a ratio of 2.5 needs an even X dimension, and {0} dots is odd")]
    OddXDimension(u32),
    /// The bar-width reduction is not smaller than a narrow bar.
    #[error("a bar-width reduction of {reduction} dots leaves nothing of a narrow bar of {x_dots}")]
    Reduction {
        /// The reduction asked for, in dots.
        reduction: u32,
        /// The X dimension, in dots.
        x_dots: u32,
    },
}

/// A Code 39 symbol as narrow and wide elements, start and stop characters included.
///
/// ```
/// use symbols::code39::{Code39, Ratio};
/// let layout = Code39::new("2800012345")?.layout(6, Ratio::TwoAndHalf, 0)?;
/// assert_eq!(layout.symbol_width_dots, 12 * 81 + 11 * 6);
/// assert_eq!(layout.width_dots, layout.symbol_width_dots + 2 * 60);
/// # Ok::<(), symbols::code39::Code39Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code39 {
    /// `true` for a wide element. Bars and spaces alternate; the first and the last are bars.
    wide: Vec<bool>,
}

/// A symbol in device dots, with its quiet zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code39Layout {
    /// The bars, left to right.
    pub bars: Vec<Bar>,
    /// Width with both quiet zones.
    pub width_dots: u32,
    /// Width without them.
    pub symbol_width_dots: u32,
    /// Width of one quiet zone: 10 X dimensions.
    pub quiet_zone_dots: u32,
}

impl Ratio {
    /// Width of a wide element, in dots.
    fn wide_dots(self, x_dots: u32) -> u32 {
        match self {
            Ratio::TwoAndHalf => x_dots * 5 / 2,
            Ratio::Three => x_dots * 3,
        }
    }
}

impl Code39 {
    /// Encodes `text`.
    ///
    /// # Errors
    /// [`Code39Error::Empty`]; [`Code39Error::Character`] with the first character outside the alphabet;
    /// [`Code39Error::TooLong`].
    pub fn new(text: &str) -> Result<Code39, Code39Error> {
        check_text(text)?;
        let mut wide = Vec::with_capacity((text.len() + 2) * (ELEMENTS + 1));
        let data = text.bytes().filter_map(|byte| ALPHABET.find(char::from(byte)));
        for index in [FRAME].into_iter().chain(data).chain([FRAME]) {
            wide.extend_from_slice(&characters()[index]);
            wide.push(false);
        }
        // No gap after the last character.
        wide.pop();
        Ok(Code39 { wide })
    }

    /// `true` for each wide element, from the first bar to the last.
    pub(crate) fn elements(&self) -> &[bool] {
        &self.wide
    }

    /// Lays the symbol out with narrow elements of `x_dots` and wide ones of `ratio` times as much.
    ///
    /// Every bar loses `bar_width_reduction_dots`, for printers whose ink spreads: half of it (rounded down) at the left
    /// edge, the rest at the right one. Bars keep their pitch.
    ///
    /// # Errors
    /// [`Code39Error::XDimension`], [`Code39Error::OddXDimension`] or [`Code39Error::Reduction`].
    pub fn layout(
        &self,
        x_dots: u32,
        ratio: Ratio,
        bar_width_reduction_dots: u32,
    ) -> Result<Code39Layout, Code39Error> {
        check_layout(x_dots, ratio, bar_width_reduction_dots)?;
        let quiet_zone_dots = QUIET_ZONE_X * x_dots;
        let mut bars = Vec::with_capacity(self.wide.len() / 2 + 1);
        let mut x = quiet_zone_dots;
        for (index, &wide) in self.wide.iter().enumerate() {
            let width = if wide { ratio.wide_dots(x_dots) } else { x_dots };
            if index % 2 == 0 {
                bars.push(Bar {
                    x: x + bar_width_reduction_dots / 2,
                    width: width - bar_width_reduction_dots,
                });
            }
            x += width;
        }
        Ok(Code39Layout {
            bars,
            width_dots: x + quiet_zone_dots,
            symbol_width_dots: x - quiet_zone_dots,
            quiet_zone_dots,
        })
    }
}

impl Code39Layout {
    /// The least bar height in dots, rounded up: 5.0 mm or 15 % of the symbol's width without quiet zones, whichever is
    /// greater (ISO/IEC 16388 4.4(e)).
    #[must_use]
    pub fn min_height_dots(&self, dpi: u32) -> u32 {
        let five_millimetres = (u64::from(dpi) * 50).div_ceil(254);
        let share_of_width = (u64::from(self.symbol_width_dots) * 15).div_ceil(100);
        u32::try_from(five_millimetres.max(share_of_width)).unwrap_or(u32::MAX)
    }
}

fn check_text(text: &str) -> Result<(), Code39Error> {
    let stranger = text.chars().enumerate().find(|(_, c)| !ALPHABET.contains(*c));
    match (text.chars().count(), stranger) {
        (0, _) => Err(Code39Error::Empty),
        (_, Some((index, character))) => Err(Code39Error::Character { character, position: index + 1 }),
        (count, None) if count > MAX_CHARACTERS => Err(Code39Error::TooLong(count)),
        _ => Ok(()),
    }
}

fn check_layout(x_dots: u32, ratio: Ratio, reduction: u32) -> Result<(), Code39Error> {
    if !(1..=MAX_X_DOTS).contains(&x_dots) {
        return Err(Code39Error::XDimension(x_dots));
    }
    if ratio == Ratio::TwoAndHalf && !x_dots.is_multiple_of(2) {
        return Err(Code39Error::OddXDimension(x_dots));
    }
    if reduction >= x_dots {
        return Err(Code39Error::Reduction { reduction, x_dots });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
