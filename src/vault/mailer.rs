//! The composition of PIN/PUK mailers: the only code that reads a card's codes to print them.

use std::borrow::Cow;

use jiff::civil::Date;

use super::codes::CardCodes;
use super::mailer_pattern::MailerPattern;
use composition::{
    CheckedPiece, ComposedPiece, PieceFault, PieceNumbers, PieceValues, PreparedSide, Stamper, fact_values,
    record_value,
};
use mail::calendar::french_date;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use template::FieldName;

/// Numbers as long as those of any mailer, for checking before a mailer has its own.
const SAMPLE: PieceNumbers =
    PieceNumbers { piece_id: "00000A\\000000", tracking_id: "XX 000 000 0000 0", position: None };

/// A checked mailer without its numbers. It holds codes, which are wiped when it is dropped.
pub(crate) struct CheckedMailer<'a> {
    sides: Vec<PreparedSide<'a>>,
}

impl CheckedPiece for CheckedMailer<'_> {
    fn pages(&self) -> usize {
        self.sides.len()
    }
}

/// Composes the mailers of a night.
pub(crate) struct MailerComposer<'a> {
    stamper: &'a Stamper<'a>,
    /// The night of the originals, from which other dates are counted.
    night: Date,
    /// The day as pieces show it.
    day: String,
    pattern: MailerPattern,
}

impl<'a> MailerComposer<'a> {
    /// Prepares a night's mailers, whose codes hide in that pattern.
    pub(crate) fn new(stamper: &'a Stamper<'a>, night: Date, pattern: MailerPattern) -> Self {
        MailerComposer { stamper, night, day: french_date(night), pattern }
    }

    /// The same mailers printed again on a later day, whose date they show.
    #[must_use]
    pub(crate) fn again(self, day: Date) -> Self {
        MailerComposer { day: french_date(day), ..self }
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
        let confusion = self.pattern.of_card(issuance.card_number.as_str());
        let blocks = |block| confusion.block(block);
        let values = PieceValues { address, field: &field, confusion: &blocks, facsimile: &Vec::new };
        Ok(CheckedMailer { sides: self.stamper.prepare_sides(sides, &values, &SAMPLE, None)? })
    }

    /// Completes a checked mailer with its numbers.
    ///
    /// # Errors
    /// A number that does not fit into its field.
    pub(crate) fn compose(
        &self,
        checked: CheckedMailer,
        numbers: &PieceNumbers,
    ) -> Result<ComposedPiece, Vec<PieceFault>> {
        let pages = self.stamper.finish_sides(checked.sides, numbers, None)?;
        Ok(ComposedPiece { pages, twoddoc: None })
    }
}
