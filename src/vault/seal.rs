//! Sealed files (age, X25519): mailers are sealed, and what keeps a file from being sealed or opened.

use std::io::{self, Write};
use std::path::Path;

use foreign::UnreadableFile;

use super::held_bytes::says_changed;
use super::key_error::KeyError;
use super::recipients::Recipients;
use crate::failure::{Exit, Explained, Position};

/// The code of a file of codes that is another than the one that was opened.
pub(super) const CODES_CHANGED: &str = "codes_changed";
/// The advice on it.
pub(super) const ADVICE_ON_CHANGED: &str = "have codes files put into the inbox whole and left alone until the run ends, then run the same command again";

/// A file that can't be opened or sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The file can't be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// The identity can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The file can't be opened.
    #[error("{damage}")]
    Closed {
        /// The sealed file.
        file: String,
        /// The identities' file.
        identity: String,
        /// The recipients to which the identities belong.
        recipients: Vec<String>,
        /// What is wrong with it.
        damage: Damage,
    },
    /// Its bytes were altered while it was in use.
    #[error("the file was altered while it was in use")]
    Changed {
        /// The sealed file.
        file: String,
    },
    /// A text or file that names no recipient.
    #[error("`{text}`: {reason}")]
    Recipient {
        /// The recipient as the job spells it.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// The advice.
        advice: String,
    },
    /// A line of a file of recipients that is none.
    #[error("{reason}")]
    RecipientLine {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// What is wrong with it, without its text.
        reason: &'static str,
        /// The advice.
        advice: &'static str,
    },
    /// Everybody may write a file that names recipients or its folder, and so decide who can open what is sealed.
    #[error(
        "every user of this machine may write it (mode {mode:03o}), and so decide who can open what is sealed"
    )]
    LooseRecipients {
        /// The file or its folder.
        path: String,
        /// Its permissions.
        mode: u32,
    },
}

/// Why a sealed file can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It does not begin as a sealed file does.
    #[error("the file is not sealed: it does not begin as an age file does")]
    NotSealed,
    /// It is of a later version of the format.
    #[error("the file is sealed in a version of the format that this program does not know")]
    Version,
    /// It ends too early.
    #[error("the file is cut short")]
    CutShort,
    /// Its last part does not decrypt.
    #[error("the file is cut short, or was altered near its end")]
    CutShortOrAltered,
    /// A part of it does not decrypt.
    #[error("the file was altered after it was sealed")]
    Altered,
    /// Line feeds became carriage returns and line feeds.
    #[error("the file's line ends were changed on its way, as a transfer in text mode does")]
    LineEnds,
    /// Its header is not well formed, or was altered.
    #[error("the file's header is damaged")]
    Header,
    /// Its header is larger than any real one.
    #[error("the file's header is longer than 64 KiB, and was not read")]
    HeaderTooLarge,
    /// Its armour is not well formed.
    #[error("the file's armour (`age --armor`) is damaged")]
    Armour,
    /// Something follows its end.
    #[error("{} after the end of the sealed file", trailing(*.0))]
    Trailing(Option<usize>),
    /// It is sealed to other keys.
    #[error("the file is sealed to another key")]
    AnotherKey,
    /// It is sealed to keys of another kind, or with a passphrase.
    #[error("the file is sealed to {}", kinds(.0))]
    AnotherKind(String),
}

fn trailing(count: Option<usize>) -> String {
    match count {
        Some(1) => "there is one more byte".to_owned(),
        Some(count) => format!("there are {count} more bytes"),
        None => "there is more text".to_owned(),
    }
}

fn kinds(kinds: &str) -> String {
    match kinds {
        "scrypt" => "a passphrase, and nobody is there at night to type it".to_owned(),
        "" => "nobody".to_owned(),
        kinds => format!("keys of another kind ({kinds})"),
    }
}

impl Damage {
    fn code(&self) -> &'static str {
        match self {
            Damage::Empty => "seal_empty",
            Damage::NotSealed => "seal_not_sealed",
            Damage::Version => "seal_version",
            Damage::CutShort => "seal_cut_short",
            Damage::CutShortOrAltered
            | Damage::Altered
            | Damage::LineEnds
            | Damage::Header
            | Damage::Armour => "seal_damaged",
            Damage::HeaderTooLarge => "seal_header_too_large",
            Damage::Trailing(_) => "seal_trailing",
            Damage::AnotherKey | Damage::AnotherKind(_) => "seal_closed",
        }
    }

    /// What to do; `recipients` are those of the identities in `identity`.
    fn advice(&self, identity: &str, recipients: &[String]) -> String {
        let seal = recipients.first().map_or_else(
            || "seal it with `age -r age1…`".to_owned(),
            |recipient| format!("seal it with `age -r {recipient}`"),
        );
        match self {
            Damage::Empty | Damage::CutShort | Damage::CutShortOrAltered | Damage::Altered | Damage::Armour => {
                "fetch the file again from whoever made it, and put it into the inbox under its name only once it is whole".to_owned()
            }
            Damage::LineEnds => "fetch the file again in binary mode".to_owned(),
            Damage::Header | Damage::HeaderTooLarge | Damage::Version => {
                "ask whoever made the file for one that `age` opens".to_owned()
            }
            Damage::Trailing(_) => "fetch the file again, in binary mode and without padding".to_owned(),
            Damage::NotSealed => format!(
                "if it holds codes or records in clear, {seal}, then destroy the clear copy; otherwise take the file out of the inbox"
            ),
            Damage::AnotherKey | Damage::AnotherKind(_) => format!(
                "add the identity that opens it to `{identity}`, or ask whoever makes the file to {seal}"
            ),
        }
    }
}

impl SealError {
    /// The error of a file that can't be read, or not again.
    pub(crate) fn of_second_reading(file: &str, error: io::Error) -> SealError {
        match says_changed(&error) {
            true => SealError::Changed { file: file.to_owned() },
            false => SealError::Unreadable(UnreadableFile::new(Path::new(file), error)),
        }
    }
}

impl Explained for SealError {
    fn exit(&self) -> Exit {
        match self {
            SealError::Key(error) => error.exit(),
            SealError::Changed { .. } => Exit::Refused,
            _ => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            SealError::Unreadable(_) => "seal_io",
            SealError::Key(error) => error.code(),
            SealError::Closed { damage, .. } => damage.code(),
            SealError::Changed { .. } => CODES_CHANGED,
            SealError::Recipient { .. } | SealError::RecipientLine { .. } => "seal_recipient",
            SealError::LooseRecipients { .. } => "recipients_writable_by_others",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            SealError::Unreadable(_) => Some("check the path, its permissions and the disk".to_owned()),
            SealError::Key(error) => error.advice(),
            SealError::Closed { identity, recipients, damage, .. } => {
                Some(damage.advice(identity, recipients))
            }
            SealError::Changed { .. } => Some(ADVICE_ON_CHANGED.to_owned()),
            SealError::Recipient { advice, .. } => Some(advice.clone()),
            SealError::RecipientLine { advice, .. } => Some((*advice).to_owned()),
            SealError::LooseRecipients { path, .. } => {
                Some(format!("see that the recipients in it are the right ones, then run `chmod o-w {path}`"))
            }
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            SealError::Unreadable(unreadable) => Some(Position::file(&unreadable.file)),
            SealError::Key(error) => error.position(),
            SealError::Closed { file, .. } | SealError::Changed { file } => Some(Position::file(file)),
            SealError::RecipientLine { file, line, .. } => Some(Position::line(file, *line)),
            SealError::LooseRecipients { path, .. } => Some(Position::file(path)),
            SealError::Recipient { .. } => None,
        }
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
        let encryptor = age::Encryptor::with_recipients(recipients.each()).map_err(io::Error::other)?;
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
