//! Letters per second of a whole night, beside a floor that only signs, encodes the symbol and deflates.
//!
//! `cargo bench --bench night [-- LETTERS]`. Both are measured in the same run, so that the ratio holds on a noisy
//! machine; the absolute figures are this machine's.
#![allow(missing_docs, clippy::print_stdout, clippy::expect_used)]

use std::io::Write;
use std::time::Instant;

use jiff::civil::date;
use pli::barcode::datamatrix::encode_c40;
use pli::mail::job::Job;
use pli::night::{NightOrder, Prove, Unwatched, run};
use pli::sample::{SampleOrder, make};
use pli::twoddoc::{Algorithm, Header, SigningKey, Value, compose, signed_text};
use rayon::prelude::*;

fn main() {
    let count = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(20_000);
    let folder = tempfile::tempdir().expect("a folder");
    make(&SampleOrder { count, seed: 1, bad_percent: 0.0, out: folder.path(), unsealed: false })
        .expect("a sample");
    let job = Job::load(folder.path()).expect("a job");
    let order =
        NightOrder { job: &job, night: date(2026, 11, 20), only: None, prove: Prove::None, dry_run: false };
    let began = Instant::now();
    let report = run(&order, &Unwatched).expect("a night");
    let night = began.elapsed().as_secs_f64();
    let letters = report.letters;

    let began = Instant::now();
    let bytes = floor(letters);
    let floor = began.elapsed().as_secs_f64();
    let rate = |seconds: f64| letters as f64 / seconds;
    println!("letters                {letters:>10}");
    println!("whole night            {:>10.0} letters/s, {} mailers besides", rate(night), report.mailers);
    println!("composition alone      {:>10.0} letters/s", rate(report.seconds.composition));
    println!(
        "floor                  {:>10.0} letters/s ({} bytes a letter)",
        rate(floor),
        bytes / letters.max(1)
    );
    println!("night against floor    {:>10.2}", floor / night);
}

/// Signs, encodes and deflates as many blocks; gives the deflated bytes.
fn floor(letters: u64) -> u64 {
    let key = SigningKey::from_seed(Algorithm::Ed25519, &[7; 32]).expect("a key");
    let header = Header::v04("FR00", "0001", "P1", date(2026, 11, 20));
    let one = |number: u64| {
        let card = format!("{:010}", 2_400_000_000 + number);
        let fields = [
            ("01", Value::Exact("810003879623")),
            ("10", Value::Text("MME/MARTIN/FRANCOISE")),
            ("82", Value::Exact(card.as_str())),
            ("83", Value::Exact("1630781003")),
        ];
        let text = signed_text(&compose(&header, &fields).expect("a block"), &key).expect("signed");
        let symbol = encode_c40(text.as_bytes()).expect("a symbol");
        let mut deflated = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(1));
        deflated.write_all(symbol.packed_rows()).expect("memory");
        deflated.finish().expect("memory").len() as u64
    };
    (0..letters).into_par_iter().map(one).sum()
}
