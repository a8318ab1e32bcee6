//! Addresses by the norm NF Z 10-011: six lines of at most 38 characters, some of them empty. La Poste refuses none of
//! them; a few cause warnings.

use super::localities::{
    AddressKind, BUILDINGS, FULL_BUILDINGS, FULL_POINTS, FULL_STREETS, LIEUX_DITS, Locality, STREETS,
    STREETS_ABROAD, WAYS,
};
use super::names::Person;
use super::random::Random;
use super::record::CardRow;
use mail::address::MAX_CHARACTERS;
use mail::postal_capitals;

/// The recipient of an address.
pub(super) struct Recipient<'a> {
    /// The holder; `None` for a card without a holder's name.
    pub person: Option<&'a Person>,
    /// The structure's name, where the mail goes to the structure.
    pub structure: Option<&'a str>,
}

/// Fills the address columns.
pub(super) fn write(row: &mut CardRow, random: &mut Random, locality: &Locality, recipient: &Recipient) {
    match recipient.structure {
        Some(structure) => at_work(row, random, structure, recipient.person),
        None => at_home(row, random, recipient.person),
    }
    match locality.kind {
        AddressKind::Street => street(row, random),
        AddressKind::Cedex => cedex(row, random),
        AddressKind::Hamlet => hamlet(row, random),
        AddressKind::Army => army(row, random),
        AddressKind::Abroad => random.pick(&STREETS_ABROAD).clone_into(&mut row.address_4),
    }
    locality.last_line.clone_into(&mut row.address_6);
    if locality.kind == AddressKind::Abroad || random.chance(600) {
        locality.country.clone_into(&mut row.country);
    } else if locality.country.is_empty() && random.chance(100) {
        random.pick(&["FR", "FRANCE"]).clone_into(&mut row.country);
    }
}

/// The person's name, then the flat, floor or building.
fn at_home(row: &mut CardRow, random: &mut Random, person: Option<&Person>) {
    row.address_1 = person.map(|person| name_line(random, person)).unwrap_or_default();
    row.address_2 = match random.below(100) {
        0..8 => format!("APPARTEMENT {}", random.within(1, 240)),
        8..13 => format!("ETAGE {} PORTE {}", random.within(1, 14), random.pick(&["A", "B", "GAUCHE"])),
        13..15 => format!("Chez Mme {}", random.pick(&["Noël", "Œuvrard", "L'Hôte"])),
        15 => random.pick(&FULL_POINTS).to_owned(),
        _ => String::new(),
    };
    row.address_3 = building(random);
}

/// The structure's name, then the person or service in it.
fn at_work(row: &mut CardRow, random: &mut Random, structure: &str, person: Option<&Person>) {
    row.address_1 = if random.chance(700) { postal_capitals(structure) } else { structure.to_owned() };
    row.address_2 = match person {
        Some(person) => name_line(random, person),
        None => random.pick(&["SERVICE DU PERSONNEL", "DIRECTION", "Service des cartes", ""]).to_owned(),
    };
    if random.chance(300) {
        row.address_3 = building(random);
    }
}

fn building(random: &mut Random) -> String {
    match random.below(100) {
        0..3 => random.pick(&FULL_BUILDINGS).to_owned(),
        3..22 => random.pick(&BUILDINGS).to_owned(),
        _ => String::new(),
    }
}

/// The name as an address line: as the letter writes it or in capitals, shortened where it is longer than a line. Sometimes
/// empty, so that the intake fills the line.
fn name_line(random: &mut Random, person: &Person) -> String {
    let full = person.line();
    let fits = |line: &String| line.chars().count() <= MAX_CHARACTERS;
    if fits(&full) && random.chance(12) {
        return String::new();
    }
    let full = if random.chance(600) { postal_capitals(&full) } else { full };
    let initial: String = person.first_name.chars().take(1).collect();
    let with_initial = format!("{} {initial}", person.last_name.to_uppercase());
    [full, with_initial].into_iter().find(fits).unwrap_or_else(|| person.last_name.clone())
}

fn street(row: &mut CardRow, random: &mut Random) {
    row.address_4 = match random.below(100) {
        0..2 => random.pick(&FULL_STREETS).to_owned(),
        _ => numbered_street(random),
    };
    // Lower case and accents are delivered, with a warning.
    if random.chance(10) {
        row.address_4 = format!("{} rue de la Forêt", random.within(1, 40));
    }
    if random.chance(30) {
        row.address_5 = format!("BP {}", random.within(10, 999));
    }
}

fn numbered_street(random: &mut Random) -> String {
    let number = random.weighted(&[(70, 60), (25, 199), (5, 999)]);
    let number = random.within(1, number);
    let repetition = random.weighted(&[(88, ""), (6, " B"), (3, " T"), (3, " A")]);
    format!("{number}{repetition} {} {}", random.weighted(&WAYS), random.pick(&STREETS))
}

fn cedex(row: &mut CardRow, random: &mut Random) {
    if random.chance(800) {
        row.address_4 = numbered_street(random);
    }
    row.address_5 = match random.below(10) {
        0..5 => format!("CS {:05}", random.within(10_000, 99_999)),
        5..9 => format!("BP {}", random.within(10, 90_999)),
        _ => format!("TSA {:05}", random.within(10_000, 99_999)),
    };
}

fn hamlet(row: &mut CardRow, random: &mut Random) {
    if random.chance(450) {
        row.address_4 = format!("{} ROUTE {}", random.within(1, 2400), random.pick(&STREETS));
    }
    random.pick(&LIEUX_DITS).clone_into(&mut row.address_5);
}

fn army(row: &mut CardRow, random: &mut Random) {
    row.address_3 = format!("{}E REGIMENT MEDICAL", random.within(2, 9));
    row.address_5 = format!("SP {:05}", random.within(10_000, 99_999));
}
