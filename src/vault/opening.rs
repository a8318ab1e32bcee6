//! Sealed files (age) are opened, in binary or armoured form, with any identity of a file; each damage is told apart.
//!
//! Takes sealed bytes and returns plain ones in memory that is wiped. The header is measured before it is parsed.

use std::io::{self, Read};
use std::path::Path;

use age::armor::ArmoredReader;
use age::{DecryptError, Decryptor};
use zeroize::{Zeroize, Zeroizing};

use super::identities::Identities;
use super::seal::{Damage, SealError};

/// The largest sealed file that is opened, in bytes.
pub(crate) const MAX_SEALED_SIZE: u64 = 512 << 20;
/// The longest header of a sealed file, in bytes: room for some six hundred recipients.
pub(super) const MAX_HEADER_SIZE: usize = 64 << 10;
/// The beginning of every sealed file, and of the version that this program knows.
const MAGIC: &[u8] = b"age-encryption.org/";
const VERSION_1: &[u8] = b"age-encryption.org/v1\n";
/// The beginning of the header's last line.
const LAST_LINE: &[u8] = b"\n--- ";
/// The first and last line of an armoured file.
const ARMOUR_BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOUR_END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
/// The bytes that a chunk of a sealed file holds.
pub(super) const CHUNK: u64 = 64 << 10;
/// The most bytes after the end of a sealed file that are looked for one by one, and the work that may cost, in bytes.
const MAX_TRAILING: usize = 64;
const TRAILING_WORK: usize = 64 << 20;

/// Opens a sealed file with the identities in a file. The plain text is wiped when it is dropped.
///
/// # Errors
/// [`SealError::Unreadable`]: the file can't be read; [`SealError::Key`]: an identity can't be used; [`SealError::Closed`]:
/// the file is damaged, or sealed to other identities.
pub fn open(file: &Path, identity: &Path) -> Result<Zeroizing<Vec<u8>>, SealError> {
    open_bytes(&file.display().to_string(), &foreign::read(file, MAX_SEALED_SIZE)?, identity)
}

/// Like [`open`], for sealed bytes; errors call them `name`.
///
/// # Errors
/// [`SealError::Key`]: an identity can't be used; [`SealError::Closed`]: the bytes are damaged, or sealed to other
/// identities.
pub(crate) fn open_bytes(
    name: &str,
    sealed: &[u8],
    identity: &Path,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let identities = Identities::read(identity)?;
    let closed = |damage| SealError::Closed {
        file: name.to_owned(),
        identity: identity.display().to_string(),
        recipients: identities.recipients(),
        damage,
    };
    let binary = binary_form(sealed).map_err(closed)?;
    let sealed = binary.as_deref().unwrap_or(sealed);
    measure_header(sealed).map_err(closed)?;
    let (plain, read) = decrypt(sealed, &identities).map_err(closed)?;
    read.map(|()| plain).map_err(|(error, at)| closed(damage_of_payload(sealed, &identities, &error, at)))
}

/// Whether sealed bytes are in an armour, known by their beginning.
pub(super) fn is_armoured(beginning: &[u8]) -> bool {
    beginning.trim_ascii_start().starts_with(ARMOUR_BEGIN)
}

/// Whether bytes are those of a sealed file, in binary or armoured form, known by their beginning.
pub(super) fn is_sealed(beginning: &[u8]) -> bool {
    beginning.starts_with(MAGIC) || is_armoured(beginning)
}

/// The bytes within an armour; `None` for bytes without one.
///
/// # Errors
/// What is wrong with the armour.
pub(super) fn binary_form(sealed: &[u8]) -> Result<Option<Vec<u8>>, Damage> {
    if !is_armoured(sealed) {
        return Ok(None);
    }
    let text = sealed.trim_ascii_start();
    let Some(end) = text.windows(ARMOUR_END.len()).rposition(|window| window == ARMOUR_END) else {
        return Err(Damage::CutShort);
    };
    if text[end + ARMOUR_END.len()..].trim_ascii().iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Err(Damage::Trailing(None));
    }
    let mut binary = Vec::with_capacity(text.len());
    ArmoredReader::new(text).read_to_end(&mut binary).map_err(|_| Damage::Armour)?;
    Ok(Some(binary))
}

/// Refuses what has no header of a sealed file, or one that is longer than [`MAX_HEADER_SIZE`]. One byte more than that is
/// enough of a file.
///
/// # Errors
/// What is wrong with the header.
pub(super) fn measure_header(sealed: &[u8]) -> Result<(), Damage> {
    if sealed.is_empty() {
        return Err(Damage::Empty);
    }
    if !sealed.starts_with(VERSION_1) {
        return Err(match sealed {
            _ if VERSION_1.starts_with(sealed) => Damage::CutShort,
            _ if sealed.starts_with(b"age-encryption.org/v1\r\n") => Damage::LineEnds,
            _ if sealed.starts_with(MAGIC) => Damage::Version,
            _ => Damage::NotSealed,
        });
    }
    let beginning = &sealed[..sealed.len().min(MAX_HEADER_SIZE)];
    match beginning.windows(LAST_LINE.len()).any(|window| window == LAST_LINE) {
        true => Ok(()),
        false if sealed.len() > MAX_HEADER_SIZE => Err(Damage::HeaderTooLarge),
        false => Err(Damage::CutShort),
    }
}

/// What was read of a payload: all of it, or the error and the number of bytes before it.
type PayloadRead = Result<(), (io::Error, u64)>;

/// Decrypts as far as the payload is sound.
fn decrypt(sealed: &[u8], identities: &Identities) -> Result<(Zeroizing<Vec<u8>>, PayloadRead), Damage> {
    let damage = |error| damage_of_header(sealed, &error);
    let mut reader =
        Decryptor::new_buffered(sealed).and_then(|it| it.decrypt(identities.each())).map_err(damage)?;
    // The plain text is shorter than the sealed one, so the buffer never moves and leaves no copy behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len() + 64));
    let read = reader.read_to_end(&mut plain).map(drop);
    let length = plain.len() as u64;
    Ok((plain, read.map_err(|error| (error, length))))
}

/// What is wrong with a header that can't be opened; the beginning of the file is enough.
pub(super) fn damage_of_header(sealed: &[u8], error: &DecryptError) -> Damage {
    match error {
        DecryptError::NoMatchingKeys if kinds_of_recipients(sealed).iter().any(|kind| kind == "X25519") => {
            Damage::AnotherKey
        }
        DecryptError::NoMatchingKeys => Damage::AnotherKind(kinds_of_recipients(sealed).join(", ")),
        DecryptError::ExcessiveWork { .. } => Damage::AnotherKind("scrypt".to_owned()),
        DecryptError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => Damage::CutShort,
        _ => Damage::Header,
    }
}

/// The kinds of recipients that a header names, each once, without those that every header has for practice.
fn kinds_of_recipients(sealed: &[u8]) -> Vec<String> {
    let header = sealed.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"--- "));
    let kinds = header.filter_map(|line| line.strip_prefix(b"-> ")?.split(|byte| *byte == b' ').next());
    let mut kinds: Vec<String> = kinds.map(|kind| String::from_utf8_lossy(kind).into_owned()).collect();
    kinds.retain(|kind| !kind.ends_with("-grease"));
    kinds.sort();
    kinds.dedup();
    kinds.iter_mut().for_each(|kind| *kind = foreign::legible(kind).into_owned());
    kinds.truncate(5);
    kinds
}

/// What is wrong with a payload that was read without fault up to `at`.
pub(super) fn damage_of_payload(
    sealed: &[u8],
    identities: &Identities,
    error: &io::Error,
    at: u64,
) -> Damage {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return Damage::CutShort;
    }
    let in_last_chunk = sealed.len() as u64 <= at + 2 * CHUNK + MAX_HEADER_SIZE as u64;
    match trailing_bytes(sealed, identities) {
        Some(count) if in_last_chunk => Damage::Trailing(Some(count)),
        _ if in_last_chunk => Damage::CutShortOrAltered,
        _ => Damage::Altered,
    }
}

/// How many bytes follow the end of a sealed file that is sound without them.
fn trailing_bytes(sealed: &[u8], identities: &Identities) -> Option<usize> {
    // A transfer pads with one byte, many times over.
    let last = *sealed.last()?;
    let padding = sealed.iter().rev().take_while(|byte| **byte == last).count();
    let tries = (TRAILING_WORK / sealed.len()).min(MAX_TRAILING);
    (1..=tries).chain([padding]).find(|count| {
        let whole = sealed.len().checked_sub(*count).map(|length| &sealed[..length]);
        whole.is_some_and(|whole| is_sound(whole, identities))
    })
}

/// Reads a text to its end into a buffer that is used again and wiped, or as far as it is sound; returns the number of bytes.
pub(super) fn read_through(text: &mut impl Read, chunk: &mut Zeroizing<Vec<u8>>) -> (u64, io::Result<()>) {
    chunk.resize(CHUNK as usize, 0);
    let mut length = 0;
    let read = loop {
        match text.read(chunk) {
            Ok(0) => break Ok(()),
            Ok(read) => length += read as u64,
            Err(error) => break Err(error),
        }
    };
    chunk.zeroize();
    (length, read)
}

/// Whether a sealed file can be read to its end. Its text is not kept.
fn is_sound(sealed: &[u8], identities: &Identities) -> bool {
    let opened = Decryptor::new_buffered(sealed).and_then(|it| it.decrypt(identities.each()));
    let mut chunk = Zeroizing::new(Vec::with_capacity(CHUNK as usize));
    opened.is_ok_and(|mut text| read_through(&mut text, &mut chunk).1.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{new_identity, recipients, seal_bytes};

    struct Keys {
        folder: tempfile::TempDir,
    }

    impl Keys {
        fn new() -> Keys {
            let folder = tempfile::tempdir().unwrap();
            for name in ["own", "other"] {
                let path = |ending: &str| folder.path().join(format!("{name}.{ending}"));
                new_identity(&path("identity"), &path("pub")).unwrap();
            }
            Keys { folder }
        }

        fn seal(&self, name: &str, plain: &[u8]) -> Vec<u8> {
            let path = self.folder.path().join(format!("{name}.pub"));
            seal_bytes(&recipients(&["it".to_owned()], |_| path.clone()).unwrap(), plain).unwrap()
        }

        fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, &'static str> {
            let opened = open_bytes("codes.csv.age", sealed, &self.folder.path().join("own.identity"));
            opened.map(|plain| plain.to_vec()).map_err(|error| crate::failure::Explained::code(&error))
        }
    }

    #[test]
    fn each_damage_has_its_own_code() {
        let keys = Keys::new();
        let sealed = keys.seal("own", b"card_number\n");
        assert_eq!(keys.open(&sealed), Ok(b"card_number\n".to_vec()));
        let changed = |at: usize| {
            let mut bytes = sealed.clone();
            bytes[at] ^= 1;
            bytes
        };
        let mac = sealed.windows(5).position(|window| window == b"\n--- ").unwrap() + 6;
        let with = |more: &[u8]| [&sealed[..], more].concat();
        let crlf = String::from_utf8_lossy(&sealed).replace('\n', "\r\n").into_bytes();
        for (damaged, code) in [
            (&b""[..], "seal_empty"),
            (&sealed[..10], "seal_cut_short"),
            (&sealed[..60], "seal_cut_short"),
            (&sealed[..sealed.len() - 5], "seal_damaged"),
            (&changed(sealed.len() - 1), "seal_damaged"),
            (&changed(mac), "seal_damaged"),
            (b"card_number,pin\n", "seal_not_sealed"),
            (&with(b"\r\n"), "seal_trailing"),
            (&with(&[0; 500]), "seal_trailing"),
            (&keys.seal("other", b"card_number\n"), "seal_closed"),
            (b"age-encryption.org/v2\n", "seal_version"),
            (&crlf, "seal_damaged"),
        ] {
            assert_eq!(keys.open(damaged).err(), Some(code), "{} bytes", damaged.len());
        }
    }

    #[test]
    fn a_long_header_is_not_parsed() {
        let keys = Keys::new();
        let stanza = format!("-> X25519 {}\n{}\n", "A".repeat(43), "B".repeat(43));
        let sealed = [VERSION_1, stanza.repeat(30_000).as_bytes(), b"--- ", &[b'C'; 43], b"\n"].concat();
        assert!(sealed.len() > 2 << 20);
        assert_eq!(keys.open(&sealed).err(), Some("seal_header_too_large"));
    }

    #[test]
    fn many_chunks_come_back_and_a_change_in_one_is_told() {
        let keys = Keys::new();
        let plain = vec![b'x'; 300_000];
        let sealed = keys.seal("own", &plain);
        assert_eq!(keys.open(&sealed), Ok(plain));
        let mut changed = sealed.clone();
        changed[1000] ^= 1;
        assert_eq!(keys.open(&changed).err(), Some("seal_damaged"));
        assert_eq!(keys.open(&sealed[..200_000]).err(), Some("seal_damaged"));
    }
}
