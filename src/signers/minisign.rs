//! Minisign's public keys and signatures (<https://jedisct1.github.io/minisign/>, "Signature format").
//!
//! A signature file has four lines: an untrusted comment; the algorithm, the number of the key and the signature of the file's
//! BLAKE2b-512 in Base64; a trusted comment; and the global signature, over signature and trusted comment. Only signatures over
//! the hash (`ED`) are taken. The trusted comment binds them: `file:NAME night:YYYY-MM-DD`, or these two among fields that
//! tabs separate, as minisign's own comment has them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use twoddoc::VerifyingKey;

use super::SignatureFault;

/// The algorithm of keys, and of signatures over the file itself.
const PLAIN: &[u8] = b"Ed";
/// The algorithm of signatures over the file's hash.
const HASHED: &[u8] = b"ED";
/// The beginnings of the comments' lines.
const UNTRUSTED: &str = "untrusted comment:";
const TRUSTED: &str = "trusted comment: ";
/// The fields of the trusted comment that bind a signature.
const FILE: &str = "file:";
const NIGHT: &str = "night:";

/// The number of a key: chosen by chance when it was made.
pub(super) type KeyNumber = [u8; 8];

/// Reads a public key: its Base64, without a comment. `None` for what is none.
pub(super) fn public_key(text: &str) -> Option<(KeyNumber, [u8; 32])> {
    let bytes = STANDARD.decode(text).ok()?;
    let (algorithm, rest) = bytes.split_at_checked(PLAIN.len())?;
    let (number, key) = rest.split_at_checked(8)?;
    Some((number.try_into().ok()?, key.try_into().ok().filter(|_| algorithm == PLAIN)?))
}

/// A signature as its file has it.
#[derive(Debug)]
pub(super) struct Minisignature {
    number: KeyNumber,
    signature: [u8; 64],
    comment: String,
    global: [u8; 64],
}

impl Minisignature {
    /// Reads a signature file.
    ///
    /// # Errors
    /// [`SignatureFault::Malformed`]; [`SignatureFault::NotHashed`].
    pub(super) fn parse(text: &str) -> Result<Minisignature, SignatureFault> {
        let malformed = SignatureFault::Malformed;
        let lines: Vec<&str> = text.lines().collect();
        let [untrusted, signature, trusted, global] = lines[..] else {
            return Err(malformed("a minisign signature has four lines"));
        };
        if !untrusted.starts_with(UNTRUSTED) {
            return Err(malformed("its first line is no `untrusted comment:`"));
        }
        let comment = trusted.strip_prefix(TRUSTED);
        let comment = comment.ok_or(malformed("its third line is no `trusted comment:`"))?.to_owned();
        let not_base64 = malformed("its second or fourth line is no signature in Base64");
        let decoded = |text: &str| STANDARD.decode(text).map_err(|_| not_base64.clone());
        let (signature, global) = (decoded(signature)?, decoded(global)?);
        let global = global.try_into().map_err(|_| not_base64.clone())?;
        let (algorithm, rest) = signature.split_at_checked(HASHED.len()).ok_or(not_base64.clone())?;
        let (number, signature) = rest.split_at_checked(8).ok_or(not_base64.clone())?;
        let signature = signature.try_into().map_err(|_| not_base64.clone())?;
        let number = number.try_into().map_err(|_| not_base64)?;
        match algorithm {
            HASHED => Ok(Minisignature { number, signature, comment, global }),
            PLAIN => Err(SignatureFault::NotHashed),
            _ => Err(malformed("its algorithm is not Ed25519")),
        }
    }

    /// The number of the key that made it, as it says itself.
    pub(super) fn number(&self) -> KeyNumber {
        self.number
    }

    /// Checks both signatures with a key; returns the name and the night that they bind.
    ///
    /// # Errors
    /// [`SignatureFault::Altered`], [`SignatureFault::CommentAltered`], [`SignatureFault::Unbound`].
    pub(super) fn check(
        &self,
        key: &VerifyingKey,
        blake2b: &[u8; 64],
    ) -> Result<(String, Date), SignatureFault> {
        key.verify(blake2b, &self.signature).map_err(|_| SignatureFault::Altered)?;
        let signed = [&self.signature[..], self.comment.as_bytes()].concat();
        key.verify(&signed, &self.global).map_err(|_| SignatureFault::CommentAltered)?;
        bound(&self.comment).ok_or(SignatureFault::Unbound)
    }
}

/// The file name and the night of a trusted comment; `None` where one is missing or there twice.
fn bound(comment: &str) -> Option<(String, Date)> {
    let fields: Vec<&str> = match comment.contains('\t') {
        true => comment.split('\t').collect(),
        // The name may have blanks and stands first, the night has none.
        false => {
            let (file, night) = comment.rsplit_once(' ')?;
            file.starts_with(FILE).then(|| vec![file, night])?
        }
    };
    let only = |key: &str| {
        let mut found = fields.iter().filter_map(|field| field.strip_prefix(key));
        found.next().filter(|_| found.next().is_none())
    };
    Some((only(FILE)?.to_owned(), only(NIGHT)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_binds_one_name_and_one_night() {
        let night = jiff::civil::date(2026, 11, 20);
        for (comment, name) in [
            ("file:cards.csv night:2026-11-20", "cards.csv"),
            ("file:cards of today.csv night:2026-11-20", "cards of today.csv"),
            ("timestamp:1795000000\tfile:cards.csv\thashed\tnight:2026-11-20", "cards.csv"),
        ] {
            assert_eq!(bound(comment), Some((name.to_owned(), night)), "{comment}");
        }
        for comment in [
            "",
            "file:cards.csv",
            "night:2026-11-20",
            "night:2026-11-20 file:cards.csv",
            "file:cards.csv night:2026-11-31",
            "timestamp:1556193335\tfile:test",
            "file:a.csv\tfile:b.csv\tnight:2026-11-20",
            "file:a.csv\tnight:2026-11-20\tnight:2026-11-23",
        ] {
            assert_eq!(bound(comment), None, "{comment}");
        }
    }
}
