//! Confusion patterns: layers of random digits around and under codes, others on every piece.
//!
//! A layer is a grid of digits that begins at a random place. Where the area has codes, its uppermost layer has a random
//! digit exactly under each digit of theirs. The digits follow from the piece's random bytes alone, never from a code: a
//! code gives its length and its place.

use mail::{Worded as _, Words};
use print_file::{FontProgram, GlyphRun, PageContent, shape};
use template::{CompiledTemplate, ConfusionMark, FieldName, Mark, Rect, SheetSide, TextMark, TextStyle};

use crate::fault::{PieceFault, in_french};
use crate::layout::{PlacedLine, set};
use crate::values::PieceValues;

/// How far digits reach above their baseline, in ems.
const REACH: f64 = 0.72;

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
        let Rect { x, y, width, height } = pattern.rect;
        page.clip(x, y, width, height);
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
        page.unclip();
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
    let row = Row::of(pattern, pattern.style, font)?;
    let x = pattern.rect.x - digits.share() * row.cell;
    let y = row.first_line(pattern, pattern.rect.y - digits.share() * pattern.pitch);
    row.lines(page, pattern, (x, y), k, digits)
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
    let row = Row::of(pattern, TextStyle { size, ..code.style }, font)?;
    page.text(code.style.font, &run, size, code.style.tracking, k, x, y);
    let left = x - ((x - pattern.rect.x) / row.cell).ceil() * row.cell;
    row.line(page, (left, y, x - left), k, digits)?;
    let end = x + run.width(size, code.style.tracking);
    row.line(page, (end, y, pattern.rect.x + pattern.rect.width - end), k, digits)?;
    let first = row.first_line(pattern, y);
    let above = ((y - first) / pattern.pitch).round();
    let over = ConfusionMark {
        rect: Rect { height: y - pattern.pitch / 2.0 - pattern.rect.y, ..pattern.rect },
        ..pattern.clone()
    };
    if above > 0.0 {
        row.lines(page, &over, (left, first), k, digits)?;
    }
    row.lines(page, pattern, (left, y + pattern.pitch), k, digits)
}

/// Lines of digits of one look.
struct Row<'f> {
    style: TextStyle,
    font: &'f FontProgram<'f>,
    /// The width of a digit, in points.
    cell: f64,
}

impl<'f> Row<'f> {
    fn of(
        pattern: &ConfusionMark,
        style: TextStyle,
        font: &'f FontProgram<'f>,
    ) -> Result<Row<'f>, PieceFault> {
        let cell = shaped(font, "0")?.width(style.size, style.tracking);
        // Digits without a width would have no number that fills the area.
        match cell > pattern.style.size / 10.0 {
            true => Ok(Row { style, font, cell }),
            false => Err(no_digits(&Words::new(
                "les chiffres de la police sont composés les uns dans les autres",
                "the digits of the font are set into each other",
            ))),
        }
    }

    /// The first baseline, some pitches over or under `y`, of digits that reach into the pattern.
    fn first_line(&self, pattern: &ConfusionMark, y: f64) -> f64 {
        y - ((y - pattern.rect.y) / pattern.pitch).floor() * pattern.pitch
    }

    /// Lines from the one whose first digit is at `x`, `y`, as long as they reach into the pattern.
    fn lines(
        &self,
        page: &mut PageContent,
        pattern: &ConfusionMark,
        (x, y): (f64, f64),
        k: f64,
        digits: &mut Digits,
    ) -> Result<(), PieceFault> {
        let (right, bottom) = (pattern.rect.x + pattern.rect.width, pattern.rect.y + pattern.rect.height);
        let lines = (0..).map(|line| y + f64::from(line) * pattern.pitch);
        for y in lines.take_while(|y| y - REACH * self.style.size < bottom) {
            self.line(page, (x, y, right - x), k, digits)?;
        }
        Ok(())
    }

    /// A line of digits that fill `room`; the last may reach out of it.
    fn line(
        &self,
        page: &mut PageContent,
        (x, y, room): (f64, f64, f64),
        k: f64,
        digits: &mut Digits,
    ) -> Result<(), PieceFault> {
        const SLACK: f64 = 0.01;
        let count = ((room - SLACK) / self.cell).ceil().max(0.0) as usize;
        if count > 0 {
            let run = shaped(self.font, &digits.digits(count))?;
            page.text(self.style.font, &run, self.style.size, self.style.tracking, k, x, y);
        }
        Ok(())
    }
}

fn shaped(font: &FontProgram, text: &str) -> Result<GlyphRun, PieceFault> {
    shape(font, text).map_err(|missing| no_digits(&Words::of(in_french(&missing), missing.to_string())))
}

fn no_digits(problem: &Words) -> PieceFault {
    let advice = "set the text around `confusion` in a font that has digits, without negative tracking";
    let french = format!(
        "{}\u{202F}; composez le texte autour de «\u{A0}confusion\u{A0}» dans une police qui a des chiffres, sans approche négative",
        problem.french()
    );
    PieceFault::new("card_number", "confusion", problem.to_string(), Some(advice), french)
}
