//! Working days in France, and the day on which a record's first piece is due.
//!
//! Public holidays are computed, without a table of years. Nothing here reads the clock.

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

use crate::issuance::Issuance;
use crate::reason::Reason;

/// The hour before which an incident counts for the same day: 17:00, local time.
pub const CUT_OFF: Time = Time::constant(17, 0, 0, 0);

/// Public holidays on a fixed date: month, day.
const FIXED: [(i8, i8); 8] = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];

/// Days from Easter Sunday to the public holidays that move with it: Easter Monday, Ascension, Whit Monday.
const MOVABLE: [i64; 3] = [1, 39, 50];

/// The working days of a bureau: not Saturdays, Sundays, French public holidays or its own days off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Whether Good Friday and 26 December are off too, as in Alsace and Moselle.
    pub alsace_moselle: bool,
    /// Further days off, in any order.
    pub closed: Vec<Date>,
}

impl Calendar {
    /// Whether a day is a French public holiday here.
    fn is_public_holiday(&self, day: Date) -> bool {
        if FIXED.contains(&(day.month(), day.day())) {
            return true;
        }
        let after_easter = days_after_easter(day);
        let local = after_easter == Some(-2) || (day.month(), day.day()) == (12, 26);
        after_easter.is_some_and(|days| MOVABLE.contains(&days)) || (self.alsace_moselle && local)
    }

    /// Whether the bureau works on a day.
    pub fn is_working_day(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        !weekend && !self.is_public_holiday(day) && !self.closed.contains(&day)
    }

    /// The first working day after a day.
    fn next_working_day(&self, after: Date) -> Date {
        self.working_day_on_or_after(following(after))
    }

    /// The day itself when it is a working day, otherwise the first one after it.
    fn working_day_on_or_after(&self, day: Date) -> Date {
        let mut day = day;
        while !self.is_working_day(day) && day < Date::MAX {
            day = following(day);
        }
        day
    }

    /// How many working days lie after a day, up to another and with it: 0 where that is not later.
    pub fn working_days_between(&self, after: Date, to: Date) -> u32 {
        let mut days = 0;
        let mut day = after;
        while day < to {
            day = following(day);
            days += u32::from(self.is_working_day(day));
        }
        days
    }

    /// The day on which the mailer is due, given the day its letter was released: 24 working hours later.
    pub fn mailer_due(&self, letter_released: Date) -> Date {
        self.next_working_day(letter_released)
    }

    /// The day on which the letter of a record is due, or `None` when its reason sends no letter.
    pub fn letter_due(&self, issuance: &Issuance, cut_off: Time) -> Option<Date> {
        issuance.reason.letter().then(|| self.first_piece_due(issuance, cut_off))
    }

    /// The day on which the first piece of a record is due: its letter, or its mailer when codes are asked again.
    ///
    /// - First issue and change: the day of the request.
    /// - Incident: the working day after the day it counts for. It counts for the day of the request when that is a
    ///   working day and the time is strictly before `cut_off`; otherwise for the next working day.
    /// - Renewal: one month before the expiry date, or the day of the request when that is later.
    /// - Codes asked again: the working day after the request.
    ///
    /// A day off moves to the next working day.
    pub fn first_piece_due(&self, issuance: &Issuance, cut_off: Time) -> Date {
        let requested = issuance.requested_at.date();
        match issuance.reason {
            Reason::First | Reason::Change => self.working_day_on_or_after(requested),
            Reason::Incident => {
                let in_time = self.is_working_day(requested) && issuance.requested_at.time() < cut_off;
                let counted = if in_time { requested } else { self.next_working_day(requested) };
                self.next_working_day(counted)
            }
            Reason::Renewal => {
                let month_before = issuance.expiry_date.and_then(|expiry| expiry.checked_sub(1.month()).ok());
                self.working_day_on_or_after(month_before.map_or(requested, |day| day.max(requested)))
            }
            Reason::CodesReissue => self.next_working_day(requested),
        }
    }
}

/// The following day; `Date::MAX` follows itself.
fn following(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher), or `None` outside the years 1 to 9999.
fn easter_sunday(year: i16) -> Option<Date> {
    if year < 1 {
        return None;
    }
    let y = i32::from(year);
    let (golden, century, rest) = (y % 19, y / 100, y % 100);
    let moon_shift = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_shift + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let day_of_march = epact + weekday - 7 * late + 114;
    let (month, day) = (day_of_march / 31, day_of_march % 31 + 1);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Days from the Easter Sunday of the year to `day`; negative before it.
fn days_after_easter(day: Date) -> Option<i64> {
    let easter = easter_sunday(day.year())?;
    Some(i64::from(day.day_of_year()) - i64::from(easter.day_of_year()))
}

/// The months as French writes them.
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A date as French letters write it: `1er mars 2026`.
pub fn french_date(day: Date) -> String {
    let ordinal = if day.day() == 1 { "er" } else { "" };
    let month = MONTHS.get(day.month().unsigned_abs() as usize - 1).copied().unwrap_or_default();
    format!("{}{ordinal} {month} {}", day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::address::PostalAddress;
    use crate::card::{CardFamily, CardNumber, CardStatus};
    use crate::holder::Holder;
    use crate::identifiers::PsIdNat;

    const FRANCE: Calendar = Calendar { alsace_moselle: false, closed: Vec::new() };
    const STRASBOURG: Calendar = Calendar { alsace_moselle: true, closed: Vec::new() };

    fn holidays(calendar: &Calendar, year: i16) -> Vec<String> {
        let days = date(year, 1, 1).series(1.day()).take_while(|day| day.year() == year);
        days.filter(|day| calendar.is_public_holiday(*day))
            .map(|day| day.strftime("%d/%m").to_string())
            .collect()
    }

    #[test]
    fn official_holidays_of_2024_to_2027() {
        let years = [
            (
                2024,
                [
                    "01/01", "01/04", "01/05", "08/05", "09/05", "20/05", "14/07", "15/08", "01/11", "11/11",
                    "25/12",
                ],
            ),
            (
                2025,
                [
                    "01/01", "21/04", "01/05", "08/05", "29/05", "09/06", "14/07", "15/08", "01/11", "11/11",
                    "25/12",
                ],
            ),
            (
                2026,
                [
                    "01/01", "06/04", "01/05", "08/05", "14/05", "25/05", "14/07", "15/08", "01/11", "11/11",
                    "25/12",
                ],
            ),
            (
                2027,
                [
                    "01/01", "29/03", "01/05", "06/05", "08/05", "17/05", "14/07", "15/08", "01/11", "11/11",
                    "25/12",
                ],
            ),
        ];
        for (year, wanted) in years {
            assert_eq!(holidays(&FRANCE, year), wanted, "{year}");
            assert_eq!(holidays(&STRASBOURG, year).len(), 13, "{year}");
        }
        assert!(
            STRASBOURG.is_public_holiday(date(2026, 4, 3))
                && STRASBOURG.is_public_holiday(date(2026, 12, 26))
        );
    }

    #[test]
    fn extreme_easters() {
        assert_eq!(easter_sunday(1818), Some(date(1818, 3, 22)));
        assert_eq!(easter_sunday(2038), Some(date(2038, 4, 25)));
        assert_eq!(easter_sunday(2049), Some(date(2049, 4, 18)));
        assert_eq!(easter_sunday(0), None);
    }

    #[test]
    fn working_days() {
        assert_eq!(FRANCE.next_working_day(date(2026, 11, 20)), date(2026, 11, 23));
        assert_eq!(FRANCE.next_working_day(date(2026, 4, 3)), date(2026, 4, 7));
        assert_eq!(FRANCE.working_day_on_or_after(date(2026, 12, 25)), date(2026, 12, 28));
        let closed = Calendar { closed: vec![date(2026, 11, 23)], ..FRANCE };
        assert_eq!(closed.next_working_day(date(2026, 11, 20)), date(2026, 11, 24));
        assert_eq!(FRANCE.next_working_day(Date::MAX), Date::MAX);
    }

    #[test]
    fn working_days_from_a_day_to_another() {
        let days = |after, to| FRANCE.working_days_between(after, to);
        assert_eq!(days(date(2026, 11, 20), date(2026, 11, 20)), 0);
        assert_eq!(days(date(2026, 11, 20), date(2026, 11, 23)), 1, "a weekend lies between");
        assert_eq!(days(date(2026, 11, 9), date(2026, 11, 16)), 4, "and Armistice Day");
        assert_eq!(days(date(2026, 11, 21), date(2026, 11, 22)), 0);
        assert_eq!(days(date(2026, 11, 23), date(2026, 11, 20)), 0, "backwards");
        let closed = Calendar { closed: vec![date(2026, 11, 24)], ..FRANCE };
        assert_eq!(closed.working_days_between(date(2026, 11, 20), date(2026, 11, 27)), 4);
    }

    fn due(reason: Reason, requested_at: &str, expiry: Option<Date>) -> Date {
        let lines = ["CHU", "", "", "1 RUE HAUTE", "", "63000 CLERMONT FERRAND"];
        let issuance = Issuance {
            card_number: CardNumber::parse("2400158480").expect("valid"),
            family: CardFamily::Cpe,
            reason,
            requested_at: requested_at.parse().expect("a date and a time"),
            issue_date: None,
            expiry_date: expiry,
            replaced_card_number: None,
            replaced_generation: None,
            ps_id_nat: PsIdNat::parse("810005678908").expect("valid"),
            structure_id: None,
            holder: Holder::Structure,
            profession: None,
            organisation: "CHU".into(),
            address: PostalAddress::build(lines, "", "").expect("valid").0,
            status: CardStatus::Issued,
            client_ref: String::new(),
        };
        let due = FRANCE.first_piece_due(&issuance, CUT_OFF);
        assert_eq!(FRANCE.letter_due(&issuance, CUT_OFF), reason.letter().then_some(due));
        let json = serde_json::to_string(&issuance).expect("json");
        assert_eq!(serde_json::from_str::<Issuance>(&json).expect("read back"), issuance);
        due
    }

    #[test]
    fn incidents_and_the_cut_off() {
        assert_eq!(due(Reason::Incident, "2026-11-24T16:59:59.999", None), date(2026, 11, 25));
        assert_eq!(due(Reason::Incident, "2026-11-24T17:00:00", None), date(2026, 11, 26));
        assert_eq!(due(Reason::Incident, "2026-11-20T16:00", None), date(2026, 11, 23));
        assert_eq!(
            due(Reason::Incident, "2026-11-21T09:00", None),
            date(2026, 11, 24),
            "declared on a Saturday"
        );
        assert_eq!(due(Reason::Incident, "2026-11-20T18:00", None), date(2026, 11, 24));
    }

    #[test]
    fn the_other_reasons() {
        assert_eq!(due(Reason::First, "2026-11-21T09:00", None), date(2026, 11, 23));
        assert_eq!(due(Reason::Change, "2026-11-23T23:00", None), date(2026, 11, 23));
        assert_eq!(due(Reason::CodesReissue, "2026-11-20T09:00", None), date(2026, 11, 23));
    }

    #[test]
    fn renewals_leave_a_month_before_expiry() {
        let requested = "2026-10-01T09:00";
        assert_eq!(due(Reason::Renewal, requested, Some(date(2026, 12, 24))), date(2026, 11, 24));
        assert_eq!(
            due(Reason::Renewal, requested, Some(date(2027, 3, 31))),
            date(2027, 3, 1),
            "28 February is a Sunday"
        );
        assert_eq!(due(Reason::Renewal, requested, Some(date(2026, 10, 15))), date(2026, 10, 1));
    }

    #[test]
    fn dates_are_written_in_french() {
        assert_eq!(french_date(date(2026, 3, 1)), "1er mars 2026");
        assert_eq!(french_date(date(2026, 11, 23)), "23 novembre 2026");
    }
}
