//! A share, and the sealed key that all shares of a set carry: their bytes, lines and machine code.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::words::{LINE, line, push_base32};
use crate::files::hexadecimal;

/// The version of both forms.
const VERSION: u8 = 1;
/// The bytes of the wrapping key, and so of a share of it.
pub(super) const KEY: usize = 32;
/// The bytes of a share: version, needed, count, index, set, value, digest.
pub(super) const SHARE: usize = 4 + ID + KEY + DIGEST;
/// The bytes of what names a set, a key or a share's value.
const ID: usize = 8;
/// The bytes of a share's digest.
const DIGEST: usize = 12;
/// How the text of a machine code begins.
pub(super) const CODE: &str = "PLIKEYSHARE1";
/// What parts share and sealed key in it: a digit that base32 has not.
pub(super) const PARTS: char = '1';
/// The most shares of a set.
pub(super) const MOST: usize = 16;

/// What names a set, a key or a share's value.
pub(super) type Id = [u8; ID];

/// The sealed key of a set, the same on all its shares.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SealedKey {
    /// How many shares recover the key.
    pub needed: u8,
    /// How many shares there are.
    pub count: u8,
    /// The fingerprint of the key, or of the first identity of its file.
    pub fingerprint: Id,
    /// What the value of each share is known by.
    pub values: Vec<Id>,
    /// The key's file under the wrapping key, with its tag.
    pub sealed: Vec<u8>,
}

/// A share of a key.
pub(crate) struct KeyShare {
    /// Its number, from 1.
    pub(super) index: u8,
    /// Its set.
    pub(super) set: Id,
    pub(super) needed: u8,
    pub(super) count: u8,
    /// Its share of the wrapping key.
    pub(super) value: Zeroizing<[u8; KEY]>,
    /// The set's sealed key, where it was given with this share.
    pub(super) key: Option<SealedKey>,
    /// Where it was read, for messages.
    pub(super) place: String,
}

impl SealedKey {
    /// What is authenticated with the sealed file.
    pub(super) fn associated(&self) -> Vec<u8> {
        [b"pli key backup".as_slice(), &[VERSION, self.needed, self.count], &self.fingerprint].concat()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.needed, self.count];
        bytes.extend(self.fingerprint);
        bytes.extend(self.values.iter().flatten());
        bytes.extend((self.sealed.len() as u16).to_be_bytes());
        bytes.extend(&self.sealed);
        bytes
    }

    /// Reads the bytes of a sealed key, which zeros may follow; `None` where they are none.
    pub(super) fn parse(bytes: &[u8]) -> Option<SealedKey> {
        let (&[version, needed, count], rest) = bytes.split_first_chunk::<3>()?;
        let (fingerprint, mut rest) = rest.split_first_chunk::<ID>()?;
        if version != VERSION || usize::from(count) > MOST || needed < 2 || needed > count {
            return None;
        }
        let mut values = Vec::with_capacity(count.into());
        for _ in 0..count {
            let (value, after) = rest.split_first_chunk::<ID>()?;
            values.push(*value);
            rest = after;
        }
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (sealed, padding) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        let sound = padding.len() < LINE && padding.iter().all(|byte| *byte == 0);
        sound.then(|| SealedKey { needed, count, fingerprint: *fingerprint, values, sealed: sealed.to_vec() })
    }

    /// What names its set: nobody can exchange the sealed key, or what a value is known by, without being found by the others'
    /// shares.
    pub(super) fn set(&self) -> Id {
        id(b"pli key shares set", &self.bytes())
    }
}

impl KeyShare {
    /// Its number, from 1.
    pub(crate) fn index(&self) -> u8 {
        self.index
    }

    /// How many shares its set has.
    pub(crate) fn count(&self) -> u8 {
        self.count
    }

    /// How many shares recover the key.
    pub(crate) fn needed(&self) -> u8 {
        self.needed
    }

    /// The name of its set.
    pub(crate) fn set(&self) -> String {
        hexadecimal(self.set)
    }

    pub(super) fn bytes(&self) -> Zeroizing<[u8; SHARE]> {
        let mut bytes = Zeroizing::new([0; SHARE]);
        let parts = [&[VERSION, self.needed, self.count, self.index][..], &self.set, &self.value[..]];
        bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        let digest = digest(&bytes[..SHARE - DIGEST]);
        bytes.iter_mut().skip(SHARE - DIGEST).zip(digest).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Reads the bytes of a share; `None` where they are none, or damaged.
    pub(super) fn parse(bytes: &[u8], place: String) -> Option<KeyShare> {
        let bytes: &[u8; SHARE] = bytes.try_into().ok()?;
        let (content, own) = bytes.split_at(SHARE - DIGEST);
        let (&[version, needed, count, index], rest) = content.split_first_chunk::<4>()?;
        let (set, value) = rest.split_first_chunk::<ID>()?;
        let sound = version == VERSION && own == digest(content) && (1..=count).contains(&index);
        let value = Zeroizing::new(value.try_into().ok()?);
        sound.then(|| KeyShare { index, set: *set, needed, count, value, key: None, place })
    }

    /// What its value is known by in the sealed key.
    pub(super) fn known_by(&self) -> Id {
        id(&[b"pli key share", &[self.index][..]].concat(), &self.value[..])
    }

    /// Its lines of words: the share's, then those of the sealed key.
    pub(crate) fn lines(&self) -> Vec<Zeroizing<String>> {
        let key = self.key.as_ref().map(SealedKey::bytes).unwrap_or_default();
        let labelled = |letter: char, bytes: &[u8]| -> Vec<Zeroizing<String>> {
            let parts = (1..).zip(bytes.chunks(LINE));
            parts.map(|(number, part)| line(&format!("{letter}{number}"), part)).collect()
        };
        let mut lines = labelled('s', &self.bytes()[..]);
        lines.extend(labelled('k', &key));
        lines
    }

    /// The text of its machine code: capitals and digits.
    pub(crate) fn code(&self) -> Zeroizing<String> {
        let key = self.key.as_ref().map(SealedKey::bytes).unwrap_or_default();
        let mut code = Zeroizing::new(String::with_capacity(CODE.len() + 2 * (SHARE + key.len()) + 8));
        code.push_str(CODE);
        push_base32(&mut code, &self.bytes()[..]);
        code.push(PARTS);
        push_base32(&mut code, &key);
        code
    }
}

fn digest(bytes: &[u8]) -> [u8; DIGEST] {
    let whole = Sha256::new().chain_update(b"pli key share digest").chain_update(bytes).finalize();
    let mut digest = [0; DIGEST];
    digest.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    digest
}

fn id(what: &[u8], bytes: &[u8]) -> Id {
    let whole = Sha256::new().chain_update(what).chain_update(bytes).finalize();
    let mut id = [0; ID];
    id.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    id
}
