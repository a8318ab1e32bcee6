//! Brings words to the characters of a field of the signed block, by the rules of docs/2d-doc.md, "From a record to a value".

use twoddoc::alphabet::Alphabet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words on their way into a field.
pub(super) struct Reduction<'t> {
    written: &'t mut String,
    /// Where the field's value begins.
    begin: usize,
    alphabet: Alphabet,
    /// A space is written once a word follows it.
    space: bool,
    /// Whether every character had a rule.
    fits: bool,
}

impl<'t> Reduction<'t> {
    /// Begins a value at the end of a text.
    pub(super) fn begin(written: &'t mut String, alphabet: Alphabet) -> Reduction<'t> {
        let begin = written.len();
        Reduction { written, begin, alphabet, space: false, fits: true }
    }

    /// Adds words.
    pub(super) fn add(&mut self, text: &str) {
        if text.is_ascii() {
            text.chars().for_each(|character| self.character(character));
        } else {
            text.nfd().filter(|part| !is_combining_mark(*part)).for_each(|part| self.character(part));
        }
    }

    /// Whether every character had a rule.
    pub(super) fn ends(self) -> bool {
        self.fits
    }

    /// A character without its accents.
    fn character(&mut self, character: char) {
        let letters = match character {
            'Œ' | 'œ' => "OE",
            'Æ' | 'æ' => "AE",
            'ß' | 'ẞ' => "SS",
            'Ø' | 'ø' | 'º' => "O",
            'Ł' | 'ł' => "L",
            'Đ' | 'đ' | 'Ð' | 'ð' => "D",
            'Þ' | 'þ' => "TH",
            'Ħ' | 'ħ' => "H",
            'ı' => "I",
            'ĸ' => "K",
            'Ŋ' | 'ŋ' => "NG",
            'Ŧ' | 'ŧ' => "T",
            'Ĳ' | 'ĳ' => "IJ",
            'ª' => "A",
            '&' => " ET ",
            '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
            '’' | '‘' | 'ʼ' | '`' | '´' | '′' => "'",
            '\t' | '\u{a0}' | '\u{2009}' | '\u{202f}' => " ",
            other => return other.to_uppercase().for_each(|capital| self.sign(capital)),
        };
        letters.chars().for_each(|letter| self.sign(letter));
    }

    /// A capital, a digit or a sign.
    fn sign(&mut self, sign: char) {
        let permitted = self.alphabet.contains(sign);
        let is_space = sign == ' ' || (!permitted && matches!(sign, '-' | '\'' | '.' | ',' | '/'));
        if is_space {
            self.fits &= self.alphabet.contains(' ');
            self.space = self.written.len() > self.begin;
            return;
        }
        self.fits &= permitted;
        if std::mem::take(&mut self.space) {
            self.written.push(' ');
        }
        self.written.push(sign);
    }
}
