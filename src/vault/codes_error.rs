//! What keeps a codes file, or the codes of one card, from being used. No message repeats a value of the file.

use std::io;

use mail::Words;

use super::held_bytes::says_changed;
use super::seal::{ADVICE_ON_CHANGED, CODES_CHANGED};
use crate::failure::{Exit, Explained, Position};

/// The code of a codes file whose bytes can't be read again.
const CODES_UNREADABLE: &str = "codes_unreadable";

/// A codes file that can't be used at all.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct CodesError {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 where it is the whole file.
    pub line: u64,
    /// The stable code.
    pub code: &'static str,
    /// The problem, without any value of the file.
    pub message: String,
    /// What to do.
    pub advice: &'static str,
}

impl CodesError {
    /// The error of a file that was opened and can't be read again.
    pub(super) fn of_second_reading(file: &str, error: &io::Error) -> CodesError {
        // Bytes that were authenticated once and now are not, or end too early, were altered too.
        let kind = error.kind();
        let altered = matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof);
        let (code, message, advice) = match altered || says_changed(error) {
            true => (CODES_CHANGED, "the file was altered while it was in use".to_owned(), ADVICE_ON_CHANGED),
            false => (
                CODES_UNREADABLE,
                format!("the file can't be read again: {error}"),
                "check the disk, then run the same command again",
            ),
        };
        CodesError { file: file.to_owned(), line: 0, code, message, advice }
    }

    /// The same for one card.
    pub(super) fn of_card(&self) -> CodesFault {
        let french = match self.code {
            CODES_CHANGED => "le fichier a été modifié pendant qu’il servait",
            _ => "le fichier ne peut être lu",
        };
        CodesFault {
            file: self.file.clone(),
            line: self.line,
            field: "card_number",
            code: self.code,
            message: Words::of(french.to_owned(), self.message.clone()),
        }
    }
}

impl Explained for CodesError {
    fn exit(&self) -> Exit {
        match self.code {
            CODES_CHANGED => Exit::Refused,
            CODES_UNREADABLE => Exit::Midway,
            _ => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        self.code
    }

    fn advice(&self) -> Option<String> {
        Some(self.advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        match self.line {
            0 => Some(Position::file(&self.file)),
            line => Some(Position::line(&self.file, line)),
        }
    }
}

/// Why one card's codes can't be used, or what a person should know of a file. Names the column, never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodesFault {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 where it is the whole file.
    pub line: u64,
    /// The column.
    pub field: &'static str,
    /// The fault's code.
    pub code: &'static str,
    /// The problem and what to do.
    pub message: Words,
}
