//! The readers that are compared: ours in this process, the others each in a child process.

use std::fmt;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use returns_bench::Fault;
use serde::Deserialize;
use symbols::{Code39Reading, Effort, Known, Picture, read_code39s, read_known_data_matrices};

/// What our signed blocks begin with.
const BLOCK_HEADER: &str = "DC04";

/// What a reader read on a picture.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Reading {
    /// The texts of Code 39.
    pub code39: Vec<String>,
    /// The texts of Data Matrix.
    pub datamatrix: Vec<String>,
    /// Milliseconds of processor time, the decoding of the file included.
    pub milliseconds: f64,
    /// Card numbers that our reader would let book a return: design rule 10.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// Milliseconds of processor time that ours took for the file, the bars and the Data Matrix symbols.
    #[serde(default)]
    pub parts: [f64; 3],
}

/// The time by the clock that our readers may take for a picture.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// For both.
    pub whole: Duration,
    /// For the bars.
    pub bars: Duration,
    /// For the Data Matrix symbols.
    pub modules: Duration,
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Budget { whole, bars, modules } = self;
        write!(f, "budget {} = {} + {} ms", whole.as_millis(), bars.as_millis(), modules.as_millis())
    }
}

/// Reads a picture file as `pli scan` does.
pub fn ours(file: &[u8], budget: Budget) -> Reading {
    let start = processor_time();
    let mut reading = read(file, budget).unwrap_or_default();
    reading.milliseconds = processor_time() - start;
    reading
}

fn read(file: &[u8], budget: Budget) -> Option<Reading> {
    let start = processor_time();
    let effort = Effort::within(budget.whole);
    let picture = Picture::decode(file).ok()?;
    let decoded = processor_time();
    let bars = read_code39s(&picture, &effort.at_most(budget.bars));
    let bars_read = processor_time();
    let known = Known { sizes: &[], header: Some(BLOCK_HEADER) };
    let blocks = read_known_data_matrices(&picture, &effort.at_most(budget.modules), &known).symbols;
    let parts = [decoded - start, bars_read - decoded, processor_time() - bars_read];
    let datamatrix: Vec<String> =
        blocks.iter().map(|symbol| String::from_utf8_lossy(&symbol.bytes).into_owned()).collect();
    let accepted =
        bars.iter().filter(|bars| accepted(bars, &datamatrix)).map(|bars| bars.text.clone()).collect();
    let code39 = bars.into_iter().map(|bars| bars.text).collect();
    Some(Reading { code39, datamatrix, accepted, milliseconds: 0.0, parts })
}

/// Design rule 10: ten digits that two disjoint bands of the bars agree on, or bars and block.
fn accepted(bars: &Code39Reading, blocks: &[String]) -> bool {
    let digits = bars.text.len() == 10 && bars.text.bytes().all(|byte| byte.is_ascii_digit());
    let in_block = |block: &String| block.starts_with("DC") && block.contains(&format!("82{}", bars.text));
    digits && (bars.agreed() == Some(bars.text.as_str()) || blocks.iter().any(in_block))
}

/// Milliseconds of processor time of this thread; where the system does not tell them, of the clock.
fn processor_time() -> f64 {
    let told = fs_err::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    match nanoseconds {
        Some(nanoseconds) => nanoseconds / 1e6,
        None => {
            static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
            START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
        }
    }
}

/// `judges.py` at one task, as a child process that answers a line with a line.
pub struct Judge {
    name: String,
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    /// Starts `judges.py` with a Python that has zxing-cpp.
    pub fn start(python: &Path, task: &str) -> Result<Judge, Fault> {
        let failed = |reason: &str| Fault::Program(python.display().to_string(), reason.to_owned());
        let mut command = Command::new(python);
        command.args(["-c", include_str!("../judges.py"), task]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| failed(&error.to_string()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => {
                Ok(Judge { name: task.to_owned(), child, questions, answers: BufReader::new(answers) })
            }
            _ => Err(failed("no pipes")),
        }
    }

    /// The task.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The answer to a line.
    pub fn ask<T: for<'de> Deserialize<'de>>(&mut self, line: &str) -> Result<T, Fault> {
        writeln!(self.questions, "{line}")?;
        let mut answer = String::new();
        match self.answers.read_line(&mut answer)? {
            0 => Err(Fault::Program(self.name.clone(), "ended".to_owned())),
            _ => Ok(serde_json::from_str(&answer)?),
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        // The child ends with its input, which is closed with `questions`; waiting for it here would wait for ever.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
