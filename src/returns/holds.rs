//! What is held because of mail that came back, and what a person lets go.

use jiff::civil::Date;
use serde::Serialize;

use crate::failure::Failure;
use crate::inserting::OpenJob;
use crate::job::Job;
use crate::ledger::{Author, Ledger, LedgerError, PiecePlace};
use mail::issuance::Issuance;
use mail::piece::PieceKind;

/// The lists of what comes back again and again.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HeldReport {
    /// From how many returns on an address is held.
    pub hold_after: u32,
    /// The addresses on the hold list.
    pub addresses: Vec<HeldPlace>,
    /// The cards whose mail came back more than once.
    pub repeated: Vec<HeldPlace>,
}

/// An address, or a card, from which mail came back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HeldPlace {
    /// How many returns.
    pub returns: usize,
    /// Their days.
    pub days: Vec<Date>,
    /// The pieces that came back.
    pub pieces: Vec<String>,
    /// The card of the latest of them; `None` once purged.
    pub card_number: Option<String>,
    /// The client's reference of its record; empty where there is none, and once purged.
    pub client_ref: String,
    /// The lines of the address; none once purged.
    pub address: Vec<String>,
}

/// What is held.
///
/// # Errors
/// Ledger errors.
pub(crate) fn held(job: &Job) -> Result<HeldReport, Failure> {
    let ledger = Ledger::view(&job.ledger())?.with_keys()?;
    let place = |days: Vec<Date>, pieces: Vec<PiecePlace>, record: Option<Issuance>| {
        Ok::<_, Failure>(HeldPlace {
            returns: days.len(),
            days,
            pieces: pieces.iter().map(|piece| ledger.reference_at(piece)).collect::<Result<_, _>>()?,
            card_number: record.as_ref().map(|record| record.card_number.to_string()),
            client_ref: record.as_ref().map(|record| record.client_ref.clone()).unwrap_or_default(),
            address: record
                .map(|record| record.address.lines().map(str::to_owned).collect())
                .unwrap_or_default(),
        })
    };
    let addresses = ledger.held_addresses(job.hold_after())?.into_iter();
    let addresses = addresses.map(|it| place(it.days, it.pieces, it.record)).collect::<Result<_, _>>()?;
    let repeated = ledger.repeated_returns(2)?.into_iter();
    let repeated = repeated.map(|it| place(it.days, it.pieces, it.record)).collect::<Result<_, _>>()?;
    Ok(HeldReport { hold_after: job.hold_after(), addresses, repeated })
}

/// What a person lets go.
#[derive(Debug)]
pub(crate) enum LetGo {
    /// The mailer of a letter that came back, by the letter's printed reference.
    Mailer(String),
    /// The address from which a piece came back, by its printed reference.
    AddressOfPiece(String),
    /// The addresses from which mail of a card came back.
    AddressOfCard(String),
}

/// What was let go.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LetGoReport {
    /// The letter whose mailer may leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<String>,
    /// How many addresses are off the hold list.
    pub addresses: u32,
    /// How many returns do not count any more.
    pub returns: u32,
}

/// Lets the mailer of a letter go, or takes an address off the hold list, for a person's reason.
///
/// # Errors
/// `not_returned`; `not_a_letter`; `unknown_piece`; those of the job's lock and the ledger.
pub(crate) fn let_go(
    job: &Job,
    what: &LetGo,
    reason: &str,
    author: &Author,
    day: Date,
) -> Result<LetGoReport, Failure> {
    let open = OpenJob::begin(job)?;
    let ledger = &open.ledger;
    let mut report = LetGoReport::default();
    let marks = match what {
        LetGo::Mailer(reference) => {
            let place = place_of(ledger, reference)?;
            if place.kind == PieceKind::Mailer {
                let problem =
                    format!("`{reference}` is a mailer, and what holds a mailer is its card's letter");
                return Err(
                    Failure::usage("not_a_letter", problem).with_advice("name the letter that came back")
                );
            }
            let writer = ledger.begin_returns(author)?;
            if !writer.let_go(&place, reason, day)? {
                return Err(not_returned(reference));
            }
            writer.commit()?;
            return Ok(LetGoReport { letter: Some(reference.clone()), ..report });
        }
        LetGo::AddressOfPiece(reference) => {
            let mark = ledger.return_address_of_piece(&place_of(ledger, reference)?)?;
            vec![mark.ok_or_else(|| not_returned(reference))?]
        }
        LetGo::AddressOfCard(card) => ledger.return_addresses_of_card(card)?,
    };
    if marks.is_empty() {
        let problem = "nothing of this card came back, as far as the ledger knows";
        return Err(Failure::refused("not_returned", problem)
            .with_advice("`pli returns held JOB` lists the cards and pieces of the hold list"));
    }
    let writer = ledger.begin_returns(author)?;
    for mark in &marks {
        let returns = writer.let_address_go(mark, reason, day)?;
        report.returns += returns;
        report.addresses += u32::from(returns > 0);
    }
    writer.commit()?;
    Ok(report)
}

fn place_of(ledger: &Ledger, reference: &str) -> Result<PiecePlace, Failure> {
    let place = ledger.piece(reference)?.and_then(|piece| piece.place());
    Ok(place.ok_or_else(|| LedgerError::Unknown { what: format!("piece `{reference}`") })?)
}

fn not_returned(reference: &str) -> Failure {
    Failure::refused("not_returned", format!("`{reference}` has not come back"))
        .with_advice("`pli returns held JOB` lists what came back")
}
