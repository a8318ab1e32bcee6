//! Verification: texts and pictures become verdicts on the 2D-DOC in them.
//!
//! Codes come from texts, lines of a hand scanner and picture files; the symbols of one code are assembled. The examination
//! of each code is passed to a receiver at once. Used by `pli verify`.

mod confined;
mod lines;
mod page;
mod trust_folder;

pub(crate) use confined::answer_page;
pub(crate) use trust_folder::{OpenTrust, open_trust_folder};

use std::io::BufRead;
use std::path::Path;

use twoddoc::trust::{Policy, TrustStore};
use twoddoc::{Assembly, Part, VerificationReport};

use crate::failure::Failure;
use confined::{MAX_FILE, symbols_of_page};
use lines::{LONGEST_LINE, Line, next_line, without_scanner_marks};

/// The most pages of a file that are read.
const MAX_PAGES: u32 = 1000;

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

    /// Examines every Data Matrix of a picture file, or of a PDF's pages, page by page.
    ///
    /// A page that can't be read, and a symbol that is found and can't be read, are examinations too: `unreadable`.
    ///
    /// # Errors
    /// `picture_io`: no regular file, or too large; `picture`, `pdf_unreadable`, `pdf_encrypted`, `pdf_page_too_large`,
    /// `picture_limits`: its first page can't be read, or more than 1000 pages; `picture_process`: the
    /// system lets no page be read; the receiver's.
    pub(crate) fn picture_file(&mut self, file: &Path) -> Result<(), Failure> {
        let name = foreign::legible(&file.display().to_string()).into_owned();
        let bytes = foreign::read(file, MAX_FILE).map_err(|error| {
            Failure::usage("picture_io", error.to_string())
                .with_advice("give a picture (PNG, JPEG, TIFF, GIF, WebP, BMP) or a PDF of at most 256 MiB")
                .in_file(&error.file)
                .caused_by(error)
        })?;
        let (mut page, mut pages, mut found) = (1, 1, 0);
        // Letters carry other symbols too, such as stamps: they count only where no symbol is a code.
        let (mut any_code, mut others) = (false, Vec::new());
        while page <= pages && !self.stopped {
            let place = if pages == 1 { name.clone() } else { format!("{name}, page {page}") };
            match symbols_of_page(&bytes, page) {
                Ok(symbols) if symbols.pages > MAX_PAGES => {
                    let message = format!("more than {MAX_PAGES} pages");
                    return Err(Failure::usage("picture_limits", message)
                        .with_advice("split it, or take out the pages that have symbols")
                        .in_file(&name));
                }
                Ok(symbols) => {
                    pages = symbols.pages;
                    found += symbols.read.len() + symbols.unread.len();
                    let (codes, strangers): (Vec<_>, Vec<_>) =
                        symbols.read.into_iter().partition(|symbol| looks_like_a_code(symbol));
                    any_code |= !codes.is_empty();
                    others.extend(strangers);
                    codes.iter().try_for_each(|code| self.symbol(code))?;
                    for place_on_page in symbols.unread {
                        let reason =
                            format!("{place}: a Data Matrix was found and can't be read, {place_on_page}");
                        self.pass(VerificationReport::unreadable(reason))?;
                    }
                }
                Err(error) if page == 1 || error.is_of_the_system() => {
                    return Err(error.into_failure(&name, page));
                }
                Err(error) => {
                    found += 1;
                    self.pass(VerificationReport::unreadable(format!("{place}: {}", error.reason())))?;
                    if page < pages && error.took_too_much() {
                        let rest = format!("{name}: the pages from {} to {pages} were not read", page + 1);
                        self.pass(VerificationReport::unreadable(rest))?;
                        break;
                    }
                }
            }
            page += 1;
        }
        if !any_code {
            others.iter().try_for_each(|symbol| self.symbol(symbol))?;
        }
        match found {
            0 => self.pass(VerificationReport::unreadable(format!("{name}: no Data Matrix was found"))),
            _ => Ok(()),
        }
    }

    /// Examines the content of a symbol: a code, or a part of one.
    fn symbol(&mut self, symbol: &[u8]) -> Result<(), Failure> {
        match Part::parse(symbol) {
            Some(part) => self.part(part),
            None => self.pass(VerificationReport::of_symbol(symbol, &self.trust, &self.policy)),
        }
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

/// Whether a symbol begins as a 2D-DOC does, or as one symbol of several.
fn looks_like_a_code(symbol: &[u8]) -> bool {
    symbol.starts_with(b"DC") || symbol.first() == Some(&0xDC) || Part::parse(symbol).is_some()
}
