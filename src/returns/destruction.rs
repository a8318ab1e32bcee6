//! Destruction of what came back: two persons answer for it, and the minutes say what was destroyed.

use std::collections::HashSet;

use jiff::civil::Date;
use mail::piece::PieceKind;
use serde::Serialize;
use sha2::{Digest, Sha256};

use unicode_normalization::UnicodeNormalization as _;

use crate::failure::Failure;
use crate::feedback;
use crate::files::{hexadecimal, write_whole};
use crate::inserting::OpenJob;
use crate::job::Job;
use crate::ledger::{Author, Destroyed, LedgerError, PastReturn, PiecePlace, State};
use crate::night::{DestructionSheet, Minutes, destruction_sheet};

/// A destruction that is asked for.
#[derive(Debug)]
pub(crate) struct DestructionOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// The day.
    pub day: Date,
    /// The printed references; empty where a box is named.
    pub pieces: Vec<String>,
    /// The box whose pieces are destroyed.
    pub box_number: Option<u32>,
    /// Who destroys them.
    pub by: &'a str,
    /// Who sees it: another person.
    pub witness: &'a str,
}

/// What was destroyed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DestructionReport {
    /// The pieces, in the order of the minutes.
    pub destroyed: Vec<String>,
    /// Those of them that the same two persons had destroyed before.
    pub already: Vec<String>,
    /// Pieces that were to be kept or to go to the issuer, by the reason for which they came back.
    pub against_disposition: Vec<AgainstDisposition>,
    /// SHA-256 over the references, each with a line feed behind it.
    pub sha256: String,
    /// The box.
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    pub box_number: Option<u32>,
    /// The minutes, one file for each kind.
    pub minutes: Vec<String>,
}

/// A piece that was destroyed although its reason says otherwise.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AgainstDisposition {
    /// The piece.
    pub piece_id: String,
    /// What was to become of it.
    pub disposition: &'static str,
}

/// A piece that is to be destroyed.
struct Doomed {
    piece_id: String,
    place: PiecePlace,
    past: PastReturn,
}

/// Destroys pieces that came back, all or none of them, and writes the minutes.
///
/// # Errors
/// `same_person`; `booked_by_same`; `not_returned`: a piece that has not come back; `unknown_piece`; `box_empty`; those of the
/// job's lock, the ledger and files. After a failure midway the same command writes what is missing.
pub(crate) fn destroy(order: &DestructionOrder) -> Result<DestructionReport, Failure> {
    if is_same(order.by, order.witness) {
        let problem = format!("`{}` destroys and is the witness", order.by);
        return Err(Failure::refused("same_person", problem)
            .with_advice("two persons answer for a destruction: name another one behind `--witness`"));
    }
    let open = OpenJob::begin(order.job)?;
    let pieces = doomed(&open, order)?;
    refuse_booker(order, &pieces)?;
    let (already, fresh): (Vec<&Doomed>, Vec<&Doomed>) =
        pieces.iter().partition(|piece| piece.past.destroyed.is_some());
    let writer = open.ledger.begin_returns(&Author::named(Some(order.by)))?;
    for piece in &fresh {
        writer.destroy(&piece.place, order.day, order.witness)?;
    }
    writer.commit()?;
    let minutes = write_minutes(order, &pieces)?;
    feedback::write(order.job, &open.ledger)?;
    let reasons = order.job.return_reasons();
    let against = fresh.iter().filter_map(|piece| {
        let disposition = reasons.disposition(&piece.past.reason).code();
        let piece_id = piece.piece_id.clone();
        (disposition != "destroy").then_some(AgainstDisposition { piece_id, disposition })
    });
    Ok(DestructionReport {
        against_disposition: against.collect(),
        destroyed: pieces.iter().map(|piece| piece.piece_id.clone()).collect(),
        already: already.iter().map(|piece| piece.piece_id.clone()).collect(),
        sha256: digest(&pieces),
        box_number: order.box_number,
        minutes,
    })
}

/// The pieces that are meant, each with its return.
fn doomed(open: &OpenJob, order: &DestructionOrder) -> Result<Vec<Doomed>, Failure> {
    let mut references = order.pieces.clone();
    if let Some(number) = order.box_number {
        let is_ours = |found: &Option<Destroyed>| found.as_ref().is_none_or(|found| order.is_this(found));
        let contents = open.ledger.in_box(number)?.into_iter();
        references.extend(contents.filter(|(_, found)| is_ours(found)).map(|(reference, _)| reference));
        let mut seen = HashSet::new();
        references.retain(|reference| seen.insert(reference.clone()));
        if references.is_empty() {
            let problem = format!("nothing that came back lies in box {number}");
            return Err(Failure::usage("box_empty", problem)
                .with_advice("`returns.csv` of each day names the box of each piece; minutes that were lost are written again by the same persons with `--date` of that day"));
        }
    }
    references.iter().map(|reference| one(open, order, reference)).collect()
}

fn one(open: &OpenJob, order: &DestructionOrder, reference: &str) -> Result<Doomed, Failure> {
    let piece = open.ledger.piece(reference)?;
    let found = piece.and_then(|piece| Some((piece.place()?, piece.state)));
    let Some((place, state)) = found else {
        return Err(LedgerError::Unknown { what: format!("piece `{reference}`") }.into());
    };
    let piece_id = reference.to_owned();
    match open.ledger.past_return(&place)? {
        Some(past) if past.on > order.day => {
            let problem = format!("`{reference}` came back on {}, after {}", past.on, order.day);
            Err(Failure::usage("destroyed_before", problem).with_advice("correct `--date`"))
        }
        Some(past) if state.allows(State::Destroyed) => Ok(Doomed { piece_id, place, past }),
        Some(past) if open.ledger.destruction_of(&place)?.is_some_and(|found| order.is_this(&found)) => {
            Ok(Doomed { piece_id, place, past })
        }
        Some(past) => {
            let day = past.destroyed.map(|day| format!(" since {day}")).unwrap_or_default();
            let problem = format!("`{reference}` is {state}{day}, before other persons or on another day");
            Err(Failure::refused("already_destroyed", problem).with_advice(
                "leave it out; minutes that were lost are written again by the same persons with `--date` of that day",
            ))
        }
        None => {
            let problem = format!("`{reference}` is {state}, and has not come back");
            Err(Failure::refused("not_returned", problem).with_advice(
                "leave it out, or book its return first (`pli scan`); what was spoiled before it left is destroyed by the sheet of `pli reconcile`",
            ))
        }
    }
}

impl DestructionOrder<'_> {
    /// Whether a destruction is this one: the command is run again.
    fn is_this(&self, found: &Destroyed) -> bool {
        found.on == self.day && is_same(&found.witness, self.witness) && is_same(&found.by, self.by)
    }
}

/// Nobody destroys, or sees destroyed, what he alone has booked: a piece that was never there would be gone without a trace.
fn refuse_booker(order: &DestructionOrder, pieces: &[Doomed]) -> Result<(), Failure> {
    let by_one = |piece: &&Doomed| {
        let booker = &piece.past.by;
        !booker.is_empty() && (is_same(booker, order.by) || is_same(booker, order.witness))
    };
    let booked: Vec<&Doomed> = pieces.iter().filter(by_one).collect();
    let Some(first) = booked.first() else { return Ok(()) };
    let problem = format!(
        "`{}` booked the return of `{}`{}",
        first.past.by,
        first.piece_id,
        if booked.len() > 1 { format!(" and of {} more", booked.len() - 1) } else { String::new() }
    );
    Err(Failure::refused("booked_by_same", problem).with_advice(
        "two persons answer for a destruction, neither of whom booked the return: name others behind `--by` and `--witness`",
    ))
}

/// Whether two names are one person's.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |name: &str| -> String {
        let base = name.nfkd().filter(|c| c.is_alphanumeric());
        base.flat_map(char::to_lowercase).collect()
    };
    plain(one) == plain(other)
}

/// SHA-256 over the references, each with a line feed behind it.
fn digest<'p>(pieces: impl IntoIterator<Item = &'p Doomed>) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(&piece.piece_id);
        hash.update("\n");
    }
    hexadecimal(hash.finalize())
}

/// Writes the minutes of each kind, which never share a sheet, and returns their paths. The name follows from the pieces.
fn write_minutes(order: &DestructionOrder, pieces: &[Doomed]) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for kind in PieceKind::ALL {
        let of_kind: Vec<&Doomed> = pieces.iter().filter(|piece| piece.place.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let sha256 = digest(of_kind.iter().copied());
        let language = order.job.language();
        let returns = language.of("Retours", "Returned mail");
        let occasion = match order.box_number {
            Some(number) => format!("{returns}, {} {number}", language.of("carton", "box")),
            None => returns.to_owned(),
        };
        let listed: Vec<(String, State)> =
            of_kind.iter().map(|piece| (piece.piece_id.clone(), State::Returned)).collect();
        let sheet = DestructionSheet {
            language,
            bureau: &order.job.bureau().name,
            kind,
            occasion: &occasion,
            by: order.by,
            day: order.day,
            pieces: &listed,
            minutes: Some(Minutes { sha256: &sha256, witness: order.witness }),
        };
        let name = format!("destruction-{}-{}.pdf", kind.folder(), &sha256[..12]);
        let path = order.job.returns_file(order.day, &name)?;
        write_whole(&path, &destruction_sheet(&sheet)?)?;
        paths.push(path.display().to_string());
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_whatever_its_case_and_blanks() {
        assert!(
            is_same(" A.  Martin", "a. martin ")
                && is_same("ZOÉ", "zoé")
                && !is_same("A. Martin", "B. Martin")
        );
    }
}
