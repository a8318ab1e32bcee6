//! `returns-bench`: pictures of damaged letters, and the table of what readers make of them.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use returns_bench::{Fault, FileFormat, Kind, Letters, damage_file};

/// Returned letters by simulation.
#[derive(Parser)]
struct Arguments {
    /// The program that prints the letters.
    #[arg(long, default_value = "target/release/pli")]
    pli: PathBuf,
    /// The job folder of the letters; made if it is not there.
    #[arg(long, default_value = "target/returns/job")]
    job: PathBuf,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write damaged pictures, and `truth.jsonl` with a line for each
    Pictures {
        /// Pictures of each kind
        #[arg(long, default_value_t = 8)]
        pages: usize,
        /// Only this kind; may be repeated
        #[arg(long)]
        kind: Vec<String>,
        /// The folder to write to
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match done(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // The end is told even where nobody listens.
            let _ = writeln!(std::io::stderr(), "{fault}");
            ExitCode::FAILURE
        }
    }
}

fn done(arguments: &Arguments) -> Result<(), Fault> {
    match &arguments.task {
        Task::Pictures { pages, kind, out } => {
            let letters = Letters::print(&arguments.pli, &arguments.job, *pages)?;
            pictures(&letters, *pages, &kinds(kind)?, out)
        }
    }
}

/// The kinds of these names; all where none is named.
fn kinds(names: &[String]) -> Result<Vec<Kind>, Fault> {
    let named = |name: &String| {
        let known = || Kind::all().iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        Kind::named(name)
            .ok_or_else(|| Fault::Asked(format!("no kind is named `{name}`; there are {}", known())))
    };
    match names {
        [] => Ok(Kind::all().to_vec()),
        names => names.iter().map(named).collect(),
    }
}

fn pictures(letters: &Letters, pages: usize, kinds: &[Kind], out: &PathBuf) -> Result<(), Fault> {
    fs_err::create_dir_all(out)?;
    let mut truths = Vec::new();
    for index in 0..pages {
        let page = letters.page(index)?;
        for &kind in kinds {
            let (file, truth) = damage_file(&page, kind, index as u64)?;
            fs_err::write(out.join(format!("{kind}-{index:03}.{}", FileFormat::of(kind).ending())), file)?;
            serde_json::to_writer(&mut truths, &truth)?;
            truths.push(b'\n');
        }
    }
    Ok(fs_err::write(out.join("truth.jsonl"), truths)?)
}
