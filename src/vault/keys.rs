//! Keys: generated, written to files that only their owner can read, loaded, and described by their public half.

use std::fmt;
use std::io;
use std::path::Path;

use age::secrecy::ExposeSecret;
use foreign::UnreadableFile;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::hsm;
use super::identities::Identities;
use super::key_error::KeyError;
use crate::files::{self, open_to_writers};
use crate::job::{KeyLocation, SigningProfile, TokenKey};
use twoddoc::{Algorithm, SigningKey, VerifyingKey};

/// The largest key file that is read, in bytes.
pub(super) const MAX_KEY_FILE_SIZE: u64 = 64 << 10;

/// Reads a private file; refuses one that others than its owner can read, that everybody can replace, or that has a second
/// name (Unix).
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    drop(foreign::open_regular(path)?);
    refuse_loose(path)?;
    if let Some(open) = open_to_writers(path).filter(|open| open.everybody) {
        return Err(KeyError::LooseFolder { path: open.path.display().to_string(), mode: open.mode });
    }
    Ok(Zeroizing::new(foreign::read_text(path, MAX_KEY_FILE_SIZE)?))
}

#[cfg(unix)]
fn refuse_loose(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).map_err(|error| UnreadableFile::new(path, error))?;
    let (mode, links) = (metadata.permissions().mode() & 0o777, metadata.nlink());
    let file = path.display().to_string();
    match (mode & 0o077, metadata.is_file() && links > 1) {
        (0, false) => Ok(()),
        // To close it would help nobody: reading it says what it is.
        _ if is_public(path) => Ok(()),
        (0, true) => Err(KeyError::HardLinked { file, links }),
        _ => Err(KeyError::Loose { file, mode }),
    }
}

/// Whether a file holds a public key or a certificate, and nothing private.
#[cfg(unix)]
fn is_public(path: &Path) -> bool {
    let text = foreign::read_text(path, MAX_KEY_FILE_SIZE).map(Zeroizing::new).unwrap_or_default();
    let begins = |label: &str| text.contains(&format!("-----BEGIN {label}-----"));
    let private = ["PRIVATE", "AGE-SECRET-KEY", "age-secret-key"].iter().any(|mark| text.contains(mark));
    (begins("PUBLIC KEY") || begins("CERTIFICATE")) && !private
}

#[cfg(not(unix))]
fn refuse_loose(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

/// Writes a new private file, mode 0600. Never overwrites.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), KeyError> {
    write_new(path, text, 0o600)
}

/// Refuses paths where a file exists, before either half of a key pair is written.
pub(super) fn refuse_existing(paths: [&Path; 2]) -> Result<(), KeyError> {
    let existing = paths.into_iter().find(|path| path.exists());
    existing.map_or(Ok(()), |path| Err(already_there(path)))
}

/// Writes a certificate request. Never overwrites.
///
/// # Errors
/// [`KeyError::Invalid`]: there is a file already; [`KeyError::Io`]: it can't be written.
pub(crate) fn write_request(path: &Path, pem: &str) -> Result<(), KeyError> {
    write_new(path, pem, 0o644)
}

pub(super) fn write_new(path: &Path, content: impl AsRef<[u8]>, mode: u32) -> Result<(), KeyError> {
    files::write_new(path, content, mode).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => already_there(path),
        _ => KeyError::Io(error),
    })
}

fn already_there(path: &Path) -> KeyError {
    KeyError::invalid(path, "there is a file already; keys, requests and shares are never overwritten")
}

/// A key without its private half.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeySummary {
    /// The file, or the URI of a key on a token.
    pub file: String,
    /// `ed25519`, `ecdsa-p256` or `age`.
    pub kind: String,
    /// The public key: PEM, or an age recipient.
    pub public: String,
    /// The first sixteen hexadecimal digits of a SHA-256: over the SubjectPublicKeyInfo in DER, by which `pli verify` names
    /// a key; over an age recipient's text.
    pub fingerprint: String,
}

impl KeySummary {
    pub(super) fn of_recipient(location: impl fmt::Display, recipient: String) -> KeySummary {
        let fingerprint = fingerprint(recipient.as_bytes());
        KeySummary { file: location.to_string(), kind: "age".to_owned(), public: recipient, fingerprint }
    }

    /// The summary of a loaded signing key.
    ///
    /// # Errors
    /// [`KeyError::Invalid`]: the public key can't be encoded.
    pub(crate) fn of_signing_key(location: &KeyLocation, key: &SigningKey) -> Result<KeySummary, KeyError> {
        KeySummary::of_public_key(location, &key.verifying_key())
    }

    /// The summary of a public signing key.
    ///
    /// # Errors
    /// [`KeyError::Invalid`]: it can't be encoded.
    fn of_public_key(location: &KeyLocation, public: &VerifyingKey) -> Result<KeySummary, KeyError> {
        let invalid = |error: twoddoc::KeyError| KeyError::of(location, error.to_string());
        Ok(KeySummary {
            file: location.to_string(),
            kind: public.algorithm().name().to_owned(),
            public: public.to_spki_pem().map_err(invalid)?,
            fingerprint: fingerprint(&public.to_spki_der().map_err(invalid)?),
        })
    }
}

/// The first sixteen hexadecimal digits of the SHA-256 of a public key.
pub(super) fn fingerprint(public: &[u8]) -> String {
    files::hexadecimal(&Sha256::digest(public)[..8])
}

/// 32 bytes of the system's entropy.
pub(super) fn random_seed() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut seed = Zeroizing::new([0u8; 32]);
    getrandom::fill(seed.as_mut()).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(seed)
}

/// Generates a signing key: in a file (PKCS#8 PEM, mode 0600) with its public key beside it (`.pub`), or on a token.
///
/// # Errors
/// [`KeyError::Invalid`]: there is such a file or key already, or the token can't generate one; [`KeyError::Io`];
/// [`KeyError::Unreachable`].
pub fn new_signing_key(location: &KeyLocation, profile: SigningProfile) -> Result<KeySummary, KeyError> {
    match location {
        KeyLocation::File(path) => new_key_file(path, profile),
        KeyLocation::Token(key) => new_key_on_token(key, profile),
    }
}

fn new_key_file(path: &Path, profile: SigningProfile) -> Result<KeySummary, KeyError> {
    let public = path.with_extension("pub");
    refuse_existing([path, &public])?;
    let failed = |error: twoddoc::KeyError| KeyError::invalid(path, error.to_string());
    let key = SigningKey::from_seed(algorithm(profile), &*random_seed()?).map_err(failed)?;
    write_private(path, &key.to_pkcs8_pem().map_err(failed)?)?;
    let summary = describe(&KeyLocation::File(path.to_owned()))?;
    write_new(&public, &summary.public, 0o644)?;
    Ok(summary)
}

/// Generates an Ed25519 key in a file (PKCS#8 PEM, mode 0600) without a public half beside it. Never overwrites.
///
/// # Errors
/// [`KeyError::Invalid`]: there is a file already; [`KeyError::Io`].
pub(crate) fn make_key_file(path: &Path) -> Result<(), KeyError> {
    let failed = |error: twoddoc::KeyError| KeyError::invalid(path, error.to_string());
    let key = SigningKey::from_seed(Algorithm::Ed25519, &*random_seed()?).map_err(failed)?;
    write_private(path, &key.to_pkcs8_pem().map_err(failed)?)
}

fn new_key_on_token(key: &TokenKey, profile: SigningProfile) -> Result<KeySummary, KeyError> {
    hsm::generate(key, algorithm(profile))?;
    describe(&KeyLocation::Token(key.clone()))
}

fn algorithm(profile: SigningProfile) -> Algorithm {
    match profile {
        SigningProfile::Ed25519 => Algorithm::Ed25519,
        SigningProfile::EcdsaP256 => Algorithm::EcdsaP256,
    }
}

/// Generates an age identity and writes it to `path` (mode 0600), its recipient to `recipient`.
///
/// # Errors
/// [`KeyError::Invalid`]: there is a file already; [`KeyError::Io`]: one can't be written.
pub fn new_identity(path: &Path, recipient: &Path) -> Result<KeySummary, KeyError> {
    new_identity_before(path, recipient, "")
}

/// Like [`new_identity`]; the file also holds the lines of older identities, after the new one.
///
/// # Errors
/// Those of [`new_identity`].
pub(super) fn new_identity_before(
    path: &Path,
    recipient: &Path,
    older: &str,
) -> Result<KeySummary, KeyError> {
    refuse_existing([path, recipient])?;
    let identity = age::x25519::Identity::generate();
    let public = identity.to_public().to_string();
    let secret = identity.to_string();
    let text = Zeroizing::new(format!("# public key: {public}\n{}\n{older}", secret.expose_secret()));
    write_private(path, &text)?;
    write_new(recipient, format!("{public}\n"), 0o644)?;
    Ok(KeySummary::of_recipient(path.display(), public))
}

/// Loads the key that signs the blocks.
///
/// # Errors
/// Those of [`open_signing_key`]; [`KeyError::Invalid`]: the key is of another profile.
pub(crate) fn load_signing_key(
    location: &KeyLocation,
    profile: SigningProfile,
) -> Result<SigningKey, KeyError> {
    let key = open_signing_key(location)?;
    match key.algorithm() == algorithm(profile) {
        true => Ok(key),
        false => Err(KeyError::of(location, "the key is not of the job's `signing.profile`; correct either")),
    }
}

/// Loads a signing key of any profile. A key on a token signs once, to prove that it can.
///
/// # Errors
/// [`KeyError::Unreadable`]; [`KeyError::Loose`]: others can read it; [`KeyError::Invalid`]: it holds no
/// PKCS#8 key, or the token no usable one; [`KeyError::Unreachable`]: the HSM is not there or fails.
pub(crate) fn open_signing_key(location: &KeyLocation) -> Result<SigningKey, KeyError> {
    match location {
        KeyLocation::Token(key) => hsm::open(key),
        KeyLocation::File(path) => {
            let pem = read_private(path)?;
            signing_key(path, &pem)
        }
    }
}

/// Parses a signing key; another kind of key in PEM is named, with how to convert it.
fn signing_key(path: &Path, pem: &str) -> Result<SigningKey, KeyError> {
    let (begin, end) = ("-----BEGIN ", "-----");
    let label = pem.split_once(begin).and_then(|(_, rest)| Some(rest.split_once(end)?.0));
    SigningKey::from_pkcs8_pem(pem).map_err(|error| {
        let file = path.display();
        let (reason, advice) = match label {
            Some("ENCRYPTED PRIVATE KEY") => (
                "this private key has a passphrase, and nobody is there at night to type it".to_owned(),
                format!("write it without one: `openssl pkcs8 -in {file} -out KEY.pem`, then `chmod 600 KEY.pem`"),
            ),
            Some("EC PRIVATE KEY") => (
                "this private key is in the form of SEC 1, and PKCS#8 is read".to_owned(),
                format!("convert it: `openssl pkcs8 -topk8 -nocrypt -in {file} -out KEY.pem`, then `chmod 600 KEY.pem`"),
            ),
            Some("PUBLIC KEY" | "CERTIFICATE") => (
                "this is a public key, and the private one is needed".to_owned(),
                "name the private key's file, or restore it from its backup".to_owned(),
            ),
            _ => (error.to_string(), "name the signing key's file, or restore it from its backup".to_owned()),
        };
        KeyError::invalid(path, reason).with_advice(advice)
    })
}

/// Describes the signing key or the age identities of a file, or a key on a token, by their public halves.
///
/// # Errors
/// Those of [`open_signing_key`].
pub(crate) fn describe_all(location: &KeyLocation) -> Result<Vec<KeySummary>, KeyError> {
    let KeyLocation::File(path) = location else {
        return Ok(vec![KeySummary::of_signing_key(location, &open_signing_key(location)?)?]);
    };
    let text = read_private(path)?;
    if Identities::are_in(&text) {
        let recipients = Identities::parse(path, &text)?.recipients().into_iter();
        return Ok(recipients.map(|recipient| KeySummary::of_recipient(location, recipient)).collect());
    }
    Ok(vec![KeySummary::of_signing_key(location, &signing_key(path, &text)?)?])
}

/// Describes the one key that an argument names: a private key in a file or on a token, a file with a public key, or a
/// recipient (`age1…`).
///
/// # Errors
/// Those of [`describe_all`]; [`KeyError::Invalid`]: there are several.
pub(crate) fn describe_public(location: &KeyLocation) -> Result<KeySummary, KeyError> {
    let mut found = match location {
        KeyLocation::File(path) => public_keys(location, path)?.map_or_else(|| describe_all(location), Ok)?,
        KeyLocation::Token(_) => describe_all(location)?,
    };
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(KeyError::of(location, "no key in it")),
        (Some(_), false) => Err(KeyError::of(location, "several keys in it")
            .with_advice("name the one that is meant by its recipient (`age1…`), as `pli keys list` prints it with `--json`")),
    }
}

/// The public keys that a path names, or that its file holds; `None` where it holds private ones.
fn public_keys(location: &KeyLocation, path: &Path) -> Result<Option<Vec<KeySummary>>, KeyError> {
    let named = path.to_str().filter(|text| text.starts_with("age1") && !path.exists());
    let text = match named {
        Some(text) => Zeroizing::new(text.to_owned()),
        None => Zeroizing::new(foreign::read_text(path, MAX_KEY_FILE_SIZE)?),
    };
    if text.contains("-----BEGIN PUBLIC KEY-----") {
        let key = VerifyingKey::from_spki_pem(&text);
        let key = key.map_err(|error| KeyError::of(location, error.to_string()))?;
        return KeySummary::of_public_key(location, &key).map(|summary| Some(vec![summary]));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    if lines.is_empty() || !lines.iter().all(|line| line.starts_with("age1")) {
        return Ok(None);
    }
    let recipients = lines.iter().map(|line| {
        let sound = line.parse::<age::x25519::Recipient>();
        let recipient =
            sound.map_err(|_| KeyError::of(location, "a mistyped age recipient: its checksum is wrong"))?;
        Ok(KeySummary::of_recipient(location, recipient.to_string()))
    });
    recipients.collect::<Result<_, KeyError>>().map(Some)
}

/// Describes the one key of a file or token, or the first identity of a file.
///
/// # Errors
/// Those of [`describe_all`].
pub(crate) fn describe(location: &KeyLocation) -> Result<KeySummary, KeyError> {
    let first = describe_all(location)?.into_iter().next();
    first.ok_or_else(|| KeyError::of(location, "no key in it"))
}
