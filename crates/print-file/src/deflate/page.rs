//! Deflate (RFC 1951) for pages: about a kilobyte each, millions of them.
//!
//! A general compressor spends most of its time on the codes of so small a block. Here operators go into one block whose
//! code lengths are computed directly from the counts, and the cells of masks, which hardly compress, into a block with the
//! fixed codes.

use std::cell::RefCell;

use zeroize::Zeroize;

use super::codes::{Codes, DISTANCES, LITERALS, code_lengths, fixed};

/// The longest input. A match can reach all of it.
pub(super) const MAX_LENGTH: usize = 1 << 15;

const MIN_MATCH: usize = 3;
const MAX_MATCH: usize = 258;
const END_OF_BLOCK: usize = 256;
const HASH_BITS: u32 = 11;

/// The code of each match length, counted from 257.
const CODE_OF_LENGTH: [u8; MAX_MATCH + 1] = {
    let mut codes = [0; MAX_MATCH + 1];
    let (mut length, mut code) = (MIN_MATCH, 0);
    while length <= MAX_MATCH {
        if code + 1 < LENGTH_CODES.len() && LENGTH_CODES[code + 1].0 as usize <= length {
            code += 1;
        }
        codes[length] = code as u8;
        length += 1;
    }
    codes
};

/// For each code from 257: its shortest match length, and the number of extra bits.
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

/// A literal byte, or a match with its length and distance.
#[derive(Clone, Copy)]
struct Token(u32);

impl Token {
    fn literal(byte: u8) -> Token {
        Token(u32::from(byte))
    }

    fn matching(length: usize, distance: usize) -> Token {
        Token((distance as u32) << 16 | length as u32)
    }

    /// The length and the distance of a match, or a literal and 0.
    fn parts(self) -> (u16, u16) {
        (self.0 as u16, (self.0 >> 16) as u16)
    }
}

/// The buffers of the encoder. Each thread keeps its own from page to page and wipes them after each.
struct Buffers {
    /// By the hash of three bytes: the last position of three bytes with that hash, from 1; 0 if there is none.
    seen: [u16; 1 << HASH_BITS],
    tokens: Vec<Token>,
    bits: Bits,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = const {
        RefCell::new(Buffers {
            seen: [0; 1 << HASH_BITS],
            tokens: Vec::new(),
            bits: Bits { out: Vec::new(), held: 0, count: 0 },
        })
    };
}

/// Deflates at most [`MAX_LENGTH`] bytes as a zlib stream (RFC 1950): `text_bytes` in a block with its own codes, the rest
/// in a block with the fixed codes.
pub(super) fn deflate(plain: &[u8], text_bytes: usize) -> Vec<u8> {
    blocks(plain, text_bytes, None)
}

/// Like [`deflate`], then a block of spaces that is stored as it is: the stream's length is a multiple of `step`, which is at
/// most [`MAX_LENGTH`].
pub(super) fn deflate_padded(plain: &[u8], text_bytes: usize, step: usize) -> Vec<u8> {
    blocks(plain, text_bytes, Some(step))
}

fn blocks(plain: &[u8], text_bytes: usize, step: Option<usize>) -> Vec<u8> {
    BUFFERS.with_borrow_mut(|Buffers { seen, tokens, bits }| {
        let has_rest = plain.len() > text_bytes;
        let last = u64::from(step.is_none());
        bits.out.reserve(plain.len() + 256);
        bits.out.extend_from_slice(&[0x78, 0x01]);
        find_matches(plain, 0..text_bytes, seen, tokens);
        bits.push(if has_rest { 0 } else { last } | 2 << 1, 3);
        own_codes(bits, tokens);
        if has_rest {
            wipe(tokens);
            find_matches(plain, text_bytes..plain.len(), seen, tokens);
            bits.push(last | 1 << 1, 3);
            bits.tokens(tokens, fixed());
        }
        wipe(tokens);
        seen.zeroize();
        let spaces = step.map_or(0, |step| bits.stored_spaces(step));
        bits.finish(adler32(plain, spaces))
    })
}

fn wipe(tokens: &mut Vec<Token>) {
    tokens.iter_mut().for_each(|token| token.0.zeroize());
    tokens.clear();
}

/// Appends the tokens of `range` of `plain`. Matches may begin before it.
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
            Some(earlier) if length >= MIN_MATCH => {
                (at + 1..at + length).for_each(|inside| {
                    remember(plain, inside, range.end, seen);
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

/// Records the position of the three bytes at `at`. Returns the last position of three bytes with the same hash.
fn remember(plain: &[u8], at: usize, end: usize, seen: &mut [u16; 1 << HASH_BITS]) -> Option<usize> {
    let three = plain[..end].get(at..at + MIN_MATCH)?;
    let key = u32::from_le_bytes([three[0], three[1], three[2], 0]).wrapping_mul(0x9E37_79B1);
    let position = &mut seen[(key >> (32 - HASH_BITS)) as usize];
    let earlier = usize::from(*position).checked_sub(1);
    *position = at as u16 + 1;
    earlier
}

/// The number of equal bytes from positions `earlier` and `at` on.
fn common(plain: &[u8], earlier: usize, at: usize, end: usize) -> usize {
    let most = (end - at).min(MAX_MATCH);
    let (before, here) = (&plain[earlier..earlier + most], &plain[at..at + most]);
    let (eights, _) = before.as_chunks::<8>();
    let (eights_here, _) = here.as_chunks::<8>();
    for (index, (a, b)) in eights.iter().zip(eights_here).enumerate() {
        let differing = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differing != 0 {
            return 8 * index + differing.trailing_zeros() as usize / 8;
        }
    }
    let rest = 8 * eights.len();
    rest + before[rest..].iter().zip(&here[rest..]).take_while(|(a, b)| a == b).count()
}

/// Writes a block's own codes, then its tokens.
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
    super::codes::write_lengths(&literals, &distances, |value, count| bits.push(value, count));
    bits.tokens(tokens, &Codes::new(&literals, &distances));
}

/// The code of a match length, with its extra bits and their number.
fn length_code(length: u16) -> (usize, u64, u32) {
    let code = usize::from(CODE_OF_LENGTH[usize::from(length)]);
    let (first, extra) = LENGTH_CODES[code];
    (257 + code, u64::from(length - first), u32::from(extra))
}

/// The code of a distance, with its extra bits and their number.
fn distance_code(distance: u16) -> (usize, u64, u32) {
    let distance = u32::from(distance) - 1;
    if distance < 4 {
        return (distance as usize, 0, 0);
    }
    let extra = 30 - distance.leading_zeros();
    let code = 2 * extra + (distance >> extra);
    (code as usize, u64::from(distance & ((1 << extra) - 1)), extra)
}

/// Packs bits into bytes, lowest bit first.
struct Bits {
    out: Vec<u8>,
    /// Bits that are not in `out` yet.
    held: u64,
    /// The number of bits held: less than 32 between calls.
    count: u32,
}

impl Bits {
    /// Appends at most 32 bits.
    fn push(&mut self, value: u64, count: u32) {
        self.held |= value << self.count;
        self.count += count;
        if self.count >= 32 {
            self.out.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    /// Appends a code and its extra bits.
    fn code(&mut self, (code, length): (u16, u8), rest: u64, extra: u32) {
        self.push(u64::from(code) | rest << length, u32::from(length) + extra);
    }

    /// Appends the tokens of a block and its end.
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

    /// Appends the last block: as many spaces, as they are, as bring the stream to a multiple of `step` bytes. Returns their
    /// number.
    fn stored_spaces(&mut self, step: usize) -> usize {
        self.push(1, 3);
        self.push(0, (8 - self.count % 8) % 8);
        let held = (self.count / 8) as usize;
        // The two lengths of the block come before its bytes, the checksum after them.
        let length = self.out.len() + held + 4 + 4;
        let spaces = length.next_multiple_of(step) - length;
        self.push(spaces as u64, 16);
        self.push(u64::from(!(spaces as u16)), 16);
        (0..spaces).for_each(|_| self.push(u64::from(b' '), 8));
        spaces
    }

    /// Appends the checksum. Returns the bytes, and wipes the buffer.
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

/// The checksum of RFC 1950 §8.2, of bytes and the spaces after them.
fn adler32(plain: &[u8], spaces: usize) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    const SPACES: [u8; 256] = [b' '; 256];
    // The sums of 5552 bytes fit in 32 bits.
    let padding = (0..spaces).step_by(SPACES.len()).map(|from| &SPACES[..SPACES.len().min(spaces - from)]);
    for chunk in plain.chunks(5552).chain(padding) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % ADLER_MODULUS, b % ADLER_MODULUS);
    }
    b << 16 | a
}

const ADLER_MODULUS: u32 = 65_521;
