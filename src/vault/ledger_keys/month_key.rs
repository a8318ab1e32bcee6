//! The key of a month's personal columns: ChaCha20-Poly1305 (RFC 8439) under a key for each process that seals.
//!
//! Sealed bytes are a version, a nonce of 24 bytes, the ciphertext and its tag of 16. The table and the number of the row are
//! authenticated, so that a column opens in its own row only. The nonce is 16 random bytes, drawn once a process, and a counter
//! of 8. As in XChaCha20, the random bytes derive a key from that of the month and the counter is the nonce under it, so that no
//! two processes have a nonce in common; the derivation is HMAC-SHA256.

use std::cell::{Cell, RefCell};
use std::io;

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;
use zeroize::Zeroize;

use super::index_key::Secret;

/// The first byte of a sealed column.
const VERSION: u8 = 1;
const NONCE: usize = 24;
const BEGINNING: usize = 16;
const TAG: usize = 16;
/// What sealing adds, in bytes.
const OVERHEAD: usize = 1 + NONCE + TAG;

/// The row of a sealed column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) table: &'static str,
    pub(super) number: u64,
}

impl Row {
    /// What is authenticated beside the column.
    fn associated(self) -> Aad<Vec<u8>> {
        Aad::from([&self.number.to_be_bytes(), self.table.as_bytes()].concat())
    }
}

/// A month's key, ready to use.
pub(super) struct MonthKey {
    key: Secret,
    /// The key of this process, derived with the beginning of its nonces.
    own: LessSafeKey,
    beginning: [u8; BEGINNING],
    /// The key of the process that sealed what was opened last, with the beginning of its nonces.
    last_opened: RefCell<Option<([u8; BEGINNING], LessSafeKey)>>,
    /// How many columns this process has sealed under this key.
    sealed: Cell<u64>,
}

impl MonthKey {
    /// A key with the random beginning of its nonces.
    ///
    /// # Errors
    /// None in practice: `ring` refuses only keys of another length.
    pub(super) fn new(key: &Secret, beginning: [u8; BEGINNING]) -> io::Result<MonthKey> {
        let own = derived(key, &beginning)?;
        let (last_opened, sealed) = (RefCell::new(None), Cell::new(0));
        Ok(MonthKey { key: key.clone(), own, beginning, last_opened, sealed })
    }

    /// Seals a column. `sealed` is emptied first.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`]: the column is longer than the cipher takes, 256 GiB.
    pub(super) fn seal(&self, row: Row, clear: &[u8], sealed: &mut Vec<u8>) -> io::Result<()> {
        let counter = self.sealed.replace(self.sealed.get() + 1).to_be_bytes();
        sealed.clear();
        sealed.reserve(OVERHEAD + clear.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.beginning);
        sealed.extend_from_slice(&counter);
        sealed.extend_from_slice(clear);
        let column = &mut sealed[1 + NONCE..];
        match self.own.seal_in_place_separate_tag(nonce(counter), row.associated(), column) {
            Ok(tag) => sealed.extend_from_slice(tag.as_ref()),
            Err(_) => {
                sealed.zeroize();
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "a column is too long to be sealed"));
            }
        }
        Ok(())
    }

    /// Opens a column. `clear` is emptied first, and stays empty where the column was altered or is another row's (`None`).
    pub(super) fn unseal(&self, row: Row, sealed: &[u8], clear: &mut Vec<u8>) -> Option<()> {
        clear.clear();
        let (beginning, rest) = sealed.strip_prefix(&[VERSION])?.split_first_chunk::<BEGINNING>()?;
        let (counter, column) = rest.split_first_chunk::<{ NONCE - BEGINNING }>()?;
        let length = column.len().checked_sub(TAG)?;
        clear.extend_from_slice(column);
        let mut last = self.last_opened.borrow_mut();
        if last.as_ref().is_none_or(|(of, _)| of != beginning) {
            *last = Some((*beginning, derived(&self.key, beginning).ok()?));
        }
        let (_, key) = last.as_ref()?;
        let opened = key.open_in_place(nonce(*counter), row.associated(), clear).is_ok();
        match opened {
            true => clear.truncate(length),
            false => clear.zeroize(),
        }
        opened.then_some(())
    }
}

/// The nonce of a counter.
fn nonce(counter: [u8; NONCE - BEGINNING]) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&counter);
    Nonce::assume_unique_for_key(nonce)
}

/// The key of a process under that of a month, by the beginning of its nonces.
fn derived(key: &Secret, beginning: &[u8; BEGINNING]) -> io::Result<LessSafeKey> {
    let other = |_| io::Error::other("a key of another length");
    let mut derivation = <Hmac<Sha256> as KeyInit>::new_from_slice(&**key)
        .map_err(|_| io::Error::other("a key of another length"))?;
    derivation.update(b"pli ledger column");
    derivation.update(beginning);
    let mut derived = derivation.finalize().into_bytes();
    let key = UnboundKey::new(&CHACHA20_POLY1305, &derived).map(LessSafeKey::new).map_err(other);
    derived.as_mut_slice().zeroize();
    key
}
