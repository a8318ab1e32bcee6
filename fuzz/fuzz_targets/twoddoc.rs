//! Any bytes as a 2D-DOC, and any field as a value to write.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twoddoc::{Assembly, Header, Part, Value, compose, parse, parse_text};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(code) = parse(bytes) {
        assert!(code.signed.len() <= bytes.len());
    }
    let mut assembly = Assembly::default();
    for symbol in bytes.split(|byte| *byte == b'\n') {
        if let Some(Ok(Some(code))) = Part::parse(symbol).map(|part| assembly.add(part)) {
            let _ = parse(&code);
        }
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = parse_text(&text);
    let header = Header::v04("FR00", "0001", "P1", jiff::civil::date(2026, 11, 20));
    let fields = [
        ("01", Value::Exact("810003879623")),
        ("10", Value::Text(&text)),
        ("82", Value::Exact("24")),
        ("83", Value::Exact("1")),
    ];
    if let Ok(block) = compose(&header, &fields) {
        // What was written reads as what was written.
        let read =
            parse(format!("{}\u{1f}{}", block.text, "A".repeat(103)).as_bytes()).expect("our own block");
        assert_eq!(read.field("82").map(|field| field.value.as_str()), Some("24"));
        assert_eq!(read.signed, block.text.as_bytes());
    }
});
