//! Trust lists signed by xmlsec1 and signxml (`fixtures/trust_list/make.py`).

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/trust_list");
    fs_err::read(folder.join(name)).unwrap()
}

#[test]
fn every_field_of_a_list_is_read() {
    let expected = fixture("expected.txt");
    let expected = String::from_utf8(expected).unwrap();
    for name in expected.lines().filter_map(|line| line.strip_suffix(": holds")) {
        let list = read(&fixture(name)).unwrap();
        assert_eq!((list.sequence, list.operator.as_str()), (7, "OPÉRATEUR D'ESSAI"), "{name}");
        assert_eq!(list.issued, Some(date(2026, 5, 11)));
        assert_eq!(list.next_update, Some(date(2027, 5, 11)));
        assert_eq!(list.distribution_points, ["https://operator.example/list.xml"]);
        let [first, second] = &list.services[..] else { panic!("{:?}", list.services) };
        assert_eq!((first.ca_id.as_str(), first.operator.as_str()), ("XX01", "AUTORITÉ D’ESSAI & FILS"));
        assert_eq!(first.directory.as_deref(), Some("https://xx01.example/certificates?hash=a%2Fb&name="));
        assert_eq!(first.status, IN_ACCORD);
        assert_eq!(first.since, Some(date(2020, 12, 31)));
        assert!(
            first.in_accord
                && first.certificates.len() == 1
                && first.certificates[0].starts_with(&[0x30, 0x82])
        );
        assert_eq!(
            (second.ca_id.as_str(), second.directory.as_ref(), second.in_accord),
            ("XX02", None, false)
        );
        assert!(second.status.ends_with("/expired"));
    }
}

#[test]
fn files_that_are_not_trust_lists_are_refused_with_the_reason() {
    let refused: [(&[u8], &str); 4] = [
        (b"not XML", "line 1: characters outside the root"),
        (b"<html/>", "its root is `html`"),
        (b"<TrustServiceStatusList/>", "its root is `TrustServiceStatusList`"),
        (b"<TrustServiceStatusList xmlns='http://uri.etsi.org/02231/v2#'/>", "not signed"),
    ];
    for (text, reason) in refused {
        let fault = read(text).unwrap_err().to_string();
        assert!(fault.contains(reason), "{fault}");
    }
    let fault = read(&fixture("no_sequence.xml")).unwrap_err().to_string();
    assert_eq!(fault, "the trust list's TSLSequenceNumber can't be read: `sept`");
}

#[test]
fn authority_ids_have_four_characters() {
    assert!(is_ca_id("FR03") && is_ca_id("XX00") && is_ca_id("FRAZ"));
    for other in ["", "FR0", "FR031", "fr03", "1R03", "FR0-", "FRé", "éé0", "../x"] {
        assert!(!is_ca_id(other), "{other}");
    }
}

/// An element in the namespace of trust lists, without a signature.
fn element(inner: &str) -> Element {
    let text = format!("<a xmlns='{TSL}'>{inner}</a>");
    parse(text.as_bytes()).unwrap().root
}

#[test]
fn days_are_in_utc() {
    let read =
        |text: &str| day(&element(&format!("<Day>{text}</Day>")), "Day").map_err(|fault| fault.to_string());
    assert_eq!(read("2026-05-11T23:59:59Z"), Ok(Some(date(2026, 5, 11))));
    assert_eq!(read(" 2026-05-11T23:59:59.25-02:00\n"), Ok(Some(date(2026, 5, 12))));
    assert_eq!(read("2026-05-11T23:59:59"), Ok(Some(date(2026, 5, 11))));
    assert_eq!(read(""), Ok(None));
    assert_eq!(read("12 mai 2026"), Err("the trust list's Day can't be read: `12 mai 2026`".to_owned()));
    assert_eq!(day(&element(""), "Day").unwrap(), None);
}

#[test]
fn french_names_come_first_and_duplicate_elements_are_ignored() {
    let names = |inner: &str| name(&element(inner), "N");
    assert_eq!(
        names("<N><Name xml:lang='en'>E</Name><Name xml:lang='FR'> F </Name></N>").as_deref(),
        Some("F")
    );
    assert_eq!(names("<N><Name>E</Name></N>").as_deref(), Some("E"));
    assert_eq!(names("<N><Name>E</Name></N><N><Name>F</Name></N>"), None);
    assert_eq!(names("<N xmlns='u:other'><Name>E</Name></N>"), None);
    assert_eq!(names("<N><Name>E<b/></Name></N>"), None);
    assert_eq!(text(&element("<N>F<!-- X -->R<?pi?>0<![CDATA[3]]></N>"), "N").as_deref(), Some("FR03"));
}

#[test]
fn a_certificate_that_is_not_base64_is_an_error() {
    let service = element(
        "<ServiceDigitalIdentity><DigitalId><X509Certificate>é</X509Certificate></DigitalId></ServiceDigitalIdentity>",
    );
    assert_eq!(
        certificates(&service).unwrap_err().to_string(),
        "the trust list's X509Certificate can't be read: `é`"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(read(&bytes).is_err());
    }

    /// Copies pieces of a signed list to other positions.
    #[test]
    fn rearranged_lists_are_refused_without_panic(
        cuts in prop::collection::vec((0_usize..10_000, 0_usize..3_000, 0_usize..10_000), 1..4),
    ) {
        let original = fixture("as_the_national_one.xml");
        let mut changed = original.clone();
        for (from, length, to) in cuts {
            let from = from.min(original.len());
            let piece = original[from..(from + length).min(original.len())].to_vec();
            let to = to.min(changed.len());
            changed.splice(to..(to + length / 2).min(changed.len()), piece);
        }
        let list = read(&changed);
        prop_assert!(list.is_err() || list == read(&original));
    }
}
