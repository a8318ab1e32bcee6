//! The plain text of a sealed file, of which one chunk at a time is in memory; wiped.
//!
//! Takes sealed bytes and identities. Every chunk is authenticated once before any of it is used, and again whenever it is
//! read.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use age::Decryptor;
use age::stream::StreamReader;
use foreign::UnreadableFile;
use zeroize::{Zeroize, Zeroizing};

use super::held_bytes::{HeldBytes, says_changed};
use super::identities::Identities;
use super::opening::{
    CHUNK, MAX_HEADER_SIZE, MAX_SEALED_SIZE, binary_form, damage_of_header, damage_of_payload, is_armoured,
    is_sealed, measure_header, read_through,
};
use super::seal::{Damage, SealError, SealedWriter};

/// Bytes of a chunk.
const CHUNK_SIZE: usize = CHUNK as usize;

/// A sealed file that was opened and is sound. Keeps the key of this one file, its sealed bytes and one chunk of its text.
pub struct OpenedText {
    stream: StreamReader<HeldBytes>,
    chunk: Zeroizing<Vec<u8>>,
    /// The number of the chunk in memory.
    loaded: Option<u64>,
    length: u64,
    /// Whether a reading failed, after which the stream's position is not known.
    broken: bool,
}

impl OpenedText {
    /// Opens sealed bytes, in binary or armoured form, with the identities in a file; errors call them `name`.
    ///
    /// # Errors
    /// [`SealError`] as for [`open`](super::open).
    pub fn of_bytes(name: &str, sealed: Vec<u8>, identity: &Path) -> Result<OpenedText, SealError> {
        OpenedText::open(name, HeldBytes::in_memory(sealed), identity)
    }

    /// Like [`OpenedText::of_bytes`], for bytes that need not be in memory. Those of an armoured file are taken into memory,
    /// sealed.
    ///
    /// # Errors
    /// [`SealError`] as for [`open`](super::open); [`SealError::Changed`]: the bytes were altered since they were first read.
    pub(crate) fn open(name: &str, sealed: HeldBytes, identity: &Path) -> Result<OpenedText, SealError> {
        let identities = Identities::read(identity)?;
        let opened = open_sound(sealed, &identities);
        opened.map_err(|fault| match fault {
            Fault::Damage(damage) => SealError::Closed {
                file: name.to_owned(),
                identity: identity.display().to_string(),
                recipients: identities.recipients(),
                damage,
            },
            Fault::Unreadable(error) => SealError::of_second_reading(name, error),
        })
    }

    /// Opens the codes that a pipe gives, sealed to the identities in a file or plain, at most [`MAX_SEALED_SIZE`] bytes. Plain
    /// text is sealed as it comes, to a key of its own that nobody keeps: no more of it than a chunk is ever in memory.
    ///
    /// # Errors
    /// [`SealError`] as for [`open`](super::open); [`SealError::Unreadable`]: the pipe gives more, or breaks.
    pub(crate) fn of_pipe(name: &str, mut pipe: impl Read, identity: &Path) -> Result<OpenedText, SealError> {
        let unreadable = |error| SealError::Unreadable(UnreadableFile::new(Path::new(name), error));
        let mut chunk = Zeroizing::new(vec![0; CHUNK_SIZE]);
        let first = fill(&mut pipe, &mut chunk).map_err(unreadable)?;
        let beginning = &chunk[..first];
        if is_sealed(beginning) {
            let mut sealed = beginning.to_vec();
            pipe.take(MAX_SEALED_SIZE + 1).read_to_end(&mut sealed).map_err(unreadable)?;
            refuse_long(sealed.len()).map_err(unreadable)?;
            return OpenedText::of_bytes(name, sealed, identity);
        }
        let (identities, sealed) = seal_as_it_comes(&mut pipe, chunk, first).map_err(unreadable)?;
        open_sound(HeldBytes::in_memory(sealed), &identities).map_err(|fault| match fault {
            Fault::Unreadable(error) => unreadable(error),
            Fault::Damage(damage) => unreadable(io::Error::other(damage.to_string())),
        })
    }

    /// How many bytes the text has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The bytes from an offset to the end of its chunk; none at the end of the text.
    ///
    /// # Errors
    /// I/O errors; the sealed bytes are not those that were opened. After an error every call fails.
    pub(super) fn at(&mut self, offset: u64) -> io::Result<&[u8]> {
        let index = offset / CHUNK;
        if offset < self.length && self.loaded != Some(index) {
            self.load(index)?;
        }
        let known = self.loaded == Some(index);
        let begin = (offset % CHUNK) as usize;
        Ok(self.chunk.get(begin..).filter(|_| known).unwrap_or_default())
    }

    /// Reads the text once, from its beginning.
    pub(crate) fn into_reader(self) -> TextReader {
        TextReader { text: self, offset: 0 }
    }

    /// Wipes the chunk in memory.
    pub(super) fn wipe(&mut self) {
        self.loaded = None;
        self.chunk.zeroize();
    }

    fn load(&mut self, index: u64) -> io::Result<()> {
        self.loaded = None;
        if self.broken {
            return Err(io::Error::other("an earlier reading failed"));
        }
        self.broken = true;
        // A seek into a chunk would leave its beginning in memory that is not wiped.
        self.stream.seek(SeekFrom::Start(index * CHUNK))?;
        let length = (self.length - index * CHUNK).min(CHUNK) as usize;
        // All of the last chunk is overwritten, unless this one is shorter.
        if length < self.chunk.len() {
            self.chunk.zeroize();
        }
        self.chunk.resize(length, 0);
        self.stream.read_exact(&mut self.chunk)?;
        self.loaded = Some(index);
        self.broken = false;
        Ok(())
    }
}

/// Reads an opened text from its beginning to its end.
pub(crate) struct TextReader {
    text: OpenedText,
    offset: u64,
}

impl Read for TextReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.text.at(self.offset)?;
        let read = rest.read(buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// Why a sealed file was not opened.
enum Fault {
    Damage(Damage),
    Unreadable(io::Error),
}

impl From<Damage> for Fault {
    fn from(damage: Damage) -> Fault {
        Fault::Damage(damage)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Unreadable(error)
    }
}

/// Opens sealed bytes and authenticates all chunks.
fn open_sound(mut sealed: HeldBytes, identities: &Identities) -> Result<OpenedText, Fault> {
    // The header, and one byte more where there is more.
    let mut beginning = sealed.beginning(MAX_HEADER_SIZE + 1)?;
    if is_armoured(&beginning) {
        let binary = binary_form(&sealed.whole()?)?.unwrap_or_default();
        sealed = HeldBytes::in_memory(binary);
        beginning = sealed.beginning(MAX_HEADER_SIZE + 1)?;
    }
    measure_header(&beginning)?;
    let mut twin = sealed.twin()?;
    let opened = Decryptor::new_buffered(sealed).and_then(|it| it.decrypt(identities.each()));
    let mut stream = opened.map_err(|error| match error {
        age::DecryptError::Io(error) if says_changed(&error) => Fault::Unreadable(error),
        error => Fault::Damage(damage_of_header(&beginning, &error)),
    })?;
    let mut chunk = Zeroizing::new(Vec::with_capacity(CHUNK_SIZE));
    let (length, read) = read_through(&mut stream, &mut chunk);
    match read {
        Ok(()) => Ok(OpenedText { stream, chunk, loaded: None, length, broken: false }),
        Err(error) if says_changed(&error) || is_of_system(&error) => Err(Fault::Unreadable(error)),
        Err(error) => Err(Fault::Damage(damage_of_payload(&twin.whole()?, identities, &error, length))),
    }
}

/// Seals a plain text to a new key: its first chunk, of which `length` bytes are filled, and what a pipe gives after it.
fn seal_as_it_comes(
    pipe: &mut impl Read,
    mut chunk: Zeroizing<Vec<u8>>,
    mut length: usize,
) -> io::Result<(Identities, Vec<u8>)> {
    let (identities, recipients) = Identities::of_nobody();
    let mut sealed = SealedWriter::new(&recipients, Vec::new())?;
    let mut total = 0;
    while length > 0 {
        total += length;
        refuse_long(total)?;
        sealed.write_all(chunk.get(..length).unwrap_or_default())?;
        length = fill(pipe, &mut chunk)?;
    }
    Ok((identities, sealed.finish()?))
}

/// Reads until a buffer is full or the pipe ends; returns how many bytes it holds.
fn fill(pipe: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match pipe.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Refuses more bytes than a sealed file may have.
fn refuse_long(length: usize) -> io::Result<()> {
    match length as u64 > MAX_SEALED_SIZE {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(()),
    }
}

/// Whether an error is one of the system and not of the sealed form.
fn is_of_system(error: &io::Error) -> bool {
    error.raw_os_error().is_some()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::vault::{new_identity, recipients, seal_bytes};

    /// A text that was sealed and opened.
    pub(crate) fn sealed_and_opened(plain: &[u8]) -> OpenedText {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        new_identity(&path("it"), &path("it.pub")).unwrap();
        let sealed = seal_bytes(&recipients(&["it".to_owned()], |_| path("it.pub")).unwrap(), plain).unwrap();
        OpenedText::of_bytes("codes.csv.age", sealed, &path("it")).unwrap()
    }

    #[test]
    fn a_pipe_gives_plain_or_sealed_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        new_identity(&path("it"), &path("it.pub")).unwrap();
        let recipients = recipients(&["it".to_owned()], |_| path("it.pub")).unwrap();
        for length in [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 3 * CHUNK_SIZE] {
            let plain: Vec<u8> = (0..length as u32).map(|number| (number / 3) as u8).collect();
            for given in [plain.clone(), seal_bytes(&recipients, &plain).unwrap()] {
                let mut text = OpenedText::of_pipe("pipe", Dripping(&given), &path("it")).unwrap();
                assert_eq!(text.length(), length as u64);
                let mut read = Vec::new();
                while read.len() < length {
                    read.extend_from_slice(text.at(read.len() as u64).unwrap());
                }
                assert!(read == plain);
            }
        }
        let mut other = seal_bytes(&recipients, b"card_number").unwrap();
        other.truncate(other.len() - 1);
        let cut = OpenedText::of_pipe("pipe", &other[..], &path("it")).err();
        assert!(matches!(cut, Some(SealError::Closed { .. })));
        let endless = OpenedText::of_pipe("pipe", io::repeat(b'x'), &path("it")).err();
        assert!(matches!(endless, Some(SealError::Unreadable(_))));
    }

    /// Gives a few bytes at a time, as pipes do.
    struct Dripping<'b>(&'b [u8]);

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(997);
            self.0.read(&mut buffer[..most])
        }
    }

    #[test]
    fn a_text_is_read_from_everywhere() {
        for length in [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE, 3 * CHUNK_SIZE - 5] {
            let plain: Vec<u8> = (0..length as u32).map(|number| (number / 5) as u8).collect();
            let mut text = sealed_and_opened(&plain);
            assert_eq!(text.length(), length as u64);
            let near =
                [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, 2 * CHUNK_SIZE + 3, length.saturating_sub(1), length];
            for offset in near.into_iter().chain(near.into_iter().rev()) {
                let end = (offset / CHUNK_SIZE + 1) * CHUNK_SIZE;
                let expected = plain.get(offset..end.min(length)).unwrap_or_default();
                assert!(text.at(offset as u64).unwrap() == expected, "{offset} of {length}");
            }
        }
    }
}
