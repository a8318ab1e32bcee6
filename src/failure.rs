//! How work fails: exit code, stable code, problem, advice, position and source.
//!
//! One type for the whole program. Machines read the stable code (contract: JSON on failure), people the problem and then
//! the advice. Each room's own errors become failures here and nowhere else.

mod counted;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use composition::BlockMapFault;
use foreign::legible;
use serde::{Deserialize, Deserializer, Serialize};
use symbols::PictureError;
use template::{FaultKind, Severity, TemplateError, TemplateFault};

pub(crate) use counted::{agreeing, counted};

/// How the work ended, for the exit code (contract: exit codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// Usage or configuration; nothing was produced.
    Usage,
    /// Refused for safety; nothing was released.
    Refused,
    /// The run failed midway; nothing was released, and the same command resumes it.
    Midway,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Midway => 4,
        }
    }
}

/// The position of a problem in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The file's path as the user knows it.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Column, from 1.
    pub column: Option<u64>,
}

impl Position {
    /// A whole file.
    pub(crate) fn file(file: impl fmt::Display) -> Position {
        Position { file: file.to_string(), line: None, column: None }
    }

    /// A line of a file, from 1.
    pub(crate) fn line(file: impl fmt::Display, line: u64) -> Position {
        Position { file: file.to_string(), line: Some(line), column: None }
    }

    /// A line and a column of a file, from 1.
    pub(crate) fn column(file: impl fmt::Display, line: u64, column: u64) -> Position {
        Position { file: file.to_string(), line: Some(line), column: Some(column) }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        [self.line, self.column].iter().flatten().try_for_each(|number| write!(f, ":{number}"))
    }
}

/// Why work failed, and what to do. Passes from one process of this program to another without the error that caused it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure(Box<Details>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Details {
    exit: Exit,
    #[serde(deserialize_with = "stable_code")]
    code: StableCode,
    /// Whether it is a part that makes nothing fail by itself.
    is_warning: bool,
    message: String,
    advice: Option<String>,
    position: Option<Position>,
    #[serde(skip)]
    source: Option<Arc<dyn Error + Send + Sync>>,
    parts: Vec<Failure>,
}

/// A code that is the same in every version.
type StableCode = &'static str;

/// A code that came from another process. Its few bytes stay: a failure ends the work.
fn stable_code<'de, D: Deserializer<'de>>(from: D) -> Result<StableCode, D::Error> {
    String::deserialize(from).map(|code| &*code.leak())
}

impl Failure {
    fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Failure {
        let message = message.into();
        Failure(Box::new(Details {
            exit,
            code,
            is_warning: false,
            message,
            advice: None,
            position: None,
            source: None,
            parts: vec![],
        }))
    }

    /// Wrong usage or configuration (exit code 2).
    pub(crate) fn usage(code: &'static str, message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, code, message)
    }

    /// Refused for safety (exit code 3).
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Failure {
        Failure::new(Exit::Refused, code, message)
    }

    /// Failed midway (exit code 4).
    pub(crate) fn midway(code: &'static str, message: impl Into<String>) -> Failure {
        Failure::new(Exit::Midway, code, message)
    }

    /// A bug of the program (exit code 4, code `bug`).
    pub(crate) fn bug(message: impl Into<String>) -> Failure {
        Failure::midway("bug", message).with_advice("keep the inbox as it is and report this")
    }

    /// The same failure, with what to do.
    #[must_use]
    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Failure {
        self.0.advice = Some(advice.into());
        self
    }

    /// The same failure, with its position in a file.
    #[must_use]
    pub(crate) fn at(mut self, position: Position) -> Failure {
        self.0.position = Some(position);
        self
    }

    /// The same failure in a file as a whole.
    #[must_use]
    pub(crate) fn in_file(self, file: impl fmt::Display) -> Failure {
        self.at(Position::file(file))
    }

    /// The same failure with the error that caused it.
    #[must_use]
    pub(crate) fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Failure {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// The same failure with the single problems that it sums up.
    #[must_use]
    pub(crate) fn with_parts(mut self, parts: Vec<Failure>) -> Failure {
        self.0.parts = parts;
        self
    }

    /// The same failure with another exit.
    #[must_use]
    pub(crate) fn with_exit(mut self, exit: Exit) -> Failure {
        self.0.exit = exit;
        self
    }

    /// The same problem as a part that makes nothing fail by itself.
    #[must_use]
    pub(crate) fn into_warning(mut self) -> Failure {
        self.0.is_warning = true;
        self
    }

    /// Whether it is a part that makes nothing fail by itself.
    pub fn is_warning(&self) -> bool {
        self.0.is_warning
    }

    /// How the work ended.
    pub fn exit(&self) -> Exit {
        self.0.exit
    }

    /// The stable code: the same for this kind of failure in every version.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The problem.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The advice: its own, or that of its first part.
    pub fn advice(&self) -> Option<&str> {
        self.0.advice.as_deref().or_else(|| self.0.parts.first()?.advice())
    }

    /// The position of the problem: its own, or that of its first part.
    pub fn position(&self) -> Option<&Position> {
        self.0.position.as_ref().or_else(|| self.0.parts.first()?.position())
    }

    /// The single problems that it sums up.
    pub fn parts(&self) -> &[Failure] {
        &self.0.parts
    }
}

impl Failure {
    /// All of it in one line, for the log and for reports.
    pub(crate) fn in_one_line(&self) -> String {
        let lines: Vec<String> = self.to_string().lines().map(|line| line.trim().to_owned()).collect();
        lines.join("; ")
    }
}

/// A problem and what to do about it, in one line.
pub(crate) fn in_one_line(problem: impl fmt::Display, advice: Option<impl AsRef<str>>) -> String {
    match advice {
        Some(advice) => format!("{problem}; {}", advice.as_ref()),
        None => problem.to_string(),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Messages quote what others wrote: only the line breaks between them are ours.
        if let Some(position) = &self.0.position {
            write!(f, "{}: ", legible(&position.to_string()))?;
        }
        if self.0.is_warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&legible(&self.0.message))?;
        self.0.parts.iter().try_for_each(|part| write!(f, "\n{part}"))?;
        match &self.0.advice {
            Some(advice) => write!(f, "\n  {}", legible(advice)),
            None => Ok(()),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        let advice = foreign::advice(&error)
            .or_else(foreign::advice_on_open_files)
            .unwrap_or("mend the cause (room on the disk, permissions), then run the same command again");
        let text = error.to_string();
        let failure = match file_and_cause(&text) {
            Some((file, problem)) => Failure::midway("io", problem).in_file(file),
            None => Failure::midway("io", text),
        };
        failure.with_advice(advice).caused_by(error)
    }
}

/// The file that an error of `fs_err` names, and its text without it: "failed to open file `a`: no such file".
fn file_and_cause(text: &str) -> Option<(&str, String)> {
    let (action, rest) = text.split_once(" `")?;
    let (file, cause) = rest.split_once("`: ")?;
    action.starts_with("failed to ").then(|| (file, format!("{action}: {cause}")))
}

/// An error of a room that can become a [`Failure`]. Its text is the problem only.
pub trait Explained: Error + Send + Sync + 'static {
    /// How the work ends.
    fn exit(&self) -> Exit;

    /// The stable code.
    fn code(&self) -> &'static str;

    /// The problem.
    fn problem(&self) -> String {
        self.to_string()
    }

    /// The advice, unless the text includes it.
    fn advice(&self) -> Option<String> {
        None
    }

    /// The position of the problem; `None` if the text names the file.
    fn position(&self) -> Option<Position> {
        None
    }

    /// The single problems that it sums up.
    fn parts(&self) -> Vec<Failure> {
        Vec::new()
    }
}

impl<E: Explained> From<E> for Failure {
    fn from(error: E) -> Failure {
        let mut failure = Failure::new(error.exit(), error.code(), error.problem());
        failure.0.advice = foreign::advice_on_open_files().map(str::to_owned).or_else(|| error.advice());
        failure.0.position = error.position();
        failure.0.parts = error.parts();
        failure.caused_by(error)
    }
}

impl Explained for BlockMapFault {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        self.code()
    }

    fn advice(&self) -> Option<String> {
        self.advice()
    }
}

impl Explained for PictureError {
    fn exit(&self) -> Exit {
        Exit::Midway
    }

    fn code(&self) -> &'static str {
        "picture"
    }

    fn advice(&self) -> Option<String> {
        self.advice().map(str::to_owned)
    }
}

impl Explained for TemplateError {
    fn exit(&self) -> Exit {
        // The system, and not the template, is what must be mended.
        let no_process = self.faults.iter().any(|fault| fault.kind == FaultKind::NoProcess);
        match no_process || foreign::advice_on_open_files().is_some() {
            true => Exit::Midway,
            false => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self.exit() {
            Exit::Midway => FaultKind::NoProcess.code(),
            _ => "template",
        }
    }

    fn problem(&self) -> String {
        match self.exit() {
            Exit::Midway => format!("the template `{}` can't be laid out", self.template),
            _ => format!("the template `{}` does not load", self.template),
        }
    }

    fn parts(&self) -> Vec<Failure> {
        let of = |severity: Severity| self.faults.iter().filter(move |fault| fault.severity == severity);
        let all = of(Severity::Error).chain(of(Severity::Warning));
        all.map(|fault| template_failure(fault, self.variants)).collect()
    }
}

/// A fault of a template of which this many variants were laid out.
pub(crate) fn template_failure(fault: &TemplateFault, variants: usize) -> Failure {
    let position = match fault.location {
        Some((line, column)) => Position::column(&fault.file, line as u64, column as u64),
        None => Position::file(&fault.file),
    };
    let failure = Failure::usage(fault.code(), fault.message_among(variants)).at(position);
    let failure = match &fault.advice {
        Some(advice) => failure.with_advice(advice.clone()),
        None => failure,
    };
    if fault.severity == Severity::Warning { failure.into_warning() } else { failure }
}
