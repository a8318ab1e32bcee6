//! What is asked: pieces, why, and what a person answers for.

use jiff::civil::Date;

use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Author;
use crate::night::order::Prove;

/// The longest reason or name, in characters.
const MAX_TEXT: usize = 200;

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
    /// Checks what persons wrote.
    ///
    /// # Errors
    /// `reprint_reason`, `person`: a text that is empty, too long or of several lines; `destruction_unwitnessed`: one person
    /// is named twice.
    pub(super) fn validate(&self) -> Result<(), Failure> {
        check("reprint_reason", "--reason", self.reason)?;
        check("person", "--by", &self.author.name)?;
        let Some(Destruction { by, witness }) = &self.destroyed else { return Ok(()) };
        check("person", "--destroyed-by", by)?;
        check("person", "--witness", witness)?;
        if by.trim().to_lowercase() == witness.trim().to_lowercase() {
            let problem = "the person who destroyed the pieces is also named as the witness";
            return Err(Failure::refused("destruction_unwitnessed", problem)
                .with_advice("name two different persons as `--destroyed-by` and `--witness`"));
        }
        Ok(())
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

fn check(code: &'static str, option: &str, text: &str) -> Result<(), Failure> {
    let long = text.chars().count() > MAX_TEXT;
    if !text.trim().is_empty() && !long && !text.contains(char::is_control) {
        return Ok(());
    }
    Err(Failure::usage(code, format!("`{option}` is empty, too long, or has more than one line"))
        .with_advice(format!("write `{option}` in 1 to {MAX_TEXT} characters on one line")))
}
