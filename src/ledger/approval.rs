//! What was approved: each approval is used once, and what production uses once approved is known.

use super::Value::Text;
use super::{Ledger, LedgerError};

/// How the name of the note of a used approval begins.
const APPROVAL: &str = "approval ";
/// How the name of the note of a template or key in production begins.
const PRODUCTION: &str = "production ";

impl Ledger {
    /// Whether the approval with this hash was used.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn knows_approval(&self, hash: &str) -> Result<bool, LedgerError> {
        self.has_note(&format!("{APPROVAL}{hash}"))
    }

    /// Uses an approval up, durably; false where it was used before.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn spend_approval(&self, hash: &str) -> Result<bool, LedgerError> {
        self.add_note(&format!("{APPROVAL}{hash}"))
    }

    /// Whether production has used what has this name and hash.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn knows_in_production(&self, name: &str, hash: &str) -> Result<bool, LedgerError> {
        self.has_note(&format!("{PRODUCTION}{name} {hash}"))
    }

    /// Notes that production uses what has this name and hash.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn note_in_production(&self, name: &str, hash: &str) -> Result<(), LedgerError> {
        self.add_note(&format!("{PRODUCTION}{name} {hash}")).map(drop)
    }

    /// How many mailers of reason `codes_reissue` left already: on a night, or under any night since a moment (RFC 3339, UTC).
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn reissues(&self, night: jiff::civil::Date, since: &str) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM piece
                   JOIN lot ON lot.id = piece.lot JOIN duty ON duty.id = piece.duty
                   JOIN record ON record.id = duty.record
                   WHERE lot.kind = 'mailer' AND piece.attempt = 0 AND record.reason = 'codes_reissue'
                   AND (lot.night = ?1 OR EXISTS (SELECT 1 FROM event WHERE event.lot = lot.id
                        AND event.sequence IS NULL AND event.state = 'composed' AND event.at >= ?2))";
        self.count(sql, &[Text(&night.to_string()), Text(since)])
    }

    fn has_note(&self, name: &str) -> Result<bool, LedgerError> {
        Ok(self.count("SELECT count(*) FROM note WHERE name = ?1", &[Text(name)])? > 0)
    }

    fn add_note(&self, name: &str) -> Result<bool, LedgerError> {
        let sql = "INSERT INTO note (name, value) VALUES (?1, 1) ON CONFLICT (name) DO NOTHING";
        Ok(self.db.execute_now(sql, &[Text(name)])? > 0)
    }
}
