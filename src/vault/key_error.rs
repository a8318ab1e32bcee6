//! Why a key can't be made or used, and what to do.

use std::fmt;
use std::io;
use std::path::Path;

use foreign::UnreadableFile;
use jiff::civil::Date;

use crate::failure::{Exit, Explained, Failure, Position};

/// A key that can't be made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A file can't be written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file can't be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// Others than its owner can read the file.
    #[error("others can read this private file (mode {mode:03o})")]
    Loose {
        /// The key's file.
        file: String,
        /// Its permissions.
        mode: u32,
    },
    /// Every user may replace the file.
    #[error("every user of this machine may replace a private file in it (mode {mode:03o})")]
    LooseFolder {
        /// The folder, or the file itself.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// The file has another name somewhere, under which it may be open to others or outlive its removal.
    #[error("this private file has {links} names (hard links), and only one of them is known here")]
    HardLinked {
        /// The key's file.
        file: String,
        /// How many names it has.
        links: u64,
    },
    /// The key's dates forbid its use.
    #[error("the key {fingerprint} {}", dates)]
    Dates {
        /// The key's file, URI or place in the job.
        file: String,
        /// The key.
        fingerprint: String,
        /// How its dates stand.
        dates: UnfitDates,
        /// What to do.
        advice: String,
    },
    /// A key without dates, whose rotation was cut short.
    #[error("this key follows {old}, and the command that made it was cut short before it wrote its dates")]
    Unfinished {
        /// The key's file or URI.
        file: String,
        /// The key that it follows.
        old: String,
    },
    /// The file holds no usable key.
    #[error("{reason}")]
    Invalid {
        /// The key's file.
        file: String,
        /// Line, from 1; `None` for the file as a whole.
        line: Option<u64>,
        /// What is wrong.
        reason: String,
        /// The advice, unless `reason` includes it.
        advice: Option<String>,
    },
    /// The HSM of a key is not there or fails; nothing is wrong with the job.
    #[error("{reason}")]
    Unreachable {
        /// The key's URI.
        key: String,
        /// What happened.
        reason: String,
    },
}

/// How the dates of a key forbid its use on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfitDates {
    /// It is valid later.
    NotYet {
        /// The first day on which it is valid.
        from: Date,
        /// The day of its use.
        day: Date,
    },
    /// It was valid before.
    Expired {
        /// The last day on which it was valid.
        until: Date,
        /// The day of its use.
        day: Date,
    },
    /// It was retired.
    Retired {
        /// The first day on which it is used no more.
        from: Date,
    },
}

impl fmt::Display for UnfitDates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnfitDates::NotYet { from, day } => write!(f, "is valid from {from} on, and not on {day}"),
            UnfitDates::Expired { until, day } => write!(f, "was valid until {until}, and not on {day}"),
            UnfitDates::Retired { from } => {
                write!(f, "is retired from {from} on: it is used for nothing more")
            }
        }
    }
}

impl Explained for KeyError {
    fn exit(&self) -> Exit {
        match self {
            KeyError::Unreachable { .. } => Exit::Midway,
            KeyError::Unreadable(unreadable) if reading(unreadable) == Reading::Failed => Exit::Midway,
            _ => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            KeyError::Io(_) => "key_io",
            KeyError::Unreadable(_) => "key_unreadable",
            KeyError::Loose { .. } => "key_readable_by_others",
            KeyError::LooseFolder { .. } => "key_replaceable_by_others",
            KeyError::HardLinked { .. } => "key_hard_linked",
            KeyError::Dates { dates: UnfitDates::NotYet { .. }, .. } => "key_not_yet_valid",
            KeyError::Dates { dates: UnfitDates::Expired { .. }, .. } => "key_expired",
            KeyError::Dates { dates: UnfitDates::Retired { .. }, .. } => "key_retired",
            KeyError::Unfinished { .. } => "key_rotation_unfinished",
            KeyError::Invalid { .. } => "key_invalid",
            KeyError::Unreachable { .. } => "hsm_unreachable",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            KeyError::Io(_) => Some("check the folder and the disk".to_owned()),
            KeyError::Unreadable(unreadable) => Some(reading(unreadable).advice().to_owned()),
            KeyError::Loose { file, .. } => Some(format!("run `chmod 600 {file}`")),
            KeyError::LooseFolder { path, .. } => {
                Some(format!("see that the keys in it are your own, then run `chmod o-w {path}`"))
            }
            KeyError::HardLinked { file, .. } => Some(format!(
                "find the other names with `find / -xdev -samefile {file}` and remove them; if others could use one, make a new key"
            )),
            KeyError::Dates { advice, .. } => Some(advice.clone()),
            KeyError::Unfinished { .. } => Some(
                "run the same `pli keys rotate` again: it takes this key, and writes its dates".to_owned(),
            ),
            KeyError::Invalid { advice, .. } => advice.clone(),
            KeyError::Unreachable { .. } => {
                Some("see that the HSM is there, then run the same command again".to_owned())
            }
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            KeyError::Io(_) => None,
            KeyError::Unreadable(unreadable) => Some(Position::file(&unreadable.file)),
            KeyError::Invalid { file, line: Some(line), .. } => Some(Position::line(file, *line)),
            KeyError::Loose { file: path, .. }
            | KeyError::HardLinked { file: path, .. }
            | KeyError::Dates { file: path, .. }
            | KeyError::Unfinished { file: path, .. }
            | KeyError::LooseFolder { path, .. }
            | KeyError::Invalid { file: path, .. } => Some(Position::file(path)),
            KeyError::Unreachable { key, .. } => Some(Position::file(key)),
        }
    }
}

impl KeyError {
    /// The same error, with what to do.
    pub(super) fn with_advice(self, text: impl Into<String>) -> KeyError {
        match self {
            KeyError::Invalid { file, line, reason, .. } => {
                KeyError::Invalid { file, line, reason, advice: Some(text.into()) }
            }
            other => other,
        }
    }

    /// [`KeyError::Invalid`] for a key in a file.
    pub(super) fn invalid(file: &Path, reason: impl Into<String>) -> KeyError {
        KeyError::of(file.display(), reason)
    }

    /// [`KeyError::Invalid`] for a line of a file, from 1.
    pub(super) fn invalid_line(file: &Path, line: u64, reason: impl Into<String>) -> KeyError {
        let file = file.display().to_string();
        KeyError::Invalid { file, line: Some(line), reason: reason.into(), advice: None }
    }

    /// [`KeyError::Invalid`] for a key in a file or on a token.
    pub(super) fn of(location: impl fmt::Display, reason: impl Into<String>) -> KeyError {
        KeyError::Invalid { file: location.to_string(), line: None, reason: reason.into(), advice: None }
    }

    /// The failure of a job's key, with advice that a missing file needs: `making` is the command that makes the key, which
    /// only a job without a past may follow. `begun`: the job has released a night already.
    pub(crate) fn in_job(self, making: &str, begun: bool) -> Failure {
        let missing = match &self {
            KeyError::Unreadable(unreadable) if reading(unreadable) == Reading::Missing => {
                Some(unreadable.file.clone())
            }
            _ => None,
        };
        let failure = Failure::from(self);
        let Some(file) = missing else { return failure };
        let public = Path::new(&file).with_extension("pub");
        if begun || public.exists() {
            return failure.with_advice(
                "restore it from its backup: what belongs to the old key (letters already sent, files already sealed) fits no new one",
            );
        }
        failure.with_advice(format!(
            "correct the path in the job, or, for a new job, make the key: `{making} --output {file}`"
        ))
    }
}

/// How the reading of a key's file failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Missing,
    Forbidden,
    NoKeyFile,
    Failed,
}

fn reading(unreadable: &UnreadableFile) -> Reading {
    match unreadable.error.kind() {
        io::ErrorKind::NotFound => Reading::Missing,
        io::ErrorKind::PermissionDenied => Reading::Forbidden,
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::FileTooLarge
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::NotADirectory => Reading::NoKeyFile,
        _ => Reading::Failed,
    }
}

impl Reading {
    fn advice(self) -> &'static str {
        match self {
            Reading::Missing => "correct the path, or restore the file from its backup",
            Reading::Forbidden => "let the user that runs `pli` own the file, with mode 600",
            Reading::NoKeyFile => "name the key's own file, or restore it from its backup",
            Reading::Failed => {
                "the key itself may be sound: mend the cause (open files, disk), then run the same command again"
            }
        }
    }
}
