//! `returns-bench`: pictures of damaged letters, and the table of what readers make of them.

mod acceptance;
mod aims;
mod journal;
mod paired;
mod readers;
mod speed;
mod table;
mod times;

use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use acceptance::FalseAcceptance;
use clap::{Parser, Subcommand};
use readers::{Budget, Judge};
use returns_bench::strangers::Drawn;
use returns_bench::{Fault, FileFormat, Kind, Letters, damage_file};
use table::Comparison;

/// Returned letters by simulation.
#[derive(Parser)]
struct Arguments {
    /// The program that prints the letters.
    #[arg(long, default_value = "target/release/pli")]
    pli: PathBuf,
    /// The job folder of the letters; made if it is not there.
    #[arg(long, default_value = "target/returns/job")]
    job: PathBuf,
    /// A Python with zxing-cpp and Pillow.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Where pictures lie while they are read.
    #[arg(long, default_value = "target/returns/scratch")]
    scratch: PathBuf,
    /// Milliseconds by the clock that our readers may take for a picture: both together, bars, Data Matrix symbols
    #[arg(long, num_args = 3, value_delimiter = ',', default_value = "1600,600,800")]
    budget: Vec<u64>,
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
    /// Compare the readers on every kind
    Table {
        /// Pictures of each kind
        #[arg(long, default_value_t = 8)]
        pages: usize,
        /// Only this kind; may be repeated
        #[arg(long)]
        kind: Vec<String>,
        /// Leave this reader out; may be repeated
        #[arg(long)]
        without: Vec<String>,
        /// Keep the pictures that our readers missed in this folder
        #[arg(long)]
        misses: Option<PathBuf>,
        #[command(flatten)]
        part: Part,
    },
    /// Count wrong numbers that would be accepted on strangers and on damaged letters
    Strangers {
        /// Pages, half of them strangers; 20000 in the long form
        #[arg(long, default_value_t = 400)]
        pages: usize,
        /// Write all pictures to this folder instead of reading them
        #[arg(long)]
        out: Option<PathBuf>,
        /// The folder for pictures with a wrong number
        #[arg(long, default_value = "target/returns/wrong")]
        wrong: PathBuf,
        #[command(flatten)]
        part: Part,
    },
    /// Time the readers on good pages
    Speed {
        /// Pages as each kind of file
        #[arg(long, default_value_t = 20)]
        pages: usize,
    },
}

/// Which part of a long run is done now.
#[derive(clap::Args)]
struct Part {
    /// The first page, from 0; `--pages` follow from there
    #[arg(long, default_value_t = 0)]
    from: usize,
    /// Keep a line for each picture in this file, and leave out those that it has
    #[arg(long)]
    journal: Option<PathBuf>,
}

/// Letters that are printed for the strangers, however many pages are made of them.
const LETTERS_OF_STRANGERS: usize = 1000;

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
    let [whole, bars, modules] = arguments.budget.as_slice() else {
        return Err(Fault::Asked("`--budget` has three numbers".to_owned()));
    };
    let [whole, bars, modules] = [whole, bars, modules].map(|&budget| Duration::from_millis(budget));
    let budget = Budget { whole, bars, modules };
    match &arguments.task {
        Task::Pictures { pages, kind, out } => {
            let letters = Letters::print(&arguments.pli, &arguments.job, *pages)?;
            pictures(&letters, *pages, &kinds(kind)?, out)
        }
        Task::Table { pages, kind, without, misses, part } => {
            let letters = Letters::print(&arguments.pli, &arguments.job, part.from + *pages)?;
            let comparison = Comparison {
                letters: &letters,
                pages: part.from..part.from + *pages,
                kinds: &kinds(kind)?,
                python: &arguments.python,
                budget,
                without,
                scratch: &arguments.scratch,
                misses: misses.as_ref(),
                journal: part.journal.as_deref(),
            };
            print(&comparison.table()?)
        }
        Task::Strangers { pages, out, wrong, part } => {
            let range = part.from..part.from + *pages;
            let letters =
                Letters::print(&arguments.pli, &arguments.job, range.end.min(LETTERS_OF_STRANGERS))?;
            let bank = acceptance::bank(&mut Judge::start(&arguments.python, "draw")?)?;
            if let Some(out) = out {
                return strangers(&letters, &bank, range, out);
            }
            let (letters, bank, journal) = (&letters, &bank, part.journal.as_deref());
            print(&FalseAcceptance { letters, bank, pages: range, budget, wrong, journal }.table()?)
        }
        Task::Speed { pages } => {
            let letters = Letters::print(&arguments.pli, &arguments.job, pages + 1)?;
            print(&speed::table(&letters, *pages, budget, &arguments.python, &arguments.scratch)?)
        }
    }
}

fn print(text: &str) -> Result<(), Fault> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
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

fn strangers(letters: &Letters, bank: &[Drawn], pages: Range<usize>, out: &Path) -> Result<(), Fault> {
    fs_err::create_dir_all(out)?;
    for index in pages {
        let (name, page, kind) = acceptance::page(letters, bank, index)?;
        let (file, _) = damage_file(&page, kind, index as u64)?;
        fs_err::write(out.join(format!("{name}-{kind}-{index:05}.{}", FileFormat::of(kind).ending())), file)?;
    }
    Ok(())
}
