//! Identifiers with valid check digits, and card numbers in scattered order. Digits are random, so that an identifier is a
//! real one only by chance.

use super::random::{Purpose, Random};
use mail::identifiers::{finess_key, luhn_key};

/// Half of the eight digits that follow the 24 of every card number.
const HALF: u32 = 10_000;

/// Rounds of the permutation that scatters card numbers.
const ROUNDS: u32 = 4;

/// The card numbers of a sample: in scattered order, each used once.
pub(super) struct CardNumbers {
    seed: u64,
}

impl CardNumbers {
    /// The numbers of a seed.
    pub(super) fn new(seed: u64) -> CardNumbers {
        CardNumbers { seed }
    }

    /// The number of a record's card; unique up to 50 million records.
    pub(super) fn issued(&self, record: u32) -> String {
        self.nth(record * 2)
    }

    /// The number of the card that a record's card replaces.
    pub(super) fn replaced(&self, record: u32) -> String {
        self.nth(record * 2 + 1)
    }

    /// A permutation of the eight-digit numbers: a Feistel network over their two halves.
    fn nth(&self, index: u32) -> String {
        let (mut left, mut right) = (index / HALF % HALF, index % HALF);
        for round in 0..ROUNDS {
            let drawn = Random::new(self.seed, round * HALF + right, Purpose::Numbering).below(HALF);
            (left, right) = (right, (left + drawn) % HALF);
        }
        format!("24{left:04}{right:04}")
    }
}

fn with_luhn(body: String) -> String {
    let key = luhn_key(&body).unwrap_or('0');
    body + key.encode_utf8(&mut [0; 4])
}

/// RPPS: `10`, eight digits, key.
pub(super) fn rpps(random: &mut Random) -> String {
    with_luhn(format!("10{}", random.digits(8)))
}

/// RPPS-rang: the practice of a holder of an RPPS number, with its rank.
pub(super) fn rpps_rang(random: &mut Random, rpps: &str) -> String {
    with_luhn(format!("{rpps}{:02}", random.within(1, 4)))
}

/// ADELI: the département, the profession's digit and six more; internal references since CPS3.3 begin with `0B`.
pub(super) fn adeli(random: &mut Random, departement: &str) -> String {
    match random.chance(250) {
        true => format!("0B{}", random.digits(7)),
        false => format!("{:.2}{}", numeric(departement), random.digits(7)),
    }
}

/// An ADELI practice: the ADELI number and two digits of rank.
pub(super) fn adeli_practice(random: &mut Random, departement: &str) -> String {
    format!("{:.2}{}{:02}", numeric(departement), random.digits(7), random.within(1, 3))
}

/// A département in digits: ADELI numbers have no letter for Corsica.
fn numeric(departement: &str) -> &str {
    if departement.starts_with('2') && departement.ends_with(['A', 'B']) { "20" } else { departement }
}

/// FINESS of a département; `None` where there are no such numbers (Pacific, Monaco).
pub(super) fn finess(random: &mut Random, departement: &str) -> Option<String> {
    let body = match departement {
        "976" => format!("980{}", random.digits(5)),
        "971" | "972" | "973" | "974" | "975" => format!("970{}{}", &departement[2..], random.digits(4)),
        two if two.len() == 2 => format!("{two}0{}", random.digits(5)),
        _ => return None,
    };
    finess_key(&body).map(|key| format!("{body}{key}"))
}

/// SIREN: eight digits and a key.
pub(super) fn siren(random: &mut Random) -> String {
    with_luhn(format!("{}{}", random.within(4, 8), random.digits(7)))
}

/// SIRET: a SIREN, the rank of the establishment, a key.
pub(super) fn siret(random: &mut Random) -> String {
    let siren = siren(random);
    with_luhn(format!("{siren}00{}", random.digits(2)))
}

/// SIRET of a post office: the digits add up to a multiple of five.
pub(super) fn siret_of_la_poste(random: &mut Random) -> String {
    let body = format!("356000000{}", random.digits(4));
    let sum: u32 = body.chars().filter_map(|digit| digit.to_digit(10)).sum();
    let last = (5 - sum % 5) % 5 + 5 * random.below(2);
    format!("{body}{last}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use mail::identifiers::{finess_valid, rpps_rang_valid, rpps_valid, siren_valid, siret_valid};

    #[test]
    fn check_digits_are_right() {
        for record in 0..2000 {
            let random = &mut Random::new(11, record, Purpose::Record);
            let rpps = rpps(random);
            assert!(rpps_valid(&rpps) && rpps_rang_valid(&rpps_rang(random, &rpps)));
            assert!(siren_valid(&siren(random)) && siret_valid(&siret(random)));
            let post_office = siret_of_la_poste(random);
            assert!(siret_valid(&post_office), "{post_office}");
            for departement in ["01", "2A", "2B", "75", "971", "974", "975", "976"] {
                assert!(
                    finess(random, departement).is_some_and(|number| finess_valid(&number)),
                    "{departement}"
                );
            }
            assert_eq!(finess(random, "988"), None);
        }
    }

    #[test]
    fn card_numbers_are_unique_and_scattered() {
        let numbers = CardNumbers::new(3);
        let all: Vec<String> = (0..50_000).flat_map(|n| [numbers.issued(n), numbers.replaced(n)]).collect();
        assert!(all.iter().all(|number| number.len() == 10 && number.starts_with("24")));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        let steps: BTreeSet<i64> = all
            .iter()
            .filter_map(|number| number.parse::<i64>().ok())
            .collect::<Vec<_>>()
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        assert!(steps.len() > 1000, "only {} different steps", steps.len());
    }
}
