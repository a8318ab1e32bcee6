//! 2D-DOC: what a block costs beside its signature, and a symbol and a verification beside other people's code.
//!
//! `cargo bench --bench twoddoc`. Everything is measured in turns over the same records, round after round, on one core
//! unless said otherwise; figures are medians of the rounds, ratios are medians of the ratios of each round, so that
//! they hold on a noisy machine. The peers are the `datamatrix` crate (C40, square) and tddoc, a 2D-DOC reader in Python,
//! which is installed in a place of its own under `target`.
#![allow(missing_docs, clippy::print_stdout, clippy::expect_used)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use datamatrix::{DataMatrixBuilder, EncodationType, SymbolList};
use jiff::civil::date;
use rayon::prelude::*;
use serde_json::json;
use symbols::datamatrix::encode_c40;
use twoddoc::trust::{Policy, TrustStore};
use twoddoc::{
    Algorithm, Header, SigningKey, UnsignedBlock, Value, VerificationReport, compose, parse, signed_text,
};

const RECORDS: usize = 400;
const ROUNDS: usize = 15;
const TDDOC: &str = "tddoc==0.3.0";

/// What tddoc is given besides the codes: see `tests/peer.py`. It looks for a code's certificate among all it has.
const TDDOC_WITH: [(&str, &str); 3] = [
    ("tddoc as shipped, 237 certificates", "shipped"),
    ("tddoc, certificate and authority", "chain"),
    ("tddoc, certificate alone", "certificate"),
];

/// Seconds for one record, one figure a round.
struct Measure {
    name: &'static str,
    rounds: Vec<f64>,
}

/// What a holder's record gives to the block.
struct Record {
    name: String,
    card: String,
}

fn main() {
    let records: Vec<Record> = (0..RECORDS).map(record).collect();
    let [ed25519, p256] = [Algorithm::Ed25519, Algorithm::EcdsaP256]
        .map(|algorithm| SigningKey::from_seed(algorithm, &[0x2D; 32]).expect("a key"));
    let blocks: Vec<UnsignedBlock> = records.iter().map(letter_block).collect();
    let texts: Vec<String> = blocks.iter().map(|block| signed(block, &ed25519)).collect();
    let cards: Vec<String> = records.iter().map(|record| signed(&card_block(record), &p256)).collect();
    let pem = p256.verifying_key().to_spki_pem().expect("PEM");
    let mut trust = TrustStore::default();
    trust.add("bureau.pem", format!("2D-DOC: FR0Z/PLI1\n{pem}").as_bytes());

    let mut table = Table::default();
    let python = python_with_tddoc();
    for _ in 0..ROUNDS {
        for (key, signature, symbol) in [
            (&ed25519, "Ed25519 signature", "fields to signed symbol, Ed25519"),
            (&p256, "P-256 signature", "fields to signed symbol, P-256"),
        ] {
            table.time(signature, &blocks, |block| key.sign(block.text.as_bytes()));
            table.time(symbol, &records, |record| {
                encode_c40(signed(&letter_block(record), key).as_bytes()).expect("a symbol")
            });
        }
        table.time("composition", &records, letter_block);
        table.time("symbol", &texts, |text| encode_c40(text.as_bytes()).expect("a symbol"));
        table.time("symbol, datamatrix crate", &texts, |text| crate_symbol(text));
        table.time("parse", &cards, |code| parse(code.as_bytes()));
        table.time("parse and verify, P-256", &cards, |code| accepted(code, &trust));
        table.time_all("parse and verify, P-256, all cores", || {
            assert!(cards.par_iter().all(|code| accepted(code, &trust)));
        });
        for (name, keychain) in TDDOC_WITH {
            if let Some(python) = &python {
                table.add(name, tddoc_seconds(python, &pem, &cards, keychain) / RECORDS as f64);
            }
        }
    }
    table.print();
}

fn record(index: usize) -> Record {
    const NAMES: [&str; 4] =
        ["Martin/Françoise", "Dupont-Maître/Zoé", "d’Ormesson Lefèvre/Jean-Baptiste", "LE GOFF/YANN"];
    let name = format!("Mme/{}", NAMES[index % NAMES.len()]);
    Record { name, card: format!("{:010}", 2_400_000_000 + index) }
}

/// The block of a letter, of this program's own type.
fn letter_block(record: &Record) -> UnsignedBlock {
    let header = Header::v04("FR00", "0001", "P1", date(2026, 11, 20));
    let fields = [
        ("01", Value::Exact("810003879623")),
        ("10", Value::Text(&record.name)),
        ("82", Value::Exact(&record.card)),
        ("83", Value::Exact("1630781003")),
    ];
    compose(&header, &fields).expect("a block")
}

/// The block of a professional card of the national type A6.
fn card_block(record: &Record) -> UnsignedBlock {
    let header = Header::v04("FR0Z", "PLI1", "A6", date(2026, 11, 20));
    let fields = [
        ("80", Value::Text("Dupont-Maître")),
        ("81", Value::Text("Zoé/Marie")),
        ("82", Value::Exact(&record.card)),
        ("83", Value::Text("SDIS 29")),
    ];
    compose(&header, &fields).expect("a block")
}

fn signed(block: &UnsignedBlock, key: &SigningKey) -> String {
    signed_text(block, key).expect("a signature")
}

/// The whole verdict, by a folder that was read once.
fn accepted(code: &str, trust: &TrustStore) -> bool {
    VerificationReport::of_symbol(code.as_bytes(), trust, &Policy::default()).is_valid()
}

/// The symbol that the `datamatrix` crate makes of a text, modules included as in ours.
fn crate_symbol(text: &str) -> usize {
    let builder = DataMatrixBuilder::new().with_encodation_types(EncodationType::C40).with_macros(false);
    let square = builder.with_symbol_list(SymbolList::default().enforce_square());
    square.encode(text.as_bytes()).expect("a symbol").bitmap().bits().len()
}

/// The measures in the order of their first round.
#[derive(Default)]
struct Table(Vec<Measure>);

impl Table {
    fn time<T, R>(&mut self, name: &'static str, items: &[T], mut work: impl FnMut(&T) -> R) {
        self.time_all(name, || {
            for item in items {
                black_box(work(black_box(item)));
            }
        });
    }

    /// Times work over all records.
    fn time_all(&mut self, name: &'static str, work: impl FnOnce()) {
        let began = Instant::now();
        work();
        self.add(name, began.elapsed().as_secs_f64() / RECORDS as f64);
    }

    fn add(&mut self, name: &'static str, seconds: f64) {
        match self.0.iter_mut().find(|measure| measure.name == name) {
            Some(measure) => measure.rounds.push(seconds),
            None => self.0.push(Measure { name, rounds: vec![seconds] }),
        }
    }

    fn rounds(&self, name: &str) -> Option<&[f64]> {
        self.0.iter().find(|measure| measure.name == name).map(|measure| measure.rounds.as_slice())
    }

    fn print(&self) {
        println!("{RECORDS} records, medians of {ROUNDS} rounds");
        for Measure { name, rounds } in &self.0 {
            let seconds = median(rounds.clone());
            println!("{name:<36}{:>10.2} µs {:>12.0} /s", seconds * 1e6, 1.0 / seconds);
        }
        println!();
        let [one_core, all_cores] = ["parse and verify, P-256", "parse and verify, P-256, all cores"];
        let [(shipped, _), (chain, _), (alone, _)] = TDDOC_WITH;
        for (goal, slow, fast) in [
            ("at most 1.3", "fields to signed symbol, Ed25519", "Ed25519 signature"),
            ("at most 1.3", "fields to signed symbol, P-256", "P-256 signature"),
            ("at least 20", "symbol, datamatrix crate", "symbol"),
            ("at least 10", shipped, one_core),
            ("at least 10", shipped, all_cores),
            ("for comparison", chain, one_core),
            ("for comparison", alone, one_core),
            ("for comparison", alone, all_cores),
        ] {
            let (Some(slow_rounds), Some(fast_rounds)) = (self.rounds(slow), self.rounds(fast)) else {
                continue;
            };
            let ratios = slow_rounds.iter().zip(fast_rounds).map(|(slow, fast)| slow / fast);
            println!("{:>6.2} × ({goal})  {slow} : {fast}", median(ratios.collect()));
        }
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A Python with tddoc, made under `target` at the first run; `None`, said by name, where it can't be had.
fn python_with_tddoc() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = home.join("bin/python3");
    let run = |program: &Path, arguments: &[&str]| {
        Command::new(program).args(arguments).status().is_ok_and(|status| status.success())
    };
    let there = python.exists() || run("python3".as_ref(), &["-m", "venv", home.to_str()?]);
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", TDDOC];
    if there && run(&python, &quiet) {
        return Some(python);
    }
    println!("skipped: tddoc, because `python3 -m venv` or `pip install {TDDOC}` failed");
    None
}

/// Seconds that tddoc takes to read and verify all codes, its start not counted.
fn tddoc_seconds(python: &Path, public_key: &str, codes: &[String], keychain: &str) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let order = folder.path().join("order.json");
    let text = json!({
        "ca_id": "FR0Z", "certificate_id": "PLI1", "public_key": public_key,
        "codes": codes, "keychain": keychain, "rounds": 1,
    });
    fs_err::write(&order, text.to_string()).expect("an order");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer.py");
    let output = Command::new(python).arg(script).arg(order).output().expect("Python");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("answers");
    let answers = said["answers"].as_array().expect("answers");
    assert!(answers.len() == codes.len() && answers.iter().all(|answer| answer["valid"] == true));
    said["seconds"][0].as_f64().expect("seconds")
}
