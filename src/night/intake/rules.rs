//! The rules of a record, row by row: card, reason and dates. The rules about persons and addresses are in
//! [`persons`](super::persons).
//!
//! A row is examined by itself and all its faults are reported. Duplicate card numbers are found by
//! [`stream`](super::stream).

use jiff::Span;
use jiff::civil::{Date, DateTime, date};

use super::dates::{DateFault, parse_date, parse_date_time};
use super::examiner::{Examined, Examiner, RowTexts};
use super::persons;
use super::{IntakeSettings, LostCard};
use crate::job::Column;
use mail::Words;
use mail::card::{CardFamily, CardNumber, CardStatus, Generation};
use mail::excerpt;
use mail::issuance::Issuance;
use mail::reason::Reason;

/// A replaced card that expires before this day is a CPS2ter (pieces.md §3).
const FIRST_EXPIRY_OF_CPS3: Date = date(2014, 3, 1);

/// Examines a row; without a night in the settings, requests are not held against one.
pub(super) fn examine(row: &RowTexts<'_>, settings: &IntakeSettings) -> Examined {
    let mut examiner = Examiner::new(row);
    let card_number = card_number(&mut examiner);
    let issuance = issuance(&mut examiner, card_number, settings);
    let revoked = examiner.text(Column::Status) == CardStatus::Revoked.code();
    let client_ref = examiner.client_ref();
    let Examiner { faults, warnings, lost, .. } = examiner;
    let issuance = issuance.filter(|_| faults.is_empty());
    Examined { card_number, revoked, lost, client_ref, issuance, faults, warnings }
}

/// Reads every field. Returns `None` only if it has added a fault.
fn issuance(
    examiner: &mut Examiner<'_>,
    card_number: Option<CardNumber>,
    settings: &IntakeSettings,
) -> Option<Issuance> {
    let family = required_word(examiner, Column::CardFamily, &CardFamily::ALL, CardFamily::code);
    let reason = required_word(examiner, Column::Reason, &Reason::ALL, Reason::code);
    let status = required_word(examiner, Column::Status, &CardStatus::ALL, CardStatus::code);
    let replaced_card_number = replaced_card(examiner, reason, card_number);
    let replaced_generation = written_generation(examiner, &settings.generations);
    examiner.require(Column::RequestedAt, Words::new("tout enregistrement", "every record"));
    let requested_at = examiner.value(Column::RequestedAt, parse_date_time, DateFault::code);
    let (issue_date, expiry_date) = dates(examiner, reason);
    warn_of_request(examiner, requested_at, settings.night);
    warn_of_expiry(examiner, reason, requested_at, expiry_date);
    let replaced_generation =
        generation(examiner, &settings.generations, reason, replaced_generation, expiry_date);
    if (family, reason) == (Some(CardFamily::Cpf), Some(Reason::Renewal)) {
        let message = Words::new(
            "une CPF n’est jamais renouvelée\u{202F}; écrivez le motif qui convient, ou retirez la ligne",
            "a CPF is never renewed; write the reason that applies, or take the row out",
        );
        examiner.fault(Column::Reason, "renewal_not_for_cpf", message);
    }
    let ps_id_nat = persons::ps_id_nat(examiner);
    if let (Some(Reason::Incident), Some(card)) = (reason, replaced_card_number) {
        examiner.lost = Some(LostCard { card, ps_id_nat: ps_id_nat.clone() });
    }
    let structure_id = persons::structure_id(examiner, family);
    let organisation = persons::organisation(examiner);
    let holder = persons::holder(examiner, family);
    let profession = persons::profession(examiner, family);
    persons::warn_of_residue(examiner);
    let address = persons::address(examiner, holder.as_ref(), &organisation, structure_id.as_ref());
    if let Some(address) = &address {
        persons::hold_against_table(examiner, address, settings.postcode);
    }
    Some(Issuance {
        card_number: card_number?,
        family: family?,
        reason: reason?,
        requested_at: requested_at?,
        issue_date,
        expiry_date,
        replaced_card_number,
        replaced_generation,
        ps_id_nat: ps_id_nat?,
        structure_id,
        holder: holder?,
        profession,
        organisation,
        address: address?,
        status: status?,
        client_ref: examiner.client_ref(),
    })
}

/// One of a few words, in a column that must not be empty.
fn required_word<T: Copy>(
    examiner: &mut Examiner<'_>,
    column: Column,
    all: &[T],
    spell: fn(T) -> &'static str,
) -> Option<T> {
    examiner.require(column, Words::new("tout enregistrement", "every record"));
    examiner.word(column, all, spell)
}

/// The number of the card.
fn card_number(examiner: &mut Examiner<'_>) -> Option<CardNumber> {
    examiner.require(Column::CardNumber, Words::new("tout enregistrement", "every record"));
    examiner.value(Column::CardNumber, CardNumber::parse, |_| "card_number")
}

/// The number of the replaced card, which must differ from the card's own.
fn replaced_card(
    examiner: &mut Examiner<'_>,
    reason: Option<Reason>,
    card_number: Option<CardNumber>,
) -> Option<CardNumber> {
    const COLUMN: Column = Column::ReplacedCardNumber;
    let replaced = examiner.value(COLUMN, CardNumber::parse, |_| "replaced_card_number");
    if reason.is_some_and(Reason::replaces_a_card) && examiner.is_empty(COLUMN) {
        let message = Words::new(
            "aucune carte remplacée n’est nommée, et le courrier n’en nommera pas\u{202F}; écrivez son numéro",
            "no replaced card is named, and the letter will not name one; write its number",
        );
        examiner.warn(COLUMN, "replaced_card_missing", message);
    }
    if replaced.is_some() && replaced == card_number {
        let message = Words::new(
            "la carte remplacée est la carte elle-même\u{202F}; écrivez le numéro de l’ancienne carte",
            "the replaced card is the card itself; write the number of the old card",
        );
        examiner.fault(COLUMN, "replaced_same_card", message);
    }
    replaced
}

/// The dates of the replaced card: it is issued before it expires, and a renewal needs its expiry.
fn dates(examiner: &mut Examiner<'_>, reason: Option<Reason>) -> (Option<Date>, Option<Date>) {
    if reason == Some(Reason::Renewal) {
        examiner
            .require(Column::ExpiryDate, Words::new("le motif «\u{A0}renewal\u{A0}»", "reason `renewal`"));
    }
    let issue = examiner.value(Column::IssueDate, parse_date, DateFault::code);
    let expiry = examiner.value(Column::ExpiryDate, parse_date, DateFault::code);
    if let (Some(issued), Some(expires)) = (issue, expiry)
        && issued >= expires
    {
        let message = Words::of(
            format!(
                "la carte expirerait le {expires}, qui n’est pas après sa délivrance le {issued}\u{202F}; corrigez l’une des deux dates"
            ),
            format!("the card would expire on {expires}, not after its issue on {issued}; mend one of them"),
        );
        examiner.fault(Column::ExpiryDate, "date_order", message);
    }
    (issue, expiry)
}

/// Warns of a request of a later day, which waits for it, and of one that is older than a year.
fn warn_of_request(examiner: &mut Examiner<'_>, requested_at: Option<DateTime>, night: Option<Date>) {
    let (Some(requested_at), Some(night)) = (requested_at, night) else { return };
    let day = requested_at.date();
    if day > night {
        let message = Words::of(
            format!(
                "la demande est du {day}, après cette nuit du {night}\u{202F}: elle attend jusque-là\u{202F}; corrigez la date si elle est fausse"
            ),
            format!(
                "the request is of {day}, after this night of {night}: it waits until then; mend the date if it is wrong"
            ),
        );
        examiner.warn(Column::RequestedAt, "request_in_future", message);
    }
    if day < years_after(night, -1) {
        let message = Words::of(
            format!(
                "la demande est du {day}, plus d’un an avant cette nuit\u{202F}; corrigez la date si elle est fausse"
            ),
            format!(
                "the request is of {day}, more than a year before this night; mend the date if it is wrong"
            ),
        );
        examiner.warn(Column::RequestedAt, "request_long_ago", message);
    }
}

/// Warns of a renewal years before or after the card's expiry.
fn warn_of_expiry(
    examiner: &mut Examiner<'_>,
    reason: Option<Reason>,
    requested_at: Option<DateTime>,
    expiry: Option<Date>,
) {
    let (Some(Reason::Renewal), Some(requested_at), Some(expiry)) = (reason, requested_at, expiry) else {
        return;
    };
    let day = requested_at.date();
    if expiry < years_after(day, -1) {
        let message = Words::of(
            format!(
                "la carte remplacée a expiré le {expiry}, plus d’un an avant la demande\u{202F}; corrigez la date si elle est fausse"
            ),
            format!(
                "the replaced card expired on {expiry}, more than a year before the request; mend the date if it is wrong"
            ),
        );
        examiner.warn(Column::ExpiryDate, "expired_long_ago", message);
    }
    if expiry > years_after(day, 3) {
        let message = Words::of(
            format!(
                "la carte remplacée expire le {expiry}, plus de trois ans après la demande\u{202F}; corrigez la date si elle est fausse"
            ),
            format!(
                "the replaced card expires on {expiry}, more than three years after the request; mend the date if it is wrong"
            ),
        );
        examiner.warn(Column::ExpiryDate, "expiry_far_ahead", message);
    }
}

/// The day some years later. At the end of the calendar, the day itself.
fn years_after(day: Date, years: i16) -> Date {
    day.checked_add(Span::new().years(years)).unwrap_or(day)
}

/// The generation that the record names, one of the job's.
fn written_generation(examiner: &mut Examiner<'_>, all: &[Generation]) -> Option<Generation> {
    let find = |text: &str| {
        let found = all.iter().copied().find(|generation| generation.code() == text);
        found.ok_or_else(|| {
            let codes: Vec<&str> = all.iter().map(Generation::code).collect();
            let (text, codes) = (excerpt(text), codes.join(", "));
            Words::of(
                format!(
                    "«\u{A0}{text}\u{A0}» n’est pas une génération de la tâche\u{202F}; écrivez l’une de celles-ci\u{202F}: {codes}, ou ajoutez-la à «\u{A0}generations\u{A0}» dans «\u{A0}[rules]\u{A0}» du fichier de la tâche"
                ),
                format!(
                    "`{text}` is no generation of the job; write one of {codes}, or add it to `generations` in `[rules]` of the job file"
                ),
            )
        })
    };
    examiner.value(Column::ReplacedGeneration, find, |_| "replaced_generation")
}

/// The generation of the replaced card: one that expires before March 2014 is a CPS2ter, whatever the record says.
fn generation(
    examiner: &mut Examiner<'_>,
    all: &[Generation],
    reason: Option<Reason>,
    written: Option<Generation>,
    expiry: Option<Date>,
) -> Option<Generation> {
    let replaces = reason.is_some_and(Reason::replaces_a_card);
    let old = replaces && expiry.is_some_and(|expiry| expiry < FIRST_EXPIRY_OF_CPS3);
    let code = Generation::CPS2TER.code();
    if old && written.is_some_and(|written| written.code() != code) {
        let message = Words::new(
            "une carte expirée avant mars 2014 est une CPS2ter, de nouveaux codes sont donc envoyés\u{202F}; écrivez CPS2TER, ou corrigez la date d’expiration",
            "a card that expired before March 2014 is a CPS2ter, so new codes are sent; write CPS2TER, or mend the expiry date",
        );
        examiner.warn(Column::ReplacedGeneration, "generation_contradicted", message);
    }
    // What the job says of it, where the job knows it.
    let old_one = || all.iter().copied().find(|one| one.code() == code).unwrap_or(Generation::CPS2TER);
    if old { Some(old_one()) } else { written }
}
