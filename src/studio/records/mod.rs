//! The records that specimens show: an invented one, samples made for the purpose, rows of a `cards.csv`, and rows of a job's
//! inbox. No codes file is opened: every mailer shows invented codes.

mod bench;
mod samples;

pub(crate) use bench::{BenchRecord, bench_records};
pub(super) use samples::sample;

use std::path::Path;

use composition::facts;
use jiff::civil::date;
use mail::address::PostalAddress;
use mail::card::{CardFamily, CardNumber, CardStatus, Generation};
use mail::holder::{Civility, Holder, Title};
use mail::identifiers::{PsIdNat, StructureId};
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::profession::Profession;
use mail::reason::{CodesDuty, Reason};

use crate::failure::{Failure, Position};
use crate::night::intake::{IntakeSettings, take_in};

/// A record for every combination of facts that pieces of a kind have.
pub(crate) fn every_record(kind: PieceKind) -> Result<Vec<Issuance>, Failure> {
    let specimen = invented_record(kind)?;
    let mut records = Vec::new();
    for reason in Reason::ALL {
        // One whose codes do not open its successor, and one whose codes stay.
        for generation in [Generation::CPS2TER, Generation::CPS3] {
            for family in CardFamily::ALL {
                let sent = match kind {
                    PieceKind::Letter => reason.letter(),
                    PieceKind::Mailer => reason.codes(Some(generation)) != CodesDuty::None,
                };
                let never = reason == Reason::Renewal && family == CardFamily::Cpf;
                if sent && !never {
                    let replaced_generation = Some(generation);
                    let record = Issuance { reason, family, replaced_generation, ..specimen.clone() };
                    records.extend(with_and_without(record));
                }
            }
        }
    }
    Ok(records)
}

/// A record with and without a replaced card, and with and without a holder where the family allows it.
fn with_and_without(record: Issuance) -> Vec<Issuance> {
    let mut records = vec![Issuance { replaced_card_number: None, ..record.clone() }, record];
    let nameless: Vec<Issuance> = records
        .iter()
        .filter(|record| record.family.may_be_nameless())
        .map(|record| Issuance { holder: Holder::Structure, ..record.clone() })
        .collect();
    records.extend(nameless);
    records
}

/// The first record of a `cards.csv`.
///
/// # Errors
/// Intake errors; `specimen_record`: the first record is not valid, or there is none.
pub(crate) fn first_record(path: &Path) -> Result<Issuance, Failure> {
    let intake = take_in(&[path.to_owned()], &IntakeSettings::default())?;
    let none = || match intake.rejects.first() {
        Some(finding) => {
            let problem = format!("{}: {}", finding.field, finding.message);
            Failure::usage("specimen_record", problem).at(Position::line(&finding.source_file, finding.line))
        }
        None => Failure::usage("specimen_record", "holds no record")
            .in_file(path.display())
            .with_advice("give a `cards.csv` with a header and at least one row"),
    };
    intake.records.first().map(|taken| taken.issuance.clone()).ok_or_else(none)
}

/// The record, changed to have the wanted facts.
///
/// # Errors
/// `specimen_facts`: no piece of this kind has them.
pub(crate) fn with_facts(
    record: Issuance,
    kind: PieceKind,
    wanted: &[(String, String)],
) -> Result<Issuance, Failure> {
    if wanted.is_empty() {
        return Ok(record);
    }
    let fits = |candidate: &Issuance| {
        let facts = facts(kind, candidate);
        wanted.iter().all(|(name, value)| facts.get(name) == Some(value))
    };
    let candidates = every_record(kind)?.into_iter().map(|pattern| shaped_as(&record, pattern));
    let mut candidates: Vec<Issuance> = candidates.filter(fits).collect();
    candidates.sort_by_key(|candidate| {
        (
            candidate.reason != record.reason,
            candidate.family != record.family,
            candidate.holder != record.holder,
            candidate.replaced_card_number != record.replaced_card_number,
        )
    });
    candidates.into_iter().next().ok_or_else(|| {
        let asked: Vec<String> = wanted.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Failure::usage("specimen_facts", format!("no {kind} has `{}`", asked.join(" "))).with_advice(
            "reason is first, renewal, incident, change or codes_reissue; codes is new or kept; family is CPS, CPF, CPE, CDE, CPA or CDA; holder is named or structure; replaced is yes or no",
        )
    })
}

/// The record with the facts of `pattern`. What it lacks for them is taken from the pattern.
fn shaped_as(record: &Issuance, pattern: Issuance) -> Issuance {
    let organisation = match record.organisation.is_empty() && pattern.holder == Holder::Structure {
        true => pattern.organisation,
        false => record.organisation.clone(),
    };
    let holder = match (&pattern.holder, &record.holder) {
        (Holder::Named { .. }, Holder::Named { .. }) => record.holder.clone(),
        _ => pattern.holder,
    };
    Issuance {
        reason: pattern.reason,
        family: pattern.family,
        replaced_generation: pattern.replaced_generation,
        replaced_card_number: pattern
            .replaced_card_number
            .map(|invented| record.replaced_card_number.unwrap_or(invented)),
        holder,
        organisation,
        ..record.clone()
    }
}

/// An invented record.
pub(crate) fn invented_record(kind: PieceKind) -> Result<Issuance, Failure> {
    let bad = |what: &str| Failure::bug(format!("the invented record has an invalid {what}"));
    let lines = [
        "MME SPECIMEN CAMILLE",
        "CABINET MEDICAL DES TILLEULS",
        "",
        "9 RUE GEORGES PITARD",
        "",
        "75015 PARIS",
    ];
    let (address, _) = PostalAddress::build(lines, "", "").map_err(|_| bad("address"))?;
    Ok(Issuance {
        card_number: CardNumber::parse("2400158480").map_err(|_| bad("card number"))?,
        family: CardFamily::Cps,
        reason: Reason::First,
        requested_at: date(2026, 11, 20).at(9, 0, 0, 0),
        issue_date: Some(date(2026, 11, 20)),
        expiry_date: Some(date(2026, 12, 15)),
        replaced_card_number: CardNumber::parse("2400140649").ok(),
        replaced_generation: matches!(kind, PieceKind::Mailer).then_some(Generation::CPS2TER),
        ps_id_nat: PsIdNat::parse("810003879623").map_err(|_| bad("identifier"))?,
        structure_id: StructureId::parse("1630781003").ok(),
        holder: Holder::Named {
            civility: Some(Civility::Mme),
            title: Some(Title::Dr),
            last_name: "Specimen".to_owned(),
            first_name: "Camille".to_owned(),
        },
        profession: Profession::parse("10").ok(),
        organisation: "Cabinet médical des Tilleuls".to_owned(),
        address,
        status: CardStatus::Issued,
        client_ref: String::new(),
    })
}
