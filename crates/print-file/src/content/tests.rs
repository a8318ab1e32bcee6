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
const OPERATORS: &str = " BT ET Tf Td Tm Tj TJ Tc Ts Tr BDC EMC k K RG w j d re S W n q Q cm BI ID EI ";

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
            "<" if rest[begin..].starts_with("<</ActualText()>>") => ">>",
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
    let marks: [&dyn Fn(&mut PageContent); 9] = [
        &|page| page.text(0, &name, 10.0, 0.0, 1.0, 72.0, 100.0),
        &|page| page.text(0, &name, 9.0, 0.5, 0.5, 72.0, 120.0),
        &|page| page.text(0, &accented, 9.0, 0.5, 0.5, 72.0, 140.0),
        &|page| page.outlined(0, &name, 34.0, 0.0, 0.25, 72.0, 160.0),
        &|page| {
            page.clip(60.0, 90.0, 200.0, 40.0);
            page.text(0, &name, 10.0, 0.0, 0.5, 72.0, 100.0);
            page.unclip();
        },
        &|page| page.turned(90, |page| page.text(0, &name, 9.0, 0.5, 0.5, 72.0, 160.0)),
        &|page| page.outline(60.0, 90.0, 200.0, 40.0, [0.0, 0.45, 0.85]),
        &|page| page.bars(600, 1800, 120, &[(60, 6), (81, 6)]),
        &|page| page.modules(3000, 1800, 8, 12, &[0xAA; 8]),
    ];
    for order in 0..9usize.pow(3) {
        let mut page = PageContent::new(Grid::new(600), 0);
        for place in [order / 81, order / 9 % 9, order % 9] {
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

#[test]
fn a_turned_line_begins_where_it_is_placed_and_runs_clockwise() {
    let program = include_bytes!("../../../../fonts/IBMPlexSans-Regular.ttf");
    let face = rustybuzz::Face::from_slice(program, 0).expect("a font");
    let (plan, table) = (crate::shaping_plan(&face), crate::GlyphTable::new(&face));
    let font = crate::FontProgram { program, index: 0, face: &face, plan: &plan, table: &table, name: "" };
    let run = crate::shape(&font, "A").expect("a run");
    let written = |degrees: u16| {
        let mut page = PageContent::new(Grid::new(72), 0);
        page.text(0, &run, 10.0, 0.0, 1.0, 10.0, 42.0);
        page.turned(degrees, |page| page.text(0, &run, 10.0, 0.0, 1.0, 20.0, 142.0));
        page.text(0, &run, 10.0, 0.0, 1.0, 10.0, 42.0);
        page.end_text();
        String::from_utf8_lossy(&page.out).replace('\n', " ")
    };
    for (degrees, axes) in [(90, "0 -1 1 0"), (180, "-1 0 0 -1"), (270, "0 1 -1 0")] {
        let upright = "BT/F0 10 Tf 10 800 Td(A)Tj ET";
        let expected = format!("{upright} BT/F0 10 Tf {axes} 20 700 Tm(A)Tj ET {upright}");
        assert_eq!(written(degrees).trim(), expected);
    }
}

#[test]
fn groups_stand_a_thin_space_apart() {
    let program = include_bytes!("../../../../fonts/IBMPlexSans-Regular.ttf");
    let face = rustybuzz::Face::from_slice(program, 0).expect("a font");
    let (plan, table) = (crate::shaping_plan(&face), crate::GlyphTable::new(&face));
    let font = crate::FontProgram { program, index: 0, face: &face, plan: &plan, table: &table, name: "" };
    let width = |text: &str, every: usize| {
        let mut run = crate::shape(&font, text).expect("a run");
        run.group(every, 0.2);
        run.width(10.0, 0.0)
    };
    let wider = |text: &str, every: usize| (width(text, every) - width(text, 0)).round();
    assert_eq!(
        [wider("80013062", 4), wider("8001306", 2), wider("8001", 4), wider("", 4)],
        [2.0, 6.0, 0.0, 0.0]
    );
}
