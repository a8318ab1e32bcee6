//! The only module that prints: results on standard output, everything else on standard error. The log is `log`'s.
//!
//! If the reader closes the pipe, nothing more is written, and that is no failure. Any other write error on standard output
//! is one.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::process::ExitCode;
use std::sync::LazyLock;

use clap_complete::Shell;
use foreign::{legible, legible_json};
use serde::Serialize;
use tracing::level_filters::LevelFilter;

use super::error_document::ErrorDocument;
use super::log::{self, BesideBars};
use crate::failure::Failure;

/// Prints arguments that can't be used, or the help that was asked for, and returns the exit code.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args().any(|argument| argument == "--json");
    if wants_json && error.use_stderr() {
        let text = error.to_string();
        let text = text.trim_end().strip_prefix("error: ").unwrap_or(text.trim_end());
        let (message, advice) = text.split_once("\n\n").unwrap_or((text, "see `pli --help`"));
        let failure = Failure::usage("arguments", message).with_advice(advice.trim());
        let _ = writeln!(io::stdout(), "{}", legible_json(&ErrorDocument::of(&failure).to_json()));
    }
    if error.use_stderr() {
        // It quotes the arguments, and an argument may be the name of a file that others named.
        print_aside(error.to_string().trim_end());
        return ExitCode::from(error.exit_code() as u8);
    }
    let printed = error.print().and_then(|()| io::stdout().flush());
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let failure = output_failure(error);
            let _ = writeln!(io::stderr(), "error [{}]: {failure}", failure.code());
            ExitCode::from(failure.exit().code())
        }
        _ => ExitCode::from(error.exit_code() as u8),
    }
}

/// The output of this process.
pub(super) struct Console {
    json: bool,
    quiet: bool,
    verbose: u8,
    colour: bool,
    /// Whether the reader of standard output has closed the pipe.
    closed: Cell<bool>,
}

impl Console {
    /// Colours are used on a terminal unless `NO_COLOR` is set.
    pub(super) fn new(json: bool, quiet: bool, verbose: u8) -> Console {
        let colour = wants_colour() && io::stdout().is_terminal();
        Console { json, quiet, verbose, colour, closed: Cell::new(false) }
    }

    /// Starts the log at the level that was asked for. `in_child`: as for [`log::start`].
    pub(super) fn start_log(&self, in_child: bool) {
        let level = match (self.quiet, self.verbose) {
            (true, _) => LevelFilter::ERROR,
            (false, 0) => LevelFilter::WARN,
            (false, 1) => LevelFilter::INFO,
            (false, _) => LevelFilter::TRACE,
        };
        log::start(level, wants_colour(), in_child);
    }

    /// Whether results are printed as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether the reader has closed standard output.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Whether progress bars are shown.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// Prints the result: JSON for machines, `text` for people unless they want quiet.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn result<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce(&Console) -> String,
    ) -> Result<(), Failure> {
        if self.json {
            let json = serde_json::to_string_pretty(value);
            self.json(&json.map_err(|error| Failure::bug(error.to_string()))?)
        } else if !self.quiet {
            self.line(&text(self))
        } else {
            Ok(())
        }
    }

    /// Prints a result that `--quiet` does not suppress.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn output<T: Serialize>(&self, value: &T, text: &str) -> Result<(), Failure> {
        match self.json {
            true => self.result(value, |_| String::new()),
            false => self.line(text),
        }
    }

    /// Prints a part of a result, unless `--quiet` is set.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn part(&self, text: &str) -> Result<(), Failure> {
        if self.quiet { Ok(()) } else { self.line(text) }
    }

    /// Rings the terminal's bell so many times, unless `--quiet` is set or no terminal listens.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn bell(&self, times: usize) -> Result<(), Failure> {
        match self.quiet || !io::stdout().is_terminal() {
            true => Ok(()),
            false => self.write(&b"\x07".repeat(times)),
        }
    }

    /// Emphasised text.
    pub(super) fn strong(&self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Less important text.
    pub(super) fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Text that a person should notice.
    pub(super) fn alert(&self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Text in a colour or weight (ECMA-48 SGR), where colours are used.
    pub(super) fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { painted(code, text) } else { text.to_owned() }
    }

    /// Prints a step of a longer command on standard error.
    pub(super) fn step(&self, text: &str) {
        if !self.quiet && !self.json {
            print_aside(text);
        }
    }

    /// Asks a person on the terminal; the question goes to standard error. `None` where the input has ended.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn ask(&self, question: &str) -> io::Result<Option<String>> {
        let mut aside = io::stderr();
        write!(aside, "{}: ", legible(question))?;
        aside.flush()?;
        let mut answer = String::new();
        let mut typed = io::stdin().lock().take(LONGEST_ANSWER);
        match typed.read_line(&mut answer)? {
            0 => Ok(None),
            _ => Ok(Some(answer.trim_end_matches(['\n', '\r']).to_owned())),
        }
    }

    /// Prints a failure on standard error, and with `--json` as a document on standard output.
    pub(super) fn failure(&self, failure: &Failure) {
        let colour = wants_colour() && io::stderr().is_terminal();
        let word = if colour { painted("31;1", "error") } else { "error".to_owned() };
        print_aside(&format!("{word} [{}]: {failure}", failure.code()));
        if self.json {
            // A failure that can't be printed can't be reported either.
            let _ = self.json(&ErrorDocument::of(failure).to_json());
        }
    }

    /// Writes what a child of this program answers to its parent.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn answer(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(bytes)
    }

    /// Prints a long result piece by piece. It is a result that `--quiet` suppresses unless it is JSON or `always`.
    pub(super) fn stream(&self, always: bool) -> Stream<'_> {
        Stream { console: self, shown: always || self.json || !self.quiet, waiting: Vec::new() }
    }

    /// Lets `write` write to standard output what is too long to be held, until the reader closes the pipe.
    ///
    /// # Errors
    /// `output`: standard output can't be written; those of `write`.
    pub(super) fn write_through(
        &self,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut out = Watched { inner: io::BufWriter::new(io::stdout().lock()), fault: None };
        let written = write(&mut out);
        let flushed = out.flush();
        match out.fault {
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.set(true);
                Ok(())
            }
            Some(error) => Err(output_failure(error)),
            None => written.and(flushed.map_err(output_failure)),
        }
    }

    /// Prints a shell's completions.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn completions(&self, shell: Shell, command: &mut clap::Command) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(shell, command, "pli", &mut script);
        self.write(&script)
    }

    fn line(&self, text: &str) -> Result<(), Failure> {
        self.write(format!("{}\n", legible_lines(text)).as_bytes())
    }

    fn json(&self, document: &str) -> Result<(), Failure> {
        self.write(format!("{}\n", legible_json(document)).as_bytes())
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_closed() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.set(true);
                Ok(())
            }
            written => written.map_err(output_failure),
        }
    }
}

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: u64 = 4 << 10;

/// How many bytes of a long result are printed at once.
const AT_ONCE: usize = 1 << 16;

/// A long result that is printed while it is made.
pub(super) struct Stream<'c> {
    console: &'c Console,
    shown: bool,
    waiting: Vec<u8>,
}

impl Stream<'_> {
    /// Prints a line.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(legible_lines(text).as_bytes())?;
        self.bytes(b"\n")
    }

    /// Prints a part of a JSON document.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn json(&mut self, part: &str) -> Result<(), Failure> {
        self.bytes(legible_json(part).as_bytes())
    }

    /// Prints bytes as they are: CSV of the program's own words.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.shown {
            self.waiting.extend(bytes);
        }
        if self.waiting.len() < AT_ONCE { Ok(()) } else { self.send() }
    }

    /// Prints what is left.
    ///
    /// # Errors
    /// `output`: standard output can't be written.
    pub(super) fn end(mut self) -> Result<(), Failure> {
        self.send()
    }

    fn send(&mut self) -> Result<(), Failure> {
        let sent = self.console.write(&self.waiting);
        self.waiting.clear();
        sent
    }
}

/// A writer that remembers its first error.
struct Watched<W> {
    inner: W,
    fault: Option<io::Error>,
}

impl<W> Watched<W> {
    fn noted<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.fault.get_or_insert(error);
            kind.into()
        })
    }
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes);
        self.noted(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.inner.flush();
        self.noted(flushed)
    }
}

fn wants_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Prints a line on standard error, above the progress bars; errors are ignored.
pub(super) fn print_aside(text: &str) {
    let _ = writeln!(BesideBars { erases: false }, "{}", legible_lines(text));
}

/// What the program puts between the escape character and its own colours, drawn by chance for each process: nobody else can
/// write it beforehand.
static OWN: LazyLock<String> = LazyLock::new(|| format!("{:016x}", RandomState::new().hash_one("colour")));

/// Text in a colour or weight (ECMA-48 SGR), marked as the program's own.
fn painted(code: &str, text: &str) -> String {
    let own = &*OWN;
    format!("\x1b{own}[{code}m{text}\x1b{own}[0m")
}

/// Text of several lines, each legible; the program's own colours and weights stay.
fn legible_lines(text: &str) -> String {
    let line = |line: &str| {
        let mut parts = line.split('\x1b');
        let mut shown = legible(parts.next().unwrap_or_default()).into_owned();
        for part in parts {
            let own = part.strip_prefix(OWN.as_str());
            shown.push_str(if own.is_some() { "\x1b" } else { "\\u{1b}" });
            shown.push_str(&legible(own.unwrap_or(part)));
        }
        shown
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn output_failure(error: io::Error) -> Failure {
    Failure::midway("output", format!("standard output: {error}"))
        .with_advice("make room where the output goes, then run the same command again")
        .caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_moves_no_cursor_and_forges_no_line() {
        let failure = Failure::usage("arguments", "a\u{1b}[2J\nb").in_file("c\rd").with_advice("e\u{202e}f");
        assert_eq!(failure.to_string(), "c\\u{d}d: a\\u{1b}[2J\\u{a}b\n  e\\u{202e}f");
        assert_eq!(
            legible_lines(&format!("{}\nx\u{1b}]0;t\u{7} \u{1b}[8mhidden", painted("31;1", "error"))),
            "\u{1b}[31;1merror\u{1b}[0m\nx\\u{1b}]0;t\\u{7} \\u{1b}[8mhidden"
        );
    }
}
