//! Who signs what arrives: keys of the job's `input.signers`, and detached signatures over record files, codes files and
//! announcements.
//!
//! Takes keys, a file's digests and the bytes of its signature; gives who signed it, and for which night. A signature is bound to
//! a file name and a night, so that no valid file can take another's place. Reads no file but the keys'.

mod digests;
mod error;
mod minisign;
mod statement;
#[cfg(test)]
pub(crate) mod tests;

use std::path::{Path, PathBuf};

use foreign::legible;
use jiff::civil::Date;
use twoddoc::{Algorithm, VerifyingKey};

pub use digests::FileDigests;
pub use error::{SignatureFault, SignerError};

use crate::files::open_to_writers;
use minisign::{KeyNumber, Minisignature};
use statement::Statement;

/// The largest file of a public key that is read, in bytes.
const MAX_KEY_SIZE: u64 = 16 << 10;
/// The largest signature that is read, in bytes.
pub(crate) const MAX_SIGNATURE_SIZE: u64 = 16 << 10;
/// SubjectPublicKeyInfo of Ed25519 without the key's 32 bytes (RFC 8410 §4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// The advice on an entry that is no key.
const NAME_A_KEY: &str = "write minisign's public key (`RW…`), or the path of its `.pub` file or of an Ed25519 public key in PEM (`openssl pkey -pubout`)";

/// The form of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureForm {
    /// Minisign's.
    Minisign,
    /// A statement with its Ed25519 signature.
    Statement,
}

impl SignatureForm {
    /// Both, in the order in which they are looked for.
    pub const ALL: [SignatureForm; 2] = [SignatureForm::Minisign, SignatureForm::Statement];

    /// What the name of a signature has after that of its file.
    pub fn ending(self) -> &'static str {
        match self {
            SignatureForm::Minisign => ".minisig",
            SignatureForm::Statement => ".sig",
        }
    }
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The signer, as the job names it.
    pub signer: String,
    /// The night for which the file was signed.
    pub night: Date,
}

/// The keys that may sign what arrives.
#[derive(Debug, Clone, Default)]
pub struct Signers(Vec<Signer>);

/// A key.
#[derive(Debug, Clone)]
struct Signer {
    /// As the job names it, legible.
    name: String,
    /// Minisign's number of the key.
    number: Option<KeyNumber>,
    key: VerifyingKey,
}

impl Signers {
    /// Reads the keys of `input.signers`: minisign keys as text, or files, whose paths `resolve` completes.
    ///
    /// # Errors
    /// [`SignerError`]: an entry is no Ed25519 public key, or everybody may write its file.
    pub fn read(texts: &[String], resolve: impl Fn(&str) -> PathBuf) -> Result<Signers, SignerError> {
        texts.iter().map(|text| signer(text.trim(), &resolve)).collect::<Result<_, _>>().map(Signers)
    }

    /// Whether no signature is asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks the signature of a file of this name, without its folder.
    ///
    /// # Errors
    /// [`SignatureFault`], except `Missing` and `OtherNight`, which are the caller's to find.
    pub fn check(
        &self,
        name: &str,
        digests: &FileDigests,
        form: SignatureForm,
        signature: &[u8],
    ) -> Result<Signed, SignatureFault> {
        let text = str::from_utf8(signature).map_err(|_| SignatureFault::Malformed("it is not UTF-8"))?;
        let (signer, file, night) = match form {
            SignatureForm::Minisign => self.check_minisign(digests, &Minisignature::parse(text)?)?,
            SignatureForm::Statement => self.check_statement(digests, &Statement::parse(text)?)?,
        };
        match file == name {
            true => Ok(Signed { signer: signer.name.clone(), night }),
            false => Err(SignatureFault::OtherName(file)),
        }
    }

    fn check_minisign(
        &self,
        digests: &FileDigests,
        signature: &Minisignature,
    ) -> Result<(&Signer, String, Date), SignatureFault> {
        let signer = self.0.iter().find(|signer| signer.number == Some(signature.number()));
        let signer = signer.ok_or(SignatureFault::AnotherKey)?;
        let blake2b = digests.blake2b.as_ref().ok_or(SignatureFault::Altered)?;
        let (file, night) = signature.check(&signer.key, blake2b)?;
        Ok((signer, file, night))
    }

    fn check_statement(
        &self,
        digests: &FileDigests,
        statement: &Statement,
    ) -> Result<(&Signer, String, Date), SignatureFault> {
        let made =
            |signer: &&Signer| signer.key.verify(statement.signed.as_bytes(), &statement.signature).is_ok();
        let signer = self.0.iter().find(made).ok_or(SignatureFault::AnotherKey)?;
        match statement.sha256 == digests.sha256 {
            true => Ok((signer, statement.file.to_owned(), statement.night)),
            false => Err(SignatureFault::Altered),
        }
    }
}

fn signer(text: &str, resolve: &impl Fn(&str) -> PathBuf) -> Result<Signer, SignerError> {
    let name = legible(text).into_owned();
    if let Some((number, bytes)) = minisign::public_key(text) {
        let key = ed25519(&bytes);
        return key.map(|key| Signer { name: name.clone(), number: Some(number), key }).ok_or_else(|| {
            SignerError {
                signer: name,
                reason: "no point of Ed25519".to_owned(),
                advice: NAME_A_KEY.to_owned(),
            }
        });
    }
    signer_of_file(name, &resolve(text))
}

fn signer_of_file(name: String, path: &Path) -> Result<Signer, SignerError> {
    let unfit = |reason: &str, advice: &str| SignerError {
        signer: name.clone(),
        reason: reason.to_owned(),
        advice: advice.to_owned(),
    };
    let text =
        foreign::read_text(path, MAX_KEY_SIZE).map_err(|error| unfit(&error.to_string(), NAME_A_KEY))?;
    if let Some(open) = open_to_writers(path).filter(|open| open.everybody) {
        let shown = open.path.display();
        let advice = format!("see that it is the right key, then run `chmod o-w {shown}`");
        return Err(unfit(
            "every user of this machine may write it, and so decide whose files are taken",
            &advice,
        ));
    }
    let private = "a private key, and a signer is known by the public one";
    let advice_on_private = "write its public half here, and make a new key if others could read this one";
    if text.contains("PRIVATE KEY-----") || text.contains("secret key") {
        return Err(unfit(private, advice_on_private));
    }
    if text.contains("-----BEGIN ") {
        let key = VerifyingKey::from_spki_pem(text.trim()).ok();
        let key = key.filter(|key| key.algorithm() == Algorithm::Ed25519);
        let key = key.ok_or_else(|| unfit("no Ed25519 public key in PEM", NAME_A_KEY))?;
        return Ok(Signer { name, number: None, key });
    }
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.contains("comment:"));
    let found =
        lines.next().and_then(|line| minisign::public_key(line.trim())).filter(|_| lines.next().is_none());
    let found = found.and_then(|(number, bytes)| Some((number, ed25519(&bytes)?)));
    let (number, key) = found.ok_or_else(|| unfit("no public key of minisign or in PEM", NAME_A_KEY))?;
    Ok(Signer { name, number: Some(number), key })
}

/// An Ed25519 public key; `None` for bytes that are no point.
fn ed25519(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_spki_der(&[&SPKI_PREFIX[..], bytes].concat()).ok()
}
