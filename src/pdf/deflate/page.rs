//! Deflate (RFC 1951) for pages: a kilobyte at a time, millions of times.
//!
//! A general compressor spends most of its time on the codes of so small a block. Here the marks go into one block
//! whose code lengths come straight from the counts, and the masks of symbols, which have nothing to gain, into a
//! block with the standard's own codes.

use zeroize::Zeroizing;

use super::codes::{Codes, DISTANCES, LITERALS, code_lengths, fixed};

/// The longest input: all of it is within reach of a match.
pub(super) const LONGEST: usize = 1 << 15;

const SHORTEST_MATCH: usize = 3;
const LONGEST_MATCH: usize = 258;
const END_OF_BLOCK: usize = 256;
const HASH_BITS: u32 = 11;

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
enum Token {
    Literal(u8),
    Match { length: u16, distance: u16 },
}

/// Deflates marks and symbols as one stream with the frame of RFC 1950. Together they have at most [`LONGEST`] bytes.
pub(super) fn deflate(marks: &[u8], symbols: &[u8]) -> Vec<u8> {
    let plain = Zeroizing::new([marks, symbols].concat());
    let mut seen = [0u16; 1 << HASH_BITS];
    let mut tokens = Vec::with_capacity(plain.len());
    let mut bits = Bits { out: Vec::with_capacity(plain.len() + 256), held: 0, count: 0 };
    bits.out.extend_from_slice(&[0x78, 0x01]);
    find_matches(&plain, 0..marks.len(), &mut seen, &mut tokens);
    bits.push(u64::from(symbols.is_empty()) | 2 << 1, 3);
    own_codes(&mut bits, &tokens);
    if !symbols.is_empty() {
        tokens.clear();
        find_matches(&plain, marks.len()..plain.len(), &mut seen, &mut tokens);
        bits.push(1 | 1 << 1, 3);
        bits.tokens(&tokens, fixed());
    }
    bits.finish(adler32(&plain))
}

/// Reads `range` of `plain` as tokens. Matches may reach back before it.
fn find_matches(
    plain: &[u8],
    range: std::ops::Range<usize>,
    seen: &mut [u16; 1 << HASH_BITS],
    tokens: &mut Vec<Token>,
) {
    let mut at = range.start;
    while at < range.end {
        let earlier = remember(plain, at, range.end, seen);
        let length = earlier.map_or(0, |earlier| common(plain, earlier, at, range.end));
        match earlier {
            Some(earlier) if length >= SHORTEST_MATCH => {
                (at + 1..at + length).for_each(|place| {
                    remember(plain, place, range.end, seen);
                });
                tokens.push(Token::Match { length: length as u16, distance: (at - earlier) as u16 });
                at += length;
            }
            _ => {
                tokens.push(Token::Literal(plain[at]));
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
    let pairs = plain[earlier..].iter().zip(&plain[at..end]).take(LONGEST_MATCH);
    pairs.take_while(|(a, b)| a == b).count()
}

/// Writes a block's codes, then its tokens.
fn own_codes(bits: &mut Bits, tokens: &[Token]) {
    let mut literals = [0u16; LITERALS];
    let mut distances = [0u16; DISTANCES];
    literals[END_OF_BLOCK] = 1;
    for token in tokens {
        match *token {
            Token::Literal(byte) => literals[usize::from(byte)] += 1,
            Token::Match { length, distance } => {
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
    let code = LENGTH_CODES.partition_point(|&(first, _)| first <= length) - 1;
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

    fn code(&mut self, (code, length): (u16, u8)) {
        self.push(u64::from(code), u32::from(length));
    }

    /// The tokens of a block and its end.
    fn tokens(&mut self, tokens: &[Token], codes: &Codes) {
        for token in tokens {
            match *token {
                Token::Literal(byte) => self.code(codes.literals[usize::from(byte)]),
                Token::Match { length, distance } => {
                    let (code, rest, extra) = length_code(length);
                    self.code(codes.literals[code]);
                    self.push(rest, extra);
                    let (code, rest, extra) = distance_code(distance);
                    self.code(codes.distances[code]);
                    self.push(rest, extra);
                }
            }
        }
        self.code(codes.literals[END_OF_BLOCK]);
    }

    fn finish(mut self, checksum: u32) -> Vec<u8> {
        let left = self.count.div_ceil(8) as usize;
        self.out.extend_from_slice(&self.held.to_le_bytes()[..left]);
        self.out.extend_from_slice(&checksum.to_be_bytes());
        self.out
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
