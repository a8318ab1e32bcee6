//! Backup of a key by k of n shares on paper.
//!
//! The key's file is sealed (ChaCha20-Poly1305) under a key that is made for this one backup, and that wrapping key is split
//! (Shamir, GF(256)). The splitting notices neither a wrong nor a foreign share, so the forms here do: each share names its set,
//! threshold and number and has a digest; the sealed key, the same on all sheets, knows the value of each share by its hash,
//! and its own hash names the set.

mod entropy;
mod error;
mod reading;
mod share;
#[cfg(test)]
mod tests;
mod words;

use std::path::Path;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use vsss_rs::Gf256;
use zeroize::{Zeroize as _, Zeroizing};

use super::key_error::KeyError;
use super::keys::{KeySummary, describe, describe_all, random_seed, read_private, write_new, write_private};
use crate::files::{hexadecimal, open_to_writers, private_folder};
use crate::job::KeyLocation;
use entropy::PreparedEntropy;
use share::{KEY, MOST, SealedKey};

pub(crate) use error::SharesError;
pub(crate) use reading::read_shares;
pub(crate) use share::KeyShare;

/// The largest file of a key that is split, in bytes: what fits the largest symbol with its share.
const MOST_BYTES: usize = 1024;

/// A key whose shares were recovered, not yet written.
pub(crate) struct RecoveredKey {
    text: Zeroizing<String>,
    /// The fingerprint that its backup names.
    fingerprint: String,
}

/// Splits the key of a file into `count` shares, of which any `needed` recover it.
///
/// # Errors
/// [`SharesError::Counts`]; [`SharesError::TooLarge`]; those of the key.
pub(crate) fn split_key(
    file: &Path,
    needed: u8,
    count: u8,
) -> Result<(KeySummary, Vec<KeyShare>), SharesError> {
    if needed < 2 || needed > count || usize::from(count) > MOST {
        return Err(SharesError::Counts { needed, count });
    }
    let text = read_private(file)?;
    if text.len() > MOST_BYTES {
        let file = file.display().to_string();
        return Err(SharesError::TooLarge { file, size: text.len(), most: MOST_BYTES });
    }
    let summary = describe(&KeyLocation::File(file.to_owned()))?;
    let wrapping = random_seed()?;
    let mut values = split(&wrapping, needed, count)?;
    let mut key = SealedKey {
        needed,
        count,
        fingerprint: id_of(&summary.fingerprint),
        values: Vec::new(),
        sealed: text.as_bytes().to_vec(),
    };
    let associated = key.associated();
    cipher(&wrapping)?
        .seal_in_place_append_tag(nonce(), Aad::from(&associated), &mut key.sealed)
        .map_err(|_| failed("the key can't be sealed"))?;
    let share = |index: u8, value: &mut Vec<u8>| {
        let mut own = Zeroizing::new([0; KEY]);
        own.iter_mut().zip(value.iter().skip(1)).for_each(|(to, from)| *to = *from);
        value.zeroize();
        KeyShare {
            index,
            set: Default::default(),
            needed,
            count,
            value: own,
            key: None,
            place: String::new(),
        }
    };
    let mut shares: Vec<KeyShare> =
        (1..=count).zip(&mut values).map(|(index, value)| share(index, value)).collect();
    key.values = shares.iter().map(KeyShare::known_by).collect();
    let set = key.set();
    for share in &mut shares {
        (share.set, share.key) = (set, Some(key.clone()));
    }
    Ok((summary, shares))
}

/// Splits a wrapping key: for each share its number and its value.
fn split(wrapping: &[u8; KEY], needed: u8, count: u8) -> Result<Vec<Vec<u8>>, SharesError> {
    let mut entropy = PreparedEntropy::draw()?;
    let values = Gf256::split_bytes(needed.into(), count.into(), wrapping, &mut entropy);
    let values = values.map_err(|_| failed("the wrapping key can't be split"))?;
    let numbered = (1..=count).zip(&values).all(|(index, value)| value.first() == Some(&index));
    if entropy.ran_out() || !numbered || values.iter().any(|value| value.len() != KEY + 1) {
        return Err(failed("the wrapping key can't be split"));
    }
    Ok(values)
}

/// Recovers a key from its shares.
///
/// # Errors
/// The share that is foreign, given twice or wrong; [`SharesError::TooFew`]: how many are missing; [`SharesError::Altered`].
pub(crate) fn recover_key(shares: &[KeyShare]) -> Result<RecoveredKey, SharesError> {
    let set = set_of_most(shares).ok_or(SharesError::None)?;
    if let Some(foreign) = shares.iter().find(|share| share.set != set) {
        return Err(SharesError::Foreign {
            place: foreign.place.clone(),
            index: foreign.index,
            set: foreign.set(),
            expected: hexadecimal(set),
        });
    }
    let key = shares.iter().find_map(|share| share.key.as_ref()).ok_or(SharesError::NoKey)?;
    for (number, share) in shares.iter().enumerate() {
        let known = key.values.get(usize::from(share.index).wrapping_sub(1));
        if known != Some(&share.known_by()) {
            let reason = "its value is not the one that was given out";
            return Err(SharesError::Wrong { place: share.place.clone(), reason });
        }
        if let Some(before) = shares.iter().take(number).find(|other| other.index == share.index) {
            let (place, before) = (share.place.clone(), before.place.clone());
            return Err(SharesError::Doubled { place, index: share.index, before });
        }
    }
    let there = shares.len() as u8;
    if there < key.needed {
        let others = (1..=key.count).filter(|index| shares.iter().all(|share| share.index != *index));
        return Err(SharesError::TooFew { there, needed: key.needed, others: others.collect() });
    }
    let text = open(key, shares)?;
    Ok(RecoveredKey { text, fingerprint: hexadecimal(key.fingerprint) })
}

/// The set to which most shares belong; of several the first.
fn set_of_most(shares: &[KeyShare]) -> Option<share::Id> {
    let of = |set: &share::Id| shares.iter().filter(|share| share.set == *set).count();
    let most = shares.iter().map(|share| of(&share.set)).max()?;
    shares.iter().map(|share| share.set).find(|set| of(set) == most)
}

fn open(key: &SealedKey, shares: &[KeyShare]) -> Result<Zeroizing<String>, SharesError> {
    let mut values: Vec<Vec<u8>> = shares
        .iter()
        .take(key.needed.into())
        .map(|share| std::iter::once(share.index).chain(share.value.iter().copied()).collect())
        .collect();
    let combined = Gf256::combine_bytes(&values).map(Zeroizing::new);
    values.iter_mut().for_each(|value| value.zeroize());
    let combined = combined.map_err(|_| SharesError::Altered)?;
    let wrapping: &[u8; KEY] = combined[..].try_into().map_err(|_| SharesError::Altered)?;
    let mut sealed = Zeroizing::new(key.sealed.clone());
    let plain = cipher(wrapping)?
        .open_in_place(nonce(), Aad::from(&key.associated()), &mut sealed)
        .map_err(|_| SharesError::Altered)?;
    std::str::from_utf8(plain).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| SharesError::Altered)
}

/// Writes a recovered key to a new file, mode 0600, byte for byte what was split, and describes it.
///
/// # Errors
/// [`KeyError::Invalid`]: there is a file already, or the key is not the one that its backup names; [`KeyError::Io`].
pub(crate) fn restore_key(key: &RecoveredKey, output: &Path) -> Result<Vec<KeySummary>, SharesError> {
    write_private(output, &key.text)?;
    let location = KeyLocation::File(output.to_owned());
    let found = describe_all(&location)?;
    let same = read_private(output)?.as_str() == key.text.as_str();
    match same && found.first().is_some_and(|first| first.fingerprint == key.fingerprint) {
        true => Ok(found),
        false => Err(KeyError::of(&location, "what was written is not the key that its backup names").into()),
    }
}

/// Writes a file that holds a share, mode 0600, into a folder that is made private where it is missing. Never overwrites.
///
/// # Errors
/// [`KeyError::LooseFolder`]: everybody may write the folder; [`KeyError::Invalid`]: there is a file already;
/// [`KeyError::Io`].
pub(crate) fn write_share_file(file: &Path, content: &[u8]) -> Result<(), KeyError> {
    if let Some(folder) = file.parent() {
        private_folder(folder)?;
    }
    if let Some(open) = open_to_writers(file).filter(|open| open.everybody) {
        return Err(KeyError::LooseFolder { path: open.path.display().to_string(), mode: open.mode });
    }
    write_new(file, content, 0o600)
}

fn cipher(wrapping: &[u8; KEY]) -> Result<LessSafeKey, SharesError> {
    UnboundKey::new(&CHACHA20_POLY1305, wrapping)
        .map(LessSafeKey::new)
        .map_err(|_| failed("a key of another length"))
}

/// The one nonce: each wrapping key seals one file.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn failed(what: &str) -> SharesError {
    SharesError::Key(KeyError::Io(std::io::Error::other(what.to_owned())))
}

/// The bytes of a fingerprint.
fn id_of(fingerprint: &str) -> share::Id {
    let mut id = share::Id::default();
    for (byte, digits) in id.iter_mut().zip(fingerprint.as_bytes().chunks(2)) {
        *byte = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .unwrap_or(0);
    }
    id
}
