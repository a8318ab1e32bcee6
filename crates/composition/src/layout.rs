//! Fits variable text into its mark: as it is, smaller, or over several lines. A text that does not fit is refused, never
//! cut.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use print_file::{FontProgram, GlyphRun, MissingGlyph, shape};
use template::{Align, Fit, TextMark};

/// A line of text, its size and its origin, in points from the page's top left corner.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlacedLine {
    /// The shaped text.
    pub run: GlyphRun,
    /// Its size.
    pub size: f64,
    /// Left edge; where its mark is turned, that of the beginning of its baseline.
    pub x: f64,
    /// Baseline; where its mark is turned, that of the beginning of its baseline.
    pub y: f64,
}

/// Why a text does not fit its mark.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FitFault {
    /// The font lacks a character.
    #[error(transparent)]
    Missing(MissingGlyph),
    /// The text is too long, whatever the mark's policy allows.
    #[error("the text is too long")]
    TooLong,
    /// Accents stand so far above or below their letters that they would run into other lines.
    #[error("the accents of the text stand too high or too low")]
    TooTall,
    /// More lines than the mark has room for.
    #[error("the text has too many lines")]
    TooManyLines,
}

/// How far the accents of a line may reach above and below its baseline, in ems: room for two accents over a capital.
const REACH: (f64, f64) = (1.25, 0.5);

/// Step by which text shrinks, in points.
const STEP: f64 = 0.25;

/// Sets one text in its mark. An empty text has no lines.
///
/// # Errors
/// [`FitFault::Missing`] if the font lacks a character, [`FitFault::TooLong`] if the text exceeds what the mark's policy
/// allows, [`FitFault::TooTall`] if its accents reach into other lines.
pub(crate) fn set(mark: &TextMark, font: &FontProgram, text: &str) -> Result<Vec<PlacedLine>, FitFault> {
    let text = composed(text);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    match mark.fit {
        Fit::Wrap => wrapped(mark, font, &text),
        Fit::Reject => {
            let runs = grouped(mark, shaped(font, [text])?);
            position(mark, runs, mark.style.size).map_err(|_| FitFault::TooLong)
        }
        Fit::Shrink => shrunk(mark, grouped(mark, shaped(font, [text])?)),
    }
}

/// Sets the lines of a block, all in one size.
///
/// # Errors
/// [`FitFault::TooManyLines`] if the mark has room for fewer lines; otherwise as for [`set`].
pub(crate) fn set_lines(
    mark: &TextMark,
    font: &FontProgram,
    lines: &[&str],
) -> Result<Vec<PlacedLine>, FitFault> {
    if lines.len() > mark.lines {
        return Err(FitFault::TooManyLines);
    }
    shrunk(mark, shaped(font, lines.iter().map(|line| composed(line)))?)
}

/// The width of a thin space, in ems.
const THIN_SPACE: f64 = 0.2;

/// The runs with a thin space after each group of the mark.
fn grouped(mark: &TextMark, mut runs: Vec<GlyphRun>) -> Vec<GlyphRun> {
    runs.iter_mut().for_each(|run| run.group(mark.groups, THIN_SPACE));
    runs
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
    let reaches = |run: &GlyphRun| run.reach().0 <= REACH.0 && run.reach().1 <= REACH.1;
    let shaped = lines.into_iter().map(|line| {
        let run = shape(font, &line).map_err(FitFault::Missing)?;
        if reaches(&run) { Ok(run) } else { Err(FitFault::TooTall) }
    });
    shaped.collect()
}

/// The largest size, down to the mark's smallest, in which every line fits.
fn shrunk(mark: &TextMark, mut runs: Vec<GlyphRun>) -> Result<Vec<PlacedLine>, FitFault> {
    for size in sizes(mark) {
        runs = match position(mark, runs, size) {
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

/// Places the lines at a size.
///
/// # Errors
/// The runs themselves, if one is too wide.
fn position(mark: &TextMark, runs: Vec<GlyphRun>, size: f64) -> Result<Vec<PlacedLine>, Vec<GlyphRun>> {
    let width = |run: &GlyphRun| run.width(size, mark.style.tracking);
    if runs.iter().any(|run| width(run) > mark.rect.width + 0.01) {
        return Err(runs);
    }
    let placed = runs.into_iter().enumerate().map(|(index, run)| {
        let shift = match mark.align {
            Align::Left => 0.0,
            Align::Center => (mark.rect.width - width(&run)) / 2.0,
            Align::Right => mark.rect.width - width(&run),
        };
        let (x, y) = mark.place(shift, index as f64 * mark.leading);
        PlacedLine { run, size, x, y }
    });
    Ok(placed.collect())
}

/// Breaks at spaces into the mark's lines, in the largest size that fits.
fn wrapped(mark: &TextMark, font: &FontProgram, text: &str) -> Result<Vec<PlacedLine>, FitFault> {
    for size in sizes(mark) {
        let lines = broken(mark, font, text, size).map_err(FitFault::Missing)?;
        if lines.len() <= mark.lines
            && let Ok(placed) = position(mark, shaped(font, lines.iter().map(|line| line.into()))?, size)
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
            Some(line) => shape(font, line)?.width(size, mark.style.tracking) <= mark.rect.width + 0.01,
            None => false,
        };
        match (longer, lines.last_mut()) {
            (Some(line), Some(last)) if fits => *last = line,
            _ => lines.push(word.to_owned()),
        }
    }
    Ok(lines)
}
