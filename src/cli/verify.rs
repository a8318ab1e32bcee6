//! `pli verify`

use std::io::stdin;
use std::path::PathBuf;

use clap::Args;
use twoddoc::VerificationReport;
use twoddoc::trust::Policy;

use super::Outcome;
use super::console::Console;
use super::verdict_box::verdict_box;
use crate::failure::Failure;
use crate::verification::{Next, OpenTrust, Receiver, Verification, open_trust_folder};

/// Read, check and verify any 2D-DOC, the bureau's own and the national ones, offline.
#[derive(Debug, Args)]
#[command(
    after_help = "Without a trust folder every signed code is `untrusted`: it was read, and nothing says who signed it.\nExit code 0 if every code is valid, 1 if one is not.\n\nExamples:\n  pli verify --trust trust --image letter.png\n  pli verify --trust trust \"$(cat code.txt)\"\n  pli verify --trust trust -          a hand scanner in keyboard mode, one code a line\n  pli verify --trust trust --fetch -  after a look at what the authorities publish",
    group = clap::ArgGroup::new("source").required(true).args(["text", "image"])
)]
pub(super) struct Arguments {
    /// The code's text, or `-` for standard input, one code a line. Codes with raw bytes (version 01, binary) need a
    /// picture
    text: Option<String>,
    /// A picture (PNG, JPEG, TIFF, GIF, WebP, BMP) or a PDF: every Data Matrix on it
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// The trust folder: certificates of authorities and signers, public keys, trust lists, revocation lists, in any
    /// sub-folders and under any names
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Let codes of test authorities (XX00) and test certificates (0000) be valid
    #[arg(long)]
    accept_test: bool,
    /// First download what the authorities named in the folder's trust list publish; the only time a network is used
    #[arg(long, requires = "trust")]
    fetch: bool,
}

pub(super) fn verify(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let OpenTrust { trust, fetched } = match &arguments.trust {
        Some(folder) => open_trust_folder(folder, arguments.fetch)?,
        None => OpenTrust::default(),
    };
    for outcome in fetched {
        match outcome.result {
            Ok(_) => console.step(&outcome.to_string()),
            Err(_) => tracing::warn!(code = "trust_not_fetched", "{outcome}"),
        }
    }
    let policy = Policy { accept_test_authorities: arguments.accept_test };
    let mut printer = Printer { console, examined: Vec::new() };
    let mut verification = Verification::begin(trust, policy, &mut printer);
    match (&arguments.text, &arguments.image) {
        (_, Some(file)) => verification.picture_file(file)?,
        (Some(dash), None) if dash == "-" => {
            verification.lines(stdin().lock())?;
            if !verification.any() {
                return Err(Failure::usage("no_code", "standard input: no code came")
                    .with_advice("give one code a line"));
            }
        }
        (text, None) => verification.text(text.as_deref().unwrap_or_default())?,
    }
    let all_valid = verification.finish()?;
    if console.is_json() {
        match printer.examined.as_slice() {
            [one] => console.output(one, "")?,
            several => console.output(&several, "")?,
        }
    }
    Ok(if all_valid { Outcome::Done } else { Outcome::NeedsAPerson })
}

/// Prints each verdict at once; with `--json` keeps them for one document.
struct Printer<'a> {
    console: &'a Console,
    examined: Vec<VerificationReport>,
}

impl Receiver for Printer<'_> {
    fn receive(&mut self, examination: VerificationReport) -> Result<Next, Failure> {
        if self.console.is_json() {
            self.examined.push(examination);
            return Ok(Next::Continue);
        }
        self.console.part(&verdict_box(&examination, self.console))?;
        Ok(if self.console.is_closed() { Next::Stop } else { Next::Continue })
    }
}
