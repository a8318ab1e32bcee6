//! The prefix codes of a deflate block (RFC 1951 §3.2).

use std::sync::OnceLock;

/// Literals, the end of the block and match lengths.
pub(super) const LITERALS: usize = 286;
/// Distances.
pub(super) const DISTANCES: usize = 30;

/// The longest code given here; the standard allows 15. With 12, code lengths and their repetitions are sixteen words
/// of four bits.
const LONGEST_CODE: u8 = 12;
/// The order in which the lengths of code lengths are written (RFC 1951 §3.2.7).
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// The code length repeated three to six times; zero three to ten times; zero eleven times and more.
const AGAIN: u8 = 16;
const ZEROS: u8 = 17;
const MANY_ZEROS: u8 = 18;

/// Codes with their lengths, bits reversed as they are written.
pub(super) struct Codes {
    pub literals: [(u16, u8); LITERALS],
    pub distances: [(u16, u8); DISTANCES],
}

impl Codes {
    /// The codes that follow from their lengths.
    pub fn new(literals: &[u8; LITERALS], distances: &[u8; DISTANCES]) -> Codes {
        Codes { literals: canonical(literals), distances: canonical(distances) }
    }
}

/// The standard's own codes (RFC 1951 §3.2.6).
pub(super) fn fixed() -> &'static Codes {
    static FIXED: OnceLock<Codes> = OnceLock::new();
    FIXED.get_or_init(|| {
        // Two codes of eight bits are never used, and count all the same.
        let mut lengths = [8u8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let all = canonical(&lengths);
        let mut literals = [(0, 0); LITERALS];
        literals.copy_from_slice(&all[..LITERALS]);
        Codes { literals, distances: canonical(&[5; DISTANCES]) }
    })
}

/// Code lengths that suit these counts: as long as the share of each asks for, then shortened, the most frequent
/// first, until no code is left over. Within a few bytes a page of the best there are.
pub(super) fn code_lengths<const N: usize>(counts: &[u16; N]) -> [u8; N] {
    let total: u32 = counts.iter().map(|count| u32::from(*count)).sum();
    let mut lengths = [0u8; N];
    let mut used: [u16; N] = [0; N];
    let mut many = 0;
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        // The least length of which the share is no more than that of the count.
        let ratio = total.div_ceil(u32::from(*count));
        lengths[at] = (ratio.next_power_of_two().trailing_zeros() as u8).clamp(1, LONGEST_CODE);
        used[many] = at as u16;
        many += 1;
    }
    let used = &mut used[..many];
    if used.len() < 2 {
        // One code of one bit is complete by decree; none at all too.
        return lengths;
    }
    used.sort_unstable_by_key(|at| (std::cmp::Reverse(counts[usize::from(*at)]), *at));
    fill(&mut lengths, used);
    lengths
}

/// Makes a code complete: no more and no fewer code words than there are.
fn fill<const N: usize>(lengths: &mut [u8; N], used: &[u16]) {
    const ALL: i32 = 1 << LONGEST_CODE;
    let share = |length: u8| 1i32 << (LONGEST_CODE - length);
    let mut left = ALL - used.iter().map(|at| share(lengths[usize::from(*at)])).sum::<i32>();
    // Very rare symbols were given more than their due by the longest code: the rarest others pay.
    while left < 0 {
        let longer = used.iter().rev().find(|at| lengths[usize::from(**at)] < LONGEST_CODE);
        let Some(at) = longer else { return };
        let length = &mut lengths[usize::from(*at)];
        left += share(*length) / 2;
        *length += 1;
    }
    while left > 0 {
        for at in used {
            let length = &mut lengths[usize::from(*at)];
            if *length > 1 && share(*length) <= left {
                left -= share(*length);
                *length -= 1;
            }
        }
    }
}

/// Codes in the order of lengths and symbols (RFC 1951 §3.2.2).
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
        let word = &mut next[usize::from(*length)];
        *code = (word.reverse_bits() >> (16 - length), *length);
        *word += 1;
    }
    codes
}

/// Writes the lengths of a block's codes (RFC 1951 §3.2.7) through `push`, which takes bits and their number.
pub(super) fn describe(
    literals: &[u8; LITERALS],
    distances: &[u8; DISTANCES],
    mut push: impl FnMut(u64, u32),
) {
    let in_use = |lengths: &[u8], least| {
        lengths.iter().rposition(|length| *length > 0).map_or(least, |at| (at + 1).max(least))
    };
    let (of_literals, of_distances) = (in_use(literals, 257), in_use(distances, 1));
    push(of_literals as u64 - 257, 5);
    push(of_distances as u64 - 1, 5);
    push(ORDER.len() as u64 - 4, 4);
    for word in ORDER {
        push(if word <= LONGEST_CODE || word >= AGAIN { 4 } else { 0 }, 3);
    }
    let words = words();
    let mut all = [0u8; LITERALS + DISTANCES];
    all[..of_literals].copy_from_slice(&literals[..of_literals]);
    all[of_literals..][..of_distances].copy_from_slice(&distances[..of_distances]);
    for run in all[..of_literals + of_distances].chunk_by(|a, b| a == b) {
        repeat(run[0], run.len(), |word, rest, extra| {
            let (code, length) = words[usize::from(word)];
            push(u64::from(code), u32::from(length));
            push(rest, extra);
        });
    }
}

/// The sixteen words of which lengths are told.
fn words() -> &'static [(u16, u8); 19] {
    static WORDS: OnceLock<[(u16, u8); 19]> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut lengths = [4u8; 19];
        lengths[usize::from(LONGEST_CODE) + 1..usize::from(AGAIN)].fill(0);
        canonical(&lengths)
    })
}

/// Tells a run of equal lengths: words, each with the bits that follow it and how many they are.
fn repeat(length: u8, mut count: usize, mut tell: impl FnMut(u8, u64, u32)) {
    if length > 0 {
        tell(length, 0, 0);
        count -= 1;
    }
    while count >= 3 {
        let (word, least, most, extra) = match (length, count) {
            (0, 11..) => (MANY_ZEROS, 11, 138, 7),
            (0, _) => (ZEROS, 3, 10, 3),
            _ => (AGAIN, 3, 6, 2),
        };
        let taken = count.min(most);
        tell(word, (taken - least) as u64, extra);
        count -= taken;
    }
    (0..count).for_each(|_| tell(length, 0, 0));
}
