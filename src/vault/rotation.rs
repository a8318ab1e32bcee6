//! The successor of a key: of the same kind and profile, in a place of its own. The old key stays as it is.
//!
//! The register names the successor's place before the key is made ([`Following`]), so that a rotation which is killed in between
//! is finished by the same command, and no run takes the key without its dates meanwhile.

use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::identities::Identities;
use super::key_error::KeyError;
use super::keys::{
    KeySummary, describe, new_identity_before, new_signing_key, open_signing_key, read_private, write_new,
};
use crate::job::{KeyLocation, SigningProfile};
use twoddoc::{Algorithm, SigningKey};

/// A key and its successor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RotatedKey {
    /// The key that was there: of a file with several identities, the first.
    pub old: KeySummary,
    /// The new one.
    pub new: KeySummary,
}

/// A successor that is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Following {
    /// Where it will lie: its file or URI.
    pub file: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
}

impl Following {
    /// Whether a key is the successor, as far as names tell: the job may name the public half, and from another folder.
    pub(super) fn is(&self, key: &KeySummary) -> bool {
        let name = |file: &str| match file.split_once('?') {
            Some((uri, _)) if uri.starts_with("pkcs11:") => Some(uri.to_owned()),
            _ => Some(Path::new(file).file_stem()?.to_string_lossy().into_owned()),
        };
        name(&self.file) == name(&key.file)
    }
}

/// Makes the successor of a key. A new file of identities holds the new identity and then all of the old file, so that what was
/// sealed to these still opens. `begun`: a rotation to this place was begun before; the key that it made is taken.
///
/// # Errors
/// Those of the old key; [`KeyError::Invalid`]: there is such a file or key already, or an identity is to lie on a token.
pub(crate) fn rotated_key(
    old: &KeyLocation,
    output: &KeyLocation,
    begun: bool,
) -> Result<RotatedKey, KeyError> {
    if begun && let Some(new) = made_before(old, output)? {
        return Ok(RotatedKey { old: describe(old)?, new });
    }
    made(old, output)
}

/// The successor that a killed rotation has made, with its public half beside it; `None` where it made none.
fn made_before(old: &KeyLocation, output: &KeyLocation) -> Result<Option<KeySummary>, KeyError> {
    let old = describe(old)?;
    let is_successor = |new: &KeySummary| new.kind == old.kind && new.public != old.public;
    let KeyLocation::File(path) = output else {
        // A token does not say why it has no such key: making it tells.
        return Ok(describe(output).ok().filter(is_successor));
    };
    if !path.exists() {
        return Ok(None);
    }
    let Some(new) = Some(describe(output)?).filter(is_successor) else { return Ok(None) };
    let public = path.with_extension("pub");
    if !public.exists() {
        let end = if new.kind == "age" { "\n" } else { "" };
        write_new(&public, format!("{}{end}", new.public), 0o644)?;
    }
    Ok(Some(new))
}

fn made(old: &KeyLocation, output: &KeyLocation) -> Result<RotatedKey, KeyError> {
    let KeyLocation::File(path) = old else {
        return rotated_signing_key(old, &open_signing_key(old)?, output);
    };
    let text = read_private(path)?;
    if !Identities::are_in(&text) {
        return rotated_signing_key(old, &open_signing_key(old)?, output);
    }
    let KeyLocation::File(output) = output else {
        let reason = "only a signing key can lie on a token, and this one's successor is an age identity";
        return Err(KeyError::of(output, reason).with_advice("name a file"));
    };
    let older = Identities::parse(path, &text)?;
    let first = older.recipients().into_iter().next().unwrap_or_default();
    let before: Zeroizing<String> = older.lines();
    let new = new_identity_before(output, &output.with_extension("pub"), &before)?;
    Ok(RotatedKey { old: KeySummary::of_recipient(old, first), new })
}

fn rotated_signing_key(
    location: &KeyLocation,
    key: &SigningKey,
    output: &KeyLocation,
) -> Result<RotatedKey, KeyError> {
    let profile = match key.algorithm() {
        Algorithm::Ed25519 => SigningProfile::Ed25519,
        Algorithm::EcdsaP256 => SigningProfile::EcdsaP256,
        other => {
            return Err(KeyError::of(location, format!("a key of kind {other}, which no job signs with")));
        }
    };
    Ok(RotatedKey { old: KeySummary::of_signing_key(location, key)?, new: new_signing_key(output, profile)? })
}
