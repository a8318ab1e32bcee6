//! The text of a record file as it is read: plain, compressed (`.gz`), sealed (`.age`), or compressed and then sealed.
//!
//! The digest is of the file as it arrived. Nothing is unpacked or opened onto a disk: a chunk at a time is in memory. What a
//! compressed file may become is bounded.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::record_file::RecordFile;
use super::{IntakeError, IntakeSettings};
use crate::files::hexadecimal;
use crate::signers::FileDigests;
use crate::vault::{OpenedText, SealError};

/// The most bytes that a compressed file may become.
const MAX_TEXT: u64 = 4 << 30;
/// The most bytes that each byte of a compressed file may become, once it has become [`FREE`] bytes.
const MAX_RATIO: u64 = 200;
/// How a compressed file begins.
const GZIP: &[u8] = b"\x1f\x8b";
/// So many bytes are never too many.
const FREE: u64 = 1 << 20;

/// What is wrong with a compressed file. The text of the fault is the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GzipFault {
    /// It ends too early.
    #[error("the compressed file is cut short, or a few bytes follow its end")]
    CutShort,
    /// It does not begin as a compressed file does, or a part of it is not what was compressed.
    #[error("the compressed file is damaged, or something follows its end")]
    Damaged,
    /// It is not compressed at all, or in another way.
    #[error("the file is not compressed with gzip, and its name says so")]
    NotCompressed,
    /// It would become more than any record file is.
    #[error("the compressed file becomes more than {MAX_RATIO} times its size, or more than {} GiB", MAX_TEXT >> 30)]
    TooLarge,
}

/// How a record file is packed, as its name says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Packing {
    /// Whether it is sealed.
    pub(super) sealed: bool,
    /// Whether it is compressed, before it was sealed.
    pub(super) compressed: bool,
}

impl Packing {
    /// The packing of a file with this name.
    pub(super) fn of_name(name: &str) -> Packing {
        let name = name.to_ascii_lowercase();
        let inner = name.strip_suffix(".age");
        let compressed = inner.unwrap_or(&name).ends_with(".gz");
        Packing { sealed: inner.is_some(), compressed }
    }

    /// Whether the file holds its text as it is.
    pub(super) fn is_none(self) -> bool {
        self == Packing::default()
    }
}

/// The text of a record file, and the digest of its bytes.
pub(super) struct RecordText {
    /// The text.
    pub(super) reader: Box<dyn Read + Send>,
    digest: TextDigest,
}

/// The digest of the bytes of a file.
pub(super) enum TextDigest {
    /// It was computed before the text was read.
    Known(String),
    /// It is of the bytes that were read so far.
    Running(Arc<Mutex<Sha256>>),
}

impl RecordText {
    /// Opens a record file.
    ///
    /// # Errors
    /// [`IntakeError::Unreadable`]; [`IntakeError::Sealed`]: a sealed file that can't be opened.
    pub(super) fn open(file: &RecordFile, settings: &IntakeSettings) -> Result<RecordText, IntakeError> {
        let shown = file.shown();
        let Packing { sealed, compressed } = file.packing();
        if sealed {
            let (digest, text) = open_sealed(file, settings)?;
            let reader = if compressed { unpacked(text) } else { Box::new(text) };
            return Ok(RecordText { reader, digest: TextDigest::Known(digest) });
        }
        let bytes = file.open().map_err(|error| IntakeError::of_reading(&shown, error))?;
        let state = Arc::new(Mutex::new(Sha256::new()));
        let bytes = HashingReader { input: bytes, state: Arc::clone(&state) };
        let reader = if compressed { unpacked(bytes) } else { Box::new(bytes) };
        Ok(RecordText { reader, digest: TextDigest::Running(state) })
    }

    /// The text and the digest apart.
    pub(super) fn into_parts(self) -> (Box<dyn Read + Send>, TextDigest) {
        (self.reader, self.digest)
    }
}

impl TextDigest {
    /// The SHA-256 of the file, in hexadecimal, once its text was read to the end.
    pub(super) fn finish(self) -> String {
        match self {
            TextDigest::Known(digest) => digest,
            TextDigest::Running(state) => {
                let state = state.lock().unwrap_or_else(PoisonError::into_inner).clone();
                hexadecimal(state.finalize())
            }
        }
    }
}

/// Opens a sealed file: its digest and its text.
fn open_sealed(
    file: &RecordFile,
    settings: &IntakeSettings,
) -> Result<(String, impl Read + Send + use<>), IntakeError> {
    let shown = file.shown();
    let mut sealed = file.held()?;
    let digests =
        FileDigests::of(&mut sealed, false).map_err(|error| SealError::of_second_reading(&shown, error))?;
    let text = OpenedText::open(&shown, sealed, &settings.identity)?;
    Ok((digests.sha256, text.into_reader()))
}

/// The text of compressed bytes, of one member or several behind each other.
fn unpacked(bytes: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    let mut input = BufReader::new(CountingReader { input: bytes, count: 0 });
    // What can't be read is an error of the first reading below.
    let other = input.fill_buf().is_ok_and(|begin| begin.len() > 1 && !begin.starts_with(GZIP));
    Box::new(Unpacked { decoder: MultiGzDecoder::new(input), length: 0, other })
}

/// Counts the bytes that are read through it.
struct CountingReader<R> {
    input: R,
    count: u64,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

/// Unpacks within limits.
struct Unpacked<R: Read> {
    decoder: MultiGzDecoder<BufReader<CountingReader<R>>>,
    length: u64,
    /// Whether the bytes are of another format.
    other: bool,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.other {
            return Err(io::Error::other(GzipFault::NotCompressed));
        }
        let read = self.decoder.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::other(GzipFault::CutShort),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if error.raw_os_error().is_none() => {
                io::Error::other(GzipFault::Damaged)
            }
            _ => error,
        })?;
        self.length += read as u64;
        let packed = self.decoder.get_ref().get_ref().count;
        match self.length > MAX_TEXT || self.length > FREE.max(packed.saturating_mul(MAX_RATIO)) {
            true => Err(io::Error::other(GzipFault::TooLarge)),
            false => Ok(read),
        }
    }
}

/// Hashes the bytes that are read through it.
struct HashingReader<R> {
    input: R,
    state: Arc<Mutex<Sha256>>,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>, GzipFault> {
        let mut text = Vec::new();
        match unpacked(io::Cursor::new(bytes.to_vec())).read_to_end(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => Err(*error.get_ref().unwrap().downcast_ref::<GzipFault>().unwrap()),
        }
    }

    #[test]
    fn names_say_how_files_are_packed() {
        let of = |name| {
            let Packing { sealed, compressed } = Packing::of_name(name);
            (sealed, compressed)
        };
        assert_eq!(of("cards.csv"), (false, false));
        assert_eq!(of("cards.csv.gz"), (false, true));
        assert_eq!(of("cards.csv.age"), (true, false));
        assert_eq!(of("CARDS.CSV.GZ.AGE"), (true, true));
        assert_eq!(of("cards.age.csv"), (false, false));
    }

    #[test]
    fn members_follow_each_other_and_every_cut_is_told() {
        let (first, second) = (packed(b"one\n"), packed(b"two\n"));
        let both = [first.clone(), second].concat();
        assert_eq!(read(&both).unwrap(), b"one\ntwo\n");
        for end in 0..both.len() {
            match end == first.len() {
                true => assert_eq!(read(&both[..end]).unwrap(), b"one\n"),
                false => assert_eq!(read(&both[..end]), Err(GzipFault::CutShort), "{end}"),
            }
        }
        assert_eq!(read(&[&first[..], &[0; 20]].concat()).err(), Some(GzipFault::Damaged));
        assert_eq!(read(b"card_number,card_family").err(), Some(GzipFault::NotCompressed));
        assert_eq!(read(b"PK\x03\x04").err(), Some(GzipFault::NotCompressed));
    }

    #[test]
    fn a_file_that_becomes_too_large_is_refused_early() {
        let bomb = packed(&vec![0; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(read(&bomb), Err(GzipFault::TooLarge));
        let text = vec![b' '; FREE as usize];
        assert!(read(&packed(&text)).unwrap() == text);
    }

    proptest! {
        #[test]
        fn every_text_comes_back_and_no_changed_bit_passes(
            text in prop::collection::vec(any::<u8>(), 0..2000), at in any::<prop::sample::Index>(), bit in 0..8
        ) {
            let mut bytes = packed(&text);
            prop_assert_eq!(read(&bytes).unwrap(), text.clone());
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
            // The header's time, flags and system are not covered by its checksum.
            let read = read(&bytes);
            prop_assert!(at < 10 || read.is_err() || read == Ok(text));
        }
    }
}
