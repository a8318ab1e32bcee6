//! Graphics state, colours, paths, forms, masks.

use super::*;

#[test]
fn the_state_is_saved_and_restored() {
    assert_shows(
        "q .5 g 2 0 0 2 10 20 cm 0 0 5 5 re f Q 0 0 5 5 re f",
        &["f 10,770,20,780 0.5", "f 0,795,5,800 1"],
    );
}

#[test]
fn every_operator_of_a_path_counts() {
    assert_shows("10 20 m 30 40 l h f*", &["f* 10,760,30,780 1"]);
    assert_shows("10 20 m 0 0 50 60 30 40 c F", &["F 0,740,50,800 1"]);
    assert_shows("10 20 m 50 60 30 40 v 70 10 80 90 y b", &["b 5,705,85,795 1"]);
    assert_shows("10 20 m 10 20 l f", &["f 10,780,10,780 1"]);
    assert_shows("10 20 m n", &[]);
    assert_shows("f", &[]);
}

#[test]
fn a_stroke_is_wider_than_its_path() {
    assert_shows("1 j 2 w 10 20 30 40 re S", &["S 7.88,737.88,42.12,782.12 1"]);
    assert_shows("/Half gs 1 j 10 20 m 30 20 l S", &["S 6.82,776.82,33.18,783.18 0.25"]);
    for operator in ["s", "B", "B*", "b*"] {
        let shown = shown(&format!("10 20 30 40 re {operator}")).expect("paint");
        assert_eq!(shown.len(), 1, "{operator}");
    }
}

#[test]
fn colours_are_as_dark_as_their_darkest_ink() {
    let cases = [
        (".25 g", "0.75"),
        ("0 0 0 .4 k", "0.4"),
        ("0 0 0 0 k", "0"),
        (".6 0 0 .4 k", "0.6"),
        ("1 1 .5 rg", "0.5"),
        ("/DeviceGray cs .2 sc", "0.8"),
        ("/DeviceCMYK cs 0 0 0 .3 scn", "0.3"),
        ("/DeviceRGB cs 1 1 1 sc", "0"),
        ("/Pattern cs /P scn", "1"),
        ("/DeviceCMYK cs", "1"),
    ];
    for (colour, black) in cases {
        assert_shows(&format!("{colour} 0 0 9 9 re f"), &[&format!("f 0,791,9,800 {black}")]);
    }
    assert_shows(".5 G 1 j 0 w 0 0 9 9 re S", &["S 0,791,9,800 0.5"]);
    for colour in ["0 0 0 .5 K", "/DeviceGray CS .5 SC", ".5 .5 .5 RG", "/DeviceGray CS .5 SCN"] {
        assert_shows(&format!("{colour} 1 j 0 w 0 0 9 9 re S"), &["S 0,791,9,800 0.5"]);
    }
}

#[test]
fn a_rectangle_cuts_off_and_another_path_is_reported() {
    assert_shows(
        "q 10 10 20 20 re W n 0 0 15 15 re f Q 0 0 15 15 re f",
        &["f 10,785,15,790 1", "f 0,785,15,800 1"],
    );
    assert_shows("10 10 m 30 10 l 20 30 l W* n", &["W 10,770,30,790 0"]);
    assert_shows("0 0 9 9 re 20 20 9 9 re W n", &["W 0,771,29,800 0"]);
    // What is cut off altogether is still reported.
    assert_shows("10 10 20 20 re W n 100 100 5 5 re f", &["f 30,770,30,770 1"]);
}

#[test]
fn a_form_is_reported_where_it_lies() {
    assert_shows("/G0 gs q 1 0 0 1 0 -2 cm /S0 Do Q", &["form 8 0,802"]);
    assert_shows("2 0 0 2 0 0 cm /S0 Do", &["form 8 0,800 not upright"]);
    assert_shows("0 0 10 10 re W n /S0 Do", &["Do 0,790,10,800 1", "form 8 0,800"]);
    assert_shows("/Half gs /S0 Do", &["Do 0,0,600,800 1", "form 8 0,800"]);
}

#[test]
fn shadings_images_and_annotations_are_other_paint() {
    assert_shows("/Sh sh", &["sh 0,0,600,800 1"]);
    assert_shows("q 30 0 0 20 5 6 cm /I0 Do Q", &["Do 5,774,35,794 1"]);
    let annotated = shown_bytes(&[b""], "/Annots[<</Subtype/Stamp>>]");
    assert_eq!(annotated, Ok(vec!["Annots 0,0,600,800 1".to_owned()]));
}

#[test]
fn an_inline_mask_is_its_cells() {
    let mask = |dictionary: &str, cells: &[u8]| {
        let head = format!("q 30 0 0 20 5 6 cm BI {dictionary} ID ");
        shown_bytes(&[&[head.as_bytes(), cells, b"\nEI Q"].concat()], "").map(|lines| lines.join(" "))
    };
    let expected = Ok("mask 5,774,35,794 9x2 [128, 128, 0, 0] 1".to_owned());
    assert_eq!(mask("/W 9/H 2/IM true", &[0x7F, 0x7F, 0xFF, 0xFF]), expected);
    assert_eq!(mask("/Width 9/Height 2/ImageMask true/BPC 1/D[0 1]", &[0x7F, 0x7F, 0xFF, 0xFF]), expected);
    assert_eq!(mask("/W 9/H 2/IM true/D[1 0]", &[0x80, 0x80, 0, 0]), expected);
    assert_eq!(mask("/W 9/H 2/IM true/F/AHx", b"7F 7f FFFF>"), expected);
    assert_eq!(mask("/W 9/H 2/IM true/F[/ASCIIHexDecode]", b"7F7fFFFF>"), expected);
    // Cells may spell the end.
    let spelt = Ok("mask 5,774,35,794 32x1 [223, 186, 182, 223] 1".to_owned());
    assert_eq!(mask("/W 32/H 1/IM true", b" EI "), spelt);
    let mut deflater = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut deflater, &[0x7F, 0x7F, 0xFF, 0xFF]).expect("memory");
    assert_eq!(mask("/W 9/H 2/IM true/F/Fl", &deflater.finish().expect("memory")), expected);
    assert_eq!(mask("/W 2/H 2/BPC 8/CS/G", b"abcd"), Ok("BI 5,774,35,794 1".to_owned()));
}

#[test]
fn a_mask_has_its_colour_and_matrix() {
    assert_shows("0 0 0 .5 k 9 0 0 2 0 0 cm /M0 Do", &["mask 0,798,9,800 9x2 [128, 128, 0, 0] 0.5"]);
    assert_shows("0 9 -2 0 0 0 cm /M0 Do", &["mask -2,791,0,800 not upright 9x2 [128, 128, 0, 0] 1"]);
    assert_shows("9 0 0 -2 0 0 cm /M0 Do", &["mask 0,800,9,802 not upright 9x2 [128, 128, 0, 0] 1"]);
    assert_shows("1 1 9 9 re W n 9 0 0 2 0 0 cm /M0 Do", &["Do 1,798,9,799 1"]);
    assert_shows(
        "0 1 0 0 k 9 0 0 2 0 0 cm /M0 Do",
        &["k 0,798,9,800 1", "mask 0,798,9,800 9x2 [128, 128, 0, 0] 1"],
    );
}

#[test]
fn streams_of_a_page_are_one_content() {
    assert_eq!(
        shown_bytes(&[b"q 1 0 0 1 5 0 cm", b"0 0 9 9 re f", b"Q"], ""),
        Ok(vec!["f 5,791,14,800 1".to_owned()])
    );
}

#[test]
fn an_object_is_its_bytes_in_the_file() {
    let content = b"0 0 9 9 re f";
    let all = bytes(&[content], "");
    let file = file(&[content], "");
    for number in [1, 2, 3, 5, 8, 11, 16, 20] {
        let object = file.object(number).expect("an object");
        let begin = format!("\n{number} 0 obj\n");
        let at =
            all.windows(begin.len()).position(|bytes| bytes == begin.as_bytes()).expect("it is there") + 1;
        assert!(all[at..].starts_with(object) && object.ends_with(b"endobj"), "object {number}");
        assert_eq!(object.windows(7).filter(|bytes| bytes == b"\nendobj").count(), 1, "object {number}");
    }
    assert_eq!((file.object(0), file.object(40), file.object(4_000_000_000)), (None, None, None));
}

#[test]
fn a_page_is_wiped_before_the_next_is_read() {
    let mut page = ShownPage::default();
    let file = file(&[b"0 0 9 9 re f"], "");
    file.page(0, &mut page).expect("a page");
    file.page(0, &mut page).expect("a page");
    assert_eq!((page.paint.len(), page.size), (1, (600.0, 800.0)));
    assert!(file.page(1, &mut page).is_err() && page.paint.is_empty());
}
