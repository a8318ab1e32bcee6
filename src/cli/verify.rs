//! `pli verify`

use std::io::{self, BufRead, Read as _, stdin};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Done;
use super::console::Console;
use super::verdict_box::verdict_box;
use crate::Failure;
use crate::authorities;
use crate::raster::{OpenPdf, RasterError};
use symbols::{Picture, Symbol, read_data_matrices};
use twoddoc::trust::{Policy, TrustStore};
use twoddoc::{Assembly, Part, VerificationReport};

/// Pixels per inch at which the pages of a PDF are read.
const PAGE_DPI: f64 = 300.0;

/// The longest line that is read from standard input, in bytes: 16 symbols hold fewer.
const LONGEST_LINE: usize = 64 * 1024;

/// Read, check and verify any 2D-DOC, the bureau's own and the national ones, offline.
#[derive(Debug, Args)]
#[command(
    after_help = "Without a trust folder every signed code is `untrusted`: it was read, and nothing says who signed it.\nExit code 0 if every code is valid, 1 if one is not.\n\nExamples:\n  pli verify --trust trust --image letter.png\n  pli verify --trust trust \"$(cat code.txt)\"\n  pli verify --trust trust -          a hand scanner in keyboard mode, one code a line\n  pli verify --trust trust --fetch -  after a look at what the authorities publish",
    group = clap::ArgGroup::new("source").required(true).args(["text", "image"])
)]
pub struct Arguments {
    /// The code's text, or `-` for standard input, one code a line. Codes with raw bytes (version 01, binary) need a
    /// picture
    text: Option<String>,
    /// A picture (PNG, JPEG, GIF, WebP) or a PDF: every Data Matrix on it
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// The folder of what is trusted: certificates of authorities and signers, public keys, trust lists, revocation
    /// lists, in sub-folders and under names as you like
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Let codes of test authorities (XX00) and test certificates (0000) be valid
    #[arg(long)]
    accept_test: bool,
    /// First download what the authorities named in the folder's trust list publish; the only time a network is used
    #[arg(long, requires = "trust")]
    fetch: bool,
}

pub(super) fn verify(arguments: &Arguments, console: &Console) -> Result<Done, Failure> {
    let mut desk = Desk::open(arguments, console)?;
    match (&arguments.text, &arguments.image) {
        (_, Some(file)) => desk.take_pictures(file)?,
        (Some(dash), None) if dash == "-" => {
            desk.take_lines(stdin().lock())?;
            desk.something_came()?;
        }
        (text, None) => desk.take_text(text.as_deref().unwrap_or_default())?,
    }
    desk.close()
}

/// Where codes are laid down, one after the other.
struct Desk<'a> {
    console: &'a Console,
    trust: TrustStore,
    policy: Policy,
    assembly: Assembly,
    /// For machines, which get all at the end; people are told each at once.
    examined: Vec<VerificationReport>,
    came: bool,
    all_valid: bool,
}

impl Desk<'_> {
    fn open<'a>(arguments: &Arguments, console: &'a Console) -> Result<Desk<'a>, Failure> {
        let trust = match &arguments.trust {
            Some(folder) => open_trust(folder, arguments.fetch, console)?,
            None => TrustStore::default(),
        };
        let policy = Policy { accept_test_authorities: arguments.accept_test };
        Ok(Desk {
            console,
            trust,
            policy,
            assembly: Assembly::default(),
            examined: Vec::new(),
            came: false,
            all_valid: true,
        })
    }

    /// Every Data Matrix of a picture, or of a PDF's pages.
    fn take_pictures(&mut self, file: &Path) -> Result<(), Failure> {
        let bytes = fs_err::read(file).map_err(|error| Failure::Usage(error.to_string()))?;
        let name = file.display().to_string();
        let symbols = symbols_of(&name, bytes).map_err(|error| Failure::Usage(error.to_string()))?;
        // Letters carry other symbols beside, such as stamps.
        let is_ours = |symbol: &Symbol| looks_like_a_code(&symbol.bytes);
        let any_ours = symbols.iter().any(is_ours);
        if symbols.is_empty() {
            let reason = format!("{name}: no Data Matrix was found");
            return self.put(VerificationReport::unreadable(reason));
        }
        for symbol in symbols.iter().filter(|symbol| !any_ours || is_ours(symbol)) {
            match Part::parse(&symbol.bytes) {
                Some(part) => self.take_part(part)?,
                None => self.put(VerificationReport::of_symbol(&symbol.bytes, &self.trust, &self.policy))?,
            }
        }
        Ok(())
    }

    /// One code a line, told as it comes.
    fn take_lines(&mut self, mut input: impl BufRead) -> Result<(), Failure> {
        while let Some(line) = next_line(&mut input)? {
            match line {
                Line::Code(code) => match str::from_utf8(trimmed(&code)) {
                    Ok("") => {}
                    Ok(text) => self.take_text(text)?,
                    Err(_) => {
                        self.take_text(&trimmed(&code).iter().copied().map(char::from).collect::<String>())?
                    }
                },
                Line::TooLong => {
                    let reason =
                        format!("a line of more than {LONGEST_LINE} bytes is no code; give one code a line");
                    self.put(VerificationReport::unreadable(reason))?;
                }
            }
        }
        Ok(())
    }

    fn take_text(&mut self, text: &str) -> Result<(), Failure> {
        let symbol: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
        match symbol.as_deref().and_then(Part::parse) {
            Some(part) => self.take_part(part),
            None => self.put(VerificationReport::of_text(text, &self.trust, &self.policy)),
        }
    }

    /// One symbol of several; the code is examined once they are all there.
    fn take_part(&mut self, part: Part) -> Result<(), Failure> {
        match self.assembly.add(part) {
            Ok(None) => Ok(()),
            Ok(Some(code)) => self.put(VerificationReport::of_symbol(&code, &self.trust, &self.policy)),
            Err(fault) => self.put(VerificationReport::unreadable(fault.to_string())),
        }
    }

    fn something_came(&self) -> Result<(), Failure> {
        if !self.came && self.assembly.incomplete().next().is_none() {
            return Err(Failure::Usage("standard input: no code came; give one code a line".to_owned()));
        }
        Ok(())
    }

    /// Tells a verdict, or keeps it for the end.
    fn put(&mut self, examination: VerificationReport) -> Result<(), Failure> {
        self.came = true;
        self.all_valid &= examination.is_valid();
        match self.console.is_json() {
            true => self.examined.push(examination),
            false => {
                let told = self.console.tell(&verdict_box(&examination, self.console));
                told.map_err(|error| Failure::Usage(format!("standard output: {error}")))?;
            }
        }
        Ok(())
    }

    fn close(mut self) -> Result<Done, Failure> {
        let lacking: Vec<String> = self
            .assembly
            .incomplete()
            .map(|(set, read, count)| format!("only {read} of the {count} symbols of set `{set}` were read"))
            .collect();
        for reason in lacking {
            self.put(VerificationReport::unreadable(reason))?;
        }
        if self.console.is_json() {
            match self.examined.as_slice() {
                [one] => self.console.output(one, ""),
                several => self.console.output(&several, ""),
            }
        }
        Ok(if self.all_valid { Done::Well } else { Done::NeedsAPerson })
    }
}

/// A line of standard input.
enum Line {
    Code(Vec<u8>),
    TooLong,
}

/// The next line without its end; a line that is too long is passed over.
fn next_line(input: &mut impl BufRead) -> Result<Option<Line>, Failure> {
    let failed = |error: io::Error| Failure::Usage(format!("standard input: {error}"));
    let mut line = Vec::new();
    let mut limited = input.by_ref().take(LONGEST_LINE as u64);
    if limited.read_until(b'\n', &mut line).map_err(failed)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") || line.len() < LONGEST_LINE {
        return Ok(Some(Line::Code(line)));
    }
    input.skip_until(b'\n').map_err(failed)?;
    Ok(Some(Line::TooLong))
}

/// A line without what scanners and editors put around a code: byte order mark, symbology identifier (`]d1`, ISO/IEC
/// 15424), blanks, line ends.
fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
    match line {
        [b']', b'd', b'0'..=b'6', code @ ..] => code.trim_ascii_start(),
        code => code,
    }
}

/// Every Data Matrix of a picture, or of a PDF's pages in their order.
fn symbols_of(name: &str, bytes: Vec<u8>) -> Result<Vec<Symbol>, RasterError> {
    if !bytes.starts_with(b"%PDF") {
        return Ok(read_data_matrices(&Picture::decode(&bytes)?));
    }
    let pdf = OpenPdf::from_bytes(name, bytes)?;
    let renderer = pdf.renderer();
    let mut symbols = Vec::new();
    for page in 1..=pdf.pages() {
        symbols.extend(read_data_matrices(&renderer.picture(page, PAGE_DPI)?));
    }
    Ok(symbols)
}

/// Whether a symbol begins as a 2D-DOC does, or as one symbol of several.
fn looks_like_a_code(symbol: &[u8]) -> bool {
    symbol.starts_with(b"DC") || symbol.first() == Some(&0xDC) || Part::parse(symbol).is_some()
}

/// Reads the trust folder; what is damaged in it is told, and the rest counts.
fn open_trust(folder: &Path, fetch: bool, console: &Console) -> Result<TrustStore, Failure> {
    let usage = |error: twoddoc::trust::TrustError| {
        let advice = error.advice().map(|advice| format!("\n  {advice}")).unwrap_or_default();
        Failure::Usage(format!("{error}{advice}"))
    };
    if fetch {
        let outcomes = authorities::fetch(folder).map_err(|error| Failure::Usage(error.to_string()))?;
        for outcome in outcomes {
            match outcome.result {
                Ok(_) => console.step(&outcome.to_string()),
                Err(_) => tracing::warn!("{outcome}"),
            }
        }
    }
    let trust = TrustStore::read(folder).map_err(usage)?;
    for fault in trust.faults() {
        tracing::warn!("{fault}");
    }
    for note in trust.trust_list_notes() {
        tracing::info!("{note}");
    }
    for skipped in trust.skipped() {
        match skipped.notable {
            true => tracing::warn!("{skipped}"),
            false => tracing::info!("{skipped}"),
        }
    }
    Ok(trust)
}
