//! Tests of shaping.

use rustybuzz::ttf_parser::Rect;

use super::*;
use crate::GlyphTable;

const FONTS: [&[u8]; 6] = [
    include_bytes!("../../../../fonts/IBMPlexSans-Regular.ttf"),
    include_bytes!("../../../../fonts/IBMPlexSans-Italic.ttf"),
    include_bytes!("../../../../fonts/IBMPlexSans-SemiBold.ttf"),
    include_bytes!("../../../../fonts/IBMPlexSans-Bold.ttf"),
    include_bytes!("../../../../fonts/IBMPlexMono-Regular.ttf"),
    include_bytes!("../../../../fonts/IBMPlexMono-Medium.ttf"),
];

fn shaped_in(program: &[u8], text: &str) -> Result<GlyphRun, MissingGlyph> {
    let face = Face::from_slice(program, 0).expect("a font");
    let (plan, table) = (shaping_plan(&face), GlyphTable::new(&face));
    shape(&FontProgram { program, index: 0, face: &face, plan: &plan, table: &table, name: "" }, text)
}

fn shaped(text: &str) -> Result<GlyphRun, MissingGlyph> {
    shaped_in(FONTS[0], text)
}

fn run(text: &str) -> GlyphRun {
    shaped(text).unwrap_or_else(|missing| panic!("{text}: {missing}"))
}

/// The upper edge of a letter, the lower edge of the accent over it, and how far their centres are apart.
fn stacked(program: &[u8], text: &str) -> (i32, i32, i32) {
    let face = Face::from_slice(program, 0).expect("a font");
    let run = shaped_in(program, text).unwrap_or_else(|missing| panic!("{text}: {missing}"));
    let [letter, .., accent] = &run.glyphs[..] else { panic!("{text}: {} glyphs", run.glyphs.len()) };
    let rise = *run.clusters[0].rises.last().expect("a rise");
    let bounds = |glyph: &Glyph| face.glyph_bounding_box(GlyphId(glyph.id)).expect("an outline");
    let (below, above) = (bounds(letter), bounds(accent));
    let centre = |bounds: Rect, at: i32| at + (i32::from(bounds.x_min) + i32::from(bounds.x_max)) / 2;
    let apart = centre(above, letter.advance + accent.offset) - centre(below, 0);
    (i32::from(below.y_max), i32::from(above.y_min) + rise, apart)
}

#[test]
fn an_accent_without_a_composed_letter_stands_over_its_capital() {
    let letters =
        ["G\u{303}", "C\u{304}", "\u{1ECC}\u{300}", "J\u{30C}", "M\u{302}", "\u{DB}\u{304}", "\u{C4}\u{304}"];
    for (font, program) in FONTS.into_iter().enumerate() {
        for text in letters {
            let (top_of_letter, foot_of_accent, apart) = stacked(program, text);
            assert!(
                foot_of_accent > top_of_letter,
                "{text} in {font}: {foot_of_accent} over {top_of_letter}"
            );
            assert!(apart.abs() < 150, "{text} in {font}: {apart} units beside it");
        }
    }
}

#[test]
fn a_comma_beside_its_letter_stays_there() {
    let run = run("C\u{315}");
    assert_eq!((run.glyphs[1].offset, &run.clusters[0].rises[..]), (0, &[0, 0][..]));
}

#[test]
fn ordinary_text_has_no_clusters() {
    for text in [
        "une fiche officielle",
        "\u{1ECC}L\u{C1}D\u{D9}NN\u{CD}",
        "20\u{A0}%",
        "\u{141}\u{F3}d\u{17A}",
        "L\u{2019}\u{C9}T\u{C9}",
    ] {
        assert_eq!(run(text).clusters, [], "{text}");
    }
}

#[test]
fn clusters_hold_their_text_whole() {
    let texts = |text: &str| run(text).clusters.into_iter().map(|cluster| cluster.text).collect::<Vec<_>>();
    assert_eq!(texts("AG\u{303}UERO"), ["G\u{303}"]);
    assert_eq!(texts("\u{1ECC}\u{300}SUN C\u{304}"), ["\u{1ECC}\u{300}", "C\u{304}"]);
    assert_eq!(texts("o\u{FB01}"), ["\u{FB01}"], "a ligature that the text itself has");
}

#[test]
fn tracking_stays_out_of_a_cluster() {
    let width = |text: &str, tracking: f64| run(text).width(10.0, tracking);
    assert_eq!(width("AG\u{303}U", 2.0) - width("AG\u{303}U", 0.0), 6.0);
}

#[test]
fn the_missing_accent_is_named_with_its_letter() {
    let missing = |text: &str| shaped(text).map(|_| ()).map_err(|missing| missing.to_string());
    let accent = |code: &str, cluster: &str| Err(format!("the font has no accent U+{code} for `{cluster}`"));
    assert_eq!(missing("AS\u{331}A"), accent("0331", "S\u{331}"));
    assert_eq!(missing("AL\u{325}A"), accent("0325", "L\u{325}"));
    assert_eq!(missing("AL\u{325}\u{304}A"), accent("0325", "L\u{325}\u{304}"));
    assert_eq!(missing("\u{6F22}"), Err("the font has no character `\u{6F22}` (U+6F22)".to_owned()));
    assert_eq!(missing("A\u{6F22}\u{301}"), Err("the font has no character `\u{6F22}` (U+6F22)".to_owned()));
}

#[test]
fn stacks_say_how_far_they_reach() {
    let above = |text: &str| run(text).reach().0;
    let (one, three) = (above("G\u{303}"), above("G\u{303}\u{304}\u{304}"));
    assert_eq!(run("\u{C9}CLAIR").reach(), (0.0, 0.0));
    assert!(0.85 < one && one + 0.2 < three, "{one} {three}");
}
