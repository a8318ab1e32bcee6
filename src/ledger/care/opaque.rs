//! What ties a mailer to its record, in the lines of an export: opaque without the ledger's keys.
//!
//! A mailer's duty and its record have other numbers in such an export, and the mark of the address of a mailer that came back
//! is another one. The ledger's keys turn all of them back at the import.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::vault::OpaqueIds;
use mail::piece::PieceKind;

/// How an export shows to which record a mailer belongs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailerLinks {
    /// With numbers that only the ledger's keys turn back.
    Opaque,
    /// With the ledger's own numbers, as all exports of earlier versions do.
    #[default]
    Personal,
}

impl MailerLinks {
    /// Whether they are the ledger's own numbers.
    pub(super) fn are_personal(&self) -> bool {
        *self == MailerLinks::Personal
    }
}

/// Turns the numbers of the rows of an export into opaque ones and back, table by table in the order of an export.
pub(super) struct OpaqueRows {
    ids: OpaqueIds,
    /// The lots of mailers, by number.
    lots: BTreeSet<i64>,
}

/// Which way a row is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// For an export.
    Hide,
    /// From an export.
    Show,
}

impl OpaqueRows {
    /// Turns rows under these keys.
    pub(super) fn new(ids: OpaqueIds) -> OpaqueRows {
        OpaqueRows { ids, lots: BTreeSet::new() }
    }

    /// Turns a row of a table. Cells of another type than their column's stay, for the import to refuse.
    pub(super) fn turn(&mut self, turn: Turn, table: &str, row: &mut Map<String, Json>) {
        let is_mailer = row.get("kind").and_then(Json::as_str) == Some(PieceKind::Mailer.code());
        let lot = row.get("lot").and_then(Json::as_i64);
        let of_mailers = lot.is_some_and(|lot| self.lots.contains(&lot));
        match table {
            "lot" if is_mailer => self.lots.extend(row.get("id").and_then(Json::as_i64)),
            "duty" if is_mailer => {
                self.number(turn, "duty", row.get_mut("id"));
                self.number(turn, "record", row.get_mut("record"));
            }
            "piece" if of_mailers => self.number(turn, "duty", row.get_mut("duty")),
            "returned" | "return_release" if of_mailers => self.mark(turn, row.get_mut("address")),
            _ => {}
        }
    }

    fn number(&self, turn: Turn, what: &str, cell: Option<&mut Json>) {
        let Some(cell) = cell else { return };
        let Some(number) = cell.as_i64() else { return };
        *cell = match turn {
            Turn::Hide => self.ids.hidden(what, number),
            Turn::Show => self.ids.shown(what, number),
        }
        .into();
    }

    fn mark(&self, turn: Turn, cell: Option<&mut Json>) {
        let Some(cell) = cell else { return };
        let Some(mut bytes) = cell.as_str().and_then(|text| STANDARD.decode(text).ok()) else { return };
        match turn {
            Turn::Hide => self.ids.hide("address", &mut bytes),
            Turn::Show => self.ids.show("address", &mut bytes),
        }
        *cell = STANDARD.encode(bytes).into();
    }
}
