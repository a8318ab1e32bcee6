//! The successor of a key: of the same kind and profile, in a place of its own. The old key stays as it is.

use zeroize::Zeroizing;

use super::identities::Identities;
use super::key_error::KeyError;
use super::keys::{KeySummary, new_identity_before, new_signing_key, open_signing_key, read_private};
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

/// Makes the successor of a key. A new file of identities holds the new identity and then all of the old file, so that what was
/// sealed to these still opens.
///
/// # Errors
/// Those of the old key; [`KeyError::Invalid`]: there is such a file or key already, or an identity is to lie on a token.
pub(crate) fn rotated_key(old: &KeyLocation, output: &KeyLocation) -> Result<RotatedKey, KeyError> {
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
