//! What is asked: pieces, why, and what a person answers for.

use jiff::civil::Date;

use crate::approvals::Asking;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Author;
use crate::night::order::Prove;

/// An order to print pieces again.
#[derive(Debug)]
pub(crate) struct ReprintOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// The day, which the pieces show and in whose folder their lots lie.
    pub day: Date,
    /// The printed references of the pieces, each once.
    pub pieces: Vec<String>,
    /// Why, in the words of a person; the ledger keeps it.
    pub reason: &'a str,
    /// Whether the cards of the letters are in hand.
    pub card_in_hand: bool,
    /// Who destroyed the pieces of mailers.
    pub destroyed: Option<Destruction>,
    /// Who orders it.
    pub author: Author,
    /// How much of the letters is read back.
    pub prove: Prove,
    /// With what approvals are asked for.
    pub asking: Asking,
}

/// Two persons before whom pieces were destroyed.
#[derive(Debug, Clone)]
pub(crate) struct Destruction {
    /// Who destroyed them.
    pub by: String,
    /// Who saw it.
    pub witness: String,
}

impl ReprintOrder<'_> {
    /// Checks that two persons answer for a destruction.
    ///
    /// # Errors
    /// `destruction_unwitnessed`: one person is named twice.
    pub(super) fn validate(&self) -> Result<(), Failure> {
        let Some(Destruction { by, witness }) = &self.destroyed else { return Ok(()) };
        if by.to_lowercase() != witness.to_lowercase() {
            return Ok(());
        }
        let problem = "the person who destroyed the pieces is also named as the witness";
        Err(Failure::refused("destruction_unwitnessed", problem)
            .with_advice("name two different persons as `--destroyed-by` and `--witness`"))
    }

    /// The reason, with the persons who answer for a destruction.
    pub(super) fn cause(&self) -> String {
        match &self.destroyed {
            None => self.reason.to_owned(),
            Some(Destruction { by, witness }) => {
                format!("{}; destroyed by {by}, witness {witness}", self.reason)
            }
        }
    }
}
