//! Text objects: where lines begin, and the glyphs that they show (ISO 32000-1 §9.4).

use zeroize::Zeroize;

use super::fonts::Coded;
use super::interpret::Interpreter;
use super::marked::Mark;
use super::operands::{Operands, WRONG};
use super::state::{Matrix, State};
use super::tokens::{Token, Tokens, unescape, unhex};
use super::{Bounds, Paint, Problem, ShownGlyph, ShownText, TextPen};

/// A text object that is open.
pub(super) struct TextObject {
    /// The text matrix where the pen was last moved to.
    matrix: Matrix,
    /// How far the pen has gone from there, in units of text space.
    pen: f64,
    /// The matrix of the line.
    line_matrix: Matrix,
    /// The line that is being shown.
    line: Option<Line>,
}

/// A line that is being shown.
struct Line {
    shown: ShownText,
    /// The operator that set its colour, if it is not of black ink alone.
    ink: Option<&'static str>,
    /// Where the pen stood when it began.
    begin: f64,
    /// Points in a unit of text space.
    scale: f64,
}

impl Interpreter<'_, '_> {
    /// An operator that begins or ends a text object, or moves the pen.
    pub fn move_text(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        if operator == b"BT" {
            operands.none()?;
            self.idle()?;
            let matrix = Matrix::default();
            self.text = Some(TextObject { matrix, pen: 0.0, line_matrix: matrix, line: None });
            return Ok(());
        }
        self.end_line();
        let leading = self.state.text.leading;
        let text = self.text.as_mut().ok_or(OUTSIDE)?;
        let next = match operator {
            b"ET" => {
                operands.none()?;
                self.text = None;
                return Ok(());
            }
            b"Td" => {
                let [x, y] = operands.numbers()?;
                text.line_matrix.moved(x, y)
            }
            b"TD" => {
                let [x, y] = operands.numbers()?;
                self.state.text.leading = -y;
                text.line_matrix.moved(x, y)
            }
            b"Tm" => Matrix(operands.numbers()?),
            _ => {
                operands.none()?;
                text.line_matrix.moved(0.0, -leading)
            }
        };
        (text.matrix, text.line_matrix, text.pen) = (next, next, 0.0);
        Ok(())
    }

    /// An operator of the text state.
    pub fn text_state(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        let text = &mut self.state.text;
        match operator {
            b"Tc" => text.character_spacing = operands.number()?,
            b"Tw" => text.word_spacing = operands.number()?,
            b"Tz" => text.stretch = operands.number()? / 100.0,
            b"TL" => text.leading = operands.number()?,
            b"Ts" => text.rise = operands.number()?,
            b"Tr" => {
                let mode = operands.number()?;
                text.mode = match mode {
                    0.0 | 1.0 | 2.0 | 3.0 => mode as u8,
                    4.0 | 5.0 | 6.0 | 7.0 => return Err("text that is a clip"),
                    _ => return Err(WRONG),
                };
            }
            _ => {
                let [Token::Name(name), Token::Number(size)] = operands.all() else { return Err(WRONG) };
                text.font = Some(self.resources.font(name).ok_or("a font that is missing")?);
                text.size = *size;
            }
        }
        Ok(())
    }

    /// An operator that shows text.
    pub fn show_text(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        if self.text.is_none() {
            return Err(OUTSIDE);
        }
        match (operator, operands.all()) {
            (b"Tj", [string]) => self.show_string(*string),
            (b"TJ", [Token::Array(array)]) => self.show_array(array),
            (b"'", [string]) => {
                self.move_text(b"T*", &Operands::new())?;
                self.show_string(*string)
            }
            (b"\"", [Token::Number(word), Token::Number(character), string]) => {
                self.state.text.word_spacing = *word;
                self.state.text.character_spacing = *character;
                self.move_text(b"T*", &Operands::new())?;
                self.show_string(*string)
            }
            _ => Err(WRONG),
        }
    }

    fn show_array(&mut self, array: &[u8]) -> Result<(), Problem> {
        let mut items = Tokens::new(array);
        while let Some(item) = items.next()? {
            match item {
                Token::Number(back) => {
                    let TextStep { size, stretch, .. } = self.step();
                    if let Some(text) = &mut self.text {
                        text.pen -= back / 1000.0 * size * stretch;
                    }
                }
                string => self.show_string(string)?,
            }
        }
        Ok(())
    }

    fn show_string(&mut self, string: Token) -> Result<(), Problem> {
        let mut plain = std::mem::take(&mut self.string);
        let shown = match string {
            Token::Literal(bytes) if !bytes.iter().any(|byte| matches!(byte, b'\\' | b'\r')) => {
                self.show(bytes)
            }
            Token::Literal(bytes) => {
                make_room(&mut plain, bytes.len());
                unescape(bytes, &mut plain);
                self.show(&plain)
            }
            Token::Hexadecimal(digits) => {
                make_room(&mut plain, digits.len());
                unhex(digits, &mut plain).and_then(|()| self.show(&plain))
            }
            _ => Err(WRONG),
        };
        plain.iter_mut().for_each(|byte| byte.zeroize());
        plain.clear();
        self.string = plain;
        shown
    }

    /// Shows the codes of a string.
    fn show(&mut self, string: &[u8]) -> Result<(), Problem> {
        if string.is_empty() {
            return Ok(());
        }
        let font = self.state.text.font.ok_or("text without a font")?;
        let file = self.file;
        let codes = file.codes.get(font).ok_or("text without a font")?;
        let Some(turn) = self.placed().turn().filter(|_| codes.readable && self.is_plain()) else {
            return self.show_other(string);
        };
        self.begin_line(font, turn, string.len());
        let step = self.step();
        let said = self.say_mark();
        let Some(TextObject { pen, line: Some(line), .. }) = &mut self.text else { return Err(OUTSIDE) };
        let Line { shown, begin, scale, .. } = line;
        let mut rest = string;
        while !rest.is_empty() {
            let (coded, length) =
                codes.next(rest).ok_or("a string with a code that its font does not have")?;
            let byte = said.unwrap_or(shown.text.len() as u32);
            let along = (*pen - *begin) * *scale;
            let rise = (step.rise * *scale) as f32;
            shown.glyphs.push(ShownGlyph { glyph: coded.glyph, along: along as f32, rise, byte });
            if said.is_none() {
                push_text(&mut shown.text, codes.text(coded));
            }
            let advance = step.size * coded.width / 1000.0;
            shown.length = shown.length.max(along + advance * *scale);
            let word = if length == 1 && rest[0] == b' ' { step.word_spacing } else { 0.0 };
            *pen += advance + step.character_spacing + word;
            rest = &rest[length..];
        }
        Ok(())
    }

    /// From text space to points from the page's lower left corner, where the pen was last moved to.
    fn placed(&self) -> Matrix {
        self.text.as_ref().map_or(Matrix::default(), |text| text.matrix).then(&self.state.ctm)
    }

    /// Whether text is neither stretched nor turned over by its state, and only filled or only outlined.
    fn is_plain(&self) -> bool {
        let text = &self.state.text;
        text.stretch == 1.0 && text.size > 0.0 && text.mode != 2
    }

    fn step(&self) -> TextStep {
        let text = &self.state.text;
        TextStep {
            size: text.size,
            stretch: text.stretch,
            rise: text.rise,
            character_spacing: text.character_spacing,
            word_spacing: text.word_spacing,
        }
    }

    /// Text that is no line of upright glyphs of a composite font: it can reach all of the page.
    fn show_other(&mut self, string: &[u8]) -> Result<(), Problem> {
        self.end_line();
        let black = if self.state.text.mode == 3 {
            0.0
        } else {
            self.state.fill.black().max(self.state.stroke.black())
        };
        let reach = self.reach(None);
        self.other("Tj", reach, black);
        let step = self.step();
        let codes =
            self.state.text.font.and_then(|font| self.file.codes.get(font)).filter(|codes| codes.readable);
        let mut width = 0.0;
        let mut rest = string;
        while let Some((Coded { width: wide, .. }, length)) = codes.and_then(|codes| codes.next(rest)) {
            let word = if length == 1 && rest[0] == b' ' { step.word_spacing } else { 0.0 };
            width += (wide / 1000.0 * step.size + step.character_spacing + word) * step.stretch;
            rest = rest.get(length..).unwrap_or_default();
        }
        if let Some(text) = &mut self.text {
            text.pen += width;
        }
        Ok(())
    }

    /// Whether text overprints.
    fn overprints(&self) -> bool {
        let State { fill, stroke, leaves_other_inks, text, .. } = &self.state;
        *leaves_other_inks && if text.mode == 1 { stroke.overprint } else { fill.overprint }
    }

    fn pen(&self) -> (TextPen, Option<&'static str>) {
        let state = &self.state;
        match state.text.mode {
            0 => (TextPen::Fill(state.fill.black()), state.fill.ink.other),
            1 => {
                let width = state.line_width.abs() * state.ctm.scale();
                (TextPen::Outline(width, state.stroke.black()), state.stroke.ink.other)
            }
            _ => (TextPen::Fill(0.0), None),
        }
    }

    /// Goes on with the line if it is shown with the same font, size and pen; else begins a new one. Makes room for `codes`
    /// more.
    fn begin_line(&mut self, font: usize, turn: u16, codes: usize) {
        let placed = self.placed();
        let scale = placed.scale();
        let size = self.state.text.size * scale;
        let (pen, ink) = self.pen();
        let overprint = self.overprints();
        let drawing = self.marks.iter().any(|mark| mark.actual.as_ref().is_some_and(|text| text.is_empty()));
        let goes_on = self.text.as_ref().and_then(|text| text.line.as_ref()).is_some_and(|line| {
            let shown = &line.shown;
            let same = (shown.font, shown.size, shown.pen, shown.drawing, line.ink);
            same == (font, size, pen, drawing, ink) && shown.overprint == overprint
        });
        if !goes_on {
            self.end_line();
            let begin = self.text.as_ref().map_or(0.0, |text| text.pen);
            let origin = self.on_page(placed.apply((begin, 0.0)));
            let whole = self.whole();
            let shown = ShownText {
                text: String::new(),
                glyphs: Vec::new(),
                drawing,
                font,
                size,
                tracking: self.state.text.character_spacing * scale,
                pen,
                overprint,
                origin,
                turn,
                length: 0.0,
                clip: self.state.clip.filter(|clip| !clip.holds(&whole)),
            };
            if let Some(text) = &mut self.text {
                text.line = Some(Line { shown, ink, begin, scale });
            }
        }
        if let Some(line) = self.text.as_mut().and_then(|text| text.line.as_mut()) {
            make_room(&mut line.shown.glyphs, codes);
            make_room_for_text(&mut line.shown.text, codes);
        }
    }

    /// Lets the outermost mark that says its own text say it, once. Returns where its text begins in the line.
    fn say_mark(&mut self) -> Option<u32> {
        let mark = self.marks.iter_mut().find(|mark| mark.actual.is_some())?;
        let line = self.text.as_mut()?.line.as_mut()?;
        let text = &mut line.shown.text;
        match &mark.actual {
            Some(actual) if !mark.said => {
                mark.said = true;
                let begin = text.len() as u32;
                mark.begin = begin;
                push_text(text, actual);
                Some(begin)
            }
            _ => Some(mark.begin),
        }
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        let Some(line) = self.text.as_mut().and_then(|text| text.line.take()) else { return };
        let Line { shown, ink, .. } = line;
        // A mark that goes on says nothing more in the next line.
        self.marks.iter_mut().for_each(|mark| mark.begin = 0);
        if let Some(operator) = ink {
            let (bounds, black) = (bounds(&shown), black(&shown));
            self.other(operator, bounds, black);
        }
        self.page.paint.push(Paint::Text(shown));
    }

    /// Ends marked content. A text that it says and that no glyph shows is a line without glyphs.
    pub fn end_mark(&mut self, mark: Mark) {
        let outer = self.marks.iter().any(|mark| mark.actual.is_some());
        let Some(actual) = mark.actual.filter(|text| !outer && !mark.said && !text.is_empty()) else {
            return;
        };
        self.end_line();
        let pen = self.text.as_ref().map_or(0.0, |text| text.pen);
        let origin = self.on_page(self.placed().apply((pen, 0.0)));
        let mut shown = ShownText::default();
        (shown.origin, shown.pen) = (origin, TextPen::Fill(0.0));
        push_text(&mut shown.text, &actual);
        self.page.paint.push(Paint::Text(shown));
    }
}

/// What a glyph's step takes of the text state.
struct TextStep {
    size: f64,
    stretch: f64,
    rise: f64,
    character_spacing: f64,
    word_spacing: f64,
}

const OUTSIDE: Problem = "a text operator outside a text object";

/// The rectangle that a line can reach: an em on all sides of its baseline.
fn bounds(shown: &ShownText) -> Bounds {
    let ((x, y), length) = (shown.origin, shown.length);
    let end = match shown.turn {
        90 => (x, y + length),
        180 => (x - length, y),
        270 => (x, y - length),
        _ => (x + length, y),
    };
    Bounds::around([(x, y), end]).unwrap_or_default().grown(shown.size)
}

fn black(shown: &ShownText) -> f64 {
    match shown.pen {
        TextPen::Fill(black) | TextPen::Outline(_, black) => black,
    }
}

/// Makes room for more values. Values that move are wiped where they were.
pub(super) fn make_room<T: Copy + Zeroize>(values: &mut Vec<T>, more: usize) {
    if values.capacity() - values.len() < more {
        let mut wider = Vec::with_capacity((values.len() + more).max(2 * values.capacity()));
        wider.extend_from_slice(values);
        values.zeroize();
        *values = wider;
    }
}

fn make_room_for_text(text: &mut String, more: usize) {
    if text.capacity() - text.len() < more {
        let mut wider = String::with_capacity((text.len() + more).max(2 * text.capacity()));
        wider.push_str(text);
        text.zeroize();
        *text = wider;
    }
}

fn push_text(text: &mut String, more: &str) {
    make_room_for_text(text, more.len());
    text.push_str(more);
}
