//! What is not understood is an error, and none of it is quoted.

use super::*;

#[test]
fn an_operator_that_is_not_known_is_an_error_outside_a_compatibility_section() {
    assert_shows("BX 1 2 zz EX 0 0 9 9 re f", &["f 0,791,9,800 1"]);
    for content in ["1 2 zz", "BX EX zz", "BX zz", "EX", "1 0 d0", "1 0 0 0 1 1 d1", "ff", "secret4711"] {
        let fault = shown(content).expect_err(content);
        assert!(!fault.contains("secret") && fault.starts_with("page 1: "), "{content}: {fault}");
    }
}

#[test]
fn operands_must_be_those_of_the_operator() {
    let cases = [
        "1 2 3 re f",
        "(a) w",
        "1 2 w",
        "/G0 /G0 gs",
        "1 0 0 1 0 cm",
        "1 2 3 4 5 6 7 c",
        "1 m",
        "q 1 Q",
        "1 q Q",
        "1 g g",
        "1 2 k",
        "/F0 Tf",
        "BT /F0 10 Tf 1 Tj ET",
        "BT /F0 10 Tf [/A] TJ ET",
        "BT 1 Td ET",
        "1 BT ET",
        "1 [2] d",
        "8 Tr",
        "/S0 (a) Do",
        "/A BDC EMC",
        "(a) BMC EMC",
        "1 2 3",
        "/DeviceRGB cs 1 sc",
        "/Pattern cs (a) scn",
        "1 sh",
    ];
    for content in cases {
        assert!(shown(content).is_err(), "{content}");
    }
}

#[test]
fn what_is_begun_must_be_ended_and_in_its_place() {
    let cases = [
        "q",
        "Q",
        "BT",
        "ET",
        "/A BMC",
        "EMC",
        "0 0 m",
        "0 0 9 9 re q f Q",
        "BT q Q ET",
        "BT 0 0 9 9 re f ET",
        "BT BT ET ET",
        "BT /S0 Do ET",
        "(a) Tj",
        "1 1 l f",
        "1 1 Td",
        "T*",
        "BT BI /W 1/H 1/IM true ID a\nEI ET",
        "(a",
        "<41",
        "[1 2",
        "<</A 1",
        ")",
        "]",
        ">>",
        "{",
        "}",
        "0 0 9 9 re /S0 Do f",
    ];
    for content in cases {
        assert!(shown(content).is_err(), "{content}");
    }
}

#[test]
fn resources_must_be_there() {
    for content in ["/X gs", "/X Do", "BT /X 10 Tf ET", "/A/X BDC EMC", "BT <0041> Tj ET"] {
        assert!(shown(content).is_err(), "{content}");
    }
}

#[test]
fn what_may_hide_paint_is_an_error() {
    for content in ["/Soft gs", "/OC/P0 BDC EMC", "/A/P1 BDC EMC", "BT /F0 9 Tf 7 Tr <0041> Tj ET"] {
        assert!(shown(content).is_err(), "{content}");
    }
    for entries in ["/Rotate 90", "/UserUnit 2", "/CropBox[0 0 9 9]", "/Contents 99 0 R"] {
        let entries = entries.to_owned();
        assert!(shown_bytes(&[b""], &entries).is_err() || entries.starts_with("/Contents"), "{entries}");
    }
}

#[test]
fn inline_images_must_be_whole() {
    let cases = [
        "BI /W 9/H 2/IM true ID abc\nEI",
        "BI /W 9/H 2/IM true ID abcde\nEI",
        "BI /W 9/H 2/IM true ID abcdEI x",
        "BI /W 1000000/H 1000000/IM true ID a\nEI",
        "BI /W -1/H 1/IM true ID a\nEI",
        "BI /W 8/H 1/IM true/F/LZW ID a\nEI",
        "BI /W 8/H 1/IM true/F/AHx ID 4\nEI",
        "BI /W 8/H 1/IM true/F/Fl ID a\nEI",
        "BI /W 8/H 1/X 1 ID a\nEI",
        "BI",
        "BI /W",
        "BI /W 8/H 1/IM true ID",
    ];
    for content in cases {
        assert!(shown(content).is_err(), "{content}");
    }
}

#[test]
fn limits_hold() {
    for content in
        ["q ".repeat(100), "/A BMC ".repeat(100), "1 ".repeat(100), "[".repeat(100), "<<".repeat(100_000)]
    {
        assert!(shown(&content).is_err());
    }
    assert!(shown(&("q ".repeat(60) + &"Q ".repeat(60))).is_ok());
}

#[test]
fn numbers_are_what_the_standard_allows() {
    for (number, x) in
        [("4.", "4"), ("+4", "4"), ("-.5", "-0.5"), ("00004", "4"), ("4.000000000000000000000001", "4")]
    {
        assert_shows(&format!("{number} 0 m f"), &[&format!("f {x},800,{x},800 1")]);
    }
    for number in ["4e0", "--4", "4-", "1.2.3", "0x4", "+", ".", "99999999999999999999999999"] {
        assert!(shown(&format!("{number} 0 m f")).is_err(), "{number}");
    }
}

#[test]
fn files_that_are_none_are_refused() {
    for bytes in [b"".as_slice(), b"%PDF-1.6\n", b"hello"] {
        assert_eq!(ShownFile::open(Arc::new(bytes.to_vec())).err(), Some(ShowFault::File));
    }
}
