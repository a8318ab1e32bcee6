//! Confusion patterns: layers of random digits around and under codes, others on every piece.
//!
//! A layer is a grid of digits that begins at a random place. Where the area has codes, its uppermost layer has a random
//! digit exactly under each digit of theirs. The digits follow from the piece's random bytes alone, never from a code: a
//! code gives its length and its place.

use print_file::{FontProgram, GlyphRun, PageContent, shape};
use template::{CompiledTemplate, ConfusionMark, FieldName, Mark, SheetSide, TextMark};

use crate::fault::PieceFault;
use crate::layout::{PlacedLine, set};
use crate::values::PieceValues;

/// How far digits reach above and below their baseline, in ems.
const REACH: (f64, f64) = (0.72, 0.02);

/// The random digits of one side of a piece.
struct Digits<'a> {
    blocks: &'a dyn Fn(u32) -> [u8; 32],
    next: u32,
    block: [u8; 32],
    used: usize,
}

impl<'a> Digits<'a> {
    /// Those of a side, counted from 0.
    fn of(blocks: &'a dyn Fn(u32) -> [u8; 32], side: usize) -> Digits<'a> {
        Digits { blocks, next: (side as u32) << 16, block: [0; 32], used: 32 }
    }

    fn byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            (self.block, self.used) = ((self.blocks)(self.next), 0);
            self.next += 1;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// A number below `limit`, which is 250 at most and divides it evenly or nearly so.
    fn below(&mut self, limit: u8) -> u8 {
        let highest = u8::MAX - u8::MAX % limit;
        loop {
            let byte = self.byte();
            if byte < highest {
                return byte % limit;
            }
        }
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10))).collect()
    }

    /// Between 0 and 1.
    fn share(&mut self) -> f64 {
        f64::from(self.byte()) / 256.0
    }

    /// A text of the same kinds of characters.
    fn like(&mut self, text: &str) -> String {
        let character = |character: char| match character {
            '0'..='9' => char::from(b'0' + self.below(10)),
            'A'..='Z' => char::from(b'A' + self.below(26)),
            'a'..='z' => char::from(b'a' + self.below(26)),
            other => other,
        };
        text.chars().map(character).collect()
    }
}

/// Stamps the patterns of a side. `index` counts the piece's sides from 0.
///
/// # Errors
/// A font that lacks a digit; a code that does not fit its mark.
pub(crate) fn stamp(
    page: &mut PageContent,
    side: &SheetSide,
    index: usize,
    template: &CompiledTemplate,
    values: &PieceValues,
) -> Result<(), PieceFault> {
    let mut digits = Digits::of(values.confusion, index);
    for mark in &side.marks {
        let Mark::Confusion(pattern) = mark else { continue };
        let font = template.fonts[pattern.style.font].program();
        let codes: Vec<&TextMark> = side.marks.iter().filter_map(|mark| code_in(mark, pattern)).collect();
        for (number, k) in pattern.layers.iter().enumerate() {
            let uppermost = number + 1 == pattern.layers.len();
            match codes.first() {
                Some(_) if uppermost => {
                    for code in &codes {
                        under_code(
                            page,
                            pattern,
                            code,
                            *k,
                            (&template.fonts[code.style.font].program(), values),
                            &mut digits,
                        )?;
                    }
                }
                _ => grid(page, pattern, *k, &font, &mut digits)?,
            }
        }
    }
    Ok(())
}

/// The code that a mark shows in the area of a pattern.
fn code_in<'m>(mark: &'m Mark, pattern: &ConfusionMark) -> Option<&'m TextMark> {
    let Mark::Text(text) = mark else { return None };
    let within = text.rect.x >= pattern.rect.x
        && text.rect.x + text.rect.width <= pattern.rect.x + pattern.rect.width
        && text.rect.y >= pattern.rect.y
        && text.rect.y <= pattern.rect.y + pattern.rect.height;
    (text.field.is_some_and(FieldName::is_code) && within).then_some(text)
}

/// A layer that begins at a random place.
fn grid(
    page: &mut PageContent,
    pattern: &ConfusionMark,
    k: f64,
    font: &FontProgram,
    digits: &mut Digits,
) -> Result<(), PieceFault> {
    let cell = shaped(font, "0")?.width(pattern.style.size, pattern.style.tracking);
    let x = pattern.rect.x + digits.share() * cell;
    let room = pattern.rect.x + pattern.rect.width - x;
    let (top, bottom) = lines_within(pattern);
    let mut y = top + digits.share() * pattern.pitch;
    while y <= bottom {
        row(page, pattern, k, font, (x, y, room), digits)?;
        y += pattern.pitch;
    }
    Ok(())
}

/// A layer with a random digit under each digit of a code.
fn under_code(
    page: &mut PageContent,
    pattern: &ConfusionMark,
    code: &TextMark,
    k: f64,
    (font, values): (&FontProgram, &PieceValues),
    digits: &mut Digits,
) -> Result<(), PieceFault> {
    let shown = (values.field)(code.field.unwrap_or(FieldName::Pin));
    let placed =
        set(code, font, &digits.like(&shown)).map_err(|fault| PieceFault::of_text(code.field, &fault))?;
    let Some(PlacedLine { run, size, x, y }) = placed.into_iter().next() else { return Ok(()) };
    page.text(code.style.font, &run, size, code.style.tracking, k, x, y);
    let cell = shaped(font, "0")?.width(size, code.style.tracking);
    let like_code = ConfusionMark { style: code.style, ..pattern.clone() };
    let left = x - ((x - pattern.rect.x) / cell).floor() * cell;
    let end = x + run.width(size, code.style.tracking);
    let right = pattern.rect.x + pattern.rect.width;
    row(page, &like_code, k, font, (left, y, x - left + 0.01), digits)?;
    row(page, &like_code, k, font, (end, y, right - end), digits)?;
    let (top, bottom) = lines_within(&like_code);
    for line in (1..).map(|line| y - f64::from(line) * pattern.pitch).take_while(|line| *line >= top) {
        row(page, &like_code, k, font, (left, line, right - left), digits)?;
    }
    for line in (1..).map(|line| y + f64::from(line) * pattern.pitch).take_while(|line| *line <= bottom) {
        row(page, &like_code, k, font, (left, line, right - left), digits)?;
    }
    Ok(())
}

/// A line of as many digits as have room.
fn row(
    page: &mut PageContent,
    pattern: &ConfusionMark,
    k: f64,
    font: &FontProgram,
    (x, y, room): (f64, f64, f64),
    digits: &mut Digits,
) -> Result<(), PieceFault> {
    let style = &pattern.style;
    let cell = shaped(font, "0")?.width(style.size, style.tracking);
    let count = (room / cell).floor().max(0.0) as usize;
    if count > 0 {
        let run = shaped(font, &digits.digits(count))?;
        page.text(style.font, &run, style.size, style.tracking, k, x, y);
    }
    Ok(())
}

/// The first and the last baseline of digits that lie within a pattern.
fn lines_within(pattern: &ConfusionMark) -> (f64, f64) {
    let size = pattern.style.size;
    (pattern.rect.y + REACH.0 * size, pattern.rect.y + pattern.rect.height - REACH.1 * size)
}

fn shaped(font: &FontProgram, text: &str) -> Result<GlyphRun, PieceFault> {
    shape(font, text).map_err(|missing| {
        let advice = Some("set the confusion pattern in a font with digits");
        PieceFault::new("card_number", "confusion", missing.to_string(), advice)
    })
}
