//! Composes and signs a block, then verifies it with the public key.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use twoddoc::{Algorithm, Header, SigningKey, Value, compose, parse_text, signed_text, verify};

fn main() -> Result<(), Box<dyn Error>> {
    // A real seed comes from a cryptographically secure source; a real key from `SigningKey::from_pkcs8_pem`.
    let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[7; 32])?;

    let header = Header::v04("FR00", "0001", "A6", jiff::civil::date(2026, 11, 23));
    let fields = [
        ("80", Value::Text("Dupont-Maître")),
        ("81", Value::Text("Zoé")),
        ("82", Value::Exact("2800012345")),
        ("83", Value::Text("Sdis 99")),
    ];
    let block = compose(&header, &fields).map_err(|errors| {
        let messages: Vec<_> = errors.iter().map(ToString::to_string).collect();
        messages.join("; ")
    })?;
    let text = signed_text(&block, &key)?;
    println!("{}", text.escape_debug());

    verify(&parse_text(&text)?, &key.verifying_key())?;
    println!("verified with\n{}", key.verifying_key().to_spki_pem()?);
    Ok(())
}
