//! Maps of character codes: from codes to characters (ISO 32000-1 §9.7.5), and from codes to text (§9.10.3).

use super::Problem;
use super::tokens::{Token, Tokens, unhex};

/// The most entries of a map, and the most codes of all its ranges.
const MAX_ENTRIES: usize = 1 << 17;
/// The most digits of a string: 512 bytes, as ISO 32000-1 §9.10.3 allows.
const MAX_DIGITS: usize = 1024;
/// The most codes of a range whose text is longer than two units.
const MAX_LONG_RANGE: usize = 256;

/// A code with its length in bytes; a longer code is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Code {
    /// Bytes, 1 to 4.
    pub length: u8,
    /// Their value, the first byte the highest.
    pub value: u32,
}

/// What a map says.
#[derive(Debug, Default)]
pub(super) struct CodeMap {
    /// The lowest and the highest code of each code space.
    pub spaces: Vec<(Code, Code)>,
    /// The first and last code of a range, and the character of the first.
    pub characters: Vec<(Code, u32, u32)>,
    /// The text of each code.
    pub texts: Vec<(Code, String)>,
}

/// Reads a map. Its entries are sorted.
pub(super) fn read_map(bytes: &[u8]) -> Result<CodeMap, Problem> {
    let mut map = CodeMap::default();
    let mut tokens = Tokens::new(bytes);
    let mut last = None;
    let mut before = None;
    while let Some(token) = tokens.next()? {
        match token {
            Token::Operator(b"begincodespacerange") => map.code_spaces(&mut tokens)?,
            Token::Operator(b"begincidrange") => map.character_ranges(&mut tokens)?,
            Token::Operator(b"begincidchar") => map.single_characters(&mut tokens)?,
            Token::Operator(b"beginbfrange") => map.text_ranges(&mut tokens)?,
            Token::Operator(b"beginbfchar") => map.single_texts(&mut tokens)?,
            Token::Operator(b"usecmap") => return Err("a map that uses another"),
            Token::Operator(b"def")
                if before == Some(Token::Name(b"WMode")) && last != Some(Token::Number(0.0)) =>
            {
                return Err("a map of vertical writing");
            }
            _ => {}
        }
        (before, last) = (last, Some(token));
        if map.characters.len() + map.texts.len() + map.spaces.len() > MAX_ENTRIES {
            return Err("a map with too many entries");
        }
    }
    map.characters.sort_by_key(|(first, ..)| *first);
    map.texts.sort_by_key(|(code, _)| *code);
    Ok(map)
}

/// The next token of a section; `None` at its end.
fn entry<'c>(tokens: &mut Tokens<'c>) -> Result<Option<Token<'c>>, Problem> {
    match tokens.next()? {
        Some(Token::Operator(_)) => Ok(None),
        Some(token) => Ok(Some(token)),
        None => Err("a map that ends within a section"),
    }
}

fn code(token: Option<Token>) -> Result<Code, Problem> {
    let bytes = string(token)?;
    let length = u8::try_from(bytes.len()).ok().filter(|length| (1..=4).contains(length));
    let value = bytes.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte));
    Ok(Code { length: length.ok_or("a code that is not 1 to 4 bytes long")?, value })
}

fn string(token: Option<Token>) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    match token {
        Some(Token::Hexadecimal(digits)) if digits.len() <= MAX_DIGITS => unhex(digits, &mut bytes)?,
        _ => return Err("a map whose entry is no string"),
    }
    Ok(bytes)
}

fn whole(token: Option<Token>) -> Result<u32, Problem> {
    match token {
        Some(Token::Number(number)) if (0.0..=65535.0).contains(&number) && number.fract() == 0.0 => {
            Ok(number as u32)
        }
        _ => Err("a map whose entry is no character"),
    }
}

/// The UTF-16 units of a text.
fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks(2).map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte))).collect()
}

impl CodeMap {
    fn code_spaces(&mut self, tokens: &mut Tokens) -> Result<(), Problem> {
        while let Some(first) = entry(tokens)? {
            let (low, high) = (code(Some(first))?, code(entry(tokens)?)?);
            if low.length != high.length {
                return Err("a code space whose ends differ in length");
            }
            self.spaces.push((low, high));
        }
        Ok(())
    }

    fn character_ranges(&mut self, tokens: &mut Tokens) -> Result<(), Problem> {
        while let Some(first) = entry(tokens)? {
            let (first, last) = (code(Some(first))?, code(entry(tokens)?)?);
            let character = whole(entry(tokens)?)?;
            let past = last.value.checked_sub(first.value).and_then(|more| character.checked_add(more));
            if first.length != last.length || past.is_none_or(|past| past > 0xFFFF) {
                return Err("a range of codes that is none");
            }
            self.characters.push((first, last.value, character));
        }
        Ok(())
    }

    fn single_characters(&mut self, tokens: &mut Tokens) -> Result<(), Problem> {
        while let Some(first) = entry(tokens)? {
            let first = code(Some(first))?;
            let character = whole(entry(tokens)?)?;
            self.characters.push((first, first.value, character));
        }
        Ok(())
    }

    fn single_texts(&mut self, tokens: &mut Tokens) -> Result<(), Problem> {
        while let Some(first) = entry(tokens)? {
            let first = code(Some(first))?;
            let text = String::from_utf16_lossy(&units(&string(entry(tokens)?)?));
            self.texts.push((first, text));
        }
        Ok(())
    }

    fn text_ranges(&mut self, tokens: &mut Tokens) -> Result<(), Problem> {
        while let Some(first) = entry(tokens)? {
            let (first, last) = (code(Some(first))?, code(entry(tokens)?)?);
            let length = last.value.checked_sub(first.value).filter(|_| first.length == last.length);
            let length = length.ok_or("a range of codes that is none")? as usize + 1;
            if self.texts.len() + length > MAX_ENTRIES {
                return Err("a map with too many entries");
            }
            let codes = (first.value..=last.value).map(|value| Code { length: first.length, value });
            match entry(tokens)? {
                Some(Token::Array(texts)) => {
                    let mut texts = Tokens::new(texts);
                    for code in codes {
                        let Some(text) = texts.next()? else { break };
                        self.texts.push((code, String::from_utf16_lossy(&units(&string(Some(text))?))));
                    }
                }
                text => {
                    let text = units(&string(text)?);
                    if length > MAX_LONG_RANGE && text.len() > 2 {
                        return Err("a range of codes that all say the same long text");
                    }
                    for (step, code) in codes.enumerate() {
                        let mut text = text.clone();
                        // Only the last unit counts on.
                        if let Some(unit) = text.last_mut() {
                            *unit = unit.wrapping_add(step as u16);
                        }
                        self.texts.push((code, String::from_utf16_lossy(&text)));
                    }
                }
            }
        }
        Ok(())
    }
}
