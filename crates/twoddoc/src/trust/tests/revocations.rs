//! Revocation lists.

use super::super::forged::{self, Draft};
use super::Status::{Invalid, Untrusted};
use super::*;

#[test]
fn a_revoked_certificate_is_refused_whatever_the_date() {
    assert_valid(&folder(&["zz01.pem", "zz01-revoked.pem"]), "revoked");
    // The code was signed a year before the revocation.
    let store = folder(&["zz01-crl.pem", "zz01.pem", "zz01-revoked.pem", "zz01-p256.pem"]);
    assert_refused(&store, "revoked", Invalid, "revoked on 2025-05-05 (its key was compromised)");
    assert_valid(&store, "P256");
}

#[test]
fn a_list_must_be_signed_by_its_issuer() {
    let mut store = folder(&["zz01.pem", "zz01-revoked.pem"]);
    store.add("sub/list.crl", &fixture("zz01-crl-forged.pem"));
    assert_valid(&store, "revoked");
    let faults: Vec<_> = store.faults().into_iter().map(ToString::to_string).collect();
    let words = "`sub/list.crl`, block 1: the signature is not that of the list's issuer; it is not used";
    assert_eq!(faults, [words]);
    // A forged authority in a directory does not make a genuine list a fault.
    let mut store = folder(&["zz01.pem", "zz01-revoked.pem", "zz01-crl.pem"]);
    store.add("directory", &chains::directory(&["forged-authority.pem"]));
    assert_eq!(store.faults(), Vec::<&TrustFault>::new());
    assert_refused(&store, "revoked", Invalid, "revoked on");
}

#[test]
fn a_list_of_an_unknown_issuer_is_used_unchecked() {
    let store = folder(&["zz12-pin1.pem", "zz12-crl.pem"]);
    let verdict = judged(&store, &code("alone"), STRICT, Invalid);
    assert!(verdict.reason.ends_with("the certificate was revoked on 2025-07-07"), "{}", verdict.reason);
    assert_valid(&folder(&["zz12-pin1.pem"]), "alone");
    // The issuer stays unknown if its certificate is in a directory and untrusted.
    let mut store = folder(&["zz01-revoked.pem", "zz01-crl-forged.pem"]);
    store.add("directory", &chains::directory(&["zz01.pem"]));
    assert!(store.faults().is_empty());
}

#[test]
fn a_list_in_a_directory_needs_a_trusted_issuer() {
    let part = b"--End\r\nContent-Type: application/pkix-crl\r\n\r\n";
    let list = objects("zz01-crl.pem").remove(0);
    let directory = [&part[..], &list, b"\r\n--End--\r\n"].concat();
    let mut store = folder(&["zz01.pem", "zz01-revoked.pem"]);
    store.add("directory", &directory);
    assert_refused(&store, "revoked", Invalid, "revoked on");
    let mut store = folder(&["zz01-revoked.pem"]);
    store.add("directory", &directory);
    assert_valid(&store, "revoked");
    assert!(store.faults()[0].message.contains("not trusted here"), "{:?}", store.faults());
}

#[test]
fn a_list_may_still_be_signed_with_sha_1() {
    let store = folder(&["zz01.pem", "zz01-revoked.pem", "zz01-crl-sha1.pem"]);
    assert_refused(&store, "revoked", Invalid, "revoked on");
}

#[test]
fn an_indirect_list_is_a_fault() {
    let mut store = folder(&["zz01.pem", "zz01-revoked.pem"]);
    store.add("list.crl", &fixture("zz01-crl-indirect.pem"));
    assert!(store.faults()[0].message.contains("certificates of other issuers"), "{:?}", store.faults());
    assert_valid(&store, "revoked");
}

#[test]
fn a_remove_from_crl_entry_is_ignored() {
    let store = folder(&["zz01.pem", "zz01-revoked.pem", "zz01-crl-lifted.pem"]);
    assert_valid(&store, "revoked");
    for lists in [["zz01-crl.pem", "zz01-crl-lifted.pem"], ["zz01-crl-lifted.pem", "zz01-crl.pem"]] {
        let store = folder(&["zz01.pem", "zz01-revoked.pem", lists[0], lists[1]]);
        assert_refused(&store, "revoked", Invalid, "revoked on");
    }
}

#[test]
fn a_revoked_authority_vouches_for_nobody() {
    assert_valid(&folder(&["zz09.pem", "zz09-0001.pem"]), "under a root");
    let words = "its authority's certificate was revoked on 2025-06-06 (its holder ceased to operate)";
    assert_refused(&folder(&["zz09.pem", "zz09-0001.pem", "root-crl.pem"]), "under a root", Invalid, words);
    let mut store = folder(&["root.pem", "root-crl.pem"]);
    store.add("directory", &chains::directory(&["zz09.pem", "zz09-0001.pem"]));
    assert_refused(&store, "under a root", Invalid, words);
}

#[test]
fn a_revoked_key_is_revoked_in_all_its_certificates() {
    let store = folder(&["zz01.pem", "zz01-renewed.pem", "zz01-crl-renewed.pem"]);
    assert_refused(&store, "renewed, in the new", Invalid, "2024-01-01 (it was superseded)");
}

#[test]
fn the_id_of_a_revoked_certificate_may_be_assigned_again() {
    let mut store = folder(&["zz12-pin1.pem", "zz12-pin1-rival.pem"]);
    assert_refused(&store, "alone", Untrusted, "an id once");
    assert_refused(&store, "alone, rival", Untrusted, "an id once");
    store.add("zz12-crl.pem", &fixture("zz12-crl.pem"));
    assert_refused(&store, "alone", Invalid, "revoked on 2025-07-07");
    assert_valid(&store, "alone, rival");
}

/// RFC 5280 §6.3.3 (f).
#[test]
fn the_signer_of_a_list_needs_the_key_usage_crl_sign() {
    let (authority, leaf) = (forged::key(1), forged::key(2));
    let list = forged::revocation_list("ZZ71", &authority, 1, "AAAA", "all");
    // keyCertSign and cRLSign.
    for (usage, is_used) in [(None, true), (Some(0x04), false), (Some(0x06), true)] {
        let mut draft = Draft::authority("ZZ71", "ZZ71", &authority);
        if let Some(bits) = usage {
            draft = draft.with(("2.5.29.15", true, forged::tlv(3, &[1, bits])));
        }
        let mut store = TrustStore::default();
        store.add("authority", &draft.signed(&authority));
        store.add("leaf", &Draft::leaf("AAAA", "ZZ71", &leaf).signed(&authority));
        store.add("list", &list);
        let status = if is_used { Invalid } else { Status::Valid };
        judged(&store, &forged::code("ZZ71", "AAAA", &leaf), STRICT, status);
        let message: Vec<_> = store.faults().into_iter().map(ToString::to_string).collect();
        assert_eq!(message.is_empty(), is_used);
        assert!(is_used || message[0].contains("leaves out signing revocation lists"), "{message:?}");
        let kept = download::revocation_lists(&[draft.signed(&authority)], &list);
        assert_eq!(!kept.is_empty(), is_used);
    }
}
