//! The invented codes of a sample's cards.
//!
//! The plain text of the codes file is held in memory, sealed, and wiped; it is never written to disk. The codes are derived
//! from the seed, so they protect nothing.

use std::io::{self, Write};

use zeroize::Zeroizing;

use super::random::{Purpose, Random};
use crate::vault::is_simple_pin;

const HEADER: &str = "card_number,pin,puk,assistance_code\n";

/// The longest line: ten digits, four, eight, six, three delimiters and the line end.
const LONGEST_LINE: usize = 10 + 4 + 8 + 6 + 4;

/// The PIN of test cards, which production refuses.
const TEST_PIN: u32 = 1234;

/// The plain text of a codes file.
pub(super) struct CodesText {
    seed: u64,
    plain: Zeroizing<Vec<u8>>,
}

impl CodesText {
    /// Begins the text for a number of cards, with room for all of them: growing would leave copies in memory.
    pub(super) fn new(seed: u64, cards: u32) -> io::Result<CodesText> {
        let mut plain = Zeroizing::new(Vec::with_capacity(HEADER.len() + cards as usize * LONGEST_LINE));
        plain.write_all(HEADER.as_bytes())?;
        Ok(CodesText { seed, plain })
    }

    /// Adds the codes of a record's card. A test card has the PIN 1234, which no other card has.
    pub(super) fn add(&mut self, record: u32, card_number: &str, test: bool) -> io::Result<()> {
        let random = &mut Random::new(self.seed, record, Purpose::Codes);
        let drawn = random.below(9_999);
        // 0 to 9999 without 1234: numbers from 1234 on are raised by one.
        let pin = if test { TEST_PIN } else { no_simple_pin(drawn + u32::from(drawn >= TEST_PIN)) };
        let puk = random.below(100_000_000);
        write!(*self.plain, "{card_number},{pin:04},{puk:08},")?;
        // An empty assistance code stands for the first three digits of the PUK (pieces.md §2).
        match random.chance(150) {
            true => writeln!(*self.plain),
            false => writeln!(*self.plain, "{:06}", random.below(1_000_000)),
        }
    }

    /// The plain text.
    pub(super) fn plain(&self) -> &[u8] {
        &self.plain
    }
}

/// The PIN, or the next one that is neither the test PIN nor guessed first, as a sound maker of codes leaves these out.
fn no_simple_pin(mut pin: u32) -> u32 {
    while pin == TEST_PIN || is_simple_pin(u64::from(pin)) {
        pin = (pin + 1) % 10_000;
    }
    pin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_card_has_the_test_pin_unless_asked() {
        let mut sheet = CodesText::new(1, 50_000).expect("memory");
        let room = sheet.plain.capacity();
        for record in 0..50_000 {
            sheet.add(record, "2400140649", false).expect("memory");
        }
        let text = String::from_utf8(sheet.plain().to_vec()).expect("ASCII");
        assert!(!text.contains(",1234,") && text.contains(",1233,") && text.contains(",1235,"));
        assert_eq!(sheet.plain.capacity(), room, "the text was copied");
        sheet.add(0, "2400140649", true).expect("memory");
        assert!(sheet.plain().ends_with(b"\n") && sheet.plain().windows(6).any(|text| text == b",1234,"));
    }
}
