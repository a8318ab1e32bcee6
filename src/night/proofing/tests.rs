//! A sound file is proved without a finding; one whose records, rows or bytes are others is refused by name.

use std::collections::BTreeSet;

use mail::holder::Holder;
use mail::piece::PieceKind;

use super::judge::{Fault, FileProof};
use super::mutant_tests::{Altered, SoundLot};

/// Runs a night of letters, alters what was printed, and proves it.
fn proved(alter: impl Fn(&mut Altered)) -> FileProof {
    SoundLot::print(PieceKind::Letter, 40, &[]).proved(alter)
}

/// The names of what is found.
fn found(alter: impl Fn(&mut Altered)) -> BTreeSet<&'static str> {
    proved(alter).findings.iter().map(|finding| finding.fault.name()).collect()
}

#[test]
fn a_sound_file_is_proved_whole() {
    let proof = proved(|_| ());
    assert_eq!(proof.findings, []);
    assert_eq!((proof.symbols, proof.signatures), (2 * proof.pieces, proof.pieces));
    assert!(proof.pieces > 20 && proof.texts > 5 * proof.pieces, "{proof:?}");
}

#[test]
fn a_record_that_says_something_else_is_refused_by_text_and_block() {
    let names = found(|printed| {
        for piece in &mut printed.pieces {
            if let Holder::Named { last_name, .. } = &mut piece.piece.issuance.holder {
                last_name.push('X');
            }
        }
    });
    assert!(
        names.contains(Fault::TextDiffers.name()) && names.contains(Fault::BlockDiffers.name()),
        "{names:?}"
    );
}

#[test]
fn two_records_that_change_places_are_refused() {
    let names = found(|printed| {
        let (one, other) = printed.pieces.split_at_mut(1);
        std::mem::swap(&mut one[0].piece, &mut other[0].piece);
    });
    assert!(
        names.contains("text_differs") && names.contains("symbol_differs") && names.contains("row"),
        "{names:?}"
    );
}

#[test]
fn rows_that_change_places_or_are_lost_are_refused() {
    assert!(found(|printed| printed.rows.swap(0, 1)).contains("row"));
    assert!(found(|printed| drop(printed.rows.pop())).contains("row"));
    assert!(found(|printed| printed.rows[0].variant.push('x')).contains("row"));
}

#[test]
fn a_bit_of_the_stock_is_refused() {
    let position =
        |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).position(|other| other == part).unwrap();
    let names = found(|printed| {
        let stock = printed.sound().stock().to_vec();
        let begin = position(&printed.bytes, &stock[..64]);
        let stream = position(&stock, b"stream") + 30;
        printed.bytes[begin + stream] ^= 1;
    });
    assert!(names.contains("stock"), "{names:?}");
}
