//! Text: state, positions, strings, what they say.

use super::*;

#[test]
fn a_string_is_a_line_from_where_the_pen_was_moved_to() {
    assert_shows("BT /F0 10 Tf 72 700 Td <00410042> Tj ET", &["\"AB\" 10 at 72,100 along 0,5 to 10"]);
    assert_shows(
        "BT /F0 10 Tf 72 700 Td <0041> Tj <0042> Tj 1 -20 Td <0043> Tj ET",
        &["\"AB\" 10 at 72,100 along 0,5 to 10", "\"C\" 10 at 73,120 along 0 to 5"],
    );
}

#[test]
fn the_pen_is_moved_by_every_operator_of_position() {
    assert_shows(
        "BT /F0 10 Tf 12 TL 72 700 Td <0041> Tj T* <0042> Tj 5 -7 TD <0043> ' 2 1 <00200044> \" ET",
        &[
            "\"A\" 10 at 72,100 along 0 to 5",
            "\"B\" 10 at 72,112 along 0 to 5",
            "\"C\" 10 at 77,126 along 0 to 5",
            "\" D\" 10 at 77,133 along 0,6 to 11 tracked 1",
        ],
    );
    assert_shows("BT /F0 10 Tf 2 0 0 2 10 20 Tm 3 4 Td <0041> Tj ET", &["\"A\" 20 at 16,772 along 0 to 10"]);
}

#[test]
fn spacing_and_corrections_move_the_pen() {
    assert_shows(
        "BT /F0 10 Tf 1 Tc 72 700 Td [<0041> 100 <00420043>] TJ ET",
        &["\"ABC\" 10 at 72,100 along 0,5,11 to 16 tracked 1"],
    );
    // Word spacing is that of a space that is one byte.
    assert_shows("BT /F1 10 Tf 3 Tw (A A) Tj ET", &["\"AA\" 10 at 0,800 along 0,5,13 to 18"]);
    assert_shows("BT /F0 10 Tf 3 Tw <004100200041> Tj ET", &["\"A A\" 10 at 0,800 along 0,5,10 to 15"]);
}

#[test]
fn matrices_scale_and_turn_text() {
    assert_shows(
        "q .5 0 0 .5 0 0 cm BT /F0 20 Tf 2 Tc 144 1400 Td <00410042> Tj ET Q",
        &["\"AB\" 10 at 72,100 along 0,6 to 11 tracked 1"],
    );
    for (axes, turn) in [("0 -1 1 0", 90), ("-1 0 0 -1", 180), ("0 1 -1 0", 270)] {
        assert_shows(
            &format!("BT /F0 10 Tf {axes} 72 700 Tm <00410042> Tj ET"),
            &[&format!("\"AB\" 10 at 72,100 along 0,5 to 10 turned {turn}")],
        );
    }
}

#[test]
fn text_that_is_stretched_mirrored_or_slanted_is_other_paint() {
    for matrix in ["2 0 0 1", "-1 0 0 1", "1 0 .2 1", ".7 .7 -.7 .7"] {
        assert_shows(&format!("BT /F0 10 Tf {matrix} 0 0 Tm <0041> Tj ET"), &["Tj 0,0,600,800 1"]);
    }
    assert_shows("BT /F0 10 Tf 50 Tz <0041> Tj ET", &["Tj 0,0,600,800 1"]);
    assert_shows("BT /F0 -10 Tf <0041> Tj ET", &["Tj 0,0,600,800 1"]);
    assert_shows("BT /T1 10 Tf (A) Tj ET", &["Tj 0,0,600,800 1"]);
    assert_shows("BT /F0 10 Tf 2 Tr <0041> Tj ET", &["Tj 0,0,600,800 1"]);
}

#[test]
fn a_change_of_font_size_or_pen_begins_a_line() {
    assert_shows(
        "BT /F0 10 Tf 72 700 Td <0041> Tj /F1 10 Tf (A) Tj 20 /F1 20 Tf (A) Tj ET"
            .replace("20 /F1", "/F1")
            .as_str(),
        &[
            "\"A\" 10 at 72,100 along 0 to 5",
            "\"A\" 10 at 77,100 along 0 to 5",
            "\"A\" 20 at 82,100 along 0 to 10",
        ],
    );
    assert_shows(
        "BT /F0 10 Tf <0041> Tj .5 g <0042> Tj 1 Tr 2 w <0043> Tj 3 Tr <0044> Tj ET",
        &[
            "\"A\" 10 at 0,800 along 0 to 5",
            "\"B\" 10 at 5,800 along 0 to 5 fill 0.5",
            "\"C\" 10 at 10,800 along 0 to 5 outline 2,1",
            "\"D\" 10 at 15,800 along 0 to 5 fill 0",
        ],
    );
}

#[test]
fn a_line_in_other_ink_than_black_is_other_paint_too() {
    assert_shows(
        "BT /F0 10 Tf 72 700 Td 1 0 0 0 k <0041> Tj 0 0 0 .5 k <0042> Tj ET",
        &["k 62,90,87,110 1", "\"A\" 10 at 72,100 along 0 to 5", "\"B\" 10 at 77,100 along 0 to 5 fill 0.5"],
    );
    assert_shows(
        "BT /F0 10 Tf 0 0 0 rg 9 9 Td <0041> Tj ET",
        &["rg 0,781,24,800 1", "\"A\" 10 at 9,791 along 0 to 5"],
    );
}

#[test]
fn codes_have_the_length_of_their_space() {
    let mut page = ShownPage::default();
    let content = [b"BT /F1 10 Tf (A".as_slice(), &[0, 1, 0x23], b"\\101)Tj ET"].concat();
    let file = file(&[&content], "");
    file.page(0, &mut page).expect("a page");
    let [Paint::Text(text)] = page.paint.as_slice() else { panic!("{:?}", page.paint) };
    assert_eq!(text.text, "AfiA");
    let glyphs: Vec<(u16, u32)> = text.glyphs.iter().map(|glyph| (glyph.glyph, glyph.byte)).collect();
    assert_eq!(glyphs, [(34, 0), (500, 1), (34, 3)]);
    let font = &file.fonts()[1];
    assert_eq!(font.says, [(34, "A".to_owned()), (500, "fi".to_owned())]);
    assert_eq!((font.units_per_em, font.outlines.len() > 500), (1000, true));
    assert!(font.outlines[34].0.starts_with(&[0.0]), "an outline begins with a move");
}

#[test]
fn strings_are_unescaped() {
    let shown = |string: &str| shown(&format!("BT /F1 10 Tf {string} Tj ET")).map(|lines| lines.join(" "));
    let same = shown("(AAA)");
    assert!(same.as_ref().is_ok_and(|line| line.starts_with("\"AAA\"")), "{same:?}");
    for string in ["(A\\101A)", "(A\\\nAA)", "<414141>", "<41 41\n41>", "(\\101\\101\\101)"] {
        assert_eq!(shown(string), same, "{string}");
    }
}

#[test]
fn actual_text_is_what_glyphs_say() {
    assert_shows(
        "BT /F0 10 Tf <0041> Tj /Span<</ActualText<FEFF00E9>>>BDC <00420043> Tj EMC <0044> Tj ET",
        &["\"AéD\" 10 at 0,800 along 0,5,10,15 to 20"],
    );
    assert_shows(
        "/Span/P0 BDC BT /F0 10 Tf <0041> Tj 9 0 Td <0042> Tj ET EMC",
        &["\"ab\" 10 at 0,800 along 0 to 5", "\"\" 10 at 9,800 along 0 to 5"],
    );
    // The outermost says it all.
    assert_shows(
        "/Span<</ActualText(x)>>BDC /Span<</ActualText(y)>>BDC BT /F0 10 Tf <0041> Tj ET EMC EMC",
        &["\"x\" 10 at 0,800 along 0 to 5"],
    );
}

#[test]
fn a_text_that_no_glyph_shows_is_a_line_without_glyphs() {
    assert_shows("/Span<</ActualText(secret)>>BDC EMC", &["\"secret\" 0 at 0,800 along  to 0 fill 0"]);
}

#[test]
fn an_empty_actual_text_makes_a_drawing() {
    assert_shows(
        "/Span<</ActualText()>>BDC q 60 600 200 100 re W n BT /F0 10 Tf 72 650 Td <0041> Tj ET Q EMC",
        &["\"\" 10 at 72,150 along 0 to 5 drawing within 60,100,260,200"],
    );
}

#[test]
fn a_rise_is_the_glyphs() {
    let mut page = ShownPage::default();
    file(&[b".5 0 0 .5 0 0 cm BT /F0 10 Tf <0041> Tj 4 Ts <0042> Tj ET"], "")
        .page(0, &mut page)
        .expect("a page");
    let [Paint::Text(text)] = page.paint.as_slice() else { panic!("{:?}", page.paint) };
    assert_eq!(text.glyphs.iter().map(|glyph| glyph.rise).collect::<Vec<_>>(), [0.0, 2.0]);
}
