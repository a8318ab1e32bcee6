//! How work can fail, as the exit codes tell it (contract: exit codes).

use std::fmt;

use crate::job::JobError;
use crate::ledger::LedgerError;
use crate::night::intake::IntakeError;
use crate::raster::RasterError;
use crate::sample::SampleError;
use crate::store::StoreError;
use crate::vault::{CodesError, KeyError, SealError};
use symbols::PictureError;
use template::TemplateError;

/// A failure: a message for people, with what to do, and the door it leaves by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// Usage or configuration; nothing was produced.
    Usage(String),
    /// Refused for safety; nothing was released.
    Refused(String),
    /// The run failed midway; nothing was released, and the same command resumes it.
    Midway(String),
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Refused(_) => 3,
            Failure::Midway(_) => 4,
        }
    }

    /// The message.
    pub fn message(&self) -> &str {
        match self {
            Failure::Usage(message) | Failure::Refused(message) | Failure::Midway(message) => message,
        }
    }
}

/// A problem and what to do about it, in one line.
pub(crate) fn with_advice(problem: impl fmt::Display, advice: Option<impl AsRef<str>>) -> String {
    match advice {
        Some(advice) => format!("{problem}; {}", advice.as_ref()),
        None => problem.to_string(),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Failure {}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        match error {
            LedgerError::Version { .. } | LedgerError::Damaged { .. } => Failure::Usage(error.to_string()),
            LedgerError::Unsettled { .. } => Failure::Refused(error.to_string()),
            error => Failure::Midway(error.to_string()),
        }
    }
}

impl From<SampleError> for Failure {
    fn from(error: SampleError) -> Failure {
        match error {
            SampleError::Io(_) => Failure::Midway(error.to_string()),
            error => Failure::Usage(error.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Midway(format!(
            "{error}\n  mend the cause (room on the disk, permissions), then run the same command again"
        ))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        match error {
            StoreError::Setup { .. } => Failure::Usage(error.to_string()),
            StoreError::Foreign { .. } => Failure::Refused(error.to_string()),
            StoreError::Io(error) => error.into(),
            error => Failure::Midway(error.to_string()),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Failure {
        match error {
            KeyError::Unreachable { .. } => Failure::Midway(error.to_string()),
            error => Failure::Usage(error.to_string()),
        }
    }
}

macro_rules! failures {
    ($($error:ty => $kind:ident,)*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Failure {
                Failure::$kind(error.to_string())
            }
        })*
    };
}

failures! {
    JobError => Usage,
    IntakeError => Usage,
    TemplateError => Usage,
    CodesError => Usage,
    SealError => Usage,
    RasterError => Midway,
    PictureError => Midway,
}
