//! The texts of the fields that a record holds (pieces.md §1 and §2).

use std::borrow::Cow;

use jiff::civil::Date;
use mail::card::CardNumber;
use mail::holder::{Civility, Holder, Title};
use mail::issuance::Issuance;
use template::FieldName;

use super::dates;
use super::shown::nfc;

/// The text of a field, empty where the record has none; `None` for a field that no record holds.
pub(super) fn text(field: FieldName, issuance: &Issuance, night: Date) -> Option<Cow<'_, str>> {
    let in_words = |day: Option<Date>| day.map(dates::in_words).unwrap_or_default().into();
    Some(match field {
        FieldName::CardNumber => issuance.card_number.as_str().into(),
        FieldName::CardNumberMasked => masked(&issuance.card_number).into(),
        FieldName::ReplacedCardNumber => {
            optional(issuance.replaced_card_number.as_ref().map(CardNumber::as_str))
        }
        FieldName::Holder => holder(issuance),
        FieldName::RevocationDate => in_words(dates::revocation(issuance, night)),
        FieldName::ExpiryDate => in_words(issuance.expiry_date),
        FieldName::PsIdNat => nfc(issuance.ps_id_nat.as_str()),
        FieldName::StructureId => optional(issuance.structure_id.as_ref().map(|id| id.as_str())),
        FieldName::Profession => optional(issuance.profession.map(|profession| profession.label())),
        FieldName::Order => optional(issuance.profession.map(|profession| profession.authority())),
        FieldName::Organisation => nfc(&issuance.organisation),
        _ => return None,
    })
}

fn optional(text: Option<&str>) -> Cow<'_, str> {
    nfc(text.unwrap_or_default())
}

/// The number of a card with its first six digits hidden, each behind a bullet.
fn masked(number: &CardNumber) -> String {
    let digits = number.as_str().chars().enumerate();
    digits.map(|(index, digit)| if index < 6 { '•' } else { digit }).collect()
}

/// The line that names the holder: the title, or else the civility, the last name in capitals, the first name. A card
/// without a person is of its organisation.
fn holder(issuance: &Issuance) -> Cow<'_, str> {
    let (civility, title, last_name, first_name) = match &issuance.holder {
        Holder::Structure => return nfc(&issuance.organisation),
        Holder::Named { civility, title, last_name, first_name } => (civility, title, last_name, first_name),
    };
    let address = match (title, civility) {
        (Some(Title::Dr), _) => "Dr ",
        (Some(Title::Pr), _) => "Pr ",
        (None, Some(Civility::M)) => "M. ",
        (None, Some(Civility::Mme)) => "Mme ",
        (None, None) => "",
    };
    let mut line = String::with_capacity(address.len() + last_name.len() + first_name.len() + 5);
    line.push_str(address);
    line.extend(last_name.chars().flat_map(char::to_uppercase));
    line.push(' ');
    line.push_str(first_name);
    let composed = match nfc(&line) {
        Cow::Owned(composed) => Some(composed),
        Cow::Borrowed(_) => None,
    };
    composed.unwrap_or(line).into()
}
