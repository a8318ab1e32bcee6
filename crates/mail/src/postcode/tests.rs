use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::text::postal_capitals;

/// The SHA-256 of the table that was packed, as it is published to us: `postcode,label`, then a line for each pair.
const SOURCE: &str = "623cc0ad1ca0acd427784bd2b713b03aa4d6c0e1bd6f7f7cf4b2fc854b7c154d";

fn address(line_5: &str, last: &str) -> PostalAddress {
    let lines = ["MME MARTIN", "", "", "9 RUE HAUTE", line_5, last];
    PostalAddress::build(lines, "", "").unwrap_or_else(|faults| panic!("{last}: {faults:?}")).0
}

fn found(last: &str) -> Option<PostcodeFinding> {
    check(&address("", last))
}

fn said(last: &str) -> String {
    found(last).map(|finding| format!("{}: {finding}", finding.code())).unwrap_or_default()
}

#[test]
fn the_packed_table_is_the_published_one() {
    let mut text = "postcode,label\n".to_owned();
    TABLE.pairs().for_each(|(postcode, label)| text.push_str(&format!("{postcode:05},{label}\n")));
    assert_eq!(text.lines().count(), 1 + 35_636);
    let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, SOURCE);
    assert_eq!(pack(&text).expect("packed"), PACKED, "made by the documented command");
    assert!(PACKED.len() < 200_000);
}

#[test]
fn what_is_no_table_is_not_packed() {
    for (text, word) in
        [("75015 PARIS", "no pair"), ("75015,", "no pair"), ("75015,PARIS\n01000,BOURG", "sort")]
    {
        assert!(pack(text).expect_err(text).contains(word), "{text}");
    }
    assert!(Table::unpack(b"no table").is_none() && Table::unpack(&PACKED[..1000]).is_none());
}

/// A name as the postal norm abbreviates it, so that the last line has 38 characters at most: independent of what is
/// tested, by the norm's words.
fn abbreviated(name: &str) -> Vec<String> {
    let short = |word: &str| match word {
        "SAINT" => "ST".to_owned(),
        "SAINTE" => "STE".to_owned(),
        "SUR" => "S".to_owned(),
        "SOUS" => "SS".to_owned(),
        "CHATEAU" => "CHAT".to_owned(),
        "CHAPELLE" => "CHAP".to_owned(),
        "VILLENEUVE" => "VILLEN".to_owned(),
        "MONT" => "MT".to_owned(),
        "GRAND" => "GD".to_owned(),
        "GRANDE" => "GDE".to_owned(),
        "PETIT" => "PT".to_owned(),
        "NOTRE" => "N".to_owned(),
        "DAME" => "D".to_owned(),
        word => word.to_owned(),
    };
    let plain = postal_capitals(name);
    let saints = format!(" {plain} ").replace(" SAINT ", " ST ").replace(" SAINTE ", " STE ");
    let saints = saints.trim().to_owned();
    let over = saints.replace(" SUR ", " S ").replace(" SOUS ", " SS ");
    let words = plain.split(' ').map(short).collect::<Vec<_>>().join(" ");
    let cut = saints.chars().take(26).collect::<String>().trim().to_owned();
    let hyphen_lost = plain.replace(' ', "");
    let mut all = vec![plain.clone(), saints, over, hyphen_lost];
    if plain.len() >= 24 {
        all.extend([words, cut]);
    }
    all
}

#[test]
fn every_pair_written_by_the_norm_is_believed() {
    let (mut written, mut alarms) = (0, Vec::new());
    for (postcode, label) in TABLE.pairs() {
        let full = Town::read(label).written().to_owned();
        // An article in brackets behind a name is the table's own way of writing it.
        let own = if label.contains(['(', '0']) { Vec::new() } else { abbreviated(label) };
        let names = abbreviated(&full).into_iter().chain(own);
        for name in names.filter(|name| name.len() <= 32 && name.chars().any(|c| c.is_ascii_uppercase())) {
            written += 1;
            let last = format!("{postcode:05} {name}");
            if let Some(finding) = found(&last) {
                alarms.push(format!("{last}: {finding}"));
            }
        }
    }
    assert!(
        written > 250_000 && alarms.is_empty(),
        "{} of {written}: {:#?}",
        alarms.len(),
        &alarms[..alarms.len().min(60)]
    );
}

#[test]
fn a_town_elsewhere_is_found_and_the_advice_is_believed() {
    let pairs: Vec<(u32, &str)> = TABLE.pairs().collect();
    let (mut tried, mut missed) = (0, 0);
    for (index, (_, label)) in pairs.iter().enumerate().step_by(7) {
        let (postcode, _) = pairs[(index + 9_973) % pairs.len()];
        let town = Town::read(label);
        if TABLE.labels(&format!("{postcode:05}")).any(|here| Town::read(here).is(&town)) {
            continue;
        }
        tried += 1;
        let Some(finding) = found(&format!("{postcode:05} {}", town.written())) else {
            missed += 1;
            continue;
        };
        let message = finding.to_string();
        for advised in message.split('`').skip(1).step_by(2) {
            assert!(advised.len() <= 38 && found(advised).is_none(), "{message}");
        }
        assert!(message.contains("did you mean"), "{message}");
    }
    assert!(tried > 5_000 && missed == 0, "{missed} of {tried} last lines of other towns not found");
}

#[test]
fn what_is_said() {
    for (last, wanted) in [
        ("33000 ARCACHON", "postcode_other_town: 33000 is BORDEAUX; did you mean `33120 ARCACHON`?"),
        ("34000 MONTPELIER", "postcode_other_town: 34000 is MONTPELLIER; did you mean `34000 MONTPELLIER`?"),
        (
            "33001 ARCACHON",
            "postcode_unknown: postcode 33001 is not in the official table; did you mean `33120 ARCACHON`?",
        ),
        (
            "33999 NULLE PART",
            "postcode_unknown: postcode 33999 is not in the official table; look it up; write CEDEX behind the town where it is a company's",
        ),
        (
            "33000 NULLE PART",
            "postcode_other_town: 33000 is BORDEAUX; write one of its towns on line 6, and `NULLE PART` on line 5 where it is a part of the town",
        ),
        (
            "69123 LYON 03",
            "postcode_unknown: postcode 69123 is not in the official table; did you mean `69003 LYON` or `69001 LYON` or `69002 LYON`?",
        ),
    ] {
        assert_eq!(said(last), wanted);
    }
}

#[test]
fn the_norm_s_other_ways_of_writing_are_believed() {
    for last in [
        "75001 PARIS",
        "75001 PARIS 01",
        "75116 PARIS",
        "69003 LYON 03",
        "69003 LYON 3E ARRONDISSEMENT",
        "13001 MARSEILLE 1ER",
        "13006 MARSEILLE 6EME",
        "76600 LE HAVRE",
        "13520 LES BAUX DE PROVENCE",
        "17123 ILE D AIX",
        "28170 LE BOULLAY LES DEUX EGLISES",
        "05330 SAINT CHAFFREY",
        "97110 POINTE A PITRE",
        "97115 SAINTE ROSE",
        "97133 SAINT BARTHELEMY",
        "97150 SAINT MARTIN",
        "97180 SAINTE ANNE",
        "97600 MAMOUDZOU",
        "97650 MTSANGAMOUJI",
        "98000 MONACO",
        "98713 PAPEETE",
        "98845 NOUMEA",
        "00800 ARMEES",
        "29240 BREST ARMEES",
        "86963 FUTUROSCOPE CEDEX",
        "26130 ST PAUL TROIS CHATEAUX",
        "26770 ROCHE ST SECRET BECONNE",
        "27940 LE VAL D HAZEY",
        "27330 MESNIL EN OUCHE",
        "05700 VILLEBOIS LES PINS",
    ] {
        assert_eq!(said(last), "", "{last}");
    }
    let abroad =
        PostalAddress::build(["MME MARTIN", "", "", "", "", "33000 ARCACHON"], "DE", "").expect("valid").0;
    assert_eq!(check(&abroad), None);
}

#[test]
fn an_old_commune_on_line_5_is_believed() {
    assert_eq!(
        check(&address("", "05700 VILLEBOIS SUR MONT")).map(|finding| finding.code()),
        Some("postcode_other_town")
    );
    assert_eq!(check(&address("VILLEBOIS LES PINS", "05700 VAL DE MEOUGE NEUVE")), None);
    assert!(check(&address("BORDEAUX", "33000 MARSEILLE")).is_some(), "a town of another département");
}

proptest! {
    #[test]
    fn any_last_line_is_read(postcode in "[0-9]{5}", town in "[A-Z0-9 ]{1,30}") {
        let lines = ["MME MARTIN", "", "", "9 RUE HAUTE", "", &format!("{postcode} {town}")];
        if let Ok((address, _)) = PostalAddress::build(lines, "", "") {
            let _ = check(&address);
        }
    }
}

fn say(line: std::fmt::Arguments) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints the time of a record; `cargo test -p mail --release -- --ignored --nocapture time_of`.
#[test]
#[ignore = "measures"]
fn time_of_a_night_of_100_000() {
    let pairs: Vec<(u32, &str)> = TABLE.pairs().collect();
    let last = |index: usize| {
        let (postcode, label) = pairs[index * 11 % pairs.len()];
        address("", &format!("{postcode:05} {}", Town::read(label).written()))
    };
    let lasts: Vec<PostalAddress> = (0..100_000).map(last).collect();
    let wrong = PostalAddress::build(["A", "", "", "1 RUE", "", "33000 ARCACHON"], "", "").expect("valid").0;
    let began = std::time::Instant::now();
    assert!(check(&wrong).is_some());
    say(format_args!("table and index, once: {:?}", began.elapsed()));
    let began = std::time::Instant::now();
    assert!(lasts.iter().all(|address| check(address).is_none()));
    say(format_args!("100,000 good last lines: {:?}", began.elapsed()));
    let began = std::time::Instant::now();
    (0..100_000).for_each(|_| assert!(check(&wrong).is_some()));
    say(format_args!("100,000 wrong last lines: {:?}", began.elapsed()));
}

#[test]
fn no_country_stands_behind_a_town_of_france() {
    let wrong = "postcode_other_town: 86000 is POITIERS; did you mean `86000 POITIERS`?";
    assert_eq!(said("86000 POITIERS FRANCE"), wrong);
    assert_eq!(said("75015 PARIS FRANCE"), wrong.replace("86000", "75015").replace("POITIERS", "PARIS"));
    for last in ["95700 ROISSY EN FRANCE", "95700 ROISSY FRANCE"] {
        assert_eq!(said(last), "", "{last}");
    }
}

#[test]
fn the_number_of_an_arrondissement_is_that_of_the_postcode() {
    for last in [
        "75001 PARIS",
        "75001 PARIS 01",
        "75002 PARIS 2EME",
        "75116 PARIS 16",
        "75016 PARIS 16E ARRONDISSEMENT",
        "69003 LYON 3E ARR",
        "13001 MARSEILLE 1ER",
        "75116 PARIS",
        // So it stands in the table.
        "13007 MARSEILLE 6EME",
        "69003 LYON CEDEX 03",
        "69423 LYON CEDEX 03",
    ] {
        assert_eq!(said(last), "", "{last}");
    }
    let wrong = "postcode_other_town: 69003 is LYON 03; did you mean `69003 LYON` or `69007 LYON`?";
    assert_eq!(said("69003 LYON 07"), wrong);
    assert_eq!(said("69003 LYON 7EME"), wrong);
    assert_eq!(
        said("75116 PARIS 8"),
        "postcode_other_town: 75116 is PARIS 16; did you mean `75116 PARIS` or `75008 PARIS`?"
    );
    assert_eq!(
        said("13001 MARSEILLE 17"),
        "postcode_other_town: 13001 is MARSEILLE 01; did you mean `13001 MARSEILLE`?"
    );
    for advice in ["69003 LYON", "69007 LYON", "75116 PARIS", "75008 PARIS", "13001 MARSEILLE"] {
        assert_eq!(said(advice), "", "the advice, followed: {advice}");
    }
}
