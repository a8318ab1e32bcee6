//! What the fields of a piece say.

use std::borrow::Cow;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::mail::card::Issuance;
use crate::mail::holder::Holder;
use crate::mail::piece::PieceKind;
use crate::mail::reason::{CodesDuty, Reason};
use crate::template::{Facts, FieldName};

/// Days after issue until the replaced card is revoked, when a card is renewed early (pieces.md §3).
const REVOCATION_DAYS: i64 = 30;

/// The facts that select a piece's variant.
pub fn facts(kind: PieceKind, issuance: &Issuance) -> Facts {
    let duty = issuance.reason.codes(issuance.replaced_generation);
    let new_codes = match kind {
        PieceKind::Letter => duty == CodesDuty::New,
        PieceKind::Mailer => issuance.reason != Reason::CodesReissue,
    };
    let holder = match issuance.holder {
        Holder::Named { .. } => "named",
        Holder::Structure => "structure",
    };
    [
        ("reason", issuance.reason.code()),
        ("codes", if new_codes { "new" } else { "kept" }),
        ("family", issuance.family.code()),
        ("holder", holder),
        ("replaced", if issuance.replaced_card_number.is_some() { "yes" } else { "no" }),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// What every field but the codes and the piece's own numbers says.
pub(super) fn of_record<'a>(field: FieldName, issuance: &'a Issuance, night: Date) -> Cow<'a, str> {
    match field {
        FieldName::CardNumber => issuance.card_number.as_str().into(),
        FieldName::CardNumberMasked => issuance.card_number.masked().into(),
        FieldName::ReplacedCardNumber => {
            issuance.replaced_card_number.as_ref().map_or("", |number| number.as_str()).into()
        }
        FieldName::Holder => issuance.holder.display_line(&issuance.organisation).into(),
        FieldName::Date => in_words(night).into(),
        FieldName::RevocationDate => revocation(issuance, night).map(in_words).unwrap_or_default().into(),
        FieldName::ExpiryDate => issuance.expiry_date.map(in_words).unwrap_or_default().into(),
        FieldName::PsIdNat => issuance.ps_id_nat.as_str().into(),
        FieldName::StructureId => issuance.structure_id.as_ref().map_or("", |id| id.as_str()).into(),
        FieldName::Profession => issuance.profession.map_or("", |profession| profession.label()).into(),
        FieldName::Order => issuance.profession.map_or("", |profession| profession.authority()).into(),
        FieldName::Organisation => issuance.organisation.as_str().into(),
        FieldName::PieceId
        | FieldName::TrackingId
        | FieldName::Pin
        | FieldName::Puk
        | FieldName::AssistanceCode => "".into(),
    }
}

/// The day on which the replaced card ends: thirty days after the new one's issue, which is the record's date of
/// issue where that follows the request, and the day of the letter otherwise.
fn revocation(issuance: &Issuance, night: Date) -> Option<Date> {
    let issued = issuance.issue_date.filter(|issued| *issued >= issuance.requested_at.date());
    issued.unwrap_or(night).checked_add(REVOCATION_DAYS.days()).ok()
}

/// A date as French letters write it: `1er mars 2026`.
fn in_words(day: Date) -> String {
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
    let number = if day.day() == 1 { "1er".to_owned() } else { day.day().to_string() };
    let month = MONTHS.get(day.month().unsigned_abs() as usize - 1).copied().unwrap_or_default();
    format!("{number} {month} {}", day.year())
}

/// The record's column that a field shows, for messages.
pub(super) fn column(field: Option<FieldName>) -> &'static str {
    match field {
        None => "address",
        Some(FieldName::Holder) => "last_name",
        Some(FieldName::Profession | FieldName::Order) => "profession_code",
        Some(FieldName::RevocationDate) => "issue_date",
        Some(field) => field.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_are_written_in_french() {
        assert_eq!(in_words(date(2026, 3, 1)), "1er mars 2026");
        assert_eq!(in_words(date(2026, 11, 23)), "23 novembre 2026");
    }
}
