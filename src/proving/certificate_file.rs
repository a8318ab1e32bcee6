//! A certificate on the disk: read, and its signature verified.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use twoddoc::trust::{Policy, Status, TrustStore, Verdict};
use twoddoc::{Header, Version};

use super::finding::FoundLot;
use crate::certificate::{Certificate, FORMAT, RULES, SIGNATURE, canonical_json, certificate_name};

/// The largest certificate that is read, in bytes.
const MAX_SIZE: u64 = 64 << 20;

/// A certificate, and what its signature covers.
pub(super) struct CertificateFile {
    /// What it says.
    pub certificate: Certificate,
    /// The bytes that are signed.
    signed: Vec<u8>,
    /// The signature; `None` where there is none that can be read.
    signature: Option<Vec<u8>>,
}

impl CertificateFile {
    /// Reads a lot's certificate.
    ///
    /// # Errors
    /// Why it can't be used, in words.
    pub(super) fn read(lot: &FoundLot) -> Result<CertificateFile, String> {
        let path = lot.folder.join(certificate_name(&lot.name));
        let bytes = foreign::read(&path, MAX_SIZE).map_err(|error| error.error.to_string())?;
        let mut json: Value =
            serde_json::from_slice(&bytes).map_err(|error| format!("it is no JSON: {error}"))?;
        let format = json.get("format").and_then(Value::as_u64);
        if format != Some(u64::from(FORMAT)) {
            return Err(format!("it is no certificate of format {FORMAT}, which this program knows"));
        }
        let signature = json.as_object_mut().and_then(|entries| entries.remove(SIGNATURE));
        let signature =
            signature.as_ref().and_then(Value::as_str).and_then(|text| STANDARD.decode(text).ok());
        let signed = canonical_json(&json).ok_or("it has a number that is not whole")?;
        let certificate: Certificate =
            serde_json::from_value(json).map_err(|error| format!("it is no certificate: {error}"))?;
        let file = CertificateFile { certificate, signed, signature };
        file.check(lot)?;
        Ok(file)
    }

    /// Checks what would lead the proof astray.
    fn check(&self, lot: &FoundLot) -> Result<(), String> {
        let Certificate { rules, lot: name, files, press, .. } = &self.certificate;
        if *rules > RULES {
            return Err(format!("its rules are of version {rules}, and this program knows {RULES}"));
        }
        if *name != lot.name {
            return Err("it is that of another lot".to_owned());
        }
        let plain = |name: &str| Path::new(name).file_name().is_some_and(|own| own == name);
        if files.iter().any(|file| !plain(&file.name)) {
            return Err("it names a file outside its folder".to_owned());
        }
        let turned = ["simplex", "long_edge", "short_edge"].contains(&press.turn.as_str());
        let known = (1..=100_000).contains(&press.dpi)
            && press.bar_width_reduction < press.dpi
            && (1..=2).contains(&press.pieces_across)
            && turned;
        if !known {
            return Err("it names a press that there is none of".to_owned());
        }
        Ok(())
    }

    /// Whose signature it carries, under what is trusted.
    ///
    /// # Errors
    /// Why the signature is not to be relied on, in words.
    pub(super) fn verify(&self, trust: &TrustStore) -> Result<Verdict, String> {
        let Certificate { signer, night, .. } = &self.certificate;
        let Some(signature) = &self.signature else {
            return Err("it carries no readable signature".to_owned());
        };
        let header = Header {
            version: Version::V04,
            ca_id: signer.ca_id.clone(),
            certificate_id: signer.certificate_id.clone(),
            emission_date: None,
            signature_date: night.parse().ok(),
            document_type: String::new(),
            perimeter: None,
            country: None,
        };
        let verdict = trust.verify_document(&header, &self.signed, signature, &Policy::default());
        match verdict.status {
            Status::Valid => Ok(verdict),
            _ => Err(verdict.reason),
        }
    }
}
