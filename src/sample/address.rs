//! Addresses as the norm NF Z 10-011 has them: six lines, 38 characters, empty lines where nothing is to be said.
//!
//! Takes dice, a place, and who lives or works there. Gives the address columns of a record.
//! Never a line that La Poste refuses; a few that it dislikes.

use super::dice::Dice;
use super::names::Person;
use super::places::{
    BUILDINGS, FULL_BUILDINGS, FULL_POINTS, FULL_STREETS, LIEUX_DITS, Place, STREETS, STREETS_ABROAD,
    Setting, WAYS,
};
use super::record::CardRow;
use mail::address::MAX_CHARACTERS;
use mail::postal_capitals;

/// Who the mail goes to.
pub(super) struct Recipient<'a> {
    /// The holder; none for a card without a name.
    pub person: Option<&'a Person>,
    /// The line of the structure, when the mail goes there.
    pub structure: Option<&'a str>,
}

/// Fills the address columns.
pub(super) fn write(row: &mut CardRow, dice: &mut Dice, place: &Place, recipient: &Recipient) {
    match recipient.structure {
        Some(structure) => at_work(row, dice, structure, recipient.person),
        None => at_home(row, dice, recipient.person),
    }
    match place.setting {
        Setting::Street => street(row, dice),
        Setting::Cedex => cedex(row, dice),
        Setting::Hamlet => hamlet(row, dice),
        Setting::Army => army(row, dice),
        Setting::Abroad => dice.pick(&STREETS_ABROAD).clone_into(&mut row.address_4),
    }
    place.last_line.clone_into(&mut row.address_6);
    if place.setting == Setting::Abroad || dice.chance(600) {
        place.country.clone_into(&mut row.country);
    } else if place.country.is_empty() && dice.chance(100) {
        dice.pick(&["FR", "FRANCE"]).clone_into(&mut row.country);
    }
}

/// The person's name, then where in the building to find them.
fn at_home(row: &mut CardRow, dice: &mut Dice, person: Option<&Person>) {
    row.address_1 = person.map(|person| name_line(dice, person)).unwrap_or_default();
    row.address_2 = match dice.below(100) {
        0..8 => format!("APPARTEMENT {}", dice.within(1, 240)),
        8..13 => format!("ETAGE {} PORTE {}", dice.within(1, 14), dice.pick(&["A", "B", "GAUCHE"])),
        13..15 => format!("Chez Mme {}", dice.pick(&["Noël", "Œuvrard", "L'Hôte"])),
        15 => dice.pick(&FULL_POINTS).to_owned(),
        _ => String::new(),
    };
    row.address_3 = building(dice);
}

/// The structure's name, then whom it should hand the letter to.
fn at_work(row: &mut CardRow, dice: &mut Dice, structure: &str, person: Option<&Person>) {
    row.address_1 = if dice.chance(700) { postal_capitals(structure) } else { structure.to_owned() };
    row.address_2 = match person {
        Some(person) => name_line(dice, person),
        None => dice.pick(&["SERVICE DU PERSONNEL", "DIRECTION", "Service des cartes", ""]).to_owned(),
    };
    if dice.chance(300) {
        row.address_3 = building(dice);
    }
}

fn building(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..3 => dice.pick(&FULL_BUILDINGS).to_owned(),
        3..22 => dice.pick(&BUILDINGS).to_owned(),
        _ => String::new(),
    }
}

/// The name as a line: as the letter spells it or in capitals, shortened where it is longer than a line; empty now
/// and then, for the intake to fill.
fn name_line(dice: &mut Dice, person: &Person) -> String {
    let full = person.line();
    let fits = |line: &String| line.chars().count() <= MAX_CHARACTERS;
    if fits(&full) && dice.chance(12) {
        return String::new();
    }
    let full = if dice.chance(600) { postal_capitals(&full) } else { full };
    let initial: String = person.first_name.chars().take(1).collect();
    let with_initial = format!("{} {initial}", person.last_name.to_uppercase());
    [full, with_initial].into_iter().find(fits).unwrap_or_else(|| person.last_name.clone())
}

fn street(row: &mut CardRow, dice: &mut Dice) {
    row.address_4 = match dice.below(100) {
        0..2 => dice.pick(&FULL_STREETS).to_owned(),
        _ => numbered_street(dice),
    };
    // What La Poste dislikes but delivers: lower case and accents.
    if dice.chance(10) {
        row.address_4 = format!("{} rue de la Forêt", dice.within(1, 40));
    }
    if dice.chance(30) {
        row.address_5 = format!("BP {}", dice.within(10, 999));
    }
}

fn numbered_street(dice: &mut Dice) -> String {
    let number = dice.weighted(&[(70, 60), (25, 199), (5, 999)]);
    let number = dice.within(1, number);
    let repetition = dice.weighted(&[(88, ""), (6, " B"), (3, " T"), (3, " A")]);
    format!("{number}{repetition} {} {}", dice.weighted(&WAYS), dice.pick(&STREETS))
}

fn cedex(row: &mut CardRow, dice: &mut Dice) {
    if dice.chance(800) {
        row.address_4 = numbered_street(dice);
    }
    row.address_5 = match dice.below(10) {
        0..5 => format!("CS {:05}", dice.within(10_000, 99_999)),
        5..9 => format!("BP {}", dice.within(10, 90_999)),
        _ => format!("TSA {:05}", dice.within(10_000, 99_999)),
    };
}

fn hamlet(row: &mut CardRow, dice: &mut Dice) {
    if dice.chance(450) {
        row.address_4 = format!("{} ROUTE {}", dice.within(1, 2400), dice.pick(&STREETS));
    }
    dice.pick(&LIEUX_DITS).clone_into(&mut row.address_5);
}

fn army(row: &mut CardRow, dice: &mut Dice) {
    row.address_3 = format!("{}E REGIMENT MEDICAL", dice.within(2, 9));
    row.address_5 = format!("SP {:05}", dice.within(10_000, 99_999));
}
