//! Bytes as words that can be spoken and typed, and as text of a machine code.
//!
//! A word is a proquint (D. Wilkerson, 2009): 16 bits as five letters, consonants and vowels in turn (`lusab`). A rule makes the
//! words, no list. A line has a label, seven words of 14 bytes and a word that checks both.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";
/// The alphabet of RFC 4648, section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The bytes of a line.
pub(super) const LINE: usize = 14;
/// The words of a line, the checking one included.
pub(super) const WORDS: usize = LINE / 2 + 1;

/// A line: label, words, checking word. Bytes that lack are zeros.
pub(super) fn line(label: &str, bytes: &[u8]) -> Zeroizing<String> {
    let mut padded = Zeroizing::new([0u8; LINE]);
    padded.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    let mut text = Zeroizing::new(String::with_capacity(label.len() + 6 * WORDS));
    text.push_str(label);
    let pairs = padded.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    for word in pairs.chain([check(label, &padded[..])]) {
        text.push(' ');
        push_word(&mut text, word);
    }
    text
}

/// What is wrong with a line, without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineFault {
    /// It has this many words.
    Count(usize),
    /// The nth, from 1, is no word.
    Word(usize),
    /// All are words, and the last one is not that of the others.
    Check,
}

/// The bytes of a line's words, which follow its label.
pub(super) fn bytes_of_line(label: &str, words: &[&str]) -> Result<Zeroizing<[u8; LINE]>, LineFault> {
    if words.len() != WORDS {
        return Err(LineFault::Count(words.len()));
    }
    let mut bytes = Zeroizing::new([0u8; LINE + 2]);
    for (number, (word, pair)) in (1..).zip(words.iter().zip(bytes.chunks_exact_mut(2))) {
        pair.copy_from_slice(&value(word).ok_or(LineFault::Word(number))?.to_be_bytes());
    }
    let mut payload = Zeroizing::new([0u8; LINE]);
    payload.copy_from_slice(&bytes[..LINE]);
    match bytes[LINE..] == check(label, &payload[..]).to_be_bytes() {
        true => Ok(payload),
        false => Err(LineFault::Check),
    }
}

/// The checking word of a line: of a million mistyped lines some fifteen pass, and the share's own digest finds those.
fn check(label: &str, bytes: &[u8]) -> u16 {
    let digest = Sha256::new().chain_update(label).chain_update(b":").chain_update(bytes).finalize();
    u16::from_be_bytes([digest[0], digest[1]])
}

fn push_word(text: &mut String, word: u16) {
    let consonant = |shift: u16| char::from(CONSONANTS[usize::from(word >> shift & 15)]);
    let vowel = |shift: u16| char::from(VOWELS[usize::from(word >> shift & 3)]);
    text.extend([consonant(12), vowel(10), consonant(6), vowel(4), consonant(0)]);
}

/// The 16 bits of a word, in upper or lower case.
fn value(word: &str) -> Option<u16> {
    let letters: &[u8; 5] = word.as_bytes().try_into().ok()?;
    letters.iter().enumerate().try_fold(0u16, |value, (place, letter)| {
        let letter = letter.to_ascii_lowercase();
        let (alphabet, bits): (&[u8], _) = if place % 2 == 0 { (CONSONANTS, 4) } else { (VOWELS, 2) };
        let index = alphabet.iter().position(|known| *known == letter)?;
        Some(value << bits | index as u16)
    })
}

/// Appends bytes in base32, without padding.
pub(super) fn push_base32(text: &mut String, bytes: &[u8]) {
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        (held, bits) = (held << 8 | u32::from(*byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(BASE32[(held << (5 - bits) & 31) as usize]));
    }
}

/// The bytes of a text in base32; `None` where it is none.
pub(super) fn bytes_of_base32(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8 + 1));
    let (mut held, mut bits) = (0u32, 0);
    for letter in text.bytes() {
        let letter = letter.to_ascii_uppercase();
        let index = BASE32.iter().position(|known| *known == letter)? as u32;
        (held, bits) = (held << 5 | index, bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
        held &= (1 << bits) - 1;
    }
    (held == 0 && bits < 5).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_words_of_the_proposal_are_ours() {
        // Examples of D. Wilkerson's article: IP addresses as two words each.
        for (address, words) in [
            ([127, 0, 0, 1], "lusab babad"),
            ([63, 84, 220, 193], "gutih tugad"),
            ([147, 67, 119, 2], "natag lisaf"),
        ] {
            let line = line("s1", &address);
            assert!(line.starts_with(&format!("s1 {words} ")), "{}", *line);
        }
        let line = line("s1", &[127, 0, 0, 1]);
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        assert!(bytes_of_line("s1", &words).is_ok());
        for (label, words, fault) in [
            ("s2", &words[..], LineFault::Check),
            ("s1", &words[1..], LineFault::Count(WORDS - 1)),
            (
                "s1",
                &["lusab", "babad", "babax", "babab", "babab", "babab", "babab", "babab"],
                LineFault::Word(3),
            ),
        ] {
            assert_eq!(bytes_of_line(label, words).map(|bytes| *bytes), Err(fault));
        }
        // RFC 4648, section 10.
        for (bytes, text) in [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            let mut own = String::new();
            push_base32(&mut own, bytes.as_bytes());
            assert_eq!(own, text);
        }
        assert!(bytes_of_base32("MZ").is_none() && bytes_of_base32("M1").is_none());
    }

    proptest! {
        #[test]
        fn bytes_come_back_and_a_mistyped_word_is_found(
            bytes in proptest::array::uniform14(any::<u8>()),
            place in 0..WORDS,
            letter in 0usize..5,
            other in any::<proptest::sample::Index>(),
        ) {
            let text = line("k12", &bytes);
            let mut words: Vec<&str> = text.split(' ').skip(1).collect();
            prop_assert_eq!(*bytes_of_line("k12", &words).unwrap(), bytes);
            let upper = words.iter().map(|word| word.to_uppercase()).collect::<Vec<_>>();
            let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
            prop_assert_eq!(*bytes_of_line("k12", &upper).unwrap(), bytes);
            let alphabet: &[u8] = if letter % 2 == 0 { CONSONANTS } else { VOWELS };
            let mut wrong = words[place].as_bytes().to_vec();
            wrong[letter] = alphabet[other.index(alphabet.len())];
            let wrong = String::from_utf8(wrong).unwrap();
            if wrong != words[place] {
                words[place] = &wrong;
                prop_assert_ne!(bytes_of_line("k12", &words).ok().map(|bytes| *bytes), Some(bytes));
            }
            let mut code = String::new();
            push_base32(&mut code, &bytes);
            prop_assert_eq!(&**bytes_of_base32(&code).unwrap(), &bytes[..]);
        }
    }
}
