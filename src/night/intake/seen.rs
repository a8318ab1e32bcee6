//! The card numbers of a night, in twenty bytes each.

use super::CardNumber;

/// Where each card number was first seen.
#[derive(Default)]
pub(super) struct Seen {
    rows: Vec<Row>,
    /// One more than a row's index, or 0; as many as a power of two, at most half of them used.
    table: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Row {
    number: CardNumber,
    file: u16,
    line: u32,
}

impl Seen {
    /// Remembers a card number; gives the file and the line of the row that had it before, if any.
    pub fn add(&mut self, number: CardNumber, file: usize, line: u64) -> Option<(usize, u64)> {
        if self.table.len() < 2 * (self.rows.len() + 1) {
            self.grow();
        }
        let place = self.place(number);
        match self.table[place] {
            0 => {
                self.rows.push(Row { number, file: file as u16, line: line as u32 });
                self.table[place] = self.rows.len() as u32;
                None
            }
            known => {
                let row = self.rows[known as usize - 1];
                Some((usize::from(row.file), u64::from(row.line)))
            }
        }
    }

    fn grow(&mut self) {
        self.table = vec![0; (2 * self.table.len()).max(1024)];
        for index in 0..self.rows.len() {
            let place = self.place(self.rows[index].number);
            self.table[place] = index as u32 + 1;
        }
    }

    /// The place of a number, or the free one where it belongs.
    fn place(&self, number: CardNumber) -> usize {
        let mask = self.table.len() - 1;
        let digits = number.as_str().bytes();
        let value = digits.fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
        let mut place = (value.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        while self.table[place] != 0 && self.rows[self.table[place] as usize - 1].number != number {
            place = (place + 1) & mask;
        }
        place
    }
}
