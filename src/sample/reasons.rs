//! Why the cards of a sample are issued, and when: the columns that planning works on.
//!
//! Takes dice and the numbers of the new and the replaced card. Gives reason, dates and the replaced card.
//! Never asks what day it is: everything turns about one night, [`NIGHT`].

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::dice::Dice;
use super::record::CardRow;
use mail::card::{CardFamily, Generation};
use mail::reason::Reason;

/// The night that samples are made for, a Friday: most pieces are due on it, and the next working day is Monday 23.
pub(super) const NIGHT: Date = date(2026, 11, 20);

/// The shares of the reasons, in percent.
const REASONS: [(u32, Reason); 5] = [
    (40, Reason::First),
    (31, Reason::Renewal),
    (16, Reason::Incident),
    (8, Reason::Change),
    (5, Reason::CodesReissue),
];

/// Draws a reason; a CPF is never renewed.
pub(super) fn reason(dice: &mut Dice, family: CardFamily) -> Reason {
    match dice.weighted(&REASONS) {
        Reason::Renewal if family == CardFamily::Cpf => Reason::First,
        reason => reason,
    }
}

/// Fills reason, dates and replaced card.
pub(super) fn write(row: &mut CardRow, dice: &mut Dice, reason: Reason, replaced: String) {
    row.reason = reason.code().to_owned();
    match reason {
        Reason::First => row.requested_at = ordinary_request(dice),
        Reason::Renewal => renewal(row, dice, replaced),
        Reason::Incident => incident(row, dice, replaced),
        Reason::Change => {
            row.requested_at = ordinary_request(dice);
            row.replaced_card_number = replaced;
            row.replaced_generation = generation(dice);
        }
        Reason::CodesReissue => {
            let day = dice.weighted(&[(70, -1), (20, 0), (10, -2)]);
            row.requested_at = moment(dice, day, 8, 18);
        }
    }
}

/// Most on the eve and the day of the night, some earlier in the week, a few on the weekend that follows.
fn ordinary_request(dice: &mut Dice) -> String {
    let day = dice.weighted(&[(50, -1), (34, 0), (5, -2), (4, -3), (3, -4), (2, 1), (1, 2), (1, 3)]);
    moment(dice, day, 7, 19)
}

/// Asked for by a program at night; most expire within the month that makes them due, some later.
fn renewal(row: &mut CardRow, dice: &mut Dice, replaced: String) {
    row.requested_at = {
        let day = -i64::from(dice.below(19));
        moment(dice, day, 1, 3)
    };
    let days = if dice.chance(880) { dice.within(11, 30) } else { dice.within(31, 72) };
    let expiry = NIGHT.saturating_add(i64::from(days).days());
    row.expiry_date = expiry.to_string();
    row.issue_date = expiry.saturating_sub(3.years()).to_string();
    row.replaced_card_number = replaced;
    row.replaced_generation = generation(dice);
}

/// Before and after the cut-off of 17:00, on working days and on both weekends about them.
fn incident(row: &mut CardRow, dice: &mut Dice, replaced: String) {
    row.requested_at = match dice.below(100) {
        0..45 => moment(dice, -1, 8, 16),
        45..52 => moment(dice, -1, 17, 22),
        52..62 => moment(dice, -2, 8, 22),
        62..68 => moment(dice, -6, 9, 20),
        68..84 => moment(dice, 0, 8, 16),
        84..92 => moment(dice, 0, 17, 21),
        _ => {
            let day = dice.weighted(&[(1, 1), (1, 2)]);
            moment(dice, day, 9, 20)
        }
    };
    if !dice.chance(30) {
        row.replaced_card_number = replaced;
        row.replaced_generation = generation(dice);
    }
}

/// The generation of a replaced card; some records don't know it.
fn generation(dice: &mut Dice) -> String {
    let generation =
        dice.weighted(&[(86, Some(Generation::Cps3)), (8, Some(Generation::Cps2Ter)), (6, None)]);
    generation.map_or("", Generation::code).to_owned()
}

/// A date and time, `days` after the night, between two full hours, in one of the spellings that records may have.
fn moment(dice: &mut Dice, days: i64, first_hour: u32, last_hour: u32) -> String {
    let day = NIGHT.saturating_add(days.days());
    let (hour, minute, second) = (dice.within(first_hour, last_hour), dice.below(60), dice.below(60));
    match dice.below(20) {
        0 => format!("{day} {hour:02}:{minute:02}:{second:02}"),
        1..3 => format!("{day}T{hour:02}:{minute:02}"),
        _ => format!("{day}T{hour:02}:{minute:02}:{second:02}"),
    }
}
