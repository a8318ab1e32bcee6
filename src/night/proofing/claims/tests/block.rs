//! The signed block.

use serde_json::json;

use composition::BlockField;

use super::super::block::{BlockDifference, MappedBlock};
use super::super::dates;
use super::*;

/// The example of docs/2d-doc.md, whose record is this one.
const EXAMPLE: &str = "DC04FR000001265C265CP101FR013220665764454676\u{1d}10M/NICOLAS/KEVIN\u{1d}822468023196\u{1d}831220665764\u{1f}AAJAHAISLNYEB4Y4HSXWNXVP5AVERXZ757B76A2ODCZM7AORDL4XJUXECINA7GZ4KOCLOEEVFN4MI3643HGRN4V4DEIGDJAW6S7M2AI";

fn nicolas() -> Issuance {
    record(json!({
        "card_number": "2468023196", "ps_id_nat": "3220665764/454676", "structure_id": "1220665764",
        "holder": { "named": { "civility": "M", "last_name": "NICOLAS", "first_name": "Kévin" } },
    }))
}

fn map(document_type: &str, fields: &[(&str, &str)]) -> BlockMap {
    let field = |(id, value): &(&str, &str)| BlockField { id: (*id).to_owned(), value: (*value).to_owned() };
    let fields = fields.iter().map(field).collect();
    BlockMap { document_type: document_type.to_owned(), fields, ..BlockMap::default() }
}

/// The value of a field that a map fills; `None` if no block can hold the record.
fn value(map: &BlockMap, id: &str, record: &Issuance) -> Option<String> {
    let block = MappedBlock::of(map, NIGHT).expect("a map");
    block.of_record(record).map(|claim| claim.value(id).expect("the field").to_owned())
}

/// A field of type P1 with that value.
fn words(id: &str, template: &str, record: &Issuance) -> Option<String> {
    let mut fields =
        vec![("01", "{ps_id_nat}"), ("10", "{last_name}"), ("82", "{card_number}"), ("83", "{structure_id}")];
    fields.retain(|(known, _)| *known != id);
    fields.push((id, template));
    value(&map("P1", &fields), id, record)
}

fn named(last_name: &str) -> Issuance {
    record(json!({ "holder": { "named": { "last_name": last_name, "first_name": "ZOE" } } }))
}

#[test]
fn the_documented_example_is_shown() {
    let (block, record) =
        (MappedBlock::of(&BlockMap::default(), date(2026, 11, 20)).expect("a map"), nicolas());
    let claim = block.of_record(&record).expect("a block");
    assert!(Claim::DataMatrix(claim.clone()).is_shown_by(&[EXAMPLE]));
    assert_eq!(claim.value("01"), Some("3220665764454676"));
    assert_eq!(claim.value("99"), None);
    let differs = |text: &str| claim.compare(&twoddoc::parse_text(text).expect("a 2D-DOC"));
    assert_eq!(differs(EXAMPLE), Ok(()));
    let changed = |from: &str, to: &str| EXAMPLE.replace(from, to);
    assert_eq!(differs(&changed("FR00", "FR01")), Err(BlockDifference::Header("authority")));
    assert_eq!(differs(&changed("0001265C", "0002265C")), Err(BlockDifference::Header("certificate")));
    assert_eq!(differs(&changed("265C265C", "265B265C")), Err(BlockDifference::Header("day of emission")));
    assert_eq!(differs(&changed("265C265C", "265C265B")), Err(BlockDifference::Header("day of signature")));
    assert_eq!(differs(&changed("P101FR", "P101BE")), Err(BlockDifference::Header("country")));
    assert_eq!(differs(&changed("KEVIN", "KEVIM")), Err(BlockDifference::Field("10")));
    assert_eq!(differs(&changed("M/NICOLAS", "MME/NICOLAS")), Err(BlockDifference::Field("10")));
    assert_eq!(differs(&changed("KEVIN\u{1d}", "KEVIN\u{1e}")), Err(BlockDifference::Field("10")));
    assert_eq!(differs(&changed("82246", "84246")), Err(BlockDifference::Fields));
    assert_eq!(differs(&changed("\u{1f}", "\u{1d}\u{1f}")), Err(BlockDifference::Separators));
    assert_eq!(differs(&format!("{EXAMPLE}\u{1d}84X")), Err(BlockDifference::Signature));
    assert_eq!(differs(&EXAMPLE[..EXAMPLE.len() - 8]), Err(BlockDifference::Signature));
    for wrong in
        [format!("{EXAMPLE} "), format!("{EXAMPLE}="), format!("{EXAMPLE}\u{1d}"), EXAMPLE.to_lowercase()]
    {
        assert!(!Claim::DataMatrix(claim.clone()).is_shown_by(&[&wrong]), "{wrong}");
    }
}

#[test]
fn words_are_brought_to_the_characters_of_their_field() {
    for (text, value) in [
        ("Lefèvre", "LEFEVRE"),
        ("d’Ormesson-Lefèvre", "D ORMESSON LEFEVRE"),
        ("ÇÉÈÊËÎÏÔÙÛÜŸ", "CEEEEIIOUUUY"),
        ("Œuvrard Æ ß Øå Łł Đð Þ", "OEUVRARD AE SS OA LL DD TH"),
        ("Ħ ı ĸ Ŋ Ŧ Ĳ ª º", "H I K NG T IJ A O"),
        ("  Saint - Ange.  ", "SAINT ANGE"),
        ("Martin & fils", "MARTIN ET FILS"),
        ("Nguye\u{302}\u{303}n", "NGUYEN"),
        ("-'.,", ""),
        ("D/E", "D/E"),
    ] {
        assert_eq!(words("10", "{last_name}", &named(text)).as_deref(), Some(value), "{text}");
    }
    // I3 has hyphen and apostrophe.
    assert_eq!(
        words("I3", "{last_name}", &named("d’Ormesson–Lefèvre")).as_deref(),
        Some("D'ORMESSON-LEFEVRE")
    );
    assert_eq!(words("10", "{last_name}", &named("Ли")), None);
    assert_eq!(words("10", "{last_name}", &named("a@b")), None);
}

#[test]
fn only_words_of_a_mandatory_field_are_cut() {
    let long = "A".repeat(38);
    let record = |name: &str| named(name);
    let p1 = map(
        "P1",
        &[("01", "{ps_id_nat}"), ("82", "{card_number}"), ("83", "{structure_id}"), ("10", "{last_name}")],
    );
    let block = MappedBlock::of(&p1, NIGHT).expect("a map");
    let signed = |name: &str| {
        let record = record(name);
        let claim = block.of_record(&record).expect("a block");
        let text = format!("{claim:?}");
        (claim.value("10").map(str::to_owned), text.contains("\\u{1e}"))
    };
    assert_eq!(signed(&long), (Some(long.clone()), false));
    // A cut value is marked, also at the end of the message.
    assert_eq!(signed(&format!("{long}B")), (Some(long.clone()), true));
    // 84 is not mandatory, 82 holds an identifier.
    assert_eq!(words("84", "{last_name}", &record(&"A".repeat(41))), None);
    assert_eq!(words("82", "{card_number}{card_number}", &record("A")).map(|value| value.len()), Some(20));
    assert_eq!(words("82", "{card_number}{card_number}{card_number}", &record("A")), None);
}

#[test]
fn a_card_without_a_person_has_an_empty_name() {
    let map = BlockMap::default();
    let nobody = record(json!({ "holder": "structure", "structure_id": null }));
    assert_eq!(value(&map, "10", &nobody).as_deref(), Some(""));
    assert_eq!(value(&map, "83", &nobody).as_deref(), Some(""));
    let plain = json!({ "named": { "last_name": "DUPONT", "first_name": "ZOE" } });
    assert_eq!(value(&map, "10", &record(json!({ "holder": plain }))).as_deref(), Some("/DUPONT/ZOE"));
    assert_eq!(
        words("10", "{title} {last_name}", &record(json!({}))).as_deref(),
        Some("DR LEFEVRE D ORMESSON")
    );
    assert_eq!(words("83", "{organisation}", &record(json!({}))).as_deref(), Some("CABINET DE L ETOILE"));
}

#[test]
fn a6_has_no_day_of_emission() {
    let a6 = map(
        "A6",
        &[("80", "{last_name}"), ("81", "{first_name}"), ("82", "{card_number}"), ("83", "{structure_id}")],
    );
    let block = MappedBlock::of(&a6, date(2026, 11, 20)).expect("a map");
    let text = EXAMPLE
        .replace("265C265CP1", "FFFF265CA6")
        .replace("013220665764454676\u{1d}10M/NICOLAS/KEVIN", "80NICOLAS\u{1d}81KEVIN");
    assert!(Claim::DataMatrix(block.of_record(&nicolas()).expect("a block")).is_shown_by(&[&text]));
    assert!(
        !Claim::DataMatrix(block.of_record(&nicolas()).expect("a block"))
            .is_shown_by(&[&text.replace("FFFF", "265C")])
    );
}

#[test]
fn days_of_a_header() {
    // Of the specification, p. 17.
    for (day, text) in [
        (date(2010, 3, 5), "0E84"),
        (date(2010, 3, 11), "0E8A"),
        (date(2011, 12, 31), "111E"),
        (date(2000, 1, 1), "0000"),
    ] {
        assert_eq!(dates::in_block(day).as_deref(), Some(text));
    }
    assert_eq!(dates::in_block(date(1999, 12, 31)), None);
    assert_eq!(dates::in_block(date(2179, 6, 5)).as_deref(), Some("FFFE"));
    assert_eq!(dates::in_block(date(2179, 6, 6)), None, "FFFF is no day");
}

#[test]
fn a_map_that_says_nothing_of_a_record_is_refused() {
    let fault = |map: &BlockMap| MappedBlock::of(map, NIGHT).err();
    assert_eq!(fault(&map("??", &[])), Some(ClaimFault::DocumentType("??".to_owned())));
    assert_eq!(fault(&map("P1", &[("??", "{title}")])), Some(ClaimFault::Identifier("??".to_owned())));
    for wrong in ["{pin}", "{title", "{}"] {
        assert_eq!(fault(&map("P1", &[("10", wrong)])), Some(ClaimFault::Value(wrong.to_owned())));
    }
    assert_eq!(
        MappedBlock::of(&map("P1", &[]), date(1999, 1, 1)).err(),
        Some(ClaimFault::Day(date(1999, 1, 1)))
    );
}
