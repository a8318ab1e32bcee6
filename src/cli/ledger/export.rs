//! `pli ledger JOB export`

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::acts::Act;
use super::super::output_path::refuse_unless_file;
use super::{Console, Failure, Job, Outcome};
use crate::failure::counted;
use crate::ledger::MailerLinks;
use crate::night::care::{export_to, export_to_file};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to write; `-` or none: standard output
    file: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    /// Show to which record, and so to whose card, each mailer belongs; without it only the ledger's keys do
    #[arg(long)]
    personal: bool,
}

impl Arguments {
    /// What the audit log has of it.
    pub(super) fn act(&self, job: &Path) -> Act {
        Act::new(job, "ledger export").option(self.personal, "personal")
    }

    fn mailers(&self) -> MailerLinks {
        if self.personal { MailerLinks::Personal } else { MailerLinks::Opaque }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Exported<'a> {
    file: &'a Path,
    rows: u64,
}

pub(super) fn export(job: &Job, arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    match arguments.file.as_deref().filter(|file| *file != Path::new("-")) {
        None if console.is_json() => {
            return Err(Failure::usage("arguments", "the lines of an export are no single JSON document")
                .with_advice("name a file to write, or leave `--json` out"));
        }
        None => console.write_through(|out| export_to(job, arguments.mailers(), out).map(drop))?,
        Some(file) => {
            refuse_unless_file("export_file", "FILE", file)?;
            let rows = export_to_file(job, arguments.mailers(), file, arguments.force)?;
            let exported = Exported { file, rows };
            console.result(&exported, |_| format!("{}: {}", file.display(), counted(rows, "row")))?;
        }
    }
    Ok(Outcome::Done)
}
