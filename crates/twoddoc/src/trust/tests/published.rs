//! The certificates and specimens that are published, if they are there: none of them is ours to keep.

use super::*;
use std::io::Write as _;

/// The folder that a variable of the environment names. Without the variable the test is skipped, which is written to
/// stderr.
fn folder_of(variable: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    if folder.is_none() {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "published certificates: skipped, {variable} is not set");
    }
    folder
}

/// `PLI_CHAINS`: a folder of the authorities' certificates, with or without the trust list.
#[test]
fn published_certificates_are_read_and_chained() {
    let Some(folder) = folder_of("PLI_CHAINS") else { return };
    let store = TrustStore::read(&folder).unwrap();
    assert_eq!(store.faults(), Vec::<&TrustFault>::new());
    let mut alone = Vec::new();
    for held in &store.certificates {
        match (held.certificate.id(), super::super::key_trust::KeyTrust::of(&store, held)) {
            (Some(_), super::super::key_trust::KeyTrust::Chained(_)) | (None, _) => {}
            (Some((ca_id, _)), super::super::key_trust::KeyTrust::Direct) => alone.push(ca_id),
            (Some(id), standing) => panic!("{id:?}: {standing:?}"),
        }
    }
    assert!(alone.iter().all(|ca_id| *ca_id == "FR00"), "{alone:?}");
    assert!(store.by_id.values().all(|places| places.len() == 1));
}

/// `PLI_VECTORS`: the specimens of the specification, and their certificate.
#[test]
fn official_specimens_are_valid_under_their_certificate_alone() {
    let Some(folder) = folder_of("PLI_VECTORS") else { return };
    let vectors = fs_err::read(folder.join("2ddoc.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&vectors).unwrap();
    for vector in vectors["vectors"].as_array().unwrap() {
        let mut store = TrustStore::default();
        store.add("certificate.pem", vector["cert_pem"].as_str().unwrap().as_bytes());
        let code = parse_text(vector["raw"].as_str().unwrap()).unwrap();
        let verdict = store.verify(&code, &ASKED);
        let expected = match (vector["expected_valid"] == true, vector["id"] == "neg-wrong-key") {
            (true, _) => Status::Valid,
            // Under another authority's certificate, which does not speak for this one.
            (false, true) => Status::Untrusted,
            (false, false) => Status::Invalid,
        };
        assert_eq!(verdict.status, expected, "{} {verdict:?}", vector["id"]);
    }
}
