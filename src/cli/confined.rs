//! `pli confined`: work on foreign input, in a child of this program and within limits. No user runs it.

use std::io::{self, Read};

use clap::Subcommand;
use foreign::{Limits, confine};
use template::LAYOUT_LIMITS;

use super::Outcome;
use super::console::Console;
use crate::failure::Failure;

/// What a child does with its standard input.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Task {
    /// Lay out a template
    Layout,
}

impl Task {
    fn limits(self) -> Limits {
        match self {
            Task::Layout => LAYOUT_LIMITS,
        }
    }

    fn answer(self, input: &[u8]) -> Vec<u8> {
        match self {
            Task::Layout => template::answer(input),
        }
    }
}

pub(super) fn confined(task: Task, console: &Console) -> Result<Outcome, Failure> {
    confine(task.limits())?;
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input)?;
    console.answer(&task.answer(&input))?;
    Ok(Outcome::Done)
}
