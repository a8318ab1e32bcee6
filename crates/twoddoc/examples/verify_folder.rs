//! Verifies a code under a trust folder: `verify_folder TEXT DIR`. Without arguments, a code of the crate's fixtures.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::path::Path;
use twoddoc::VerificationReport;
use twoddoc::trust::{Policy, TrustStore};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (text, trust) = match arguments.as_slice() {
        [text, folder] => (text.clone(), TrustStore::read(Path::new(folder))?),
        [] => fixture()?,
        _ => return Err("usage: verify_folder TEXT DIR".into()),
    };
    for fault in trust.faults() {
        println!("fault in {fault}");
    }

    let report = VerificationReport::of_text(&text, &trust, &Policy::default());
    for field in &report.fields {
        println!("{}: {}", field.name.unwrap_or(&field.id), field.value);
    }
    for finding in &report.findings {
        println!("finding: {finding}");
    }
    println!("{:?}: {}", report.signature.status, report.signature.reason);
    Ok(())
}

/// A code and the certificates of its invented authority and signer.
fn fixture() -> Result<(String, TrustStore), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/trust");
    let mut trust = TrustStore::default();
    for file in ["zz01.pem", "zz01-p256.pem"] {
        trust.add(file, &fs_err::read(folder.join(file))?);
    }
    let codes: serde_json::Value = serde_json::from_slice(&fs_err::read(folder.join("codes.json"))?)?;
    let text = codes["P256"].as_str().ok_or("codes.json has no code `P256`")?;
    Ok((text.to_owned(), trust))
}
