//! `pli template new` and `pli template prelude`

use std::path::PathBuf;

use clap::Args;
use foreign::legible;
use serde::Serialize;

use super::super::Outcome;
use super::super::console::Console;
use super::super::output_path::refuse_unless_folder;
use crate::failure::{Failure, counted};
use crate::studio::{begin_template, write_editor_support};

/// What begins a template.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli template new templates/my-letter --from card-letter\n  pli template new templates/my-letter --from templates/their-letter"
)]
pub(in crate::cli) struct NewArguments {
    /// The folder to make; it must be missing or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The name of a built-in template, a template's folder, or the folder of one that was kept
    #[arg(long, value_name = "NAME")]
    from: PathBuf,
}

/// What gives editors what they need.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pli template prelude templates/my-letter")]
pub(in crate::cli) struct PreludeArguments {
    /// The template's folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct NewTemplate {
    folder: PathBuf,
    files: Vec<String>,
}

pub(super) fn new(arguments: &NewArguments, console: &Console) -> Result<Outcome, Failure> {
    let NewArguments { folder, from } = arguments;
    let made = NewTemplate { folder: folder.clone(), files: begin_template(from, folder)? };
    console.result(&made, |console| {
        let shown = folder.display().to_string();
        let (shown, count) = (legible(&shown), made.files.len());
        let next = format!("next: pli template check {shown}, pli template prelude {shown}");
        format!("{shown}: {}\n  {}", counted(count, "file"), console.dim(&next))
    })?;
    Ok(Outcome::Done)
}

pub(super) fn prelude(arguments: &PreludeArguments, console: &Console) -> Result<Outcome, Failure> {
    let folder = &arguments.folder;
    refuse_unless_folder("prelude_folder", "DIR", folder)?;
    let support = write_editor_support(folder)?;
    console.result(&support, |console| {
        let mut lines: Vec<String> = support.files.clone();
        lines.extend(support.kept.iter().map(|file| format!("{file}: there already, left as it is")));
        let readme = folder.join(".pli/README.md").display().to_string();
        let next = format!("settings for other editors are in {}", legible(&readme));
        lines.push(format!("  {}", console.dim(&next)));
        lines.join("\n")
    })?;
    Ok(Outcome::Done)
}
