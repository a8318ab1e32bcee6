//! Tests of forms and fonts as a whole.

use super::*;

fn whole(bytes: Vec<u8>, font: bool) -> Result<Vec<u8>, ShowFault> {
    let file = ShownFile::open(Arc::new(bytes)).expect("a file");
    let mut all = Vec::new();
    let mut sink = |part: &[u8]| all.extend_from_slice(part);
    match font {
        true => file.whole_font(0, &mut sink),
        false => file.whole_form(8, &mut sink),
    }?;
    Ok(all)
}

/// The file of the tests, a part of it exchanged for another of the same length.
fn exchanged(from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut all = bytes(&[b""], "");
    let at = all.windows(from.len()).position(|part| part == from).expect("it is there");
    all.splice(at..at + from.len(), to.iter().copied());
    all
}

#[test]
fn a_form_is_its_entries_and_its_content() {
    let sound = whole(bytes(&[b""], ""), false).expect("a form");
    let expected = b"<;/4;BBox[;#0;#0;#600;#800;];/7;Subtype/4;Form/4;Type/7;XObject>;S16;0 g 0 0 9 9 re f";
    assert_eq!(String::from_utf8_lossy(&sound), String::from_utf8_lossy(expected));
    assert_ne!(whole(exchanged(b"9 9 re f", b"9 8 re f"), false).expect("a form"), sound);
    assert_ne!(whole(exchanged(b"BBox[0 0 600 800]", b"BBox[0 0 600 801]"), false).ok(), Some(sound));
}

#[test]
fn a_font_is_its_program_its_widths_and_its_maps() {
    let sound = whole(bytes(&[b""], ""), true).expect("a font");
    let program = include_bytes!("../../../../../fonts/IBMPlexSans-Regular.ttf");
    assert!(sound.windows(program.len()).any(|part| part == program));
    let changes: [(&[u8], &[u8]); 3] = [
        (b"<0020><007E><0020>", b"<0020><007E><0021>"),
        (b"/DW 500", b"/DW 501"),
        (&program[4000..4040], &[7; 40]),
    ];
    for (from, to) in changes {
        assert_ne!(whole(exchanged(from, to), true).expect("a font"), sound, "{from:?}");
    }
    // What another font has is no part of it.
    assert_eq!(whole(exchanged(b"<000123>500", b"<000123>501"), true).expect("a font"), sound);
}

#[test]
fn an_object_in_a_circle_ends_and_a_missing_one_is_none() {
    let circle = exchanged(b"/BBox[0 0 600 800]", b"/BBox[0 0 8 0 R  ]");
    let circle = String::from_utf8_lossy(&whole(circle, false).expect("a form")).into_owned();
    assert!(circle.contains("#0;#0;^0;"), "{circle}");
    let file = file(&[b""], "");
    assert_eq!(file.forms(), [8]);
    assert!(file.whole_form(63, &mut |_| ()).is_err() && file.whole_font(9, &mut |_| ()).is_err());
}
