//! How often each key is checked.

use super::super::super::parse_text;
use super::*;
use std::cell::Cell;

fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/trust");
    fs_err::read(folder.join(name)).unwrap()
}

#[test]
fn each_key_is_checked_once_for_each_code() {
    let codes: serde_json::Value = serde_json::from_slice(&fixture("codes.json")).unwrap();
    let code = |label: &str| parse_text(codes[label].as_str().unwrap()).unwrap();
    let mut altered = code("renewed, in the new");
    altered.signed[30] ^= 1;
    let cases: [(&[&str], Code, usize); 5] = [
        // Two certificates, one key.
        (&["zz01.pem", "zz01-renewed.pem"], code("renewed, in the new"), 1),
        (&["zz01.pem", "zz01-renewed.pem"], altered, 1),
        (&["zz01.pem", "zz01-doubled-a.pem", "zz01-doubled-b.pem"], code("doubled a"), 2),
        // An unbound key is tried if no certificate's key matches.
        (&["bureau.pub.pem"], code("P256"), 1),
        (&["bureau.pub.pem", "zz00-0001.pem", "zz00.pem"], code("bureau as a test"), 1),
    ];
    for (files, code, expected) in cases {
        let mut store = TrustStore::default();
        files.iter().for_each(|file| store.add(file, &fixture(file)));
        let calls = Cell::new(0);
        let check = |code: &Code, key: &VerifyingKey| {
            calls.set(calls.get() + 1);
            verify(code, key)
        };
        let verdict = store.verify_with(&code, Policy::default(), &check);
        assert_eq!(calls.get(), expected, "{files:?}");
        assert_eq!(verdict, store.verify(&code, &Policy::default()));
    }
}
