//! The name of a town as it is compared: whatever its case, accents, hyphens, articles and the abbreviations of the postal norm.

use crate::text::postal_capitals;

/// Words that are left out when names are compared: articles, and what joins words.
const JOINING: [&str; 23] = [
    "A", "AU", "AUX", "D", "DE", "DES", "DU", "EN", "ES", "ET", "L", "LA", "LE", "LES", "LEZ", "LS", "S",
    "SOUS", "SS", "SUR", "SR", "SX", "LAS",
];

/// The shortest name that may be an abbreviated one, in characters: shorter names are written in full.
const ABBREVIATED_FROM: usize = 18;

/// The shortest name that may have been cut at its end by a program, in characters.
const CUT_FROM: usize = 24;

/// A town's name.
#[derive(Debug)]
pub(super) struct Town {
    /// In postal capitals, with its article in front.
    written: String,
    /// The words that are compared, without spaces between them.
    name: String,
    /// The length of each word of the name, in bytes.
    words: Vec<usize>,
}

impl Town {
    /// Reads a name, as an address or the table spells it.
    pub(super) fn read(text: &str) -> Town {
        let written = written(text);
        let words: Vec<&str> = written.split(' ').collect();
        let mut town =
            Town { written: String::new(), name: String::with_capacity(text.len()), words: Vec::new() };
        for (index, word) in words.iter().enumerate() {
            match (*word, words.get(index + 1)) {
                ("NOTRE" | "N", Some(&("DAME" | "D"))) => town.push("ND"),
                ("DAME", _) if index > 0 && words[index - 1] == "NOTRE" => {}
                _ => town.add(plain(word, index > 0 && index + 1 < words.len())),
            }
        }
        if town.words.is_empty() {
            // A name of such words alone, as `LES ES`.
            words.iter().for_each(|word| town.push(word));
        }
        town.written = written;
        town
    }

    fn add(&mut self, word: &str) {
        let first = self.words.is_empty();
        if !JOINING.contains(&word) && !is_arrondissement(word) && (word != "ARRONDISSEMENT" || first) {
            self.push(word);
        }
    }

    fn push(&mut self, word: &str) {
        self.name.push_str(word);
        self.words.push(word.len());
    }

    /// The name in postal capitals, as an address should write it.
    pub(super) fn written(&self) -> &str {
        &self.written
    }

    /// The name as it is compared.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// See [`Town::name`].
    pub(super) fn into_name(self) -> String {
        self.name
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.name.as_str();
        self.words.iter().map(move |length| {
            let (word, tail) = rest.split_at(*length);
            rest = tail;
            word
        })
    }

    /// Whether this is the name of the other town, in full or abbreviated.
    pub(super) fn is(&self, other: &Town) -> bool {
        self.name == other.name
            || self.letters().eq(other.letters())
            || self.abbreviates(other)
            || other.abbreviates(self)
    }

    /// All letters, joining words included: `LABERGEMENT` and `L ABERGEMENT` are the same.
    fn letters(&self) -> impl Iterator<Item = u8> {
        self.written.bytes().filter(|byte| *byte != b' ')
    }

    /// Whether this is the other name with some of its words abbreviated, and perhaps cut at its end.
    fn abbreviates(&self, other: &Town) -> bool {
        let long = other.written.len() >= ABBREVIATED_FROM;
        let whole = self.words.len() == other.words.len();
        let cut = self.written.len() >= CUT_FROM && self.words.len() < other.words.len();
        long && (whole || cut) && self.words().zip(other.words()).all(|(short, word)| shortens(short, word))
    }

    /// Whether the other name begins with all words of this one.
    pub(super) fn is_part_of(&self, other: &Town) -> bool {
        self.words.len() < other.words.len() && self.words().zip(other.words()).all(|(a, b)| a == b)
    }
}

/// A name in postal capitals: an article in brackets behind it goes to its front, a postcode behind it is dropped.
fn written(text: &str) -> String {
    let text = match text.split_once(" (") {
        Some((name, article)) => postal_capitals(&format!("{article} {name}")),
        None => postal_capitals(text),
    };
    match text.rsplit_once(' ') {
        Some((name, code)) if code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit()) => {
            name.to_owned()
        }
        _ => text,
    }
}

/// A word without what the norm abbreviates. `inside`: it is neither the first word of the name nor the last.
fn plain(word: &str, inside: bool) -> &str {
    match word {
        "SAINT" | "SAINTE" | "SAINTS" | "SAINTES" | "STE" | "STS" | "STES" => "ST",
        "2" if inside => "DEUX",
        "3" if inside => "TROIS",
        _ => word,
    }
}

/// Whether a word is the number of an arrondissement or of a district: `03`, `3E`, `1ER`, `6EME`.
fn is_arrondissement(word: &str) -> bool {
    let number = word.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let ending = &word[number.len()..];
    let digits = (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    digits && matches!(ending, "" | "E" | "ER" | "EME" | "ME" | "ERE" | "ARR")
}

/// Whether a word is another one, abbreviated: the same first letter, and its other letters in their order.
fn shortens(short: &str, word: &str) -> bool {
    let mut letters = word.bytes();
    short.as_bytes().first() == word.as_bytes().first()
        && short.bytes().all(|byte| letters.any(|letter| letter == byte))
}
