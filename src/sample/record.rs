//! One record of a sample, every column consistent with the others.
//!
//! Takes a seed and a place in the file. Gives a [`CardRow`] that intake takes in.
//! Never depends on other records, on their number, or on the bad ones among them.

use super::address::{self, Recipient};
use super::dice::{Dice, Purpose};
use super::names::Person;
use super::numbers::CardNumbers;
use super::occasions;
use super::places::{Place, Setting};
use super::structures::{Identifiers, Structure};
use mail::address::departement;
use mail::card::{CardFamily, CardStatus};
use mail::holder::{Civility, Title};
use mail::reason::Reason;

/// Names every column of `cards.csv` once, in the order of the contract.
macro_rules! card_row {
    ($($column:ident)*) => {
        /// A row of `cards.csv`, as text.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(super) struct CardRow { $(pub $column: String,)* }

        impl CardRow {
            /// The names of the columns.
            pub const COLUMNS: &[&str] = &[$(stringify!($column)),*];

            /// The values, column by column.
            pub fn values(&self) -> [&str; Self::COLUMNS.len()] {
                [$(&self.$column),*]
            }
        }
    };
}

card_row! {
    card_number card_family reason requested_at issue_date expiry_date replaced_card_number replaced_generation
    ps_id_nat structure_id civility title last_name first_name profession_code organisation
    address_1 address_2 address_3 address_4 address_5 address_6 country status
}

/// The shares of the families, in percent.
const FAMILIES: [(u32, CardFamily); 6] = [
    (68, CardFamily::Cps),
    (15, CardFamily::Cpe),
    (8, CardFamily::Cpf),
    (4, CardFamily::Cde),
    (3, CardFamily::Cpa),
    (2, CardFamily::Cda),
];

/// The shares of the professions (TRE_G15), in permille.
#[rustfmt::skip]
const PROFESSIONS: [(u32, &str); 21] = [
    (345, "60"), (280, "10"), (100, "70"), (85, "21"), (55, "40"), (30, "91"), (25, "50"), (15, "80"), (10, "28"),
    (8, "26"), (8, "92"), (7, "94"), (6, "95"), (6, "98"), (5, "96"), (4, "93"), (4, "69"), (3, "31"), (2, "86"),
    (1, "32"), (1, "81"),
];

/// Makes the records of a sample.
pub(super) struct Registry {
    seed: u64,
    numbers: CardNumbers,
}

impl Registry {
    /// The records of a seed.
    pub fn new(seed: u64) -> Registry {
        Registry { seed, numbers: CardNumbers::new(seed) }
    }

    /// A record of any kind.
    pub fn record(&self, place: u32) -> CardRow {
        let dice = &mut Dice::new(self.seed, place, Purpose::Record);
        let family = dice.weighted(&FAMILIES);
        let reason = occasions::reason(dice, family);
        let at = Place::draw(dice);
        let mut row = self.row(dice, place, family, reason, &at);
        let status = if dice.chance(15) { CardStatus::Revoked } else { CardStatus::Issued };
        status.code().clone_into(&mut row.status);
        row
    }

    /// The first card of a professional in a town of metropolitan France: what bad records are made from.
    pub fn plain(&self, place: u32) -> CardRow {
        let dice = &mut Dice::new(self.seed, place, Purpose::Record);
        let at = Place::town(dice);
        self.row(dice, place, CardFamily::Cps, Reason::First, &at)
    }

    fn row(&self, dice: &mut Dice, place: u32, family: CardFamily, reason: Reason, at: &Place) -> CardRow {
        let mut row = CardRow {
            card_number: self.numbers.issued(place),
            card_family: family.code().to_owned(),
            status: CardStatus::Issued.code().to_owned(),
            ..CardRow::default()
        };
        occasions::write(&mut row, dice, reason, self.numbers.replaced(place));
        if family.needs_profession() || dice.chance(120) {
            dice.weighted(&PROFESSIONS).clone_into(&mut row.profession_code);
        }
        let nameless = family.may_be_nameless() && dice.chance(350);
        let person = (!nameless).then(|| Person::invent(dice, titled_profession(&row, family)));
        let structure = Structure::invent(dice, family, &row.profession_code);
        let home = at.postcode().and_then(departement).unwrap_or("75");
        let identifiers = Identifiers::draw(dice, family, home, structure.post_office);
        row.ps_id_nat = identifiers.holder;
        row.structure_id = identifiers.structure;
        write_holder(&mut row, dice, person.as_ref());
        let at_work =
            nameless || family.needs_structure() || at.setting == Setting::Cedex || dice.chance(450);
        if at_work || dice.chance(500) {
            row.organisation = structure.name;
        }
        let structure = at_work.then_some(structure.line.as_str());
        address::write(&mut row, dice, at, &Recipient { person: person.as_ref(), structure });
        row
    }
}

/// The profession that may carry a title: that of a professional, not of a student or of staff.
fn titled_profession(row: &CardRow, family: CardFamily) -> &str {
    if family == CardFamily::Cps { &row.profession_code } else { "" }
}

fn write_holder(row: &mut CardRow, dice: &mut Dice, person: Option<&Person>) {
    let Some(person) = person else {
        // A civility without a name: taken in, with a warning.
        if dice.chance(30) {
            Civility::M.code().clone_into(&mut row.civility);
        }
        return;
    };
    person.civility.map_or("", Civility::code).clone_into(&mut row.civility);
    person.title.map_or("", Title::code).clone_into(&mut row.title);
    person.last_name.clone_into(&mut row.last_name);
    person.first_name.clone_into(&mut row.first_name);
}
