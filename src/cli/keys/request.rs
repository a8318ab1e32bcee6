//! `pli keys request`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::location;
use crate::failure::Failure;
use crate::vault::{CertificateRequest, KeySummary, open_signing_key, write_request};

/// Who asks for a certificate.
#[derive(Debug, Args)]
pub(in crate::cli) struct Request {
    /// The private key's file, or a PKCS#11 URI; ECDSA P-256
    #[arg(value_name = "FILE|URI")]
    key: PathBuf,
    /// The authority that will issue the certificate, such as FR03
    #[arg(long, value_name = "CA")]
    ca: String,
    /// The certificate's identifier, four characters, as agreed with the authority
    #[arg(long, value_name = "ID")]
    certificate_id: String,
    /// The bureau's registered name
    #[arg(long, value_name = "NAME")]
    organisation: String,
    /// `0002` and the bureau's SIREN or SIRET
    #[arg(long, value_name = "\"0002 SIREN\"")]
    organisation_id: String,
    /// The bureau's country
    #[arg(long, default_value = "FR")]
    country: String,
    /// The request's file
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// A request that was written.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct WrittenRequest {
    file: String,
    ca_id: String,
    certificate_id: String,
    fingerprint: String,
}

impl WrittenRequest {
    /// What to do with it.
    pub(super) fn text(&self) -> String {
        let WrittenRequest { file, ca_id, certificate_id, fingerprint } = self;
        format!(
            "{file}  for the key {fingerprint}\n  send it to {ca_id}; once the certificate is there, the job's `signing` has ca_id = \"{ca_id}\", certificate_id = \"{certificate_id}\""
        )
    }
}

impl Request {
    /// Writes the request.
    ///
    /// # Errors
    /// Those of the key and of the request's fields.
    pub(super) fn write(&self) -> Result<WrittenRequest, Failure> {
        let location = location(&self.key)?;
        let key = open_signing_key(&location)?;
        let request = CertificateRequest {
            ca_id: &self.ca,
            certificate_id: &self.certificate_id,
            organisation: &self.organisation,
            organisation_id: &self.organisation_id,
            country: &self.country,
        };
        let pem = request.to_pem(&key).map_err(|error| Failure::from(error).in_file(&location))?;
        write_request(&self.output, &pem)?;
        Ok(WrittenRequest {
            file: self.output.display().to_string(),
            ca_id: self.ca.clone(),
            certificate_id: self.certificate_id.clone(),
            fingerprint: KeySummary::of_signing_key(&location, &key)?.fingerprint,
        })
    }
}
