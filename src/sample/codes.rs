//! The invented codes of a sample's cards.
//!
//! Takes card numbers. Gives the plain text of a codes file in memory that is wiped, to be sealed.
//! Never writes it to a disk. The codes follow from the seed, so they protect nothing.

use std::io::{self, Write};

use zeroize::Zeroizing;

use super::dice::{Dice, Purpose};

const HEADER: &str = "card_number,pin,puk,assistance_code\n";

/// The longest line: ten digits, four, eight, six, three delimiters and the line end.
const LONGEST_LINE: usize = 10 + 4 + 8 + 6 + 4;

/// The PIN of test cards, which production refuses.
const TEST_PIN: u32 = 1234;

/// The plain text of a codes file that is being made.
pub(super) struct CodesSheet {
    seed: u64,
    plain: Zeroizing<Vec<u8>>,
}

impl CodesSheet {
    /// A sheet for so many cards. It has room for all of them from the start: growing would leave copies behind.
    pub fn new(seed: u64, cards: u32) -> io::Result<CodesSheet> {
        let mut plain = Zeroizing::new(Vec::with_capacity(HEADER.len() + cards as usize * LONGEST_LINE));
        plain.write_all(HEADER.as_bytes())?;
        Ok(CodesSheet { seed, plain })
    }

    /// Adds the codes of a card; a card for tests has PIN 1234, any other has another.
    pub fn add(&mut self, place: u32, card_number: &str, test: bool) -> io::Result<()> {
        let dice = &mut Dice::new(self.seed, place, Purpose::Codes);
        let drawn = dice.below(9_999);
        // 0 to 9999 without 1234: what would be 1234 or more moves up by one.
        let pin = if test { TEST_PIN } else { drawn + u32::from(drawn >= TEST_PIN) };
        let puk = dice.below(100_000_000);
        write!(*self.plain, "{card_number},{pin:04},{puk:08},")?;
        // An empty assistance code stands for the first three digits of the PUK (pieces.md §2).
        match dice.chance(150) {
            true => writeln!(*self.plain),
            false => writeln!(*self.plain, "{:06}", dice.below(1_000_000)),
        }
    }

    /// The plain text.
    pub fn plain(&self) -> &[u8] {
        &self.plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_card_has_the_test_pin_unless_asked() {
        let mut sheet = CodesSheet::new(1, 50_000).expect("memory");
        let room = sheet.plain.capacity();
        for place in 0..50_000 {
            sheet.add(place, "2400140649", false).expect("memory");
        }
        let text = String::from_utf8(sheet.plain().to_vec()).expect("ASCII");
        assert!(!text.contains(",1234,") && text.contains(",1233,") && text.contains(",1235,"));
        assert_eq!(sheet.plain.capacity(), room, "the text was copied");
        sheet.add(0, "2400140649", true).expect("memory");
        assert!(sheet.plain().ends_with(b"\n") && sheet.plain().windows(6).any(|text| text == b",1234,"));
    }
}
