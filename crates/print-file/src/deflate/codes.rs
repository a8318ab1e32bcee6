//! The prefix codes of a deflate block (RFC 1951 §3.2).

use std::sync::OnceLock;

/// The number of codes of literals, the end of the block and match lengths.
pub(super) const LITERALS: usize = 286;
/// The number of codes of distances.
pub(super) const DISTANCES: usize = 30;

/// The longest code that is used; the standard allows 15. With 12, the alphabet of code lengths has sixteen symbols, each
/// of four bits.
const MAX_CODE_LENGTH: u8 = 12;
/// The order in which the lengths of code lengths are written (RFC 1951 §3.2.7).
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// The symbol of the last code length, repeated three to six times.
const REPEAT: u8 = 16;
/// The symbol of three to ten zeros.
const ZEROS: u8 = 17;
/// The symbol of 11 to 138 zeros.
const MANY_ZEROS: u8 = 18;

/// Codes with their lengths. The bits of a code are reversed, as they are written.
pub(super) struct Codes {
    pub literals: [(u16, u8); LITERALS],
    pub distances: [(u16, u8); DISTANCES],
}

impl Codes {
    /// The codes of these lengths.
    pub fn new(literals: &[u8; LITERALS], distances: &[u8; DISTANCES]) -> Codes {
        Codes { literals: canonical(literals), distances: canonical(distances) }
    }
}

/// The fixed codes (RFC 1951 §3.2.6).
pub(super) fn fixed() -> &'static Codes {
    static FIXED: OnceLock<Codes> = OnceLock::new();
    FIXED.get_or_init(|| {
        // The last two codes of eight bits never occur, and take part in the construction.
        let mut lengths = [8u8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let all = canonical(&lengths);
        let mut literals = [(0, 0); LITERALS];
        literals.copy_from_slice(&all[..LITERALS]);
        Codes { literals, distances: canonical(&[5; DISTANCES]) }
    })
}

/// Code lengths for symbols with these counts. Each length is first the least whose share of the code space is not more
/// than the symbol's share of the counts; then lengths are reduced, the most frequent symbols first, until the code is
/// complete. Within a few bytes a page of Huffman's.
pub(super) fn code_lengths<const N: usize>(counts: &[u16; N]) -> [u8; N] {
    let total: u32 = counts.iter().map(|count| u32::from(*count)).sum();
    let mut lengths = [0u8; N];
    let mut symbols: [u16; N] = [0; N];
    let mut found = 0;
    for (symbol, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let ratio = total.div_ceil(u32::from(*count));
        lengths[symbol] = (ratio.next_power_of_two().trailing_zeros() as u8).clamp(1, MAX_CODE_LENGTH);
        symbols[found] = symbol as u16;
        found += 1;
    }
    let symbols = &mut symbols[..found];
    if symbols.len() < 2 {
        // The standard allows one code of one bit, or no code (RFC 1951 §3.2.7).
        return lengths;
    }
    symbols.sort_unstable_by_key(|symbol| (std::cmp::Reverse(counts[usize::from(*symbol)]), *symbol));
    complete(&mut lengths, symbols);
    lengths
}

/// Changes lengths until the code is complete: the shares of all symbols add up to the code space. `symbols` are sorted,
/// the most frequent first.
fn complete<const N: usize>(lengths: &mut [u8; N], symbols: &[u16]) {
    const ALL: i32 = 1 << MAX_CODE_LENGTH;
    let share = |length: u8| 1i32 << (MAX_CODE_LENGTH - length);
    let mut left = ALL - symbols.iter().map(|symbol| share(lengths[usize::from(*symbol)])).sum::<i32>();
    // The longest code is a larger share than very rare symbols have. The rarest other symbols get longer codes.
    while left < 0 {
        let longer = symbols.iter().rev().find(|symbol| lengths[usize::from(**symbol)] < MAX_CODE_LENGTH);
        let Some(symbol) = longer else { return };
        let length = &mut lengths[usize::from(*symbol)];
        left += share(*length) / 2;
        *length += 1;
    }
    while left > 0 {
        for symbol in symbols {
            let length = &mut lengths[usize::from(*symbol)];
            if *length > 1 && share(*length) <= left {
                left -= share(*length);
                *length -= 1;
            }
        }
    }
}

/// The codes of these lengths, in the order of lengths, then of symbols (RFC 1951 §3.2.2).
fn canonical<const N: usize>(lengths: &[u8; N]) -> [(u16, u8); N] {
    let mut next = [0u16; 16];
    for length in lengths.iter().filter(|length| **length > 0) {
        next[usize::from(*length) + 1] += 1;
    }
    for length in 1..next.len() {
        next[length] = (next[length] + next[length - 1]) << 1;
    }
    let mut codes = [(0, 0); N];
    for (code, length) in codes.iter_mut().zip(lengths).filter(|(_, length)| **length > 0) {
        let value = &mut next[usize::from(*length)];
        *code = (value.reverse_bits() >> (16 - length), *length);
        *value += 1;
    }
    codes
}

/// Writes the lengths of a block's codes (RFC 1951 §3.2.7) through `push`, which takes bits and their number.
pub(super) fn write_lengths(
    literals: &[u8; LITERALS],
    distances: &[u8; DISTANCES],
    mut push: impl FnMut(u64, u32),
) {
    let in_use = |lengths: &[u8], least| {
        lengths.iter().rposition(|length| *length > 0).map_or(least, |last| (last + 1).max(least))
    };
    let (of_literals, of_distances) = (in_use(literals, 257), in_use(distances, 1));
    push(of_literals as u64 - 257, 5);
    push(of_distances as u64 - 1, 5);
    push(ORDER.len() as u64 - 4, 4);
    for symbol in ORDER {
        push(if symbol <= MAX_CODE_LENGTH || symbol >= REPEAT { 4 } else { 0 }, 3);
    }
    let codes = length_codes();
    let mut all = [0u8; LITERALS + DISTANCES];
    all[..of_literals].copy_from_slice(&literals[..of_literals]);
    all[of_literals..][..of_distances].copy_from_slice(&distances[..of_distances]);
    for run in all[..of_literals + of_distances].chunk_by(|a, b| a == b) {
        write_run(run[0], run.len(), |symbol, rest, extra| {
            let (code, length) = codes[usize::from(symbol)];
            push(u64::from(code), u32::from(length));
            push(rest, extra);
        });
    }
}

/// The codes of the alphabet of code lengths.
fn length_codes() -> &'static [(u16, u8); 19] {
    static CODES: OnceLock<[(u16, u8); 19]> = OnceLock::new();
    CODES.get_or_init(|| {
        let mut lengths = [4u8; 19];
        lengths[usize::from(MAX_CODE_LENGTH) + 1..usize::from(REPEAT)].fill(0);
        canonical(&lengths)
    })
}

/// Writes a run of equal lengths through `push`, which takes a symbol, its extra bits and their number.
fn write_run(length: u8, mut count: usize, mut push: impl FnMut(u8, u64, u32)) {
    if length > 0 {
        push(length, 0, 0);
        count -= 1;
    }
    while count >= 3 {
        let (symbol, least, most, extra) = match (length, count) {
            (0, 11..) => (MANY_ZEROS, 11, 138, 7),
            (0, _) => (ZEROS, 3, 10, 3),
            _ => (REPEAT, 3, 6, 2),
        };
        let taken = count.min(most);
        push(symbol, (taken - least) as u64, extra);
        count -= taken;
    }
    (0..count).for_each(|_| push(length, 0, 0));
}
