//! Alarms: what a person must decide before a lot leaves.
//!
//! An alarm is raised once, by what was read or by its absence, and decided once: by a person, or because the piece was
//! found, spoiled or printed again. A stranger's number is kept as its hash, with most of its digits left out.

use std::collections::HashMap;

use serde::Serialize;

use super::database::Value::{Bytes, Integer, Null, Text};
use super::{Author, Ledger, LedgerError, Row, author, sealing};

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlarmKind {
    /// A piece passed twice.
    Duplicate,
    /// Another card was read beside the piece.
    Mismatch,
    /// A piece passed that does not belong to the lot.
    Foreign,
    /// A piece was not seen.
    Missing,
    /// A piece passed, and what the camera read of it can't be believed.
    Unreadable,
    /// A piece passed that must not leave: it was printed again, recalled or spoiled.
    Passed,
    /// The machine asks for a person.
    Attention,
}

impl AlarmKind {
    const ALL: [AlarmKind; 7] = [
        AlarmKind::Duplicate,
        AlarmKind::Mismatch,
        AlarmKind::Foreign,
        AlarmKind::Missing,
        AlarmKind::Unreadable,
        AlarmKind::Passed,
        AlarmKind::Attention,
    ];

    /// Its code, as the ledger and JSON have it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            AlarmKind::Duplicate => "duplicate",
            AlarmKind::Mismatch => "mismatch",
            AlarmKind::Foreign => "foreign",
            AlarmKind::Missing => "missing",
            AlarmKind::Unreadable => "unreadable",
            AlarmKind::Passed => "passed",
            AlarmKind::Attention => "attention",
        }
    }

    pub(super) fn parse(code: &str) -> Option<AlarmKind> {
        AlarmKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// An alarm that is raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewAlarm {
    /// The piece's sequence in its lot; `None` for a stranger.
    pub sequence: Option<u32>,
    /// What it is about.
    pub kind: AlarmKind,
    /// The digest of the read that says so; empty for a piece that was not seen.
    pub source: Vec<u8>,
    /// The file and line that say so; empty where none does.
    pub place: String,
    /// What was read of a stranger.
    pub stranger: Option<String>,
}

/// An alarm as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Alarm {
    /// The piece's sequence in its lot; `None` for a stranger.
    pub sequence: Option<u32>,
    /// What it is about.
    pub kind: AlarmKind,
    /// When it was raised, UTC.
    pub at: String,
    /// The file and line that say so; empty where none does.
    pub place: String,
    /// What was read of a stranger, a card's number without most of its digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// How it was decided; `None` while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    #[serde(skip)]
    id: i64,
    #[serde(skip)]
    mark: Option<Vec<u8>>,
}

/// How an alarm was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Decision {
    /// When, UTC.
    pub at: String,
    /// `accepted` by a person, or what became of the piece.
    pub verdict: String,
    /// The reason that the person gave; empty where none was asked.
    pub reason: String,
    /// By whom.
    pub by_whom: String,
}

impl Alarm {
    /// Whether nobody has decided it.
    pub(crate) fn is_open(&self) -> bool {
        self.decision.is_none()
    }

    /// Whether a person accepted it.
    pub(crate) fn is_accepted(&self) -> bool {
        self.decision.as_ref().is_some_and(|decision| decision.verdict == ACCEPTED)
    }

    /// What is kept of a stranger's text, by which [`Ledger::marks_of`] finds it.
    pub(crate) fn mark(&self) -> Option<&[u8]> {
        self.mark.as_deref()
    }

    fn read(row: &dyn Row) -> Result<Alarm, LedgerError> {
        let sequence = row.need_integer(1)?;
        let kind = row.need_text(2)?;
        let owned = |column| row.text(column).map(|text| text.unwrap_or_default().to_owned());
        let decision = match row.text(6)? {
            Some(at) => Some(Decision {
                at: at.to_owned(),
                verdict: owned(7)?,
                reason: owned(8)?,
                by_whom: owned(9)?,
            }),
            None => None,
        };
        Ok(Alarm {
            id: row.need_integer(0)?,
            sequence: u32::try_from(sequence).ok().filter(|sequence| *sequence > 0),
            kind: AlarmKind::parse(kind).ok_or_else(|| LedgerError::Damaged {
                place: "the ledger".to_owned(),
                table: "alarm",
                number: sequence,
                reason: format!("unknown kind `{kind}`"),
            })?,
            at: row.need_text(3)?.to_owned(),
            place: row.need_text(4)?.to_owned(),
            said: row.text(5)?.map(str::to_owned),
            decision,
            mark: row.bytes(10)?.map(<[u8]>::to_vec),
        })
    }
}

/// The verdict of a person who let things be.
pub(super) const ACCEPTED: &str = "accepted";
/// The verdict of a piece that was seen after all.
pub(super) const FOUND: &str = "found";

/// Rows of alarms; a condition follows.
const ALARMS: &str =
    "SELECT id, sequence, kind, at, place, said, decided, verdict, reason, by_whom, mark FROM alarm WHERE";

impl Ledger {
    /// The alarms of a lot by its number, in the order in which they were raised.
    ///
    /// # Errors
    /// Those of the database; [`LedgerError::Damaged`].
    pub(crate) fn alarms(&self, lot: i64) -> Result<Vec<Alarm>, LedgerError> {
        let sql = format!("{ALARMS} lot = ?1 ORDER BY id");
        self.list(&sql, &[Integer(lot)], Alarm::read)
    }

    /// The alarms of a piece.
    ///
    /// # Errors
    /// As [`Ledger::alarms`].
    pub(super) fn alarms_of(&self, lot: i64, sequence: i64) -> Result<Vec<Alarm>, LedgerError> {
        let sql = format!("{ALARMS} lot = ?1 AND sequence = ?2 ORDER BY id");
        self.list(&sql, &[Integer(lot), Integer(sequence)], Alarm::read)
    }

    /// Raises alarms, within a transaction. One that was decided is not raised again, except for a piece that was found and is
    /// not seen once more.
    pub(super) fn raise(&self, lot: i64, alarms: &[NewAlarm]) -> Result<(), LedgerError> {
        if alarms.is_empty() {
            return Ok(());
        }
        let at = author::present();
        let mut id = self.number("SELECT max(id) FROM alarm", &[])?.unwrap_or_default();
        for alarm in alarms {
            id += 1;
            let said = alarm.stranger.as_deref().map(shortened);
            let mark = alarm.stranger.as_deref().map(|text| sealing::card(&self.keys, text));
            let sql = "INSERT INTO alarm (id, lot, sequence, kind, source, at, place, said, mark)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                       ON CONFLICT (lot, sequence, kind, source) DO UPDATE
                       SET at = excluded.at, decided = NULL, verdict = NULL, reason = NULL, by_whom = NULL
                       WHERE alarm.kind = 'missing' AND alarm.verdict = 'found'";
            let values = [
                Integer(id),
                Integer(lot),
                Integer(alarm.sequence.map_or(0, i64::from)),
                Text(alarm.kind.code()),
                Bytes(&alarm.source),
                Text(&at),
                Text(&alarm.place),
                said.as_deref().map_or(Null, Text),
                mark.as_ref().map_or(Null, |mark| Bytes(mark)),
            ];
            self.db.execute(sql, &values)?;
        }
        Ok(())
    }

    /// Decides the open alarms of a piece, within a transaction: `verdict` says what became of it.
    pub(super) fn decide(
        &self,
        lot: i64,
        sequence: i64,
        verdict: &str,
        reason: &str,
        author: &Author,
    ) -> Result<u64, LedgerError> {
        let sql = "UPDATE alarm SET decided = ?3, verdict = ?4, reason = ?5, by_whom = ?6
                   WHERE lot = ?1 AND sequence = ?2 AND decided IS NULL";
        let at = author::present();
        let values =
            [Integer(lot), Integer(sequence), Text(&at), Text(verdict), Text(reason), Text(&author.name)];
        self.db.execute_now(sql, &values)
    }

    /// Accepts the open alarms of a stranger by what was read, or by what [`Alarm::said`] shows of it.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn accept_stranger(
        &self,
        lot: i64,
        text: &str,
        reason: &str,
        author: &Author,
    ) -> Result<u64, LedgerError> {
        let sql = "UPDATE alarm SET decided = ?4, verdict = ?5, reason = ?6, by_whom = ?7
                   WHERE lot = ?1 AND sequence = 0 AND decided IS NULL AND (mark = ?2 OR said = ?3)";
        let (mark, at) = (sealing::card(&self.keys, text), author::present());
        let values = [
            Integer(lot),
            Bytes(&mark),
            Text(text),
            Text(&at),
            Text(ACCEPTED),
            Text(reason),
            Text(&author.name),
        ];
        self.db.execute_now(sql, &values)
    }

    /// Texts that were read, by what alarms keep of them.
    pub(crate) fn marks_of<'t>(&self, texts: &'t [String]) -> HashMap<Vec<u8>, &'t str> {
        texts.iter().map(|text| (sealing::card(&self.keys, text).to_vec(), text.as_str())).collect()
    }

    /// Whether an alarm is about this text.
    pub(crate) fn is_about(&self, alarm: &Alarm, text: &str) -> bool {
        alarm.mark.as_deref() == Some(&sealing::card(&self.keys, text)[..])
    }
}

/// A text of which a number shows its first three digits and its last two only.
fn shortened(text: &str) -> String {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits < text.len() || digits < 7 {
        return text.to_owned();
    }
    format!("{}{}{}", &text[..3], "*".repeat(digits - 5), &text[digits - 2..])
}
