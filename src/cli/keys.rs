//! `pli keys`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::Outcome;
use super::acts::{Act, job_of_key};
use super::console::Console;
use crate::failure::Failure;
use crate::job::{KeyLocation, SigningProfile};
use crate::vault::{
    CertificateRequest, HeaderId, KeySummary, describe, describe_all, new_identity, new_signing_key,
    open_signing_key, write_request,
};

/// Make and describe keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key; the private file can be read by its owner only
    #[command(
        after_help = "Examples:\n  pli keys new signing --output keys/signing.pem\n  pli keys new codes --output keys/codes.identity\n  pli keys new press --output keys/press.identity\n  pli keys new signing --profile ecdsa-p256 --output 'pkcs11:token=bureau;object=signing?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:keys/hsm.pin'"
    )]
    New {
        /// What the key is for
        purpose: Purpose,
        /// The private key's file, its public key beside it ending in `.pub`; or, for signing, a token's PKCS#11 URI
        #[arg(long, value_name = "FILE|URI")]
        output: PathBuf,
        /// How blocks are signed (signing keys only); ed25519 by default
        #[arg(long)]
        profile: Option<Profile>,
    },
    /// Describe the private keys of files or folders, or on tokens
    #[command(after_help = "Example:\n  pli keys list keys")]
    List {
        /// Files, folders or PKCS#11 URIs
        #[arg(default_value = "keys", value_name = "FILE|URI")]
        paths: Vec<PathBuf>,
    },
    /// Print the public key of a private key
    #[command(
        after_help = "Examples:\n  pli keys export keys/signing.pem > bureau.pub\n  pli keys export keys/signing.pem --id FR00/0001 > trust/FR00-0001.pem"
    )]
    Export {
        /// The private key's file, or a PKCS#11 URI
        #[arg(value_name = "FILE|URI")]
        key: PathBuf,
        /// Write first which codes it verifies: authority and certificate of their header
        #[arg(long, value_name = "CA/CERTIFICATE")]
        id: Option<HeaderId>,
    },
    /// Write a certificate request for an authority of the national 2D-DOC (PKCS#10)
    #[command(
        after_help = "Example:\n  pli keys request keys/signing.pem --ca FR03 --certificate-id AB12 --organisation \"Bureau d'émission\" --organisation-id \"0002 732829320\" --output request.csr"
    )]
    Request(Request),
}

/// Who asks for a certificate.
#[derive(Debug, Args)]
pub(super) struct Request {
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

/// What a key is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Purpose {
    /// Signing the 2D-DOC of letters
    Signing,
    /// Opening the codes files that come in
    Codes,
    /// Opening the sealed mailers, at the press
    Press,
}

/// How blocks are signed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Profile {
    /// Ed25519, the bureau's closed loop
    Ed25519,
    /// ECDSA P-256, which every conforming reader can verify
    EcdsaP256,
}

impl Command {
    /// What the audit log has of it, where the key belongs to a job; `None` where no key is made.
    pub(super) fn act(&self) -> Option<Act> {
        let Command::New { purpose, output, .. } = self else { return None };
        let purpose = match purpose {
            Purpose::Signing => "signing",
            Purpose::Codes => "codes",
            Purpose::Press => "press",
        };
        let job = job_of_key(output)?;
        Some(Act::new(&job, "keys new").option(true, format_args!("purpose={purpose}")))
    }
}

pub(super) fn keys(command: &Command, console: &Console) -> Result<Outcome, Failure> {
    match command {
        Command::New { purpose, output, profile } => {
            let summary = make(*purpose, output, *profile)?;
            console.result(&summary, |_| line(&summary))?;
        }
        Command::List { paths } => {
            let mut listed = Listed::default();
            for path in paths {
                listed.add(path)?;
            }
            let found = &listed.found;
            console.result(found, |_| found.iter().map(line).collect::<Vec<_>>().join("\n"))?;
            if listed.unusable > 0 {
                return Ok(Outcome::NeedsAPerson);
            }
        }
        Command::Export { key, id } => {
            let mut summary = describe(&location(key)?)?;
            if let Some(id) = id {
                summary.public = labelled(&summary, id)?;
            }
            console.output(&summary, summary.public.trim_end())?;
        }
        Command::Request(request) => {
            let written = request.write()?;
            console.result(&written, |_| written.text())?;
        }
    }
    Ok(Outcome::Done)
}

/// Reads the location of a key. A wrong URI is not repeated in the error, since it may hold a PIN.
pub(super) fn location(argument: &Path) -> Result<KeyLocation, Failure> {
    match argument.to_str() {
        Some(text) => KeyLocation::parse(text)
            .map_err(|fault| Failure::usage("key_uri", fault.to_string()).caused_by(fault)),
        None => Ok(KeyLocation::File(argument.to_owned())),
    }
}

fn make(purpose: Purpose, output: &Path, profile: Option<Profile>) -> Result<KeySummary, Failure> {
    match (purpose, profile, location(output)?) {
        (Purpose::Signing, profile, location) => {
            Ok(new_signing_key(&location, profile.unwrap_or(Profile::Ed25519).into())?)
        }
        (_, Some(_), _) => {
            Err(Failure::usage("key_profile", "`--profile` is for signing keys").with_advice("leave it out"))
        }
        (_, None, KeyLocation::File(path)) => Ok(new_identity(&path, &path.with_extension("pub"))?),
        (_, None, KeyLocation::Token(_)) => {
            Err(Failure::usage("key_on_token", "only a signing key can lie on a token")
                .with_advice("name a file"))
        }
    }
}

/// The keys that were listed.
#[derive(Default)]
struct Listed {
    found: Vec<KeySummary>,
    /// How many files of folders hold no key that can be used; each was reported.
    unusable: usize,
}

impl Listed {
    /// Adds the keys of a file or a token, or of the files of a folder that should hold private keys. A file of a folder that
    /// holds none is reported, and the others are listed all the same.
    fn add(&mut self, path: &Path) -> Result<(), Failure> {
        if !path.is_dir() {
            self.found.extend(describe_all(&location(path)?)?);
            return Ok(());
        }
        let mut files: Vec<PathBuf> = Vec::new();
        let unreadable = |error: std::io::Error| {
            Failure::usage("key_io", error.to_string()).with_advice("check the folder").caused_by(error)
        };
        for entry in fs_err::read_dir(path).map_err(unreadable)? {
            files.push(entry.map_err(unreadable)?.path());
        }
        files.sort();
        let private = |file: &PathBuf| file.extension().is_some_and(|e| e == "pem" || e == "identity");
        for file in files.into_iter().filter(private) {
            match describe_all(&KeyLocation::File(file)) {
                Ok(keys) => self.found.extend(keys),
                Err(error) => {
                    self.unusable += 1;
                    tracing::error!("{}", Failure::from(error));
                }
            }
        }
        Ok(())
    }
}

fn labelled(summary: &KeySummary, id: &HeaderId) -> Result<String, Failure> {
    match summary.kind == "age" {
        true => Err(Failure::usage("key_id", "`--id` is for signing keys, and this is an age identity")
            .with_advice("leave it out")),
        false => Ok(id.label(&summary.public)),
    }
}

/// A request that was written.
#[derive(Serialize)]
struct WrittenRequest {
    file: String,
    ca_id: String,
    certificate_id: String,
    fingerprint: String,
}

impl WrittenRequest {
    fn text(&self) -> String {
        let WrittenRequest { file, ca_id, certificate_id, fingerprint } = self;
        format!(
            "{file}  for the key {fingerprint}\n  send it to {ca_id}; once the certificate is there, the job's `signing` has ca_id = \"{ca_id}\", certificate_id = \"{certificate_id}\""
        )
    }
}

impl Request {
    fn write(&self) -> Result<WrittenRequest, Failure> {
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

fn line(summary: &KeySummary) -> String {
    format!("{}  {}  {}", summary.fingerprint, summary.kind, summary.file)
}

impl From<Profile> for SigningProfile {
    fn from(profile: Profile) -> SigningProfile {
        match profile {
            Profile::Ed25519 => SigningProfile::Ed25519,
            Profile::EcdsaP256 => SigningProfile::EcdsaP256,
        }
    }
}
