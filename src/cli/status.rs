//! `pli status`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Ledger, LotStatus, PieceStatus};

/// Show what the ledger knows.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli status job.toml\n  pli status job.toml --lot 26327A\n  pli status job.toml --piece 26327A000908"
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// Only the lots of that name
    #[arg(long)]
    lot: Option<String>,
    /// Only the piece of that printed reference
    #[arg(long, conflicts_with = "lot")]
    piece: Option<String>,
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
        Some(id) => {
            let unknown = || {
                Failure::usage("unknown_piece", format!("the ledger knows no piece `{id}`"))
                    .with_advice("references look like 26327A000908")
            };
            let piece = ledger.piece(id)?.ok_or_else(unknown)?;
            console.result(&piece, |_| piece_line(&piece))?;
        }
        None => {
            let overview =
                Overview { lots: ledger.lots(arguments.lot.as_deref())?, waiting: ledger.waiting_count()? };
            if let (Some(lot), true) = (&arguments.lot, overview.lots.is_empty()) {
                return Err(Failure::usage("unknown_lot", format!("the ledger knows no lot `{lot}`"))
                    .with_advice("lots look like 26327A"));
            }
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
            "{night}  {name}  {kind:<7}{pieces:>8} pieces  {state}  {}",
            template.split(' ').next().unwrap_or("")
        ));
        lines.extend(lot.files.iter().map(|file| format!("    {file}")));
    }
    lines.push(format!("{} pieces wait for a later night", overview.waiting));
    lines.join("\n")
}
