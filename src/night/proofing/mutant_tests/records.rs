//! Mutants of records: the page shows one thing and the record says another, field by field. So a fault of composition in
//! any value is refused.

use serde_json::{Value, json};

use super::{Mutant, imposed, letters};

pub(super) const MUTANTS: &[Mutant] = &[
    letters("the record: its card", "symbol_differs", |it| it.record(0, "card_number", json!("2475694048"))),
    letters("the record: the holder's last name", "text_differs", |it| {
        it.record(0, "holder/named/last_name", json!("COHEN-"));
    }),
    letters("the record: an accent of the last name", "text_differs", |it| {
        it.record(0, "holder/named/last_name", json!("COH\u{c9}N"));
    }),
    letters("the record: the first name", "text_differs", |it| {
        it.record(0, "holder/named/first_name", json!("Matthieu"));
    }),
    letters("the record: the case of the first name", "text_differs", |it| {
        it.record(0, "holder/named/first_name", json!("MATHIEU"));
    }),
    letters("the record: the civility", "text_differs", |it| {
        it.record(0, "holder/named/civility", json!("MME"))
    }),
    letters("the record: no civility", "text_differs", |it| {
        it.record(0, "holder/named/civility", Value::Null)
    }),
    letters("the record: a title more", "text_differs", |it| it.record(0, "holder/named/title", json!("PR"))),
    letters("the record: a title less", "text_differs", |it| it.record(1, "holder/named/title", Value::Null)),
    letters("the record: the first line of the address", "text_differs", |it| {
        it.record(0, "address/lines/0", json!("SERVICE DE SANTE BELLE \u{ce}LE"));
    }),
    letters("the record: the street", "text_differs", |it| {
        it.record(0, "address/lines/2", json!("CAMPAGNE BEL AIR 2"));
    }),
    letters("the record: the postcode", "text_differs", |it| {
        it.record(0, "address/lines/3", json!("48161 LE COLLET DE DEZE"));
    }),
    letters("the record: a line more in the address", "text_differs", |it| {
        it.record(
            0,
            "address/lines",
            json!([
                "SERVICE DE SANTE BELLE ILE",
                "M COHEN MATHIEU",
                "BAT A",
                "CAMPAGNE BEL AIR",
                "48160 LE COLLET DE DEZE"
            ]),
        );
    }),
    letters("the record: a line less in the address", "text_differs", |it| {
        it.record(
            0,
            "address/lines",
            json!(["SERVICE DE SANTE BELLE ILE", "CAMPAGNE BEL AIR", "48160 LE COLLET DE DEZE"]),
        );
    }),
    letters("the record: a country", "text_differs", |it| it.record(0, "address/country", json!("BE"))),
    letters("the record: another country", "text_differs", |it| {
        it.record(10, "address/country", json!("PT"))
    }),
    letters("the record: the organisation of a nameless card", "text_differs", |it| {
        it.record(3, "organisation", json!("Laboratoire des Trois Lis"));
    }),
    letters("the record: the card that is replaced", "text_differs", |it| {
        it.record(0, "replaced_card_number", json!("2475694048"));
    }),
    letters("the record: no card is replaced", "record", |it| {
        it.record(0, "replaced_card_number", Value::Null)
    }),
    letters("the record: the expiry", "text_differs", |it| it.record(0, "expiry_date", json!("2026-12-13"))),
    letters("the record: the year of the expiry", "text_differs", |it| {
        it.record(0, "expiry_date", json!("2027-12-12"));
    }),
    letters("the record: an expiry so early that the codes are new", "record", |it| {
        it.record(0, "expiry_date", json!("2014-02-28"));
    }),
    letters("the record: the reason", "record", |it| it.record(0, "reason", json!("incident"))),
    letters("the record: the family", "record", |it| it.record(0, "family", json!("CPE"))),
    letters("the record: the national identifier", "block_differs", |it| {
        it.record(0, "ps_id_nat", json!("810786609791"));
    }),
    letters("the record: the structure", "block_differs", |it| {
        it.record(0, "structure_id", json!("2731531935"))
    }),
    letters("the record: no structure", "block_differs", |it| it.record(0, "structure_id", Value::Null)),
    letters("the record: the reference of the customer", "row", |it| {
        it.record(0, "client_ref", json!("A-1"))
    }),
    letters("two records exchanged", "symbol_differs", |it| {
        let one = it.pieces[0].piece.clone();
        it.pieces[0].piece = std::mem::replace(&mut it.pieces[1].piece, one);
    }),
    letters("the numbers of two pieces exchanged", "row", |it| {
        it.pieces[0].sequence = 2;
        it.pieces[1].sequence = 1;
    }),
    letters("a printed reference", "row", |it| it.pieces[0].piece_id = "26324A000099".to_owned()),
    letters("a record lost", "page", |it| drop(it.pieces.pop())),
    letters("a record twice", "page", |it| it.pieces.push(it.pieces[10].clone())),
    imposed("the sheet at the head: its lot", "text_differs", |it| it.replace(0, "(L26324A)", "(L26324B)")),
    imposed("the sheet at the head: its first piece", "text_differs", |it| {
        it.replace(0, "(26324A000001)", "(26324A000002)");
    }),
    imposed("the sheet at the head: its bar code", "text_differs", |it| {
        it.replace(0, "(LOT-L26324A-DEBUT)", "(LOT-L26324A-FIN)");
    }),
    imposed("the sheet at the end: its last piece", "text_differs", |it| {
        it.replace_place(5, 6, "(26324A000011)", "(26324A000012)");
    }),
    imposed("the sheet at the end: its number of pieces", "text_differs", |it| {
        it.replace_place(5, 6, "(11)", "(12)");
    }),
    imposed("the sheet at the end: its number of sheets", "text_differs", |it| {
        it.replace_place(5, 6, "(7)", "(8)");
    }),
    imposed("the sheet at the end: its number of files", "text_differs", |it| {
        it.replace_place(5, 6, "(1)", "(2)");
    }),
    imposed("the sheet at the end: lost", "form", |it| {
        it.page(5).get_mut(b"Contents").unwrap().as_array_mut().unwrap().truncate(4);
    }),
];
