//! Why a request is not answered, as the page reads it.

use hyper::StatusCode;
use serde_json::json;

use crate::failure::{Exit, Failure};

/// A request that is not answered.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    advice: Option<String>,
}

impl Refusal {
    /// A refusal with its stable code.
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), advice: None }
    }

    /// There is nothing by this name.
    pub(super) fn not_found() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is nothing by this name")
    }

    /// A request that can't be read: `what` says which part.
    pub(super) fn bad_request(what: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "request", what)
    }

    /// The preview is ending.
    pub(super) fn ending() -> Refusal {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ending", "the preview has ended")
    }

    /// The HTTP status.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    #[cfg(test)]
    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    /// The JSON document.
    pub(super) fn document(&self) -> String {
        let Refusal { code, message, advice, .. } = self;
        json!({ "error": { "code": code, "message": message, "advice": advice } }).to_string()
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Refusal {
        let status = match failure.exit() {
            Exit::Usage => StatusCode::UNPROCESSABLE_ENTITY,
            Exit::Refused => StatusCode::FORBIDDEN,
            Exit::Midway => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let first = failure.parts().first().unwrap_or(&failure);
        let message = first.message().to_owned();
        Refusal { status, code: failure.code(), message, advice: failure.advice().map(str::to_owned) }
    }
}
