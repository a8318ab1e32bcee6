//! The only place that prints: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal, Write};

use clap_complete::Shell;
use serde::Serialize;
use tracing::level_filters::LevelFilter;

use crate::Failure;

/// Tells of arguments that can't be used (or of the help that was asked for), before there is a console.
pub fn usage(error: &clap::Error) -> std::process::ExitCode {
    let wants_json = std::env::args().any(|argument| argument == "--json");
    if wants_json && error.use_stderr() {
        let message = error.to_string();
        let error = serde_json::json!({"error": {"exit_code": 2, "message": message.trim_end()}});
        let _ = writeln!(io::stdout(), "{error}");
    }
    let _ = error.print();
    std::process::ExitCode::from(error.exit_code() as u8)
}

/// How this process talks.
pub struct Console {
    json: bool,
    quiet: bool,
    verbose: u8,
    colour: bool,
}

impl Console {
    /// Colours are used on a terminal unless `NO_COLOR` is set.
    pub fn new(json: bool, quiet: bool, verbose: u8) -> Console {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Console { json, quiet, verbose, colour: wanted && io::stdout().is_terminal() }
    }

    /// Sends the log to standard error, as loud as asked for.
    pub fn start_log(&self) {
        let level = match (self.quiet, self.verbose) {
            (true, _) => LevelFilter::ERROR,
            (false, 0) => LevelFilter::WARN,
            (false, 1) => LevelFilter::INFO,
            (false, _) => LevelFilter::TRACE,
        };
        let colour = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) && io::stderr().is_terminal();
        let log = tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).with_ansi(colour);
        // A second log in one process is not an error worth stopping for.
        let _ = log.with_target(false).try_init();
    }

    /// Whether the result is for machines.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress is worth showing.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// The result: for machines as JSON, for people as `text` (nothing when quiet).
    pub fn result<T: Serialize>(&self, value: &T, text: impl FnOnce(&Console) -> String) {
        if self.json {
            let json = serde_json::to_string_pretty(value)
                .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"));
            self.line(&json);
        } else if !self.quiet {
            self.line(&text(self));
        }
    }

    /// A result that is asked for as it stands, also by the quiet.
    pub fn output<T: Serialize>(&self, value: &T, text: &str) {
        match self.json {
            true => self.result(value, |_| String::new()),
            false => self.line(text),
        }
    }

    /// Emphasis.
    pub fn strong(&self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Less important.
    pub fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    /// What a person should look at.
    pub fn alert(&self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Text in a colour or weight (ECMA-48 SGR), where colours are used.
    pub fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A step of a longer command, on standard error.
    pub fn step(&self, text: &str) {
        if !self.quiet && !self.json {
            self.aside(text);
        }
    }

    /// A failure: on standard error, and as JSON on standard output where that was asked for.
    pub fn failure(&self, failure: &Failure) {
        let colour = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) && io::stderr().is_terminal();
        let word = if colour { "\x1b[31;1merror\x1b[0m" } else { "error" };
        self.aside(&format!("{word}: {failure}"));
        if self.json {
            let error = serde_json::json!({"error": {"exit_code": failure.exit_code(), "message": failure.message()}});
            self.line(&error.to_string());
        }
    }

    /// A shell's completions.
    pub fn completions(&self, shell: Shell, command: &mut clap::Command) {
        let mut script = Vec::new();
        clap_complete::generate(shell, command, "pli", &mut script);
        let _ = io::stdout().write_all(&script);
    }

    /// A result for people, at once.
    ///
    /// # Errors
    /// Those of standard output.
    pub fn tell(&self, text: &str) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    /// A closed pipe is the reader's choice, so a line that can't be written is no failure.
    fn line(&self, text: &str) {
        let _ = writeln!(io::stdout(), "{text}");
    }

    fn aside(&self, text: &str) {
        let _ = writeln!(io::stderr(), "{text}");
    }
}
