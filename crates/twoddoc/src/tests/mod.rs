//! The whole crate: official vectors, rules of reading, properties.

mod forms;
mod rules;
mod tables;

use super::*;
use ed25519_dalek::pkcs8::spki::der::pem;
use proptest::prelude::*;
use serde_json::Value as Json;
use std::io::Write as _;

const HEADER: &str = "DC04FR000001FFFF269BP101FR";

/// The binary header in the table of S326 p. 20.
const BINARY_HEADER: [u8; 19] = [
    0xDC, 0x04, 0x7B, 0xA7, 0x7B, 0x9D, 0x20, 0x0F, 0x2D, 0x0A, 0x5F, 0xB3, 0xE1, 0x99, 0x61, 0xB0, 0x01,
    0x00, 0x01,
];

/// The vectors in the folder that `PLI_VECTORS` names. Without the variable the test is skipped, with a message on stderr.
fn vectors(test: &str) -> Option<Json> {
    let Some(folder) = std::env::var_os("PLI_VECTORS") else {
        // `writeln!` is not captured by the test harness.
        let _ = writeln!(std::io::stderr(), "{test}: skipped, PLI_VECTORS is not set");
        return None;
    };
    let path = std::path::Path::new(&folder).join("2ddoc.json");
    Some(serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap())
}

/// The first bytes of a P-256 SubjectPublicKeyInfo, which has 91 bytes.
const P256_KEY_INFO: [u8; 23] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86,
    0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
];

fn key_of_certificate(pem: &str) -> VerifyingKey {
    let (_, certificate) = pem::decode_vec(pem.as_bytes()).unwrap();
    let begins = |at: &usize| certificate[*at..].starts_with(&P256_KEY_INFO);
    let at = (0..certificate.len()).find(begins).unwrap();
    VerifyingKey::from_spki_der(&certificate[at..at + 91]).unwrap()
}

fn assert_fields(read: &[Field], expected: &Json, id: &Json) {
    let read: Vec<_> = read.iter().map(|f| (f.id.as_str(), f.value.as_str())).collect();
    let expected = expected.as_array().unwrap().iter();
    let expected: Vec<_> =
        expected.map(|f| (f["di"].as_str().unwrap(), f["value"].as_str().unwrap())).collect();
    assert_eq!(read, expected, "{id}");
}

fn assert_header(header: &Header, expected: &Json, id: &Json) {
    let text = |name: &str| expected[name].as_str().map(str::to_owned);
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    assert_eq!(Json::from(u8::from(header.version)), expected["version"], "{id}");
    assert_eq!(Some(header.ca_id.clone()), text("ca_id"), "{id}");
    assert_eq!(Some(header.certificate_id.clone()), text("cert_id"), "{id}");
    assert_eq!(day(header.emission_date), text("emission_date"), "{id}");
    assert_eq!(day(header.signature_date), text("signature_date"), "{id}");
    if expected["doc_type"].is_string() {
        assert_eq!(Some(header.document_type.clone()), text("doc_type"), "{id}");
        assert_eq!(header.perimeter, text("perimeter"), "{id}");
    }
    assert_eq!(header.country, text("country"), "{id}");
}

#[test]
fn official_vectors_have_the_expected_fields_and_verdict() {
    let Some(all) = vectors("official_vectors_have_the_expected_fields_and_verdict") else {
        return;
    };
    for vector in all["vectors"].as_array().unwrap() {
        let id = &vector["id"];
        let code = parse_text(vector["raw"].as_str().unwrap()).unwrap();
        assert_header(&code.header, &vector["header"], id);
        assert_fields(&code.fields, &vector["expected_fields"], id);
        if vector["expected_annex_fields"].is_array() {
            assert_fields(&code.annex, &vector["expected_annex_fields"], id);
        }
        assert_eq!(Json::from(code.signed.len()), vector["signed_len_bytes"], "{id}");
        let key = key_of_certificate(vector["cert_pem"].as_str().unwrap());
        let valid = verify(&code, &key).is_ok();
        assert_eq!(Json::from(valid), vector["expected_valid"], "{id}");
        assert_ne!(code.worst(), Some(Level::Invalid), "{id} {:?}", code.findings);
    }
}

#[test]
fn official_specimens_are_composed_identically() {
    let Some(all) = vectors("official_specimens_are_composed_identically") else {
        return;
    };
    let mut same = 0;
    for vector in all["vectors"].as_array().unwrap() {
        let code = parse_text(vector["raw"].as_str().unwrap()).unwrap();
        if code.worst() == Some(Level::Departure) {
            continue;
        }
        let fields = code.fields.iter();
        let fields: Vec<_> = fields.map(|f| (f.id.as_str(), Value::Exact(&f.value))).collect();
        let block = compose(&code.header, &fields).unwrap();
        // A specimen may have a separator after its last field (S326 p. 22).
        let signed = code.signed.strip_suffix(b"\x1d").unwrap_or(&code.signed);
        assert_eq!(block.text.as_bytes(), signed, "{}", vector["id"]);
        same += 1;
    }
    assert!(same >= 30, "only {same}");
}

#[test]
fn official_headers_are_read() {
    let Some(all) = vectors("official_headers_are_read") else {
        return;
    };
    for vector in all["header_vectors"].as_array().unwrap() {
        let bytes = match vector["raw"].as_str() {
            Some(raw) => raw.as_bytes().to_vec(),
            None => unhex(vector["raw_hex"].as_str().unwrap()),
        };
        match Header::parse(&bytes) {
            Ok((header, length)) => {
                assert_eq!(length, bytes.len());
                assert_header(&header, &vector["header"], &vector["id"]);
            }
            Err(_) => assert_eq!(vector["expected_valid"], false, "{}", vector["id"]),
        }
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// The fields of a message of type P1, and its findings above notes, except missing mandatory fields.
fn read(message: &str) -> (Vec<(String, String, bool)>, Vec<String>) {
    let signature = base32::encode(&[1; 64]);
    let code = parse(format!("{HEADER}{message}{US}{signature}").as_bytes()).unwrap();
    let fields = code.fields.iter().map(|f| (f.id.clone(), f.value.clone(), f.truncated));
    let grave = code.findings.iter().filter(|f| f.level > Level::Note);
    let grave = grave.filter(|f| !f.message.contains("mandatory")).map(ToString::to_string);
    (fields.collect(), grave.collect())
}

fn field(id: &str, value: &str, truncated: bool) -> (String, String, bool) {
    (id.to_owned(), value.to_owned(), truncated)
}

#[test]
fn a_value_at_its_maximum_needs_no_separator() {
    let full = "A".repeat(20);
    let (fields, findings) = read(&format!("61{full}62B"));
    assert_eq!(fields, [field("61", &full, false), field("62", "B", false)]);
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn rs_marks_a_truncated_value_below_or_at_its_maximum_and_when_last() {
    let full = "A".repeat(20);
    let (fields, findings) = read(&format!("61{full}\u{1e}181898\u{1e}62B\u{1e}"));
    let expected = [field("61", &full, true), field("18", "1898", true), field("62", "B", true)];
    assert_eq!(fields, expected);
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn gs_after_the_last_field_is_accepted() {
    let (fields, findings) = read("62B\u{1d}");
    assert_eq!(fields, [field("62", "B", false)]);
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn superfluous_separators_are_departures() {
    let full = "A".repeat(20);
    let (fields, findings) = read(&format!("6912071973\u{1d}61{full}\u{1d}\u{1d}62B"));
    assert_eq!(fields.len(), 3);
    assert_eq!(findings.len(), 3, "{findings:?}");
}

#[test]
fn a_short_fixed_field_is_invalid() {
    let (fields, findings) = read("69120719\u{1d}62B");
    assert_eq!(fields, [field("69", "120719", false), field("62", "B", false)]);
    assert!(findings[0].contains("must have 8"), "{findings:?}");
}

#[test]
fn an_unknown_identifier_is_kept_and_reported() {
    let (fields, findings) = read("ZZWHAT EVER\u{1d}62B\u{1d}?!X\u{1d}9");
    assert_eq!(fields[..2], [field("ZZ", "WHAT EVER", false), field("62", "B", false)]);
    assert_eq!(findings.len(), 3, "{findings:?}");
}

#[test]
fn eori_of_17_characters_without_separator_is_read() {
    let (fields, findings) = read("DHFR123456789012345DSX");
    assert_eq!(fields[0], field("DH", "FR123456789012345", false));
    assert_eq!(fields[1].0, "DS");
    assert!(findings.iter().any(|f| f.contains("no separator")), "{findings:?}");
    let (fields, _) = read("DHFR12345678901234567\u{1d}62B");
    assert_eq!(fields[0].1, "FR12345678901234567");
}

#[test]
fn padded_base32_is_read() {
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[9; 32]).unwrap();
    let block = format!("{HEADER}011\u{1d}10\u{1d}82\u{1d}83X");
    let signature = base32::encode(&key.sign(block.as_bytes()).unwrap());
    for padding in ["", "=", "\r\n"] {
        let code = parse(format!("{block}{US}{signature}{padding}").as_bytes()).unwrap();
        assert_eq!(verify(&code, &key.verifying_key()), Ok(()), "{padding:?}");
        assert_ne!(code.worst(), Some(Level::Departure));
    }
}

#[test]
fn a_missing_signature_or_one_of_another_length_is_reported() {
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[9; 32]).unwrap().verifying_key();
    let with = |tail: &str| parse(format!("{HEADER}011{tail}").as_bytes()).unwrap();
    for tail in ["", "\u{1f}", "\u{1f}a!", "\u{1f}MY"] {
        assert_eq!(with(tail).worst(), Some(Level::Invalid), "{tail:?}");
        assert!(verify(&with(tail), &key).is_err());
    }
    for bytes in [96, 132] {
        let code = with(&format!("\u{1f}{}", base32::encode(&vec![1; bytes])));
        let fault = SignatureError::Length { expected: 64, found: bytes };
        assert_eq!(verify(&code, &key), Err(fault));
        assert_ne!(code.worst(), Some(Level::Invalid));
    }
}

#[test]
fn version_01_ends_with_a_raw_signature() {
    let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[9; 32]).unwrap();
    let block = b"DC01FR000001FFFF125E0330M EXEMPLE\x1d31FR7030002005500000157845Z02\x1d32AGRIFRPP";
    let code: Vec<u8> = [&block[..], &key.sign(block).unwrap()].concat();
    let read = parse(&code).unwrap();
    assert_eq!(verify(&read, &key.verifying_key()), Ok(()));
    assert_eq!(read.signed, block);
    assert_eq!(read.fields[2].value, "AGRIFRPP");
    let longer: Vec<u8> = [&block[..], &[0xC3; 96]].concat();
    assert_eq!(parse(&longer).unwrap().signature.map(|s| s.len()), Some(96));
}

#[test]
fn an_annex_is_read_and_not_signed() {
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[9; 32]).unwrap();
    let block = format!("{HEADER}011\u{1d}10\u{1d}82\u{1d}83X");
    let block = UnsignedBlock { text: block, truncated: Vec::new() };
    let text = signed_text(&block, &key).unwrap() + "\u{1d}84INFIRMIER\u{1d}62B";
    let code = parse_text(&text).unwrap();
    assert_eq!(verify(&code, &key.verifying_key()), Ok(()));
    assert_eq!(code.annex.iter().map(|f| f.value.as_str()).collect::<Vec<_>>(), ["INFIRMIER", "B"]);
    assert!(code.findings.iter().any(|f| f.message == "the annex is not signed"));
}

#[test]
fn the_rules_of_the_document_type_are_checked() {
    let text = format!("DC04FR000001269B269BA602FR80A\u{1d}82B\u{1d}82C\u{1d}62D{US}");
    let code = parse_text(&(text + &base32::encode(&[1; 64]))).unwrap();
    let found: Vec<_> = code.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "perimeter `02` is not published",
            "type `A6` has no date of emission",
            "`81` is mandatory in type `A6` and missing",
            "`83` is mandatory in type `A6` and missing",
            "`82` stands more than once",
            "`FR00` is a test authority",
            "`62` is not listed for type `A6`",
        ]
    );
}

#[test]
fn text_that_is_not_a_2d_doc_is_an_error() {
    for text in ["", "DC", "HC1:ABC", "DC04FR00", "€"] {
        assert!(parse_text(text).is_err(), "{text}");
    }
}

/// An identifier and a value that conforms to it.
fn any_field() -> impl Strategy<Value = (&'static str, String)> {
    let identifiers = DataIdentifier::all().iter().filter(|di| !["DH", "DP", "DW"].contains(&di.id));
    let identifiers: Vec<_> = identifiers.collect();
    prop::sample::select(identifiers).prop_flat_map(|di| {
        let permitted: Vec<char> = ('\0'..='\x7f').filter(|c| di.alphabet.contains(*c)).collect();
        let lengths = di.min_length()..=di.max_length().unwrap_or(30);
        prop::collection::vec(prop::sample::select(permitted), lengths)
            .prop_map(move |value| (di.id, value.into_iter().collect()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_composed_block_is_read_back(more in prop::collection::vec(any_field(), 0..12)) {
        let mut fields: Vec<(&str, String)> = more;
        for id in ["01", "10", "82", "83"] {
            fields.push((id, "A".to_owned()));
        }
        fields.sort();
        fields.dedup_by_key(|field| field.0);
        let values: Vec<_> = fields.iter().map(|(id, value)| (*id, Value::Exact(value))).collect();
        let header = Header::v04("FR00", "0001", "P1", jiff::civil::date(2026, 11, 23));
        let key = SigningKey::from_seed(Algorithm::Ed25519, &[1; 32]).unwrap();
        let block = compose(&header, &values).unwrap();
        let code = parse_text(&signed_text(&block, &key).unwrap()).unwrap();
        prop_assert_eq!(code.header, header);
        let read: Vec<_> = code.fields.iter().map(|f| (f.id.as_str(), f.value.clone())).collect();
        prop_assert_eq!(read, fields);
        prop_assert!(code.findings.iter().all(|f| f.level == Level::Note), "{:?}", code.findings);
        prop_assert_eq!(code.signed, block.text.into_bytes());
    }

    #[test]
    fn arbitrary_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
        for start in [HEADER.as_bytes(), b"DC01FR000001FFFF125E03", &BINARY_HEADER] {
            prop_assert!(parse(&[start, &bytes].concat()).is_ok());
        }
    }

    #[test]
    fn arbitrary_characters_are_read_without_panic(text in "[DCFR0-9A-Z\u{1d}\u{1e}\u{1f}éЛ]{0,80}") {
        let _ = parse_text(&text);
        let _ = parse_text(&format!("{HEADER}{text}"));
    }
}
