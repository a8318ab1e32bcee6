//! Findings about rows that planning knows by file and line.

use crate::ledger::Finding;
use mail::card::CardNumber;
use mail::{Language, Worded};

/// The row that a finding is about.
pub(super) struct FindingRow<'r> {
    name: &'r str,
    line: u32,
    card: CardNumber,
    client_ref: &'r str,
}

impl<'r> FindingRow<'r> {
    /// A row of a file.
    pub(super) fn of(name: &'r str, line: u32, card: CardNumber, client_ref: &'r str) -> FindingRow<'r> {
        FindingRow { name, line, card, client_ref }
    }

    /// A finding about it.
    pub(super) fn finding(
        &self,
        language: Language,
        field: &str,
        code: &str,
        message: &(impl Worded + ?Sized),
    ) -> Finding {
        let finding = Finding {
            source_file: self.name.to_owned(),
            line: u64::from(self.line),
            card_number: self.card.to_string(),
            field: field.to_owned(),
            code: code.to_owned(),
            client_ref: self.client_ref.to_owned(),
            ..Finding::default()
        };
        finding.saying(message, language)
    }
}
