//! One record of a sample, whose columns are consistent with each other. The intake accepts it. It depends on the seed and
//! its index only, not on other records or their number.

use super::address::{self, Recipient};
use super::localities::{AddressKind, Locality};
use super::names::Person;
use super::numbers::CardNumbers;
use super::random::{Purpose, Random};
use super::reasons;
use super::structures::{Identifiers, Structure};
use mail::address::departement;
use mail::card::{CardFamily, CardStatus};
use mail::holder::{Civility, Title};
use mail::reason::Reason;

/// Defines the columns of `cards.csv`, in the order of the contract.
macro_rules! card_row {
    ($($column:ident)*) => {
        /// A row of `cards.csv`, as text.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(super) struct CardRow { $(pub $column: String,)* }

        impl CardRow {
            /// The names of the columns.
            pub(super) const COLUMNS: &[&str] = &[$(stringify!($column)),*];

            /// The values, column by column.
            pub(super) fn values(&self) -> [&str; Self::COLUMNS.len()] {
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

/// Generates the records of a sample.
pub(super) struct RecordGenerator {
    seed: u64,
    numbers: CardNumbers,
}

impl RecordGenerator {
    /// The generator of a seed.
    pub(super) fn new(seed: u64) -> RecordGenerator {
        RecordGenerator { seed, numbers: CardNumbers::new(seed) }
    }

    /// A record of any kind.
    pub(super) fn record(&self, index: u32) -> CardRow {
        let random = &mut Random::new(self.seed, index, Purpose::Record);
        let family = random.weighted(&FAMILIES);
        let reason = reasons::draw(random, family);
        let locality = Locality::draw(random);
        let mut row = self.row(random, index, family, reason, &locality);
        let status = if random.chance(15) { CardStatus::Revoked } else { CardStatus::Issued };
        status.code().clone_into(&mut row.status);
        row
    }

    /// The first card of a professional in a town of metropolitan France. Bad records are made from such a record.
    pub(super) fn plain(&self, index: u32) -> CardRow {
        let random = &mut Random::new(self.seed, index, Purpose::Record);
        let locality = Locality::town(random);
        self.row(random, index, CardFamily::Cps, Reason::First, &locality)
    }

    fn row(
        &self,
        random: &mut Random,
        index: u32,
        family: CardFamily,
        reason: Reason,
        locality: &Locality,
    ) -> CardRow {
        let mut row = CardRow {
            card_number: self.numbers.issued(index),
            card_family: family.code().to_owned(),
            status: CardStatus::Issued.code().to_owned(),
            ..CardRow::default()
        };
        reasons::write(&mut row, random, reason, self.numbers.replaced(index));
        if family.needs_profession() || random.chance(120) {
            random.weighted(&PROFESSIONS).clone_into(&mut row.profession_code);
        }
        let nameless = family.may_be_nameless() && random.chance(350);
        let person = (!nameless).then(|| Person::invent(random, titled_profession(&row, family)));
        let structure = Structure::invent(random, family, &row.profession_code);
        let home = locality.postcode().and_then(departement).unwrap_or("75");
        let identifiers = Identifiers::draw(random, family, home, structure.post_office);
        row.ps_id_nat = identifiers.holder;
        row.structure_id = identifiers.structure;
        write_holder(&mut row, random, person.as_ref());
        let at_work =
            nameless || family.needs_structure() || locality.kind == AddressKind::Cedex || random.chance(450);
        if at_work || random.chance(500) {
            row.organisation = structure.name;
        }
        let structure = at_work.then_some(structure.line.as_str());
        address::write(&mut row, random, locality, &Recipient { person: person.as_ref(), structure });
        row
    }
}

/// The profession of a professional, who may have a title; empty for students and staff.
fn titled_profession(row: &CardRow, family: CardFamily) -> &str {
    if family == CardFamily::Cps { &row.profession_code } else { "" }
}

fn write_holder(row: &mut CardRow, random: &mut Random, person: Option<&Person>) {
    let Some(person) = person else {
        // A civility without a name is accepted with a warning.
        if random.chance(30) {
            Civility::M.code().clone_into(&mut row.civility);
        }
        return;
    };
    person.civility.map_or("", Civility::code).clone_into(&mut row.civility);
    person.title.map_or("", Title::code).clone_into(&mut row.title);
    person.last_name.clone_into(&mut row.last_name);
    person.first_name.clone_into(&mut row.first_name);
}
