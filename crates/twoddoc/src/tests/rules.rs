//! The rules of the specification, one test each. The name of a test begins with the section or page of its rule (S326
//! 3.2.6). Texts that are read are written by hand, not by this crate.

use super::*;
use jiff::civil::date;

const SIGNATURE_64: [u8; 64] = [0x5A; 64];

/// A header, a message and a signature of 64 arbitrary bytes.
fn with_arbitrary_signature(header: &str, message: &str) -> String {
    format!("{header}{message}\u{1f}{}", base32::encode(&SIGNATURE_64))
}

fn read_code(header: &str, message: &str) -> Code {
    parse_text(&with_arbitrary_signature(header, message)).unwrap()
}

fn findings(code: &Code, level: Level) -> Vec<&str> {
    code.findings.iter().filter(|f| f.level == level).map(|f| f.message.as_str()).collect()
}

fn faults(header: &Header, fields: &[(&str, Value<'_>)]) -> Vec<ComposeError> {
    compose(header, fields).err().unwrap_or_default()
}

fn ours(document_type: &str) -> Header {
    Header::v04("FR00", "0001", document_type, date(2026, 11, 23))
}

const A6_FIELDS: [(&str, Value<'_>); 4] = [
    ("80", Value::Exact("MARTIN")),
    ("81", Value::Exact("ZOE")),
    ("82", Value::Exact("1")),
    ("83", Value::Exact("X")),
];

mod header {
    use super::*;

    #[test]
    fn s3_3_the_marker_is_dc() {
        assert_eq!(
            parse_text("DD04FR000001FFFF269BA601FR"),
            Err(ParseError::Header(HeaderError::NotTwoDDoc))
        );
        assert!(Header::parse(b"DC04FR000001FFFF269BA601FR").is_ok());
    }

    #[test]
    fn s3_3_versions_are_01_to_04_and_no_other() {
        for (version, length) in [("01", 22), ("02", 22), ("03", 24), ("04", 26)] {
            let text = format!("DC{version}FR000001FFFF269BA601FR");
            assert_eq!(Header::parse(text.as_bytes()).unwrap().1, length);
        }
        for version in ["00", "05", "10", "4 ", "AA"] {
            let text = format!("DC{version}FR000001FFFF269BA601FR");
            assert!(matches!(Header::parse(text.as_bytes()), Err(HeaderError::Version(_))), "{version}");
        }
    }

    #[test]
    fn s3_3_the_authority_is_two_letters_and_two_letters_or_digits() {
        for (ca, valid) in [("FR0A", true), ("DEZ9", true), ("F10A", false), ("FR0a", false), ("FR-1", false)]
        {
            assert_eq!(Header::parse(format!("DC02{ca}0001FFFF269B01").as_bytes()).is_ok(), valid, "{ca}");
        }
    }

    #[test]
    fn p15_an_authority_in_00_is_for_tests() {
        let code =
            read_code("DC02DE000001FFFF269B03", "30A\u{1d}31FR7030002005500000157845Z02\u{1d}32AGRIFRPP");
        assert!(findings(&code, Level::Note).contains(&"`DE00` is a test authority"));
    }

    #[test]
    fn p16_certificate_0000_is_for_tests() {
        let code =
            read_code("DC02FR030000FFFF269B03", "30A\u{1d}31FR7030002005500000157845Z02\u{1d}32AGRIFRPP");
        assert!(findings(&code, Level::Note).contains(&"certificate `0000` is kept for tests"));
    }

    #[test]
    fn s3_3_dates_are_hexadecimal_days_since_2000_and_ffff_is_undated() {
        let (header, _) = Header::parse(b"DC02FR0000010E840E8A01").unwrap();
        assert_eq!(header.emission_date, Some(date(2010, 3, 5)));
        assert_eq!(header.signature_date, Some(date(2010, 3, 11)));
        let (header, _) = Header::parse(b"DC02FR000001FFFF000001").unwrap();
        assert_eq!((header.emission_date, header.signature_date), (None, Some(date(2000, 1, 1))));
        assert!(Header::parse(b"DC02FR0000010e840E8A01").is_err());
    }

    #[test]
    fn s3_3_perimeter_comes_with_03_and_country_with_04() {
        let (header, _) = Header::parse(b"DC03FR0AXT4A0E840E8A0101FR").unwrap();
        assert_eq!((header.perimeter.as_deref(), header.country), (Some("01"), None));
        let (header, _) = Header::parse(b"DC04FR0AXT4A0E840E8A0101DE").unwrap();
        assert_eq!(header.country.as_deref(), Some("DE"));
        assert!(Header::parse(b"DC04FR0AXT4A0E840E8A010133").is_err());
    }

    #[test]
    fn p9_version_01_is_read_and_never_written() {
        let mut header = ours("A6");
        (header.version, header.perimeter, header.country) = (Version::V01, None, None);
        assert!(matches!(faults(&header, &A6_FIELDS)[..], [ComposeError::Header(_)]));
        header.version = Version::V02;
        assert_eq!(faults(&header, &A6_FIELDS), []);
    }

    #[test]
    fn s3_3_every_error_of_a_header_is_reported() {
        let mut header = ours("a6");
        (header.ca_id, header.country, header.signature_date) = ("F100".into(), None, None);
        let told: Vec<_> = header.to_text().unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4, "{told:?}");
    }

    #[test]
    fn s3_3_a_code_without_signature_date_is_a_departure() {
        let code =
            read_code("DC02FR000001FFFFFFFF03", "30A\u{1d}31FR7030002005500000157845Z02\u{1d}32AGRIFRPP");
        assert_eq!(findings(&code, Level::Departure), ["the signature is not dated"]);
    }

    #[test]
    fn p32_types_without_a_date_of_emission() {
        let undated =
            DocumentType::all().iter().filter(|known| known.emission_date == EmissionDate::Forbidden);
        let undated: Vec<_> = undated.map(|known| known.code).collect();
        assert_eq!(undated, ["03", "04", "05", "16", "18", "19", "20", "21", "22", "24", "A3", "A5", "A6"]);
    }

    #[test]
    fn p32_the_type_determines_whether_there_is_a_date_of_emission() {
        let mut header = ours("A6");
        header.emission_date = Some(date(2026, 11, 23));
        assert_eq!(
            faults(&header, &A6_FIELDS),
            [ComposeError::EmissionDate { document_type: "A6", required: false }]
        );
        let fault = ComposeError::EmissionDate { document_type: "AC", required: true };
        assert!(faults(&ours("AC"), &A6_FIELDS).contains(&fault));
        let dated = read_code("DC04FR000001269B269BA601FR", "80A\u{1d}81B\u{1d}82C\u{1d}83D");
        assert_eq!(findings(&dated, Level::Departure), ["type `A6` has no date of emission"]);
    }

    #[test]
    fn p20_the_binary_header_has_19_bytes_of_version_04() {
        let (header, length) = Header::parse(&BINARY_HEADER).unwrap();
        assert_eq!((length, header.country.as_deref()), (19, Some("FRA")));
        assert_eq!((header.ca_id.as_str(), header.certificate_id.as_str()), ("FR01", "12345"));
        let mut undated = BINARY_HEADER;
        undated[0x0A..0x0D].fill(0xFF);
        assert_eq!(Header::parse(&undated).unwrap().0.emission_date, None);
        let mut other = BINARY_HEADER;
        other[1] = 3;
        assert!(Header::parse(&other).is_err());
    }
}

mod message {
    use super::*;

    const P1: &str = "DC04FR000001FFFF269BP101FR";

    fn values(code: &Code) -> Vec<(&str, &str, bool)> {
        code.fields.iter().map(|f| (f.id.as_str(), f.value.as_str(), f.truncated)).collect()
    }

    #[test]
    fn p20_fields_may_be_in_any_order() {
        let code = read_code("DC04FR000001FFFF269BA601FR", "83D\u{1d}82C\u{1d}81B\u{1d}80A");
        assert_eq!(findings(&code, Level::Departure), [""; 0]);
        let mut turned = A6_FIELDS;
        turned.reverse();
        assert!(
            compose(&ours("A6"), &turned).unwrap().text.ends_with("FR83X\u{1d}821\u{1d}81ZOE\u{1d}80MARTIN")
        );
    }

    #[test]
    fn p21_every_mandatory_identifier_is_present() {
        let code = read_code("DC04FR000001FFFF269BA601FR", "80A\u{1d}82C\u{1d}83D");
        assert_eq!(findings(&code, Level::Departure), ["`81` is mandatory in type `A6` and missing"]);
        assert_eq!(faults(&ours("A6"), &A6_FIELDS[..3]), [ComposeError::Missing("83")]);
    }

    #[test]
    fn p21_a_fixed_length_has_no_separator_and_is_never_truncated() {
        let code = read_code(P1, "I61000346103369000019700181X");
        assert_eq!(values(&code)[..2], [("I6", "10003461033", false), ("69", "00001970", false)]);
        let code = read_code(P1, "6900001970\u{1d}0181X");
        assert_eq!(
            findings(&code, Level::Departure)[0],
            "`69` has a fixed length and is followed by a separator"
        );
        let long = [("69", Value::Text("000019701"))];
        let fields = [&A6_FIELDS[..], &long].concat();
        assert!(faults(&ours("P1"), &fields).iter().any(|f| matches!(f, ComposeError::TooLong { .. })));
    }

    #[test]
    fn p21_a_variable_value_below_its_maximum_ends_with_gs_unless_last() {
        assert_eq!(
            values(&read_code(P1, "61ZOE\u{1d}62ANNE")),
            [("61", "ZOE", false), ("62", "ANNE", false)]
        );
        let full = "Z".repeat(20);
        let code = read_code(P1, &format!("61{full}62ANNE"));
        assert_eq!(values(&code), [("61", full.as_str(), false), ("62", "ANNE", false)]);
    }

    #[test]
    fn p22_a_separator_after_the_last_field_may_appear() {
        let code = read_code("DC04FR000001FFFF269BA601FR", "80A\u{1d}81B\u{1d}82C\u{1d}83D\u{1d}");
        assert_eq!(values(&code)[3], ("83", "D", false));
        assert_eq!(findings(&code, Level::Departure), [""; 0]);
    }

    #[test]
    fn p21_a_truncated_value_ends_with_rs_also_when_last() {
        let code = read_code(P1, "181898\u{1e}62ANNE\u{1e}");
        assert_eq!(values(&code), [("18", "1898", true), ("62", "ANNE", true)]);
        let fields = [A6_FIELDS[0], A6_FIELDS[2], A6_FIELDS[3], ("81", Value::Text(&"ZOE".repeat(30)))];
        let block = compose(&ours("A6"), &fields).unwrap();
        assert!(block.text.ends_with(&format!("81{}\u{1e}", "ZOE".repeat(20))));
    }

    #[test]
    fn p22_only_mandatory_values_are_truncated() {
        let fields =
            [&A6_FIELDS[..], &[("84", Value::Text("INFIRMIER DES SOINS GENERAUX DE PREMIER RECOURS"))]]
                .concat();
        assert!(
            matches!(&faults(&ours("A6"), &fields)[..], [ComposeError::TooLong { id, .. }] if id == "84")
        );
    }

    #[test]
    fn p25_us_precedes_a_signature_in_characters() {
        let code = read_code(P1, "62ANNE");
        assert_eq!(code.signature.as_deref(), Some(&SIGNATURE_64[..]));
        assert!(!code.signed.contains(&0x1F) && code.signed.ends_with(b"62ANNE"));
        assert_eq!(parse_text(&format!("{P1}62ANNE")).unwrap().signature, None);
    }

    #[test]
    fn p52_names_are_unaccented_capitals_digits_and_spaces() {
        let fields = [("80", Value::Text("D’Été-Noël")), A6_FIELDS[1], A6_FIELDS[2], A6_FIELDS[3]];
        assert!(compose(&ours("A6"), &fields).unwrap().text.contains("80D ETE NOEL\u{1d}"));
        let exact = [("80", Value::Exact("D’Été")), A6_FIELDS[1], A6_FIELDS[2], A6_FIELDS[3]];
        assert!(matches!(faults(&ours("A6"), &exact)[..], [ComposeError::Characters { .. }]));
    }

    #[test]
    fn p92_only_some_identifiers_take_hyphen_full_stop_and_slash() {
        let alphabet = |id| DataIdentifier::find(id).unwrap().alphabet;
        assert!(["L3", "L4", "L5", "L6"].iter().all(|id| "-./ ".chars().all(|c| alphabet(id).contains(c))));
        assert!("-'".chars().all(|c| alphabet("I3").contains(c) && !alphabet("62").contains(c)));
    }

    #[test]
    fn p35_a_url_is_base32_of_its_bytes_and_never_truncated() {
        let url = "huissier-justice.fr/1896547853AB";
        let fields = [&A6_FIELDS[..], &[("0C", Value::Text(url))]].concat();
        let block = compose(&ours("A6"), &fields).unwrap();
        assert!(
            block.text.ends_with("0CNB2WS43TNFSXELLKOVZXI2LDMUXGM4RPGE4DSNRVGQ3TQNJTIFBA"),
            "{}",
            block.text
        );
        assert_eq!(block.truncated, [""; 0]);
    }

    #[test]
    fn p24_perimeters_types_and_identifiers_outside_the_specification_are_forbidden() {
        let mut header = ours("A6");
        header.perimeter = Some("02".to_owned());
        assert_eq!(faults(&header, &A6_FIELDS), [ComposeError::Perimeter("02".to_owned())]);
        assert!(faults(&ours("ZZ"), &A6_FIELDS).contains(&ComposeError::UnknownType("ZZ".to_owned())));
        let fields = [&A6_FIELDS[..], &[("ZZ", Value::Exact("1"))]].concat();
        assert_eq!(faults(&ours("A6"), &fields), [ComposeError::UnknownIdentifier("ZZ".to_owned())]);
        let code = read_code("DC04FR000001FFFF269BA602FR", "80A\u{1d}81B\u{1d}82C\u{1d}83D");
        assert_eq!(findings(&code, Level::Departure), ["perimeter `02` is not published"]);
    }

    #[test]
    fn p99_identifiers_not_listed_for_a_type_are_outside_it() {
        let fields = [&A6_FIELDS[..], &[("62", Value::Exact("ANNE"))]].concat();
        let fault = ComposeError::Forbidden { id: "62".to_owned(), document_type: "A6" };
        assert_eq!(faults(&ours("A6"), &fields), [fault]);
        let fields = [&A6_FIELDS[..], &[("08", Value::Exact("2800"))]].concat();
        assert_eq!(faults(&ours("A6"), &fields), []);
    }

    #[test]
    fn p23_a_message_may_contain_all_of_ascii_and_each_identifier_restricts_it() {
        let code = read_code(P1, "62ANNE-LISE\u{1d}61a!");
        assert_eq!(values(&code), [("62", "ANNE-LISE", false), ("61", "a!", false)]);
        let outside = ["`62` holds `-`, outside its characters", "`61` holds `a!`, outside its characters"];
        assert!(
            outside.iter().all(|told| findings(&code, Level::Note).contains(told)),
            "{:?}",
            code.findings
        );
    }

    #[test]
    fn p52_first_names_are_separated_by_a_slash_and_compound_ones_by_a_space() {
        let fields = [A6_FIELDS[0], ("81", Value::Text("Jean-Luc/Zoé/Anne")), A6_FIELDS[2], A6_FIELDS[3]];
        assert!(compose(&ours("A6"), &fields).unwrap().text.contains("81JEAN LUC/ZOE/ANNE\u{1d}"));
    }

    #[test]
    fn p53_an_unknown_day_or_month_of_birth_is_00() {
        let code = read_code(P1, "6900001970");
        assert_eq!(values(&code), [("69", "00001970", false)]);
        assert_eq!(
            DataIdentifier::find("69").unwrap().decode_value("00001970"),
            Some(DecodedValue::Text("1970-00-00".into()))
        );
    }

    #[test]
    fn p24_an_unknown_type_is_read_and_reported() {
        let code = read_code("DC04FR000001FFFF269BZZ01FR", "62ANNE");
        assert_eq!(values(&code), [("62", "ANNE", false)]);
        assert!(findings(&code, Level::Note).contains(&"document type `ZZ` is not in our tables"));
    }

    #[test]
    fn p23_identifier_ff_is_the_signature_s_and_blocks_after_it_are_an_annex() {
        let code = [&BINARY_HEADER[..], &[0xFF, 64], &SIGNATURE_64, &[0xFF, 1, 9]].concat();
        let code = parse(&code).unwrap();
        assert_eq!(code.signature.as_deref(), Some(&SIGNATURE_64[..]));
        assert_eq!((code.fields.len(), code.annex[0].id.as_str()), (0, "FF"));
    }

    #[test]
    fn p27_binary_blocks_of_a_mixed_code_have_no_identifiers_of_characters() {
        let blocks = [&[0x83, 1, 0x41, 0x80, 1, 0x41, 0xFF, 64][..], &SIGNATURE_64].concat();
        let characters = "DC04FR000001FFFF269BA601FR80A\u{1d}81B\u{1d}82C\u{1d}";
        let code = parse(&[characters.as_bytes(), &[0xE7], &blocks].concat()).unwrap();
        assert_eq!(findings(&code, Level::Departure), ["`83` is mandatory in type `A6` and missing"]);
        assert!(code.fields[3..].iter().all(|field| field.binary && field.name.is_none()));
    }

    #[test]
    fn p23_a_binary_block_is_an_identifier_a_length_and_a_value() {
        let long = [vec![0x02, 0xFF, 0x01, 0x2C], vec![7; 300]].concat();
        let blocks = [&[0x01, 3, 0x31, 0x9E, 0xF5][..], &long, &[0xFF, 64], &SIGNATURE_64].concat();
        let code = parse(&[&BINARY_HEADER[..], &blocks].concat()).unwrap();
        assert_eq!((code.fields[0].id.as_str(), code.fields[0].value.as_str()), ("01", "319EF5"));
        assert_eq!(code.fields[1].value.len(), 600);
    }

    #[test]
    fn p27_a_mixed_code_switches_once_after_a_complete_field() {
        let blocks = [&[0x01, 1, 0xC3, 0xFF, 64][..], &SIGNATURE_64].concat();
        let code = parse(&[format!("{P1}62ANNE\u{1d}").as_bytes(), &[0xE7], &blocks].concat()).unwrap();
        assert_eq!(
            (code.form, values(&code)),
            (Form::Mixed, vec![("62", "ANNE", false), ("01", "C3", false)])
        );
    }

    #[test]
    fn p28_a_prefix_in_binary_is_ee_and_three_bytes() {
        let part = Part::parse(&[0xEE, 0x12, 0xAB, 0x12, 0xDC, 0x04]).unwrap();
        assert_eq!((part.set.as_str(), part.index, part.count()), ("12AB", 1, 3));
        assert_eq!(part.content, [0xDC, 0x04]);
    }

    #[test]
    fn p28_a_code_may_span_sixteen_symbols() {
        let mut assembly = Assembly::default();
        let added: Vec<_> = (0..16)
            .map(|index| {
                assembly.add(Part::parse(format!("E0A1{index:X}F{index:X}").as_bytes()).unwrap()).unwrap()
            })
            .collect();
        assert!(added[..15].iter().all(Option::is_none));
        assert_eq!(added[15].as_deref(), Some(&b"0123456789ABCDEF"[..]));
    }

    #[test]
    fn s16_eori_numbers_without_separator_are_read() {
        let code = read_code(P1, "DHFR123456789012345DSX");
        assert_eq!(values(&code), [("DH", "FR123456789012345", false), ("DS", "X", false)]);
        assert!(findings(&code, Level::Departure)[0].contains("no separator"));
    }
}

mod signature {
    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        fs_err::read(format!("{}/fixtures/twoddoc/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn public_key(name: &str) -> Result<VerifyingKey, KeyError> {
        VerifyingKey::from_spki_pem(&String::from_utf8(fixture(name)).unwrap())
    }

    #[test]
    fn p26_the_curve_determines_the_hash_and_the_length() {
        let curves = [
            ("p256", Algorithm::EcdsaP256, 64, 103),
            ("p384", Algorithm::EcdsaP384, 96, 154),
            ("p521", Algorithm::EcdsaP521, 132, 212),
        ];
        for (curve, algorithm, bytes, characters) in curves {
            let text = fixture(&format!("{curve}.code"));
            let code = parse(&text).unwrap();
            let key = public_key(&format!("{curve}.pub")).unwrap();
            assert_eq!((key.algorithm(), algorithm.signature_length()), (algorithm, bytes));
            assert_eq!(text.len() - code.signed.len() - 1, characters);
            assert_eq!(verify(&code, &key), Ok(()), "{curve}");
            assert_eq!(VerifyingKey::from_spki_der(&key.to_spki_der().unwrap()), Ok(key.clone()));
            let mut altered = code.clone();
            altered.signed[40] ^= 1;
            assert_eq!(verify(&altered, &key), Err(SignatureError::Mismatch), "{curve}");
            for at in [0, bytes / 2, bytes - 1] {
                let mut altered = code.clone();
                altered.signature.as_mut().unwrap()[at] ^= 1;
                assert_eq!(verify(&altered, &key), Err(SignatureError::Mismatch), "{curve} {at}");
            }
        }
    }

    #[test]
    fn p26_the_curve_determines_the_length_of_a_signature() {
        let key = public_key("p384.pub").unwrap();
        let code = parse(&fixture("p256.code")).unwrap();
        assert_eq!(verify(&code, &key), Err(SignatureError::Length { expected: 96, found: 64 }));
    }

    #[test]
    fn p25_a_signature_has_64_bytes_at_least() {
        let short = format!("DC04FR000001FFFF269BP101FR62A\u{1f}{}", base32::encode(&[1; 63]));
        let code = parse_text(&short).unwrap();
        assert_eq!(findings(&code, Level::Invalid), ["the signature has 63 bytes, fewer than 64"]);
    }

    #[test]
    fn p25_version_01_has_raw_bytes_and_no_us() {
        let block = b"DC01FR000001FFFF125E0330M EXEMPLE\x1d31FR70300020\x1d32AGRIFRPP";
        let code = parse(&[&block[..], &SIGNATURE_64].concat()).unwrap();
        assert_eq!((code.signature.as_deref(), &code.signed[..]), (Some(&SIGNATURE_64[..]), &block[..]));
    }

    #[test]
    fn p26_padding_is_not_written_and_is_read() {
        for (bytes, padding) in [(64, "="), (96, "======"), (132, "====")] {
            let signature = vec![0x5A; bytes];
            let bare = base32::encode(&signature);
            assert!(!bare.contains('='));
            for text in [bare.clone(), bare + padding] {
                let code = parse_text(&format!("DC04FR000001FFFF269BP101FR62A\u{1f}{text}")).unwrap();
                assert_eq!(code.signature.as_deref(), Some(&signature[..]), "{text}");
            }
        }
    }

    #[test]
    fn p25_the_signature_covers_header_and_message_with_a_last_gs_and_without_us() {
        let code = read_code("DC04FR000001FFFF269BP101FR", "62ANNE\u{1d}");
        assert_eq!(code.signed, b"DC04FR000001FFFF269BP101FR62ANNE\x1d");
    }

    #[test]
    fn p26_in_binary_it_covers_all_before_ff() {
        let message = [0x01, 1, 9];
        let code = [&BINARY_HEADER[..], &message, &[0xFF, 64], &SIGNATURE_64].concat();
        assert_eq!(parse(&code).unwrap().signed, [&BINARY_HEADER[..], &message].concat());
    }

    #[test]
    fn p26_in_a_mixed_code_it_covers_characters_and_blocks() {
        let characters = b"DC04FR000001FFFF269BP101FR62ANNE\x1d";
        let blocks = [0x01, 1, 0xC3];
        let code = [&characters[..], &[0xFE, 0xE7], &blocks, &[0xFF, 64], &SIGNATURE_64].concat();
        assert_eq!(parse(&code).unwrap().signed, [&characters[..], &blocks].concat());
    }

    #[test]
    fn p9_only_version_04_has_annexes() {
        let text = with_arbitrary_signature(
            "DC03FR000001FFFF269B0301",
            "30A\u{1d}31FR7030002005500000157845Z02\u{1d}32AGRIFRPP",
        ) + "\u{1d}62B";
        let code = parse_text(&text).unwrap();
        assert_eq!(findings(&code, Level::Departure), ["only header version 04 has annexes"]);
    }

    #[test]
    fn p26_any_version_may_have_any_curve() {
        for (bytes, header) in [(96, "DC02FR000001FFFF269B03"), (132, "DC03FR000001FFFF269B0301")] {
            let text = format!(
                "{header}30A\u{1d}31FR7030002005500000157845Z02\u{1d}32AGRIFRPP\u{1f}{}",
                base32::encode(&vec![0x5A; bytes])
            );
            assert_eq!(parse_text(&text).unwrap().signature.map(|s| s.len()), Some(bytes));
            let binary = [&BINARY_HEADER[..], &[0xFF, bytes as u8], &vec![0x5A; bytes]].concat();
            assert_eq!(parse(&binary).unwrap().signature.map(|s| s.len()), Some(bytes));
        }
    }

    #[test]
    fn p27_an_annex_follows_a_gs_and_is_not_signed() {
        let text =
            with_arbitrary_signature("DC04FR000001FFFF269BP101FR", "62ANNE") + "\u{1d}84INFIRMIER\u{1d}62B";
        let code = parse_text(&text).unwrap();
        assert_eq!(code.signed, b"DC04FR000001FFFF269BP101FR62ANNE");
        assert_eq!(code.annex.iter().map(|f| f.value.as_str()).collect::<Vec<_>>(), ["INFIRMIER", "B"]);
        assert!(findings(&code, Level::Note).contains(&"the annex is not signed"));
    }

    #[test]
    fn s4_rsa_keys_are_refused() {
        assert_eq!(public_key("rsa.pub"), Err(KeyError::Rsa));
    }
}
