//! What can be wrong with a template, told with file, line and column.

use std::fmt;

use typst::World;
use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::syntax::{DiagSpan, FileId};

use super::files::PRELUDE_PATH;

/// One fault of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
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

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.advice {
            Some(advice) => write!(f, "\n  {advice}"),
            None => Ok(()),
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

/// A fault at the place of a Typst span; at the beginning of the main file where the span says nothing.
pub(super) fn at_span(
    world: &dyn World,
    span: impl Into<DiagSpan>,
    message: impl Into<String>,
    advice: Option<String>,
) -> TemplateFault {
    let span = span.into();
    let (file, line, column) = locate(world, span).unwrap_or_else(|| (file_name(world.main()), 1, 1));
    TemplateFault { file, line, column, message: message.into(), advice }
}

/// Typst's own diagnostic as a fault. One that lies in the prelude is told where the template called it.
pub(super) fn from_diagnostic(world: &dyn World, diagnostic: &SourceDiagnostic) -> TemplateFault {
    let in_prelude = diagnostic.span.id().is_some_and(|id| file_name(id) == PRELUDE_PATH);
    let caller = diagnostic
        .trace
        .iter()
        .map(|point| point.span)
        .find(|span| span.id().is_some_and(|id| file_name(id) != PRELUDE_PATH));
    // Typst's own command line has options that this program has not.
    let ours = |hint: &&str| !hint.contains("--");
    let hints: Vec<&str> = diagnostic.hints.iter().map(|hint| hint.v.as_str()).filter(ours).collect();
    let advice = (!hints.is_empty()).then(|| hints.join("; "));
    match caller {
        Some(span) if in_prelude => at_span(world, span, diagnostic.message.as_str(), advice),
        _ => at_span(world, diagnostic.span, diagnostic.message.as_str(), advice),
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
pub(super) fn file_name(id: FileId) -> String {
    id.get().vpath().get_without_slash().to_owned()
}
