//! Our whole night beside other programs that draw the same letters: Typst, ReportLab, printpdf.
//!
//! `benches/peers/run` installs what is needed and prints the table of docs/performance.md. Ours goes from `cards.csv` to released
//! files, with everything that a night does. The peers draw, compress and write, in the ways of `ways`: alone, which draws all
//! that `letters` and `stock` tell, or over our stock pages; on the same distinct records and in a process of its own.
#![allow(missing_docs, clippy::print_stdout, clippy::print_stderr, clippy::expect_used)]

mod letters;
mod printpdf_alone;
mod printpdf_peer;
mod stock;
mod typst_peer;
mod ways;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use jiff::civil::{Date, date};
use letters::{Letters, letters_of};
use mail::piece::PieceKind;
use pli::job::Job;
use pli::night::order::{NightOrder, NoProgress, Prove};
use pli::night::run;
use pli::sample::{SampleOrder, make};
use printpdf_peer::{Background, Symbols};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stock::StockPage;
use ways::{PART, PEERS};

const RECORDS: u32 = 200_000;
const NIGHT: Date = date(2026, 11, 20);
const LOT: &str = "26324A";

/// What a process tells of its work.
#[derive(Serialize, Deserialize)]
struct Measure {
    letters: u64,
    seconds: f64,
    bytes: u64,
    /// The most memory held, in kilobytes; a peer's without the letters that it is given.
    peak: u64,
}

fn main() {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let place = PathBuf::from(target).join("peers");
    let work = place.join("work");
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [] => compare(&place, &work),
        [task] => {
            let measure = if task == "ours" { our_night(&work) } else { draw(task, &work) };
            println!("{}", serde_json::to_string(&measure).expect("JSON"));
        }
        _ => panic!("no arguments"),
    }
}

fn compare(place: &Path, work: &Path) {
    if work.exists() {
        fs_err::remove_dir_all(work).expect("an old folder");
    }
    let job = work.join("job");
    make(&SampleOrder { count: RECORDS, seed: 1, bad_percent: 0.0, out: &job, unsealed: false })
        .expect("a sample");
    let ours = in_its_own_process("ours");
    let python = place.join("python/bin/python");
    hand_out(&job, work, &python);
    println!(
        "| program | what does not change | way | letters/s | ours is | bytes a letter | peak of memory | left out |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let way = "the whole night, CSV to released files; every core";
    println!("{} |", row("pli", "laid out once", way, &ours, &ours));
    for peer in PEERS {
        let folder = work.join(peer.task);
        fs_err::create_dir_all(&folder).expect("a folder");
        let measure = match peer.task.strip_prefix("reportlab-") {
            Some(way) => {
                let mut command = Command::new(&python);
                command.arg("benches/peers/reportlab_peer.py").arg(work).arg(&folder).arg(way);
                measured(command.arg((peer.letters / PART).to_string()))
            }
            None => in_its_own_process(peer.task),
        };
        let mut check = Command::new(&python);
        check.arg("benches/peers/check.py").arg(work).arg(&folder).arg(peer.letters.to_string());
        assert!(check.status().expect("python").success(), "{} did not draw the letters", peer.task);
        let program = format!("{} {}", peer.package, version(&python, peer.package));
        println!("{} {} |", row(&program, peer.background, peer.way, &measure, &ours), peer.without);
    }
}

/// Writes the letters of our night as the peers get them.
fn hand_out(job: &Path, work: &Path, python: &Path) {
    let most = PEERS.iter().map(|peer| peer.letters).max().unwrap_or(0);
    let (letters, stock) = letters_of(&Job::load(job).expect("a job"), NIGHT, LOT, most);
    fs_err::write(work.join("stock.pdf"), stock).expect("a disk");
    let mut read = Command::new(python);
    read.arg("benches/peers/stock.py").arg(work.join("stock.pdf")).arg(work.join("stock.json"));
    assert!(read.status().expect("python").success(), "{read:?} failed");
    for (number, part) in letters.letters.chunks(PART).enumerate() {
        let text = serde_json::to_string(part).expect("JSON");
        fs_err::write(work.join(format!("part-{number:04}.json")), text).expect("a disk");
    }
    fs_err::write(work.join("letters.json"), serde_json::to_string(&letters).expect("JSON")).expect("a disk");
}

fn in_its_own_process(task: &str) -> Measure {
    measured(Command::new(std::env::current_exe().expect("this program")).arg(task))
}

fn measured(command: &mut Command) -> Measure {
    let output = command.stderr(std::process::Stdio::inherit()).output().expect("a process");
    assert!(output.status.success(), "{command:?} failed");
    serde_json::from_slice(&output.stdout).expect("a measure")
}

fn our_night(work: &Path) -> Measure {
    let job = Job::load(&work.join("job")).expect("a job");
    let only = Some(PieceKind::Letter);
    let order = NightOrder { only, prove: Prove::None, ..NightOrder::new(&job, NIGHT) };
    let began = Instant::now();
    let report = run(&order, &NoProgress).expect("a night");
    let seconds = began.elapsed().as_secs_f64();
    let bytes = report.files.iter().map(|file| file.bytes).sum();
    Measure { letters: report.letters, seconds, bytes, peak: memory("VmHWM:") }
}

fn draw(task: &str, work: &Path) -> Measure {
    let peer = PEERS.iter().find(|peer| peer.task == task).expect("a task");
    let mut letters: Letters = from_json(&work.join("letters.json"));
    letters.letters.truncate(peer.letters);
    letters.letters.shrink_to_fit();
    let stock = fs_err::read(work.join("stock.pdf")).expect("a stock");
    let pages: Vec<StockPage> = from_json(&work.join("stock.json"));
    let folder = work.join(task);
    let threads = if task.starts_with("printpdf") && !task.ends_with("cores") { 1 } else { 0 };
    // Typst needs more stack than threads have.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(64 << 20);
    pool.build_global().expect("threads");
    // Forgets the peak so far (proc(5)).
    fs_err::write("/proc/self/clear_refs", "5").expect("a system that forgets");
    let given = memory("VmRSS:");

    let began = Instant::now();
    let bytes: Vec<u64> = match task {
        "typst-laid-out" => typst_peer::laid_out(&letters, &folder, 500),
        "typst-stock" => typst_peer::over_stock(&letters, &stock, &folder, peer.letters),
        _ => {
            let (background, symbols) = match task {
                "printpdf-alone" => (Background::Drawn(&pages), Symbols::Rectangles),
                "printpdf-alone-cores" => (Background::Drawn(&pages), Symbols::Masks),
                "printpdf-stock" => (Background::Ready(&stock), Symbols::Rectangles),
                "printpdf-stock-cores" => (Background::Ready(&stock), Symbols::Masks),
                _ => panic!("no task {task}"),
            };
            printpdf_peer::documents(&letters, background, &folder, symbols)
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    let peak = memory("VmHWM:") - given;
    Measure { letters: peer.letters as u64, seconds, bytes: bytes.iter().sum(), peak }
}

fn from_json<T: DeserializeOwned>(path: &Path) -> T {
    serde_json::from_slice(&fs_err::read(path).expect("a file")).expect("JSON")
}

/// A line of the table.
fn row(program: &str, background: &str, way: &str, measure: &Measure, ours: &Measure) -> String {
    let rate = |measure: &Measure| measure.letters as f64 / measure.seconds;
    let times = rate(ours) / rate(measure);
    let bytes = measure.bytes / measure.letters;
    format!(
        "| {program} | {background} | {way} | {:.0} | {times:.1} × | {bytes} | {} MB |",
        rate(measure),
        measure.peak / 1024
    )
}

/// The version of a crate by our lock file, or of a package by Python.
fn version(python: &Path, package: &str) -> String {
    let lock = fs_err::read_to_string("Cargo.lock").expect("a lock file");
    let after =
        lock.split_once(&format!("name = \"{package}\"\nversion = \"")).map(|(_, after)| after.to_owned());
    let of_crate = after.and_then(|after| after.split('"').next().map(str::to_owned));
    of_crate.unwrap_or_else(|| {
        let code = format!("import {package}; print({package}.__version__)");
        let output = Command::new(python).args(["-c", &code]).output().expect("python");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    })
}

/// A line of what the system knows of this process's memory, in kilobytes.
fn memory(name: &str) -> u64 {
    let status = fs_err::read_to_string("/proc/self/status").expect("a system that tells");
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
    line.and_then(|kilobytes| kilobytes.parse().ok()).expect("a number")
}
