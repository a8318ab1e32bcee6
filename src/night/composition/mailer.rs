//! The PIN/PUK mailer: the only place where codes are read.

use std::borrow::Cow;

use jiff::civil::Date;

use super::stamp::{Stamper, Values};
use super::values::{fact_values, of_record};
use super::{ComposedPiece, PieceFault};
use crate::mail::calendar::french_date;
use crate::mail::card::Issuance;
use crate::mail::piece::PieceKind;
use crate::template::FieldName;
use crate::vault::CardCodes;

/// The numbers that a mailer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailerNumbers {
    /// The printed reference.
    pub piece_id: String,
    /// The tracking identifier as printed.
    pub tracking_id: String,
}

/// Everything mailers are composed from, but records and codes.
pub struct MailerPress<'a> {
    stamper: &'a Stamper<'a>,
    night: Date,
    /// The night as pieces show it.
    day: String,
}

impl<'a> MailerPress<'a> {
    /// Prepares a night's mailers.
    pub fn new(stamper: &'a Stamper<'a>, night: Date) -> Self {
        MailerPress { stamper, night, day: french_date(night) }
    }

    /// Finds what would keep a mailer from being composed.
    pub fn check(&self, issuance: &Issuance, codes: &CardCodes) -> Vec<PieceFault> {
        let numbers = MailerNumbers {
            piece_id: "00000A\\000000".to_owned(),
            tracking_id: "XX 000 000 0000 0".to_owned(),
        };
        let sides = match self.stamper.sides(fact_values(PieceKind::Mailer, issuance)) {
            Ok(sides) => sides,
            Err(faults) => return faults,
        };
        self.with_values(issuance, &numbers, codes, |values| {
            sides.iter().flat_map(|side| self.stamper.faults(side, values, None)).collect()
        })
    }

    /// Composes a mailer.
    ///
    /// # Errors
    /// Those that [`MailerPress::check`] finds.
    pub fn compose(
        &self,
        issuance: &Issuance,
        numbers: &MailerNumbers,
        codes: &CardCodes,
    ) -> Result<ComposedPiece, Vec<PieceFault>> {
        let sides = self.stamper.sides(fact_values(PieceKind::Mailer, issuance))?;
        let pages = self.with_values(issuance, numbers, codes, |values| {
            sides.iter().map(|side| self.stamper.side(side, values)).collect::<Result<_, _>>()
        })?;
        Ok(ComposedPiece { pages, twoddoc: None })
    }

    fn with_values<'v, T>(
        &'v self,
        issuance: &'v Issuance,
        numbers: &'v MailerNumbers,
        codes: &'v CardCodes,
        work: impl FnOnce(&Values) -> T,
    ) -> T {
        let field = |name: FieldName| match name {
            FieldName::PieceId => Cow::Borrowed(numbers.piece_id.as_str()),
            FieldName::TrackingId => Cow::Borrowed(numbers.tracking_id.as_str()),
            FieldName::Date => Cow::Borrowed(self.day.as_str()),
            FieldName::Pin => Cow::Borrowed(codes.pin.expose()),
            FieldName::Puk => Cow::Borrowed(codes.puk.expose()),
            FieldName::AssistanceCode => Cow::Borrowed(codes.assistance.expose()),
            name => of_record(name, issuance, self.night),
        };
        let address = issuance.address.lines().collect();
        work(&Values { address, field: &field, symbol: None, facsimile: &Vec::new })
    }
}
