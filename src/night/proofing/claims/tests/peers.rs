//! Claims held against `composition`, record by record.

use std::num::NonZeroU32;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use composition::{
    BlockComposer, BlockField, LetterComposer, PieceNumbers, Stamper, fact_values, mailer_barcode,
    record_value,
};
use mail::card::{CardNumber, Generation};
use mail::holder::{Civility, Holder, Title};
use mail::inserter::{OmrBit, Parity};
use mail::profession::Profession;
use mail::reason::Reason;
use print_file::{Grid, Stock};
use proptest::prelude::*;
use template::{CompiledTemplate, ControlCodeMark, Manifest, OmrMark, TwoDDocMark};
use twoddoc::{Algorithm, SigningKey};
use unicode_normalization::UnicodeNormalization;

use super::super::{control, facts};
use super::*;
use crate::night::intake::{IntakeSettings, take_in};
use crate::sample::{SampleOrder, make};

/// The records of a sample, as the intake takes them in.
fn sample(count: u32, seed: u64) -> Vec<Issuance> {
    let folder = tempfile::tempdir().expect("a folder");
    let order = SampleOrder { count, seed, bad_percent: 0.0, out: folder.path(), unsealed: false };
    let cards = make(&order).expect("a sample").cards;
    let intake = take_in(&[cards], &IntakeSettings::default()).expect("records");
    intake.records.into_iter().map(|taken| taken.issuance).collect()
}

/// Records to begin from.
fn beginnings() -> &'static [Issuance] {
    static SAMPLE: OnceLock<Vec<Issuance>> = OnceLock::new();
    SAMPLE.get_or_init(|| sample(300, 11))
}

/// A template of two sheets whose marks have room for every symbol.
fn template(kind: PieceKind) -> CompiledTemplate {
    let manifest = format!(
        "kind = \"{}\"\nmain = \"x.typ\"\ntitle = \"x\"\nmedia = \"x\"\ngrammage = 90\nvariants = []",
        kind.code()
    );
    let manifest: Manifest = toml::from_str(&manifest).expect("a manifest");
    let control = || {
        let strip = OmrMark { rect: rect(60.0, 300.0), clear: 5.67 };
        vec![Mark::Omr(strip), Mark::ControlCode(ControlCodeMark { rect: rect(200.0, 200.0) })]
    };
    let mut first = control();
    match kind {
        PieceKind::Letter => {
            first.push(Mark::TwoDDoc(TwoDDocMark { rect: rect(400.0, 400.0), module: 1.44 }));
            first.push(code39_mark(FieldName::CardNumber));
        }
        PieceKind::Mailer => first.push(code39_mark(FieldName::PieceBarcode)),
    }
    let sides = vec![side(1, 2, first), side(1, 2, Vec::new()), side(2, 2, control())];
    CompiledTemplate {
        manifest,
        name: "x".to_owned(),
        variants: vec![CompiledVariant { facts: Facts::new(), sides }],
        lot_sheets: None,
        fonts: Vec::new(),
        stock: Stock { objects: Vec::new(), offsets: Vec::new(), forms: vec![1] },
        version: String::new(),
        warnings: Vec::new(),
    }
}

/// Block maps: ours, a national one, and one that puts other columns into other fields.
fn maps() -> Vec<BlockMap> {
    let map = |document_type: &str, fields: &[(&str, &str)]| {
        let field =
            |(id, value): &(&str, &str)| BlockField { id: (*id).to_owned(), value: (*value).to_owned() };
        let fields = fields.iter().map(field).collect();
        BlockMap {
            document_type: document_type.to_owned(),
            fields,
            ca_id: "FR9Z".to_owned(),
            certificate_id: "AB12".to_owned(),
        }
    };
    let national = [
        ("01", "{ps_id_nat}"),
        ("80", "{last_name}"),
        ("81", "{first_name}"),
        ("82", "{card_number}"),
        ("83", "{structure_id}"),
    ];
    let other = [
        ("83", "{organisation}"),
        ("01", "{structure_id}{card_number}"),
        ("82", "N {card_number}"),
        ("0C", "HTTPS://EXAMPLE.FR/{card_number}"),
        ("84", "/{title}/"),
        ("10", "{title} {civility}/{last_name}-{first_name}"),
    ];
    vec![
        BlockMap::default(),
        map("A6", &national),
        map("P1", &other),
        map("P1", &[&other[..], &[("I3", "{last_name}")]].concat()),
    ]
}

/// Holds the facts and the texts of a record against those of `composition`.
fn compare_texts(issuance: &Issuance, night: Date, sequence: u32) {
    for kind in PieceKind::ALL {
        let peer = fact_values(kind, issuance);
        let own = facts::of_piece(kind, issuance);
        assert_eq!(
            [own.reason, own.codes, own.family, own.holder, own.replaced],
            peer,
            "{kind} {issuance:?}"
        );
        let (machine, variants) = (Machine::default(), Variants::of(&[], &[]));
        let claims = Claims::of_variants(kind, variants, &machine, None, night, night).expect("claims");
        let name = lot("26327B");
        let tracking = TrackingId::new("9Z", u64::from(sequence) * 7919).expect("an identifier");
        let own = ClaimedPiece { tracking: Some(tracking), ..piece(kind, &name, sequence, issuance) };
        let (piece_id, mailer) = (name.piece_id(kind, sequence), kind == PieceKind::Mailer);
        for field in FieldName::ALL.iter().copied() {
            let peer = match field {
                FieldName::PieceId => piece_id.clone(),
                FieldName::PieceBarcode if mailer => mailer_barcode(&piece_id),
                FieldName::TrackingId if mailer => tracking.to_string(),
                FieldName::PieceBarcode | FieldName::TrackingId => "-".to_owned(),
                FieldName::Pin | FieldName::Puk | FieldName::AssistanceCode => "-".to_owned(),
                FieldName::Lot | FieldName::LotCode | FieldName::FirstPiece | FieldName::LastPiece => {
                    "-".to_owned()
                }
                FieldName::Pieces | FieldName::Sheets | FieldName::Files => "-".to_owned(),
                field => record_value(field, issuance, night).nfc().collect(),
            };
            assert_eq!(shown(&claims, &own, field), peer, "{field:?} {issuance:?}");
        }
    }
}

/// Composes letters with a block map.
struct Peer<'a> {
    composer: LetterComposer<'a>,
    claims: Claims<'a>,
    lot: LotName,
}

impl Peer<'_> {
    /// Holds the symbols of a letter against what `composition` puts into them. Returns whether there is a letter.
    fn compare(&self, template: &CompiledTemplate, issuance: &Issuance, sequence: u32) -> bool {
        let own = piece(PieceKind::Letter, &self.lot, sequence, issuance);
        let claim = self.claims.of_mark(
            &own,
            &template.variants[0].sides[0],
            &template.variants[0].sides[0].marks[2],
        );
        let Ok((checked, truncations)) = self.composer.check(issuance) else {
            assert_eq!(claim, Claim::Impossible, "{issuance:?}");
            return false;
        };
        let numbers =
            PieceNumbers { piece_id: "26327B000001", tracking_id: "", position: Some(own.position) };
        let text = self.composer.compose(checked, &numbers).expect("a letter").twoddoc.expect("a block");
        assert!(claim.is_shown_by(&[&text]), "{claim:?}\n{text:?}\n{issuance:?}");
        assert_eq!(!truncations.is_empty(), text.contains('\u{1e}'));
        let signed = text.find('\u{1f}').expect("a signature");
        // One character is another, somewhere.
        let (at, letters) = (sequence as usize * 31 % signed, text.as_bytes());
        let other = if letters[at] == b'A' { "B" } else { "A" };
        let spoiled = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        assert!(!claim.is_shown_by(&[&spoiled]), "{spoiled:?}");
        true
    }
}

/// Compares the blocks of records under every map. Returns how many letters there were.
fn compare_blocks(records: &[Issuance], night: Date) -> usize {
    let template = template(PieceKind::Letter);
    let (machine, stamper) =
        (Machine::default(), Stamper::new(&template, Grid::new(600), 0).expect("a press"));
    let mut letters = 0;
    for map in maps() {
        let key = SigningKey::from_seed(Algorithm::Ed25519, &[7; 32]).expect("a key");
        let blocks = BlockComposer::new(&map, key, night).expect("a map");
        let order =
            ClaimOrder { template: &template, machine: &machine, block_map: Some(&map), night, day: night };
        let peer = Peer {
            composer: LetterComposer::new(&stamper, &blocks, night),
            claims: Claims::new(&order).expect("claims"),
            lot: lot("26327B"),
        };
        for (record, sequence) in records.iter().zip(1..) {
            assert!(peer.claims.variant(record).is_some());
            letters += usize::from(peer.compare(&template, record, sequence));
        }
    }
    letters
}

fn compare_sample(count: u32, seed: u64) {
    let records = sample(count, seed);
    assert_eq!(records.len(), count as usize);
    for (record, sequence) in records.iter().zip(1..) {
        compare_texts(record, NIGHT, sequence);
    }
    assert!(compare_blocks(&records, NIGHT) > records.len() * 3);
}

#[test]
fn both_say_the_same_of_a_sample() {
    compare_sample(2000, 1);
}

#[test]
#[ignore = "the long form: 200,000 records"]
fn both_say_the_same_of_a_long_sample() {
    (0..100).for_each(|seed| compare_sample(2000, 1000 + seed));
}

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
        (civility, title) in (prop::option::of(0..2usize), prop::option::of(0..2usize)),
        nobody in prop::bool::weighted(0.1),
        (issue_date, expiry_date) in (day(), day()),
        replaced in prop::option::of("[0-9]{10}"),
        (reason, generation) in (0..5usize, prop::option::of(0..2usize)),
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
            record.replaced_generation = Some(Generation::Cps2Ter);
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_draw_the_same_control_marks(
        sequence in 1..=999_999u32,
        (marks, modulus) in (prop::sample::subsequence(
            vec![OmrBit::Benchmark, OmrBit::Safety, OmrBit::StartOfSet, OmrBit::EndOfSet, OmrBit::Sequence1, OmrBit::Sequence2,
                OmrBit::Sequence4, OmrBit::Sequence8, OmrBit::Sequence16, OmrBit::Sequence32, OmrBit::Parity], 1..=11), 1..=64u32),
        odd in any::<bool>(),
        content in prop::sample::select(vec!["{kind}{lot}{sequence}{sheet}{sheets}", "{lot}-{sequence}", "{sheets}/{sheet} {sequence}:{lot}{kind}.A"]),
        reprint in 0..3u32,
        mailer in any::<bool>(),
    ) {
        let kind = if mailer { PieceKind::Mailer } else { PieceKind::Letter };
        let machine = Machine {
            omr_marks: marks,
            sequence_modulus: modulus,
            parity: if odd { Parity::Odd } else { Parity::Even },
            code_content: content.to_owned(),
            ..Machine::default()
        };
        let template = template(kind);
        let stamper = Stamper::for_machine(&template, Grid::new(600), 0, machine.clone()).expect("a press");
        let night = lot("26327B");
        let name = NonZeroU32::new(reprint).map_or(night.clone(), |number| night.reprint(number));
        let record = &beginnings()[0];
        let position = LotPosition { lot: &name, kind, sequence };
        let peer = stamper.control_marks(record, position).expect("marks");
        let own = [1, 2].map(|sheet| control::code(&machine, position, sheet, 2));
        prop_assert_eq!(own.to_vec(), peer.codes);
        // The strip, read as an inserter reads it.
        for sheet in [1, 2] {
            let places = control::places(&machine, sequence, sheet, 2);
            let there = |bit| machine.omr_marks.iter().position(|known| *known == bit).map(|place| places.contains(&place));
            let weights = [OmrBit::Sequence1, OmrBit::Sequence2, OmrBit::Sequence4, OmrBit::Sequence8, OmrBit::Sequence16, OmrBit::Sequence32];
            let counted = peer.omr_sequence.unwrap_or(0);
            for (power, bit) in weights.into_iter().enumerate() {
                prop_assert_eq!(there(bit).unwrap_or(counted >> power & 1 == 1), counted >> power & 1 == 1);
            }
            prop_assert_eq!(there(OmrBit::EndOfSet).unwrap_or(sheet == 2), sheet == 2);
            prop_assert_eq!(there(OmrBit::StartOfSet).unwrap_or(sheet == 1), sheet == 1);
            prop_assert!(there(OmrBit::Benchmark) != Some(false) && there(OmrBit::Safety) != Some(false));
            if machine.omr_marks.contains(&OmrBit::Parity) {
                prop_assert_eq!(places.len() % 2 == 1, odd);
            }
        }
    }
}

/// The claims of a letter with ten marks take less than five microseconds, the parsing of its block apart.
#[test]
#[ignore = "measures time"]
fn claims_of_a_letter_take_five_microseconds_at_most() {
    let (map, lot) = (BlockMap::default(), lot("26327A"));
    let claims = claims_of(PieceKind::Letter, &Machine::default(), Some(&map));
    let fields = [
        FieldName::PieceId,
        FieldName::CardNumber,
        FieldName::CardNumber,
        FieldName::Holder,
        FieldName::Date,
        FieldName::ExpiryDate,
    ];
    let mut marks: Vec<Mark> = fields.map(|field| text_mark(Some(field), Fit::Shrink)).into();
    marks.push(text_mark(None, Fit::Shrink));
    marks.push(code39_mark(FieldName::CardNumber));
    marks.push(Mark::TwoDDoc(TwoDDocMark { rect: rect(400.0, 400.0), module: 1.44 }));
    marks.push(text_mark(Some(FieldName::Profession), Fit::Wrap));
    let side = side(1, 1, marks);
    let records = beginnings();
    let round = || {
        let begin = Instant::now();
        let claimed: usize = records
            .iter()
            .map(|record| claims.of_side(&piece(PieceKind::Letter, &lot, 1, record), &side).len())
            .sum();
        assert_eq!(claimed, records.len() * 10);
        begin.elapsed() / records.len() as u32
    };
    let best = (0..50).map(|_| round()).min().expect("rounds");
    assert!(best < Duration::from_micros(5), "{best:?}");
}
