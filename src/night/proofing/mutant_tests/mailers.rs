//! Mutants of mailers. A mailer has two pages: the outside, and the inside with its codes. Their order is another on every
//! run, so that mutants find what they alter by its operators.

use super::altered::Altered;
use super::{Mutant, mailers};

/// The inside of the first mailer, and that of the second.
const INSIDE: usize = 1;
const OTHER_INSIDE: usize = 3;
/// Where the codes of an inside begin: outlines.
const OUTLINE: &[u8] = b"1 Tr 1 j ";

pub(super) const MUTANTS: &[Mutant] = &[
    mailers("the PIN: a digit", "code_differs", |it| code_says(it, 0, |code| other_digit(code, 1))),
    mailers("the PUK: a digit", "code_differs", |it| code_says(it, 1, |code| other_digit(code, 2))),
    mailers("the assistance code: a digit", "code_differs", |it| {
        code_says(it, 2, |code| other_digit(code, 1))
    }),
    mailers("the PIN: a digit more", "text_missing", |it| code_says(it, 0, |code| code.replace(')', "0)"))),
    mailers("the PIN: a digit less", "text_missing", |it| {
        code_says(it, 0, |code| format!("{})Tj", &code[..code.len() - 4]));
    }),
    mailers("the PIN: a digit in its white line alone", "text_differs", |it| {
        let code = codes(it, INSIDE).swap_remove(0);
        replace_after(it, INSIDE, &code, &other_digit(&code, 1), 1);
    }),
    mailers("the PIN: lost", "text_missing", |it| code_says(it, 0, |_| String::new())),
    mailers("the PIN: painted once more", "foreign_text", |it| {
        let code = codes(it, INSIDE).swap_remove(0);
        it.append(INSIDE, &format!("BT /F2 283.333 Tf 900 300 Td{code} ET"));
    }),
    mailers("the PIN: on the outside", "foreign_text", |it| {
        let code = codes(it, INSIDE).swap_remove(0);
        it.append(0, &format!("BT /F2 283.333 Tf 900 5300 Td{code} ET"));
    }),
    mailers("the PUK: its second half lost", "text_missing", |it| {
        code_says(it, 1, |code| format!("{}Tj", &code[1..7]));
    }),
    mailers("the PUK: its halves exchanged", "code_differs", |it| {
        code_says(it, 1, |code| format!("[{}-200{}]TJ", &code[11..17], &code[1..7]));
    }),
    mailers("PIN and PUK: those of two mailers exchanged", "code_differs", |it| {
        it.exchange(INSIDE, OTHER_INSIDE, |content| {
            let begin = content.windows(OUTLINE.len()).position(|part| part == OUTLINE).unwrap();
            begin..content.len()
        });
    }),
    mailers("the codes: solid, not outlined", "text_black", |it| {
        it.content(INSIDE, |content| {
            let text = replaced(content, b"1 Tr 1 j ", b"", usize::MAX);
            *content = text;
        });
    }),
    mailers("the codes: without their white lines", "text_missing", |it| {
        it.content(INSIDE, |content| {
            let begin = content.windows(OUTLINE.len()).position(|part| part == OUTLINE).unwrap();
            let white = find(content, b" w 0 0 0 .02 K", begin);
            let show = find(content, b"Td", white) + 2;
            let end = find(content, b"\n", show);
            content.drain(show..end);
        });
    }),
    mailers("the codes: a finer line", "text_black", |it| it.replace(INSIDE, "2.362 w", "1.2 w")),
    mailers("the codes: a grey line", "text_black", |it| it.replace(INSIDE, "0 0 0 1 K", "0 0 0 .5 K")),
    mailers("the insides of two mailers exchanged", "code_differs", |it| {
        it.exchange(INSIDE, OTHER_INSIDE, |content| 0..content.len());
    }),
    mailers("the outsides of two mailers exchanged", "text_differs", |it| {
        it.exchange(0, 2, |content| 0..content.len());
    }),
    mailers("the digits around a code: lost", "drawing", |it| {
        it.content(INSIDE, |content| {
            let end = find(content, b"Q EMC", 0) + 5;
            content.drain(0..end);
        });
    }),
    mailers("the digits around a code: a layer lost", "drawing", |it| {
        it.content(INSIDE, |content| {
            let begin = find(content, b"0 0 0 .35 k", 0);
            let end = find(content, b"0 0 0 .4 k", begin);
            // The layer after it begins where it did.
            let moved = sum_of_steps(&content[begin..end]);
            content.splice(begin..end, format!("{} {} Td\n", moved.0, moved.1).into_bytes());
        });
    }),
    mailers("the digits around a code: a line of them lost", "drawing", |it| {
        it.content(INSIDE, |content| {
            let begin = find(content, b"Td(", 0) + 2;
            let end = find(content, b"Tj", begin) + 2;
            content.drain(begin..end);
        });
    }),
    mailers("the digits around a code: fewer on a line", "drawing", |it| {
        it.content(INSIDE, |content| {
            let begin = find(content, b"Td(", 0) + 3;
            content.drain(begin..begin + 6);
        });
    }),
    mailers("the digits around a code: over it", "drawing", |it| {
        it.content(INSIDE, |content| {
            let end = find(content, b"Q EMC", 0) + 5;
            let digits: Vec<u8> = content.drain(0..end).collect();
            let end = content.windows(2).rposition(|part| part == b"ET").unwrap() + 2;
            content.splice(end..end, digits);
        });
    }),
    mailers("the digits around a code: black", "drawing", |it| it.replace(INSIDE, "0 0 0 .3 k", "0 0 0 1 k")),
    mailers("the digits around a code: beyond their area", "drawing", |it| {
        it.replace(INSIDE, "354.331 3850.646 1984.252 496.063 re", "354.331 3850.646 2984.252 496.063 re");
    }),
    mailers("the digits around a code: as a text", "foreign_text", |it| {
        it.replace(INSIDE, "<</ActualText()>>", "<<>>");
    }),
    mailers("the masked card number: a digit", "text_differs", |it| {
        it.content(INSIDE, |content| {
            let last = find(content, b"Td(\x95\x95\x95\x95\x95\x95", 0) + 12;
            content[last] = if content[last] == b'9' { b'8' } else { content[last] + 1 };
        });
    }),
    mailers("the masked card number: a digit shown", "text_differs", |it| {
        it.content(INSIDE, |content| {
            let first = find(content, b"Td(\x95\x95", 0) + 3;
            content[first] = b'2';
        });
    }),
    mailers("the holders of two mailers exchanged", "text_differs", |it| {
        it.exchange(INSIDE, OTHER_INSIDE, |content| {
            let number = find(content, b"Td(\x95\x95", 0);
            let begin = find(content, b"Td", number + 4) + 2;
            begin..find(content, b"\n", begin)
        });
    }),
    mailers("the addresses of two mailers exchanged", "text_differs", |it| {
        it.exchange(0, 2, |content| {
            let date = find(content, b"embre 2026", 0);
            let begin = find(content, b"Td", date) + 2;
            begin..find(content, b"\n", begin)
        });
    }),
    mailers("the tracking number: a digit", "text_differs", |it| {
        it.replace(0, "(XX 000 000 0001 7)", "(XX 000 000 0002 7)");
    }),
    mailers("the printed reference: a digit", "text_differs", |it| {
        it.replace(0, "\\\\000001)", "\\\\000002)")
    }),
    mailers("the control code: that of another sheet", "symbol_differs", |it| {
        let other = it.mask_of(2, 0);
        it.mask(0, 0, |mask| *mask = other);
    }),
    mailers("the control code: a module", "symbol_module", |it| it.mask(0, 0, |mask| mask.flip(7, 9))),
    mailers("the control code: lost", "symbol_missing", |it| it.remove_mask(0, 0)),
    mailers("a white box over a code", "foreign_paint", |it| {
        it.append(INSIDE, "q 0 0 0 0 k 354 3850 1984 496 re f Q");
    }),
    mailers("a record that asks for the codes of another card", "code_differs", |it| {
        let other = it.pieces[1].piece.issuance.card_number;
        it.pieces[0].piece.issuance.card_number = other;
    }),
    mailers("a row that names the card", "row", |it| {
        it.rows[0].card_number = it.pieces[0].piece.issuance.card_number.to_string();
    }),
    mailers("a row's tracking number", "row", |it| it.rows[0].tracking_id = it.rows[1].tracking_id.clone()),
    mailers("a row with a 2D-DOC", "row", |it| it.rows[0].twoddoc = "DC04".to_owned()),
];

/// Where a part of a content is next.
fn find(content: &[u8], part: &[u8], from: usize) -> usize {
    from + content[from..].windows(part.len()).position(|other| other == part).unwrap()
}

/// The operators that show the codes of an inside: each twice, since it is painted twice.
fn codes(it: &mut Altered, page: usize) -> Vec<String> {
    let mut codes = Vec::new();
    it.content(page, |content| {
        let mut next = 0;
        while let Some(at) = content[next..].windows(OUTLINE.len()).position(|part| part == OUTLINE) {
            let begin = find(content, b"Td", next + at) + 2;
            let end = find(content, b"\n", begin);
            codes.push(String::from_utf8(content[begin..end].to_vec()).unwrap());
            next = end;
        }
    });
    assert_eq!(codes.len(), 3);
    codes
}

/// Replaces a code of the first mailer, both times.
fn code_says(it: &mut Altered, number: usize, alter: impl Fn(&str) -> String) {
    let code = codes(it, INSIDE).swap_remove(number);
    replace_after(it, INSIDE, &code, &alter(&code), 2);
}

/// Replaces a part of a content as often as `times`, from its codes on.
fn replace_after(it: &mut Altered, page: usize, from: &str, to: &str, times: usize) {
    it.content(page, |content| {
        let begin = find(content, OUTLINE, 0);
        let codes = replaced(&content[begin..], from.as_bytes(), to.as_bytes(), times);
        content.truncate(begin);
        content.extend_from_slice(&codes);
    });
}

/// A content with a part replaced as often as `times`.
fn replaced(content: &[u8], from: &[u8], to: &[u8], times: usize) -> Vec<u8> {
    let (mut out, mut rest, mut done) = (Vec::new(), content, 0);
    while let Some(at) = rest.windows(from.len()).position(|part| part == from).filter(|_| done < times) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        (rest, done) = (&rest[at + from.len()..], done + 1);
    }
    assert!(done > 0);
    out.extend_from_slice(rest);
    out
}

/// The operators of a code with another digit at a place.
fn other_digit(code: &str, place: usize) -> String {
    let mut bytes = code.as_bytes().to_vec();
    assert!(bytes[place].is_ascii_digit());
    bytes[place] = if bytes[place] == b'9' { b'0' } else { bytes[place] + 1 };
    String::from_utf8(bytes).unwrap()
}

/// How far the steps of a content move in all, in dots.
fn sum_of_steps(content: &[u8]) -> (i64, i64) {
    let text = String::from_utf8_lossy(content);
    let words: Vec<&str> = text.split(['\n', ' ', '(']).collect();
    let steps = words.windows(3).filter(|step| step[2].starts_with("Td"));
    steps.fold((0, 0), |(x, y), step| {
        let number = |text: &str| text.parse::<i64>().unwrap();
        (x + number(step[0]), y + number(step[1]))
    })
}
