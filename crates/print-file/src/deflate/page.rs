//! Deflate (RFC 1951) for pages: a kilobyte at a time, millions of times.
//!
//! A general compressor spends most of its time on the codes of so small a block. Here the marks go into one block
//! whose code lengths come straight from the counts, and the masks of symbols, which have nothing to gain, into a
//! block with the standard's own codes.

use std::cell::RefCell;

use zeroize::Zeroize;

use super::codes::{Codes, DISTANCES, LITERALS, code_lengths, fixed};

/// The longest input: all of it is within reach of a match.
pub(super) const LONGEST: usize = 1 << 15;

const SHORTEST_MATCH: usize = 3;
const LONGEST_MATCH: usize = 258;
const END_OF_BLOCK: usize = 256;
const HASH_BITS: u32 = 11;

/// The code of each match length, from 257 on counted, by the length.
const CODE_OF_LENGTH: [u8; LONGEST_MATCH + 1] = {
    let mut codes = [0; LONGEST_MATCH + 1];
    let (mut length, mut code) = (SHORTEST_MATCH, 0);
    while length <= LONGEST_MATCH {
        if code + 1 < LENGTH_CODES.len() && LENGTH_CODES[code + 1].0 as usize <= length {
            code += 1;
        }
        codes[length] = code as u8;
        length += 1;
    }
    codes
};

/// Where each match length's code begins, from code 257 on, with how many bits follow it.
const LENGTH_CODES: [(u16, u8); 29] = [
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

/// A literal, or a match of a length at a distance.
#[derive(Clone, Copy)]
struct Token(u32);

impl Token {
    fn literal(byte: u8) -> Token {
        Token(u32::from(byte))
    }

    fn matching(length: usize, distance: usize) -> Token {
        Token((distance as u32) << 16 | length as u32)
    }

    /// Length, or literal, and distance, which is 0 of a literal.
    fn parts(self) -> (u16, u16) {
        (self.0 as u16, (self.0 >> 16) as u16)
    }
}

/// What a page is worked on with: kept by each thread from page to page, and wiped in between.
struct Desk {
    /// By what three bytes hash to: the last place of such three, from 1.
    seen: [u16; 1 << HASH_BITS],
    tokens: Vec<Token>,
    bits: Bits,
}

thread_local! {
    static DESK: RefCell<Desk> = const {
        RefCell::new(Desk {
            seen: [0; 1 << HASH_BITS],
            tokens: Vec::new(),
            bits: Bits { out: Vec::new(), held: 0, count: 0 },
        })
    };
}

/// Deflates `marks` bytes and the symbols behind them as one stream with the frame of RFC 1950. Together they have at
/// most [`LONGEST`] bytes.
pub(super) fn deflate(plain: &[u8], marks: usize) -> Vec<u8> {
    DESK.with_borrow_mut(|Desk { seen, tokens, bits }| {
        let symbols = plain.len() > marks;
        bits.out.reserve(plain.len() + 256);
        bits.out.extend_from_slice(&[0x78, 0x01]);
        find_matches(plain, 0..marks, seen, tokens);
        bits.push(u64::from(!symbols) | 2 << 1, 3);
        own_codes(bits, tokens);
        if symbols {
            wipe(tokens);
            find_matches(plain, marks..plain.len(), seen, tokens);
            bits.push(1 | 1 << 1, 3);
            bits.tokens(tokens, fixed());
        }
        wipe(tokens);
        seen.zeroize();
        bits.finish(adler32(plain))
    })
}

fn wipe(tokens: &mut Vec<Token>) {
    tokens.iter_mut().for_each(|token| token.0.zeroize());
    tokens.clear();
}

/// Reads `range` of `plain` as tokens. Matches may reach back before it.
fn find_matches(
    plain: &[u8],
    range: std::ops::Range<usize>,
    seen: &mut [u16; 1 << HASH_BITS],
    tokens: &mut Vec<Token>,
) {
    tokens.reserve(range.len());
    let mut at = range.start;
    while at < range.end {
        let earlier = remember(plain, at, range.end, seen);
        let length = earlier.map_or(0, |earlier| common(plain, earlier, at, range.end));
        match earlier {
            Some(earlier) if length >= SHORTEST_MATCH => {
                (at + 1..at + length).for_each(|place| {
                    remember(plain, place, range.end, seen);
                });
                tokens.push(Token::matching(length, at - earlier));
                at += length;
            }
            _ => {
                tokens.push(Token::literal(plain[at]));
                at += 1;
            }
        }
    }
}

/// Notes that the three bytes at `at` stand there; gives the last place of three that look alike.
fn remember(plain: &[u8], at: usize, end: usize, seen: &mut [u16; 1 << HASH_BITS]) -> Option<usize> {
    let three = plain[..end].get(at..at + SHORTEST_MATCH)?;
    let key = u32::from_le_bytes([three[0], three[1], three[2], 0]).wrapping_mul(0x9E37_79B1);
    let place = &mut seen[(key >> (32 - HASH_BITS)) as usize];
    let earlier = usize::from(*place).checked_sub(1);
    *place = at as u16 + 1;
    earlier
}

/// How many bytes at the two places are the same.
fn common(plain: &[u8], earlier: usize, at: usize, end: usize) -> usize {
    let most = (end - at).min(LONGEST_MATCH);
    let (before, here) = (&plain[earlier..earlier + most], &plain[at..at + most]);
    let (eights, _) = before.as_chunks::<8>();
    let (eights_here, _) = here.as_chunks::<8>();
    for (rank, (a, b)) in eights.iter().zip(eights_here).enumerate() {
        let differing = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differing != 0 {
            return 8 * rank + differing.trailing_zeros() as usize / 8;
        }
    }
    let rest = 8 * eights.len();
    rest + before[rest..].iter().zip(&here[rest..]).take_while(|(a, b)| a == b).count()
}

/// Writes a block's codes, then its tokens.
fn own_codes(bits: &mut Bits, tokens: &[Token]) {
    let mut literals = [0u16; LITERALS];
    let mut distances = [0u16; DISTANCES];
    literals[END_OF_BLOCK] = 1;
    for token in tokens {
        match token.parts() {
            (byte, 0) => literals[usize::from(byte)] += 1,
            (length, distance) => {
                literals[length_code(length).0] += 1;
                distances[distance_code(distance).0] += 1;
            }
        }
    }
    let (literals, distances) = (code_lengths(&literals), code_lengths(&distances));
    super::codes::describe(&literals, &distances, |value, count| bits.push(value, count));
    bits.tokens(tokens, &Codes::new(&literals, &distances));
}

/// The code of a match length, with the bits that follow it and how many they are.
fn length_code(length: u16) -> (usize, u64, u32) {
    let code = usize::from(CODE_OF_LENGTH[usize::from(length)]);
    let (first, extra) = LENGTH_CODES[code];
    (257 + code, u64::from(length - first), u32::from(extra))
}

/// The code of a distance, likewise.
fn distance_code(distance: u16) -> (usize, u64, u32) {
    let distance = u32::from(distance) - 1;
    if distance < 4 {
        return (distance as usize, 0, 0);
    }
    let extra = 30 - distance.leading_zeros();
    let code = 2 * extra + (distance >> extra);
    (code as usize, u64::from(distance & ((1 << extra) - 1)), extra)
}

/// Bits on their way to bytes, the lowest first.
struct Bits {
    out: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    /// At most 32 bits.
    fn push(&mut self, value: u64, count: u32) {
        self.held |= value << self.count;
        self.count += count;
        if self.count >= 32 {
            self.out.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    /// A code and what follows it.
    fn code(&mut self, (code, length): (u16, u8), rest: u64, extra: u32) {
        self.push(u64::from(code) | rest << length, u32::from(length) + extra);
    }

    /// The tokens of a block and its end.
    fn tokens(&mut self, tokens: &[Token], codes: &Codes) {
        for token in tokens {
            match token.parts() {
                (byte, 0) => self.code(codes.literals[usize::from(byte)], 0, 0),
                (length, distance) => {
                    let (code, rest, extra) = length_code(length);
                    self.code(codes.literals[code], rest, extra);
                    let (code, rest, extra) = distance_code(distance);
                    self.code(codes.distances[code], rest, extra);
                }
            }
        }
        self.code(codes.literals[END_OF_BLOCK], 0, 0);
    }

    /// Gives the bytes, and is empty again.
    fn finish(&mut self, checksum: u32) -> Vec<u8> {
        let left = self.count.div_ceil(8) as usize;
        self.out.extend_from_slice(&self.held.to_le_bytes()[..left]);
        self.out.extend_from_slice(&checksum.to_be_bytes());
        let bytes = self.out.clone();
        self.out.as_mut_slice().zeroize();
        self.out.clear();
        (self.held, self.count) = (0, 0);
        bytes
    }
}

/// The checksum of RFC 1950 §8.2.
fn adler32(plain: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (mut a, mut b) = (1u32, 0u32);
    // So many additions stay within 32 bits.
    for share in plain.chunks(5552) {
        for byte in share {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % MODULUS, b % MODULUS);
    }
    b << 16 | a
}
