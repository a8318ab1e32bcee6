//! `pli sample`

use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use super::console::Console;
use super::output_path::refuse_unless_folder;
use crate::failure::{Failure, counted};
use crate::sample::{SampleOrder, make};

/// Make a ready job folder: job file, keys, synthetic records and sealed codes.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pli sample --count 5000 --seed 7 --out trial\n  pli run trial/job.toml --date 2026-11-20"
)]
pub(super) struct Arguments {
    /// How many records
    #[arg(long)]
    count: u32,
    /// The same seed gives the same records
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder to make
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The share of records with a fault, in percent
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = percent)]
    bad_percent: f64,
}

fn percent(text: &str) -> Result<f64, &'static str> {
    let value: f64 = text.parse().map_err(|_| "write a number")?;
    if (0.0..=100.0).contains(&value) { Ok(value) } else { Err("write 0 to 100") }
}

pub(super) fn sample(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    refuse_unless_folder("sample_folder", "--out", &arguments.out)?;
    let order = SampleOrder {
        count: arguments.count,
        seed: arguments.seed,
        bad_percent: arguments.bad_percent,
        out: &arguments.out,
        unsealed: false,
    };
    let summary = make(&order)?;
    console.result(&summary, |console| {
        let job = arguments.out.join("job.toml");
        format!(
            "{} in {}\n  {}",
            counted(arguments.count, "record"),
            arguments.out.display(),
            console.dim(&format!("next: pli run {} --date 2026-11-20", job.display()))
        )
    })?;
    Ok(Outcome::Done)
}
