//! Prefix codes of deflated data (RFC 1951 §3.2.2), and the bits that they are read from.

use super::Problem;

/// Bits of a code that is looked up in one step.
const FAST: u32 = 10;
/// The longest code.
const LONGEST: usize = 15;
/// How many codes of a kind are kept.
const KEPT: usize = 4;

/// The data is not what RFC 1951 allows.
pub(super) const DAMAGED: Problem = "a stream that can't be inflated";

/// Reads bits, the lowest of each byte first.
pub(super) struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
    buffer: u64,
    count: u32,
}

impl<'b> Bits<'b> {
    /// The bits of `bytes`, from a byte on.
    pub fn new(bytes: &'b [u8], at: usize) -> Bits<'b> {
        Bits { bytes, at, buffer: 0, count: 0 }
    }

    /// Makes at least 56 bits ready, or all that are left. Those after the end are 0.
    #[inline]
    pub fn refill(&mut self) {
        if let Some(Ok(eight)) = self.bytes.get(self.at..self.at + 8).map(<[u8; 8]>::try_from) {
            self.buffer |= u64::from_le_bytes(eight) << self.count;
            self.at += ((63 - self.count) >> 3) as usize;
            self.count |= 56;
            return;
        }
        while self.count < 56
            && let Some(&byte) = self.bytes.get(self.at)
        {
            self.buffer |= u64::from(byte) << self.count;
            self.at += 1;
            self.count += 8;
        }
    }

    /// Takes up to 16 bits that are ready.
    #[inline]
    pub fn take(&mut self, count: u32) -> Result<u32, Problem> {
        let bits = (self.buffer & ((1 << count) - 1)) as u32;
        self.drop_bits(count)?;
        Ok(bits)
    }

    #[inline]
    fn drop_bits(&mut self, count: u32) -> Result<(), Problem> {
        self.count = self.count.checked_sub(count).ok_or(DAMAGED)?;
        self.buffer >>= count;
        Ok(())
    }

    /// Passes over what is left of a byte, and gives back whole bytes. Returns where the next byte is.
    pub fn align(&mut self) -> usize {
        self.at -= (self.count / 8) as usize;
        (self.buffer, self.count) = (0, 0);
        self.at
    }
}

/// A prefix code.
pub(super) struct Code {
    /// By the next bits: the symbol, and in the lowest four bits its length; 0 if the code is longer or none.
    fast: [u16; 1 << FAST],
    /// How many codes there are of each length.
    counts: [u16; LONGEST + 1],
    /// The symbols in the order of their codes.
    symbols: [u16; 288],
    /// The lengths that it is made of; none if it is no code.
    lengths: Vec<u8>,
}

impl Default for Code {
    fn default() -> Code {
        Code { fast: [0; 1 << FAST], counts: [0; LONGEST + 1], symbols: [0; 288], lengths: Vec::new() }
    }
}

/// The codes that were made last. A writer may use few codes for all of its streams.
#[derive(Default)]
pub(super) struct Codes {
    made: Vec<Code>,
    /// The one that is made anew next.
    oldest: usize,
}

impl Codes {
    /// The code of symbols with these lengths; 0 is no code.
    pub fn of(&mut self, lengths: &[u8]) -> Result<&Code, Problem> {
        let known = self.made.iter().position(|code| !lengths.is_empty() && code.lengths == lengths);
        let index = match known {
            Some(index) => index,
            None if self.made.len() < KEPT => {
                self.made.push(Code::default());
                self.made.len() - 1
            }
            None => {
                self.oldest = (self.oldest + 1) % KEPT;
                self.oldest
            }
        };
        let code = self.made.get_mut(index).ok_or(DAMAGED)?;
        if known.is_none() {
            code.set(lengths)?;
        }
        Ok(code)
    }
}

impl Code {
    /// Makes the code of symbols with these lengths; 0 is no code.
    fn set(&mut self, lengths: &[u8]) -> Result<(), Problem> {
        self.lengths.clear();
        self.make(lengths)?;
        self.lengths.extend_from_slice(lengths);
        Ok(())
    }

    fn make(&mut self, lengths: &[u8]) -> Result<(), Problem> {
        self.counts = [0; LONGEST + 1];
        lengths.iter().for_each(|length| self.counts[usize::from(*length)] += 1);
        let used = lengths.len() - usize::from(self.counts[0]);
        self.counts[0] = 0;
        let mut left = 1i32;
        let (mut next, mut places) = ([0u32; LONGEST + 2], [0u16; LONGEST + 2]);
        for length in 1..=LONGEST {
            left = 2 * left - i32::from(self.counts[length]);
            if left < 0 {
                return Err(DAMAGED);
            }
            next[length + 1] = (next[length] + u32::from(self.counts[length])) << 1;
            places[length + 1] = places[length] + self.counts[length];
        }
        // A code may be incomplete only if it has one symbol, or none.
        if left > 0 && used > 1 {
            return Err(DAMAGED);
        }
        self.fast = [0; 1 << FAST];
        for (symbol, length) in (0u16..).zip(lengths).filter(|(_, length)| **length > 0) {
            let bits = usize::from(*length);
            self.symbols[usize::from(places[bits])] = symbol;
            places[bits] += 1;
            let code = next[bits];
            next[bits] += 1;
            self.set_fast(code, u32::from(*length), symbol);
        }
        Ok(())
    }

    fn set_fast(&mut self, code: u32, length: u32, symbol: u16) {
        if length > FAST {
            return;
        }
        let first = (code.reverse_bits() >> (32 - length)) as usize;
        for entry in self.fast.iter_mut().skip(first).step_by(1 << length) {
            *entry = symbol << 4 | length as u16;
        }
    }

    /// Takes the next symbol.
    #[inline]
    pub fn next(&self, bits: &mut Bits) -> Result<u16, Problem> {
        let entry = self.fast[(bits.buffer & ((1 << FAST) - 1)) as usize];
        if entry == 0 {
            return self.next_long(bits);
        }
        bits.drop_bits(u32::from(entry & 15))?;
        Ok(entry >> 4)
    }

    /// Takes the next symbol bit by bit.
    fn next_long(&self, bits: &mut Bits) -> Result<u16, Problem> {
        let (mut code, mut first, mut place) = (0u32, 0u32, 0u32);
        for length in 1..=LONGEST {
            code |= (bits.buffer >> (length - 1) & 1) as u32;
            let count = u32::from(self.counts[length]);
            if code < first + count {
                bits.drop_bits(length as u32)?;
                return self.symbols.get((place + code - first) as usize).copied().ok_or(DAMAGED);
            }
            place += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(DAMAGED)
    }
}
