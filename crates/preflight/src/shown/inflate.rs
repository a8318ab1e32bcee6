//! Inflates zlib streams (RFC 1950, RFC 1951) into bytes that are wiped. Keeps nothing of what it inflates.

use super::Problem;
use super::huffman::{Bits, Code, Codes, DAMAGED};
use super::plain::{Plain, TOO_LONG};

/// The least length of each symbol of a length, and how many bits follow it.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
/// The least distance of each symbol of a distance, and how many bits follow it.
const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];
/// The order in which the lengths of the code of lengths are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// The longest copy.
const LONGEST_COPY: usize = 258;

/// Inflates streams. Keeps its tables between them.
#[derive(Default)]
pub(super) struct Inflate {
    /// Codes in which the lengths of the others are written.
    lengths: Codes,
    literals: Codes,
    distances: Codes,
}

impl Inflate {
    /// Appends what `bytes` inflate to, up to `limit` bytes in all. Returns how many of `bytes` that took.
    pub fn inflate(&mut self, bytes: &[u8], out: &mut Plain, limit: usize) -> Result<usize, Problem> {
        let begin = out.len();
        let (&method, &flags) = bytes.first().zip(bytes.get(1)).ok_or(DAMAGED)?;
        let check = u16::from(method) << 8 | u16::from(flags);
        // Deflate, a window that is not too large, and no dictionary.
        if method & 15 != 8 || method >> 4 > 7 || flags & 32 != 0 || !check.is_multiple_of(31) {
            return Err(DAMAGED);
        }
        let mut bits = Bits::new(bytes, 2);
        loop {
            bits.refill();
            let last = bits.take(1)? == 1;
            match bits.take(2)? {
                0 => {
                    let at = stored(bytes, bits.align(), out, limit)?;
                    bits = Bits::new(bytes, at);
                }
                1 => block(self.fixed_codes()?, &mut bits, out, begin, limit)?,
                2 => block(self.read_codes(&mut bits)?, &mut bits, out, begin, limit)?,
                _ => return Err(DAMAGED),
            }
            if last {
                break;
            }
        }
        let at = bits.align();
        let sum = bytes.get(at..at + 4).ok_or(DAMAGED)?;
        let expected = sum.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
        if adler32(out.bytes().get(begin..).unwrap_or_default()) != expected {
            return Err(DAMAGED);
        }
        Ok(at + 4)
    }

    /// The codes of a block without codes of its own (RFC 1951 §3.2.6).
    fn fixed_codes(&mut self) -> Result<BlockCodes<'_>, Problem> {
        let mut lengths = [8u8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        Ok(BlockCodes { literals: self.literals.of(&lengths)?, distances: self.distances.of(&[5; 32])? })
    }

    /// Reads the codes of a block (RFC 1951 §3.2.7).
    fn read_codes(&mut self, bits: &mut Bits) -> Result<BlockCodes<'_>, Problem> {
        bits.refill();
        let literals = 257 + bits.take(5)? as usize;
        let distances = 1 + bits.take(5)? as usize;
        let written = 4 + bits.take(4)? as usize;
        if literals > 286 || distances > 30 {
            return Err(DAMAGED);
        }
        let mut lengths = [0u8; 19];
        for place in ORDER.iter().take(written) {
            bits.refill();
            lengths[*place] = bits.take(3)? as u8;
        }
        let code = self.lengths.of(&lengths)?;
        let mut lengths = [0u8; 286 + 30];
        let mut known = 0;
        while known < literals + distances {
            bits.refill();
            let (length, count) = match code.next(bits)? {
                16 => (*lengths[..known].last().ok_or(DAMAGED)?, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (length as u8, 1),
            };
            let end = known + count as usize;
            if end > literals + distances {
                return Err(DAMAGED);
            }
            lengths[known..end].fill(length);
            known = end;
        }
        // A block without an end would never end.
        if lengths[256] == 0 {
            return Err(DAMAGED);
        }
        let (literals, distances) = lengths[..known].split_at(literals);
        Ok(BlockCodes { literals: self.literals.of(literals)?, distances: self.distances.of(distances)? })
    }
}

/// The codes of a block.
struct BlockCodes<'c> {
    literals: &'c Code,
    distances: &'c Code,
}

/// Inflates a block with codes. Copies reach back to `begin` at most.
fn block(
    codes: BlockCodes,
    bits: &mut Bits,
    out: &mut Plain,
    begin: usize,
    limit: usize,
) -> Result<(), Problem> {
    loop {
        let room = out.room(LONGEST_COPY);
        if *room.used > limit {
            return Err(TOO_LONG);
        }
        // As many symbols as there is room for.
        while *room.used + LONGEST_COPY <= room.bytes.len() && *room.used <= limit {
            bits.refill();
            let symbol = codes.literals.next(bits)?;
            if symbol < 256 {
                room.bytes[*room.used] = symbol as u8;
                *room.used += 1;
                continue;
            }
            if symbol == 256 {
                return if *room.used <= limit { Ok(()) } else { Err(TOO_LONG) };
            }
            let (length, more) = *LENGTHS.get(usize::from(symbol) - 257).ok_or(DAMAGED)?;
            let length = usize::from(length) + bits.take(u32::from(more))? as usize;
            let symbol = codes.distances.next(bits)?;
            let (distance, more) = *DISTANCES.get(usize::from(symbol)).ok_or(DAMAGED)?;
            let distance = usize::from(distance) + bits.take(u32::from(more))? as usize;
            let from = room.used.checked_sub(distance).filter(|from| *from >= begin).ok_or(DAMAGED)?;
            copy(room.bytes, from, *room.used, length);
            *room.used += length;
        }
    }
}

/// Copies `length` bytes, which may overlap those that are copied.
fn copy(bytes: &mut [u8], from: usize, to: usize, length: usize) {
    if from + length <= to {
        bytes.copy_within(from..from + length, to);
    } else {
        for step in 0..length {
            bytes[to + step] = bytes[from + step];
        }
    }
}

/// Appends a block that is not deflated (RFC 1951 §3.2.4). Returns where the next begins.
fn stored(bytes: &[u8], at: usize, out: &mut Plain, limit: usize) -> Result<usize, Problem> {
    let Some(&[low, high, low_check, high_check]) = bytes.get(at..at + 4) else { return Err(DAMAGED) };
    if low != !low_check || high != !high_check {
        return Err(DAMAGED);
    }
    let length = usize::from(high) << 8 | usize::from(low);
    let end = at + 4 + length;
    out.push(bytes.get(at + 4..end).ok_or(DAMAGED)?, limit)?;
    Ok(end)
}

/// The check sum of RFC 1950 §8.2.
fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    // As many as do not overflow.
    for chunk in bytes.chunks(5552) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % 65521, b % 65521);
    }
    b << 16 | a
}
