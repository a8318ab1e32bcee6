//! The tokens of a content stream, or of a map of character codes (ISO 32000-1 §7.2, §7.8.2).
//!
//! Takes bytes and gives tokens that borrow them. Allocates nothing.

use super::Problem;

/// The deepest nesting of arrays and dictionaries that is read.
const MAX_DEPTH: usize = 32;

/// One token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'c> {
    /// A number.
    Number(f64),
    /// A name without its slash, in which `#` may begin a character in hexadecimal.
    Name(&'c [u8]),
    /// A literal string without its parentheses, whose backslashes still stand.
    Literal(&'c [u8]),
    /// A hexadecimal string without its angle brackets.
    Hexadecimal(&'c [u8]),
    /// An array without its brackets.
    Array(&'c [u8]),
    /// A dictionary without its brackets.
    Dictionary(&'c [u8]),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// An operator.
    Operator(&'c [u8]),
}

/// Whether a byte is white space (ISO 32000-1 §7.2.2).
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'\x0C' | b'\0')
}

/// Whether a byte ends a name, a number or an operator.
fn is_end(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// Reads tokens one after the other.
#[derive(Clone)]
pub(super) struct Tokens<'c> {
    bytes: &'c [u8],
    at: usize,
}

impl<'c> Tokens<'c> {
    /// The tokens of `bytes`.
    pub fn new(bytes: &'c [u8]) -> Tokens<'c> {
        Tokens { bytes, at: 0 }
    }

    /// What follows the last token.
    pub fn rest(&self) -> &'c [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes over `count` bytes.
    pub fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.bytes.len());
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes over white space and comments.
    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => self.skip_comment(),
                byte if is_space(byte) => self.at += 1,
                _ => break,
            }
        }
    }

    fn skip_comment(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    }

    /// The next token; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Token<'c>>, Problem> {
        self.skip_space();
        let Some(byte) = self.peek() else { return Ok(None) };
        let token = match byte {
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number()?,
            b'(' => Token::Literal(self.literal()?),
            b'/' => {
                self.at += 1;
                Token::Name(self.word())
            }
            b'[' => Token::Array(self.composite(1)?),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => Token::Dictionary(self.composite(2)?),
            b'<' => Token::Hexadecimal(self.hexadecimal()?),
            b')' | b'>' | b']' | b'{' | b'}' => return Err("a bracket that closes nothing"),
            _ => match self.word() {
                b"true" => Token::Boolean(true),
                b"false" => Token::Boolean(false),
                b"null" => Token::Null,
                word => Token::Operator(word),
            },
        };
        Ok(Some(token))
    }

    /// The bytes up to the next that ends a word.
    fn word(&mut self) -> &'c [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|byte| is_end(*byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn number(&mut self) -> Result<Token<'c>, Problem> {
        let word = self.word();
        number(word).map(Token::Number).ok_or("a number that is none")
    }

    /// A literal string, whose parentheses are balanced.
    fn literal(&mut self) -> Result<&'c [u8], Problem> {
        let begin = self.at + 1;
        let (mut at, mut depth) = (begin, 1usize);
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at = at + 1;
                        return Ok(&self.bytes[begin..at]);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Err("a string without end")
    }

    fn hexadecimal(&mut self) -> Result<&'c [u8], Problem> {
        self.at += 1;
        let rest = self.rest();
        let length = rest.iter().position(|byte| *byte == b'>').ok_or("a string without end")?;
        self.at += length + 1;
        Ok(&rest[..length])
    }

    /// An array or a dictionary, whose bracket is `bracket` bytes long.
    fn composite(&mut self, bracket: usize) -> Result<&'c [u8], Problem> {
        let begin = self.at + bracket;
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            let double = self.bytes.get(self.at + 1) == Some(&byte);
            match byte {
                b'(' => {
                    self.literal()?;
                    continue;
                }
                b'%' => {
                    self.skip_comment();
                    continue;
                }
                b'<' if !double => {
                    self.hexadecimal()?;
                    continue;
                }
                b'[' | b'<' => depth += 1,
                b']' | b'>' => depth -= 1,
                _ => {}
            }
            self.at += if matches!(byte, b'<' | b'>') { 2 } else { 1 };
            if depth == 0 {
                let end = self.at.saturating_sub(bracket);
                return self.bytes.get(begin..end).ok_or("brackets that do not match");
            }
            if depth > MAX_DEPTH {
                return Err("brackets nested too deep");
            }
        }
        Err("a bracket that is never closed")
    }
}

/// Powers of ten, exact in a double.
const POWERS: [f64; 19] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// The number that a word is (ISO 32000-1 §7.3.3): digits with a sign before and a point among them.
fn number(word: &[u8]) -> Option<f64> {
    let (negative, digits) = match word {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (mut value, mut count, mut point) = (0u64, 0usize, None);
    for byte in digits {
        match byte {
            // More digits than a double tells apart.
            b'0'..=b'9' if count >= 17 && point.is_some() => {}
            b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                count += usize::from(value > 0);
                point = point.map(|places| places + 1);
            }
            b'.' if point.is_none() => point = Some(0usize),
            _ => return None,
        }
    }
    let some_digit = digits.iter().any(u8::is_ascii_digit);
    let size = value as f64 / POWERS.get(point.unwrap_or(0)).copied().unwrap_or(f64::INFINITY);
    some_digit.then_some(if negative { -size } else { size })
}

/// Appends the bytes of a literal string to `out` (ISO 32000-1 §7.3.4.2).
pub(super) fn unescape(literal: &[u8], out: &mut Vec<u8>) {
    let mut bytes = literal.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                let Some(escaped) = bytes.next() else { return };
                match escaped {
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'b' => out.push(8),
                    b'f' => out.push(12),
                    b'\r' => {
                        bytes.next_if_eq(&b'\n');
                    }
                    b'\n' => {}
                    b'0'..=b'7' => {
                        let mut code = u32::from(escaped - b'0');
                        for _ in 0..2 {
                            let Some(digit) = bytes.next_if(|byte| (b'0'..=b'7').contains(byte)) else { break };
                            code = 8 * code + u32::from(digit - b'0');
                        }
                        out.push(code as u8);
                    }
                    other => out.push(other),
                }
            }
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                out.push(b'\n');
            }
            byte => out.push(byte),
        }
    }
}

/// Appends the bytes of a hexadecimal string to `out`; a last digit that stands alone is followed by 0 (ISO 32000-1
/// §7.3.4.3).
pub(super) fn unhex(hexadecimal: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
    let mut high = None;
    for byte in hexadecimal.iter().filter(|byte| !is_space(**byte)) {
        let digit = char::from(*byte).to_digit(16).ok_or("a hexadecimal string with other characters")? as u8;
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push(high << 4 | digit),
        }
    }
    out.extend(high.map(|digit| digit << 4));
    Ok(())
}

/// Whether a name as it is written is `name`; `#` and two digits are a character (ISO 32000-1 §7.3.5).
pub(super) fn is_named(written: &[u8], name: &[u8]) -> bool {
    if !written.contains(&b'#') {
        return written == name;
    }
    let mut plain = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| byte == b'#');
        let digit = |index: usize| digits.and_then(|two| char::from(two[index]).to_digit(16));
        match (digit(0), digit(1)) {
            (Some(high), Some(low)) => {
                plain.push((16 * high + low) as u8);
                rest = &after[2..];
            }
            _ => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    plain == name
}
