//! Signatures made by xmlsec1 and signxml (`fixtures/trust_list/make.py`), and attacks on them.

use super::super::canonical_xml::parse;
use super::*;

fn fixture(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/trust_list");
    fs_err::read_to_string(folder.join(name)).unwrap()
}

fn verified(text: &str) -> Result<Vec<u8>, String> {
    let document = parse(text.as_bytes()).map_err(|fault| fault.to_string())?;
    verify(&document).map_err(|fault| fault.to_string())
}

/// Splits a text into the parts before, from and after a range that begins with `from` and ends with `to`.
fn cut<'t>(text: &'t str, from: &str, to: &str) -> (&'t str, &'t str, &'t str) {
    let start = text.find(from).unwrap();
    let end = start + text[start..].find(to).unwrap() + to.len();
    (&text[..start], &text[start..end], &text[end..])
}

#[test]
fn signatures_of_xmlsec1_and_signxml_have_the_expected_result() {
    let expected = fixture("expected.txt");
    assert!(expected.lines().count() >= 19);
    for line in expected.lines() {
        let (name, expected) = line.split_once(": ").unwrap();
        // The list without a sequence number has a valid signature.
        let expected = if expected == "TSLSequenceNumber" { "holds" } else { expected };
        match (expected, verified(&fixture(name))) {
            ("holds", Ok(_)) => {}
            (_, Err(fault)) if fault.contains(expected) => {}
            (_, result) => panic!("{name}: {expected}; {result:?}"),
        }
    }
}

#[test]
fn the_signer_is_the_certificate_in_the_signature() {
    let text = fixture("as_the_national_one.xml");
    let (_, carried, _) = cut(&text, "<ds:X509Certificate>", "</ds:X509Certificate>");
    let carried =
        carried.trim_start_matches("<ds:X509Certificate>").trim_end_matches("</ds:X509Certificate>");
    assert_eq!(verified(&text).unwrap(), decode_base64(carried).unwrap());
}

/// Changes each byte in turn. The signature is refused, or the byte is not signed.
#[test]
fn a_changed_signed_byte_is_refused() {
    for name in ["as_the_national_one.xml", "rsa_sha512_inclusive_comments.xml", "ecdsa_p256_prefixes.xml"] {
        let original = fixture(name).into_bytes();
        let tree = |bytes: &[u8]| parse(bytes).map(|document| signed_form(&document));
        let signed = tree(&original).unwrap();
        for at in (0..original.len()).step_by(if cfg!(debug_assertions) { 13 } else { 1 }) {
            let mut changed = original.clone();
            changed[at] ^= 1 << (at % 7);
            let document = parse(&changed);
            if document.is_ok_and(|document| verify(&document).is_ok()) {
                assert_eq!(tree(&changed).unwrap(), signed, "{name}, byte {at}");
            }
        }
    }
}

fn signed_form(document: &Document) -> Vec<u8> {
    let without = Part::Whole { without: Some(sole_signature(document).unwrap()) };
    canonical(
        document,
        without,
        &super::super::canonical_xml::Method { exclusive: true, ..Default::default() },
    )
}

#[test]
fn unsigned_comments_and_white_space_may_change() {
    let text = fixture("as_the_national_one.xml");
    let commented = text.replace("<tsl:TSLSequenceNumber>7", "<tsl:TSLSequenceNumber><!-- no -->7<!-- 8 -->");
    let spaced = text.replace("<ds:SignatureValue>", "<ds:SignatureValue>\n ").replace("\r\n", "\n");
    for changed in [commented, spaced] {
        assert_ne!(changed, text);
        assert_eq!(verified(&changed), verified(&text));
    }
}

/// Signature wrapping: the signed list moves elsewhere in the document, and a forged one takes its position.
#[test]
fn a_wrapped_list_is_refused() {
    let text = fixture("as_the_national_one.xml");
    let (_, signature, _) = cut(&text, "<ds:Signature ", "</ds:Signature>");
    let list = text.split_once("?>").unwrap().1;
    let unsigned = list.replace(signature, "");
    let forged = unsigned.replace("XX01", "XX66");
    let in_object =
        signature.replace("</ds:Signature>", &format!("<ds:Object>{unsigned}</ds:Object></ds:Signature>"));
    let in_end = |held: &str| {
        forged.replace("</tsl:TrustServiceStatusList>", &format!("{held}</tsl:TrustServiceStatusList>"))
    };
    let wrapped = [
        (in_end(signature), "changed after"),
        (in_end(list), "in its root"),
        (in_end(&in_object), "changed after"),
        (in_end(&format!("{signature}{signature}")), "in its root"),
        (in_end(&format!("<ds:Object>{list}</ds:Object>{signature}")), "in its root"),
        (in_end(&format!("<tsl:Extra>{signature}</tsl:Extra>")), "in its root"),
        (unsigned.clone(), "not signed"),
        (text.replace(signature, &format!("{signature}{signature}")), "in its root"),
        (format!("<wrap>{list}</wrap>"), "in its root"),
        (
            format!("<ds:Wrap xmlns:ds='http://www.w3.org/2000/09/xmldsig#'>{unsigned}{signature}</ds:Wrap>"),
            "prefix",
        ),
    ];
    for (forgery, reason) in wrapped {
        let fault = verified(&forgery).expect_err(&forgery);
        assert!(fault.contains(reason), "{reason}: {fault}");
    }
}

#[test]
fn a_signature_with_changed_or_missing_parts_is_refused() {
    let text = fixture("as_the_national_one.xml");
    let other = fixture("ecdsa_p256_prefixes.xml");
    let (_, certificate, _) = cut(&other, "<ds:X509Certificate>", "</ds:X509Certificate>");
    let without = |from: &str, to: &str| {
        let (before, _, after) = cut(&text, from, to);
        format!("{before}{after}")
    };
    let (before, _, after) = cut(&text, "<ds:X509Certificate>", "</ds:X509Certificate>");
    let again =
        text.replace("<ds:SignatureValue>", "<ds:SignatureValue>AAAA</ds:SignatureValue><ds:SignatureValue>");
    let refused = [
        (format!("{before}{certificate}{after}"), "no certificate in the signature"),
        (
            format!("{before}<ds:X509Certificate>AAAA</ds:X509Certificate>{after}"),
            "no certificate in the signature",
        ),
        (
            format!("{before}<ds:X509Certificate>?</ds:X509Certificate>{after}"),
            "no certificate in the signature",
        ),
        (without("<ds:KeyInfo>", "</ds:KeyInfo>"), "no certificate"),
        (without("<ds:SignatureValue>", "</ds:SignatureValue>"), "no SignatureValue"),
        (without("<ds:SignedInfo>", "</ds:SignedInfo>"), "no SignedInfo"),
        (without("<ds:SignatureMethod", "/>"), "no SignatureMethod"),
        (without("<ds:CanonicalizationMethod", "</ds:CanonicalizationMethod>"), "no CanonicalizationMethod"),
        (without("<ds:Reference Id", "</ds:Reference>"), "whole list"),
        (without("<ds:Reference Type", "</ds:Reference>"), "no certificate"),
        (without("<ds:DigestMethod", "/>"), "no digest"),
        (text.replace(" URI=\"\"", ""), "no URI"),
        (text.replace(" URI=\"\"", " URI=\"#s-2\""), "not in the list"),
        (text.replace(" URI=\"\"", " URI=\"https://example.org/\""), "not in the list"),
        (text.replace(" URI=\"\"", " URI=\"#\""), "not in the list"),
        (text.replace("Filter=\"subtract\"", "Filter=\"intersect\""), "not known here"),
        (text.replace("/descendant::ds:Signature", "/descendant::tsl:TSPService"), "not known here"),
        (
            text.replace("/descendant::ds:Signature", "/descendant::ds:Signature | //tsl:TSPService"),
            "not known here",
        ),
        (text.replace("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"), "not known here"),
        (
            text.replace("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"),
            "no certificate in the signature",
        ),
        (
            text.replace("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512"),
            "no certificate in the signature",
        ),
        (text.replace("xmlenc#sha256", "xmlenc#sha257"), "not known here"),
        (
            text.replace(
                "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"",
                "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"",
            ),
            "not known here",
        ),
        (again, "no SignatureValue"),
    ];
    for (changed, reason) in refused {
        assert_ne!(changed, text, "{reason}");
        let fault = verified(&changed).expect_err(reason);
        assert!(fault.contains(reason), "{reason}: {fault}");
    }
}

/// Too many references, and two references to the whole document.
#[test]
fn superfluous_references_are_refused() {
    let text = fixture("as_the_national_one.xml");
    let (before, reference, after) = cut(&text, "<ds:Reference Id", "</ds:Reference>");
    let reference = reference.replace(" Id=\"r-1\"", "");
    let fault = verified(&format!("{before}{}{after}", reference.repeat(9))).unwrap_err();
    assert!(fault.contains("more than 8"), "{fault}");
    let fault = verified(&format!("{before}{}{after}", reference.repeat(2))).unwrap_err();
    assert!(fault.contains("whole list"), "{fault}");
}
