//! Keys: made, kept in files that only their owner can read, described without being shown.

use crate::failure::{Exit, Explained, Position};
use std::fmt;
use std::io;
use std::path::Path;

use age::secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::hsm;
use crate::files;
use crate::job::{KeyPlace, SigningProfile, TokenKey};
use twoddoc::{Algorithm, SigningKey};

/// A key that can't be made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file can't be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Others than its owner can read the file.
    #[error("others can read this private file (mode {mode:03o})")]
    Loose {
        /// The key's file.
        file: String,
        /// Its permissions.
        mode: u32,
    },
    /// The file holds no usable key.
    #[error("{reason}")]
    Invalid {
        /// The key's file.
        file: String,
        /// What is wrong.
        reason: String,
        /// What to do, where `reason` does not say it.
        advice: Option<String>,
    },
    /// The HSM of a key is not there, or does not do its work; nothing is wrong with the job.
    #[error("{reason}")]
    Unreachable {
        /// The key's URI.
        key: String,
        /// What happened.
        reason: String,
    },
}

impl Explained for KeyError {
    fn exit(&self) -> Exit {
        match self {
            KeyError::Unreachable { .. } => Exit::Midway,
            _ => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            KeyError::Io(_) => "key_io",
            KeyError::Loose { .. } => "key_readable_by_others",
            KeyError::Invalid { .. } => "key_invalid",
            KeyError::Unreachable { .. } => "hsm_unreachable",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            KeyError::Io(_) => Some("make keys with `pli keys new`".to_owned()),
            KeyError::Loose { file, .. } => Some(format!("run `chmod 600 {file}`")),
            KeyError::Invalid { advice, .. } => advice.clone(),
            KeyError::Unreachable { .. } => {
                Some("see that the HSM is there, then run the same command again".to_owned())
            }
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            KeyError::Io(_) => None,
            KeyError::Loose { file, .. } | KeyError::Invalid { file, .. } => Some(Position::file(file)),
            KeyError::Unreachable { key, .. } => Some(Position::file(key)),
        }
    }
}

impl KeyError {
    /// The same error, with what to do.
    pub(super) fn with_advice(self, text: impl Into<String>) -> KeyError {
        match self {
            KeyError::Invalid { file, reason, .. } => {
                KeyError::Invalid { file, reason, advice: Some(text.into()) }
            }
            other => other,
        }
    }

    pub(super) fn invalid(file: &Path, reason: impl Into<String>) -> KeyError {
        KeyError::of(file.display(), reason)
    }

    /// A key that its file or token does not give as it should.
    pub(super) fn of(place: impl fmt::Display, reason: impl Into<String>) -> KeyError {
        KeyError::Invalid { file: place.to_string(), reason: reason.into(), advice: None }
    }
}

/// Reads a private file, which nobody but its owner may be able to read.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    refuse_loose(path)?;
    Ok(Zeroizing::new(fs_err::read_to_string(path)?))
}

#[cfg(unix)]
fn refuse_loose(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs_err::metadata(path)?.permissions().mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(KeyError::Loose { file: path.display().to_string(), mode }),
    }
}

#[cfg(not(unix))]
fn refuse_loose(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

/// Writes a new private file, mode 0600. Never overwrites.
fn write_private(path: &Path, text: &str) -> Result<(), KeyError> {
    write_new(path, text, 0o600)
}

/// Refuses before anything is written: half a pair of keys is of no use.
fn refuse_taken(paths: [&Path; 2]) -> Result<(), KeyError> {
    let taken = paths.into_iter().find(|path| path.exists());
    taken.map_or(Ok(()), |path| {
        Err(KeyError::invalid(path, "there is a file already; keys and requests are never overwritten"))
    })
}

/// Writes a certificate request. Never overwrites.
///
/// # Errors
/// A file that exists already or can't be written.
pub fn write_request(path: &Path, pem: &str) -> Result<(), KeyError> {
    write_new(path, pem, 0o644)
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), KeyError> {
    files::write_new(path, text, mode).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            KeyError::invalid(path, "there is a file already; keys and requests are never overwritten")
        }
        _ => KeyError::Io(error),
    })
}

/// What a key is, without the key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeySummary {
    /// The file, or the URI of a key on a token.
    pub file: String,
    /// `ed25519`, `ecdsa-p256` or `age`.
    pub kind: String,
    /// The public key: PEM, or an age recipient.
    pub public: String,
    /// The first sixteen hexadecimal digits of a SHA-256: over the SubjectPublicKeyInfo in DER, which is what
    /// `pli verify` names a key by; over an age recipient's text.
    pub fingerprint: String,
}

impl KeySummary {
    fn of_recipient(place: impl fmt::Display, recipient: String) -> KeySummary {
        let fingerprint = fingerprint(recipient.as_bytes());
        KeySummary { file: place.to_string(), kind: "age".to_owned(), public: recipient, fingerprint }
    }

    /// That of a signing key that was loaded.
    ///
    /// # Errors
    /// A public key that can't be written.
    pub fn of_signing_key(place: &KeyPlace, key: &SigningKey) -> Result<KeySummary, KeyError> {
        let unwritten = |error: twoddoc::KeyError| KeyError::of(place, error.to_string());
        let public = key.verifying_key();
        Ok(KeySummary {
            file: place.to_string(),
            kind: key.algorithm().name().to_owned(),
            public: public.to_spki_pem().map_err(unwritten)?,
            fingerprint: fingerprint(&public.to_spki_der().map_err(unwritten)?),
        })
    }
}

fn fingerprint(public: &[u8]) -> String {
    files::hexadecimal(&Sha256::digest(public)[..8])
}

fn random_seed() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut seed = Zeroizing::new([0u8; 32]);
    getrandom::fill(seed.as_mut()).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(seed)
}

/// Makes a signing key: PKCS#8 PEM in a file, mode 0600, and its public key beside it (`.pub`); or on a token.
///
/// # Errors
/// A place that is taken already, or where no key can be made.
pub fn new_signing_key(place: &KeyPlace, profile: SigningProfile) -> Result<KeySummary, KeyError> {
    match place {
        KeyPlace::File(path) => new_key_file(path, profile),
        KeyPlace::Token(key) => new_key_on_token(key, profile),
    }
}

fn new_key_file(path: &Path, profile: SigningProfile) -> Result<KeySummary, KeyError> {
    let public = path.with_extension("pub");
    refuse_taken([path, &public])?;
    let failed = |error: twoddoc::KeyError| KeyError::invalid(path, error.to_string());
    let key = SigningKey::from_seed(algorithm(profile), &*random_seed()?).map_err(failed)?;
    write_private(path, &key.to_pkcs8_pem().map_err(failed)?)?;
    let summary = describe(&KeyPlace::File(path.to_owned()))?;
    write_new(&public, &summary.public, 0o644)?;
    Ok(summary)
}

fn new_key_on_token(key: &TokenKey, profile: SigningProfile) -> Result<KeySummary, KeyError> {
    hsm::make(key, algorithm(profile))?;
    describe(&KeyPlace::Token(key.clone()))
}

fn algorithm(profile: SigningProfile) -> Algorithm {
    match profile {
        SigningProfile::Ed25519 => Algorithm::Ed25519,
        SigningProfile::EcdsaP256 => Algorithm::EcdsaP256,
    }
}

/// Makes an age identity at `path`, mode 0600, and its recipient at `recipient`.
///
/// # Errors
/// A file that exists already or can't be written.
pub fn new_identity(path: &Path, recipient: &Path) -> Result<KeySummary, KeyError> {
    refuse_taken([path, recipient])?;
    let identity = age::x25519::Identity::generate();
    let public = identity.to_public().to_string();
    let secret = identity.to_string();
    let text = Zeroizing::new(format!("# public key: {public}\n{}\n", secret.expose_secret()));
    write_private(path, &text)?;
    write_new(recipient, &format!("{public}\n"), 0o644)?;
    Ok(KeySummary::of_recipient(path.display(), public))
}

/// Loads the key that signs the blocks.
///
/// # Errors
/// As [`open_signing_key`], and a key of another profile.
pub fn load_signing_key(place: &KeyPlace, profile: SigningProfile) -> Result<SigningKey, KeyError> {
    let key = open_signing_key(place)?;
    match key.algorithm() == algorithm(profile) {
        true => Ok(key),
        false => Err(KeyError::of(place, "the key is not of the job's `signing.profile`; correct either")),
    }
}

/// Loads a signing key, whatever its profile. One on a token has signed once, and that signature holds.
///
/// # Errors
/// An unreadable file, one that others can read, no PKCS#8 key; a token that is not there or does not sign.
pub fn open_signing_key(place: &KeyPlace) -> Result<SigningKey, KeyError> {
    match place {
        KeyPlace::Token(key) => hsm::open(key),
        KeyPlace::File(path) => {
            let pem = read_private(path)?;
            SigningKey::from_pkcs8_pem(&pem).map_err(|error| KeyError::invalid(path, error.to_string()))
        }
    }
}

/// What a key is, without showing it.
///
/// # Errors
/// As for loading.
pub fn describe(place: &KeyPlace) -> Result<KeySummary, KeyError> {
    let KeyPlace::File(path) = place else {
        return KeySummary::of_signing_key(place, &open_signing_key(place)?);
    };
    let text = read_private(path)?;
    if let Some(line) = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")) {
        let identity: Result<age::x25519::Identity, _> = line.trim().parse();
        let identity = identity.map_err(|_| KeyError::invalid(path, "a damaged age identity"))?;
        return Ok(KeySummary::of_recipient(place, identity.to_public().to_string()));
    }
    let key = SigningKey::from_pkcs8_pem(&text)
        .map_err(|_| KeyError::invalid(path, "neither a PKCS#8 PEM key nor an age identity"))?;
    KeySummary::of_signing_key(place, &key)
}
