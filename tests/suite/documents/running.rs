//! Runs the blocks of a page, from top to bottom, in a folder of its own.
//!
//! - `console`: each command is run, and what it prints is held against what is quoted.
//! - `sh`: each line must end well.
//! - `<!-- file: NAME -->` before a block of any language: it is written into that file.
//! - `<!-- template -->` before a `toml` block: its keys are put into `template/template.toml`, which must pass the check.
//! - `<!-- append: FILE -->` before a block: its lines are put at the end of that file of `template`, which must pass the check.
//! - Any other `toml` block: its keys are put into the job file (a sample's, where there is none), which must be read.

use std::path::Path;
use std::process::{Command, Output};

use toml::{Table, Value};

use super::blocks::{Block, blocks};
use super::quoted::as_quoted;
use super::table::is_left_out;
use super::{read, root};
use crate::missing::missing;

/// The exit code of a shell that does not find a program.
const NOT_FOUND: i32 = 127;

/// A folder with the program, and what a page's setup made in it.
struct Place<'f> {
    folder: &'f Path,
    path: String,
}

impl<'f> Place<'f> {
    fn new(folder: &'f Path) -> Place<'f> {
        let programs = Path::new(env!("CARGO_BIN_EXE_pli")).parent().unwrap();
        let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python/bin");
        let path = [&folder.join("bin"), programs, &python].map(|part| part.display().to_string()).join(":");
        Place { folder, path: format!("{path}:{}", std::env::var("PATH").unwrap()) }
    }

    /// What a shell says to a line. A command that does not end in two minutes is ended.
    fn ran(&self, line: &str) -> Output {
        let mut shell = Command::new("timeout");
        let line = format!("exec 2>&1\n{line}");
        shell.args(["120", "sh", "-c", &line]).current_dir(self.folder).stdin(std::process::Stdio::null());
        shell.env("PATH", &self.path).env("HOME", self.folder).env("ROOT", root());
        shell.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").output().unwrap()
    }

    /// Runs a line that must end well. Returns `false` where a judge is not installed.
    fn ends_well(&self, place: &str, line: &str) -> bool {
        let ran = self.ran(line);
        if ran.status.code() == Some(NOT_FOUND) {
            missing(&format!("a program of {place}: {line}"));
            return false;
        }
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{place}: {line}\n{}\n{said}", ran.status);
        true
    }

    /// Runs a line that must print what is quoted. Returns `false` where a judge is not installed.
    fn prints(&self, place: &str, line: &str, quoted: &str) -> bool {
        let ran = self.ran(line);
        if ran.status.code() == Some(NOT_FOUND) {
            missing(&format!("a program of {place}: {line}"));
            return false;
        }
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let [output, quoted] = [&*said, quoted].map(|text| text.lines().collect::<Vec<_>>());
        assert!(as_quoted(&output, &quoted), "{place}: $ {line}\n{}\n{said}", ran.status);
        true
    }

    /// Changes a file, has a command judge it, and puts it back.
    fn judged(&self, place: &str, file: &Path, change: impl Fn(&str) -> String, judge: &str) -> bool {
        let before = read(file);
        fs_err::write(file, change(&before)).unwrap();
        let is_well = self.ends_well(place, judge);
        fs_err::write(file, before).unwrap();
        is_well
    }

    /// Runs a block. Returns `false` where a judge is not installed.
    fn run(&self, place: &str, block: &Block) -> bool {
        let with_keys = |file: &str| merged(place, file, &block.text);
        match (block.note.split_once(": "), block.language) {
            (Some(("file", name)), _) => {
                let file = self.folder.join(name);
                fs_err::create_dir_all(file.parent().unwrap()).unwrap();
                fs_err::write(file, &block.text).unwrap();
                true
            }
            (Some(("append", name)), _) => {
                let longer = |text: &str| format!("{text}{}", block.text);
                self.judged(place, &self.folder.join(name), longer, "pli template check template")
            }
            (None, "console") => {
                block.exchanges().iter().all(|(line, quoted)| self.prints(place, line, quoted))
            }
            (None, "sh") => block.commands().iter().all(|line| self.ends_well(place, line)),
            (None, "toml") if block.note == "template" => {
                let file = self.folder.join("template/template.toml");
                self.judged(place, &file, with_keys, "pli template check template")
            }
            (None, "toml") => {
                let jobs = ["job/job.toml", "job.toml"].map(|file| self.folder.join(file));
                if !jobs.iter().any(|file| file.exists()) {
                    self.ends_well(place, "pli sample --count 20 --seed 7 --out job");
                }
                let file = jobs.iter().find(|file| file.exists()).expect("a job was made");
                let judge = format!("pli doctor {} --look job --date 2026-11-23", file.display());
                self.judged(place, file, with_keys, &judge)
            }
            _ => panic!("{place}: this block is neither run nor compared"),
        }
    }
}

/// A TOML file with the keys of a block.
fn merged(place: &str, file: &str, block: &str) -> String {
    let mut whole: Table = file.parse().unwrap();
    put(&mut whole, block.parse().unwrap_or_else(|e| panic!("{place}: {e}")));
    toml::to_string(&whole).unwrap()
}

/// Puts keys into a table, those of inner tables into inner tables.
fn put(whole: &mut Table, keys: Table) {
    for (key, value) in keys {
        match (whole.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(keys)) => put(inner, keys),
            (_, value) => drop(whole.insert(key, value)),
        }
    }
}

/// Runs the blocks of a page.
///
/// # Panics
/// Where a command fails or prints something else, and where a block is of no kind that can be judged.
pub fn run(page: &str) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let setup = super::table::setup(page);
    if setup.exists() && !place.ends_well("the setup", &format!("set -e\n. {}", setup.display())) {
        return;
    }
    let text = read(&root().join(page));
    let mut seen = 0;
    for block in blocks(&text).iter().filter(|block| !is_left_out(page, block)) {
        if !place.run(&format!("{page}:{}", block.line), block) {
            return;
        }
        seen += 1;
    }
    assert!(seen > 0, "{page} has something to run");
}

/// Whether the blocks of a page are all well.
fn is_well(page: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(
        folder.path().join("job.toml"),
        "[bureau]\nname = \"A\"\n[input]\ncards = [\"cards*.csv\"]\n",
    )
    .unwrap();
    let place = Place::new(folder.path());
    let run = || blocks(page).iter().for_each(|block| assert!(place.run("page", block)));
    std::panic::catch_unwind(run).is_ok()
}

#[test]
fn a_page_that_is_wrong_is_refused() {
    for sound in [
        "```console\n$ echo one; echo two\none\n…\n```",
        "```sh\ntrue\n```",
        "<!-- file: a/b.csv -->\n```csv\nx\n```\n```console\n$ cat a/b.csv\nx\n```",
        "```toml\n[press]\ndpi = 600\n```",
    ] {
        assert!(is_well(sound), "{sound}");
    }
    for wrong in [
        "```console\n$ echo one; echo two\none\n```",
        "```console\n$ echo one >&2\n```",
        "```sh\ntrue\nfalse\n```",
        "```toml\n[press]\nresolution = 600\n```",
        "```\nwhat a program printed\n```",
        "```csv\nx\n```",
    ] {
        assert!(!is_well(wrong), "{wrong}");
    }
}
