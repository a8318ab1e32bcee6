//! Binary and mixed codes, codes over several symbols, and texts that scanners have altered.

use super::*;

const A6: &str = "DC04FR000001FFFF269BA601FR";

fn key() -> SigningKey {
    SigningKey::from_seed(Algorithm::EcdsaP256, &[9; 32]).unwrap()
}

fn signature_of(bytes: &[u8]) -> Vec<u8> {
    key().sign(bytes).unwrap().to_vec()
}

/// A mixed code: characters, a mark, two binary blocks, the signature, and an annex block.
fn mixed(characters: &str, mark: &[u8]) -> Vec<u8> {
    let blocks: &[u8] = &[0x01, 3, 0x5F, 0xB3, 0xE1, 0x02, 0xFF, 0, 2, 0x1F, 0x1D];
    let signature = signature_of(&[characters.as_bytes(), blocks].concat());
    [characters.as_bytes(), mark, blocks, &[0xFF, 64], &signature, &[0x03, 1, 7]].concat()
}

#[test]
fn a_mixed_code_switches_to_binary_after_a_complete_field() {
    let messages = [
        ("80MARTIN\u{1d}81ZOE\u{1d}822800012345\u{1d}83ORDRE\u{1d}", 4),
        ("80MARTIN\u{1d}81ZOE\u{1d}822800012345\u{1d}83ORDRE", 4),
        ("80MARTIN\u{1d}0828A1", 2),
        ("", 0),
    ];
    for (message, characters) in messages {
        for mark in [&[0xFE, 0xE7][..], &[0xE7], &[]] {
            let code = parse(&mixed(&format!("{A6}{message}"), mark)).unwrap();
            assert_eq!(code.form, Form::Mixed, "{message} {mark:02X?}");
            assert_eq!(verify(&code, &key().verifying_key()), Ok(()), "{message} {mark:02X?}");
            let ids: Vec<_> = code.fields.iter().map(|f| f.id.as_str()).collect();
            assert_eq!(ids.len(), characters + 2, "{ids:?}");
            assert_eq!(ids[characters..], ["01", "02"]);
            assert_eq!(code.fields[characters].value, "5FB3E1");
            assert_eq!(code.fields[characters + 1].value, "1F1D");
            assert_eq!(code.annex[0].value, "07");
        }
    }
}

#[test]
fn a_changed_byte_invalidates_a_mixed_code() {
    let intact = mixed(&format!("{A6}80MARTIN\u{1d}0828A1"), &[0xE7]);
    for at in [A6.len() + 3, A6.len() + 19, intact.len() - 40] {
        let mut altered = intact.clone();
        altered[at] ^= 1;
        let code = parse(&altered).unwrap();
        assert!(verify(&code, &key().verifying_key()).is_err(), "{at}");
    }
}

#[test]
fn signed_characters_are_not_read_as_binary_blocks() {
    // From its third character on, field 01 could be read as block `B` of 0x33 bytes.
    let tail = format!("B3{}", "B".repeat(0x33));
    let text = format!("DC04FR000001FFFF269BP101FR10M/MARTIN/ZOE\u{1d}821\u{1d}83X\u{1d}01CARTE{tail}");
    let signature = signature_of(text.as_bytes());
    let (front, tail) = text.as_bytes().split_at(text.len() - tail.len());
    let marked = parse(&[front, &[0xE7], tail, &[0xFF, 64], &signature].concat()).unwrap();
    assert_eq!((marked.form, marked.worst()), (Form::Mixed, Some(Level::Invalid)));
    assert_eq!(verify(&marked, &key().verifying_key()), Ok(()));
    // Without a mark, they stay characters.
    let unmarked = parse(&[front, tail, &[0xFF, 64], &signature].concat()).unwrap();
    assert_eq!(
        unmarked.field("01").unwrap().value,
        text.split_once("01CARTE").map(|(_, rest)| format!("CARTE{rest}")).unwrap()
    );
    assert!(unmarked.worst() < Some(Level::Invalid));
}

#[test]
fn non_ascii_characters_without_a_binary_signature_are_an_invalid_finding() {
    let code = parse(format!("{A6}80é\u{1d}\u{1f}{}", "A".repeat(103)).as_bytes()).unwrap();
    assert_eq!((code.form, code.worst()), (Form::C40, Some(Level::Invalid)));
}

#[test]
fn a_code_over_several_symbols_is_assembled_and_verified() {
    let block = format!("{A6}80MARTIN\u{1d}81ZOE\u{1d}822800012345\u{1d}83ORDRE");
    let text = format!("{block}{US}{}", base32::encode(&signature_of(block.as_bytes())));
    let (left, right) = text.split_at(70);
    let mut assembly = Assembly::default();
    let second = Part::parse(format!("EQ7Z11{right}").as_bytes()).unwrap();
    assert_eq!(assembly.add(second), Ok(None));
    let first = Part::parse(format!("EQ7Z01{left}").as_bytes()).unwrap();
    let whole = assembly.add(first).unwrap().unwrap();
    let code = parse(&whole).unwrap();
    assert_eq!(verify(&code, &key().verifying_key()), Ok(()));
    assert_eq!(code.field("83").unwrap().value, "ORDRE");
}

/// A valid text of type A6.
fn valid_text() -> String {
    let block = format!("{A6}80MARTIN\u{1d}81ZOE\u{1d}822800012345\u{1d}83ORDRE");
    format!("{block}{US}{}", base32::encode(&signature_of(block.as_bytes())))
}

#[test]
fn dropped_control_characters_are_reported_and_not_guessed() {
    let spoiled = valid_text().replace([GS, RS, US], "");
    let code = parse_text(&spoiled).unwrap();
    assert_eq!(code.scanner, Some(ScannerFault::Dropped));
    assert!(code.fields.is_empty() && code.signature.is_none());
    assert_eq!(code.header.document_type, "A6");
    assert_eq!(verify(&code, &key().verifying_key()), Err(SignatureError::Missing));
    assert_eq!(parse_text(&format!("{spoiled}\r\n")).unwrap().scanner, Some(ScannerFault::Dropped));
}

#[test]
fn replaced_control_characters_are_reported_and_not_guessed() {
    let replaced = |by: &str| ScannerFault::Replaced(by.to_owned());
    let cases = [
        (valid_text().replace(GS, "<GS>").replace(US, "<US>"), replaced("<GS>")),
        (valid_text().replace(GS, "\u{241d}").replace(US, "\u{241f}"), replaced("<GS>")),
        (valid_text().replace(GS, "\\x1D").replace(US, "\\x1F"), replaced("\\x1d")),
        (valid_text().replace(GS, "^]").replace(US, "^_"), replaced("^]")),
        (valid_text().replace([GS, US], " "), replaced(" ")),
        (valid_text().replace([GS, US], "|"), replaced("|")),
    ];
    for (text, fault) in cases {
        let code = parse_text(&text).unwrap();
        assert_eq!(code.scanner, Some(fault), "{text:?}");
        assert!(verify(&code, &key().verifying_key()).is_err());
    }
}

#[test]
fn joined_fields_are_reported() {
    let code = parse_text(&valid_text().replace(GS, "")).unwrap();
    assert_eq!(code.scanner, Some(ScannerFault::FieldsJoined("80".into())));
    assert_eq!(verify(&code, &key().verifying_key()), Err(SignatureError::Mismatch));
    assert_eq!(parse_text(&valid_text()).unwrap().scanner, None);
}

#[test]
fn another_keyboard_layout_is_reported() {
    for text in [
        valid_text().to_lowercase(),
        valid_text().replacen("DC04", "DCà'", 1),
        valid_text().replacen("DC04", "dcà'", 1),
    ] {
        assert_eq!(parse_text(&text), Err(ParseError::Keyboard), "{text}");
    }
    assert!(parse_text(&valid_text()).is_ok());
}

proptest! {
    #[test]
    fn any_binary_tail_is_read_and_verified(
        values in prop::collection::vec((0u8..0xFF, prop::collection::vec(any::<u8>(), 0..40)), 0..5),
        mark in prop::sample::select(vec![&[0xFE, 0xE7][..], &[0xE7]]),
    ) {
        let characters = format!("{A6}80MARTIN\u{1d}81ZOE\u{1d}822800012345\u{1d}83ORDRE\u{1d}");
        let mut blocks = Vec::new();
        for (id, value) in &values {
            blocks.extend([*id, value.len() as u8]);
            blocks.extend(value);
        }
        let signed = [characters.as_bytes(), &blocks].concat();
        let code = [characters.as_bytes(), mark, &blocks, &[0xFF, 64], &signature_of(&signed)].concat();
        let read = parse(&code).unwrap();
        prop_assert_eq!(read.signed.clone(), signed);
        prop_assert_eq!(verify(&read, &key().verifying_key()), Ok(()));
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02X}")).collect::<String>();
        let expected: Vec<_> = values.iter().map(|(id, value)| (hex(&[*id]), hex(value))).collect();
        let found: Vec<_> = read.fields[4..].iter().map(|f| (f.id.clone(), f.value.clone())).collect();
        prop_assert_eq!(found, expected);
    }
}
