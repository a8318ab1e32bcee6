//! `pli confined`: what this program lets a child of its own do, within limits. No command for people.

use std::io::{self, Read};
use std::path::PathBuf;

use clap::Subcommand;
use foreign::confine;
use template::LAYOUT_LIMITS;

use super::Outcome;
use super::console::Console;
use crate::failure::Failure;
use crate::verification::answer_page;

/// A task of a child process. Its input comes on standard input, its answer goes to standard output.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Lay out a template
    Layout,
    /// Lay out a template that is being written, one question after the other
    Layouts,
    /// Read the symbols of a page of a picture or a PDF
    ReadPage {
        /// The page, from 1
        page: u32,
    },
    /// Read the symbols of scans, one question after the other
    ReadScans,
    /// Open the codes of a job and make its mailers, one order after the other
    Mailers {
        /// The job file
        job: PathBuf,
    },
}

pub(super) fn confined(task: &Task, console: &Console) -> Result<Outcome, Failure> {
    match task {
        Task::Layout => {
            confine(LAYOUT_LIMITS)?;
            let mut request = Vec::new();
            io::stdin().lock().read_to_end(&mut request)?;
            console.answer(&template::answer(&request))?;
        }
        Task::Layouts => template::answer_layouts()?,
        Task::ReadScans => crate::returns::serve()?,
        Task::Mailers { job } => crate::night::make_mailers(job)?,
        Task::ReadPage { page } => console.output(&answer_page(*page)?, "")?,
    }
    Ok(Outcome::Done)
}
