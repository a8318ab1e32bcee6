//! `pli audit JOB incident`: what a breach notice needs (RGPD art. 33), from the ledger and the audit log. Names no holder.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::Serialize;

use super::super::names;
use super::{AuditPlace, Console, Failure, Job, Outcome};
use crate::audit::{LoggedAct, logged_acts};
use crate::failure::counted;
use crate::ledger::{Alarm, Ledger, PieceFilter, PieceStatus, State};
use mail::lot::{LotName, WrittenLot, WrittenPiece};
use mail::piece::PieceKind;

/// The states of pieces that are not where they should be, or of which somebody may have seen too much.
const TROUBLED: [State; 6] = [
    State::Missing,
    State::Spoiled,
    State::Recalled,
    State::CardLost,
    State::CardSpoiled,
    State::CodesCompromised,
];

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The lot or the piece: `M26327A`, `L26327A000908`
    #[arg(value_name = "LOT|PIECE")]
    subject: String,
}

/// What a breach notice needs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Incident {
    subject: String,
    kind: &'static str,
    /// How many pieces the lot has, or 1.
    pieces: usize,
    /// Since when something was known of a troubled piece, UTC; `None` where nothing is.
    known_since: Option<String>,
    /// How many persons it is about, at most: one for each troubled piece.
    persons_at_most: usize,
    /// What stands on a piece of this kind.
    data: &'static [&'static str],
    troubled: Vec<Troubled>,
    /// Numbers that were read and belong to no piece of the lot.
    strangers: usize,
    /// What was done about the lot and its pieces, by the audit log.
    acts: Vec<LoggedAct>,
}

/// A piece in trouble.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Troubled {
    piece_id: String,
    state: State,
    /// Its alarms: `duplicate`, `mismatch`, `missing` …
    alarms: BTreeSet<&'static str>,
    known_since: Option<String>,
    /// What happened to it since, UTC.
    measures: Vec<Measure>,
}

/// What happened to a piece.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Measure {
    at: String,
    what: String,
}

pub(super) fn incident(arguments: &Arguments, job: &Job, console: &Console) -> Result<Outcome, Failure> {
    let ledger = names::view(job)?;
    let _one_state = ledger.snapshot()?;
    let text = arguments.subject.as_str();
    let (name, kind, only) = match (WrittenLot::parse(text), WrittenPiece::parse(text)) {
        (Some(lot), _) => {
            let (name, kind) = names::lot_of(job, &lot, None)?;
            (name, kind, None)
        }
        (None, Some(piece)) => piece_in(&ledger, &piece)?,
        (None, None) => {
            return Err(Failure::usage("unknown_piece", "this is neither a lot nor a piece")
                .with_advice("write a lot such as `M26327A`, or a piece as it is printed"));
        }
    };
    let mut pieces: Vec<PieceStatus> = Vec::new();
    ledger.each_piece(&PieceFilter::of_lot(&name, kind), |piece| {
        pieces.push(piece);
        Ok::<_, Failure>(())
    })?;
    let about = |act: &LoggedAct| {
        let lot = |text: &String| {
            WrittenLot::parse(text).is_some_and(|lot| lot.name == name && lot.kind.is_none_or(|k| k == kind))
        };
        let piece = |text: &String| {
            WrittenPiece::parse(text)
                .is_some_and(|piece| piece.lot == name && piece.kind.is_none_or(|k| k == kind))
        };
        act.lots.iter().any(lot) || act.pieces.iter().any(piece)
    };
    let acts = logged_acts(&AuditPlace::of(job).folder, about)?;
    let report = report(text, kind, &ledger, pieces, only.as_deref(), acts)?;
    console.result(&report, |_| in_words(&report))?;
    Ok(if report.troubled.is_empty() { Outcome::Done } else { Outcome::NeedsAPerson })
}

/// The lot of a piece, its kind, and the piece's reference.
fn piece_in(
    ledger: &Ledger,
    written: &WrittenPiece,
) -> Result<(LotName, PieceKind, Option<String>), Failure> {
    let mut found = names::pieces(written, None, |reference| Ok(ledger.piece(reference)?))?;
    let unclear = || {
        Failure::usage("piece_ambiguous", format!("`{written}` is a letter and a mailer"))
            .with_advice("write it with its kind: `L…` or `M…`")
    };
    let only = found.pop().filter(|_| found.is_empty());
    let piece = only.ok_or_else(unclear)?;
    let place = LotName::parse(&piece.lot).zip(PieceKind::parse(&piece.kind)).ok_or_else(unclear)?;
    Ok((place.0, place.1, Some(piece.piece_id)))
}

fn report(
    subject: &str,
    kind: PieceKind,
    ledger: &Ledger,
    pieces: Vec<PieceStatus>,
    only: Option<&str>,
    acts: Vec<LoggedAct>,
) -> Result<Incident, Failure> {
    let alarms = pieces.first().map_or(Ok(Vec::new()), |piece| ledger.alarms(piece.lot_number()))?;
    let mut of_piece: BTreeMap<i64, Vec<&Alarm>> = BTreeMap::new();
    for alarm in &alarms {
        if let Some(sequence) = alarm.sequence {
            of_piece.entry(sequence.into()).or_default().push(alarm);
        }
    }
    let strangers = alarms.iter().filter(|alarm| alarm.sequence.is_none()).count();
    let of_subject: Vec<PieceStatus> =
        pieces.into_iter().filter(|piece| only.is_none_or(|only| piece.piece_id == only)).collect();
    let (count, mut troubled) = (of_subject.len(), Vec::new());
    for piece in of_subject {
        let raised = of_piece.remove(&piece.sequence).unwrap_or_default();
        troubled.extend(in_trouble(ledger, piece, &raised)?);
    }
    let known_since = troubled.iter().filter_map(|piece: &Troubled| piece.known_since.clone()).min();
    Ok(Incident {
        subject: subject.to_owned(),
        kind: kind.code(),
        pieces: count,
        known_since,
        persons_at_most: troubled.len(),
        data: data_of(kind),
        troubled,
        strangers: if only.is_none() { strangers } else { 0 },
        acts,
    })
}

/// What is known of a piece that was in trouble once; `None` for any other.
fn in_trouble(ledger: &Ledger, piece: PieceStatus, alarms: &[&Alarm]) -> Result<Option<Troubled>, Failure> {
    let now = TROUBLED.contains(&piece.state);
    if !now && alarms.is_empty() && piece.is_with_its_lot() {
        return Ok(None);
    }
    let detail = ledger.detail(piece, false)?;
    let first = detail.history.iter().position(|event| TROUBLED.contains(&event.state));
    if !now && alarms.is_empty() && first.is_none() {
        return Ok(None);
    }
    let told = first.and_then(|first| detail.history.get(first)).map(|event| event.at.clone());
    let known_since = alarms.iter().map(|alarm| alarm.at.clone()).chain(told).min();
    let since = known_since.clone().unwrap_or_default();
    let events = detail.history.iter().filter(|event| event.at >= since);
    let mut measures: Vec<Measure> =
        events.map(|event| Measure { at: event.at.clone(), what: event.state.code().to_owned() }).collect();
    let decided = alarms.iter().filter_map(|alarm| alarm.decision.as_ref().map(|decision| (alarm, decision)));
    measures.extend(decided.map(|(alarm, decision)| Measure {
        at: decision.at.clone(),
        what: format!("alarm {}: {}", alarm.kind.code(), decision.verdict),
    }));
    measures.sort_by(|one, other| one.at.cmp(&other.at));
    Ok(Some(Troubled {
        piece_id: detail.piece.piece_id,
        state: detail.piece.state,
        alarms: alarms.iter().map(|alarm| alarm.kind.code()).collect(),
        known_since,
        measures,
    }))
}

/// What stands on a piece.
fn data_of(kind: PieceKind) -> &'static [&'static str] {
    match kind {
        PieceKind::Letter => {
            &["name", "title", "postal address", "PS_Id_nat", "structure", "card number", "the card itself"]
        }
        PieceKind::Mailer => &["name", "postal address", "PIN", "PUK", "assistance code"],
    }
}

fn in_words(report: &Incident) -> String {
    let Incident { subject, kind, pieces, persons_at_most, data, .. } = report;
    let mut lines = vec![
        format!("{subject} ({kind}): {}, {} in trouble", counted(pieces, "piece"), report.troubled.len()),
        format!("known since   {}", report.known_since.as_deref().unwrap_or("–")),
        format!("persons       at most {persons_at_most}"),
        format!("data          {}", data.join(", ")),
        format!("strangers     {}", report.strangers),
    ];
    for Troubled { piece_id, state, alarms, measures, .. } in &report.troubled {
        let alarms: Vec<&str> = alarms.iter().copied().collect();
        lines.push(format!("  {piece_id}  {}  {}", state.code(), alarms.join(", ")));
        lines.extend(measures.iter().map(|Measure { at, what }| format!("    {at}  {what}")));
    }
    let acts = report.acts.iter();
    lines.extend(acts.map(|act| format!("  {}  {} by {}: {}", act.at, act.act, act.who, act.outcome)));
    lines.join("\n")
}
