//! The faults of a template, with file, line and column.

use std::fmt;

use typst::World;
use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::syntax::{DiagSpan, FileId};

use crate::files::PRELUDE_PATH;
use crate::kind::FaultKind;

/// One fault of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// The kind of fault.
    pub kind: FaultKind,
    /// The file inside the template's folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
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
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
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
        TemplateFault { kind, file: file.to_owned(), line, column, message, advice }
    }
}

impl From<lopdf::Error> for Problem {
    fn from(error: lopdf::Error) -> Problem {
        Problem::new(FaultKind::Export, error.to_string())
    }
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
