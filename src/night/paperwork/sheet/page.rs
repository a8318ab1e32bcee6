//! An A4 page: text and filled rectangles, in points from its top left corner.
//!
//! Collects printpdf operations. A character that the font lacks is an error.

use printpdf::{
    Color, FontId, Greyscale, Op, PaintMode, ParsedFont, PdfFontHandle, Point, Pt, Rect, TextItem,
};

use super::PaperworkError;

/// Width of A4.
pub(in crate::night::paperwork) const WIDTH: f32 = 595.28;
/// Height of A4.
pub(in crate::night::paperwork) const HEIGHT: f32 = 841.89;

/// Secondary text.
pub(in crate::night::paperwork) const GREY: f32 = 0.38;
/// Hairlines.
pub(in crate::night::paperwork) const HAIR: f32 = 0.7;
/// Light grounds.
pub(in crate::night::paperwork) const WASH: f32 = 0.93;
/// Text on black.
pub(in crate::night::paperwork) const WHITE: f32 = 1.0;

/// How far a text may shrink to fit its room: to this share of its size, and not below [`LEAST_SIZE`].
const LEAST_SHARE: f32 = 0.6;
/// The smallest size of text, in points.
const LEAST_SIZE: f32 = 5.5;

/// More characters than fit on any line of the sheet.
const LONGEST_PATH: usize = 200;

/// A weight of the typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::night::paperwork) enum Weight {
    /// Running text.
    Regular,
    /// Titles and figures.
    Bold,
}

impl Weight {
    /// The font's name in the PDF: fixed, because printpdf numbers its own from a counter.
    pub(in crate::night::paperwork) fn postscript_name(self) -> &'static str {
        match self {
            Weight::Regular => "IBMPlexSans",
            Weight::Bold => "IBMPlexSans-Bold",
        }
    }
}

/// Size, weight and grey of a text.
#[derive(Debug, Clone, Copy)]
pub(in crate::night::paperwork) struct Style {
    weight: Weight,
    size: f32,
    grey: f32,
}

/// Black text of this size in points.
pub(in crate::night::paperwork) const fn regular(size: f32) -> Style {
    Style { weight: Weight::Regular, size, grey: 0.0 }
}

/// Black bold text of this size in points.
pub(in crate::night::paperwork) const fn bold(size: f32) -> Style {
    Style { weight: Weight::Bold, size, grey: 0.0 }
}

impl Style {
    /// The same style in grey, from 0 (black) to 1 (white).
    pub(in crate::night::paperwork) const fn grey(self, grey: f32) -> Style {
        Style { grey, ..self }
    }
}

/// The two fonts of the sheet.
pub(in crate::night::paperwork) struct Fonts {
    regular: ParsedFont,
    bold: ParsedFont,
}

impl Fonts {
    /// Reads the two TrueType files.
    pub(in crate::night::paperwork) fn parse(regular: &[u8], bold: &[u8]) -> Result<Fonts, PaperworkError> {
        Ok(Fonts {
            regular: parse(regular, Weight::Regular).ok_or(PaperworkError::Font("regular"))?,
            bold: parse(bold, Weight::Bold).ok_or(PaperworkError::Font("bold"))?,
        })
    }

    /// The fonts with their names in the PDF.
    pub(in crate::night::paperwork) fn into_resources(self) -> [(FontId, ParsedFont); 2] {
        [(Weight::Regular, self.regular), (Weight::Bold, self.bold)]
            .map(|(weight, font)| (FontId(weight.postscript_name().to_owned()), font))
    }

    /// The width of a text in points.
    ///
    /// # Errors
    /// The first character that the font lacks.
    pub(in crate::night::paperwork) fn width(&self, style: Style, text: &str) -> Result<f32, PaperworkError> {
        let font = match style.weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        let mut units = 0;
        for character in text.chars() {
            let glyph = font.lookup_glyph_index(character.into()).filter(|glyph| *glyph != 0);
            let missing = || PaperworkError::MissingGlyph { character, text: text.to_owned() };
            units += u64::from(font.get_glyph_width(glyph.ok_or_else(missing)?).unwrap_or(0));
        }
        Ok(units as f32 / f32::from(font.units_per_em) * style.size)
    }

    /// The text with `?` for each character that the font lacks.
    fn with_known_characters(&self, style: Style, text: &str) -> String {
        let known = |character: char| {
            let mut bytes = [0; 4];
            let one: &str = character.encode_utf8(&mut bytes);
            if character.is_whitespace() {
                ' '
            } else if self.width(style, one).is_ok() {
                character
            } else {
                '?'
            }
        };
        text.chars().map(known).collect()
    }

    /// The style, smaller if the text is too wide.
    fn fit(&self, style: Style, text: &str, room: f32) -> Result<Style, PaperworkError> {
        let width = self.width(style, text)?;
        if width <= room {
            return Ok(style);
        }
        let size = style.size * room / width;
        if size < LEAST_SIZE.max(style.size * LEAST_SHARE).min(style.size) {
            return Err(PaperworkError::TooWide(text.to_owned()));
        }
        Ok(Style { size, ..style })
    }

    /// The text with `…` in its middle if it is too wide. Most of its end is kept, which names the file.
    fn shorten(&self, style: Style, text: &str, room: f32) -> Result<String, PaperworkError> {
        let characters: Vec<char> = text.chars().collect();
        let mut kept = characters.len();
        let mut short = text.to_owned();
        while self.width(style, &short)? > room && kept > 1 {
            kept = (kept - 1).min(LONGEST_PATH);
            let head = kept / 3;
            let tail = characters.len() - (kept - head);
            short = characters[..head].iter().chain(&['…']).chain(&characters[tail..]).collect();
        }
        Ok(short)
    }
}

fn parse(bytes: &[u8], weight: Weight) -> Option<ParsedFont> {
    let mut font = ParsedFont::from_bytes(bytes, 0, &mut Vec::new())?;
    font.font_name = Some(weight.postscript_name().to_owned());
    (font.units_per_em > 0).then_some(font)
}

/// A page being drawn. Text stands on a baseline `y` below the page's top edge.
pub(in crate::night::paperwork) struct Page<'f> {
    fonts: &'f Fonts,
    operations: Vec<Op>,
}

impl<'f> Page<'f> {
    /// An empty page.
    pub(in crate::night::paperwork) fn new(fonts: &'f Fonts) -> Page<'f> {
        Page { fonts, operations: Vec::new() }
    }

    /// The drawn operations.
    pub(in crate::night::paperwork) fn into_operations(self) -> Vec<Op> {
        self.operations
    }

    /// Writes to the right of `x`, within `room`.
    pub(in crate::night::paperwork) fn text(
        &mut self,
        x: f32,
        y: f32,
        room: f32,
        style: Style,
        text: &str,
    ) -> Result<(), PaperworkError> {
        let style = self.fonts.fit(style, text, room)?;
        self.show(x, y, style, text);
        Ok(())
    }

    /// Writes to the left of `right`, within `room`.
    pub(in crate::night::paperwork) fn text_left_of(
        &mut self,
        right: f32,
        y: f32,
        room: f32,
        style: Style,
        text: &str,
    ) -> Result<(), PaperworkError> {
        let style = self.fonts.fit(style, text, room)?;
        let width = self.fonts.width(style, text)?;
        self.show(right - width, y, style, text);
        Ok(())
    }

    /// Writes around `middle`, within `room`.
    pub(in crate::night::paperwork) fn text_around(
        &mut self,
        middle: f32,
        y: f32,
        room: f32,
        style: Style,
        text: &str,
    ) -> Result<(), PaperworkError> {
        let width = self.fonts.width(self.fonts.fit(style, text, room)?, text)?;
        self.text(middle - width / 2.0, y, room, style, text)
    }

    /// Writes what a person wrote, on as many lines as it needs, `lines` at most; more is cut and ends in `…`. A character
    /// that the font lacks becomes `?`: a sheet must not fail for it. Returns how many lines were written.
    pub(in crate::night::paperwork) fn free_text(
        &mut self,
        (x, y): (f32, f32),
        room: f32,
        (style, leading): (Style, f32),
        lines: usize,
        text: &str,
    ) -> Result<usize, PaperworkError> {
        let text = self.fonts.with_known_characters(style, text);
        let mut words = text.split_whitespace().peekable();
        let mut number = 0;
        while words.peek().is_some() && number < lines {
            let mut line = String::new();
            while let Some(word) = words.peek() {
                let longer = format!("{line}{}{word}", if line.is_empty() { "" } else { " " });
                if self.fonts.width(style, &longer)? > room && !line.is_empty() {
                    break;
                }
                line = longer;
                words.next();
            }
            if number + 1 == lines && words.peek().is_some() {
                line.push('…');
            }
            let line = self.fonts.shorten(style, &line, room)?;
            self.show(x, y + leading * number as f32, style, &line);
            number += 1;
        }
        Ok(number)
    }

    /// Writes a path, shortened to `room` in its middle.
    pub(in crate::night::paperwork) fn path(
        &mut self,
        x: f32,
        y: f32,
        room: f32,
        style: Style,
        path: &str,
    ) -> Result<(), PaperworkError> {
        let short = self.fonts.shorten(style, path, room)?;
        self.show(x, y, style, &short);
        Ok(())
    }

    /// Writes a whole digest in groups of eight digits, black and grey in turn, so that a copy of it holds no spaces.
    pub(in crate::night::paperwork) fn digest(
        &mut self,
        x: f32,
        y: f32,
        room: f32,
        style: Style,
        hex: &str,
    ) -> Result<(), PaperworkError> {
        let style = self.fonts.fit(style, hex, room)?;
        let digits: Vec<char> = hex.chars().collect();
        let mut x = x;
        for (index, group) in digits.chunks(8).enumerate() {
            let group: String = group.iter().collect();
            self.show(x, y, if index % 2 == 0 { style } else { style.grey(GREY + 0.07) }, &group);
            x += self.fonts.width(style, &group)?;
        }
        Ok(())
    }

    /// Fills a rectangle whose top left corner is `x`, `y`.
    pub(in crate::night::paperwork) fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, grey: f32) {
        let mut rectangle = Rect::from_xywh(at(x), at(HEIGHT - y - height), at(width), at(height));
        rectangle.mode = Some(PaintMode::Fill);
        self.ink(grey);
        self.operations.push(Op::DrawRectangle { rectangle });
    }

    /// Draws a rectangle's edges, inside it.
    pub(in crate::night::paperwork) fn frame(
        &mut self,
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        line: f32,
        grey: f32,
    ) {
        self.fill(x, y, width, line, grey);
        self.fill(x, y + height - line, width, line, grey);
        self.fill(x, y, line, height, grey);
        self.fill(x + width - line, y, line, height, grey);
    }

    fn show(&mut self, x: f32, y: f32, style: Style, text: &str) {
        let font = PdfFontHandle::External(FontId(style.weight.postscript_name().to_owned()));
        self.ink(style.grey);
        self.operations.extend([
            Op::StartTextSection,
            Op::SetFont { font, size: at(style.size) },
            Op::SetTextCursor { pos: Point { x: at(x), y: at(HEIGHT - y) } },
            Op::ShowText { items: vec![TextItem::Text(text.to_owned())] },
            Op::EndTextSection,
        ]);
    }

    fn ink(&mut self, grey: f32) {
        self.operations.push(Op::SetFillColor { col: Color::Greyscale(Greyscale::new(grey, None)) });
    }
}

/// Points to a hundredth, which is finer than any press and keeps the file short.
fn at(points: f32) -> Pt {
    Pt((points * 100.0).round() / 100.0)
}
