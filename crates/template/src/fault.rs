//! The faults of a template, with file, line and column.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use typst::World;
use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::syntax::{DiagSpan, FileId};

use crate::files::PRELUDE_PATH;
use crate::kind::FaultKind;
use crate::manifest::MANIFEST_PATH;

/// One fault of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateFault {
    /// The kind of fault.
    pub kind: FaultKind,
    /// The file's path: that of the template as the user wrote it, then the path inside.
    pub file: String,
    /// Line and column, from 1; `None` for the file as a whole.
    pub location: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
}

impl TemplateFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// Every fault of a template that does not load.
#[derive(Debug, thiserror::Error)]
pub struct TemplateError {
    /// The template's folder, or the name of a built-in one.
    pub template: String,
    /// All the faults found, in the order of the text.
    pub faults: Vec<TemplateFault>,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the template `{}` does not load", self.template)?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))
    }
}

/// A fault before its position in the template is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Problem {
    pub(crate) kind: FaultKind,
    pub(crate) message: String,
    pub(crate) advice: Option<String>,
}

impl Problem {
    pub(crate) fn new(kind: FaultKind, message: impl Into<String>) -> Problem {
        Problem { kind, message: message.into(), advice: None }
    }

    pub(crate) fn with_advice(self, advice: impl Into<String>) -> Problem {
        Problem { advice: Some(advice.into()), ..self }
    }

    /// The fault at a line and column of a file.
    pub(crate) fn at(self, file: &str, line: usize, column: usize) -> TemplateFault {
        let Problem { kind, message, advice } = self;
        TemplateFault { kind, file: file.to_owned(), location: Some((line, column)), message, advice }
    }

    /// The fault at a key of `template.toml`, whose bytes these are.
    pub(crate) fn at_key(self, manifest: &[u8], key: &str) -> TemplateFault {
        let text = String::from_utf8_lossy(manifest);
        let (line, column) = foreign::line_and_column(&text, foreign::key_offset(&text, key));
        self.at(MANIFEST_PATH, line, column)
    }

    /// The fault of a file as a whole.
    pub(crate) fn in_file(self, file: &str) -> TemplateFault {
        let Problem { kind, message, advice } = self;
        TemplateFault { kind, file: file.to_owned(), location: None, message, advice }
    }
}

impl From<lopdf::Error> for Problem {
    fn from(error: lopdf::Error) -> Problem {
        Problem::new(FaultKind::Export, error.to_string())
    }
}

/// The most faults that are reported.
const MAX_FAULTS: usize = 100;

/// The faults of all variants in the order of the text, each once, without those that only follow from another.
pub(crate) fn settled(mut faults: Vec<TemplateFault>) -> Vec<TemplateFault> {
    faults.sort_by(|a, b| (&a.file, a.location, &a.message).cmp(&(&b.file, b.location, &b.message)));
    // Variants have faults in common.
    faults.dedup();
    let mut faults = once_for_each_character(without_consequences(faults));
    let more = faults.split_off(faults.len().min(MAX_FAULTS));
    if let Some(next) = more.first() {
        let problem = Problem::new(next.kind, format!("and {} more faults, from here on", more.len()));
        let (line, column) = next.location.unwrap_or((1, 1));
        faults.push(problem.at(&next.file, line, column));
    }
    faults
}

/// Without the syntax errors of a file that follow a delimiter without its partner: it makes code of all that comes after.
fn without_consequences(mut faults: Vec<TemplateFault>) -> Vec<TemplateFault> {
    let mut open: Option<String> = None;
    faults.retain(|fault| {
        if fault.kind != FaultKind::Syntax {
            return true;
        }
        if open.as_ref() == Some(&fault.file) {
            return false;
        }
        if fault.message.starts_with("unclosed") || fault.message.starts_with("unexpected closing") {
            open = Some(fault.file.clone());
        }
        true
    });
    faults
}

/// A character that a font lacks is reported where it first stands.
fn once_for_each_character(mut faults: Vec<TemplateFault>) -> Vec<TemplateFault> {
    let lacking = |fault: &TemplateFault| fault.kind == FaultKind::Glyph;
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for fault in faults.iter().filter(|fault| lacking(fault)) {
        *places.entry(fault.message.clone()).or_default() += 1;
    }
    faults.retain_mut(|fault| match lacking(fault).then(|| places.remove(&fault.message)) {
        None => true,
        Some(None) => false,
        Some(Some(count)) => {
            if count > 1 {
                fault.message += &format!(" (here and in {} more places)", count - 1);
            }
            true
        }
    });
    faults
}

/// The fault at a Typst span; at the beginning of the main file if the span has no position.
pub(crate) fn at_span(world: &dyn World, span: impl Into<DiagSpan>, problem: Problem) -> TemplateFault {
    let (file, line, column) = locate(world, span.into()).unwrap_or_else(|| (file_name(world.main()), 1, 1));
    problem.at(&file, line, column)
}

/// Typst's own diagnostic as a fault. A diagnostic in the prelude is reported at the template's call.
pub(crate) fn from_diagnostic(
    world: &dyn World,
    kind: FaultKind,
    diagnostic: &SourceDiagnostic,
) -> TemplateFault {
    let in_prelude = diagnostic.span.id().is_some_and(|id| file_name(id) == PRELUDE_PATH);
    let caller = diagnostic
        .trace
        .iter()
        .map(|point| point.span)
        .find(|span| span.id().is_some_and(|id| file_name(id) != PRELUDE_PATH));
    // Hints about options of Typst's command line do not apply to this program.
    let ours = |hint: &&str| !hint.contains("--");
    let hints: Vec<&str> = diagnostic.hints.iter().map(|hint| hint.v.as_str()).filter(ours).collect();
    let advice = (!hints.is_empty()).then(|| hints.join("; "));
    let message = diagnostic.message.as_str();
    let said = if in_prelude { message.strip_prefix("panicked with: ").unwrap_or(message) } else { message };
    let problem = Problem { kind, message: said.to_owned(), advice };
    match caller {
        Some(span) if in_prelude => at_span(world, span, problem),
        _ => at_span(world, diagnostic.span, problem),
    }
}

fn locate(world: &dyn World, span: DiagSpan) -> Option<(String, usize, usize)> {
    let id = span.id()?;
    let range = world.range(span)?;
    let (line, column) = match world.source(id) {
        Ok(source) => source.lines().byte_to_line_column(range.start)?,
        Err(_) => line_column(&world.file(id).ok()?, range.start),
    };
    Some((file_name(id), line + 1, column + 1))
}

fn line_column(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count();
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count();
    (line, column)
}

/// A file's path inside the template's folder.
fn file_name(id: FileId) -> String {
    id.get().vpath().get_without_slash().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind, message: &str, line: usize) -> TemplateFault {
        Problem::new(kind, message).at("a.typ", line, 1)
    }

    #[test]
    fn one_parenthesis_is_one_fault() {
        let faults = vec![
            fault(FaultKind::Syntax, "the character `#` is not valid in code", 9),
            fault(FaultKind::Syntax, "unclosed delimiter", 3),
            fault(FaultKind::Syntax, "unknown variable: x", 1),
            fault(FaultKind::Syntax, "unclosed delimiter", 3),
        ];
        let lines: Vec<_> = settled(faults).into_iter().filter_map(|fault| fault.location).collect();
        assert_eq!(lines, [(1, 1), (3, 1)]);
    }

    #[test]
    fn one_character_is_one_fault() {
        let faults = (1..=3).map(|line| fault(FaultKind::Glyph, "the font has no character `x`", line));
        let settled = settled(faults.collect());
        assert_eq!(settled.len(), 1);
        assert_eq!(settled[0].message, "the font has no character `x` (here and in 2 more places)");
    }

    #[test]
    fn faults_without_end_are_counted() {
        let settled = settled((1..=300).map(|line| fault(FaultKind::Colour, "red", line)).collect());
        assert_eq!(
            (settled.len(), settled[100].message.as_str()),
            (101, "and 200 more faults, from here on")
        );
    }
}
