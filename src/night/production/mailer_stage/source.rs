//! The mailers of a night, as the stage gets them: records come from the run, and what becomes of each goes back.

use rayon::prelude::*;

use super::link::Link;
use super::message::{Fault, Report};
use crate::failure::{Failure, in_one_line};
use crate::night::lot::PrintedPiece;
use crate::night::planning::DuePiece;
use crate::night::production::check::Passed;
use crate::night::production::{BATCH, PieceSource};
use crate::vault::{CheckedMailer, CodesOfCard, CodesOfNight, MailerComposer};

/// The mailers of a night.
pub(super) struct Mailers<'a, 's> {
    /// The run.
    pub link: &'a Link,
    /// Composes them.
    pub composer: &'a MailerComposer<'s>,
    /// Their codes.
    pub codes: &'a CodesOfNight,
    /// Whether the next records are asked for.
    pub asked: bool,
}

/// Why a mailer is not composed.
enum Obstacle {
    /// No codes file knows the card.
    NoCodes,
    /// Its codes or its texts can't be printed.
    Faults(Vec<Fault>),
}

impl<'s> PieceSource<CheckedMailer<'s>> for Mailers<'_, 's> {
    fn next(&mut self) -> Result<Option<Passed<CheckedMailer<'s>>>, Failure> {
        if !self.asked {
            self.link.tell(&Report::Next(BATCH))?;
        }
        let due = self.link.records()?;
        self.asked = !due.is_empty();
        if !self.asked {
            return Ok(None);
        }
        // The run loads the next ones meanwhile: which they are does not follow from what becomes of these.
        self.link.tell(&Report::Next(BATCH))?;
        let cards: Vec<&str> = due.iter().map(|piece| piece.issuance.card_number.as_str()).collect();
        let codes = self.codes.of_cards(&cards);
        self.codes.check_unchanged()?;
        let check = |(piece, codes): (&DuePiece, CodesOfCard)| self.check(piece, codes);
        let outcomes: Vec<_> = due.par_iter().zip(codes).with_min_len(8).map(check).collect();
        let mut passed = Vec::with_capacity(due.len());
        for (piece, outcome) in due.into_iter().zip(outcomes) {
            match outcome {
                Ok(checked) => passed.push((piece, checked)),
                Err(Obstacle::NoCodes) => self.link.tell(&Report::NoCodes(piece.entry))?,
                Err(Obstacle::Faults(faults)) => self.link.tell(&Report::Rejected(piece.entry, faults))?,
            }
        }
        Ok(Some(passed))
    }

    fn again(&mut self, most: usize) -> Result<Vec<DuePiece>, Failure> {
        self.link.tell(&Report::Again(most))?;
        self.link.records()
    }

    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure> {
        Ok(self.link.tell(&Report::Printed(pieces))?)
    }
}

impl<'s> Mailers<'_, 's> {
    fn check(&self, piece: &DuePiece, codes: CodesOfCard) -> Result<CheckedMailer<'s>, Obstacle> {
        match codes {
            None => Err(Obstacle::NoCodes),
            Some(Err(fault)) => Err(Obstacle::Faults(vec![Fault {
                field: fault.field.to_owned(),
                code: fault.code.to_owned(),
                message: format!("{}:{}: {}", fault.file, fault.line, fault.message),
            }])),
            Some(Ok(card)) => self.composer.check(&piece.issuance, &card).map_err(|faults| {
                let fault = |fault: composition::PieceFault| Fault {
                    message: in_one_line(&fault, fault.advice),
                    code: fault.code.to_owned(),
                    field: fault.field,
                };
                Obstacle::Faults(faults.into_iter().map(fault).collect())
            }),
        }
    }
}
