//! What the table says against a last line, and what to write instead.

use crate::{Worded, Words};

use super::table::Table;
use super::town::Town;

/// How many postcodes or towns a message names.
const NAMED: usize = 3;

/// How many letters may be wrong in a name that is meant to be another.
const MISSPELLED: usize = 2;

/// A last line whose postcode and town do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostcodeFinding {
    /// The postcode is not in the table.
    #[error("postcode {postcode} is not in the official table; {advice}")]
    Unknown {
        /// The postcode.
        postcode: String,
        /// What to write instead.
        advice: Words,
    },
    /// The postcode is another town's.
    #[error("{postcode} is {towns}; {advice}")]
    OtherTown {
        /// The postcode.
        postcode: String,
        /// Its towns, in words.
        towns: Words,
        /// What to write instead.
        advice: Words,
    },
}

impl PostcodeFinding {
    /// The stable code of this kind of finding.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "postcode_unknown",
            Self::OtherTown { .. } => "postcode_other_town",
        }
    }
}

/// The finding of a postcode that does not exist.
pub(super) fn unknown(table: &Table, postcode: &str, town: &Town) -> PostcodeFinding {
    let mut elsewhere = table.postcodes_of(town);
    sort_by_likeness(&mut elsewhere, postcode);
    let advice = match elsewhere.first().and_then(|code| table.label_of(code, town)) {
        Some(label) => did_you_mean(&elsewhere, Town::read(label).written()),
        None => Words::new(
            "cherchez-le\u{202F}; écrivez CEDEX après la ville si c’est celui d’une entreprise",
            "look it up; write CEDEX behind the town where it is a company's",
        ),
    };
    PostcodeFinding::Unknown { postcode: postcode.to_owned(), advice }
}

/// The finding of a postcode of other towns. `elsewhere`: the postcodes of the town that is written.
pub(super) fn other_town(
    postcode: &str,
    locality: &str,
    known: &[Town],
    elsewhere: &[String],
    town: &Town,
) -> PostcodeFinding {
    let misspelled = known.iter().map(|label| (strsim::levenshtein(label.name(), town.name()), label));
    let nearest = misspelled.min_by_key(|(distance, _)| *distance);
    let mut elsewhere = elsewhere.to_vec();
    sort_by_likeness(&mut elsewhere, postcode);
    let advice = match nearest {
        Some((distance, label)) if distance <= MISSPELLED && distance * 3 <= town.name().len() => {
            meant(&[format!("{postcode} {}", label.written())])
        }
        _ if !elsewhere.is_empty() => did_you_mean(&elsewhere, town.written()),
        _ => Words::of(
            format!(
                "écrivez une de ses villes sur la ligne 6, et «\u{A0}{locality}\u{A0}» sur la ligne 5 si c’en est une partie"
            ),
            format!(
                "write one of its towns on line 6, and `{locality}` on line 5 where it is a part of the town"
            ),
        ),
    };
    PostcodeFinding::OtherTown { postcode: postcode.to_owned(), towns: in_words(known), advice }
}

/// The towns that have a postcode for each arrondissement: its first three digits, and the last arrondissement.
const DIVIDED: [(&str, &str, u32); 3] = [("PARIS", "750", 20), ("LYON", "690", 9), ("MARSEILLE", "130", 16)];

/// The finding of an arrondissement that is not the postcode's, as in `69003 LYON 07`.
pub(super) fn other_arrondissement(postcode: &str, locality: &str) -> Option<PostcodeFinding> {
    let (town, behind) = locality.split_once(' ')?;
    let (_, begin, last) = DIVIDED.into_iter().find(|(name, ..)| *name == town)?;
    let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
    let (written, ending) = behind.split_at_checked(digits)?;
    let ends = |word: &str| matches!(word, "" | "E" | "ER" | "ERE" | "EME" | "ME" | "ARR" | "ARRONDISSEMENT");
    let written: u32 = written.parse().ok().filter(|_| ending.split(' ').all(ends))?;
    // The sixteenth of Paris has two postcodes.
    let of_postcode = if postcode == "75116" { "16" } else { postcode.strip_prefix(begin)? };
    let number: u32 = of_postcode.parse().ok().filter(|number| (1..=last).contains(number))?;
    if written == number {
        return None;
    }
    let lines = [
        Some(format!("{postcode} {town}")),
        (1..=last).contains(&written).then(|| format!("{begin}{written:02} {town}")),
    ];
    Some(PostcodeFinding::OtherTown {
        postcode: postcode.to_owned(),
        towns: Words::same(format!("{town} {of_postcode}")),
        advice: meant(&lines.into_iter().flatten().collect::<Vec<_>>()),
    })
}

/// The finding of a country behind one of the postcode's towns, as in `86000 POITIERS FRANCE`: the last line of an address in
/// France has none (NF Z 10-011).
pub(super) fn country_behind(postcode: &str, locality: &str, known: &[Town]) -> Option<PostcodeFinding> {
    let town = locality.strip_suffix(" FRANCE").filter(|town| {
        let town = Town::read(town);
        known.iter().any(|label| town.is(label))
    })?;
    let advice = meant(&[format!("{postcode} {town}")]);
    Some(PostcodeFinding::OtherTown {
        postcode: postcode.to_owned(),
        towns: Words::same(town.to_owned()),
        advice,
    })
}

/// The postcodes that are most like the one that is written come first: of its département, then with the most digits in
/// common.
fn sort_by_likeness(postcodes: &mut [String], written: &str) {
    postcodes.sort_by_key(|postcode| {
        let away = postcode.get(..2) != written.get(..2);
        (away, strsim::osa_distance(postcode, written), postcode.clone())
    });
}

fn did_you_mean(postcodes: &[String], town: &str) -> Words {
    let named: Vec<String> = postcodes.iter().take(NAMED).map(|code| format!("{code} {town}")).collect();
    meant(&named)
}

/// The question whether one of these lines is meant.
fn meant(lines: &[String]) -> Words {
    let french: Vec<String> = lines.iter().map(|line| format!("«\u{A0}{line}\u{A0}»")).collect();
    let english: Vec<String> = lines.iter().map(|line| format!("`{line}`")).collect();
    Words::of(
        format!("vouliez-vous écrire {}\u{202F}?", french.join(" ou ")),
        format!("did you mean {}?", english.join(" or ")),
    )
}

impl Worded for PostcodeFinding {
    fn french(&self) -> String {
        match self {
            Self::Unknown { postcode, advice } => {
                format!(
                    "le code postal {postcode} n’est pas dans la table officielle\u{202F}; {}",
                    advice.french()
                )
            }
            Self::OtherTown { postcode, towns, advice } => {
                format!("{postcode} est le code de {}\u{202F}; {}", towns.french(), advice.french())
            }
        }
    }
}

/// The first towns in words, and how many more there are.
fn in_words(towns: &[Town]) -> Words {
    let named: Vec<&str> = towns.iter().take(NAMED).map(Town::written).collect();
    let named = named.join(", ");
    match towns.len().saturating_sub(NAMED) {
        0 => Words::same(named),
        more => Words::of(format!("{named} et {more} autres"), format!("{named} and {more} more")),
    }
}
