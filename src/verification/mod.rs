//! Verification: texts and pictures become verdicts on the 2D-DOC in them.
//!
//! Codes come from texts, lines of a hand scanner and picture files; the symbols of one code are assembled. The examination
//! of each code is passed to a receiver at once. Used by `pli verify`.

mod lines;
mod trust_folder;

pub(crate) use trust_folder::{OpenTrust, open_trust_folder};

use std::io::BufRead;
use std::path::Path;

use symbols::{DecodedSymbol, Picture, read_data_matrices};
use twoddoc::trust::{Policy, TrustStore};
use twoddoc::{Assembly, Part, VerificationReport};

use crate::failure::{Exit, Failure};
use crate::raster::OpenPdf;
use lines::{LONGEST_LINE, Line, next_line, without_scanner_marks};

/// Pixels per inch at which the pages of a PDF are read.
const PAGE_DPI: f64 = 300.0;

/// Whether to go on after an examination.
pub(crate) enum Next {
    /// Examine the next code.
    Continue,
    /// Nobody reads the examinations any more.
    Stop,
}

/// Receives the examination of each code.
pub(crate) trait Receiver {
    /// Receives one examination.
    ///
    /// # Errors
    /// The receiver's own; they end the verification.
    fn receive(&mut self, examination: VerificationReport) -> Result<Next, Failure>;
}

/// Examines codes one after the other.
pub(crate) struct Verification<'a> {
    trust: TrustStore,
    policy: Policy,
    receiver: &'a mut dyn Receiver,
    assembly: Assembly,
    any: bool,
    all_valid: bool,
    stopped: bool,
}

impl<'a> Verification<'a> {
    /// Begins with what is trusted.
    pub(crate) fn begin(
        trust: TrustStore,
        policy: Policy,
        receiver: &'a mut dyn Receiver,
    ) -> Verification<'a> {
        let assembly = Assembly::default();
        Verification { trust, policy, receiver, assembly, any: false, all_valid: true, stopped: false }
    }

    /// Examines every Data Matrix of a picture, or of a PDF's pages.
    ///
    /// # Errors
    /// `picture`, `pdf_unreadable`: a file that is neither; `picture_io`: one that can't be read; the receiver's.
    pub(crate) fn picture_file(&mut self, file: &Path) -> Result<(), Failure> {
        let name = file.display().to_string();
        let unreadable =
            |error: std::io::Error| Failure::usage("picture_io", error.to_string()).caused_by(error);
        let symbols = symbols_of(&name, fs_err::read(file).map_err(unreadable)?)?;
        if symbols.is_empty() {
            return self.pass(VerificationReport::unreadable(format!("{name}: no Data Matrix was found")));
        }
        // Letters carry other symbols too, such as stamps.
        let is_code = |symbol: &DecodedSymbol| looks_like_a_code(&symbol.bytes);
        let any_code = symbols.iter().any(is_code);
        for symbol in symbols.iter().filter(|symbol| !any_code || is_code(symbol)) {
            match Part::parse(&symbol.bytes) {
                Some(part) => self.part(part)?,
                None => self.pass(VerificationReport::of_symbol(&symbol.bytes, &self.trust, &self.policy))?,
            }
        }
        Ok(())
    }

    /// Examines one code a line, each as it comes.
    ///
    /// # Errors
    /// `input`: the input can't be read; the receiver's.
    pub(crate) fn lines(&mut self, mut input: impl BufRead) -> Result<(), Failure> {
        while !self.stopped
            && let Some(line) = next_line(&mut input)?
        {
            match line {
                Line::Code(code) => match str::from_utf8(without_scanner_marks(&code)) {
                    Ok("") => {}
                    Ok(text) => self.text(text)?,
                    Err(_) => {
                        let latin_1 = without_scanner_marks(&code).iter().copied().map(char::from);
                        self.text(&latin_1.collect::<String>())?;
                    }
                },
                Line::TooLong => {
                    let reason =
                        format!("a line of more than {LONGEST_LINE} bytes is no code; give one code a line");
                    self.pass(VerificationReport::unreadable(reason))?;
                }
            }
        }
        Ok(())
    }

    /// Examines one code's text.
    ///
    /// # Errors
    /// The receiver's.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let symbol: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
        match symbol.as_deref().and_then(Part::parse) {
            Some(part) => self.part(part),
            None => self.pass(VerificationReport::of_text(text, &self.trust, &self.policy)),
        }
    }

    /// Whether anything came: a code, or a part of one.
    pub(crate) fn any(&self) -> bool {
        self.any || self.assembly.incomplete().next().is_some()
    }

    /// Reports codes whose symbols did not all come. Returns whether every code is valid.
    ///
    /// # Errors
    /// The receiver's.
    pub(crate) fn finish(mut self) -> Result<bool, Failure> {
        let incomplete = self.assembly.incomplete();
        let incomplete: Vec<String> = incomplete
            .map(|(set, read, count)| format!("only {read} of the {count} symbols of set `{set}` were read"))
            .collect();
        incomplete.into_iter().try_for_each(|reason| self.pass(VerificationReport::unreadable(reason)))?;
        Ok(self.all_valid)
    }

    /// Adds one symbol of several; the code is examined once all are there.
    fn part(&mut self, part: Part) -> Result<(), Failure> {
        match self.assembly.add(part) {
            Ok(None) => Ok(()),
            Ok(Some(code)) => self.pass(VerificationReport::of_symbol(&code, &self.trust, &self.policy)),
            Err(fault) => self.pass(VerificationReport::unreadable(fault.to_string())),
        }
    }

    fn pass(&mut self, examination: VerificationReport) -> Result<(), Failure> {
        if self.stopped {
            return Ok(());
        }
        self.any = true;
        self.all_valid &= examination.is_valid();
        self.stopped = matches!(self.receiver.receive(examination)?, Next::Stop);
        Ok(())
    }
}

/// Every Data Matrix of a picture, or of a PDF's pages in their order.
fn symbols_of(name: &str, bytes: Vec<u8>) -> Result<Vec<DecodedSymbol>, Failure> {
    if !bytes.starts_with(b"%PDF") {
        let picture = Picture::decode(&bytes);
        let picture = picture.map_err(|error| Failure::from(error).in_file(name).with_exit(Exit::Usage))?;
        return Ok(read_data_matrices(&picture).symbols);
    }
    let unreadable = |error| Failure::from(error).with_exit(Exit::Usage);
    let pdf = OpenPdf::from_bytes(name, bytes).map_err(unreadable)?;
    let renderer = pdf.renderer();
    let mut symbols = Vec::new();
    for page in 1..=pdf.pages() {
        symbols.extend(read_data_matrices(&renderer.picture(page, PAGE_DPI).map_err(unreadable)?).symbols);
    }
    Ok(symbols)
}

/// Whether a symbol begins as a 2D-DOC does, or as one symbol of several.
fn looks_like_a_code(symbol: &[u8]) -> bool {
    symbol.starts_with(b"DC") || symbol.first() == Some(&0xDC) || Part::parse(symbol).is_some()
}
