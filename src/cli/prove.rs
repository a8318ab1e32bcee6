//! `pli prove`

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use mail::lot::WrittenLot;

use super::console::Console;
use super::{Outcome, names};
use crate::failure::{Failure, counted};
use crate::proving::{self, Checked, LotReport, ProveOrder, ProveReport};
use crate::vault::keep_to_itself;
use crate::verification::open_trust_folder;

/// Prove a lot again from its files alone, on any machine.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing but the folder is asked: no job, no ledger, no network. What was not checked is listed.\nExit code 0 if every lot is sound, 1 if one has a fault or nothing was checked.\n\nExamples:\n  pli prove out/2026-11-23 --trust trust\n  pli prove out/2026-11-23 --lot L26327A --trust trust\n  pli prove mailers --trust trust --identity press.identity"
)]
pub(super) struct Arguments {
    /// The folder of a night, or one with the files of a lot
    folder: PathBuf,
    /// Only that lot: `L26327A` of letters, `M26327A` of mailers
    #[arg(long, value_parser = names::lot)]
    lot: Option<WrittenLot>,
    /// The trust folder, as `pli verify` reads it: the bureau's public key or certificate, authorities, lists
    #[arg(long, value_name = "DIR")]
    trust: PathBuf,
    /// The age identity that opens sealed mailers. They are opened in memory, which is wiped
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

pub(super) fn prove(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let trust = open_trust_folder(&arguments.trust, false)?.trust;
    if trust.is_empty() {
        return Err(Failure::usage("trust_empty", "the trust folder has no certificate and no public key")
            .in_file(arguments.trust.display())
            .with_advice("put the bureau's public key or its certificate there"));
    }
    if arguments.identity.is_some() {
        keep_to_itself()?;
    }
    let order = ProveOrder {
        folder: &arguments.folder,
        lot: arguments.lot.as_ref(),
        trust: &trust,
        identity: arguments.identity.as_deref(),
    };
    let report = proving::prove(&order)?;
    console.output(&report, text(&report, console).trim_end())?;
    Ok(if report.sound { Outcome::Done } else { Outcome::NeedsAPerson })
}

/// The report for a person.
fn text(report: &ProveReport, console: &Console) -> String {
    let mut text = String::new();
    if report.lots.is_empty() {
        let nothing = console.alert("nothing was checked");
        let _ = writeln!(text, "{nothing}: no such lot in {}", foreign::legible(&report.folder));
    }
    report.lots.iter().for_each(|lot| lot_text(lot, console, &mut text));
    text
}

fn lot_text(lot: &LotReport, console: &Console, text: &mut String) {
    let verdict = match (lot.sound, lot.fault_count) {
        (true, _) => console.strong("sound"),
        (false, count) => console.alert(&counted(count, "fault")),
    };
    let kind = lot.kind.map(|kind| format!(" of {}", kind.folder())).unwrap_or_default();
    let night = lot.night.as_ref().map(|night| format!(", {night}")).unwrap_or_default();
    let _ = writeln!(text, "{}{kind}{night}: {verdict}", console.strong(&lot.lot));
    if let Some(signer) = &lot.signed_by {
        let _ = writeln!(text, "  signed by    {}", foreign::legible(signer));
    }
    let _ = writeln!(text, "  checked      {}", checked_text(&lot.checked));
    if let Some(proved) = &lot.proved {
        let _ = writeln!(
            text,
            "  by the night {} ({}, {}, {}, {}, {} drawn and read)",
            foreign::legible(&proved.extent),
            counted(proved.pieces, "piece"),
            counted(proved.texts, "text"),
            counted(proved.symbols, "symbol"),
            counted(proved.signatures, "signature"),
            counted(proved.optical, "piece")
        );
    }
    faults_text(lot, console, text);
    for left_out in &lot.not_checked {
        let (what, reason) = (&left_out.what, &left_out.reason);
        let _ = writeln!(text, "  {}  {what}: {reason}", console.dim("not checked"));
    }
}

/// The faults, and what to do about them: each advice once.
fn faults_text(lot: &LotReport, console: &Console, text: &mut String) {
    for fault in &lot.faults {
        let place = if fault.piece.is_empty() { &fault.file } else { &fault.piece };
        let _ = writeln!(text, "  {}  {place}: {} ({})", console.alert("fault"), fault.message, fault.code);
    }
    let more = lot.fault_count - lot.faults.len() as u64;
    if more > 0 {
        let _ = writeln!(text, "  and {}", counted(more, "more fault"));
    }
    let advice: BTreeSet<&str> = lot.faults.iter().map(|fault| fault.advice).collect();
    for advice in advice {
        let _ = writeln!(text, "  {}  {advice}", console.dim("to do"));
    }
}

fn checked_text(checked: &Checked) -> String {
    let Checked { files, standards, pieces, pages, forms, fonts, stock, texts, layouts, symbols, signatures } =
        checked;
    format!(
        "{} by digest, {} by standard, {} and {} by digest,\n               {} on {}: {}, {}, stock of {stock}, {}, places on {layouts}",
        counted(files, "file"),
        counted(standards, "print file"),
        counted(forms, "stock form"),
        counted(fonts, "font"),
        counted(pieces, "piece"),
        counted(pages, "page"),
        counted(symbols, "symbol"),
        counted(signatures, "signature"),
        counted(texts, "text")
    )
}
