//! Codes of ours under another 2D-DOC reader: tddoc, in Python, which knows the national profile alone.

use jiff::civil::date;
use serde_json::{Value as Json, json};
use twoddoc::{Algorithm, Header, SigningKey, Value, compose, parse, signed_text, verify};

use crate::tools::{python, text};

const FIELDS: [(&str, &str); 4] =
    [("80", "DUPONT MAITRE"), ("81", "ZOE/MARIE"), ("82", "2400000001"), ("83", "SDIS 29")];

/// A professional card of type A6, signed with ECDSA on P-256.
fn signed_card(key: &SigningKey) -> String {
    let header = Header::v04("FR0Z", "PLI1", "A6", date(2026, 11, 20));
    let given = ["Dupont-Maître", "Zoé/Marie", "2400000001", "SDIS 29"];
    let fields: Vec<_> = FIELDS.iter().zip(given).map(|((id, _), text)| (*id, Value::Text(text))).collect();
    let composed = compose(&header, &fields).unwrap();
    signed_text(&composed, key).unwrap()
}

/// The code with one character of its card number, and with one of its signature, replaced.
fn altered(code: &str) -> [String; 2] {
    let (block, signature) = code.split_once('\x1f').unwrap();
    let (first, rest) = signature.split_at(1);
    let other = if first == "A" { "B" } else { "A" };
    [code.replace("2400000001", "2400000002"), format!("{block}\x1f{other}{rest}")]
}

#[test]
fn a_national_code_is_accepted_by_tddoc_and_an_altered_one_is_not() {
    let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[0x2D; 32]).unwrap();
    let sound = signed_card(&key);
    let [card, signature] = altered(&sound);
    let public = key.verifying_key();
    assert_eq!(verify(&parse(sound.as_bytes()).unwrap(), &public), Ok(()));
    assert!(
        [&card, &signature].iter().all(|code| verify(&parse(code.as_bytes()).unwrap(), &public).is_err())
    );

    let folder = tempfile::tempdir().unwrap();
    let order = folder.path().join("order.json");
    let order_text = json!({
        "ca_id": "FR0Z", "certificate_id": "PLI1", "public_key": public.to_spki_pem().unwrap(),
        "codes": [sound, card, signature], "keychain": "shipped", "rounds": 0,
    });
    fs_err::write(&order, order_text.to_string()).unwrap();
    let Some(said) = python("tddoc", &["tests/peer.py", text(&order)]) else { return };
    let said: Json = serde_json::from_str(&said).unwrap();
    let answers = said["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["valid"], true, "{}", answers[0]);
    for (id, value) in FIELDS {
        assert_eq!(answers[0]["fields"][id], value);
    }
    assert_eq!(answers[0]["fields"].as_object().unwrap().len(), FIELDS.len());
    assert_eq!(answers[1]["valid"], false, "{}", answers[1]);
    assert_eq!(answers[1]["fields"]["82"], "2400000002");
    assert_eq!(answers[2]["valid"], false, "{}", answers[2]);
}
