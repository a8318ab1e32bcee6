//! Data codewords of a Data Matrix → the bytes that they encode (ISO/IEC 16022 5.2).
//!
//! Reads every encodation, as 2D-DOC asks of readers (specification 3.2.6, p. 138). Bytes stay as they were encoded: an
//! ECI, which says how to read them as text, changes none. Never corrects errors, never guesses a character set.

/// Codewords of the ASCII encodation that latch to another, or are no single character.
const PAD: u8 = 129;
const C40: u8 = 230;
const BASE_256: u8 = 231;
const FNC1: u8 = 232;
const STRUCTURED_APPEND: u8 = 233;
const READER_PROGRAMMING: u8 = 234;
const UPPER_SHIFT: u8 = 235;
const MACRO_05: u8 = 236;
const MACRO_06: u8 = 237;
const X12: u8 = 238;
const TEXT: u8 = 239;
const EDIFACT: u8 = 240;
const ECI: u8 = 241;
const UNLATCH: u8 = 254;

/// What FNC1 stands for within a message (ISO/IEC 15424).
const GROUP_SEPARATOR: u8 = 0x1D;

/// The second shift set: ISO/IEC 16022 table C.1.
const SHIFT_2: &[u8; 27] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_";

/// The bytes of data codewords without padding. `None` if they break the rules of their encodation.
pub(super) fn bytes(codewords: &[u8]) -> Option<Vec<u8>> {
    let mut reader =
        Reader { codewords, position: 0, out: Vec::with_capacity(codewords.len() * 3 / 2), upper: 0 };
    let trailer = reader.macro_header();
    // The position after the first codeword of the message.
    let first = if codewords.first() == Some(&STRUCTURED_APPEND) { 5 } else { 1 };
    while let Some(codeword) = reader.next() {
        match codeword {
            PAD => break,
            1..=128 => reader.push(codeword - 1),
            130..=229 => reader.out.extend([b'0' + (codeword - 130) / 10, b'0' + (codeword - 130) % 10]),
            C40 => reader.triples(&C40_SET)?,
            TEXT => reader.triples(&TEXT_SET)?,
            X12 => reader.triples(&X12_SET)?,
            EDIFACT => reader.edifact(),
            BASE_256 => reader.base_256()?,
            // First or second, it tells the kind of the message (5.2.4.6 and ISO/IEC 15424).
            FNC1 if (first..first + 2).contains(&reader.position) => {}
            FNC1 => reader.out.push(GROUP_SEPARATOR),
            STRUCTURED_APPEND => reader.position += 3,
            // Some encoders end with it.
            UNLATCH if reader.position == codewords.len() => {}
            READER_PROGRAMMING => {}
            UPPER_SHIFT => reader.upper = 128,
            ECI => reader.position += reader.eci_length()?,
            _ => return None,
        }
    }
    reader.out.extend_from_slice(trailer);
    Some(reader.out)
}

/// The characters of an encodation that packs three values in two codewords.
struct TripleSet {
    /// The character of a value from 3 to 39.
    base: fn(u8) -> u8,
    /// The character of a value of the third shift set.
    third: fn(u8) -> Option<u8>,
    /// Whether the values 0 to 2 are shifts.
    shifts: bool,
}

static C40_SET: TripleSet = TripleSet {
    base: |value| base(value, b'A'),
    third: |value| (value < 32).then_some(value + 96),
    shifts: true,
};
static TEXT_SET: TripleSet = TripleSet { base: |value| base(value, b'a'), third: text_third, shifts: true };
static X12_SET: TripleSet = TripleSet { base: |value| base(value, b'A'), third: |_| None, shifts: false };

fn base(value: u8, letters: u8) -> u8 {
    match value {
        3 => b' ',
        4..=13 => b'0' + value - 4,
        _ => letters + value - 14,
    }
}

fn text_third(value: u8) -> Option<u8> {
    match value {
        0 => Some(b'`'),
        1..=26 => Some(b'A' + value - 1),
        27..=31 => Some(b'{' + value - 27),
        _ => None,
    }
}

struct Reader<'a> {
    codewords: &'a [u8],
    /// The index of the next codeword.
    position: usize,
    out: Vec<u8>,
    /// What the next character is increased by: 128 after an upper shift, else 0.
    upper: u8,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let codeword = self.codewords.get(self.position).copied();
        self.position += usize::from(codeword.is_some());
        codeword
    }

    fn push(&mut self, character: u8) {
        self.out.push(character.wrapping_add(self.upper));
        self.upper = 0;
    }

    /// Writes the header that a macro in first position stands for. Returns its trailer (5.2.4.7).
    fn macro_header(&mut self) -> &'static [u8] {
        let header: &[u8] = match self.codewords.first() {
            Some(&MACRO_05) => b"[)>\x1e05\x1d",
            Some(&MACRO_06) => b"[)>\x1e06\x1d",
            _ => return b"",
        };
        self.position = 1;
        self.out.extend_from_slice(header);
        b"\x1e\x04"
    }

    /// The number of codewords of an ECI designator, which its first one determines (5.2.4.6).
    fn eci_length(&self) -> Option<usize> {
        match self.codewords.get(self.position)? {
            0..=127 => Some(1),
            128..=191 => Some(2),
            _ => Some(3),
        }
    }

    /// Reads C40, Text or X12: three values in two codewords, until an unlatch or a single codeword at the end (5.2.5 to
    /// 5.2.7).
    fn triples(&mut self, set: &TripleSet) -> Option<()> {
        let mut shift = None;
        while let Some(pair) = self.codewords.get(self.position..self.position + 2) {
            if pair[0] == UNLATCH {
                break;
            }
            self.position += 2;
            let triple = u16::from_be_bytes([pair[0], pair[1]]).checked_sub(1)?;
            for value in [triple / 1600, triple / 40 % 40, triple % 40] {
                self.value(u8::try_from(value).ok()?, set, &mut shift)?;
            }
        }
        if self.codewords.get(self.position) == Some(&UNLATCH) {
            self.position += 1;
        }
        Some(())
    }

    fn value(&mut self, value: u8, set: &TripleSet, shift: &mut Option<u8>) -> Option<()> {
        match (shift.take(), value) {
            (Some(0), 0..=31) => self.push(value),
            (Some(1), 0..=26) => self.push(SHIFT_2[usize::from(value)]),
            (Some(1), 27) => self.out.push(GROUP_SEPARATOR),
            (Some(1), 30) => self.upper = 128,
            (Some(2), _) => self.push((set.third)(value)?),
            (Some(_), _) => return None,
            (None, 0..=2) if set.shifts => *shift = Some(value),
            (None, 0..=2) => self.out.push([b'\r', b'*', b'>'][usize::from(value)]),
            (None, 3..=39) => self.push((set.base)(value)),
            (None, _) => return None,
        }
        Some(())
    }

    /// Reads EDIFACT: four characters in three codewords, until the unlatch 31 or fewer than three codewords (5.2.8).
    fn edifact(&mut self) {
        while let Some(&[a, b, c]) = self.codewords.get(self.position..self.position + 3) {
            for (index, value) in
                [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63].into_iter().enumerate()
            {
                if value == 31 {
                    self.position += index.min(2) + 1;
                    return;
                }
                self.out.push(if value < 32 { value | 64 } else { value });
            }
            self.position += 3;
        }
    }

    /// Reads Base 256: a length and as many bytes, all randomised by their position (5.2.9 and annex B.2).
    fn base_256(&mut self) -> Option<()> {
        let first = usize::from(self.derandomised()?);
        let length = match first {
            0 => self.codewords.len() - self.position,
            1..=249 => first,
            _ => 250 * (first - 249) + usize::from(self.derandomised()?),
        };
        for _ in 0..length {
            let byte = self.derandomised()?;
            self.out.push(byte);
        }
        Some(())
    }

    fn derandomised(&mut self) -> Option<u8> {
        let codeword = self.next()?;
        let pseudo_random = (149 * self.position) % 255 + 1;
        Some(codeword.wrapping_sub(pseudo_random as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datamatrix::data::encode_data;
    use datamatrix::{EncodationType, SymbolList};
    use proptest::prelude::*;

    #[test]
    fn every_mode_of_another_encoder_is_read() {
        let modes = [
            (EncodationType::Ascii, "abc 0123 \u{7f}é"),
            (EncodationType::C40, "DC04FR000001FFFF269BA601FR80A\u{1d}81B-c"),
            (EncodationType::Text, "dc04 fr-Zoé{}~"),
            (EncodationType::X12, "ABC>DEF*123\r456"),
            (EncodationType::Edifact, "ABC.DEF/GHI^12"),
            (EncodationType::Base256, "\u{dc}\u{4}\u{ff}\u{0}{\u{80}"),
        ];
        for (mode, text) in modes {
            let message: Vec<u8> = text.chars().map(|c| c as u8).collect();
            let (codewords, _) =
                encode_data(&message, &SymbolList::default(), None, mode | EncodationType::Ascii, false)
                    .unwrap();
            assert_eq!(bytes(&codewords), Some(message), "{mode:?}");
        }
    }

    #[test]
    fn an_eci_changes_no_byte_and_no_position() {
        // ECI 3 (ISO 8859-1), then Base 256 of two bytes, randomised by their positions from the third codeword on.
        let randomised = |byte: u8, position: usize| byte.wrapping_add(((149 * position) % 255 + 1) as u8);
        let codewords = [ECI, 4, BASE_256, randomised(2, 4), randomised(0xDC, 5), randomised(0x04, 6), PAD];
        assert_eq!(bytes(&codewords), Some(vec![0xDC, 0x04]));
        assert_eq!(bytes(&[STRUCTURED_APPEND, 1, 2, 3, b'A' + 1]), Some(b"A".to_vec()));
        assert_eq!(bytes(&[MACRO_05, b'A' + 1]), Some(b"[)>\x1e05\x1dA\x1e\x04".to_vec()));
        assert_eq!(bytes(&[FNC1, b'A' + 1, 255]), None);
        assert_eq!(bytes(&[b'A' + 1, FNC1, b'B' + 1, FNC1, UNLATCH]), Some(b"AB\x1d".to_vec()));
        assert_eq!(bytes(&[STRUCTURED_APPEND, 1, 2, 3, FNC1, b'A' + 1]), Some(b"A".to_vec()));
    }

    proptest! {
        #[test]
        fn any_message_of_another_encoder_comes_back(message in prop::collection::vec(any::<u8>(), 0..200)) {
            let modes = EncodationType::all();
            let (codewords, _) = encode_data(&message, &SymbolList::default(), None, modes, false).unwrap();
            prop_assert_eq!(bytes(&codewords), Some(message));
        }

        #[test]
        fn any_codewords_are_read_without_panic(codewords in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = bytes(&codewords);
        }
    }
}
