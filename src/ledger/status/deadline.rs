//! Deadlines: working days from a request to the dispatch of its piece.

use jiff::civil::Date;
use serde::Serialize;

use super::super::State::{self, *};
use super::piece::PieceStatus;
use super::waiting::PlannedPiece;
use crate::job::Dispatch;
use mail::calendar::Calendar;

/// How long a piece may take.
#[derive(Debug, Clone)]
pub(crate) struct DeadlineRule {
    /// The working days.
    pub calendar: Calendar,
    /// How many of them may pass.
    pub working_days: u32,
    /// The day from which a piece counts as dispatched.
    pub dispatch: Dispatch,
    /// The day against which a piece counts that is not dispatched yet.
    pub today: Date,
}

/// How long a piece took, or has taken so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Timing {
    /// Working days after the request, up to the dispatch or today; `None` for a piece that will not be dispatched.
    pub working_days: Option<u32>,
    /// Whether these are too many.
    pub late: bool,
}

/// How a piece stands to its dispatch.
enum Standing {
    /// It was dispatched on that day.
    Dispatched(Option<Date>),
    /// It is still to be dispatched, or to be printed again.
    Open,
    /// It will not be dispatched: another piece takes its place, or a person pulled it.
    Ended,
}

impl DeadlineRule {
    /// The states of pieces that are still to be dispatched.
    pub(crate) fn open_states(&self) -> Vec<State> {
        let open = |state: &State| matches!(self.standing(*state, None, ""), Standing::Open);
        State::all().filter(open).collect()
    }

    /// How long a piece took, or has taken so far.
    pub(crate) fn of_piece(&self, piece: &PieceStatus) -> Timing {
        match self.standing(piece.state, piece.dispatched.as_deref(), &piece.night) {
            Standing::Dispatched(day) => self.timing(&piece.counted_from, day),
            Standing::Open => self.timing(&piece.counted_from, Some(self.today)),
            Standing::Ended => Timing::default(),
        }
    }

    /// How long a piece has waited so far.
    pub(crate) fn of_planned(&self, piece: &PlannedPiece) -> Timing {
        self.timing(&piece.counted_from, Some(self.today))
    }

    fn timing(&self, from: &str, to: Option<Date>) -> Timing {
        let days = from.parse().ok().zip(to).map(|(from, to)| self.calendar.working_days_between(from, to));
        Timing { working_days: days, late: days.is_some_and(|days| days > self.working_days) }
    }

    fn standing(&self, state: State, dispatched: Option<&str>, night: &str) -> Standing {
        if let Some(day) = dispatched {
            return Standing::Dispatched(day.parse().ok());
        }
        match state {
            Released | Inserted | InsertedByHand if self.dispatch == Dispatch::Release => {
                Standing::Dispatched(night.parse().ok())
            }
            // Their events are purged.
            State::Dispatched | Returned => Standing::Dispatched(night.parse().ok()),
            Planned | Composed | Released | Inserted | InsertedByHand | Missing | Spoiled | CardSpoiled => {
                Standing::Open
            }
            Reprinted | Recalled | Destroyed | CardLost | CodesCompromised => Standing::Ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn rule(dispatch: Dispatch) -> DeadlineRule {
        let today = date(2026, 11, 27);
        DeadlineRule { calendar: Calendar::default(), working_days: 10, dispatch, today }
    }

    fn planned(requested: &str) -> PlannedPiece {
        PlannedPiece {
            kind: "letter".to_owned(),
            state: Planned,
            due: None,
            since: requested.to_owned(),
            requested: requested.to_owned(),
            card_number: None,
            client_ref: None,
            counted_from: requested.to_owned(),
        }
    }

    #[test]
    fn a_piece_that_waits_is_late_after_the_eleventh_working_day() {
        let rule = rule(Dispatch::Release);
        // Friday the 13th to Friday the 27th: ten working days.
        let timing = |requested| rule.of_planned(&planned(requested));
        assert_eq!(timing("2026-11-13"), Timing { working_days: Some(10), late: false });
        assert_eq!(timing("2026-11-12"), Timing { working_days: Some(11), late: true });
        assert_eq!(timing("2026-12-24"), Timing { working_days: Some(0), late: false });
    }

    #[test]
    fn a_release_is_a_dispatch_unless_the_job_waits_for_the_camera() {
        let open = rule(Dispatch::Release).open_states();
        assert_eq!(open, [Planned, Composed, Missing, Spoiled, CardSpoiled]);
        let open = rule(Dispatch::Settled).open_states();
        assert!([Released, Inserted, InsertedByHand].iter().all(|state| open.contains(state)), "{open:?}");
        assert!([Recalled, Reprinted, Destroyed].iter().all(|state| !open.contains(state)), "{open:?}");
    }
}
