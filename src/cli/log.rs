//! The log on standard error: one line an event, its stable code before its message, as failures have it.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use foreign::legible;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use super::progress::without_bars;

/// Sends the log to standard error, at the level asked for. On a terminal its lines have no time: a person reads them now.
/// `in_child`: this process works for another one of this program, which may have a bar on the same terminal.
pub(super) fn start(level: LevelFilter, colour: bool, in_child: bool) {
    let is_terminal = io::stderr().is_terminal();
    let erases = in_child && is_terminal;
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(move || BesideBars { erases })
        .with_ansi(colour && is_terminal)
        .fmt_fields(CodeFirst)
        .with_target(false);
    // A decoder's panic is caught where it is called, and the program's own ends as a failure.
    std::panic::set_hook(Box::new(|panic| tracing::debug!("{panic}")));
    // Fails only if the process has a log already.
    let _ = if is_terminal { log.without_time().try_init() } else { log.try_init() };
}

/// The form of an event: `[code]: message name=value …`. Events quote what others wrote; each is one line.
struct CodeFirst;

impl<'w> FormatFields<'w> for CodeFirst {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut line = EventLine::default();
        fields.record(&mut line);
        writer.write_str(&line.into_text())
    }
}

/// The parts of an event's line.
#[derive(Default)]
struct EventLine {
    code: String,
    message: String,
    others: String,
}

impl EventLine {
    fn add(&mut self, name: &str, value: &str) {
        let value = legible(value);
        match name {
            "code" => self.code = format!("[{value}]: "),
            "message" => self.message = value.into_owned(),
            _ => self.others += &format!(" {name}={value}"),
        }
    }

    fn into_text(self) -> String {
        format!("{}{}{}", self.code, self.message, self.others)
    }
}

impl Visit for EventLine {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "code" => self.add("code", value),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), &format!("{value:?}"));
    }
}

/// Standard error, above the progress bars.
pub(super) struct BesideBars {
    /// Whether the line with the cursor is erased first: the bar on it is another process's, which draws it again.
    pub erases: bool,
}

impl Write for BesideBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        without_bars(|| {
            if self.erases {
                io::stderr().write_all(b"\r\x1b[2K")?;
            }
            io::stderr().write(bytes)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_stands_before_the_message_and_the_rest_behind() {
        let mut line = EventLine::default();
        line.add("message", "a file\nof others");
        line.add("error", "gone");
        line.add("code", "file_not_taken");
        assert_eq!(line.into_text(), "[file_not_taken]: a file\\u{a}of others error=gone");
    }
}
