//! Mutants of symbols. On a letter, mask 0 is the Code 39 and mask 1 the 2D-DOC.

use symbols::datamatrix::encode_c40;
use twoddoc::{Algorithm, SigningKey, parse_text};

use super::altered::Altered;
use super::mask::Mask;
use super::{Mutant, imposed, letters};

pub(super) const MUTANTS: &[Mutant] = &[
    letters("2D-DOC: a module of its data", "symbol_module", |it| it.mask(0, 1, |mask| mask.flip(7, 9))),
    letters("2D-DOC: a module of its last codewords", "symbol_module", |it| {
        it.mask(0, 1, |mask| mask.flip(40, 37));
    }),
    letters("2D-DOC: twelve modules, which a scanner would correct", "symbol_module", |it| {
        it.mask(0, 1, |mask| (5..17).for_each(|column| mask.flip(30, column)));
    }),
    letters("2D-DOC: a module of its solid border", "symbol_module", |it| {
        it.mask(0, 1, |mask| mask.flip(5, 0))
    }),
    letters("2D-DOC: a module of its dotted border", "symbol_module", |it| {
        it.mask(0, 1, |mask| mask.flip(0, 8))
    }),
    letters("2D-DOC: a module of its inner border", "symbol_module", |it| {
        it.mask(0, 1, |mask| mask.flip(11, 21))
    }),
    letters("2D-DOC: light and dark exchanged", "symbol_module", |it| {
        it.mask(0, 1, |mask| mask.cells.iter_mut().for_each(|cell| *cell = !*cell));
    }),
    letters("2D-DOC: rows and columns exchanged", "symbol_module", |it| {
        it.mask(0, 1, |mask| {
            let cell = |at: usize| mask.cells[at % mask.columns * mask.columns + at / mask.columns];
            mask.cells = (0..mask.cells.len()).map(cell).collect();
        });
    }),
    letters("2D-DOC: a dot to the right", "symbol_place", |it| it.mask(0, 1, |mask| mask.matrix[4] += 1)),
    letters("2D-DOC: a dot down", "symbol_place", |it| it.mask(0, 1, |mask| mask.matrix[5] -= 1)),
    letters("2D-DOC: modules of 11 dots, not 12", "symbol_module", |it| {
        it.mask(0, 1, |mask| {
            (mask.matrix[0], mask.matrix[3]) = (44 * 11, 44 * 11);
            mask.matrix[5] += 44;
        });
    }),
    letters("2D-DOC: a dot wider", "symbol_place", |it| it.mask(0, 1, |mask| mask.matrix[0] += 1)),
    letters("2D-DOC: mirrored", "symbol_place", |it| {
        it.mask(0, 1, |mask| {
            mask.matrix[4] += mask.matrix[0];
            mask.matrix[0] = -mask.matrix[0];
        });
    }),
    letters("2D-DOC: turned by a quarter", "symbol_place", |it| {
        it.mask(0, 1, |mask| {
            let [side, .., x, y] = mask.matrix;
            mask.matrix = [0, side, -side, 0, x + side, y];
        });
    }),
    letters("2D-DOC: grey", "symbol_place", |it| it.replace(0, "q 528", "q 0 0 0 .5 k 528")),
    letters("2D-DOC: white", "symbol_place", |it| it.replace(0, "q 528", "q 0 0 0 0 k 528")),
    letters("2D-DOC: in cyan", "foreign_paint", |it| it.replace(0, "q 528", "q 1 0 0 0 k 528")),
    letters("2D-DOC: smoothed between its cells", "page_unreadable", |it| {
        it.replace(0, "/W 44 /H 44 ", "/W 44 /H 44 /I true ");
    }),
    letters("2D-DOC: lost", "symbol_missing", |it| it.remove_mask(0, 1)),
    letters("2D-DOC: painted twice", "foreign_paint", |it| {
        let mask = it.mask_of(0, 1);
        it.content(0, |content| content.extend_from_slice(&mask.written()));
    }),
    letters("2D-DOC: painted again, a centimetre beside", "foreign_paint", |it| {
        let mut mask = it.mask_of(0, 1);
        mask.matrix[4] -= 1000;
        it.content(0, |content| content.extend_from_slice(&mask.written()));
    }),
    letters("2D-DOC: those of two letters exchanged", "block_differs", |it| exchange(it, 1)),
    letters("2D-DOC: those of two letters exchanged, and in the manifest too", "block_differs", |it| {
        exchange(it, 1);
        let one = it.rows[0].twoddoc.clone();
        it.rows[0].twoddoc = std::mem::replace(&mut it.rows[1].twoddoc, one);
    }),
    letters("2D-DOC: signed by another key", "signature", |it| {
        let signed = block(it).0;
        let key = SigningKey::from_seed(Algorithm::Ed25519, &[7; 32]).unwrap();
        let signature = key.sign(signed.as_bytes()).unwrap();
        block_says(it, &format!("{signed}\u{1f}{}", base32(&signature)));
    }),
    letters("2D-DOC: a character of its signature", "signature", |it| {
        let (signed, signature) = block(it);
        let other = if signature.starts_with('A') { 'B' } else { 'A' };
        block_says(it, &format!("{signed}\u{1f}{other}{}", &signature[1..]));
    }),
    letters("2D-DOC: a digit of its card number, not signed anew", "block_differs", |it| {
        let (signed, signature) = block(it);
        block_says(it, &format!("{}\u{1f}{signature}", signed.replace("2490025416", "2490025417")));
    }),
    letters("2D-DOC: more text behind its signature", "block_differs", |it| {
        let (signed, signature) = block(it);
        block_says(it, &format!("{signed}\u{1f}{signature}\u{1d}01A"));
    }),
    letters("2D-DOC: without its signature", "block_differs", |it| {
        let signed = block(it).0;
        block_says(it, &signed);
    }),
    letters("Code 39: a bar a dot wider", "symbol_module", |it| {
        it.mask(0, 0, |mask| {
            mask.in_dots(3);
            let end = mask.edge(true, 5);
            mask.cells[end] = true;
        });
    }),
    letters("Code 39: a bar a dot narrower", "symbol_module", |it| {
        it.mask(0, 0, |mask| {
            mask.in_dots(3);
            let end = mask.edge(true, 5);
            mask.cells[end - 1] = false;
        });
    }),
    letters("Code 39: a bar moved by a dot", "symbol_module", |it| {
        it.mask(0, 0, |mask| {
            mask.in_dots(3);
            let (begin, end) = (mask.edge(false, 5), mask.edge(true, 5));
            (mask.cells[begin], mask.cells[end]) = (false, true);
        });
    }),
    letters("Code 39: a bar lost", "symbol_module", |it| {
        it.mask(0, 0, |mask| {
            let (begin, end) = (mask.edge(false, 5), mask.edge(true, 5));
            mask.cells[begin..end].fill(false);
        });
    }),
    letters("Code 39: a bar more", "symbol_module", |it| {
        it.mask(0, 0, |mask| {
            mask.in_dots(3);
            let end = mask.edge(true, 5);
            mask.cells[end + 1] = true;
        });
    }),
    letters("Code 39: the stop character lost", "symbol_module", |it| {
        it.mask(0, 0, |mask| {
            mask.columns -= 32;
            mask.cells.truncate(mask.columns);
            mask.matrix[0] -= 96;
        });
    }),
    letters("Code 39: read from the right", "symbol_module", |it| it.mask(0, 0, |mask| mask.cells.reverse())),
    letters("Code 39: a dot to the left", "symbol_place", |it| it.mask(0, 0, |mask| mask.matrix[4] -= 1)),
    letters("Code 39: a dot less high", "symbol_place", |it| {
        it.mask(0, 0, |mask| mask.matrix[3] -= 1);
    }),
    letters("Code 39: narrow elements of 4 dots, not 3", "symbol_place", |it| {
        it.mask(0, 0, |mask| mask.matrix[0] = mask.matrix[0] / 3 * 4);
    }),
    letters("Code 39: lost", "symbol_missing", |it| it.remove_mask(0, 0)),
    letters("Code 39: those of two letters exchanged", "symbol_differs", |it| exchange(it, 0)),
    letters("Code 39: grey", "symbol_place", |it| it.replace(0, "q 1038", "q 0 0 0 .9 k 1038")),
    letters("Code 39 and 2D-DOC: the place of one for the other", "symbol_place", |it| {
        it.mask(0, 0, |mask| (mask.matrix[4], mask.matrix[5]) = (2466, 1655));
    }),
    imposed("2D-DOC, thinned: a dot of a module", "symbol_module", |it| {
        it.mask(1, 1, |mask| mask.flip(90, 100))
    }),
    imposed("2D-DOC, thinned: not thinned", "symbol_module", |it| {
        it.mask(1, 1, |mask| {
            let dark = |at: usize| mask.cells[at / 528 / 12 * 12 * 528 + at % 528 / 12 * 12];
            mask.cells = (0..528 * 528).map(dark).collect();
        });
    }),
    imposed("Code 39, thinned: a bar not thinned", "symbol_module", |it| {
        it.mask(1, 0, |mask| {
            let end = mask.edge(true, 3);
            mask.cells[end] = true;
        });
    }),
    imposed("2D-DOC on an imposed sheet: a module on the right piece", "symbol_module", |it| {
        it.right_mask(1, 1, |mask| mask.flip(90, 100));
    }),
];

/// Exchanges a symbol of the first two letters.
fn exchange(it: &mut Altered, number: usize) {
    let (one, other) = (it.mask_of(0, number), it.mask_of(1, number));
    it.mask(0, number, |mask| *mask = other);
    it.mask(1, number, |mask| *mask = one);
}

/// The signed part and the signature of the first letter's block.
fn block(it: &Altered) -> (String, String) {
    let text = &it.rows[0].twoddoc;
    assert!(parse_text(text).is_ok());
    let (signed, signature) = text.split_once('\u{1f}').unwrap();
    (signed.to_owned(), signature.to_owned())
}

/// Writes another block into the first letter and its row.
fn block_says(it: &mut Altered, text: &str) {
    let symbol = encode_c40(text.as_bytes()).unwrap();
    let side = symbol.side();
    it.mask(0, 1, |mask: &mut Mask| {
        let [width, .., y] = mask.matrix;
        let length = side as i64 * 12;
        // The upper left corner stays where it is.
        (mask.matrix[0], mask.matrix[3], mask.matrix[5]) = (length, length, y + width - length);
        (mask.columns, mask.rows) = (side, side);
        mask.cells = (0..side * side).map(|at| symbol.dark(at / side, at % side)).collect();
    });
    text.clone_into(&mut it.rows[0].twoddoc);
}

/// Base32 (RFC 4648 §6) without padding.
fn base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let character = |five: &[u8]| {
        let padded = format!("{:0<5}", std::str::from_utf8(five).unwrap());
        let value = u8::from_str_radix(&padded, 2).unwrap();
        char::from(if value < 26 { b'A' + value } else { b'2' + value - 26 })
    };
    bits.as_bytes().chunks(5).map(character).collect()
}
