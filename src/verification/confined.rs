//! Foreign pictures and PDFs are read in a child process: what they make a decoder do has limits.

use std::io::Read as _;

use foreign::{ChildError, Limits};
use serde::{Deserialize, Serialize};

use super::page::{PageSymbols, read_page};
use crate::failure::Failure;

/// The largest file that is read, in bytes.
pub(super) const MAX_FILE: u64 = 256 << 20;

/// What the reading of one page may use. A picture of 100 million pixels takes about a quarter of it.
const LIMITS: Limits = Limits { memory: 4 << 30, seconds: 30, output: 16 << 20 };

/// The name of the task among those of a confined child.
const TASK: &str = "read-page";

/// Why there is nothing of a page.
pub(super) enum NotRead {
    /// The file or the page is not what it should be.
    Refused(Failure),
    /// Reading it takes more than is allowed.
    TooMuch(ChildError),
}

impl NotRead {
    /// The failure of a page of a file.
    pub(super) fn into_failure(self, file: &str, page: u32) -> Failure {
        match self {
            NotRead::Refused(failure) => failure.in_file(file),
            NotRead::TooMuch(error) if error.is_of_the_system() => {
                Failure::midway("picture_process", format!("page {page} can't be read: {error}"))
                    .with_advice(foreign::ADVICE_ON_CHILDREN)
                    .in_file(file)
                    .caused_by(error)
            }
            NotRead::TooMuch(error) => {
                Failure::usage("picture_limits", format!("page {page} can't be read: {error}"))
                    .with_advice("give a smaller picture of the part that has the symbol")
                    .in_file(file)
                    .caused_by(error)
            }
        }
    }

    /// Whether the system, and not the file, is the cause.
    pub(super) fn is_of_the_system(&self) -> bool {
        matches!(self, NotRead::TooMuch(error) if error.is_of_the_system())
    }

    /// Whether the limits were reached, which further pages would reach too.
    pub(super) fn took_too_much(&self) -> bool {
        matches!(self, NotRead::TooMuch(_))
    }

    /// The reason, in one line.
    pub(super) fn reason(&self) -> String {
        match self {
            NotRead::Refused(failure) => failure.message().to_owned(),
            NotRead::TooMuch(error) => error.to_string(),
        }
    }
}

/// What a child answers.
#[derive(Serialize, Deserialize)]
enum Answer {
    Read(PageSymbols),
    Refused { code: String, message: String, advice: Option<String> },
}

/// The answer of a confined child, which its command prints.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct PageAnswer(Answer);

/// Reads a page, from 1, in a child process; in this one where this program can't start itself.
pub(super) fn symbols_of_page(bytes: &[u8], page: u32) -> Result<PageSymbols, NotRead> {
    let arguments = ["--json", "confined", TASK, &page.to_string()];
    let Some(ended) = foreign::run_this_program(&arguments, bytes.to_vec(), LIMITS) else {
        return read_page(bytes.to_vec(), page).map_err(NotRead::Refused);
    };
    let ended = ended.map_err(NotRead::TooMuch)?;
    match serde_json::from_slice(&ended.output) {
        Ok(Answer::Read(symbols)) => Ok(symbols),
        Ok(Answer::Refused { code, message, advice }) => {
            let failure = Failure::usage(stable(&code), message);
            Err(NotRead::Refused(advice.map_or(failure.clone(), |advice| failure.with_advice(advice))))
        }
        // A child that ends without an answer was out of memory.
        Err(_) => Err(NotRead::TooMuch(ChildError::Died(LIMITS.memory))),
    }
}

/// The task of the child: limits itself, then reads a page of the file that comes on standard input.
///
/// # Errors
/// `io`: no limits can be set, or standard input can't be read.
pub(crate) fn answer_page(page: u32) -> Result<PageAnswer, Failure> {
    foreign::confine(LIMITS)?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    Ok(PageAnswer(match read_page(bytes, page) {
        Ok(symbols) => Answer::Read(symbols),
        Err(failure) => Answer::Refused {
            code: failure.code().to_owned(),
            message: failure.message().to_owned(),
            advice: failure.advice().map(str::to_owned),
        },
    }))
}

/// The stable code of a child's refusal.
fn stable(code: &str) -> &'static str {
    let codes = ["pdf_encrypted", "pdf_no_page", "pdf_page_too_large", "pdf_unreadable"];
    codes.into_iter().find(|known| *known == code).unwrap_or("picture")
}
