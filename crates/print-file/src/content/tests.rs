//! Tests of page contents.

use super::*;

#[test]
fn texts_that_follow_a_mask_do_not_spell_its_end() {
    let written = |follows: bool| {
        let mut page = PageContent::new(Grid::new(600), 0);
        if follows {
            page.follows();
        }
        b"13385 MARSEILLE (EI)".iter().for_each(|byte| page.byte(*byte));
        String::from_utf8_lossy(&page.out).into_owned()
    };
    assert_eq!(written(false), "13385 MARSEILLE \\(EI\\)");
    assert_eq!(written(true), "13385 MARSE\\111LLE \\(E\\111\\)");
}

/// The operators that a page may have.
const OPERATORS: &str = " BT ET Tf Td Tj TJ Tc Ts Tr BDC EMC k K RG w j d re S W n q Q cm BI ID EI ";

/// The tokens of a content without strings, dictionaries and cells.
fn tokens(content: &[u8]) -> Vec<String> {
    let text: String = content.iter().map(|byte| char::from(*byte)).collect();
    let mut plain = String::new();
    let mut rest = text.as_str();
    // Strings and arrays of strings, property lists, names, and all from `ID` to `EI` delimit themselves.
    while let Some(begin) = rest.find(['(', '<', '[']).into_iter().chain(rest.find("ID ")).min() {
        plain.push_str(&rest[..begin]);
        let end = match &rest[begin..begin + 1] {
            "(" => ")",
            "[" => "]",
            "<" => ">>>",
            _ => "\nEI",
        };
        let length = rest[begin..].find(end).expect("an end");
        plain.push_str(if end == "\nEI" { "ID" } else { " " });
        rest = &rest[begin + length + if end == "\nEI" { 0 } else { end.len() }..];
    }
    plain.push_str(rest);
    plain.replace('/', " /").split_whitespace().map(str::to_owned).collect()
}

#[test]
fn no_two_operators_touch_in_whatever_order_marks_come() {
    let program = include_bytes!("../../../../fonts/IBMPlexSans-Regular.ttf");
    let face = rustybuzz::Face::from_slice(program, 0).expect("a font");
    let (plan, table) = (crate::shaping_plan(&face), crate::GlyphTable::new(&face));
    let font = crate::FontProgram { program, index: 0, face: &face, plan: &plan, table: &table, name: "" };
    let run = |text: &str| crate::shape(&font, text).expect("a run");
    let (name, accented) = (run("MARTIN"), run("AG\u{303}UERO"));
    let marks: [&dyn Fn(&mut PageContent); 8] = [
        &|page| page.text(0, &name, 10.0, 0.0, 1.0, 72.0, 100.0),
        &|page| page.text(0, &name, 9.0, 0.5, 0.5, 72.0, 120.0),
        &|page| page.text(0, &accented, 9.0, 0.5, 0.5, 72.0, 140.0),
        &|page| page.outlined(0, &name, 34.0, 0.0, 0.25, 72.0, 160.0),
        &|page| {
            page.clip(60.0, 90.0, 200.0, 40.0);
            page.text(0, &name, 10.0, 0.0, 0.5, 72.0, 100.0);
            page.unclip();
        },
        &|page| page.outline(60.0, 90.0, 200.0, 40.0, [0.0, 0.45, 0.85]),
        &|page| page.bars(600, 1800, 120, &[(60, 6), (81, 6)]),
        &|page| page.modules(3000, 1800, 8, 12, &[0xAA; 8]),
    ];
    for order in 0..8usize.pow(3) {
        let mut page = PageContent::new(Grid::new(600), 0);
        for place in [order / 64, order / 8 % 8, order % 8] {
            marks[place](&mut page);
        }
        page.end_text();
        let written = [page.out.as_slice(), page.symbols.as_slice()].concat();
        for token in tokens(&written) {
            let known = token.starts_with('/') || token.parse::<f64>().is_ok() || token == "true";
            assert!(known || OPERATORS.contains(&format!(" {token} ")), "{token} in order {order}");
        }
    }
}
