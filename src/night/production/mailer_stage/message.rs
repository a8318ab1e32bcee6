//! What the run and the mailer stage say to each other, in JSON; only records are sent packed.
//!
//! No message has a place for a code.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};

use crate::approvals::Allowed;
use crate::failure::Failure;
use crate::job::Press;
use crate::ledger::{Finding, ReleaseMark};
use crate::night::lot::{
    AgainNames, Lot, LotNumbers, PrintFile, PrintedPiece, Proof, SheetLayout, TemplateIdentity, Turn,
};
use crate::night::order::{Phase, Prove, Shard};
use crate::night::report::Alert;
use crate::vault::RecipientSummary;

/// What the stage is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) struct StageOrder {
    /// SHA-256 of the job file that the run has read.
    pub job: String,
    /// The night, or the day of a reprint.
    pub night: Date,
    /// How much is read back.
    pub prove: Prove,
    /// Whether the ledger has released a night already.
    pub begun: bool,
    /// The templates and keys that may be used.
    pub allowed: Allowed,
    /// The task.
    pub task: Task,
}

/// A task of the stage.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) enum Task {
    /// Say whether the codes identities can be used.
    Identities,
    /// Check the mailers of a night, and print them where the night has a lot.
    Night(NightTask),
    /// Open the codes files that wait, and tell how many cards they have.
    Look,
    /// Open the codes files and see that all these pieces have codes.
    Codes(Vec<AgainMailer>),
    /// Print the mailers of one lot again, whose codes files are open.
    Again(AgainTask),
}

/// The mailers of a night.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) struct NightTask {
    /// The facts of its mailers, each combination once.
    pub facts: Vec<[String; composition::FACTS.len()]>,
    /// How many mailers are due.
    pub due: u32,
    /// The lot to print; `None` where pieces are only checked.
    pub lot: Option<LotOrder>,
}

/// A lot to print.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) struct LotOrder {
    name: String,
    first_tracking: Option<u64>,
    again: Option<Vec<AgainNames>>,
    /// The staging folder.
    pub staging: PathBuf,
    /// The release of the ledger that the lot belongs to.
    pub mark: ReleaseMark,
    shard: Option<(u32, u32)>,
}

/// A mailer that is printed again.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) struct AgainMailer {
    /// The printed reference that it had.
    pub piece_id: String,
    /// Its record.
    pub issuance: Issuance,
}

/// The mailers of one lot that are printed again, in its order.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) struct AgainTask {
    /// The identifier of what is kept of their template.
    pub kept: String,
    /// The night of the originals.
    pub first_night: Date,
    /// The pieces.
    pub pieces: Vec<AgainMailer>,
    /// The lot.
    pub lot: LotOrder,
}

/// What the stage tells and asks.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) enum Report {
    /// What a person should know of the codes files.
    Warnings(Vec<Finding>),
    /// The key of the order of the mailers, in hexadecimal, as a share of a night has it.
    Order(String),
    /// The codes files that were opened, by name, each with how many rows name a card.
    Opened(Vec<(String, u64)>),
    /// Asks for the next records, at most so many.
    Next(usize),
    /// Asks for the next records of those that passed, once more, at most so many.
    Again(usize),
    /// The piece of this entry is rejected: its faults.
    Rejected(u32, Vec<Fault>),
    /// No codes file has the card of this entry.
    NoCodes(u32),
    /// Where pieces were printed.
    Printed(Vec<PrintedPiece>),
    /// A phase begins.
    Begin(Phase, u64),
    /// So many more are done.
    Advance(u64),
    /// The phase is over.
    End,
    /// What a person should know of the laid-out stock.
    Alerts(Vec<Alert>),
    /// The task is done. The lot, where one was printed.
    Made(Option<Box<MadeLot>>),
    /// The task failed.
    Failed(Failure),
}

/// Why a mailer can't be printed. Names the column, never its value.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) struct Fault {
    /// The record's column.
    pub field: String,
    /// The stable code.
    pub code: String,
    /// The problem and what to do, in French.
    pub french: String,
    /// The same in English.
    pub english: String,
}

/// A lot that the stage printed and proved.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::night) struct MadeLot {
    /// The version of the template.
    pub template: String,
    turn: Turn,
    recipients: Vec<RecipientSummary>,
    files: Vec<PrintFile>,
    count: u32,
    ends_here: bool,
    pages_of_piece: u16,
    manifest_sha256: String,
    proof: Proof,
    proof_seconds: f64,
}

impl LotOrder {
    /// The order of a lot.
    pub(in crate::night) fn of(
        numbers: &LotNumbers,
        staging: PathBuf,
        mark: ReleaseMark,
        shard: Option<Shard>,
    ) -> LotOrder {
        LotOrder {
            name: numbers.name.to_string(),
            first_tracking: numbers.first_tracking,
            again: numbers.again.as_ref().map(|names| names.to_vec()),
            staging,
            mark,
            shard: shard.map(|shard| (shard.number(), shard.of())),
        }
    }

    /// The lot's numbers.
    ///
    /// # Errors
    /// `bug`: a name that is none.
    pub(super) fn numbers(&self) -> Result<LotNumbers, Failure> {
        let name = LotName::parse(&self.name).ok_or_else(|| Failure::bug("the name of the lot is none"))?;
        let again = self.again.as_ref().map(|names| Arc::from(names.as_slice()));
        Ok(LotNumbers { name, kind: PieceKind::Mailer, first_tracking: self.first_tracking, again })
    }

    /// The only share of the lot to print; `None` for all.
    ///
    /// # Errors
    /// `bug`: a share that is none.
    pub(super) fn shard(&self) -> Result<Option<Shard>, Failure> {
        let shard = self.shard.map(|(number, of)| Shard::new(number, of)).transpose();
        shard.map_err(|fault| Failure::bug(fault.to_string()))
    }
}

impl MadeLot {
    /// What is told of a lot.
    pub(super) fn of(lot: Lot) -> MadeLot {
        MadeLot {
            template: lot.template.version,
            turn: lot.layout.turn,
            recipients: lot.recipients,
            files: lot.files,
            count: lot.count,
            ends_here: lot.ends_here,
            pages_of_piece: lot.pages_of_piece,
            manifest_sha256: lot.manifest_sha256,
            proof: lot.proof,
            proof_seconds: lot.proof_seconds,
        }
    }

    /// The lot, which was printed with this template for this press. `sealed` says whether its files are sealed, `unrecorded` where its
    /// pieces are.
    ///
    /// # Errors
    /// `template_changed`: the stage found another template.
    pub(in crate::night) fn into_lot(
        self,
        numbers: LotNumbers,
        template: TemplateIdentity,
        press: &Press,
        sealed: bool,
        unrecorded: Vec<PrintedPiece>,
    ) -> Result<Lot, Failure> {
        if self.template != template.version {
            let problem =
                "the template of the mailers was changed while they were made; nothing was released";
            return Err(
                Failure::midway("template_changed", problem).with_advice("run the same command again")
            );
        }
        let layout = SheetLayout::turned(press, self.turn);
        Ok(Lot {
            recipients: self.recipients,
            files: self.files,
            count: self.count,
            ends_here: self.ends_here,
            pages_of_piece: self.pages_of_piece,
            unrecorded,
            manifest_sha256: self.manifest_sha256,
            proof: self.proof,
            proof_seconds: self.proof_seconds,
            ..Lot::new(numbers, template, layout, sealed, None)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_arrives_with_all_that_a_person_reads() {
        let part = Failure::refused("proof_failed", "26327A: the PUK");
        let failure = Failure::usage("codes_quotes", "a quote is not closed")
            .in_file("inbox/codes.csv.age")
            .with_advice("close it")
            .with_parts(vec![part]);
        let sent = serde_json::to_vec(&Report::Failed(failure.clone())).unwrap();
        let Report::Failed(arrived) = serde_json::from_slice(&sent).unwrap() else { panic!("a failure") };
        assert_eq!(arrived.to_string(), failure.to_string());
        assert_eq!((arrived.code(), arrived.exit()), (failure.code(), failure.exit()));
    }
}
