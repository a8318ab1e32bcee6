//! What a codes file shows of its maker: codes that occur more often than chance allows, and PINs that are guessed first.
//!
//! Counts over a whole file, without ever naming a card: a warning that a card's PIN is one of a few would be half the PIN.

use std::hash::{DefaultHasher, Hash, Hasher};

use zeroize::Zeroizing;

/// How improbable a repetition must be, as the natural logarithm of a probability: one in a thousand files.
const IMPROBABLE: f64 = -6.9;

const PINS: usize = 10_000;

/// The codes of a file's cards in two words each, sixteen bytes; wiped when dropped.
pub(super) struct CodeStatistics(Zeroizing<Vec<[u64; 2]>>);

/// A repetition or a weakness: what it concerns and how many cards.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The column.
    pub field: &'static str,
    /// Its code.
    pub code: &'static str,
    /// What the cards have, after « 3 of 40 cards have ».
    pub what: &'static str,
    /// How many cards.
    pub cards: usize,
    /// Of how many.
    pub of: usize,
}

const PIN_BITS: u32 = 14;
const CLASS_BITS: u32 = 5;
const HASH_BITS: u32 = 37;
const LETTERS: u64 = 1 << (CLASS_BITS - 1);

impl CodeStatistics {
    /// Room for the codes of so many cards.
    pub(super) fn with_capacity(cards: usize) -> CodeStatistics {
        CodeStatistics(Zeroizing::new(Vec::with_capacity(cards)))
    }

    /// Adds a card's codes, which are well formed; `assistance` is empty where the file has none.
    pub(super) fn add(&mut self, card: u64, pin: &str, puk: &str, assistance: &str) {
        let number = |text: &str| text.parse::<u64>().unwrap_or_default();
        let letters = if assistance.bytes().all(|byte| byte.is_ascii_digit()) { 0 } else { LETTERS };
        let class = assistance.len() as u64 | letters;
        let mut hasher = DefaultHasher::new();
        assistance.hash(&mut hasher);
        let hash = hasher.finish() >> (u64::BITS - HASH_BITS);
        let first = (card << PIN_BITS | number(pin)) << CLASS_BITS | class;
        // A buffer that moved would leave a copy behind.
        if self.0.len() < self.0.capacity() {
            self.0.push([first, number(puk) << HASH_BITS | hash]);
        }
    }

    /// The patterns that a person should know of. A card that occurs again with the same codes counts once.
    pub(super) fn patterns(mut self) -> Vec<Pattern> {
        self.0.sort_unstable();
        self.0.dedup();
        let of = self.0.len();
        let pins = Zeroizing::new(self.each(|[first, _]| (first >> CLASS_BITS) & ((1 << PIN_BITS) - 1)));
        let puks = Zeroizing::new(self.each(|[_, second]| second >> HASH_BITS));
        let mut assistance = Zeroizing::new(self.each(|[first, second]| {
            (first & ((1 << CLASS_BITS) - 1)) << HASH_BITS | second & ((1 << HASH_BITS) - 1)
        }));
        assistance.retain(|code| code >> HASH_BITS != 0);
        let simple = pins.iter().filter(|pin| is_simple_pin(**pin)).count();
        let most = |mut codes: Zeroizing<Vec<u64>>, possible: &dyn Fn(u64) -> f64| {
            codes.sort_unstable();
            let all = codes.len() as f64;
            let runs = codes.chunk_by(|a, b| a == b).filter(|run| run.len() > 1);
            let improbable = runs.filter(|run| improbable(run.len(), all, possible(run[0])));
            improbable.map(<[u64]>::len).max().unwrap_or_default()
        };
        let found = |field, code, what, cards| Pattern { field, code, what, cards, of };
        let patterns = [
            found("pin", "pin_simple", "a PIN whose digits are all alike or in sequence", simple),
            found("pin", "pin_repeated", "the same PIN", most(pins, &|_| PINS as f64)),
            found("puk", "puk_repeated", "the same PUK", most(puks, &|_| 1e8)),
            found(
                "assistance_code",
                "assistance_code_repeated",
                "the same assistance code",
                most(assistance, &|code| possible_codes(code >> HASH_BITS)),
            ),
        ];
        patterns.into_iter().filter(|pattern| pattern.cards > 0).collect()
    }

    fn each(&self, part: impl Fn(&[u64; 2]) -> u64) -> Vec<u64> {
        let mut parts = Vec::with_capacity(self.0.len());
        parts.extend(self.0.iter().map(part));
        parts
    }
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
            statistics.add(2_400_000_000 + card, &format!("{pin:04}"), &format!("{puk:08}"), assistance);
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
        let again = (0..10).map(|_| (1, 4821, 90_817_263, "A1B2"));
        assert_eq!(codes(again), [], "one card, ten times");
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
