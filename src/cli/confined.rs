//! `pli confined`: what this program lets a child of its own do, within limits. No command for people.

use std::io::{self, Read};

use clap::Subcommand;
use foreign::confine;
use template::LAYOUT_LIMITS;

use super::Outcome;
use super::console::Console;
use crate::failure::Failure;

/// A task of a child process. Its input comes on standard input, its answer goes to standard output.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Lay out a template
    Layout,
}

pub(super) fn confined(task: &Task, console: &Console) -> Result<Outcome, Failure> {
    match task {
        Task::Layout => {
            confine(LAYOUT_LIMITS)?;
            let mut request = Vec::new();
            io::stdin().lock().read_to_end(&mut request)?;
            console.answer(&template::answer(&request))?;
        }
    }
    Ok(Outcome::Done)
}
