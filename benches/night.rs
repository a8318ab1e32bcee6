//! Letters per second of a whole night, beside a floor that only signs, encodes the symbol and deflates.
//!
//! `cargo bench --bench night [-- RECORDS …]`; 200 000 records where no number is given, and the peak of memory after
//! each. Both are measured in the same run, so that the ratio holds on a noisy machine; the absolute figures are this
//! machine's.
#![allow(missing_docs, clippy::print_stdout, clippy::expect_used)]

use std::time::Instant;

use jiff::civil::date;
use pli::barcode::datamatrix::encode_c40;
use pli::mail::job::Job;
use pli::night::{NightOrder, Prove, Unwatched, run};
use pli::sample::{SampleOrder, make};
use pli::twoddoc::{Algorithm, Header, SigningKey, Value, compose, signed_text};
use rayon::prelude::*;

fn main() {
    let counts: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for count in if counts.is_empty() { vec![200_000] } else { counts } {
        measure(count);
    }
}

/// One night of so many records in a folder of its own, and the floor for as many letters as it sent.
fn measure(records: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let order = SampleOrder {
        count: records.try_into().expect("a count"),
        seed: 1,
        bad_percent: 0.0,
        out: folder.path(),
        unsealed: false,
    };
    make(&order).expect("a sample");
    let job = Job::load(folder.path()).expect("a job");
    let order =
        NightOrder { job: &job, night: date(2026, 11, 20), only: None, prove: Prove::None, dry_run: false };
    let began = Instant::now();
    let report = run(&order, &Unwatched).expect("a night");
    let night = began.elapsed().as_secs_f64();
    let letters = report.letters;
    let bytes: u64 =
        report.files.iter().filter(|file| file.path.starts_with("letters/")).map(|file| file.bytes).sum();

    let began = Instant::now();
    let block = floor(letters);
    let floor = began.elapsed().as_secs_f64();
    let rate = |seconds: f64| letters as f64 / seconds;
    let each = |bytes: u64| bytes / letters.max(1);
    println!("records                {records:>10}");
    println!("letters                {letters:>10}, {} mailers besides", report.mailers);
    println!("whole night            {:>10.0} letters/s, {} bytes a letter", rate(night), each(bytes));
    let seconds = &report.seconds;
    println!(
        "seconds                {night:>10.2}: intake {:.2}, planning {:.2}, composition {:.2}, release {:.2}",
        seconds.intake, seconds.planning, seconds.composition, seconds.release
    );
    println!("floor                  {:>10.0} letters/s, {} bytes a block", rate(floor), each(block));
    println!("night against floor    {:>10.2}", floor / night);
    println!(
        "peak of memory         {:>10} MB",
        peak().map_or("?".to_owned(), |kilobytes| (kilobytes / 1024).to_string())
    );
}

/// The most memory that the process has held so far, in kilobytes, where the system tells.
fn peak() -> Option<u64> {
    let status = fs_err::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok())
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
