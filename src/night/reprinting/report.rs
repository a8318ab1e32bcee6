//! What became of an order, for a person and for other programs.

use serde::Serialize;

use super::decision::Decisions;
use super::lot::ReprintedLot;
use super::order::ReprintOrder;
use crate::ledger::State;
use crate::night::lot::PrintFile;
use crate::night::report::{Alert, Report};

/// What became of an order to print pieces again.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReprintReport {
    /// The day of the reprint.
    pub day: String,
    /// The folder that the files of `lots` are relative to; empty where nothing is printed.
    pub folder: String,
    /// The lots, one for each lot whose pieces are printed again.
    pub lots: Vec<AgainLot>,
    /// The pieces that an earlier order printed again.
    pub already: Vec<AlreadyAgain>,
    /// The letters that are not printed: their card is not in hand, and is to be made anew.
    pub remakes: Vec<NotAgain>,
    /// The mailers that are not printed: their codes may have been seen.
    pub compromised: Vec<NotAgain>,
    /// The mailers of cards whose letters are printed again that are in hand or have left: they are not to meet.
    pub mailers_out: Vec<MailerOut>,
    /// What a person should know besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Alert>,
}

/// A lot of pieces that are printed again.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AgainLot {
    /// Its name.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// The lot whose pieces they are.
    pub reprint_of: String,
    /// Its pieces, in its order.
    pub pieces: Vec<AgainPiece>,
    /// Its print files.
    pub files: Vec<PrintFile>,
    /// Its work order, relative to the folder of the day, as are the files that follow.
    pub work_order: String,
    /// Its manifest.
    pub manifest: String,
    /// Its control file.
    pub control_file: String,
    /// Its deposit table, relative to the night's folder.
    #[serde(default)]
    pub deposit: String,
    /// Its job ticket.
    pub job_ticket: String,
    /// Its certificate; empty where it has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub certificate: String,
}

/// A piece that is printed again.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AgainPiece {
    /// Its printed reference.
    pub piece_id: String,
    /// The printed reference of the piece whose place it takes.
    pub original: String,
}

/// A piece that was printed again before.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AlreadyAgain {
    /// The piece that the order names.
    pub piece_id: String,
    /// Its last reprint.
    pub reprint: String,
    /// The lot of that reprint, with its kind.
    pub lot: String,
}

/// A piece that is given up.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NotAgain {
    /// The piece.
    pub piece_id: String,
    /// Its state.
    pub state: State,
}

/// A mailer that was released before its card's letter is printed again.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MailerOut {
    /// The mailer.
    pub piece_id: String,
    /// Its state.
    pub state: State,
    /// The letter that the order names.
    pub letter: String,
}

impl ReprintReport {
    /// The report of an order of which nothing is printed yet.
    pub(super) fn of(decisions: &Decisions, order: &ReprintOrder) -> ReprintReport {
        ReprintReport {
            day: order.day.to_string(),
            folder: String::new(),
            lots: Vec::new(),
            already: decisions.already.clone(),
            remakes: decisions.remakes.clone(),
            compromised: decisions.compromised.clone(),
            mailers_out: decisions.mailers_out.clone(),
            alerts: Vec::new(),
        }
    }

    /// Adds the lots that were released.
    pub(super) fn add(&mut self, lots: &[ReprintedLot], run: &Report) {
        self.folder.clone_from(&run.folder);
        self.alerts.clone_from(&run.alerts);
        self.lots.extend(lots.iter().map(ReprintedLot::summary));
    }

    /// Whether a person has to see to something.
    pub(crate) fn needs_a_person(&self) -> bool {
        !self.remakes.is_empty() || !self.compromised.is_empty() || !self.mailers_out.is_empty()
    }
}
