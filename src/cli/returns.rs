//! `pli returns`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::Outcome;
use super::acts::Act;
use super::console::Console;
use super::names::{self, Kind};
use super::piece_list::PieceList;
use super::run::today;
use crate::failure::{Failure, agreeing, counted};
use crate::job::Job;
use crate::ledger::Author;
use crate::returns::{
    DestructionOrder, DestructionReport, HeldPlace, HeldReport, LetGo, LetGoReport, destroy, held, let_go,
};
use foreign::legible;
use mail::card::CardNumber;
use mail::lot::WrittenPiece;

/// Decide what becomes of mail that came back.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Destroy what came back, before a witness
    #[command(
        group = clap::ArgGroup::new("what").args(["pieces", "list", "box_number"]).required(true).multiple(true),
        after_help = "Examples:\n  pli returns destroy job.toml L26327A000908 --by \"A. Martin\" --witness \"B. Petit\"\n  pli returns destroy job.toml --box 7 --by \"A. Martin\" --witness \"B. Petit\"\n\nExit codes: 0 destroyed: sign the minutes; 2 usage, or no such piece; 3 refused: one person twice, or one who booked the\nreturn, or a piece that has not come back; 4 failed midway, the same command resumes."
    )]
    Destroy(DestroyArguments),
    /// List the addresses and cards from which mail comes back again and again
    #[command(after_help = "Example:\n  pli returns held job.toml")]
    Held {
        /// The job file, or the folder that holds it
        job: PathBuf,
    },
    /// Let a held mailer go, or take an address off the hold list
    #[command(
        group = clap::ArgGroup::new("released").args(["piece", "address_of"]).required(true),
        after_help = "Examples:\n  pli returns release job.toml L26327A000908 --reason \"the holder fetched the card\"\n  pli returns release job.toml --address-of L26327A000908 --reason \"address confirmed by the issuer\""
    )]
    Release(ReleaseArguments),
}

#[derive(Debug, Args)]
pub(super) struct DestroyArguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    #[command(flatten)]
    pieces: PieceList,
    /// Everything that lies in this box
    #[arg(long = "box", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    box_number: Option<u32>,
    /// Who destroys it
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    by: String,
    /// Who sees it: another person
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    witness: String,
    /// The kind, where references do not say it
    #[arg(long)]
    kind: Option<Kind>,
    /// The day; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
}

#[derive(Debug, Args)]
pub(super) struct ReleaseArguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// The letter that came back, whose mailer may leave
    #[arg(value_name = "PIECE", value_parser = names::piece)]
    piece: Option<WrittenPiece>,
    /// A piece or card from whose address mail came back: the address is off the hold list
    #[arg(long, value_name = "PIECE|CARD")]
    address_of: Option<String>,
    /// Why, in your words; the ledger keeps it
    #[arg(long, value_name = "TEXT", value_parser = names::reason)]
    reason: String,
    /// Who says so; default: this user
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    by: Option<String>,
    /// The kind, where the reference does not say it
    #[arg(long)]
    kind: Option<Kind>,
}

impl Command {
    /// What the audit log has of it; `None` where nothing is booked.
    pub(super) fn act(&self) -> Option<Act> {
        match self {
            Command::Destroy(arguments) => {
                let act = Act::new(&arguments.job, "returns destroy").by(Some(arguments.by.as_str()));
                let act = arguments.pieces.noted(act, arguments.kind);
                Some(match arguments.box_number {
                    Some(number) => act.option(true, format_args!("box={number}")),
                    None => act,
                })
            }
            Command::Held { .. } => None,
            Command::Release(arguments) => {
                let act = Act::new(&arguments.job, "returns release").by(arguments.by.as_deref());
                Some(act.pieces(&arguments.piece).option(arguments.address_of.is_some(), "address"))
            }
        }
    }
}

pub(super) fn returns(command: &Command, console: &Console) -> Result<Outcome, Failure> {
    match command {
        Command::Destroy(arguments) => destroyed(arguments, console),
        Command::Held { job } => {
            let report = held(&Job::load(job)?)?;
            console.result(&report, |_| lists(&report))?;
            Ok(Outcome::Done)
        }
        Command::Release(arguments) => released(arguments, console),
    }
}

fn destroyed(arguments: &DestroyArguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let pieces = match arguments.pieces.is_empty() {
        true => Vec::new(),
        false => arguments.pieces.references(&names::view(&job)?, arguments.kind)?,
    };
    let report = destroy(&DestructionOrder {
        job: &job,
        day: arguments.date.unwrap_or_else(today),
        pieces,
        box_number: arguments.box_number,
        by: &arguments.by,
        witness: &arguments.witness,
    })?;
    console.result(&report, |console| minutes(&report, console))?;
    Ok(Outcome::Done)
}

fn minutes(report: &DestructionReport, console: &Console) -> String {
    let mut lines = vec![match report.already.len() {
        0 => format!("destroyed {}", report.destroyed.len()),
        already => format!("destroyed {}, {already} of them before", report.destroyed.len()),
    }];
    lines.extend(report.destroyed.iter().map(|piece| format!("  {piece}")));
    for piece in &report.against_disposition {
        let text = format!(
            "  ! {} came back for a reason whose pieces go to `{}`",
            piece.piece_id, piece.disposition
        );
        lines.push(console.alert(&text));
    }
    lines.push(format!("SHA-256 of the list: {}", report.sha256));
    lines.extend(report.minutes.iter().map(|path| format!("to sign: {}", legible(path))));
    lines.join("\n")
}

fn lists(report: &HeldReport) -> String {
    let mut lines = Vec::new();
    let titles = [
        (format!("addresses with {} or more returns", report.hold_after), &report.addresses),
        ("cards whose mail came back more than once".to_owned(), &report.repeated),
    ];
    for (title, places) in titles {
        lines.push(format!("{title}: {}", places.len()));
        lines.extend(places.iter().map(line));
    }
    lines.join("\n")
}

fn line(place: &HeldPlace) -> String {
    let HeldPlace { returns, days, pieces, card_number, client_ref, address } = place;
    let days = days.iter().map(Date::to_string).collect::<Vec<_>>().join(" ");
    let named = [card_number.clone().unwrap_or_default(), client_ref.clone(), address.join(", ")];
    let named = named.iter().filter(|text| !text.is_empty()).map(|text| legible(text).into_owned());
    let texts: Vec<String> = named.chain([pieces.join(" "), days]).collect();
    format!("  {returns}  {}", texts.join("  "))
}

fn released(arguments: &ReleaseArguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let reference = |written: &WrittenPiece| {
        PieceList::of(written.clone())
            .references(&names::view(&job)?, arguments.kind)
            .map(|found| found.concat())
    };
    let what = match (&arguments.piece, arguments.address_of.as_deref().map(str::trim)) {
        (Some(piece), _) => LetGo::Mailer(reference(piece)?),
        (None, Some(card)) if CardNumber::parse(card).is_ok() => LetGo::AddressOfCard(card.to_owned()),
        (None, text) => {
            let piece = names::piece(text.unwrap_or_default()).map_err(|problem| {
                Failure::usage("address_of", problem).with_advice(
                    "write the reference of a piece that came back, or the number of its card (10 digits)",
                )
            })?;
            LetGo::AddressOfPiece(reference(&piece)?)
        }
    };
    let author = Author::named(arguments.by.as_deref());
    let report = let_go(&job, &what, &arguments.reason, &author, today())?;
    console.result(&report, |_| let_gone(&report))?;
    Ok(Outcome::Done)
}

fn let_gone(report: &LetGoReport) -> String {
    match (&report.letter, report.addresses) {
        (Some(letter), _) => format!("the mailer of letter {letter} may leave"),
        (None, 0) => "the address was not on the hold list".to_owned(),
        (None, addresses) => {
            format!(
                "{addresses} off the hold list; {} {} not count any more",
                counted(report.returns, "return"),
                agreeing(report.returns, "does", "do")
            )
        }
    }
}
