//! The run's side of the talk: records from the plan, and what becomes of each piece into the plan.

use std::io;

use super::link::add_record;
use super::message::{Fault, Report};
use crate::failure::Failure;
use crate::night::lot::PrintedPiece;
use crate::night::planning::Plan;
use crate::vault::MailerOrder;
use mail::Words;
use mail::piece::PieceKind;

/// Answers what the stage asks, and takes what it tells.
pub(in crate::night) trait Answers {
    /// Takes a report. Returns the answer, where the stage waits for one.
    ///
    /// # Errors
    /// I/O errors; `bug`: nobody here knows the answer.
    fn answer(&mut self, report: Report) -> Result<Option<Vec<u8>>, Failure>;
}

/// Answers nothing, since what the stage needs stands in its order, and keeps where pieces were printed.
#[derive(Default)]
pub(in crate::night) struct PrintedPieces(pub Vec<PrintedPiece>);

impl Answers for PrintedPieces {
    fn answer(&mut self, report: Report) -> Result<Option<Vec<u8>>, Failure> {
        match report {
            Report::Printed(pieces) => self.0.extend(pieces),
            _ => return Err(unknown()),
        }
        Ok(None)
    }
}

/// Answers from the plan of a night.
pub(in crate::night) struct PlanDesk<'p> {
    plan: &'p mut Plan,
    /// The positions in lot order from which the next records are, and those that are sent again.
    next: u32,
    again: u32,
    /// Where pieces were printed.
    pub printed: Vec<PrintedPiece>,
}

impl<'p> PlanDesk<'p> {
    /// Begins with the first mailer of a plan.
    pub(in crate::night) fn of(plan: &'p mut Plan) -> PlanDesk<'p> {
        PlanDesk { plan, next: 0, again: 0, printed: Vec::new() }
    }

    /// The packed records of entries.
    fn records(&mut self, entries: &[u32]) -> io::Result<Vec<u8>> {
        let mut answer = Vec::new();
        for entry in entries {
            let stored = self.plan.stored(*entry).map_err(io::Error::other)?;
            add_record(&mut answer, *entry, stored.packed()?);
        }
        Ok(answer)
    }
}

impl Answers for PlanDesk<'_> {
    fn answer(&mut self, report: Report) -> Result<Option<Vec<u8>>, Failure> {
        match report {
            Report::Next(most) => {
                let entries = self.plan.next_pieces(PieceKind::Mailer, &mut self.next, most);
                return Ok(Some(self.records(&entries)?));
            }
            Report::Again(most) => {
                let entries = self.plan.next_pieces(PieceKind::Mailer, &mut self.again, most);
                return Ok(Some(self.records(&entries)?));
            }
            Report::Warnings(findings) => {
                findings.into_iter().try_for_each(|finding| self.plan.warn_of_file(finding))?;
            }
            Report::Order(key) => {
                self.plan.arrange_mailers(MailerOrder::from_hexadecimal(&key).ok_or_else(unknown)?);
            }
            Report::Rejected(entry, faults) => {
                let finding = |Fault { field, code, french, english }: Fault| {
                    self.plan.finding(entry, &field, &code, Words::of(french, english))
                };
                let findings: Vec<_> = faults.into_iter().map(finding).collect::<Result<_, _>>()?;
                self.plan.reject(entry, &findings)?;
            }
            Report::NoCodes(entry) => {
                let message = Words::new(
                    "aucun fichier de codes ne connaît la carte\u{202F}: le courrier codes attend\u{202F}; mettez son fichier de codes dans la boîte d’arrivée",
                    "no codes file knows the card: the mailer waits; put its codes file into the inbox",
                );
                self.plan.defer(entry, "codes_missing", &message)?;
            }
            Report::Printed(pieces) => self.printed.extend(pieces),
            _ => return Err(unknown()),
        }
        Ok(None)
    }
}

fn unknown() -> Failure {
    Failure::bug("the mailer stage asks or tells what nobody knows")
}
