//! Every size of Data Matrix, judged by libdmtx and zxing-cpp: modules and read-back.
//!
//! The `datamatrix` crate and rxing judge them in `crates/symbols/src/datamatrix/tests.rs`.

use std::path::{Path, PathBuf};

use symbols::datamatrix::{Symbol, SymbolSize, encode_c40, required_size};
use tempfile::TempDir;

use crate::tools::{python, text, tool};

/// Dots a module and light modules around: what a scanner at 300 dpi sees of modules of 0.35 mm.
const SCALE: usize = 4;
const QUIET_ZONE: usize = 4;

/// The longest message in the manner of a 2D-DOC that needs exactly this size, separators included.
fn message_for(size: SymbolSize) -> Vec<u8> {
    let text = b"01810003461033\x1d10DR/MARTIN/JEANNE\x1d82 2400000001\x1d831750000123\x1e";
    let long: Vec<u8> = text.iter().copied().cycle().take(2400).collect();
    let fits = |length: &usize| required_size(&long[..*length]) == Ok(size);
    let length = (1..long.len()).rev().find(fits).expect("a message for every size");
    long[..length].to_vec()
}

/// Writes a symbol as a grey picture.
fn draw(symbol: &Symbol, path: &Path) {
    let side = symbol.side() + 2 * QUIET_ZONE;
    let width = side * SCALE;
    let mut picture = format!("P5\n{width} {width}\n255\n").into_bytes();
    for row in 0..width {
        let module = |dot: usize| (dot / SCALE).checked_sub(QUIET_ZONE);
        picture.extend((0..width).map(|column| match (module(row), module(column)) {
            (Some(row), Some(column)) if symbol.dark(row, column) => 0,
            _ => 255,
        }));
    }
    fs_err::write(path, picture).unwrap();
}

/// One picture for every size, named after its side, with its message.
fn pictures() -> (TempDir, Vec<(usize, PathBuf, Vec<u8>)>) {
    let folder = tempfile::tempdir().unwrap();
    let drawn = SymbolSize::all().map(|size| {
        let message = message_for(size);
        let symbol = encode_c40(&message).unwrap();
        assert_eq!(symbol.size(), size);
        let path = folder.path().join(format!("{:03}.pgm", size.side()));
        draw(&symbol, &path);
        (size.side(), path, message)
    });
    let drawn = drawn.collect();
    (folder, drawn)
}

#[test]
fn every_size_is_read_by_libdmtx() {
    let (_folder, pictures) = pictures();
    assert_eq!(pictures.len(), 24);
    for (side, path, message) in pictures {
        let Some(read) = tool("dmtxread", &["--stop-after=1", text(&path)]) else { return };
        assert_eq!(read, message, "{side} × {side}");
    }
}

#[test]
fn every_size_is_read_by_zxing_cpp() {
    let (folder, pictures) = pictures();
    let Some(read) = python("zxing-cpp", &["tests/symbols.py", text(folder.path())]) else { return };
    let hex = |message: &[u8]| message.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let expected: Vec<String> =
        pictures.iter().map(|(side, _, message)| format!("{side:03}.pgm {}", hex(message))).collect();
    assert_eq!(read.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn every_size_is_module_by_module_that_of_libdmtx() {
    let folder = tempfile::tempdir().unwrap();
    let (message_file, picture_file) = (folder.path().join("message"), folder.path().join("picture.pgm"));
    for size in SymbolSize::all() {
        // Whole triples of characters of one value: libdmtx ends other messages in another way.
        let length = (size.data_codewords() - 1) / 2 * 3;
        let message: Vec<u8> = b"DC04FR000001FFFF269BP1 ".iter().copied().cycle().take(length).collect();
        fs_err::write(&message_file, &message).unwrap();
        let side = size.side();
        let square = format!("{side}x{side}");
        let arguments = ["-ec", "-d1", "-m1", "-s", &square, "-o", text(&picture_file), text(&message_file)];
        if tool("dmtxwrite", &arguments).is_none() {
            return;
        }
        let symbol = encode_c40(&message).unwrap();
        let expected: Vec<u8> = (0..side * side)
            .map(|module| if symbol.dark(module / side, module % side) { 0 } else { 255 })
            .collect();
        assert_eq!(inner_dots(&picture_file, side), expected, "{square}");
    }
}

/// The dots of a grey picture without its margin of one dot.
fn inner_dots(path: &Path, side: usize) -> Vec<u8> {
    let picture = fs_err::read(path).unwrap();
    let dots = &picture[picture.len() - (side + 2).pow(2)..];
    dots.chunks_exact(side + 2).skip(1).take(side).flat_map(|row| row[1..=side].to_vec()).collect()
}
