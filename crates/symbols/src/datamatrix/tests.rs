//! The whole encoder against code that shares nothing with it.

use super::c40::value_count;
use super::*;
use ::datamatrix::{DataMatrix, DataMatrixBuilder, EncodationType, SymbolList};
use proptest::prelude::*;
use std::io::Write as _;

/// Our modules as rows of booleans.
fn modules(symbol: &Symbol) -> Vec<Vec<bool>> {
    let row = |row| (0..symbol.side()).map(|column| symbol.dark(row, column)).collect();
    (0..symbol.side()).map(row).collect()
}

fn decoded_by_datamatrix(symbol: &Symbol) -> Vec<u8> {
    DataMatrix::decode(&modules(symbol).concat(), symbol.side()).unwrap()
}

/// What rxing reads in a picture of the symbol, `scale` dots a module.
fn read_by_rxing(symbol: &Symbol, scale: usize) -> String {
    let quiet = 2 * scale;
    let width = symbol.side() * scale + 2 * quiet;
    let light = |dot: usize, other: usize| {
        let inside = dot >= quiet && other >= quiet;
        !(inside && symbol.dark((dot - quiet) / scale, (other - quiet) / scale))
    };
    let dots = (0..width * width).map(|i| if light(i / width, i % width) { 255 } else { 0 });
    let read = rxing::helpers::detect_in_luma(
        dots.collect(),
        width as u32,
        width as u32,
        Some(rxing::BarcodeFormat::DATA_MATRIX),
    );
    read.unwrap().getText().to_owned()
}

/// A message of base-set characters that needs exactly this size.
fn message_for(size: SymbolSize) -> Vec<u8> {
    let letters = b"DC04FR000001FFFF269BP101FR01810003461033 10DR MARTIN JEANNE ";
    letters.iter().copied().cycle().take(size.c40_capacity()).collect()
}

#[test]
fn every_size_is_module_by_module_that_of_the_datamatrix_crate() {
    let squares: Vec<_> = SymbolList::default().enforce_square().iter().collect();
    assert_eq!(squares.len(), SymbolSize::all().count());
    for (size, square) in SymbolSize::all().zip(squares) {
        // Whole triples: where one or two values are left, the crate ends a message in another way.
        let message = &message_for(size)[..(size.data_codewords() - 1) / 2 * 3];
        let symbol = encode_c40(message).unwrap();
        assert_eq!(symbol.size(), size);
        let c40 = DataMatrixBuilder::new().with_encodation_types(EncodationType::C40).with_macros(false);
        let theirs = c40.with_symbol_list(square).encode(message).unwrap();
        assert_eq!(theirs.codewords(), symbol.codewords(), "{size:?}");
        assert_eq!(theirs.bitmap().bits(), modules(&symbol).concat(), "{size:?}");
    }
}

#[test]
fn every_size_is_read_back_by_two_other_readers() {
    for size in SymbolSize::all() {
        let message = message_for(size);
        let symbol = encode_c40(&message).unwrap();
        assert_eq!(decoded_by_datamatrix(&symbol), message, "{size:?}");
        assert_eq!(read_by_rxing(&symbol, 4).as_bytes(), message, "{size:?}");
    }
}

#[test]
fn rows_are_packed_most_significant_bit_first_and_padded_light() {
    let symbol = encode_c40(b"2D-DOC").unwrap();
    assert_eq!(symbol.row_bytes(), 2);
    assert_eq!(symbol.packed_rows()[..2], [0b1010_1010, 0b1010_1000]);
    assert_eq!(symbol.packed_rows()[26..], [0xFF, 0b1111_1100]);
    assert!(!symbol.dark(0, 14) && !symbol.dark(14, 0));
}

#[test]
fn given_codewords_must_fill_their_size() {
    let size = SymbolSize::of_side(10).unwrap();
    let symbol = Symbol::from_data_codewords(size, &[142, 164, 186]).unwrap();
    assert_eq!(decoded_by_datamatrix(&symbol), b"123456");
    assert_eq!(Symbol::from_data_codewords(size, &[142]), None);
}

#[test]
fn official_specimens_have_their_official_codewords() {
    let Some(vectors) = vectors("official_specimens_have_their_official_codewords") else {
        return;
    };
    let mut same = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let Some(codewords) = vector["dm_data_codewords_hex"].as_str() else {
            continue;
        };
        if !codewords.starts_with("E6") {
            continue;
        }
        let raw = vector["raw"].as_str().unwrap();
        let symbol = encode_c40(raw.as_bytes()).unwrap();
        let hex: String = symbol.data_codewords().iter().map(|c| format!("{c:02X}")).collect();
        assert_eq!(hex, codewords, "{}", vector["id"]);
        same += 1;
    }
    assert!(same >= 15, "only {same} specimens in pure C40");
}

/// The vectors of the folder that `PLI_VECTORS` names. Without the variable the test is skipped, which is written to
/// stderr.
fn vectors(test: &str) -> Option<serde_json::Value> {
    let Some(folder) = std::env::var_os("PLI_VECTORS") else {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "{test}: skipped, PLI_VECTORS is not set");
        return None;
    };
    let path = std::path::Path::new(&folder).join("2ddoc.json");
    Some(serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap())
}

#[test]
fn a_character_of_the_base_set_is_one_value_other_ascii_two_and_more_beyond() {
    // S326 p. 137.
    assert_eq!((value_count(b"A 0"), value_count(b"a-\x1d"), value_count(&[0xC9])), (3, 6, 3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_come_back(message in prop::collection::vec(any::<u8>(), 0..500)) {
        let symbol = encode_c40(&message).unwrap();
        prop_assert_eq!(decoded_by_datamatrix(&symbol), message);
    }

    #[test]
    fn any_2ddoc_like_text_is_read_by_rxing(message in "[A-Z0-9 /\u{1d}\u{1e}\u{1f}-]{1,300}") {
        let symbol = encode_c40(message.as_bytes()).unwrap();
        prop_assert_eq!(read_by_rxing(&symbol, 4), message);
    }
}
