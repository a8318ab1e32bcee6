//! A verdict as text: the status in colour, then the contents of the code, in a box.

use std::fmt::Write as _;

use foreign::legible;
use twoddoc::trust::Status;
use twoddoc::{Field, Header, Level, VerificationReport};

use super::console::Console;

/// Columns between the borders.
const WIDTH: usize = 96;

/// Columns of the labels on the left.
const LABEL: usize = 12;

/// Columns of a field's name; longer ones are wrapped.
const NAME: usize = 34;

/// Draws the report on a code.
pub(super) fn verdict_box(examination: &VerificationReport, console: &Console) -> String {
    let mut lines = BoxLines::default();
    let verdict = &examination.signature;
    lines.labelled("why", &verdict.reason);
    if let Some(signer) = &verdict.signer {
        let algorithm = verdict.algorithm.map_or_else(String::new, |algorithm| format!(", {algorithm}"));
        lines.labelled("signer", &format!("{signer}{algorithm}"));
    }
    if let Some(header) = &examination.header {
        header_lines(header, examination.document_type, &mut lines);
    }
    lines.section("fields", &examination.fields);
    lines.section("annex, not signed", &examination.annex);
    for finding in &examination.findings {
        lines.labelled(level(finding.level), &finding.message);
    }
    let (word, colour) = word(verdict.status);
    lines.framed(&console.paint(colour, word), word.len())
}

fn word(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Valid => ("VALID", "32;1"),
        Status::Invalid => ("INVALID", "31;1"),
        Status::Untrusted => ("UNTRUSTED", "33;1"),
        Status::Unreadable => ("UNREADABLE", "35;1"),
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Invalid => "unsound",
        Level::Departure => "departure",
        Level::Note => "note",
    }
}

fn header_lines(header: &Header, name: Option<&str>, lines: &mut BoxLines) {
    let code = &header.document_type;
    lines.labelled("document", &name.map_or_else(|| code.clone(), |name| format!("{name} ({code})")));
    let day =
        |day: Option<jiff::civil::Date>| day.map_or_else(|| "undated".to_owned(), |day| day.to_string());
    let (issued, signed) = (day(header.emission_date), day(header.signature_date));
    lines.labelled("dates", &format!("issued: {issued}, signed: {signed}"));
    let (ca, certificate) = (&header.ca_id, &header.certificate_id);
    lines.labelled("certificate", &format!("{ca}/{certificate}, header version {}", header.version));
}

/// The lines of a box.
#[derive(Default)]
struct BoxLines(Vec<BoxLine>);

enum BoxLine {
    Text(String),
    Rule(&'static str),
}

impl BoxLines {
    fn labelled(&mut self, label: &str, text: &str) {
        for (index, part) in wrapped(&legible(text), WIDTH - LABEL - 1).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.0.push(BoxLine::Text(format!("{label:<LABEL$} {part}")));
        }
    }

    fn section(&mut self, title: &'static str, fields: &[Field]) {
        if !fields.is_empty() {
            self.0.push(BoxLine::Rule(title));
        }
        for field in fields {
            let name =
                field.name.unwrap_or(if field.binary { "(in binary)" } else { "(unknown identifier)" });
            let mark = if field.truncated { " (truncated)" } else { "" };
            let decoded = field.decoded.as_ref();
            let decoded = decoded.map_or_else(String::new, |decoded| format!(" ({decoded})"));
            let value = format!("{}{decoded}{mark}", field.value);
            let mut names = wrapped(name, NAME - 1).into_iter();
            let mut id = legible(&field.id);
            // An identifier has two characters, unless they are made legible.
            let columns = id.chars().count().max(2);
            let mut values = wrapped(&legible(&value), WIDTH - NAME - 2 - columns).into_iter();
            loop {
                let (name, value) = (names.next(), values.next());
                if name.is_none() && value.is_none() {
                    break;
                }
                let (name, value) = (name.unwrap_or_default(), value.unwrap_or_default());
                self.0.push(BoxLine::Text(format!("{id:<columns$}  {name:<NAME$}{value}")));
                id = "".into();
            }
        }
        if !fields.is_empty() {
            self.0.push(BoxLine::Rule(""));
        }
    }

    /// The box. `title` may have colour codes; `columns` is its width without them.
    fn framed(mut self, title: &str, columns: usize) -> String {
        if matches!(self.0.last(), Some(BoxLine::Rule(_))) {
            self.0.pop();
        }
        let mut drawn = format!("╭─ {title} {}╮", "─".repeat(WIDTH - columns - 1));
        for line in &self.0 {
            let _ = match line {
                BoxLine::Text(text) => {
                    write!(drawn, "\n│ {text}{} │", " ".repeat(WIDTH - text.chars().count().min(WIDTH)))
                }
                BoxLine::Rule("") => write!(drawn, "\n├{}┤", "─".repeat(WIDTH + 2)),
                BoxLine::Rule(title) => {
                    write!(drawn, "\n├─ {title} {}┤", "─".repeat(WIDTH - title.chars().count() - 1))
                }
            };
        }
        let _ = write!(drawn, "\n╰{}╯", "─".repeat(WIDTH + 2));
        drawn
    }
}

/// Wraps a text into lines of at most `columns` characters, at spaces if possible.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut room = columns;
    for word in text.split_inclusive(' ') {
        let length = word.chars().count();
        if length > room && room < columns {
            lines.push(String::new());
            room = columns;
        }
        for c in word.chars() {
            if room == 0 {
                lines.push(String::new());
                room = columns;
            }
            room -= 1;
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_spaces_and_nothing_is_lost() {
        let text = "fields run together, as when a scanner drops them ".repeat(4);
        let lines = wrapped(&text, 20);
        assert!(lines.iter().all(|line| line.chars().count() <= 20));
        assert_eq!(lines.concat(), text);
        assert_eq!(wrapped(&"X".repeat(45), 20).iter().map(String::len).collect::<Vec<_>>(), [20, 20, 5]);
        assert_eq!(wrapped("", 20), [""]);
    }

    #[test]
    fn every_line_of_a_box_has_the_same_width_and_no_control_character() {
        let mut examination = VerificationReport::unreadable("no code\u{1b}[2J ".repeat(20));
        let value = "é\u{9b}31m".repeat(60);
        examination.fields.push(Field {
            id: "\u{7}Z".into(),
            name: None,
            value,
            decoded: None,
            truncated: true,
            binary: false,
        });
        let console = Console::new(false, false, 0);
        let drawn = verdict_box(&examination, &console);
        assert!(drawn.lines().all(|line| line.chars().count() == WIDTH + 4), "{drawn}");
        assert!(!drawn.chars().any(|c| c.is_control() && c != '\n'));
    }
}
