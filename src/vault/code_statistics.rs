//! What a codes file shows of its maker: codes that occur more often than chance allows, and PINs that are guessed first.
//!
//! Counts over a whole file, without ever naming a card: a warning that a card's PIN is one of a few would be half the PIN.

use std::hash::{DefaultHasher, Hash, Hasher};

use mail::Words;
use zeroize::{Zeroize, Zeroizing};

/// How improbable a repetition must be, as the natural logarithm of a probability: one in a thousand files.
const IMPROBABLE: f64 = -6.9;

const PINS: usize = 10_000;

/// How many codes are added before the last ones are sorted, so that their order does not tell their rows.
const SORTED_AT_ONCE: usize = 4096;

/// The codes of a file, each kind by itself: which code belongs to which card is not kept. Wiped when dropped.
pub(super) struct CodeStatistics {
    /// How many cards have each PIN.
    pins: Zeroizing<Vec<u32>>,
    puks: Zeroizing<Vec<u32>>,
    /// Class and hash of each assistance code of the file.
    assistance: Zeroizing<Vec<u64>>,
    cards: usize,
    /// How many rows there is room for.
    rows: usize,
}

/// A card's codes in two words; wiped when dropped.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedCodes([u64; 2]);

impl Drop for PackedCodes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A repetition or a weakness: what it concerns and how many cards.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The column.
    pub field: &'static str,
    /// Its code.
    pub code: &'static str,
    /// What the cards have, after « 3 of 40 cards have ».
    pub what: Words,
    /// How many cards.
    pub cards: usize,
    /// Of how many.
    pub of: usize,
}

const PIN_BITS: u32 = 14;
const CLASS_BITS: u32 = 5;
const HASH_BITS: u32 = 37;
const LETTERS: u64 = 1 << (CLASS_BITS - 1);

impl PackedCodes {
    /// A card's codes, which are well formed; `assistance` is empty where the file has none.
    pub(super) fn of(card: u64, pin: &str, puk: &str, assistance: &str) -> PackedCodes {
        let number = |text: &str| text.parse::<u64>().unwrap_or_default();
        let letters = if assistance.bytes().all(|byte| byte.is_ascii_digit()) { 0 } else { LETTERS };
        let class = assistance.len() as u64 | letters;
        let mut hasher = DefaultHasher::new();
        assistance.hash(&mut hasher);
        let hash = hasher.finish() >> (u64::BITS - HASH_BITS);
        let first = (card << PIN_BITS | number(pin)) << CLASS_BITS | class;
        PackedCodes([first, number(puk) << HASH_BITS | hash])
    }

    fn pin(&self) -> usize {
        (self.0[0] >> CLASS_BITS) as usize & ((1 << PIN_BITS) - 1)
    }

    fn puk(&self) -> u32 {
        (self.0[1] >> HASH_BITS) as u32
    }

    /// Class and hash of the assistance code; `None` where there is none.
    fn assistance(&self) -> Option<u64> {
        let class = self.0[0] & ((1 << CLASS_BITS) - 1);
        (class != 0).then_some(class << HASH_BITS | self.0[1] & ((1 << HASH_BITS) - 1))
    }
}

impl CodeStatistics {
    /// Room for the codes of so many rows. Those of further rows are not counted.
    pub(super) fn with_capacity(rows: usize) -> CodeStatistics {
        CodeStatistics {
            pins: Zeroizing::new(vec![0; PINS]),
            puks: Zeroizing::new(Vec::with_capacity(rows)),
            assistance: Zeroizing::default(),
            cards: 0,
            rows,
        }
    }

    /// Adds a card's codes.
    pub(super) fn add(&mut self, codes: &PackedCodes) {
        self.cards += 1;
        if let Some(count) = self.pins.get_mut(codes.pin()) {
            *count += 1;
        }
        push(&mut self.puks, codes.puk());
        if let Some(assistance) = codes.assistance() {
            if self.assistance.capacity() == 0 {
                self.assistance.reserve_exact(self.rows);
            }
            push(&mut self.assistance, assistance);
        }
    }

    /// Takes out what was added and should not count: the same codes of the same card again.
    pub(super) fn without(mut self, again: CodeStatistics) -> CodeStatistics {
        self.cards = self.cards.saturating_sub(again.cards);
        for (count, again) in self.pins.iter_mut().zip(again.pins.iter()) {
            *count = count.saturating_sub(*again);
        }
        take_out(&mut self.puks, again.puks);
        take_out(&mut self.assistance, again.assistance);
        self
    }

    /// The patterns that a person should know of.
    pub(super) fn patterns(self) -> Vec<Pattern> {
        let of = self.cards;
        let pins = || self.pins.iter().map(|count| *count as usize);
        let simple = pins().zip(0..).filter(|(_, pin)| is_simple_pin(*pin)).map(|(count, _)| count).sum();
        let repeated = pins().filter(|count| *count > 1 && improbable(*count, of as f64, PINS as f64)).max();
        let puk = most(self.puks, &|_| 1e8);
        let assistance = most(self.assistance, &|code| possible_codes(code >> HASH_BITS));
        let found = |field, code, what, cards| Pattern { field, code, what, cards, of };
        let patterns = [
            found(
                "pin",
                "pin_simple",
                Words::new(
                    "un PIN aux chiffres tous pareils ou en suite",
                    "a PIN whose digits are all alike or in sequence",
                ),
                simple,
            ),
            found(
                "pin",
                "pin_repeated",
                Words::new("le même PIN", "the same PIN"),
                repeated.unwrap_or_default(),
            ),
            found("puk", "puk_repeated", Words::new("le même PUK", "the same PUK"), puk),
            found(
                "assistance_code",
                "assistance_code_repeated",
                Words::new("le même code d’assistance", "the same assistance code"),
                assistance,
            ),
        ];
        patterns.into_iter().filter(|pattern| pattern.cards > 0).collect()
    }
}

/// Adds a code. The last codes are sorted now and then.
fn push<T: Ord>(codes: &mut Vec<T>, code: T) {
    // A buffer that moved would leave a copy behind.
    if codes.len() < codes.capacity() {
        codes.push(code);
    }
    if codes.len().is_multiple_of(SORTED_AT_ONCE) {
        let begin = codes.len().saturating_sub(SORTED_AT_ONCE);
        codes[begin..].sort_unstable();
    }
}

/// Takes codes out of others, each as often as it is there.
fn take_out<T: Ord + Zeroize>(codes: &mut Zeroizing<Vec<T>>, mut again: Zeroizing<Vec<T>>) {
    codes.sort_unstable();
    again.sort_unstable();
    let mut again = again.iter().peekable();
    codes.retain(|code| {
        while again.next_if(|taken| *taken < code).is_some() {}
        again.next_if(|taken| *taken == code).is_none()
    });
}

/// How often the code occurs that occurs most often of those that occur improbably often; 0 where there is none. Without those
/// that occur once.
fn most<T: Ord + Copy + Into<u64> + Zeroize>(
    mut codes: Zeroizing<Vec<T>>,
    possible: &dyn Fn(u64) -> f64,
) -> usize {
    codes.sort_unstable();
    let all = codes.len() as f64;
    let runs = codes.chunk_by(|a, b| a == b).filter(|run| run.len() > 1);
    let improbable = runs.filter(|run| improbable(run.len(), all, possible(run[0].into())));
    improbable.map(<[T]>::len).max().unwrap_or_default()
}

/// How many assistance codes of a class (length, and whether they have letters) there are.
fn possible_codes(class: u64) -> f64 {
    let signs: f64 = if class & LETTERS == 0 { 10.0 } else { 36.0 };
    signs.powi((class & (LETTERS - 1)) as i32)
}

/// Whether it is improbable that any of `possible` codes occurs `count` times or more among `all` random ones.
fn improbable(count: usize, all: f64, possible: f64) -> bool {
    let (count, expected) = (count as f64, all / possible);
    if count <= expected {
        return false;
    }
    let factorial: f64 = (1..=count as u64).map(|factor| (factor as f64).ln()).sum();
    let tail = -(1.0 - expected / (count + 1.0)).ln();
    possible.ln() + count * expected.ln() - expected - factorial + tail < IMPROBABLE
}

/// Whether a PIN's digits are all alike, or each one more or one less than the digit before.
pub(crate) fn is_simple_pin(pin: u64) -> bool {
    let digits = [pin / 1000, pin / 100 % 10, pin / 10 % 10, pin % 10];
    let steps = [0, 1, -1].map(|step| digits.windows(2).all(|pair| pair[1] as i64 - pair[0] as i64 == step));
    steps.contains(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(rows: impl Iterator<Item = (u64, u64, u64, &'static str)>) -> Vec<(&'static str, usize)> {
        let mut statistics = CodeStatistics::with_capacity(100_000);
        for (card, pin, puk, assistance) in rows {
            let card = 2_400_000_000 + card;
            statistics.add(&PackedCodes::of(card, &format!("{pin:04}"), &format!("{puk:08}"), assistance));
        }
        statistics.patterns().iter().map(|pattern| (pattern.code, pattern.cards)).collect()
    }

    /// A number below `below` that looks random.
    fn random(number: u64, below: u64) -> u64 {
        let mixed = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (((mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9)) >> 20) % below
    }

    #[test]
    fn random_codes_are_nothing_to_tell() {
        for cards in [1, 2, 30, 300, 3000, 30_000] {
            let rows =
                (0..cards).map(|card| (card, random(card, PINS as u64), random(card + 7, 100_000_000), ""));
            let mut found = codes(rows);
            found.retain(|(code, _)| *code != "pin_simple");
            assert_eq!(found, [], "{cards} cards");
        }
    }

    #[test]
    fn a_run_of_one_code_is_told_with_its_count() {
        let same_pin = |cards| (0..cards).map(|card| (card, 4821, 10_000_000 + 7919 * card, ""));
        assert_eq!(codes(same_pin(3)), [("pin_repeated", 3)]);
        assert_eq!(codes(same_pin(500)), [("pin_repeated", 500)]);
        let same_puk =
            (0..40).map(|card| (card, 1111 + 200 * card % 8000 + 3, 90_817_263 + card / 2 * 2, ""));
        assert_eq!(codes(same_puk), [("puk_repeated", 2)]);
        let assistance = (0..40).map(|card| (card, 4001 + 37 * card, 10_000_000 + 7919 * card, "A1B2"));
        assert_eq!(codes(assistance), [("assistance_code_repeated", 40)]);
    }

    #[test]
    fn what_is_taken_out_does_not_count() {
        let of = |card: u64, count: usize| {
            let mut statistics = CodeStatistics::with_capacity(99);
            let codes = PackedCodes::of(card, "4821", "90817263", "A1B2");
            (0..count).for_each(|_| statistics.add(&codes));
            statistics
        };
        assert_eq!(of(1, 10).patterns().len(), 3);
        assert_eq!(of(1, 10).without(of(1, 9)).patterns(), []);
        let counts: Vec<usize> =
            of(1, 10).without(of(1, 5)).patterns().iter().map(|pattern| pattern.cards).collect();
        assert_eq!(counts, [5, 5, 5]);
    }

    #[test]
    fn pins_that_are_guessed_first_are_counted() {
        for pin in [0, 7777, 123, 6789, 9876, 3210] {
            assert_eq!(codes([(1, pin, 90_817_263, "")].into_iter()), [("pin_simple", 1)], "{pin}");
        }
        for pin in [4821, 1112, 9012, 1357] {
            assert_eq!(codes([(1, pin, 90_817_263, "")].into_iter()), [], "{pin}");
        }
    }
}
