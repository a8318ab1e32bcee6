//! Claims held against `composition` on records with changed values, whether an intake would take them or not.

use mail::card::{CardNumber, Generation};
use mail::holder::{Civility, Holder, Title};
use mail::profession::Profession;
use mail::reason::Reason;
use proptest::prelude::*;

use super::peers::{beginnings, compare_blocks, compare_texts};
use super::*;

/// Names with accents before and behind their letters, with signs, and with letters of no field.
fn name() -> impl Strategy<Value = String> {
    let usual = "[A-Za-zÀ-ÖØ-öø-ÿŒœŸ' ’.-]{1,30}";
    let strange = "[A-Za-zÀ-ÿ\u{100}-\u{24f}\u{1e00}-\u{1eff}\u{300}-\u{36f}' ’.&/,–‐—´`-]{0,60}";
    prop_oneof![4 => usual, 2 => strange, 1 => "[A-Z]{36,45}", 1 => ".{0,12}"]
}

fn day() -> impl Strategy<Value = Option<Date>> {
    let near = (0..400i32)
        .prop_map(|days| date(2026, 1, 1).checked_add(jiff::Span::new().days(days)).expect("a day"));
    let any = (1990..2100i16, 1..=12i8, 1..=28i8).prop_map(|(year, month, day)| date(year, month, day));
    prop::option::of(prop_oneof![near, any])
}

prop_compose! {
    /// A record of a sample, changed in all that pieces show, whether an intake would take it or not.
    fn changed()(
        index in 0..300usize,
        (last_name, first_name, organisation) in (name(), name(), name()),
        (civility, title) in (prop::option::of(0..3usize), prop::option::of(0..3usize)),
        nobody in prop::bool::weighted(0.1),
        (issue_date, expiry_date) in (day(), day()),
        replaced in prop::option::of("[0-9]{10}"),
        (reason, generation) in (0..5usize, prop::option::of(0..3usize)),
        profession in prop::option::of(0..25usize),
        lost_structure in prop::bool::weighted(0.1),
    ) -> Issuance {
        let mut record = beginnings()[index].clone();
        record.holder = match nobody {
            true => Holder::Structure,
            false => Holder::Named {
                civility: civility.map(|index| Civility::ALL[index]),
                title: title.map(|index| Title::ALL[index]),
                last_name,
                first_name,
            },
        };
        record.organisation = organisation;
        (record.issue_date, record.expiry_date) = (issue_date, expiry_date);
        record.replaced_card_number = replaced.and_then(|number| CardNumber::parse(&number).ok());
        record.reason = Reason::ALL[reason];
        record.replaced_generation = generation.map(|index| Generation::ALL[index]);
        record.profession = profession.and_then(|index| Profession::all().nth(index));
        if lost_structure {
            record.structure_id = None;
        }
        // The intake makes every card of before March 2014 a CPS2ter.
        if record.expiry_date.is_some_and(|expiry| expiry < date(2014, 3, 1)) {
            record.replaced_generation = Some(Generation::CPS2TER);
        }
        record
    }
}

/// Compares changed records, batch by batch.
fn compare_changed(cases: u32) {
    let config =
        ProptestConfig { cases: cases.div_ceil(20), failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let strategy = (prop::collection::vec(changed(), 20), 1..900_000u32, day());
    let outcome = runner.run(&strategy, |(records, sequence, night)| {
        let night = night.filter(|night| *night >= date(2000, 1, 1)).unwrap_or(NIGHT);
        records.iter().zip(sequence..).for_each(|(record, sequence)| compare_texts(record, night, sequence));
        compare_blocks(&records, night);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn both_say_the_same_of_changed_records() {
    compare_changed(2000);
}

#[test]
#[ignore = "the long form: 200,000 records"]
fn both_say_the_same_of_many_changed_records() {
    compare_changed(200_000);
}
