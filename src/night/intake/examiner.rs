//! The values of one row by column, and the faults found in them. The rules are written with these functions.
//!
//! A value that is missing or wrong becomes a fault. A field that can't be read as text has one fault and is not examined
//! any further.

use std::borrow::Cow;

use super::LostCard;
use crate::job::{CLIENT_REF, Column, RecordMapping};
use mail::card::CardNumber;
use mail::issuance::Issuance;
use mail::residue::Residue;
use mail::{Worded, Words, excerpt};

/// One thing that is wrong, or odd, in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The name of the column; empty for the row as a whole.
    pub field: String,
    /// The stable code.
    pub code: &'static str,
    /// The problem, then what to do.
    pub message: Words,
}

impl Fault {
    /// A fault of one field.
    pub(super) fn new(column: Column, code: &'static str, message: impl Worded) -> Self {
        Self { field: column.name().to_owned(), code, message: Words::said(&message) }
    }

    /// A fault of the client's reference.
    pub(super) fn of_client_ref(code: &'static str, message: impl Worded) -> Self {
        Self { field: CLIENT_REF.to_owned(), code, message: Words::said(&message) }
    }

    /// A fault of the row as a whole.
    pub(super) fn of_row(code: &'static str, message: impl Worded) -> Self {
        Self { field: String::new(), code, message: Words::said(&message) }
    }
}

/// What a program left in a text, with the text.
pub(super) fn quoted(text: &str, residue: Residue) -> Words {
    let text = excerpt(text);
    Words::of(format!("«\u{A0}{text}\u{A0}» {}", residue.french()), format!("`{text}` {residue}"))
}

/// The texts of a row that has as many fields as the header.
pub(super) struct RowTexts<'r> {
    /// The texts by column; `None` for a field that can't be read as text.
    pub cells: [Option<Cow<'r, str>>; Column::COUNT],
    /// The client's reference; empty where the row has none, or one that can't be read.
    pub client_ref: Cow<'r, str>,
    /// Why those fields can't be read.
    pub faults: Vec<Fault>,
    /// How the issuer's values become ours.
    pub mapping: &'r RecordMapping,
}

/// A row whose values were examined.
pub(super) struct Examined {
    /// Its card number where it is valid, whatever else is wrong.
    pub card_number: Option<CardNumber>,
    /// Whether its status is `revoked`, whatever else is wrong.
    pub revoked: bool,
    /// The card that an incident replaces, whatever else is wrong.
    pub lost: Option<LostCard>,
    /// The client's reference, whatever else is wrong; empty where there is none.
    pub client_ref: String,
    /// The record; `None` for a row with faults.
    pub issuance: Option<Issuance>,
    /// What is wrong. A row with faults is rejected.
    pub faults: Vec<Fault>,
    /// What is odd.
    pub warnings: Vec<Fault>,
}

impl Examined {
    /// A row whose values were not examined.
    pub(super) fn rejected(fault: Fault) -> Self {
        Self {
            card_number: None,
            revoked: false,
            lost: None,
            client_ref: String::new(),
            issuance: None,
            faults: vec![fault],
            warnings: Vec::new(),
        }
    }
}

/// Reads the values of a row and collects its faults.
pub(super) struct Examiner<'r> {
    row: &'r RowTexts<'r>,
    /// What is wrong so far.
    pub faults: Vec<Fault>,
    /// What is odd so far.
    pub warnings: Vec<Fault>,
    /// The card that an incident replaces.
    pub lost: Option<LostCard>,
}

impl<'r> Examiner<'r> {
    /// Begins with the faults of fields that can't be read.
    pub(super) fn new(row: &'r RowTexts<'r>) -> Self {
        Self { row, faults: row.faults.clone(), warnings: Vec::new(), lost: None }
    }

    /// The text of a field; empty if the field can't be read.
    pub(super) fn text(&self, column: Column) -> &'r str {
        self.row.cells[column as usize].as_deref().unwrap_or_default()
    }

    /// The client's reference, as it is written.
    pub(super) fn client_ref(&self) -> String {
        self.row.client_ref.clone().into_owned()
    }

    /// Whether a field is empty. A field that can't be read is not.
    pub(super) fn is_empty(&self, column: Column) -> bool {
        self.row.cells[column as usize].as_deref() == Some("")
    }

    /// Whether a field can be read and is not empty.
    pub(super) fn has(&self, column: Column) -> bool {
        !self.text(column).is_empty()
    }

    /// Adds a fault.
    pub(super) fn fault(&mut self, column: Column, code: &'static str, message: impl Worded) {
        self.faults.push(Fault::new(column, code, message));
    }

    /// Adds a warning.
    pub(super) fn warn(&mut self, column: Column, code: &'static str, message: impl Worded) {
        self.warnings.push(Fault::new(column, code, message));
    }

    /// Adds a fault if a field is empty. `needed_by` is part of the message, such as `every record`.
    pub(super) fn require(&mut self, column: Column, needed_by: impl Worded) {
        if self.is_empty(column) {
            let message = Words::of(
                format!("le champ est vide et {} l’exige\u{202F}; remplissez-le", needed_by.french()),
                format!("the field is empty and {needed_by} needs it; fill it in"),
            );
            self.fault(column, "missing_value", message);
        }
    }

    /// A field's value; `None` where it is empty, can't be read or is faulty. A faulty value adds a fault.
    pub(super) fn value<T, E: Worded>(
        &mut self,
        column: Column,
        parse: impl FnOnce(&str) -> Result<T, E>,
        code: impl FnOnce(&E) -> &'static str,
    ) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(fault) => {
                // An optional field may be emptied; a value of another kind is no help there.
                let message = match Residue::of(text) {
                    Some(Residue::NoValue) => quoted(text, Residue::NoValue),
                    _ => Words::said(&fault),
                };
                let message = self.with_missing_line(column, message);
                self.fault(column, code(&fault), message);
                None
            }
        }
    }

    /// A message on a value, with the line that the job lacks for it, where values of this column are mapped.
    pub(super) fn with_missing_line(&self, column: Column, message: Words) -> Words {
        match self.row.mapping.missing_line(column, self.text(column)) {
            Some(line) => Words::of(
                format!("{}, ou {}", message.french(), line.french()),
                format!("{message}, or {line}"),
            ),
            None => message,
        }
    }

    /// A field's value, one of a few words. The code of its fault is the column's name.
    pub(super) fn word<T: Copy>(
        &mut self,
        column: Column,
        all: &[T],
        spell: fn(T) -> &'static str,
    ) -> Option<T> {
        let choose = |text: &str| {
            let found = all.iter().copied().find(|value| spell(*value) == text);
            found.ok_or_else(|| {
                let words: Vec<&str> = all.iter().copied().map(spell).collect();
                let (text, words) = (excerpt(text), words.join(", "));
                Words::of(
                    format!("«\u{A0}{text}\u{A0}» n’est pas un des mots admis\u{202F}; écrivez l’un de ceux-ci\u{202F}: {words}"),
                    format!("`{text}` is not one of the allowed words; write one of {words}"),
                )
            })
        };
        self.value(column, choose, |_| column.name())
    }
}
