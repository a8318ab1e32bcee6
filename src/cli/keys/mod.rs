//! `pli keys`

pub(in crate::cli) mod dates;
mod of_job;
pub(in crate::cli) mod request;
mod retire;
pub(in crate::cli) mod rotate;
pub(in crate::cli) mod shares;

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};

use super::Outcome;
use super::acts::Act;
use super::console::Console;
use crate::failure::Failure;
use crate::job::{KeyLocation, SigningProfile};
use crate::vault::{
    HeaderId, KeyDates, KeyRegister, KeySummary, describe, describe_all, new_identity, new_signing_key,
};
use dates::{DatedKey, NewDates};
use of_job::OfJob;
use request::Request;
use retire::{Retire, retired_text};
use rotate::Rotate;
use shares::{Backup, Restore};

/// The key of the audit log and the folder of the ledger's keys, in the folder of a job's keys.
const AUDIT_KEY: &str = "audit.key";
const LEDGER_KEYS: &str = "ledger";

/// Make, describe, follow, retire and back up keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key; the private file can be read by its owner only
    #[command(
        after_help = "Examples:\n  pli keys new signing --output keys/signing.pem\n  pli keys new codes --output keys/codes.identity\n  pli keys new press --output press.identity      # at the press\n  pli keys new recovery --output recovery.identity    # where it is kept\n  pli keys new signing --output keys/signing.pem --from 2026-12-01 --to 2028-11-30\n  pli keys new signing --profile ecdsa-p256 --output 'pkcs11:token=bureau;object=signing?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:keys/hsm.pin'"
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
        #[command(flatten)]
        dates: NewDates,
        #[command(flatten)]
        of_job: OfJob,
    },
    /// Describe the private keys of files or folders, or on tokens
    #[command(after_help = "Example:\n  pli keys list keys")]
    List {
        /// Files, folders or PKCS#11 URIs
        #[arg(default_value = "keys", value_name = "FILE|URI")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        of_job: OfJob,
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
        #[command(flatten)]
        of_job: OfJob,
    },
    /// Make the successor of a key: of the same kind, with dates; the old one stays
    #[command(
        after_help = "Examples:\n  pli keys rotate keys/signing.pem --output keys/signing-2027.pem --from 2027-01-01 --to 2028-12-31\n  pli keys rotate keys/codes.identity --output keys/codes-2027.identity --from 2027-01-01 --to 2028-12-31\n  pli keys rotate 'pkcs11:token=bureau;object=signing?…' --output 'pkcs11:token=bureau;object=signing-2027?…' --from 2027-01-01 --to 2028-12-31 --job job.toml\n\nThe job file is not changed: what it is to have is printed."
    )]
    Rotate(Rotate),
    /// Retire a key: from a day on it is used for nothing more; what it signed before stays valid
    #[command(
        after_help = "Examples:\n  pli keys retire keys/signing.pem --from 2026-12-01\n  pli keys retire keys/press.pub --from 2026-12-01 --job job.toml"
    )]
    Retire(Retire),
    /// Split a key's file into shares on paper, of which some recover it
    #[command(
        after_help = "Example:\n  pli keys backup keys/signing.pem --shares 5 --needed 3 --output shares"
    )]
    Backup(Backup),
    /// Recover a key's file from its shares
    #[command(
        after_help = "Examples:\n  pli keys restore --output keys/signing.pem anna.txt bruno.txt carla.txt\n  pli keys restore --output keys/signing.pem        # then type or paste the lines of the sheets, and Ctrl-D"
    )]
    Restore(Restore),
    /// Write a certificate request for an authority of the national 2D-DOC (PKCS#10)
    #[command(
        after_help = "Example:\n  pli keys request keys/signing.pem --ca FR03 --certificate-id AB12 --organisation \"Bureau d'émission\" --organisation-id \"0002 732829320\" --output request.csr"
    )]
    Request(Request),
}

/// What a key is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Purpose {
    /// Signing the 2D-DOC of letters
    Signing,
    /// Opening the codes files that come in
    Codes,
    /// Opening the record files that come in sealed
    Cards,
    /// Opening the sealed mailers, at the press
    Press,
    /// Opening the keys in a backup of the ledger; the identity stays off the machine of the nights
    Recovery,
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
    /// What the audit log has of it, where the key belongs to a job; `None` where nothing is done to a key.
    pub(super) fn act(&self) -> Option<Act> {
        match self {
            Command::New { purpose, output, of_job, .. } => {
                let purpose = match purpose {
                    Purpose::Signing => "signing",
                    Purpose::Codes => "codes",
                    Purpose::Cards => "cards",
                    Purpose::Press => "press",
                    Purpose::Recovery => "recovery",
                };
                let job = of_job.path(output)?;
                Some(Act::new(&job, "keys new").option(true, format_args!("purpose={purpose}")))
            }
            Command::Rotate(rotate) => rotate.act(),
            Command::Retire(retire) => retire.act(),
            Command::Backup(backup) => backup.act(),
            Command::Restore(restore) => restore.act(),
            Command::List { .. } | Command::Export { .. } | Command::Request(_) => None,
        }
    }
}

pub(super) fn keys(command: &Command, console: &Console) -> Result<Outcome, Failure> {
    match command {
        Command::New { purpose, output, profile, dates, of_job } => {
            let folder = dates.folder(of_job, output)?;
            let summary = make(*purpose, output, *profile)?;
            let mut register = KeyRegister::default();
            if let Some(folder) = folder {
                dates.write(&folder, &summary)?;
                register = KeyRegister::of_folder(&folder)?;
            }
            let key = DatedKey::of(summary, &register);
            console.result(&key, |_| {
                [key.line()].into_iter().chain(care(*purpose, output)).collect::<Vec<_>>().join("\n")
            })?;
        }
        Command::List { paths, of_job } => {
            let mut listed = Listed::default();
            for path in paths {
                let register = of_job.register(path)?;
                listed.add(path, &register)?;
            }
            let found = &listed.found;
            let lines = || found.iter().map(DatedKey::line).chain(listed.others.iter().cloned());
            console.result(found, |_| lines().collect::<Vec<_>>().join("\n"))?;
            if listed.unusable > 0 {
                return Ok(Outcome::NeedsAPerson);
            }
        }
        Command::Export { key, id, of_job } => {
            let mut summary = describe(&location(key)?)?;
            if summary.kind != "age" {
                let register = of_job.register(key)?;
                let days: String = register.dates(&summary).map(KeyDates::day_lines).collect();
                summary.public.insert_str(0, &days);
            }
            if let Some(id) = id {
                summary.public = labelled(&summary, id)?;
            }
            console.output(&summary, summary.public.trim_end())?;
        }
        Command::Request(request) => {
            let written = request.write()?;
            console.result(&written, |_| written.text())?;
        }
        Command::Rotate(rotate) => {
            let rotated = rotate.run()?;
            console.result(&rotated, |_| rotated.text())?;
        }
        Command::Retire(retire) => {
            let retired = retire.run()?;
            console.result(&retired, |_| retired_text(&retired))?;
        }
        Command::Backup(backup) => {
            let written = backup.run()?;
            console.result(&written, |_| written.text())?;
        }
        Command::Restore(restore) => {
            let register = KeyRegister::default();
            let keys: Vec<DatedKey> =
                restore.run()?.into_iter().map(|key| DatedKey::of(key, &register)).collect();
            console.result(&keys, |_| keys.iter().map(DatedKey::line).collect::<Vec<_>>().join("\n"))?;
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

/// What is to be done with a new key, where that is not plain.
fn care(purpose: Purpose, output: &Path) -> Option<String> {
    let public = output.with_extension("pub");
    matches!(purpose, Purpose::Recovery).then(|| {
        format!(
            "  keep {} in a safe, off the machine of the nights; put {} into the job's `keys/` and name it there: `recovery = [\"keys/{}\"]` under `[ledger]`",
            foreign::legible(&output.display().to_string()),
            foreign::legible(&public.display().to_string()),
            foreign::legible(&public.file_name().unwrap_or_default().to_string_lossy()),
        )
    })
}

/// The keys that were listed.
#[derive(Default)]
struct Listed {
    found: Vec<DatedKey>,
    /// Keys of a folder that have no fingerprint of their own, in words.
    others: Vec<String>,
    /// How many files of folders hold no key that can be used; each was reported.
    unusable: usize,
}

impl Listed {
    /// Adds the keys of a file or a token, or of the files of a folder that should hold private keys. A file of a folder that
    /// holds none is reported, and the others are listed all the same.
    fn add(&mut self, path: &Path, register: &KeyRegister) -> Result<(), Failure> {
        let dated = |key| DatedKey::of(key, register);
        if !path.is_dir() {
            self.found.extend(describe_all(&location(path)?)?.into_iter().map(dated));
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
        let private = |file: &PathBuf| {
            file.extension().is_some_and(|e| e == "pem" || e == "identity")
                || file.file_name().is_some_and(|name| name == AUDIT_KEY)
        };
        let ledger = path.join(LEDGER_KEYS);
        if ledger.is_dir() {
            let shown = ledger.display().to_string();
            self.others.push(format!(
                "{}: the keys of the ledger's names, which `pli ledger JOB backup` seals to `ledger.recovery`",
                foreign::legible(&shown)
            ));
        }
        for file in files.into_iter().filter(private) {
            match describe_all(&KeyLocation::File(file)) {
                Ok(keys) => self.found.extend(keys.into_iter().map(dated)),
                Err(error) => {
                    self.unusable += 1;
                    let failure = Failure::from(error);
                    tracing::error!(code = failure.code(), "{failure}");
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

impl From<Profile> for SigningProfile {
    fn from(profile: Profile) -> SigningProfile {
        match profile {
            Profile::Ed25519 => SigningProfile::Ed25519,
            Profile::EcdsaP256 => SigningProfile::EcdsaP256,
        }
    }
}
