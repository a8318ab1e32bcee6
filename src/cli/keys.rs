//! `pli keys`

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};

use super::Done;
use super::console::Console;
use crate::Failure;
use crate::mail::job::SigningProfile;
use crate::vault::{KeySummary, describe, new_identity, new_signing_key};

/// Make and describe keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key; the private file can be read by its owner only
    #[command(
        after_help = "Examples:\n  pli keys new signing --output keys/signing.pem\n  pli keys new codes --output keys/codes.identity\n  pli keys new press --output keys/press.identity"
    )]
    New {
        /// What the key is for
        purpose: Purpose,
        /// The private key's file; the public key is written beside it, ending in `.pub`
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// How blocks are signed (signing keys only); ed25519 where nothing is said
        #[arg(long)]
        profile: Option<Profile>,
    },
    /// Describe the private keys of files or folders
    #[command(after_help = "Example:\n  pli keys list keys")]
    List {
        /// Files or folders
        #[arg(default_value = "keys")]
        paths: Vec<PathBuf>,
    },
    /// Print the public key of a private key's file
    #[command(after_help = "Example:\n  pli keys export keys/signing.pem > bureau.pub")]
    Export {
        /// The private key's file
        file: PathBuf,
    },
}

/// What a key is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Purpose {
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

pub(super) fn keys(command: &Command, console: &Console) -> Result<Done, Failure> {
    match command {
        Command::New { purpose, output, profile } => {
            let summary = match (purpose, profile) {
                (Purpose::Signing, profile) => {
                    new_signing_key(output, profile.unwrap_or(Profile::Ed25519).into())?
                }
                (_, None) => new_identity(output, &output.with_extension("pub"))?,
                (_, Some(_)) => {
                    return Err(Failure::Usage("`--profile` is for signing keys; leave it out".to_owned()));
                }
            };
            console.result(&summary, |_| line(&summary));
        }
        Command::List { paths } => {
            let mut found: Vec<KeySummary> = Vec::new();
            for path in paths {
                found.extend(list(path)?);
            }
            console.result(&found, |_| found.iter().map(line).collect::<Vec<_>>().join("\n"));
        }
        Command::Export { file } => {
            let summary = describe(file)?;
            console.output(&summary, summary.public.trim_end());
        }
    }
    Ok(Done::Well)
}

/// The keys of a file, or of the files of a folder that hold private keys.
fn list(path: &Path) -> Result<Vec<KeySummary>, Failure> {
    if !path.is_dir() {
        return Ok(vec![describe(path)?]);
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs_err::read_dir(path).map_err(|error| Failure::Usage(error.to_string()))? {
        files.push(entry.map_err(|error| Failure::Usage(error.to_string()))?.path());
    }
    files.sort();
    let private = |file: &PathBuf| file.extension().is_some_and(|e| e == "pem" || e == "identity");
    files.into_iter().filter(private).map(|file| Ok(describe(&file)?)).collect()
}

fn line(summary: &KeySummary) -> String {
    format!("{}  {}  {}", summary.fingerprint, summary.kind, summary.file.display())
}

impl From<Profile> for SigningProfile {
    fn from(profile: Profile) -> SigningProfile {
        match profile {
            Profile::Ed25519 => SigningProfile::Ed25519,
            Profile::EcdsaP256 => SigningProfile::EcdsaP256,
        }
    }
}
