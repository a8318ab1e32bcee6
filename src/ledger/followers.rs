//! The mailers of letters: what has been released for a card whose letter does not leave.

use jiff::civil::Date;

use super::database::Value::Integer;
use super::returning::let_go;
use super::{Ledger, LedgerError, State};

/// A mailer that was released for the card of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReleasedMailer {
    /// The letter's sequence in its lot.
    pub letter: u32,
    /// The mailer's printed reference.
    pub piece_id: String,
    /// Its state.
    pub state: State,
}

/// A mailer whose letter does not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeldMailer {
    /// The mailer's sequence in its lot.
    pub sequence: u32,
    /// The letter's printed reference.
    pub letter: String,
    /// Why the letter does not leave: its state, what its alarm is about, or that it was printed again just now.
    pub why: String,
}

impl Ledger {
    /// The mailers of a lot that may still leave, and whose card's letter does not: its latest print is missing, spoiled or
    /// recalled, came back (where `returned_hold` says so), has an open alarm, or is a reprint that is `too_young` by its night and the day on which it was settled.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn held_mailers(
        &self,
        lot: i64,
        returned_hold: bool,
        too_young: &dyn Fn(Date, Option<Date>) -> bool,
    ) -> Result<Vec<HeldMailer>, LedgerError> {
        let sql = format!(
"SELECT piece.sequence, letter.duty, letter.attempt, coalesce(letter.state, of_letter.state), lot.id,
                   coalesce(piece.state, lot.state),
                   (SELECT min(kind) FROM alarm
                    WHERE alarm.lot = letter.lot AND alarm.sequence = letter.sequence AND decided IS NULL),
                   of_letter.night, (SELECT day FROM milestone WHERE milestone.lot = letter.lot AND name = 'settled'),
                   {}
                   FROM piece JOIN lot ON lot.id = piece.lot JOIN duty ON duty.id = piece.duty
                   JOIN record ON record.id = duty.record JOIN record same ON same.card = record.card
                   JOIN duty first ON first.record = same.id AND first.kind = 'letter' AND first.state = 'released'
                   JOIN piece letter ON letter.duty = first.id JOIN lot of_letter ON of_letter.id = letter.lot
                   WHERE piece.lot = ?1 AND NOT EXISTS
                   (SELECT 1 FROM piece later WHERE later.duty = letter.duty AND later.attempt > letter.attempt)
                   ORDER BY piece.sequence",
let_go("letter")
);
        let rows = self.list(&sql, &[Integer(lot)], |row| {
            let (letter, mailer) = (row.need_text(3)?, row.need_text(5)?);
            let letter = self.state(letter, row.need_integer(4)?)?;
            let leaves = self.state(mailer, row.need_integer(4)?)?.may_leave();
            let keeps_back = letter.keeps_back_mailers(returned_hold, row.need_count(9)? > 0);
            let why =
                row.text(6)?.map(str::to_owned).or_else(|| keeps_back.then(|| letter.code().to_owned()));
            let place = [row.need_integer(0)?, row.need_integer(1)?, row.need_integer(2)?];
            let settled = row.text(8)?.and_then(|day| day.parse().ok());
            let night = row.need_text(7)?.parse().ok().filter(|_| place[2] > 0);
            let young = night.is_some_and(|night| too_young(night, settled));
            let why = why.or_else(|| young.then(|| "printed again".to_owned()));
            Ok(why.filter(|_| leaves).map(|why| (place, why)))
        })?;
        let held = rows.into_iter().flatten().map(|([sequence, duty, attempt], why)| {
            Ok(HeldMailer { sequence: sequence as u32, letter: self.reference(duty, attempt)?, why })
        });
        held.collect()
    }

    /// The mailers that were released for the cards of letters, by the letters' sequences in their lot, and that are in hand or
    /// have left.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn released_mailers(
        &self,
        lot: i64,
        letters: &[u32],
    ) -> Result<Vec<ReleasedMailer>, LedgerError> {
        let sql = "SELECT piece.duty, piece.attempt, coalesce(piece.state, lot.state), lot.id
                   FROM piece letter JOIN duty of_letter ON of_letter.id = letter.duty
                   JOIN record of_card ON of_card.id = of_letter.record
                   JOIN record ON record.card = of_card.card
                   JOIN duty ON duty.record = record.id AND duty.kind = 'mailer'
                   JOIN piece ON piece.duty = duty.id JOIN lot ON lot.id = piece.lot
                   WHERE letter.lot = ?1 AND letter.sequence = ?2 ORDER BY lot.id, piece.sequence";
        let mut mailers = Vec::new();
        for letter in letters {
            let found = self.list(sql, &[Integer(lot), Integer(i64::from(*letter))], |row| {
                let state = self.state(row.need_text(2)?, row.need_integer(3)?)?;
                Ok((row.need_integer(0)?, row.need_integer(1)?, state))
            })?;
            for (duty, attempt, state) in found {
                if state.may_leave() || state == State::Dispatched {
                    let piece_id = self.reference(duty, attempt)?;
                    mailers.push(ReleasedMailer { letter: *letter, piece_id, state });
                }
            }
        }
        Ok(mailers)
    }
}
