//! What a night costs: pieces per second and the peak of memory, letters beside a floor that only signs, encodes the
//! symbol and deflates, mailers sealed and in clear.
//!
//! `cargo bench --bench night [-- RECORDS …]`; 10 000, 100 000, 200 000 and 1 000 000 records where no number is given.
//! Every night runs in a process of its own, this program called again, so that its peak is its own. Letters and floor
//! are measured in the same process, one after the other, so that their ratio holds on a noisy machine; the absolute
//! figures are this machine's.
#![allow(missing_docs, clippy::print_stdout, clippy::expect_used)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use jiff::civil::{Date, date};
use mail::piece::PieceKind;
use pli::job::Job;
use pli::night::order::{NightOrder, NoProgress, Prove};
use pli::night::report::Report;
use pli::night::run;
use pli::sample::{SampleOrder, make};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use symbols::datamatrix::encode_c40;
use twoddoc::{Algorithm, Header, SigningKey, Value, compose, signed_text};

const COUNTS: [u32; 4] = [10_000, 100_000, 200_000, 1_000_000];
/// The sample's Friday, and the working day after it.
const LETTERS: Date = date(2026, 11, 20);
const MAILERS: Date = date(2026, 11, 23);
/// Names this program to itself when it is to run one night.
const ONE_NIGHT: &str = "one-night";

/// What one night was.
#[derive(Serialize, Deserialize)]
struct Measure {
    report: Report,
    seconds: f64,
    /// The most memory that its process held, in kilobytes.
    peak: u64,
    /// Seconds that the floor took for as many letters.
    floor: Option<f64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [task, job, night] = arguments.as_slice()
        && task == ONE_NIGHT
    {
        let measure = one_night(Path::new(job), night.parse().expect("a date"));
        println!("{}", serde_json::to_string(&measure).expect("JSON"));
        return;
    }
    let counts: Vec<u32> =
        arguments.iter().map(|count| count.parse().expect("a number of records")).collect();
    println!(
        "| records | night | pieces | pieces/s | of the floor | bytes each | peak MB | seconds: intake | planning | composition | release |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for records in if counts.is_empty() { COUNTS.to_vec() } else { counts } {
        nights(records);
    }
}

/// The letters of so many records, then their mailers, sealed and in clear.
fn nights(records: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path();
    make(&SampleOrder { count: records, seed: 1, bad_percent: 0.0, out, unsealed: true }).expect("a sample");
    let clear = fs_err::read_to_string(out.join("job.toml")).expect("a job file");
    // The same job with sealed mailers, and a ledger of its own in which the letters have left.
    let sealed = clear.replace("unsealed = true", "unsealed = false").replace("ledger.db", "sealed.db");
    let sealed = sealed.replace("dir = \"out\"", "dir = \"sealed\"");
    fs_err::write(out.join("sealed.toml"), sealed).expect("a job file");

    let print = |night: &str, measure: Measure| println!("{}", row(records, night, &measure));
    print("letters", in_its_own_process(&out.join("job.toml"), LETTERS));
    fs_err::copy(out.join("ledger.db"), out.join("sealed.db")).expect("a ledger");
    print("mailers, sealed", in_its_own_process(&out.join("sealed.toml"), MAILERS));
    print("mailers, in clear", in_its_own_process(&out.join("job.toml"), MAILERS));
}

fn in_its_own_process(job: &Path, night: Date) -> Measure {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.arg(ONE_NIGHT).arg(job).arg(night.to_string()).stderr(Stdio::inherit());
    let output = command.output().expect("a process");
    assert!(output.status.success(), "the night failed");
    serde_json::from_slice(&output.stdout).expect("a measure")
}

/// A night of one kind.
fn one_night(job: &Path, night: Date) -> Measure {
    let job = Job::load(job).expect("a job");
    let only = if night == LETTERS { PieceKind::Letter } else { PieceKind::Mailer };
    let order = NightOrder { only: Some(only), prove: Prove::None, ..NightOrder::new(&job, night) };
    let began = Instant::now();
    let report = run(&order, &NoProgress).expect("a night");
    let seconds = began.elapsed().as_secs_f64();
    let peak = peak();
    let floor = (only == PieceKind::Letter).then(|| {
        let began = Instant::now();
        floor(report.letters);
        began.elapsed().as_secs_f64()
    });
    Measure { report, seconds, peak, floor }
}

/// A line of the table.
fn row(records: u32, night: &str, measure: &Measure) -> String {
    let Measure { report, seconds, peak, floor } = measure;
    let pieces = report.letters + report.mailers;
    let bytes: u64 = report.files.iter().map(|file| file.bytes).sum();
    let share = floor.map(|floor| format!("{:.0} %", 100.0 * floor / seconds)).unwrap_or_default();
    let station = &report.seconds;
    format!(
        "| {records} | {night} | {pieces} | {:.0} | {share} | {} | {} | {:.2} | {:.2} | {:.2} | {:.2} |",
        pieces as f64 / seconds,
        bytes / pieces.max(1),
        peak / 1024,
        station.intake,
        station.planning,
        station.composition,
        station.release,
    )
}

/// The most memory that this process has held so far, in kilobytes.
fn peak() -> u64 {
    let status = fs_err::read_to_string("/proc/self/status").expect("a system that tells");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    peak.and_then(|kilobytes| kilobytes.parse().ok()).expect("a number")
}

/// Signs, encodes and deflates as many blocks; gives the deflated bytes. The compressor is one for each thread, as a
/// program that does nothing else would have it.
fn floor(letters: u64) -> u64 {
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[7; 32]).expect("a key");
    let header = Header::v04("FR00", "0001", "P1", date(2026, 11, 20));
    let one = |deflate: &mut flate2::Compress, number: u64| {
        let card = format!("{:010}", 2_400_000_000 + number);
        let fields = [
            ("01", Value::Exact("810003879623")),
            ("10", Value::Text("MME/MARTIN/FRANCOISE")),
            ("82", Value::Exact(card.as_str())),
            ("83", Value::Exact("1630781003")),
        ];
        let text = signed_text(&compose(&header, &fields).expect("a block"), &key).expect("signed");
        let symbol = encode_c40(text.as_bytes()).expect("a symbol");
        let mut deflated = Vec::with_capacity(1024);
        deflate.reset();
        deflate
            .compress_vec(symbol.packed_rows(), &mut deflated, flate2::FlushCompress::Finish)
            .expect("memory");
        deflated.len() as u64
    };
    let compressor = || flate2::Compress::new(flate2::Compression::new(1), true);
    (0..letters).into_par_iter().map_init(compressor, one).sum()
}
