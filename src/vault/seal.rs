//! Sealed files (age, X25519): codes files are opened, mailers are sealed.

use crate::failure::{Exit, Explained, Position};
use std::io::{self, Read, Write};
use std::path::Path;

use age::x25519::{Identity, Recipient};
use zeroize::Zeroizing;

use super::keys::{KeyError, read_private};

/// The largest file of recipients that is read, in bytes.
const MAX_RECIPIENTS_SIZE: u64 = 64 << 10;

/// A file that can't be opened or sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The file can't be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The identity can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The file is not sealed to this identity, or is damaged.
    #[error("{reason}")]
    Closed {
        /// The sealed file.
        file: String,
        /// The identity's file.
        identity: String,
        /// Why it can't be opened.
        reason: String,
    },
    /// A text or file that names no recipient.
    #[error("`{text}`: {reason}")]
    Recipient {
        /// The recipient as the job spells it.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Explained for SealError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        match self {
            SealError::Io(_) => "seal_io",
            SealError::Key(error) => error.code(),
            SealError::Closed { .. } => "seal_closed",
            SealError::Recipient { .. } => "seal_recipient",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            SealError::Io(_) => None,
            SealError::Key(error) => error.advice(),
            SealError::Closed { identity, .. } => {
                Some(format!("the file must be sealed (age) to the public key of `{identity}`"))
            }
            SealError::Recipient { .. } => Some(
                "write an age recipient (`age1…`), or the path of a file that holds one; `pli keys new press` makes it"
                    .to_owned(),
            ),
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            SealError::Key(error) => error.position(),
            SealError::Closed { file, .. } => Some(Position::file(file)),
            SealError::Io(_) | SealError::Recipient { .. } => None,
        }
    }
}

/// Opens a sealed file with the identity in a file. The plain text is wiped when it is dropped.
///
/// # Errors
/// [`SealError::Io`]: the file can't be read; [`SealError::Key`]: the identity can't be used; [`SealError::Closed`]: the file
/// is damaged or sealed to another identity.
pub fn open(file: &Path, identity: &Path) -> Result<Zeroizing<Vec<u8>>, SealError> {
    open_bytes(&file.display().to_string(), &fs_err::read(file)?, identity)
}

/// Like [`open`], for sealed bytes; errors call them `name`.
///
/// # Errors
/// [`SealError::Key`]: the identity can't be used; [`SealError::Closed`]: the bytes are damaged or sealed to another identity.
pub(crate) fn open_bytes(
    name: &str,
    sealed: &[u8],
    identity: &Path,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let key = load_identity(identity)?;
    let closed = |reason: String| SealError::Closed {
        file: name.to_owned(),
        identity: identity.display().to_string(),
        reason,
    };
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|error| closed(error.to_string()))?;
    let mut reader = decryptor
        .decrypt(std::iter::once(&key as &dyn age::Identity))
        .map_err(|error| closed(error.to_string()))?;
    // The plain text is shorter than the sealed one, so the buffer never moves and leaves no copy behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len() + 64));
    reader.read_to_end(&mut plain).map_err(|error| closed(error.to_string()))?;
    Ok(plain)
}

fn load_identity(path: &Path) -> Result<Identity, KeyError> {
    let text = read_private(path)?;
    let line = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-"));
    let identity = line.and_then(|line| line.trim().parse().ok());
    identity
        .ok_or_else(|| KeyError::invalid(path, "no age identity in it; make one with `pli keys new codes`"))
}

/// The recipients of a sealed file.
#[derive(Clone)]
pub struct Recipients(Vec<Recipient>);

/// Reads recipients: `age1…` as text, or files that hold one a line, whose paths `resolve` completes.
///
/// # Errors
/// [`SealError::Recipient`]: a text that is neither, or no recipient at all.
pub fn recipients(
    texts: &[String],
    resolve: impl Fn(&str) -> std::path::PathBuf,
) -> Result<Recipients, SealError> {
    let mut found = Vec::new();
    for text in texts {
        let unfit = |reason: String| SealError::Recipient { text: text.clone(), reason };
        let lines = match text.starts_with("age1") {
            true => text.clone(),
            false => foreign::read_text(&resolve(text), MAX_RECIPIENTS_SIZE)
                .map_err(|error| unfit(error.to_string()))?,
        };
        let before = found.len();
        for line in lines.lines().filter(|line| line.starts_with("age1")) {
            found.push(line.trim().parse().map_err(|_| unfit("not an age recipient".to_owned()))?);
        }
        if found.len() == before {
            return Err(unfit("holds no age recipient".to_owned()));
        }
    }
    match found.is_empty() {
        true => {
            Err(SealError::Recipient { text: String::new(), reason: "`seal_to` names nobody".to_owned() })
        }
        false => Ok(Recipients(found)),
    }
}

/// Seals what is written to it. [`SealedWriter::finish`] must be called.
pub(crate) struct SealedWriter<W: Write>(age::stream::StreamWriter<W>);

impl<W: Write> SealedWriter<W> {
    /// Begins a sealed file on `out`.
    ///
    /// # Errors
    /// I/O errors of `out`; no recipient.
    pub(crate) fn new(recipients: &Recipients, out: W) -> io::Result<SealedWriter<W>> {
        let each = recipients.0.iter().map(|recipient| recipient as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(each).map_err(io::Error::other)?;
        Ok(SealedWriter(encryptor.wrap_output(out)?))
    }

    /// Ends the sealed file and returns the output.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Seals bytes in memory.
///
/// # Errors
/// Only for no recipient: writing to memory does not fail.
pub fn seal_bytes(recipients: &Recipients, plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut sealed = SealedWriter::new(recipients, Vec::new())?;
    sealed.write_all(plain)?;
    sealed.finish()
}
