//! The card numbers of a night, in twenty bytes each.

use mail::card::CardNumber;

/// The row in which each card number was first seen: a hash table with linear probing.
#[derive(Default)]
pub(super) struct CardIndex {
    rows: Vec<FirstRow>,
    /// One more than an index into `rows`, or 0 for a free slot. A power of two slots, at most half of them used.
    slots: Vec<u32>,
}

#[derive(Clone, Copy)]
struct FirstRow {
    number: CardNumber,
    file: u16,
    line: u32,
}

impl CardIndex {
    /// Adds a card number. Returns the file and line of the row that had it before, if any.
    pub(super) fn add(&mut self, number: CardNumber, file: usize, line: u64) -> Option<(usize, u64)> {
        if self.slots.len() < 2 * (self.rows.len() + 1) {
            self.grow();
        }
        let slot = self.slot(number);
        match self.slots[slot] {
            0 => {
                self.rows.push(FirstRow { number, file: file as u16, line: line as u32 });
                self.slots[slot] = self.rows.len() as u32;
                None
            }
            known => {
                let row = self.rows[known as usize - 1];
                Some((usize::from(row.file), u64::from(row.line)))
            }
        }
    }

    fn grow(&mut self) {
        self.slots = vec![0; (2 * self.slots.len()).max(1024)];
        for index in 0..self.rows.len() {
            let slot = self.slot(self.rows[index].number);
            self.slots[slot] = index as u32 + 1;
        }
    }

    /// The slot of a number, or the free slot where it is to be put.
    fn slot(&self, number: CardNumber) -> usize {
        let mask = self.slots.len() - 1;
        let digits = number.as_str().bytes();
        let value = digits.fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
        let mut slot = (value.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        while self.slots[slot] != 0 && self.rows[self.slots[slot] as usize - 1].number != number {
            slot = (slot + 1) & mask;
        }
        slot
    }
}
