//! The composition of PIN/PUK mailers: the only code that reads a card's codes to print them.

use std::borrow::Cow;

use jiff::civil::Date;

use super::codes::CardCodes;
use composition::{
    CheckedPiece, ComposedPiece, PieceFault, PieceNumbers, PieceValues, PreparedSide, Stamper, fact_values,
    record_value,
};
use mail::calendar::french_date;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use template::FieldName;

/// Numbers as long as those of any mailer, for checking before a mailer has its own.
const SAMPLE: PieceNumbers = PieceNumbers { piece_id: "00000A\\000000", tracking_id: "XX 000 000 0000 0" };

/// A checked mailer without its numbers. It holds codes, which are wiped when it is dropped.
pub(crate) struct CheckedMailer<'a> {
    sides: Vec<PreparedSide<'a>>,
}

impl CheckedPiece for CheckedMailer<'_> {
    fn pages(&self) -> usize {
        self.sides.len()
    }
}

/// The numbers that a mailer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MailerNumbers {
    /// The printed reference.
    pub piece_id: String,
    /// The tracking identifier as printed.
    pub tracking_id: String,
}

/// Composes the mailers of a night.
pub(crate) struct MailerComposer<'a> {
    stamper: &'a Stamper<'a>,
    night: Date,
    /// The night as pieces show it.
    day: String,
}

impl<'a> MailerComposer<'a> {
    /// Prepares a night's mailers.
    pub(crate) fn new(stamper: &'a Stamper<'a>, night: Date) -> Self {
        MailerComposer { stamper, night, day: french_date(night) }
    }

    /// Composes everything except the numbers, and so finds what can't be composed.
    ///
    /// # Errors
    /// All faults of the mailer.
    pub(crate) fn check(
        &self,
        issuance: &Issuance,
        codes: &CardCodes,
    ) -> Result<CheckedMailer<'a>, Vec<PieceFault>> {
        let sides = self.stamper.sides(fact_values(PieceKind::Mailer, issuance))?;
        let field = |name: FieldName| match name {
            FieldName::Date => Cow::Borrowed(self.day.as_str()),
            FieldName::Pin => Cow::Borrowed(codes.pin.expose()),
            FieldName::Puk => Cow::Borrowed(codes.puk.expose()),
            FieldName::AssistanceCode => Cow::Borrowed(codes.assistance.expose()),
            name => record_value(name, issuance, self.night),
        };
        let address = issuance.address.lines().collect();
        let values = PieceValues { address, field: &field, facsimile: &Vec::new };
        Ok(CheckedMailer { sides: self.stamper.prepare_sides(sides, &values, &SAMPLE, None)? })
    }

    /// Completes a checked mailer with its numbers.
    ///
    /// # Errors
    /// A number that does not fit into its field.
    pub(crate) fn compose(
        &self,
        checked: CheckedMailer,
        numbers: &MailerNumbers,
    ) -> Result<ComposedPiece, Vec<PieceFault>> {
        let MailerNumbers { piece_id, tracking_id } = numbers;
        let pages =
            self.stamper.finish_sides(checked.sides, &PieceNumbers { piece_id, tracking_id }, None)?;
        Ok(ComposedPiece { pages, twoddoc: None })
    }
}
