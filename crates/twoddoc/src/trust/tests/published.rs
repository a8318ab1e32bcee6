//! The published certificates and specimens. They are not in the repository; environment variables name their folders.

use super::super::key_trust::KeyTrust;
use super::*;
use std::io::Write as _;

/// The folder that an environment variable names. Without it the test is skipped, with a message on stderr.
fn folder_of(variable: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    if folder.is_none() {
        // `writeln!` is not captured by the test harness.
        let _ = writeln!(std::io::stderr(), "published certificates: skipped, {variable} is not set");
    }
    folder
}

/// `PLI_CHAINS`: a folder with the certificates of the authorities, with or without the trust list.
#[test]
fn published_certificates_have_a_chain() {
    let Some(folder) = folder_of("PLI_CHAINS") else { return };
    let store = TrustStore::read(&folder).unwrap();
    assert_eq!(store.faults(), Vec::<&TrustFault>::new());
    let mut alone = Vec::new();
    for stored in &store.certificates {
        match (stored.certificate.id(), KeyTrust::of(&store, stored)) {
            (Some(_), KeyTrust::Chained(_)) | (None, _) => {}
            (Some((ca_id, _)), KeyTrust::Direct) => alone.push(ca_id),
            (Some(id), trust) => panic!("{id:?}: {trust:?}"),
        }
    }
    assert!(alone.iter().all(|ca_id| *ca_id == "FR00"), "{alone:?}");
    assert!(store.by_id.values().all(|indexes| indexes.len() == 1));
}

/// `PLI_VECTORS`: a folder with the specimens of the specification and their certificate.
#[test]
fn official_specimens_are_valid_under_their_certificate_alone() {
    let Some(folder) = folder_of("PLI_VECTORS") else { return };
    let vectors = fs_err::read(folder.join("2ddoc.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&vectors).unwrap();
    for vector in vectors["vectors"].as_array().unwrap() {
        let mut store = TrustStore::default();
        store.add("certificate.pem", vector["cert_pem"].as_str().unwrap().as_bytes());
        let code = parse_text(vector["raw"].as_str().unwrap()).unwrap();
        let verdict = store.verify(&code, &STRICT);
        let expected = match (vector["expected_valid"] == true, vector["id"] == "neg-wrong-key") {
            (true, _) => Status::Valid,
            // The certificate is that of another authority.
            (false, true) => Status::Untrusted,
            (false, false) => Status::Invalid,
        };
        assert_eq!(verdict.status, expected, "{} {verdict:?}", vector["id"]);
    }
}
