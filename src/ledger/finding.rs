//! What a night found about a record.

use serde::{Deserialize, Serialize};

use mail::{Language, Worded};

/// A reject or a warning on a record (contract: `rejects.csv`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// The file as the job's glob found it.
    pub source_file: String,
    /// The line where the record begins; the header is line 1.
    pub line: u64,
    /// The card's number as written, where it can be read.
    pub card_number: String,
    /// The column.
    pub field: String,
    /// The fault's stable code.
    pub code: String,
    /// The problem, then what to do, in the bureau's language.
    pub message: String,
    /// The message in English, for the terminal and the log; empty where `message` is English. Tables and the ledger lack it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub english: String,
    /// The client's reference of the record, as it is written; empty where there is none.
    #[serde(default)]
    pub client_ref: String,
}

impl Finding {
    /// The same finding with a message in a language.
    pub(crate) fn saying(self, message: &(impl Worded + ?Sized), language: Language) -> Finding {
        let english = language.of(message.to_string(), String::new());
        Finding { message: message.words(language), english, ..self }
    }

    /// The message in English; one that the ledger kept is as it was written.
    pub(crate) fn in_english(&self) -> &str {
        if self.english.is_empty() { &self.message } else { &self.english }
    }
}
