//! Text objects: where the pen is, and the glyphs that strings show (ISO 32000-1 §9.4).

use zeroize::Zeroize;

use super::fonts::Coded;
use super::interpret::{Interpreter, TOO_MUCH};
use super::lines::{Line, make_room, push_text};
use super::operands::{Operands, WRONG};
use super::state::Matrix;
use super::tokens::{Token, Tokens, unescape, unhex};
use super::{Problem, ShownGlyph};

/// A text object that is open.
pub(super) struct TextObject {
    /// The text matrix where the pen was last moved to.
    matrix: Matrix,
    /// How far the pen has gone from there, in units of text space.
    pub pen: f64,
    /// The matrix of the line.
    line_matrix: Matrix,
    /// The line that is being shown.
    pub line: Option<Line>,
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
        let before = shown.text.len();
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
            if shown.text.len() - before > MAX_SAID {
                return Err(TOO_MUCH);
            }
        }
        let said = shown.text.len() - before;
        self.spend(said)
    }

    /// From text space to points from the page's lower left corner, where the pen was last moved to.
    pub fn placed(&self) -> Matrix {
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
}

/// What a glyph's step takes of the text state.
struct TextStep {
    size: f64,
    stretch: f64,
    rise: f64,
    character_spacing: f64,
    word_spacing: f64,
}

/// The most bytes of text that one string says.
const MAX_SAID: usize = 1 << 24;
const OUTSIDE: Problem = "a text operator outside a text object";
