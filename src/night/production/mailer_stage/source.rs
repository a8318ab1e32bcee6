//! The mailers of a night, as the stage gets them: records come from the run, and what becomes of each goes back.

use std::collections::VecDeque;

use mail::Worded;
use rayon::prelude::*;

use super::link::Link;
use super::message::{Fault, Report};
use crate::failure::Failure;
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
    /// The records that came, with their codes, and are not checked yet.
    pub ahead: VecDeque<(DuePiece, CodesOfCard)>,
}

/// How many records come at a time. Their codes lie all over the codes file, so that every asking opens most of its chunks: the
/// fewer askings, the better.
const AHEAD: usize = 16 * BATCH;

/// Why a mailer is not composed.
enum Obstacle {
    /// No codes file knows the card.
    NoCodes,
    /// Its codes or its texts can't be printed.
    Faults(Vec<Fault>),
}

impl<'s> PieceSource<CheckedMailer<'s>> for Mailers<'_, 's> {
    fn next(&mut self) -> Result<Option<Passed<CheckedMailer<'s>>>, Failure> {
        if self.ahead.is_empty() {
            self.load()?;
        }
        let due: Vec<_> = self.ahead.drain(..self.ahead.len().min(BATCH)).collect();
        if due.is_empty() {
            return Ok(None);
        }
        let check = |(piece, codes): (DuePiece, CodesOfCard)| {
            let outcome = self.check(&piece, codes);
            (piece, outcome)
        };
        let outcomes: Vec<_> = due.into_par_iter().with_min_len(8).map(check).collect();
        let mut passed = Vec::with_capacity(outcomes.len());
        for (piece, outcome) in outcomes {
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
    /// Gets the next records and their codes; none at the end.
    fn load(&mut self) -> Result<(), Failure> {
        if !self.asked {
            self.link.tell(&Report::Next(AHEAD))?;
        }
        let due = self.link.records()?;
        self.asked = !due.is_empty();
        if self.asked {
            // The run loads the next ones meanwhile: which they are does not follow from what becomes of these.
            self.link.tell(&Report::Next(AHEAD))?;
        }
        let cards: Vec<&str> = due.iter().map(|piece| piece.issuance.card_number.as_str()).collect();
        let codes = self.codes.of_cards(&cards);
        self.codes.check_unchanged()?;
        self.ahead.extend(due.into_iter().zip(codes));
        Ok(())
    }

    fn check(&self, piece: &DuePiece, codes: CodesOfCard) -> Result<CheckedMailer<'s>, Obstacle> {
        match codes {
            None => Err(Obstacle::NoCodes),
            Some(Err(fault)) => {
                let place = format!("{}:{}: ", fault.file, fault.line);
                let (french, english) =
                    (place.clone() + &fault.message.french(), place + &fault.message.to_string());
                let (field, code) = (fault.field.to_owned(), fault.code.to_owned());
                Err(Obstacle::Faults(vec![Fault { field, code, french, english }]))
            }
            Some(Ok(card)) => self.composer.check(&piece.issuance, &card).map_err(|faults| {
                let fault = |fault: composition::PieceFault| {
                    let words = fault.words_with_advice();
                    let (french, english) = (words.french(), words.to_string());
                    Fault { field: fault.field, code: fault.code.to_owned(), french, english }
                };
                Obstacle::Faults(faults.into_iter().map(fault).collect())
            }),
        }
    }
}
