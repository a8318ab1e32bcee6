//! The faults of a template, with file, line and column.

use std::fmt;

use serde::{Deserialize, Serialize};
use typst::World;
use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::syntax::{DiagSpan, FileId};

use crate::files::PRELUDE_PATH;
use crate::kind::FaultKind;
use crate::manifest::MANIFEST_PATH;
use crate::marks::Rect;

/// How much a fault weighs. Errors come before warnings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The template does not load.
    #[default]
    Error,
    /// The template prints. A person should look at it.
    Warning,
}

impl Severity {
    /// The word in reports: `error` or `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Where a fault shows on a page.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FaultPlace {
    /// The page, from 0.
    pub page: usize,
    /// The rectangle on it, in points.
    pub rect: Rect,
}

/// One fault of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateFault {
    /// The kind of fault.
    pub kind: FaultKind,
    /// Whether it stops the layout.
    pub severity: Severity,
    /// The file's path: that of the template as the user wrote it, then the path inside.
    pub file: String,
    /// Line and column, from 1; `None` for the file as a whole.
    pub location: Option<(usize, usize)>,
    /// Line and column, from 1, of the character after it; `None` where no end is known.
    pub end: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// By how much, in millimetres, where the fault has a measure: that of the worst variant.
    pub excess_mm: Option<f64>,
    /// Where it shows on the pages of any variant; empty where it shows nowhere. Large numbers of places are cut.
    pub places: Vec<FaultPlace>,
    /// How many variants have it; 0 for a fault that is none of a variant, such as a wrong `template.toml`.
    pub variants: usize,
}

impl TemplateFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Makes it a warning.
    pub(crate) fn pardon(&mut self) {
        self.severity = Severity::Warning;
    }

    /// The message, and how many of all variants have the fault where these are not all.
    pub fn message_among(&self, variants: usize) -> String {
        match self.variants {
            had if had > 0 && had < variants => {
                format!("{} (in {had} of {variants} variants)", self.message)
            }
            _ => self.message.clone(),
        }
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
    /// All the faults found, warnings too, in the order of the text.
    pub faults: Vec<TemplateFault>,
    /// How many variants were laid out.
    pub variants: usize,
}

impl TemplateError {
    /// The error of a template that was not laid out.
    pub(crate) fn before_layout(template: &str, fault: TemplateFault) -> TemplateError {
        TemplateError { template: template.to_owned(), faults: vec![fault], variants: 0 }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the template `{}` does not load", self.template)?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))
    }
}

/// A fault before its position in the template is known.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Problem {
    pub(crate) kind: FaultKind,
    pub(crate) message: String,
    pub(crate) advice: Option<String>,
    severity: Severity,
    excess_mm: Option<f64>,
    places: Vec<FaultPlace>,
}

impl Problem {
    pub(crate) fn new(kind: FaultKind, message: impl Into<String>) -> Problem {
        Problem {
            kind,
            message: message.into(),
            advice: None,
            severity: Severity::Error,
            excess_mm: None,
            places: Vec::new(),
        }
    }

    pub(crate) fn with_advice(self, advice: impl Into<String>) -> Problem {
        Problem { advice: Some(advice.into()), ..self }
    }

    /// The same problem, which does not stop the layout.
    pub(crate) fn into_warning(self) -> Problem {
        Problem { severity: Severity::Warning, ..self }
    }

    /// The same problem, with its measure. Faults whose messages differ by numbers alone are then one.
    pub(crate) fn by(self, mm: f64) -> Problem {
        Problem { excess_mm: Some(mm), ..self }
    }

    /// The same problem, with where it shows: a page, from 0, and a rectangle on it.
    pub(crate) fn shown(mut self, page: usize, rect: Rect) -> Problem {
        self.places.push(FaultPlace { page, rect });
        self
    }

    /// The fault at a line and column of a file.
    pub(crate) fn at(self, file: &str, line: usize, column: usize) -> TemplateFault {
        TemplateFault { location: Some((line, column)), ..self.in_file(file) }
    }

    /// The fault at a key of `template.toml`, whose bytes these are.
    pub(crate) fn at_key(self, manifest: &[u8], key: &str) -> TemplateFault {
        let text = String::from_utf8_lossy(manifest);
        let (line, column) = foreign::line_and_column(&text, foreign::key_offset(&text, key));
        self.at(MANIFEST_PATH, line, column)
    }

    /// The fault of a file as a whole.
    pub(crate) fn in_file(self, file: &str) -> TemplateFault {
        let Problem { kind, message, advice, severity, excess_mm, places } = self;
        let file = file.to_owned();
        let (location, end, variants) = (None, None, 0);
        TemplateFault { kind, severity, file, location, end, message, advice, excess_mm, places, variants }
    }
}

impl From<lopdf::Error> for Problem {
    fn from(error: lopdf::Error) -> Problem {
        Problem::new(FaultKind::Export, error.to_string())
    }
}

/// The fault at a Typst span; at the beginning of the main file if the span has no position.
pub(crate) fn at_span(world: &dyn World, span: impl Into<DiagSpan>, problem: Problem) -> TemplateFault {
    match locate(world, span.into()) {
        Some((file, location, end)) => TemplateFault {
            location: Some(location),
            end: Some(end).filter(|end| *end > location),
            ..problem.in_file(&file)
        },
        None => problem.at(&file_name(world.main()), 1, 1),
    }
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
    let problem = Problem { advice, ..Problem::new(kind, said) };
    match caller {
        Some(span) if in_prelude => at_span(world, span, problem),
        _ => at_span(world, diagnostic.span, problem),
    }
}

/// Line and column, from 1.
type LineColumn = (usize, usize);

/// A span's file, and the lines and columns, from 1, of its first character and of that after its last.
pub(crate) fn locate(world: &dyn World, span: DiagSpan) -> Option<(String, LineColumn, LineColumn)> {
    let id = span.id()?;
    let range = world.range(span)?;
    let place = |offset: usize| match world.source(id) {
        Ok(source) => source.lines().byte_to_line_column(offset),
        Err(_) => Some(line_column(&world.file(id).ok()?, offset)),
    };
    let from_one = |(line, column): (usize, usize)| (line + 1, column + 1);
    Some((file_name(id), from_one(place(range.start)?), from_one(place(range.end)?)))
}

fn line_column(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count();
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count();
    (line, column)
}

/// A file's path inside the template's folder.
pub(crate) fn file_name(id: FileId) -> String {
    id.get().vpath().get_without_slash().to_owned()
}
