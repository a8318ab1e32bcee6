//! Job files that can't be used.

use std::io::ErrorKind;
use std::path::Path;

use foreign::UnreadableFile;

use super::{Secret, owner};
use crate::failure::{Exit, Explained, Position};

/// A job file that can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The file can't be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// The file is no valid job.
    #[error("{message}")]
    Invalid {
        /// The job file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The problem.
        message: String,
        /// What to do.
        advice: String,
    },
    /// A secret stands in the file.
    #[error("{}", secret.problem())]
    HoldsSecret {
        /// The job file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// Its kind.
        secret: Secret,
    },
}

impl Explained for JobError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        match self {
            JobError::Unreadable(_) => "job_unreadable",
            JobError::Invalid { .. } => "job_invalid",
            JobError::HoldsSecret { .. } => "job_holds_secret",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            JobError::Unreadable(unreadable) if unreadable.error.kind() == ErrorKind::InvalidData => {
                Some("save the job file as UTF-8".to_owned())
            }
            JobError::Unreadable(unreadable) if unreadable.error.kind() == ErrorKind::PermissionDenied => {
                Some(owner::advice_to_strangers(Path::new(&unreadable.file)))
            }
            JobError::Unreadable(unreadable) => Some(
                foreign::advice(&unreadable.error)
                    .unwrap_or("name a job file that can be read, or make one with `pli sample --count 500 --out DIR`")
                    .to_owned(),
            ),
            JobError::Invalid { advice, .. } => Some(advice.clone()),
            JobError::HoldsSecret { secret, .. } => Some(secret.advice().to_owned()),
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            JobError::Unreadable(unreadable) => Some(Position::file(&unreadable.file)),
            JobError::Invalid { file, line, column, .. }
            | JobError::HoldsSecret { file, line, column, .. } => {
                Some(Position::column(file, *line as u64, *column as u64))
            }
        }
    }
}
