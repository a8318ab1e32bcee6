//! What a look found: how it stands, a stable code, the problem, and what to do.

use serde::Serialize;

use crate::failure::Failure;
use crate::night::report::Alert;

/// The code of a finding that is well.
const WELL: &str = "ok";

/// The remedy where the run has no advice: the problem says what is wrong, and where.
const MEND: &str = "correct what is named here, then look again";

/// How a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Nothing is to be done.
    Ok,
    /// A person should look; the night is not stopped.
    Warning,
    /// The night would be stopped.
    Failure,
}

impl Status {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Failure => "failure",
        }
    }
}

/// What a look found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Finding {
    /// The look.
    pub look: &'static str,
    /// How it stands.
    pub status: Status,
    /// The stable code: that of the run where the run has one; `ok` where all is well.
    pub code: String,
    /// What was found.
    pub message: String,
    /// What to do.
    pub advice: Option<String>,
    /// The file that it is about.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The column, from 1.
    pub column: Option<u64>,
}

impl Finding {
    /// A finding that is well.
    pub(super) fn ok(look: &'static str, message: impl Into<String>) -> Finding {
        Finding::new(look, Status::Ok, WELL, message.into())
    }

    /// A finding that needs a person.
    pub(super) fn warning(
        look: &'static str,
        code: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding { advice: Some(advice.into()), ..Finding::new(look, Status::Warning, code, message.into()) }
    }

    /// What would stop the night, as the run would say it.
    pub(super) fn failure(look: &'static str, failure: &Failure) -> Finding {
        let position = failure.position();
        let parts = failure.parts().iter().filter(|part| !part.is_warning());
        let parts: Vec<String> = parts.map(|part| format!("{part}").replace('\n', ";")).collect();
        let message = match parts.is_empty() {
            true => failure.message().to_owned(),
            false => format!("{}: {}", failure.message(), parts.join("; ")),
        };
        Finding {
            advice: Some(failure.advice().unwrap_or(MEND).to_owned()),
            file: position.map(|position| position.file.clone()),
            line: position.and_then(|position| position.line),
            column: position.and_then(|position| position.column),
            ..Finding::new(look, Status::Failure, failure.code(), message)
        }
    }

    /// What the run would say beside its work.
    pub(super) fn alert(look: &'static str, alert: &Alert, advice: impl Into<String>) -> Finding {
        Finding::warning(look, &alert.code, alert.message.clone(), advice)
    }

    /// The same finding, which does not stop the night.
    pub(super) fn into_warning(self) -> Finding {
        Finding { status: Status::Warning, ..self }
    }

    fn new(look: &'static str, status: Status, code: &str, message: String) -> Finding {
        Finding {
            look,
            status,
            code: code.to_owned(),
            message,
            advice: None,
            file: None,
            line: None,
            column: None,
        }
    }
}

/// A number of bytes for a person.
pub(super) fn shown(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        100_000..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// The finding of a look that can fail in one way, and says otherwise what is well.
pub(super) fn of(look: &'static str, result: Result<String, Failure>) -> Finding {
    match result {
        Ok(message) => Finding::ok(look, message),
        Err(failure) => Finding::failure(look, &failure),
    }
}
