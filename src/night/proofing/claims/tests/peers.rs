//! Claims held against `composition`, record by record.

use std::sync::OnceLock;

use composition::{
    BlockComposer, BlockField, LetterComposer, PieceNumbers, Stamper, fact_values, mailer_barcode,
    record_value,
};
use print_file::{Grid, Stock};
use template::{CompiledTemplate, ControlCodeMark, Manifest, OmrMark, TwoDDocMark};
use twoddoc::{Algorithm, SigningKey};
use unicode_normalization::UnicodeNormalization;

use super::super::facts;
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
pub(super) fn beginnings() -> &'static [Issuance] {
    static SAMPLE: OnceLock<Vec<Issuance>> = OnceLock::new();
    SAMPLE.get_or_init(|| sample(300, 11))
}

/// A template of two sheets whose marks have room for every symbol.
pub(super) fn template(kind: PieceKind) -> CompiledTemplate {
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
pub(super) fn compare_texts(issuance: &Issuance, night: Date, sequence: u32) {
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
                FieldName::Pieces | FieldName::Sheets | FieldName::Files | FieldName::Bundles => {
                    "-".to_owned()
                }
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
pub(super) fn compare_blocks(records: &[Issuance], night: Date) -> usize {
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
