//! Reads picture files within a time budget, a line each: milliseconds, symbols.
//!
//! `cargo run --release -p symbols --example read_files -- 800 scan.png…`
use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

use symbols::{Effort, Picture, read_data_matrices};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let budget = Duration::from_millis(arguments.next().ok_or("milliseconds")?.parse()?);
    let mut out = std::io::stdout().lock();
    for file in arguments {
        let picture = Picture::decode(&fs_err::read(&file)?)?;
        let began = Instant::now();
        let found = read_data_matrices(&picture, &Effort::within(budget));
        let taken = began.elapsed().as_secs_f32() * 1000.0;
        write!(out, "{file}\t{taken:.1}\t{} unread", found.unread.len())?;
        for symbol in &found.symbols {
            write!(out, "\t{:?} {} {:?}", symbol.text, symbol.step.name(), symbol.confidence)?;
        }
        writeln!(out)?;
    }
    Ok(())
}
