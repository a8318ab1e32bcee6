//! The fields that a template may name, and the pieces that have them.

use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A variable text of a piece (pieces.md §1 and §2).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum FieldName { $($(#[$doc])* $variant,)* }

        impl FieldName {
            /// Every field, in the order of this list.
            pub const ALL: &'static [FieldName] = &[$(FieldName::$variant,)*];

            /// The name a template uses.
            pub fn name(self) -> &'static str {
                match self { $(FieldName::$variant => $name,)* }
            }
        }
    };
}

fields! {
    /// The printed reference of the piece, `26327A000908` or `26327A\000001`.
    PieceId = "piece_id",
    /// The mailer's reference as a barcode, `M26327A000001`: a camera follows mailers by it.
    PieceBarcode = "piece_barcode",
    /// The logical card number, ten digits.
    CardNumber = "card_number",
    /// The card number with all but its last four digits hidden.
    CardNumberMasked = "card_number_masked",
    /// The card that this one replaces.
    ReplacedCardNumber = "replaced_card_number",
    /// Civility or title and name, or the organisation of a card without a holder.
    Holder = "holder",
    /// The day of the night run, in words.
    Date = "date",
    /// The end of validity of the replaced card, thirty days after issue.
    RevocationDate = "revocation_date",
    /// The expiry date of the replaced card.
    ExpiryDate = "expiry_date",
    /// The holder's national identifier.
    PsIdNat = "ps_id_nat",
    /// The structure's national identifier.
    StructureId = "structure_id",
    /// The profession's label.
    Profession = "profession",
    /// The Order or authority that the profession answers to.
    Order = "order",
    /// The organisation.
    Organisation = "organisation",
    /// The mailer's tracking identifier.
    TrackingId = "tracking_id",
    /// The confidential code of the card (PIN), four digits.
    Pin = "pin",
    /// The unblocking code (PUK), eight digits.
    Puk = "puk",
    /// The code that the holder gives to the support service.
    AssistanceCode = "assistance_code",
    /// The lot with its kind, `L26327A` or `M26327A`, on the sheets at its ends.
    Lot = "lot",
    /// The text of the barcode of those sheets.
    LotCode = "lot_code",
    /// The printed reference of the lot's first piece.
    FirstPiece = "first_piece",
    /// The printed reference of the lot's last piece.
    LastPiece = "last_piece",
    /// How many pieces the lot has.
    Pieces = "pieces",
    /// How many sheets the press prints for the lot.
    Sheets = "sheets",
    /// How many print files the lot has.
    Files = "files",
    /// How many bundles the lot has.
    Bundles = "bundles",
}

impl FieldName {
    /// The field with this name; `None` if there is none.
    pub fn parse(name: &str) -> Option<FieldName> {
        FieldName::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Whether the field is a code, which only a mailer may show.
    pub fn is_code(self) -> bool {
        matches!(self, FieldName::Pin | FieldName::Puk | FieldName::AssistanceCode)
    }

    /// Whether the field is the number of a card, whole or masked.
    pub(crate) fn is_card_number(self) -> bool {
        use FieldName::{CardNumber, CardNumberMasked, ReplacedCardNumber};
        matches!(self, CardNumber | CardNumberMasked | ReplacedCardNumber)
    }

    /// Whether the field describes a lot. Only the sheets at the ends of a lot show such a field.
    pub(crate) fn is_of_lot(self) -> bool {
        use FieldName::{Bundles, Files, FirstPiece, LastPiece, Lot, LotCode, Pieces, Sheets};
        matches!(self, Lot | LotCode | FirstPiece | LastPiece | Pieces | Sheets | Files | Bundles)
    }

    /// Whether a piece of this kind has the field.
    pub(crate) fn belongs_on(self, kind: PieceKind) -> bool {
        match kind {
            PieceKind::Letter => {
                let of_mailers = matches!(self, FieldName::TrackingId | FieldName::PieceBarcode);
                !self.is_code() && !self.is_of_lot() && !of_mailers
            }
            PieceKind::Mailer => !self.is_of_lot(),
        }
    }

    /// The names a template of this kind may use, for messages.
    pub(crate) fn names_for(kind: PieceKind) -> String {
        let names: Vec<&str> =
            FieldName::ALL.iter().filter(|field| field.belongs_on(kind)).map(|field| field.name()).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_has_a_code() {
        let letter: Vec<_> = FieldName::ALL.iter().filter(|f| f.belongs_on(PieceKind::Letter)).collect();
        assert!(letter.iter().all(|field| !field.is_code()));
        assert!(FieldName::ALL.iter().filter(|field| field.is_code()).count() == 3);
    }
}
