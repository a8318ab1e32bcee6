//! `pli status`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use super::names::{self, Kind, marked};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Ledger, LotStatus, PieceStatus};
use mail::lot::{WrittenLot, WrittenPiece};

/// Show what the ledger knows.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli status job.toml\n  pli status job.toml --lot L26327A\n  pli status job.toml --piece M26327A000001",
    group = clap::ArgGroup::new("named").args(["lot", "piece"])
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// Only that lot: `L26327A` of letters, `M26327A` of mailers
    #[arg(long, value_parser = names::lot)]
    lot: Option<WrittenLot>,
    /// Only the piece of that reference: as printed, or `L26327A000001`, `M26327A000001`
    #[arg(long, value_parser = names::piece)]
    piece: Option<WrittenPiece>,
    /// The kind of the lot or piece, where its name does not say it
    #[arg(long, requires = "named")]
    kind: Option<Kind>,
}

#[derive(Serialize)]
struct Overview {
    lots: Vec<LotStatus>,
    waiting: u64,
}

pub(super) fn status(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let home = job.ledger();
    if Ledger::is_missing(&home)? {
        return Err(Failure::usage("no_ledger", "there is no ledger yet")
            .in_file(home.place())
            .with_advice("run a night first"));
    }
    let ledger = Ledger::view(&home)?;
    match &arguments.piece {
        Some(written) => {
            let pieces = names::pieces(written, arguments.kind, |id| Ok(ledger.piece(id)?))?;
            let text = |_: &Console| pieces.iter().map(piece_line).collect::<Vec<_>>().join("\n");
            match &pieces[..] {
                [piece] => console.result(piece, text)?,
                several => console.result(&several, text)?,
            }
        }
        None => {
            let lots = match &arguments.lot {
                None => ledger.lots(None)?,
                Some(written) => vec![names::one_lot(written, arguments.kind, |name, kind| {
                    let lots = ledger.lots(Some(name.as_str()))?;
                    Ok(lots.into_iter().find(|lot| lot.kind == kind.code()))
                })?],
            };
            let overview = Overview { lots, waiting: ledger.waiting_count()? };
            console.result(&overview, |_| overview_text(&overview))?;
        }
    }
    Ok(Outcome::Done)
}

fn piece_line(piece: &PieceStatus) -> String {
    let PieceStatus { piece_id, kind, state, night, file, first_page, .. } = piece;
    format!("{piece_id}  {kind}, {state} on {night}: {file}, page {first_page}")
}

fn overview_text(overview: &Overview) -> String {
    let mut lines: Vec<String> = Vec::new();
    for lot in &overview.lots {
        let LotStatus { lot: name, kind, night, state, pieces, template, .. } = lot;
        lines.push(format!(
            "{night}  {}  {kind:<7}{pieces:>8} pieces  {state}  {}",
            marked(name, kind),
            template.split(' ').next().unwrap_or("")
        ));
        lines.extend(lot.files.iter().map(|file| format!("    {file}")));
    }
    lines.push(format!("{} pieces wait for a later night", overview.waiting));
    lines.join("\n")
}
