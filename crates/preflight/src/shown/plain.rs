//! What streams say, in memory that is wiped, and how streams are encoded.

use zeroize::{Zeroize, Zeroizing};

use super::Problem;
use super::inflate::Inflate;
use super::tokens::unhex;

/// A stream is longer than it may be.
pub(super) const TOO_LONG: Problem = "a stream that is longer than any page";
/// The least room of a buffer.
const LEAST_ROOM: usize = 1 << 14;

/// How a stream is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// `FlateDecode` without a predictor.
    Flate,
    /// `ASCIIHexDecode`.
    Hexadecimal,
}

/// Bytes that are wiped: only those that were written to, so that a large buffer costs nothing.
#[derive(Default)]
pub(super) struct Plain {
    bytes: Zeroizing<Vec<u8>>,
    used: usize,
}

/// Where more can be written.
pub(super) struct Room<'p> {
    /// What is written, and what follows it.
    pub bytes: &'p mut [u8],
    /// How many bytes are written.
    pub used: &'p mut usize,
}

impl Plain {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Wipes the bytes.
    pub fn wipe(&mut self) {
        let end = self.used.min(self.bytes.len());
        self.bytes[..end].zeroize();
        self.used = 0;
    }

    /// Makes room for `more` bytes. Bytes that move are wiped where they were.
    pub fn room(&mut self, more: usize) -> Room<'_> {
        let needed = self.used.saturating_add(more);
        if needed > self.bytes.len() {
            let mut wider = Zeroizing::new(vec![0; needed.max(2 * self.bytes.len()).max(LEAST_ROOM)]);
            wider[..self.used].copy_from_slice(self.bytes());
            self.bytes = wider;
        }
        Room { bytes: &mut self.bytes, used: &mut self.used }
    }

    /// Appends bytes, up to `limit` in all.
    pub fn push(&mut self, bytes: &[u8], limit: usize) -> Result<(), Problem> {
        if self.used.saturating_add(bytes.len()) > limit {
            return Err(TOO_LONG);
        }
        let Room { bytes: all, used } = self.room(bytes.len());
        all[*used..*used + bytes.len()].copy_from_slice(bytes);
        *used += bytes.len();
        Ok(())
    }

    /// Appends what `bytes` decode to, up to `limit` bytes in all.
    pub fn decode(
        &mut self,
        bytes: &[u8],
        codings: &[Coding],
        inflate: &mut Inflate,
        limit: usize,
    ) -> Result<(), Problem> {
        match codings {
            [] => self.push(bytes, limit),
            [Coding::Flate] => inflate.inflate(bytes, self, limit).map(drop),
            [Coding::Hexadecimal] => {
                let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len() / 2 + 1));
                hexadecimal(bytes, &mut plain)?;
                self.push(&plain, limit)
            }
            [first, rest @ ..] => {
                let mut middle = Plain::default();
                middle.decode(bytes, &[*first], inflate, limit)?;
                self.decode(middle.bytes(), rest, inflate, limit)
            }
        }
    }
}

/// Appends the bytes that hexadecimal digits up to `>` are (ISO 32000-1 §7.4.2). Returns how many of `bytes` that took.
pub(super) fn hexadecimal(bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Problem> {
    let length = bytes.iter().position(|byte| *byte == b'>').ok_or("hexadecimal digits without end")?;
    unhex(&bytes[..length], out)?;
    Ok(length + 1)
}
