//! Reason, dates and replaced card of a record: the columns that planning uses. All dates lie around one night, [`NIGHT`],
//! whatever today's date is.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::random::Random;
use super::record::CardRow;
use mail::card::{CardFamily, CardStatus, Generation};
use mail::reason::Reason;

/// The night of samples, a Friday. Most pieces are due on it; the next working day is Monday 23.
pub(super) const NIGHT: Date = date(2026, 11, 20);

/// The day on which codes are asked again for cards of the sample, once their mailers have left.
pub(super) const LATER: Date = date(2026, 11, 25);

/// The shares of the reasons, in percent.
const REASONS: [(u32, Reason); 5] = [
    (40, Reason::First),
    (31, Reason::Renewal),
    (16, Reason::Incident),
    (8, Reason::Change),
    // Codes are asked again for cards that were sent before: those requests are in a file of their own.
    (5, Reason::First),
];

/// Draws a reason; a CPF is never renewed.
pub(super) fn draw(random: &mut Random, family: CardFamily) -> Reason {
    match random.weighted(&REASONS) {
        Reason::Renewal if family == CardFamily::Cpf => Reason::First,
        reason => reason,
    }
}

/// Fills reason, dates and replaced card.
pub(super) fn write(row: &mut CardRow, random: &mut Random, reason: Reason, replaced: String) {
    row.reason = reason.code().to_owned();
    match reason {
        Reason::First => row.requested_at = ordinary_request(random),
        Reason::Renewal => renewal(row, random, replaced),
        Reason::Incident => incident(row, random, replaced),
        Reason::Change => {
            row.requested_at = ordinary_request(random);
            row.replaced_card_number = replaced;
            row.replaced_generation = generation(random);
        }
        Reason::CodesReissue => write_again(row),
    }
}

/// Whether a record's letter leaves on the night and its mailer on the next working day.
pub(super) fn is_sent_at_once(row: &CardRow) -> bool {
    let due = format!("{NIGHT}T23:59:59");
    row.reason == Reason::First.code() && row.status == CardStatus::Issued.code() && row.requested_at <= due
}

/// Makes a record of a card a request for its codes again.
pub(super) fn write_again(row: &mut CardRow) {
    row.reason = Reason::CodesReissue.code().to_owned();
    row.requested_at = format!("{LATER}T10:15:00");
}

/// A request at any time: most on the day before the night or on its day, some earlier in the week, a few on the next weekend.
fn ordinary_request(random: &mut Random) -> String {
    let day = random.weighted(&[(50, -1), (34, 0), (5, -2), (4, -3), (3, -4), (2, 1), (1, 2), (1, 3)]);
    moment(random, day, 7, 19)
}

/// A renewal, requested by a program at night. Most cards expire within the month that makes the renewal due, some later.
fn renewal(row: &mut CardRow, random: &mut Random, replaced: String) {
    row.requested_at = {
        let day = -i64::from(random.below(19));
        moment(random, day, 1, 3)
    };
    let days = if random.chance(880) { random.within(11, 30) } else { random.within(31, 72) };
    let expiry = NIGHT.saturating_add(i64::from(days).days());
    row.expiry_date = expiry.to_string();
    row.issue_date = expiry.saturating_sub(3.years()).to_string();
    row.replaced_card_number = replaced;
    row.replaced_generation = generation(random);
}

/// An incident before or after the cut-off of 17:00, on a working day or on the weekend before or after.
fn incident(row: &mut CardRow, random: &mut Random, replaced: String) {
    row.requested_at = match random.below(100) {
        0..45 => moment(random, -1, 8, 16),
        45..52 => moment(random, -1, 17, 22),
        52..62 => moment(random, -2, 8, 22),
        62..68 => moment(random, -6, 9, 20),
        68..84 => moment(random, 0, 8, 16),
        84..92 => moment(random, 0, 17, 21),
        _ => {
            let day = random.weighted(&[(1, 1), (1, 2)]);
            moment(random, day, 9, 20)
        }
    };
    if !random.chance(30) {
        row.replaced_card_number = replaced;
        row.replaced_generation = generation(random);
    }
}

/// The generation of a replaced card; empty in some records.
fn generation(random: &mut Random) -> String {
    let generation =
        random.weighted(&[(86, Some(Generation::CPS3)), (8, Some(Generation::CPS2TER)), (6, None)]);
    generation.map(|generation| generation.code().to_owned()).unwrap_or_default()
}

/// A date and time `days` after the night, between two full hours, in one of the formats that records may have.
fn moment(random: &mut Random, days: i64, first_hour: u32, last_hour: u32) -> String {
    let day = NIGHT.saturating_add(days.days());
    let (hour, minute, second) = (random.within(first_hour, last_hour), random.below(60), random.below(60));
    match random.below(20) {
        0 => format!("{day} {hour:02}:{minute:02}:{second:02}"),
        1..3 => format!("{day}T{hour:02}:{minute:02}"),
        _ => format!("{day}T{hour:02}:{minute:02}:{second:02}"),
    }
}
