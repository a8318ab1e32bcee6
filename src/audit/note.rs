//! Signed notes as C2SP specifies them (c2sp.org/signed-note): a text, an empty line, and a line for each signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use twoddoc::{Algorithm, SignError, SigningKey, VerifyingKey};

use crate::files::hexadecimal;

/// The byte that says Ed25519, before a public key.
const ED25519: u8 = 1;
/// Bytes of a key's identifier.
const ID: usize = 4;
/// Bytes of an Ed25519 public key.
const PUBLIC: usize = 32;
/// What a signature's line begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";
/// The most signatures that a note may have.
const MAX_SIGNATURES: usize = 128;
/// SubjectPublicKeyInfo of an Ed25519 key without its 32 bytes (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A public key with the name under which it signs notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoteKey {
    name: String,
    id: [u8; ID],
    public: [u8; PUBLIC],
    key: VerifyingKey,
}

impl NoteKey {
    /// The key under a name; `None` for a key that is not Ed25519, and for a name with a space or a plus.
    pub(crate) fn new(name: &str, key: VerifyingKey) -> Option<NoteKey> {
        if key.algorithm() != Algorithm::Ed25519 || !is_name(name) {
            return None;
        }
        let der = key.to_spki_der().ok()?;
        let public: [u8; PUBLIC] = der.get(der.len().checked_sub(PUBLIC)?..)?.try_into().ok()?;
        let digest = Sha256::new()
            .chain_update(name)
            .chain_update(b"\n")
            .chain_update([ED25519])
            .chain_update(public)
            .finalize();
        let mut id = [0; ID];
        id.copy_from_slice(&digest[..ID]);
        Some(NoteKey { name: name.to_owned(), id, public, key })
    }

    /// Reads a verifier key: name, identifier and key, joined by `+`.
    pub(crate) fn parse(text: &str) -> Option<NoteKey> {
        // The Base64 of a key may hold a plus, too.
        let mut parts = text.trim().splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, STANDARD.decode(parts.next()?).ok()?);
        let (kind, public) = key.split_first()?;
        if *kind != ED25519 || public.len() != PUBLIC {
            return None;
        }
        let der: Vec<u8> = SPKI.iter().chain(public).copied().collect();
        let found = NoteKey::new(name, VerifyingKey::from_spki_der(&der).ok()?)?;
        (hexadecimal(found.id) == id).then_some(found)
    }

    /// The verifier key, as other programs read it.
    pub(crate) fn to_text(&self) -> String {
        let key: Vec<u8> = [ED25519].into_iter().chain(self.public).collect();
        format!("{}+{}+{}", self.name, hexadecimal(self.id), STANDARD.encode(key))
    }

    /// Whether both are one key, whatever their names.
    pub(crate) fn is_key_of(&self, other: &NoteKey) -> bool {
        self.public == other.public
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// What a key has to do with a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    /// It signed it.
    Yes,
    /// The note has no signature under the key's name.
    No,
    /// Another key of the same name signed it.
    ByAnotherKey,
    /// The signature is not of this text.
    Altered,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    name: String,
    id: [u8; ID],
    bytes: Vec<u8>,
}

/// A text with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedNote {
    text: String,
    signatures: Vec<Signature>,
}

impl SignedNote {
    /// A note without signatures. Its text must end with a line feed and have no other control characters.
    pub(crate) fn new(text: String) -> SignedNote {
        SignedNote { text, signatures: Vec::new() }
    }

    /// Reads a note; `None` for what is none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<SignedNote> {
        let whole = std::str::from_utf8(bytes).ok()?;
        if whole.chars().any(|c| c.is_control() && c != '\n') {
            return None;
        }
        let (text, lines) = whole.rsplit_once("\n\n")?;
        let lines = lines.strip_suffix('\n')?;
        let signatures: Option<Vec<Signature>> = lines.split('\n').map(signature).collect();
        let signatures = signatures.filter(|found| found.len() <= MAX_SIGNATURES)?;
        Some(SignedNote { text: format!("{text}\n"), signatures })
    }

    /// What is signed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the text, in hexadecimal. Signatures that are added do not change it.
    pub(crate) fn digest(&self) -> String {
        hexadecimal(Sha256::digest(&self.text))
    }

    /// Signs the text. A signature of the same key is replaced.
    ///
    /// # Errors
    /// Those of a key on a token.
    pub(crate) fn sign(&mut self, key: &SigningKey, public: &NoteKey) -> Result<(), SignError> {
        let bytes = key.sign(self.text.as_bytes())?.to_vec();
        self.signatures.retain(|found| found.id != public.id || found.name != public.name);
        self.signatures.push(Signature { name: public.name.clone(), id: public.id, bytes });
        Ok(())
    }

    /// Whether a key signed the text.
    pub(crate) fn signed_by(&self, key: &NoteKey) -> Signed {
        let mut of_name = self.signatures.iter().filter(|found| found.name == key.name).peekable();
        if of_name.peek().is_none() {
            return Signed::No;
        }
        match of_name.find(|found| found.id == key.id) {
            None => Signed::ByAnotherKey,
            Some(found) if key.key.verify(self.text.as_bytes(), &found.bytes).is_ok() => Signed::Yes,
            Some(_) => Signed::Altered,
        }
    }

    /// The note as a file holds it.
    pub(crate) fn to_file(&self) -> String {
        let lines = self.signatures.iter().map(|Signature { name, id, bytes }| {
            let signed: Vec<u8> = id.iter().chain(bytes).copied().collect();
            format!("{DASH}{name} {}\n", STANDARD.encode(signed))
        });
        format!("{}\n{}", self.text, lines.collect::<String>())
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, code) = line.strip_prefix(DASH)?.split_once(' ')?;
    let signed = STANDARD.decode(code).ok()?;
    let (id, bytes) = signed.split_at_checked(ID)?;
    let named = is_name(name) && !bytes.is_empty();
    named
        .then(|| Some(Signature { name: name.to_owned(), id: id.try_into().ok()?, bytes: bytes.to_vec() }))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(Algorithm::Ed25519, &[seed; 32]).unwrap()
    }

    fn public(seed: u8) -> NoteKey {
        NoteKey::new("pli-audit", key(seed).verifying_key()).unwrap()
    }

    /// The example of c2sp.org/signed-note, as golang.org/x/mod/sumdb/note publishes it.
    #[test]
    fn the_note_that_the_specification_shows_is_verified() {
        let verifier =
            NoteKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let parsed = SignedNote::parse(note.as_bytes()).unwrap();
        assert_eq!(parsed.signed_by(&verifier), Signed::Yes);
        assert_eq!(parsed.to_file(), note);
        let altered = SignedNote::parse(note.replace("answer", "cure").as_bytes()).unwrap();
        assert_eq!(altered.signed_by(&verifier), Signed::Altered);
        assert_eq!(NoteKey::parse(&verifier.to_text()), Some(verifier));
    }

    #[test]
    fn signatures_are_of_one_key_and_one_text() {
        let mut note = SignedNote::new("day 1\n".to_owned());
        note.sign(&key(1), &public(1)).unwrap();
        let read = SignedNote::parse(note.to_file().as_bytes()).unwrap();
        assert_eq!(read, note);
        assert_eq!(read.signed_by(&public(1)), Signed::Yes);
        assert_eq!(read.signed_by(&public(2)), Signed::ByAnotherKey);
        let approver = NoteKey::new("pli-approver", key(2).verifying_key()).unwrap();
        assert_eq!(read.signed_by(&approver), Signed::No);
        note.sign(&key(2), &approver).unwrap();
        assert_eq!(note.signed_by(&approver), Signed::Yes);
        assert_eq!(note.digest(), read.digest());
    }

    #[test]
    fn other_texts_are_no_notes() {
        for wrong in [
            "",
            "text\n",
            "text\n\n",
            "text\n\nno dash\n",
            "text\n\n\u{2014} name !!\n",
            "a\tb\n\n\u{2014} n AAAAAAA=\n",
        ] {
            assert_eq!(SignedNote::parse(wrong.as_bytes()), None, "{wrong:?}");
        }
        assert!(NoteKey::parse("pli-audit+00000000+AAAA").is_none());
        assert!(NoteKey::new("a b", key(1).verifying_key()).is_none());
    }
}
