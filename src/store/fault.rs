//! Errors of object stores, with what to do.

use crate::failure::{Exit, Explained, Position};
use crate::job::ObjectUrl;

/// Why work in an object store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StoreError {
    /// The URL, the settings or the credentials are wrong: a retry fails the same way.
    #[error("{reason}")]
    Setup {
        /// The bucket, folder or object.
        url: ObjectUrl,
        /// The store's answer, or what is wrong.
        reason: String,
        /// What to do.
        advice: &'static str,
    },
    /// The store does not answer, or the connection breaks.
    #[error("{reason}")]
    Unreachable {
        /// The bucket, folder or object.
        url: ObjectUrl,
        /// The last error.
        reason: String,
    },
    /// An object changed or went away between listing and reading.
    #[error("the object changed or went away while it was read")]
    Changed {
        /// The object.
        url: ObjectUrl,
    },
    /// There is an object with other bytes.
    #[error("there is another object already")]
    Foreign {
        /// The object.
        url: ObjectUrl,
    },
    /// Other bytes are read back than were written.
    #[error("what the store gives back is not what was written")]
    Spoilt {
        /// The object.
        url: ObjectUrl,
    },
    /// A local file can't be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Advice where the store denies access.
const CREDENTIALS: &str = "correct the credentials (their file, or the environment), or their rights on the bucket (docs/object-stores.md)";

/// Advice where the endpoint is `http://` and that is not allowed.
const NO_TLS: &str = "name an https:// endpoint; for a server of your own network set `AWS_ALLOW_HTTP=true` (docs/object-stores.md)";

/// Advice where the store refuses a request.
const SETTINGS: &str =
    "correct the URL in the job, or the store's settings in the environment (docs/object-stores.md)";

impl Explained for StoreError {
    fn exit(&self) -> Exit {
        match self {
            StoreError::Setup { .. } => Exit::Usage,
            StoreError::Foreign { .. } => Exit::Refused,
            _ => Exit::Midway,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            StoreError::Setup { .. } => "store_setup",
            StoreError::Unreachable { .. } => "store_unreachable",
            StoreError::Changed { .. } => "store_object_changed",
            StoreError::Foreign { .. } => "store_object_foreign",
            StoreError::Spoilt { .. } => "store_object_spoilt",
            StoreError::Io(_) => "io",
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            StoreError::Setup { advice, .. } => advice,
            StoreError::Unreachable { .. } => {
                "see that the store can be reached, then run the same command again"
            }
            StoreError::Changed { .. } => "run the same command again once nobody writes there",
            StoreError::Foreign { .. } => "move it away, or correct the URL in the job",
            StoreError::Spoilt { .. } => "delete the object, then run the same command again",
            StoreError::Io(_) => {
                "mend the cause (room on the disk, permissions), then run the same command again"
            }
        };
        Some(advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        match self {
            StoreError::Setup { url, .. }
            | StoreError::Unreachable { url, .. }
            | StoreError::Changed { url }
            | StoreError::Foreign { url }
            | StoreError::Spoilt { url } => Some(Position::file(url)),
            StoreError::Io(_) => None,
        }
    }
}

impl StoreError {
    /// The error of a request about `url`.
    pub(super) fn of(url: &ObjectUrl, error: &object_store::Error) -> StoreError {
        use object_store::Error;
        let url = url.clone();
        let reason = reason(error);
        let setup = |advice| StoreError::Setup { url: url.clone(), reason: reason.clone(), advice };
        match (error, answer(error).map(|(status, _)| status)) {
            // Without credentials the crate asks the metadata service, which only the cloud's own machines have.
            _ if error.to_string().contains("169.254.169.254") => {
                let reason = "the environment has no credentials".to_owned();
                StoreError::Setup { url, reason, advice: CREDENTIALS }
            }
            _ if reason.contains("URL scheme is not allowed") => {
                let reason = "the endpoint has no TLS".to_owned();
                StoreError::Setup { url, reason, advice: NO_TLS }
            }
            (Error::PermissionDenied { .. } | Error::Unauthenticated { .. }, _) | (_, Some(401 | 403)) => {
                setup(CREDENTIALS)
            }
            (Error::NotFound { .. }, _) => setup("correct the URL in the job, or put there what it names"),
            (Error::Precondition { .. } | Error::NotModified { .. }, _) => StoreError::Changed { url },
            (Error::AlreadyExists { .. }, _) => StoreError::Foreign { url },
            (Error::Generic { .. } | Error::JoinError { .. }, None | Some(408 | 429 | 500..)) => {
                StoreError::Unreachable { url, reason }
            }
            _ => setup(SETTINGS),
        }
    }
}

/// An error and its sources, itself first.
fn causes(error: &object_store::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
}

/// The HTTP status of the store's answer, such as `403 Forbidden`. The crate has it only in the text of the error.
fn answer(error: &object_store::Error) -> Option<(u16, String)> {
    let text = error.to_string();
    let (_, rest) = text.split_once("status code: ")?;
    let status = rest.split([':', '\n']).next().unwrap_or(rest).trim();
    Some((status.get(..3)?.parse().ok()?, status.to_owned()))
}

/// An error in a few words: the status and the code of the store's answer, or the text of the root cause.
pub(super) fn reason(error: &object_store::Error) -> String {
    let text = error.to_string();
    let code = text.split_once("<Code>").and_then(|(_, rest)| Some(rest.split_once("</Code>")?.0));
    let code = code.filter(|code| code.len() < 60 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    match (answer(error), code) {
        (Some((_, status)), Some(code)) => format!("the store answers {status} ({code})"),
        (Some((_, status)), None) => format!("the store answers {status}"),
        _ => {
            let last = causes(error).last().map(ToString::to_string).unwrap_or_default();
            last.lines().next().unwrap_or_default().chars().take(200).collect()
        }
    }
}
