//! Claims, judged by values written by hand from the facts, and held against `composition` on many records: wherever the two
//! differ, one of them is wrong.

mod block;
mod changed;
mod control;
mod fields;
mod peers;
mod shown;
mod speed;

use jiff::civil::{Date, date};
use mail::issuance::Issuance;
use mail::lot::{LotName, LotPosition};
use mail::piece::PieceKind;
use serde_json::{Value, json};
use template::{Align, Code39Mark, CompiledVariant, Facts, Fit, Mark, Rect, SheetSide, TextMark, TextStyle};

use super::facts::Variants;
use super::*;

const NIGHT: Date = date(2026, 11, 23);

/// A record: that of a doctor's first card, with other values where `changes` has some.
fn record(changes: Value) -> Issuance {
    let mut record = json!({
        "card_number": "2400158480",
        "family": "CPS",
        "reason": "first",
        "requested_at": "2026-11-19T10:00:00",
        "ps_id_nat": "810003879623",
        "structure_id": "1630781003",
        "holder": { "named": {
            "civility": "MME", "title": "DR", "last_name": "Lefèvre-d’Ormesson", "first_name": "Zoé",
        } },
        "profession": "10",
        "organisation": "Cabinet de l’Étoile",
        "address": { "lines": ["DR LEFEVRE D ORMESSON ZOE", "Résidence « L’Étoile »", "9 RUE HAUTE", "75015 PARIS"] },
        "status": "issued",
    });
    for (name, value) in changes.as_object().expect("changes") {
        record[name] = value.clone();
    }
    serde_json::from_value(record).expect("a record")
}

fn lot(name: &str) -> LotName {
    LotName::parse(name).expect("a lot")
}

/// The claims of a kind for the default inserter, on a night.
fn claims_of(kind: PieceKind, machine: &Machine, map: Option<&BlockMap>) -> Claims<'static> {
    let machine: &'static Machine = Box::leak(Box::new(machine.clone()));
    Claims::of_variants(kind, Variants::of(&[], &[]), machine, map, NIGHT, NIGHT).expect("claims")
}

fn claims(kind: PieceKind) -> Claims<'static> {
    let map = BlockMap::default();
    claims_of(kind, &Machine::default(), (kind == PieceKind::Letter).then_some(&map))
}

/// A piece of that sequence in its lot.
fn piece<'p>(kind: PieceKind, lot: &'p LotName, sequence: u32, issuance: &'p Issuance) -> ClaimedPiece<'p> {
    let tracking = (kind == PieceKind::Mailer).then(|| TrackingId::new("XX", 97_959).expect("an identifier"));
    ClaimedPiece { issuance, position: LotPosition { lot, kind, sequence }, piece_id: "", tracking }
}

fn side(sheet: u32, sheets: u32, marks: Vec<Mark>) -> SheetSide {
    SheetSide { form: 0, sheet, sheets, marks }
}

fn rect(width: f64, height: f64) -> Rect {
    Rect { x: 60.0, y: 90.0, width, height }
}

fn text_mark(field: Option<FieldName>, fit: Fit) -> Mark {
    Mark::Text(TextMark {
        field,
        rect: rect(200.0, 12.0),
        style: TextStyle { font: 0, size: 10.0, k: 1.0, tracking: 0.0 },
        fit,
        min_size: 8.0,
        lines: 6,
        leading: 12.0,
        align: Align::Left,
        outline: 0.0,
        groups: 0,
        turn: 0,
    })
}

fn code39_mark(field: FieldName) -> Mark {
    Mark::Code39(Code39Mark { field, rect: rect(200.0, 30.0), chars: 10, x: 0.72, ratio: 2.5 })
}

/// What a field of a piece must show on one line, as text; `-` where it is no text.
fn shown(claims: &Claims, piece: &ClaimedPiece, field: FieldName) -> String {
    let mark = text_mark(Some(field), Fit::Shrink);
    match claims.of_mark(piece, &side(1, 1, Vec::new()), &mark) {
        Claim::Text(text) => text.into_owned(),
        Claim::Nothing => String::new(),
        _ => "-".to_owned(),
    }
}
