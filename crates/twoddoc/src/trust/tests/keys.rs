//! Keys without a chain: certificates without their authority, public keys, test authorities, duplicate ids.

use super::Status::{Invalid, Untrusted};
use super::*;

fn bound(lines: &str) -> Vec<u8> {
    [lines.as_bytes(), &fixture("bureau.pub.pem")].concat()
}

#[test]
fn a_certificate_without_its_authority_is_trusted_directly() {
    let store = folder(&["zz12-pin1.pem"]);
    let verdict = assert_valid(&store, "alone");
    assert!(verdict.reason.contains("as it stands"), "{}", verdict.reason);
    // Control characters in a name are replaced.
    assert_eq!(verdict.signer.as_deref(), Some("EMETTEUR\u{fffd}[31m SEUL (ZZ12/PIN1)"));
    assert_refused(&store, "alone, day after", Invalid, "made on 2027-01-02");
    judged(&store, &altered("alone"), STRICT, Invalid);
    // If its authority is in the folder, it needs a chain.
    let verdict = assert_valid(&folder(&["zz12-pin1.pem", "zz12.pem"]), "alone");
    assert!(verdict.reason.contains("issued by authority `ZZ12`"), "{}", verdict.reason);
}

#[test]
fn two_keys_with_one_id_are_untrusted() {
    for files in [["zz01-doubled-a.pem", "zz01-doubled-b.pem"], ["zz01-doubled-b.pem", "zz01-doubled-a.pem"]]
    {
        for authority in [&["zz01.pem"][..], &[]] {
            let store = folder(&[authority, &files[..]].concat());
            assert_refused(&store, "doubled a", Untrusted, "the authority must give an id once");
            assert_refused(&store, "doubled b", Untrusted, "zz01-doubled-a.pem");
            judged(&store, &altered("doubled a"), STRICT, Invalid);
        }
    }
    let mut store = folder(&["zz01.pem", "zz01-doubled-a.pem"]);
    store.add("again/zz01-doubled-a.pem", &fixture("zz01-doubled-a.pem"));
    assert_valid(&store, "doubled a");
}

#[test]
fn a_certificate_with_two_common_names_has_no_id() {
    assert_refused(
        &folder(&["zz01.pem", "zz01-two-names.pem"]),
        "two names",
        Untrusted,
        "no certificate `TWO1` of it",
    );
}

#[test]
fn test_authorities_are_accepted_if_the_policy_says_so() {
    let store = folder(&["zz00.pem", "zz00-0001.pem", "zz00-0002.pem"]);
    assert_refused(&store, "test", Untrusted, "only when asked for");
    let verdict = judged(&store, &code("test"), WITH_TESTS, Status::Valid);
    assert!(verdict.reason.contains("valid as a test"), "{}", verdict.reason);
    // Under their authority, their validity period applies.
    judged(&store, &code("test, expired"), WITH_TESTS, Invalid);
    judged(&store, &altered("test"), STRICT, Invalid);
    let store = folder(&["zz01.pem", "zz01-0000.pem"]);
    assert_refused(&store, "test certificate", Untrusted, "only when asked for");
    judged(&store, &code("test certificate"), WITH_TESTS, Status::Valid);
    assert!(
        judged(&folder(&["zz01.pem", "zz01-p256.pem"]), &code("P256"), WITH_TESTS, Status::Valid)
            .reason
            .contains("issued by")
    );
}

#[test]
fn a_test_certificate_alone_in_the_folder_is_accepted() {
    let store = folder(&["zz00-0001.pem"]);
    let verdict = assert_valid(&store, "test, expired");
    let period = "whose validity, from 2012-11-01 to 2015-11-01, is not held against tests";
    assert!(verdict.reason.contains(period), "{}", verdict.reason);
    assert!(verdict.reason.contains("valid as a test"), "{}", verdict.reason);
    assert_valid(&store, "test, undated");
    judged(&store, &altered("test, expired"), STRICT, Invalid);
    assert_valid(&folder(&["zz01-0000.pem"]), "test certificate");
}

#[test]
fn a_bound_key_is_trusted_for_its_id() {
    let mut store = TrustStore::default();
    store.add("bureau.pem", &bound("The bureau's key\n2D-DOC: ZZ50/BUR1\n"));
    let verdict = assert_valid(&store, "bureau");
    let signer = verdict.signer.unwrap();
    assert!(signer.starts_with("public key ") && signer.ends_with("… (bureau.pem)"), "{signer}");
    judged(&store, &altered("bureau"), STRICT, Invalid);
    assert_refused(&store, "bureau as a test", Untrusted, "nothing here speaks for authority `ZZ00`");
    // Two ids, one after a comment sign.
    store.add("more.pem", &bound("# 2D-DOC: ZZ00/BUR1\n#2D-DOC: ZZ51/BUR1\n"));
    assert_valid(&store, "bureau as a test");
}

#[test]
fn a_key_verifies_what_it_signed_on_its_days() {
    let day = code("bureau").header.signature_date.unwrap();
    let (before, after) = (day.yesterday().unwrap(), day.tomorrow().unwrap());
    let lines = |lines: &str| {
        let mut store = TrustStore::default();
        store.add("bureau.pem", &bound(lines));
        store
    };
    for id in ["2D-DOC: ZZ50/BUR1\n", ""] {
        assert_valid(&lines(&format!("{id}2D-DOC from: {day}\n# 2D-DOC until: {day}\n")), "bureau");
        let late = lines(&format!("{id}2D-DOC until: {before}\n2D-DOC until: {after}\n"));
        assert_refused(&late, "bureau", Invalid, &format!("and the key signed until {before} only"));
        let early = lines(&format!("{id}2D-DOC from: {after}\n"));
        assert_refused(&early, "bureau", Invalid, &format!("and the key signs from {after} on"));
        judged(&late, &altered("bureau"), STRICT, if id.is_empty() { Untrusted } else { Invalid });
    }
    // A file of the same key that says nothing of days does not lift the limit of another.
    let mut twice = lines(&format!("2D-DOC: ZZ50/BUR1\n2D-DOC until: {before}\n"));
    twice.add("old.pem", &bound("2D-DOC: ZZ50/BUR1\n"));
    assert_refused(&twice, "bureau", Invalid, "only");
    // The days are the issuer's own, also where it signs under a name for tests.
    let tests = lines(&format!("2D-DOC: ZZ00/BUR1\n2D-DOC until: {before}\n"));
    assert_refused(&tests, "bureau as a test", Invalid, "only");
    // Another key of the same id, on other days and on the same one.
    let other = crate::SigningKey::from_seed(crate::Algorithm::Ed25519, &[9; 32]).unwrap();
    let other = other.verifying_key().to_spki_pem().unwrap();
    let mut followed = lines(&format!("2D-DOC: ZZ50/BUR1\n2D-DOC until: {day}\n"));
    followed.add("new.pem", format!("2D-DOC: ZZ50/BUR1\n2D-DOC from: {after}\n{other}").as_bytes());
    assert_valid(&followed, "bureau");
    followed.add("new.pem", format!("2D-DOC: ZZ50/BUR1\n2D-DOC from: {day}\n{other}").as_bytes());
    assert_valid(&followed, "bureau");
    let mut both = lines(&format!("2D-DOC: ZZ50/BUR1\n2D-DOC until: {day}\n"));
    both.add("new.pem", format!("2D-DOC: ZZ50/BUR1\n2D-DOC from: {day}\n{other}").as_bytes());
    assert_refused(&both, "bureau", Untrusted, "an id once");
    for wrong in ["2D-DOC until: soon", "2D-DOC from:", "2D-DOC until: 2026-02-30"] {
        let store = lines(&format!("{wrong}\n"));
        assert!(store.faults()[0].message.contains("names no day") && store.is_empty(), "{wrong}");
    }
}

#[test]
fn a_bound_key_is_untrusted_if_the_authority_is_known() {
    let mut store = TrustStore::default();
    store.add("bureau.pem", &bound("2D-DOC: ZZ01/BUR1\n2D-DOC: ZZ01/P256\n"));
    assert_valid(&store, "bureau as ZZ01");
    store.add("authority", &fixture("zz01.pem"));
    assert_refused(&store, "bureau as ZZ01", Untrusted, "authority `ZZ01` is known here");
    // The authority's own certificates stay valid.
    store.add("leaf", &fixture("zz01-p256.pem"));
    assert_valid(&store, "P256");
}

#[test]
fn a_bound_key_and_a_certificate_must_agree() {
    let mut store = folder(&["zz12-pin1.pem"]);
    store.add("bureau.pem", &bound("2D-DOC: ZZ12/PIN1\n"));
    assert_refused(&store, "alone", Untrusted, "an id once");
}

#[test]
fn a_binding_line_without_an_id_is_a_fault_and_its_key_is_not_used() {
    for line in ["2D-DOC: ZZ50", "2D-DOC: ZZ50/bur1", "2D-DOC: ZZ5/BUR1", "2D-DOC: ZZ50/BUR123", "2D-DOC:"] {
        let mut store = TrustStore::default();
        store.add("bureau.pem", &bound(&format!("{line}\n")));
        assert!(store.faults()[0].message.contains("binds the key to no id"), "{line}");
        assert!(store.is_empty());
    }
}

#[test]
fn an_unbound_key_is_tried_for_unknown_authorities() {
    let store = folder(&["bureau.pub.pem"]);
    let verdict = assert_valid(&store, "bureau");
    assert!(verdict.reason.contains("names no id"), "{}", verdict.reason);
    assert_valid(&store, "bureau as ZZ01");
    assert_refused(&store, "P256", Untrusted, "no public key without an id here (1 tried)");
}

#[test]
fn an_unbound_key_is_tried_for_test_authorities_even_if_they_are_known() {
    let mut store = folder(&["bureau.pub.pem"]);
    assert_valid(&store, "bureau as a test");
    judged(&store, &altered("bureau as a test"), STRICT, Invalid);
    store.add("published", &fixture("zz00-0001.pem"));
    store.add("authority", &fixture("zz00.pem"));
    let verdict = assert_valid(&store, "bureau as a test");
    assert!(verdict.reason.contains("this trust folder alone vouches"), "{}", verdict.reason);
}

#[test]
fn a_code_of_the_issuer_s_own_type_that_it_did_not_sign_is_invalid() {
    let codes: serde_json::Value = serde_json::from_slice(&fixture("codes.json")).unwrap();
    let national = codes["bureau"].as_str().unwrap();
    let own = parse_text(&national.replacen("A601FR", "P101FR", 1)).unwrap();
    let store = folder(&["bureau.pub.pem"]);
    judged(&store, &own, STRICT, Invalid);
    judged(&store, &parse_text(&national.replacen("1234", "1235", 1)).unwrap(), STRICT, Untrusted);
    judged(&TrustStore::default(), &own, STRICT, Untrusted);
}

#[test]
fn an_unbound_key_is_not_tried_for_a_known_authority() {
    let refused = |mut store: TrustStore| {
        store.add("bureau", &fixture("bureau.pub.pem"));
        assert_refused(&store, "bureau as ZZ01", Untrusted, "authority `ZZ01` is known here");
        assert_valid(&store, "bureau");
    };
    refused(folder(&["zz01.pem"]));
    refused(folder(&["zz01-p256.pem"]));
    refused(folder(&["zz01-directory.der"]));
    let mut store = TrustStore::default();
    store.add("zz01.key", &bound("2D-DOC: ZZ01/ABCD\n"));
    store.add("bureau", &fixture("bureau.pub.pem"));
    assert_refused(&store, "bureau as ZZ01", Untrusted, "nothing here speaks");
}

#[test]
fn a_certificate_s_validity_period_applies_even_if_its_key_is_bound_too() {
    use x509_cert::der::pem::{LineEnding, encode_string};
    let certificate = certificate::Certificate::read(&objects("zz12-pin1.pem")[0]).unwrap();
    let key = encode_string("PUBLIC KEY", LineEnding::LF, &certificate.key_info).unwrap();
    let mut store = TrustStore::default();
    store.add("key", format!("2D-DOC: ZZ12/PIN1\n{key}").as_bytes());
    assert_valid(&store, "alone, day after");
    store.add("certificate", &fixture("zz12-pin1.pem"));
    assert_valid(&store, "alone");
    assert_refused(&store, "alone, day after", Invalid, "made on 2027-01-02");
}

/// Adding a file rebuilds the index.
#[test]
fn a_key_added_after_a_verdict_is_found() {
    let mut store = folder(&["bureau.pub.pem"]);
    assert_valid(&store, "bureau as ZZ01");
    store.add("bound", &bound("2D-DOC: ZZ01/ABCD\n2D-DOC: ZZ50/BUR1\n2D-DOC: ZZ50/BUR1\n"));
    assert_refused(&store, "bureau as ZZ01", Untrusted, "nothing here speaks");
    assert_valid(&store, "bureau");
}
