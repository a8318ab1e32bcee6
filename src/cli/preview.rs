//! `pli preview`

use std::path::PathBuf;

use clap::Args;
use foreign::legible;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use super::run::today;
use crate::failure::Failure;
use crate::studio::{Editor, Listeners, PreviewOrder, RevealedPlace, open_address, preview as serve, reveal};

/// Show a template as it prints, in the browser, while it is written. The first line printed is the page's address; Ctrl-C ends.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli preview templates/my-letter\n  pli preview templates/my-letter --job job.toml --editor vscode\n  pli preview templates/my-letter --records cards.csv --against templates/card-letter --no-open\n  pli preview --reveal templates/my-letter/my-letter.typ:12:5"
)]
pub(super) struct Arguments {
    /// A template's folder, or the name of a built-in one
    #[arg(required_unless_present = "reveal")]
    template: Option<PathBuf>,
    /// A job file, for its bureau, press, inserter, inbox and the template in production
    #[arg(long, value_name = "JOB")]
    job: Option<PathBuf>,
    /// The port of 127.0.0.1; a free one if it is left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Open no browser
    #[arg(long)]
    no_open: bool,
    /// What opens a line: vscode, code, codium, cursor, zed, helix, sublime, kate, gedit, emacs, gvim, or a command with {file},
    /// {line} and {column}
    #[arg(long, value_name = "E")]
    editor: Option<String>,
    /// A `cards.csv`, whose rows can be shown
    #[arg(long, value_name = "CSV")]
    records: Option<PathBuf>,
    /// Another template's folder, to compare with
    #[arg(long, value_name = "FOLDER")]
    against: Option<PathBuf>,
    /// The language of the page, otherwise the browser's
    #[arg(long, value_name = "fr|en", value_parser = ["fr", "en"])]
    language: Option<String>,
    /// Show a place of a file on the preview that is open
    #[arg(long, value_name = "FILE:LINE:COLUMN", value_parser = place, conflicts_with_all = ["template", "job", "port", "no_open", "editor", "records", "against", "language"])]
    reveal: Option<Place>,
}

/// A place in a file.
#[derive(Debug, Clone)]
struct Place {
    file: PathBuf,
    line: usize,
    column: usize,
}

fn place(text: &str) -> Result<Place, &'static str> {
    let wrong = "write FILE:LINE:COLUMN, such as my-letter.typ:12:5";
    let mut parts = text.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    let number =
        |text: Option<&str>| text.and_then(|text| text.parse().ok()).filter(|&number: &usize| number > 0);
    match (file.filter(|file| !file.is_empty()), number(line), number(column)) {
        (Some(file), Some(line), Some(column)) => Ok(Place { file: file.into(), line, column }),
        _ => Err(wrong),
    }
}

/// The first line with `--json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Opened<'a> {
    address: &'a str,
}

pub(super) fn preview(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    if let Some(place) = &arguments.reveal {
        return show(place, console);
    }
    let editor = arguments.editor.as_deref().map(|text| Editor::parse(text)?.installed()).transpose()?;
    let order = PreviewOrder {
        template: arguments.template.clone().unwrap_or_default(),
        job: arguments.job.clone(),
        records: arguments.records.clone(),
        against: arguments.against.clone(),
        night: today(),
    };
    let listeners = Listeners::open(arguments.port)?;
    serve(order, listeners, editor, |address| {
        let address = match &arguments.language {
            Some(language) => format!("{address}&language={language}"),
            None => address.to_owned(),
        };
        console.output(&Opened { address: &address }, &address)?;
        if !arguments.no_open
            && let Err(error) = open_address(&address)
        {
            tracing::warn!(code = "no_browser", "no browser can be opened: {error}; open the address above");
        }
        Ok(())
    })?;
    Ok(Outcome::Done)
}

fn show(place: &Place, console: &Console) -> Result<Outcome, Failure> {
    let revealed = reveal(&place.file, place.line, place.column)?;
    console.result(&revealed, |_| said(place, &revealed))?;
    Ok(Outcome::Done)
}

fn said(place: &Place, revealed: &RevealedPlace) -> String {
    let file = place.file.display().to_string();
    let pages = match revealed.pages {
        0 => "no browser page is open".to_owned(),
        1 => "shown".to_owned(),
        pages => format!("shown in {pages} browser pages"),
    };
    format!("{}:{}:{}: page {}, {pages}", legible(&file), place.line, place.column, revealed.page)
}
