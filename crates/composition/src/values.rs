//! The values of a piece: its facts, the text of its fields, its numbers.

use std::borrow::Cow;

use jiff::ToSpan;
use jiff::civil::Date;

use mail::calendar::french_date;
use mail::holder::Holder;
use mail::issuance::Issuance;
use mail::lot::LotPosition;
use mail::piece::PieceKind;
use mail::profession::Profession;
use mail::reason::{CodesDuty, Reason};
use template::{Facts, FieldName};

/// Days after issue until the replaced card is revoked, when a card is renewed early (pieces.md §3).
const REVOCATION_DAYS: i64 = 30;

/// What one piece shows, except its numbers and symbol.
pub struct PieceValues<'a> {
    /// The recipient's block, line by line.
    pub address: Vec<&'a str>,
    /// The text of every field that is not one of the piece's numbers.
    pub field: &'a dyn Fn(FieldName) -> Cow<'a, str>,
    /// The random bytes of the piece's confusion patterns, by the number of the block. They follow from a key and the piece;
    /// a piece without such patterns needs none.
    pub confusion: &'a dyn Fn(u32) -> [u8; 32],
    /// What the card itself shows, line by line. It is shown to designers and never printed.
    pub facsimile: &'a dyn Fn() -> Vec<String>,
}

/// The numbers of a piece.
#[derive(Clone, Copy)]
pub struct PieceNumbers<'a> {
    /// Its printed reference.
    pub piece_id: &'a str,
    /// A mailer's tracking identifier as printed.
    pub tracking_id: &'a str,
    /// Its position in its lot; `None` for what has none and no control marks.
    pub position: Option<LotPosition<'a>>,
}

impl PieceNumbers<'_> {
    /// The text of a field that is one of the numbers; `None` for any other field.
    pub(crate) fn text(&self, field: Option<FieldName>) -> Option<Cow<'_, str>> {
        match field {
            Some(FieldName::PieceId) => Some(self.piece_id.into()),
            Some(FieldName::TrackingId) => Some(self.tracking_id.into()),
            Some(FieldName::PieceBarcode) => Some(mailer_barcode(self.piece_id).into()),
            _ => None,
        }
    }
}

/// A mailer's printed reference as a barcode: `M26327A000001`. Code 39 has no backslash.
pub fn mailer_barcode(piece_id: &str) -> String {
    format!("{}{}", PieceKind::Mailer.prefix(), piece_id.replace('\\', ""))
}

/// The facts that select a piece's variant, by name.
pub fn facts(kind: PieceKind, issuance: &Issuance) -> Facts {
    let values = fact_values(kind, issuance).into_iter();
    FACTS.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The names of the facts that select a variant.
pub const FACTS: [&str; 5] = ["reason", "codes", "family", "holder", "replaced"];

/// The facts of a piece, in the order of [`FACTS`].
pub fn fact_values(kind: PieceKind, issuance: &Issuance) -> [&'static str; 5] {
    let duty = issuance.reason.codes(issuance.replaced_generation);
    let new_codes = match kind {
        PieceKind::Letter => duty == CodesDuty::New,
        PieceKind::Mailer => issuance.reason != Reason::CodesReissue,
    };
    let holder = match issuance.holder {
        Holder::Named { .. } => "named",
        Holder::Structure => "structure",
    };
    let codes = if new_codes { "new" } else { "kept" };
    let replaced = if issuance.replaced_card_number.is_some() { "yes" } else { "no" };
    [issuance.reason.code(), codes, issuance.family.code(), holder, replaced]
}

/// The text of a field that the record holds. It is empty for codes, for the piece's numbers and for fields of a lot.
pub fn record_value<'a>(field: FieldName, issuance: &'a Issuance, night: Date) -> Cow<'a, str> {
    match field {
        FieldName::CardNumber => issuance.card_number.as_str().into(),
        FieldName::CardNumberMasked => issuance.card_number.masked().into(),
        FieldName::ReplacedCardNumber => {
            issuance.replaced_card_number.as_ref().map_or("", |number| number.as_str()).into()
        }
        FieldName::Holder => issuance.holder.display_line(&issuance.organisation).into(),
        FieldName::Date => french_date(night).into(),
        FieldName::RevocationDate => revocation(issuance, night).map(french_date).unwrap_or_default().into(),
        FieldName::ExpiryDate => issuance.expiry_date.map(french_date).unwrap_or_default().into(),
        FieldName::PsIdNat => issuance.ps_id_nat.as_str().into(),
        FieldName::StructureId => issuance.structure_id.as_ref().map_or("", |id| id.as_str()).into(),
        FieldName::Profession => issuance.profession.map_or("", |profession| profession.label()).into(),
        FieldName::Order => issuance.profession.map_or("", |profession| profession.authority()).into(),
        FieldName::Organisation => issuance.organisation.as_str().into(),
        FieldName::PieceId
        | FieldName::PieceBarcode
        | FieldName::TrackingId
        | FieldName::Pin
        | FieldName::Puk
        | FieldName::AssistanceCode
        | FieldName::Lot
        | FieldName::LotCode
        | FieldName::FirstPiece
        | FieldName::LastPiece
        | FieldName::Pieces
        | FieldName::Sheets
        | FieldName::Files
        | FieldName::Bundles => "".into(),
    }
}

/// The day on which the replaced card is revoked: thirty days after the new card's issue. The new card is issued on the
/// record's date of issue if that follows the request, and otherwise on the day of the letter.
fn revocation(issuance: &Issuance, night: Date) -> Option<Date> {
    let issued = issuance.issue_date.filter(|issued| *issued >= issuance.requested_at.date());
    issued.unwrap_or(night).checked_add(REVOCATION_DAYS.days()).ok()
}

/// The lines printed on the card (pieces.md §1): family, Order, profession, identifier, holder, number and, since visual
/// CPS3.3, the date of issue.
pub(crate) fn facsimile(issuance: &Issuance, night: Date) -> Vec<String> {
    let identifier = issuance.ps_id_nat.as_str();
    let (kind, body) = identifier.split_at_checked(1).unwrap_or((identifier, ""));
    let profession =
        |text: fn(Profession) -> &'static str| issuance.profession.map_or("", text).to_uppercase();
    let lines = [
        format!("{}  {}", issuance.family.code(), issuance.family.french_name().to_uppercase()),
        profession(Profession::authority),
        profession(Profession::label),
        format!("{kind} {body}"),
        issuance.holder.display_line(&issuance.organisation),
        issuance.card_number.to_string(),
        format!("Délivrée le {}", french_date(issuance.issue_date.unwrap_or(night))),
    ];
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

/// The record's column that a field shows; `address` for the recipient's block.
pub(crate) fn column(field: Option<FieldName>) -> &'static str {
    match field {
        None => "address",
        Some(FieldName::Holder) => "last_name",
        Some(FieldName::Profession | FieldName::Order) => "profession_code",
        Some(FieldName::RevocationDate) => "issue_date",
        Some(field) => field.name(),
    }
}
