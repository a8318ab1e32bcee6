//! Character codes: one byte for the characters of Windows-1252, three bytes for every other glyph.
//!
//! A code of three bytes is a zero byte and the font's own glyph number. Codes do not depend on the subset that a file
//! embeds, so a page can be written before the subset is known. Writes the two maps with which a file is read: from codes
//! to glyphs (ISO 32000-1 §9.7.5) and to Unicode (§9.10.3).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use encoding_rs::WINDOWS_1252;
use rustybuzz::Face;

use super::text::{GlyphText, glyph_text};

/// The most entries in one section of a map (ISO 32000-1 §9.7.5.4).
const SECTION: usize = 100;

/// The ligatures of letters, and the letters that a text has.
const LIGATURES: [(char, &str); 7] = [
    ('\u{FB00}', "ff"),
    ('\u{FB01}', "fi"),
    ('\u{FB02}', "fl"),
    ('\u{FB03}', "ffi"),
    ('\u{FB04}', "ffl"),
    ('\u{FB05}', "st"),
    ('\u{FB06}', "st"),
];

/// The codes of a font's glyphs, and the text of each.
#[derive(Debug, Clone)]
pub(super) struct CharacterCodes {
    /// The code of one byte of each glyph; 0 if it has none.
    bytes: Vec<u8>,
    /// The lowest character of each glyph without such a code; NUL if it has none.
    characters: Vec<char>,
}

/// The printable character that a byte stands for.
fn character(byte: u8) -> Option<char> {
    let decoded = WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next();
    decoded.filter(|character| byte >= b' ' && !character.is_control())
}

impl CharacterCodes {
    /// The codes of a font.
    pub fn new(face: &Face) -> CharacterCodes {
        let mut bytes = vec![0; usize::from(face.number_of_glyphs())];
        for byte in (b' '..=0xFF).rev() {
            let glyph = character(byte).and_then(|character| face.glyph_index(character));
            if let Some(code) = glyph.and_then(|glyph| bytes.get_mut(usize::from(glyph.0))) {
                *code = byte;
            }
        }
        let mut characters = vec!['\0'; bytes.len()];
        let unicode = face.tables().cmap.into_iter().flat_map(|map| map.subtables);
        for subtable in unicode.filter(|subtable| subtable.is_unicode()) {
            subtable.codepoints(|code| {
                let glyph = subtable.glyph_index(code).map_or(0, |glyph| usize::from(glyph.0));
                if let (Some(slot), Some(character)) = (characters.get_mut(glyph), char::from_u32(code))
                    && bytes[glyph] == 0
                    && (*slot == '\0' || character < *slot)
                {
                    *slot = character;
                }
            });
        }
        CharacterCodes { bytes, characters }
    }

    /// The text that a glyph stands for in every file: the character that the font maps to it, a ligature's letters. `None`
    /// if the font maps none.
    pub fn text(&self, glyph: u16) -> Option<GlyphText> {
        let index = usize::from(glyph);
        let character = match self.byte(glyph) {
            0 => self.characters.get(index).copied().filter(|character| *character != '\0')?,
            byte => character(byte)?,
        };
        let letters = LIGATURES.iter().find(|(ligature, _)| *ligature == character);
        Some(match letters {
            Some((_, letters)) => glyph_text(letters.chars()),
            None => glyph_text(std::iter::once(character)),
        })
    }

    /// Whether a glyph stands for exactly this text. All spaces are the same text.
    pub fn says(&self, glyph: u16, text: &str) -> bool {
        let Some(own) = self.text(glyph) else { return false };
        let own = own.into_iter().filter(|character| *character != '\0');
        let space = |character: char| if character.is_whitespace() { ' ' } else { character };
        own.map(space).eq(text.chars().map(space))
    }

    /// A glyph's code of one byte; 0 if it has none.
    pub fn byte(&self, glyph: u16) -> u8 {
        self.bytes.get(usize::from(glyph)).copied().unwrap_or(0)
    }

    /// The glyphs with a code of one byte: glyph, code and character.
    pub fn characters(&self) -> impl Iterator<Item = (u16, u8, char)> + '_ {
        let glyphs = (0..).zip(&self.bytes);
        glyphs.filter_map(|(glyph, byte)| Some((glyph, *byte, character(*byte)?)))
    }

    /// A glyph's code in hexadecimal, as maps write it.
    fn hexadecimal(&self, glyph: u16) -> String {
        match self.byte(glyph) {
            0 => format!("<00{glyph:04X}>"),
            byte => format!("<{byte:02X}>"),
        }
    }

    /// The map from codes to character identifiers, which are the positions of `glyphs`, from 1.
    pub fn encoding(&self, name: &str, glyphs: &BTreeMap<u16, GlyphText>) -> Vec<u8> {
        let entry = |(&glyph, identifier)| format!("{} {identifier}", self.hexadecimal(glyph));
        self.map(name, 1, "cidchar", glyphs.keys().zip(1..).map(entry).collect())
    }

    /// The map from codes to the text that glyphs stand for.
    pub fn unicode(&self, name: &str, glyphs: &BTreeMap<u16, GlyphText>) -> Vec<u8> {
        let entry = |(&glyph, text): (&u16, &GlyphText)| {
            let mut units = String::new();
            for character in text.iter().filter(|character| **character != '\0') {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(units, "{unit:04X}");
                }
            }
            format!("{} <{units}>", self.hexadecimal(glyph))
        };
        let with_text = glyphs.iter().filter(|(_, text)| text[0] != '\0');
        self.map(name, 2, "bfchar", with_text.map(entry).collect())
    }

    /// A map with entries in sections of a kind.
    fn map(&self, name: &str, map_type: u8, kind: &str, entries: Vec<String>) -> Vec<u8> {
        let mut map = format!(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> def\n\
/CMapName /{name} def\n/CMapType {map_type} def\n/WMode 0 def\n\
2 begincodespacerange\n<01> <FF>\n<000000> <00FFFF>\nendcodespacerange\n"
        );
        for section in entries.chunks(SECTION) {
            let _ = writeln!(map, "{} begin{kind}\n{}\nend{kind}", section.len(), section.join("\n"));
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_texts_take_a_byte_a_character() {
        let face =
            Face::from_slice(include_bytes!("../../../fonts/IBMPlexSans-Regular.ttf"), 0).expect("a font");
        let codes = CharacterCodes::new(&face);
        let byte = |character| codes.byte(face.glyph_index(character).expect("a glyph").0);
        assert_eq!("Aé ’œ€".chars().map(byte).collect::<Vec<_>>(), [b'A', 0xE9, b' ', 0x92, 0x9C, 0x80]);
        assert_eq!(byte('ł'), 0);
        assert_eq!(codes.byte(0), 0, "the glyph of what is missing");
    }
}
