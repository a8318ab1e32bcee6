use super::*;
use crate::trust::TrustStore;

fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/authorities");
    fs_err::read(folder.join(name)).unwrap()
}

fn authority() -> Vec<Vec<u8>> {
    trust_list::read(&fixture("list_8.xml")).unwrap().services.remove(0).certificates
}

fn pem(der: &[u8]) -> Vec<u8> {
    use x509_cert::der::pem::{LineEnding, encode_string};
    encode_string("CERTIFICATE", LineEnding::LF, der).unwrap().into_bytes()
}

#[test]
fn certificates_are_found_in_every_format_and_those_of_other_authorities_are_left_out() {
    let (authority, leaf, stranger) = (authority(), fixture("directory.der"), fixture("strangers.der"));
    let two = certificates(&authority, &fixture("directory.multipart"));
    assert_eq!(two.len(), 2);
    assert!(two.contains(&leaf) && !two.contains(&stranger));
    let forms = [
        [leaf.as_slice(), &stranger, &leaf].concat(),
        [stranger.as_slice(), b"\r\n", &leaf, b"\n"].concat(),
        [pem(&stranger), pem(&leaf)].concat(),
        [b"\xef\xbb\xbf\nsubject=AAA1\n".to_vec(), pem(&leaf)].concat(),
        directory_file([&pem(&leaf), &stranger], "pkix-cert"),
    ];
    for form in forms {
        assert_eq!(certificates(&authority, &form), BTreeSet::from([leaf.clone()]));
    }
    for nothing in [&b""[..], b"0", b"<html/>", b"\x30\x80", &[0x30, 0].repeat(50_000), &stranger] {
        assert!(certificates(&authority, nothing).is_empty());
    }
}

/// The stored file is a directory: authorities in it are not anchors, and leaves in it are not trusted directly.
#[test]
fn stored_downloads_are_not_trusted_for_being_in_the_folder() {
    let authority = authority();
    let mut store = TrustStore::default();
    store.add("fetched", &directory_file(&authority, "pkix-cert"));
    store.add("leaf", &directory_file([&fixture("directory.der")], "pkix-cert"));
    assert!(store.faults().is_empty() && store.skipped().is_empty());
    assert_eq!(certificates(&authority, &directory_file(&authority, "pkix-cert")).len(), 1);
    let mut crl = TrustStore::default();
    crl.add("crl", &directory_file([&fixture("revocations_1.crl")], "pkix-crl"));
    assert!(crl.faults()[0].message.contains("not trusted here"), "{:?}", crl.faults());
}

#[test]
fn the_latest_revocation_list_of_each_kind_is_kept() {
    let authority = authority();
    let lists = |name: &str| revocation_lists(&authority, &fixture(name));
    assert!(lists("revocations_forged.crl").is_empty());
    let (first, second) = (lists("revocations_1.crl"), lists("revocations_2.crl"));
    let (kind, older) = first.iter().next().map(|(kind, list)| (kind.clone(), list.clone())).unwrap();
    let mut held = second.clone();
    assert!(!keep_latest(&mut held, kind.clone(), older.clone()));
    assert_eq!(held, second);
    let mut held = first.clone();
    assert!(keep_latest(&mut held, kind.clone(), second[&kind].clone()));
    assert!(keep_latest(&mut held, kind.clone(), second[&kind].clone()));
    assert_eq!(held, second);
    assert!(keep_latest(&mut held, b"of another kind".to_vec(), older));
    assert_eq!(held.len(), 2);
    let both = directory_file(held.values().map(|list| &list.der), "pkix-crl");
    assert_eq!(revocation_lists(&authority, &both), second);
}

#[test]
fn addresses_of_revocation_lists_are_read_from_certificates() {
    let addresses =
        revocation_addresses(&[fixture("directory.der"), fixture("directory.der"), b"garbage".to_vec()]);
    let expected = ["http://revocations.xx01.example/xx01.crl", "ldap://xx01.example/cn=xx01"];
    assert_eq!(addresses.into_iter().collect::<Vec<_>>(), expected);
    assert!(revocation_addresses(&authority()).is_empty());
}

/// The issuer's name must be the authority's, too.
#[test]
fn certificates_and_lists_with_another_issuer_name_are_left_out() {
    use super::super::forged::{self, Draft};
    let (key, leaf) = (forged::key(1), forged::key(2));
    let authority = [Draft::authority("ZZ71", "ZZ71", &key).signed(&key)];
    let own = Draft::leaf("AAAA", "ZZ71", &leaf).signed(&key);
    let other = Draft::leaf("AAAA", "ZZ73", &leaf).signed(&key);
    assert_eq!(certificates(&authority, &[own.clone(), other].concat()), BTreeSet::from([own]));
    let lists = ["ZZ71", "ZZ73"].map(|issuer| forged::revocation_list(issuer, &key, 1, "AAAA", "all"));
    assert_eq!(revocation_lists(&authority, &lists.concat()).len(), 1);
}
