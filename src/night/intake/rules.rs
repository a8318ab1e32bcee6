//! The rules of a record, row by row: card, reason and dates. The rules about persons and addresses are in
//! [`persons`](super::persons).
//!
//! A row is examined by itself and all its faults are reported. Duplicate card numbers are found by
//! [`stream`](super::stream).

use jiff::civil::Date;

use super::dates::{DateFault, parse_date, parse_date_time};
use super::examiner::{Examined, Examiner, RowTexts};
use super::header::Column;
use super::persons;
use mail::card::{CardFamily, CardNumber, CardStatus, Generation};
use mail::issuance::Issuance;
use mail::reason::Reason;

/// Examines a row.
pub(super) fn examine(row: &RowTexts<'_>) -> Examined {
    let mut examiner = Examiner::new(row);
    let card_number = card_number(&mut examiner);
    let issuance = issuance(&mut examiner, card_number);
    let revoked = examiner.text(Column::Status) == CardStatus::Revoked.code();
    let Examiner { faults, warnings, .. } = examiner;
    let issuance = issuance.filter(|_| faults.is_empty());
    Examined { card_number, revoked, issuance, faults, warnings }
}

/// Reads every field. Returns `None` only if it has added a fault.
fn issuance(examiner: &mut Examiner<'_>, card_number: Option<CardNumber>) -> Option<Issuance> {
    let family = required_word(examiner, Column::CardFamily, &CardFamily::ALL, CardFamily::code);
    let reason = required_word(examiner, Column::Reason, &Reason::ALL, Reason::code);
    let status = required_word(examiner, Column::Status, &CardStatus::ALL, CardStatus::code);
    let replaced_card_number = replaced_card(examiner, reason, card_number);
    let replaced_generation = examiner.word(Column::ReplacedGeneration, &Generation::ALL, Generation::code);
    examiner.require(Column::RequestedAt, "every record");
    let requested_at = examiner.value(Column::RequestedAt, parse_date_time, DateFault::code);
    let (issue_date, expiry_date) = dates(examiner, reason);
    if (family, reason) == (Some(CardFamily::Cpf), Some(Reason::Renewal)) {
        let message = "a CPF is never renewed; write the reason that applies, or take the row out";
        examiner.fault(Column::Reason, "renewal_not_for_cpf", message);
    }
    let ps_id_nat = persons::ps_id_nat(examiner);
    let structure_id = persons::structure_id(examiner, family);
    let organisation = persons::organisation(examiner);
    let holder = persons::holder(examiner, family);
    let profession = persons::profession(examiner, family);
    let address = persons::address(examiner, holder.as_ref(), &organisation, structure_id.as_ref());
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
    })
}

/// One of a few words, in a column that must not be empty.
fn required_word<T: Copy>(
    examiner: &mut Examiner<'_>,
    column: Column,
    all: &[T],
    spell: fn(T) -> &'static str,
) -> Option<T> {
    examiner.require(column, "every record");
    examiner.word(column, all, spell)
}

/// The number of the card.
fn card_number(examiner: &mut Examiner<'_>) -> Option<CardNumber> {
    examiner.require(Column::CardNumber, "every record");
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
        let message = "no replaced card is named, and the letter will not name one; write its number";
        examiner.warn(COLUMN, "replaced_card_missing", message);
    }
    if replaced.is_some() && replaced == card_number {
        let message = "the replaced card is the card itself; write the number of the old card";
        examiner.fault(COLUMN, "replaced_same_card", message);
    }
    replaced
}

/// The dates of the replaced card: it is issued before it expires, and a renewal needs its expiry.
fn dates(examiner: &mut Examiner<'_>, reason: Option<Reason>) -> (Option<Date>, Option<Date>) {
    if reason == Some(Reason::Renewal) {
        examiner.require(Column::ExpiryDate, "reason `renewal`");
    }
    let issue = examiner.value(Column::IssueDate, parse_date, DateFault::code);
    let expiry = examiner.value(Column::ExpiryDate, parse_date, DateFault::code);
    if let (Some(issued), Some(expires)) = (issue, expiry)
        && issued >= expires
    {
        let message =
            format!("the card would expire on {expires}, not after its issue on {issued}; mend one of them");
        examiner.fault(Column::ExpiryDate, "date_order", message);
    }
    (issue, expiry)
}
