//! Marked content, and the text that it says: `ActualText` (ISO 32000-1 §14.6, §14.9.4).

use zeroize::Zeroizing;

use super::Problem;
use super::interpret::Interpreter;
use super::operands::{Operands, WRONG};
use super::tokens::{Token, Tokens, is_named, unescape, unhex};

/// The most marked contents that are open at once.
const MAX_MARKS: usize = 64;

/// Marked content that is open.
pub(super) struct Mark {
    /// What it says, if it says it itself.
    pub actual: Option<Zeroizing<String>>,
    /// Whether a line of text has said it.
    pub said: bool,
    /// Where its text begins in that line.
    pub begin: u32,
}

impl Mark {
    /// Marked content that begins.
    pub fn new(actual: Option<Zeroizing<String>>) -> Mark {
        Mark { actual, said: false, begin: 0 }
    }
}

impl Interpreter<'_, '_> {
    /// An operator of marked content.
    pub fn marked_content(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        match (operator, operands.all()) {
            (b"BMC", [Token::Name(_)]) => self.begin_mark(Mark::new(None)),
            (b"BDC", [Token::Name(tag), list]) => {
                let (actual, optional) = self.property_list(list)?;
                if optional || is_named(tag, b"OC") {
                    return Err("optional content");
                }
                self.spend(actual.as_ref().map_or(0, |actual| actual.len()))?;
                self.begin_mark(Mark::new(actual))
            }
            (b"EMC", []) => {
                let mark = self.marks.pop().ok_or("an `EMC` without a beginning")?;
                self.end_mark(mark);
                Ok(())
            }
            (b"MP", [Token::Name(_)]) | (b"DP", [Token::Name(_), Token::Name(_) | Token::Dictionary(_)]) => {
                Ok(())
            }
            _ => Err(WRONG),
        }
    }

    fn property_list(&self, list: &Token) -> Result<(Option<Zeroizing<String>>, bool), Problem> {
        match list {
            Token::Dictionary(dictionary) => properties(dictionary),
            Token::Name(name) => {
                let list = self.resources.properties(name).ok_or("a property list that is missing")?;
                Ok((list.actual.clone().map(Zeroizing::new), list.optional))
            }
            _ => Err(WRONG),
        }
    }

    fn begin_mark(&mut self, mark: Mark) -> Result<(), Problem> {
        if self.marks.len() >= MAX_MARKS {
            return Err("marked content nested too deep");
        }
        self.marks.push(mark);
        Ok(())
    }
}

/// The characters of PDFDocEncoding from 0x18 on, and from 0x80 on (ISO 32000-1 annex D.3); NUL where there is none.
const LOW: [char; 8] =
    ['\u{2D8}', '\u{2C7}', '\u{2C6}', '\u{2D9}', '\u{2DD}', '\u{2DB}', '\u{2DA}', '\u{2DC}'];
const HIGH: [char; 33] = [
    '\u{2022}', '\u{2020}', '\u{2021}', '\u{2026}', '\u{2014}', '\u{2013}', '\u{192}', '\u{2044}',
    '\u{2039}', '\u{203A}', '\u{2212}', '\u{2030}', '\u{201E}', '\u{201C}', '\u{201D}', '\u{2018}',
    '\u{2019}', '\u{201A}', '\u{2122}', '\u{FB01}', '\u{FB02}', '\u{141}', '\u{152}', '\u{160}', '\u{178}',
    '\u{17D}', '\u{131}', '\u{142}', '\u{153}', '\u{161}', '\u{17E}', '\u{FFFD}', '\u{20AC}',
];

/// A text string: UTF-16 or UTF-8 with its mark before, else PDFDocEncoding (ISO 32000-1 §7.9.2.2).
pub(super) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, units @ ..] => {
            let mut text = String::with_capacity(2 * units.len());
            let units =
                units.chunks(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(*pair.get(1).unwrap_or(&0)));
            text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
            text
        }
        [0xEF, 0xBB, 0xBF, text @ ..] => String::from_utf8_lossy(text).into_owned(),
        bytes => {
            let mut text = String::with_capacity(3 * bytes.len());
            text.extend(bytes.iter().map(|byte| match byte {
                0x18..=0x1F => LOW[usize::from(byte - 0x18)],
                0x80..=0xA0 => HIGH[usize::from(byte - 0x80)],
                byte => char::from(*byte),
            }));
            text
        }
    }
}

/// The properties that stand in the content itself.
fn properties(dictionary: &[u8]) -> Result<(Option<Zeroizing<String>>, bool), Problem> {
    let mut tokens = Tokens::new(dictionary);
    let (mut actual, mut optional) = (None, false);
    while let Some(key) = tokens.next()? {
        let (Token::Name(key), Some(value)) = (key, tokens.next()?) else {
            return Err("a property list that can't be read");
        };
        if is_named(key, b"ActualText") {
            let mut bytes = Zeroizing::new(Vec::with_capacity(dictionary.len()));
            match value {
                Token::Literal(literal) => unescape(literal, &mut bytes),
                Token::Hexadecimal(digits) => unhex(digits, &mut bytes)?,
                _ => return Err("an `ActualText` that is no text"),
            }
            actual = Some(Zeroizing::new(text_string(&bytes)));
        }
        optional |= is_named(key, b"Type") && matches!(value, Token::Name(b"OCG" | b"OCMD"));
    }
    Ok((actual, optional))
}
