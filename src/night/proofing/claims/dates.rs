//! Days as pieces print them and as the signed block writes them.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use mail::issuance::Issuance;

/// How long the replaced card is still valid after the new one is issued, when it is renewed early (pieces.md §3).
const OLD_CARD_DAYS: i32 = 30;

/// A day in French, as in a letter: `1er mars 2026`, `23 novembre 2026`.
pub(super) fn in_words(day: Date) -> String {
    let month = match day.month() {
        1 => "janvier",
        2 => "février",
        3 => "mars",
        4 => "avril",
        5 => "mai",
        6 => "juin",
        7 => "juillet",
        8 => "août",
        9 => "septembre",
        10 => "octobre",
        11 => "novembre",
        _ => "décembre",
    };
    let number = if day.day() == 1 { "1er".to_owned() } else { day.day().to_string() };
    format!("{number} {month} {}", day.year())
}

/// The day on which the replaced card is revoked: thirty days after the new one is issued. A record whose date of issue is
/// not before its request gives that of the new card; the other dates of issue are of the old one, and the new one is
/// issued when its letter leaves.
pub(super) fn revocation(issuance: &Issuance, night: Date) -> Option<Date> {
    let request = issuance.requested_at.date();
    let issued = match issuance.issue_date {
        Some(day) if day >= request => day,
        _ => night,
    };
    issued.checked_add(OLD_CARD_DAYS.days()).ok()
}

/// Days since 1 January 2000 in four hexadecimal digits (2ddoc.md §1). `FFFF` means that there is no day, so it is none.
pub(super) fn in_block(day: Date) -> Option<String> {
    const FIRST: Date = date(2000, 1, 1);
    let days = (day - FIRST).get_days();
    (0..0xFFFF).contains(&days).then(|| format!("{days:04X}"))
}
