//! `pli man`

use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use crate::failure::Failure;
use crate::files::write_whole;

/// Write the manual pages, one for each command, as this program's own definition has them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pli man /usr/local/share/man/man1")]
pub(super) struct Arguments {
    /// The folder for the pages; they replace what has their names there
    folder: PathBuf,
}

/// What was written.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Answer {
    pages: Vec<String>,
}

pub(super) fn man(
    arguments: &Arguments,
    command: clap::Command,
    console: &Console,
) -> Result<Outcome, Failure> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    for (name, page) in &pages {
        write_whole(&arguments.folder.join(name), page)?;
    }
    let answer = Answer { pages: pages.into_iter().map(|(name, _)| name).collect() };
    console.result(&answer, |_| format!("{} pages in {}", answer.pages.len(), arguments.folder.display()))?;
    Ok(Outcome::Done)
}

/// Adds the pages of a command and of the commands below it, with their names. Hidden ones have none.
fn collect(command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page)?;
    pages.push((man.get_filename(), page));
    command.get_subcommands().filter(|below| !below.is_hide_set()).try_for_each(|below| collect(below, pages))
}
