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
    let page = with_usage(&String::from_utf8_lossy(&page), &command.clone().render_usage().to_string());
    pages.push((man.get_filename(), page.into_bytes()));
    command.get_subcommands().filter(|below| !below.is_hide_set()).try_for_each(|below| collect(below, pages))
}

/// A page whose synopsis is the usage that the help shows: the arguments of the commands above it too, in the order in which they
/// are typed.
fn with_usage(page: &str, usage: &str) -> String {
    const SYNOPSIS: &str = ".SH SYNOPSIS\n";
    let Some((before, rest)) = page.split_once(SYNOPSIS) else { return page.to_owned() };
    let after = rest.find("\n.SH ").map_or("", |next| &rest[next + 1..]);
    let usage = usage.trim().trim_start_matches("Usage:").trim().replace('\\', "\\\\").replace('-', "\\-");
    let lines: Vec<&str> = usage.lines().map(str::trim).collect();
    format!("{before}{SYNOPSIS}{}\n{after}", lines.join("\n.br\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synopsis_is_the_usage_as_it_is_typed() {
        let page = ".TH x\n.SH NAME\nx\n.SH SYNOPSIS\n\\fBpli ledger backup\\fR\n.SH DESCRIPTION\nd\n";
        let usage = "Usage: pli ledger <JOB> backup [OPTIONS] <FILE>\n       pli -h";
        let told = with_usage(page, usage);
        let synopsis =
            ".SH SYNOPSIS\npli ledger <JOB> backup [OPTIONS] <FILE>\n.br\npli \\-h\n.SH DESCRIPTION\n";
        assert!(told.contains(synopsis) && told.starts_with(".TH x"), "{told}");
        assert_eq!(with_usage("no synopsis", usage), "no synopsis");
    }
}
