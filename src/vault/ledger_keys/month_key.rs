//! The key of a month's personal columns: XChaCha20-Poly1305.
//!
//! Sealed bytes are a version, a nonce of 24 bytes, the ciphertext and its tag of 16. The table and the number of the row are
//! authenticated, so that a column opens in its own row only. The nonce is 16 random bytes, drawn once a process, and a counter.

use std::cell::Cell;
use std::io;

use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305};
use zeroize::Zeroize;

use super::index_key::Secret;

/// The first byte of a sealed column.
const VERSION: u8 = 1;
const NONCE: usize = 24;
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
    fn associated(self) -> Vec<u8> {
        [&self.number.to_be_bytes(), self.table.as_bytes()].concat()
    }
}

/// A month's key, ready to use. Its bytes are wiped when it is dropped.
pub(super) struct MonthKey {
    cipher: XChaCha20Poly1305,
    /// The beginning of this process's nonces under this key.
    beginning: [u8; 16],
    /// How many columns this process has sealed under this key.
    sealed: Cell<u64>,
}

impl MonthKey {
    /// A key with the random beginning of its nonces.
    pub(super) fn new(key: &Secret, beginning: [u8; 16]) -> MonthKey {
        MonthKey { cipher: XChaCha20Poly1305::new((&**key).into()), beginning, sealed: Cell::new(0) }
    }

    fn nonce(&self) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        nonce[..16].copy_from_slice(&self.beginning);
        nonce[16..].copy_from_slice(&self.sealed.replace(self.sealed.get() + 1).to_be_bytes());
        nonce
    }

    /// Seals a column. `sealed` is emptied first.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`]: more than 256 GiB.
    pub(super) fn seal(&self, row: Row, clear: &[u8], sealed: &mut Vec<u8>) -> io::Result<()> {
        let nonce = self.nonce();
        sealed.clear();
        sealed.reserve(OVERHEAD + clear.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(clear);
        let column = &mut sealed[1 + NONCE..];
        let tag = self.cipher.encrypt_in_place_detached(&nonce.into(), &row.associated(), column);
        match tag {
            Ok(tag) => sealed.extend_from_slice(&tag),
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
        let (nonce, rest) = sealed.strip_prefix(&[VERSION])?.split_first_chunk::<NONCE>()?;
        let (column, tag) = rest.split_last_chunk::<TAG>()?;
        clear.extend_from_slice(column);
        let (nonce, tag) = ((*nonce).into(), Tag::from(*tag));
        let opened = self.cipher.decrypt_in_place_detached(&nonce, &row.associated(), clear, &tag);
        opened.map_err(|_| clear.zeroize()).ok()
    }
}
