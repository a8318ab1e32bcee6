//! The job file's `[returns.reasons]`, and what is wrong with it.

use serde::Deserialize;

use super::{ReturnReasons, normalised};

/// The most characters of a code. Its barcode is as wide as a separator sheet allows.
const LONGEST_CODE: usize = 20;
/// The most characters of words and patterns.
const LONGEST_TEXT: usize = 80;

/// What a job file says of a reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReasonSettings {
    /// Its words; a built-in reason has its own.
    pub words: Option<String>,
    /// Patterns of the texts of the post's label that say this reason: a whole text, in which `*` stands for any characters.
    pub label: Vec<String>,
}

/// A value of `[returns]` that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReasonFault {
    path: String,
    message: String,
}

impl ReasonFault {
    /// The key, with its table: `returns.reasons.moved.words`.
    pub fn path(&self) -> String {
        self.path.clone()
    }

    pub(super) fn unknown_disposition(code: &str, reasons: &ReturnReasons) -> ReasonFault {
        let known = reasons.codes().collect::<Vec<_>>().join("`, `");
        ReasonFault {
            path: format!("returns.disposition.{code}"),
            message: format!(
                "no reason has this code; write one of `{known}`, or add it to `[returns.reasons]`"
            ),
        }
    }
}

/// Checks a reason. `known`: it is one already.
pub(super) fn check(code: &str, reason: &ReasonSettings, known: bool) -> Result<(), ReasonFault> {
    let fault = |key: &str, message: &str| {
        Err(ReasonFault { path: format!("returns.reasons.{code}{key}"), message: message.to_owned() })
    };
    let well_formed = code.starts_with(|first: char| first.is_ascii_lowercase())
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !well_formed || code.len() > LONGEST_CODE {
        return fault("", "a code is a letter and up to 19 letters, digits or `_`; write such as `moved`");
    }
    let fits = |text: &str| {
        !normalised(text).is_empty()
            && text.chars().count() <= LONGEST_TEXT
            && !text.chars().any(char::is_control)
    };
    match &reason.words {
        None if !known => return fault("", "a reason needs words; write such as `words = \"A déménagé\"`"),
        Some(words) if !fits(words) => return fault(".words", "write 1 to 80 characters on one line"),
        _ => {}
    }
    let says = |pattern: &String| fits(pattern) && pattern.chars().any(|character| character != '*');
    match reason.label.iter().all(says) {
        true => Ok(()),
        false => fault(
            ".label",
            "a pattern needs 1 to 80 characters on one line, and more than `*`; write such as `\"NPAI*\"`",
        ),
    }
}
