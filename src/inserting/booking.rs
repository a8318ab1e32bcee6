//! What a judgement of reports books in the ledger.

use jiff::Span;
use jiff::civil::Date;

use super::judging::{self, Judgement};
use crate::ledger::{AlarmKind, Booking, LotInHand, NewAlarm, State};

/// How many days after its night a lot may be inserted at most, by the machine's clock.
const LONGEST_WAIT: i64 = 60;

/// What a judgement of a lot books; `today` is the day where the machine's clock does not know it.
pub(super) fn booking(lot: &LotInHand, judgement: &Judgement, today: Date) -> Booking {
    let passages = judgement.passages.iter();
    Booking {
        passages: passages.map(|passage| (passage.sequence, passage.camera.clone(), passage.key.0)).collect(),
        found: judgement.found.clone(),
        held: held(judgement),
        moves: moves(lot, judgement),
        alarms: alarms(lot, judgement),
        settled: (judgement.settles && lot.settled.is_none()).then(|| settled_on(lot, judgement, today)),
        ..Booking::default()
    }
}

/// The pieces that an alarm holds where they are, and why.
fn held(judgement: &Judgement) -> Vec<(u32, &'static str)> {
    let lists = [
        (&judgement.duplicates, "passed twice"),
        (&judgement.mismatches, "another card was read beside it"),
        (&judgement.attention, "the machine asks for a person"),
    ];
    let of_list = |(alarms, cause): (&Vec<judging::Alarm>, &'static str)| {
        alarms.iter().map(|alarm| (alarm.sequence, cause)).collect::<Vec<_>>()
    };
    lists.into_iter().flat_map(of_list).collect()
}

/// The pieces that depart from their lot.
fn moves(lot: &LotInHand, judgement: &Judgement) -> Vec<(u32, State, String)> {
    let unseen =
        judgement.missing.iter().map(|sequence| (*sequence, State::Missing, "not seen by the camera"));
    let unread = sequences(&judgement.unreadable)
        .map(|sequence| (sequence, State::Missing, "passed the camera unread"));
    let taken =
        taken_out(lot, judgement).map(|alarm| (alarm.sequence, State::Missing, "taken out at the machine"));
    let damaged =
        sequences(&judgement.damaged).map(|sequence| (sequence, State::Spoiled, "damaged in the machine"));
    let may = |(sequence, state, _): &(u32, State, &str)| state_of(lot, *sequence).allows(*state);
    let moves = unseen.chain(unread).chain(taken).chain(damaged).filter(may);
    moves.map(|(sequence, state, cause)| (sequence, state, cause.to_owned())).collect()
}

fn sequences(alarms: &[judging::Alarm]) -> impl Iterator<Item = u32> + '_ {
    alarms.iter().map(|alarm| alarm.sequence)
}

fn state_of(lot: &LotInHand, sequence: u32) -> State {
    lot.piece(sequence).map_or(State::Destroyed, |piece| piece.state)
}

/// The pieces that the machine's operator took out, except those that were recalled: they were asked for.
fn taken_out<'a>(lot: &'a LotInHand, judgement: &'a Judgement) -> impl Iterator<Item = &'a judging::Alarm> {
    judgement.pulled.iter().filter(|alarm| state_of(lot, alarm.sequence) != State::Recalled)
}

/// The alarms that are raised.
fn alarms(lot: &LotInHand, judgement: &Judgement) -> Vec<NewAlarm> {
    let unseen = judgement.missing.iter().map(|sequence| NewAlarm {
        sequence: Some(*sequence),
        kind: AlarmKind::Missing,
        source: Vec::new(),
        place: String::new(),
        stranger: None,
    });
    let mut alarms: Vec<NewAlarm> = unseen.collect();
    for (of_kind, kind) in [
        (&judgement.unreadable, AlarmKind::Unreadable),
        (&judgement.duplicates, AlarmKind::Duplicate),
        (&judgement.mismatches, AlarmKind::Mismatch),
        (&judgement.passed, AlarmKind::Passed),
        (&judgement.attention, AlarmKind::Attention),
    ] {
        alarms.extend(of_kind.iter().map(|alarm| of_piece(alarm, kind)));
    }
    alarms.extend(taken_out(lot, judgement).map(|alarm| of_piece(alarm, AlarmKind::Missing)));
    alarms.extend(judgement.foreign.iter().map(|foreign| NewAlarm {
        sequence: None,
        kind: AlarmKind::Foreign,
        source: foreign.key.0.to_vec(),
        place: format!("{}:{}", foreign.file, foreign.line),
        stranger: Some(foreign.text.clone()),
    }));
    alarms
}

fn of_piece(alarm: &judging::Alarm, kind: AlarmKind) -> NewAlarm {
    NewAlarm {
        sequence: Some(alarm.sequence),
        kind,
        source: alarm.key.0.to_vec(),
        place: format!("{}:{}", alarm.file, alarm.line),
        stranger: None,
    }
}

/// The day of the last read. A machine whose clock is before the lot's night, or runs far ahead, does not know it.
fn settled_on(lot: &LotInHand, judgement: &Judgement, today: Date) -> Date {
    let day: Option<Date> = judgement.last_at.get(..10).and_then(|day| day.parse().ok());
    let latest = today.max(lot.night.saturating_add(Span::new().days(LONGEST_WAIT)));
    day.filter(|day| (lot.night..=latest).contains(day)).unwrap_or(today.max(lot.night))
}
