//! Fits variable text into its place: as it is, smaller, over several lines, or not at all. Never cut.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use print_file::{FontProgram, GlyphRun, MissingGlyph, shape};
use template::{Align, Fit, TextMark};

/// A line of text with its size and the baseline's beginning, in points from the page's top left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLine {
    /// The shaped text.
    pub run: GlyphRun,
    /// Its size.
    pub size: f64,
    /// Left edge.
    pub x: f64,
    /// Baseline.
    pub y: f64,
}

/// Why a text does not go into its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FitFault {
    /// The font lacks a character.
    Missing(MissingGlyph),
    /// Too long by the mark's policy.
    TooLong,
    /// More lines than there is place for.
    TooManyLines,
}

/// Step by which text shrinks, in points.
const STEP: f64 = 0.25;

/// Sets one text in its mark.
///
/// # Errors
/// The mark's policy does not let it in, or the font lacks a character.
pub fn set(mark: &TextMark, font: &FontProgram, text: &str) -> Result<Vec<PlacedLine>, FitFault> {
    let text = composed(text);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    match mark.fit {
        Fit::Wrap => wrapped(mark, font, &text),
        Fit::Reject => {
            let runs = shaped(font, [text])?;
            place(mark, runs, mark.style.size).map_err(|_| FitFault::TooLong)
        }
        Fit::Shrink => shrunk(mark, shaped(font, [text])?),
    }
}

/// Sets the lines of a block, all in one size.
///
/// # Errors
/// As for [`set`].
pub fn set_lines(mark: &TextMark, font: &FontProgram, lines: &[&str]) -> Result<Vec<PlacedLine>, FitFault> {
    if lines.len() > mark.lines {
        return Err(FitFault::TooManyLines);
    }
    shrunk(mark, shaped(font, lines.iter().map(|line| composed(line)))?)
}

/// A text in composed characters (NFC), which is what nearly every text is already.
fn composed(text: &str) -> Cow<'_, str> {
    match text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

fn shaped<'t>(
    font: &FontProgram,
    lines: impl IntoIterator<Item = Cow<'t, str>>,
) -> Result<Vec<GlyphRun>, FitFault> {
    lines.into_iter().map(|line| shape(font, &line).map_err(FitFault::Missing)).collect()
}

/// The largest size, down to the mark's smallest, in which every line fits.
fn shrunk(mark: &TextMark, mut runs: Vec<GlyphRun>) -> Result<Vec<PlacedLine>, FitFault> {
    for size in sizes(mark) {
        runs = match place(mark, runs, size) {
            Ok(placed) => return Ok(placed),
            Err(runs) => runs,
        };
    }
    Err(FitFault::TooLong)
}

fn sizes(mark: &TextMark) -> impl Iterator<Item = f64> {
    let (size, smallest) = (mark.style.size, mark.min_size);
    let steps = ((size - smallest) / STEP).ceil().max(0.0) as u32;
    (0..=steps).map(move |step| (size - f64::from(step) * STEP).max(smallest))
}

/// The lines at a size; given back where one is too wide.
fn place(mark: &TextMark, runs: Vec<GlyphRun>, size: f64) -> Result<Vec<PlacedLine>, Vec<GlyphRun>> {
    let width = |run: &GlyphRun| run.width(size, mark.style.tracking);
    if runs.iter().any(|run| width(run) > mark.place.width + 0.01) {
        return Err(runs);
    }
    let placed = runs.into_iter().enumerate().map(|(index, run)| {
        let shift = match mark.align {
            Align::Left => 0.0,
            Align::Center => (mark.place.width - width(&run)) / 2.0,
            Align::Right => mark.place.width - width(&run),
        };
        let y = mark.place.y + index as f64 * mark.leading;
        PlacedLine { run, size, x: mark.place.x + shift, y }
    });
    Ok(placed.collect())
}

/// Breaks at spaces into the mark's lines, in the largest size that fits.
fn wrapped(mark: &TextMark, font: &FontProgram, text: &str) -> Result<Vec<PlacedLine>, FitFault> {
    for size in sizes(mark) {
        let lines = broken(mark, font, text, size).map_err(FitFault::Missing)?;
        if lines.len() <= mark.lines
            && let Ok(placed) = place(mark, shaped(font, lines.iter().map(|line| line.into()))?, size)
        {
            return Ok(placed);
        }
    }
    Err(FitFault::TooLong)
}

fn broken(mark: &TextMark, font: &FontProgram, text: &str, size: f64) -> Result<Vec<String>, MissingGlyph> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        let fits = match &longer {
            Some(line) => shape(font, line)?.width(size, mark.style.tracking) <= mark.place.width + 0.01,
            None => false,
        };
        match (longer, lines.last_mut()) {
            (Some(line), Some(last)) if fits => *last = line,
            _ => lines.push(word.to_owned()),
        }
    }
    Ok(lines)
}
