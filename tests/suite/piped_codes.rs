//! Codes by standard input: the process that makes the mailers reads them, and no other, and no disk has them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::job::{FRIDAY, MONDAY, program};
use crate::memory::{Needles, is_root, mailer_stage_of, search, search_files};

/// A job with invented records whose letters were printed, and whose codes no file has.
struct Piped {
    folder: tempfile::TempDir,
    /// The plain codes file.
    codes: String,
    sealed: Vec<u8>,
}

impl Piped {
    fn new(count: u32) -> Piped {
        let folder = tempfile::tempdir().expect("a folder");
        let job = folder.path().join("job");
        let mut sample = program();
        sample.args(["sample", "--count", &count.to_string(), "--bad-percent", "0", "-q", "--out"]);
        assert!(sample.arg(&job).status().expect("the program starts").success());
        let file = job.join("inbox/codes.csv.age");
        let plain = pli::vault::open(&file, &job.join("keys/codes.identity")).unwrap();
        let codes = planted(std::str::from_utf8(&plain).unwrap());
        let recipients =
            pli::vault::recipients(&["keys/codes.pub".to_owned()], |path| job.join(path)).unwrap();
        let sealed = pli::vault::seal_bytes(&recipients, codes.as_bytes()).unwrap();
        fs_err::remove_file(file).unwrap();
        edit(&job, "[input]\n", "[input]\ncodes_piped = true\n");
        let piped = Piped { folder, codes, sealed };
        let letters = piped.run(FRIDAY, codes_header().as_bytes(), &["--only", "letters"]);
        assert_eq!(letters.status.code(), Some(0), "{}", String::from_utf8_lossy(&letters.stderr));
        fs_err::remove_file(job.join("inbox/cards.csv")).unwrap();
        piped
    }

    fn job(&self) -> PathBuf {
        self.folder.path().join("job")
    }

    /// Begins a night, whose standard input is a pipe.
    fn begin(&self, night: &str, arguments: &[&str]) -> Child {
        let mut command = program();
        command.arg("run").arg(self.job()).args(["--date", night, "--json"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Runs a night with what is piped to it.
    fn run(&self, night: &str, piped: &[u8], arguments: &[&str]) -> Output {
        let mut run = self.begin(night, arguments);
        // A run that refuses reads nothing.
        let _ = run.stdin.take().expect("a pipe").write_all(piped);
        run.wait_with_output().expect("it ends")
    }
}

/// The header of a codes file.
fn codes_header() -> &'static str {
    "card_number,pin,puk,assistance_code\n"
}

/// Gives each card an assistance code that stands nowhere by chance.
fn planted(plain: &str) -> String {
    let mut text = codes_header().to_owned();
    for (number, line) in (1_u64..).zip(plain.lines().skip(1)) {
        let cells: Vec<&str> = line.split(',').collect();
        let random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        let letters: String = (0..8).map(|at| char::from(b'A' + (random >> (4 * at) & 15) as u8)).collect();
        text.push_str(&format!("{},{},{},ZQ{letters}\n", cells[0], cells[1], cells[2]));
    }
    text
}

fn edit(job: &Path, from: &str, to: &str) {
    let file = job.join("job.toml");
    let before = fs_err::read_to_string(&file).unwrap();
    assert!(before.contains(from), "{before}");
    fs_err::write(&file, before.replacen(from, to, 1)).unwrap();
}

/// The bytes of the released mailers.
fn mailers(job: &Path) -> Vec<Vec<u8>> {
    let folder = job.join(format!("out/{MONDAY}/mailers"));
    let mut files: Vec<PathBuf> =
        fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "pdf"));
    files.sort();
    files.iter().map(|path| fs_err::read(path).unwrap()).collect()
}

fn signal(pid: u32, signal: &str) {
    // It may have ended meanwhile.
    let _ = Command::new("kill").args([signal, &pid.to_string()]).stderr(Stdio::null()).status();
}

#[test]
fn mailers_are_the_same_whether_codes_come_plain_or_sealed_or_as_a_file() {
    let mut piped = Piped::new(60);
    edit(&piped.job(), "[output]\n", "[output]\nunsealed = true\n");
    let begun = std::mem::replace(&mut piped.folder, tempfile::tempdir().expect("a folder"));
    let mut printed = |way: &str| {
        piped.folder = tempfile::tempdir().expect("a folder");
        let mut copy = Command::new("cp");
        copy.arg("-a").args([begun.path().join("job"), piped.job()]);
        assert!(copy.status().expect("it starts").success());
        let output = match way {
            "plain" => piped.run(MONDAY, piped.codes.as_bytes(), &[]),
            "sealed" => piped.run(MONDAY, &piped.sealed, &[]),
            _ => {
                fs_err::write(piped.job().join("inbox/codes.csv.age"), &piped.sealed).unwrap();
                edit(&piped.job(), "codes_piped = true\n", "");
                piped.run(MONDAY, b"", &[])
            }
        };
        assert_eq!(output.status.code(), Some(0), "{way}: {}", String::from_utf8_lossy(&output.stderr));
        mailers(&piped.job())
    };
    let file = printed("file");
    assert!(!file.is_empty());
    for way in ["plain", "sealed"] {
        assert!(printed(way) == file, "{way}");
    }
}

#[test]
fn piped_codes_are_in_the_mailer_stage_alone_and_on_no_disk() {
    if !is_root() {
        return;
    }
    let piped = Piped::new(1000);
    let needles = Needles::of(
        &piped.codes.lines().skip(1).map(|row| row[row.len() - 10..].to_owned()).collect::<Vec<_>>(),
    );
    let mut run = piped.begin(MONDAY, &["-vv"]);
    let mut pipe = run.stdin.take().expect("a pipe");
    let codes = piped.codes.clone();
    let giver = std::thread::spawn(move || pipe.write_all(codes.as_bytes()));
    let (mut stage, mut with_codes) = (None, 0);
    while with_codes < 2 {
        std::thread::sleep(Duration::from_millis(2));
        stage = stage.or_else(|| mailer_stage_of(run.id()));
        let Some(stage) = stage else { continue };
        // The child first: it waits for nobody then.
        signal(stage, "-STOP");
        signal(run.id(), "-STOP");
        let (child, parent) = (search(stage, &needles), search(run.id(), &needles));
        signal(run.id(), "-CONT");
        signal(stage, "-CONT");
        let (Some(child), Some(parent)) = (child, parent) else { break };
        assert_eq!(parent, Vec::<&str>::new(), "a code is in the parent's memory");
        with_codes += usize::from(!child.is_empty());
    }
    assert!(with_codes > 0, "the search finds codes where they are");
    giver.join().unwrap().unwrap();
    let output = run.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for stream in [&output.stdout, &output.stderr] {
        assert_eq!(needles.find_inflated(stream), None, "a code was printed");
    }
    assert_eq!(search_files(piped.folder.path(), &needles, true), None);
}

#[test]
fn a_pipe_that_gives_no_codes_stops_the_night_and_the_same_command_with_codes_does_it() {
    let piped = Piped::new(20);
    for (given, code) in [
        (&b""[..], "codes_empty"),
        (b"card_number;pin\n", "codes_columns"),
        (&piped.sealed[..piped.sealed.len() - 1], "seal_damaged"),
    ] {
        let output = piped.run(MONDAY, given, &[]);
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
        let error: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(error["error"]["code"], code);
        assert!(!piped.job().join("out").join(MONDAY).exists());
    }
    let output = piped.run(MONDAY, piped.codes.as_bytes(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(piped.job().join(format!("out/{MONDAY}/mailers")).is_dir());
}

#[test]
fn piped_codes_have_no_signature_and_go_to_no_share() {
    let piped = Piped::new(20);
    let share = piped.run(MONDAY, piped.codes.as_bytes(), &["--shard", "1/2"]);
    assert_eq!(share.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&share.stdout).contains("codes_piped_shard"));
    edit(&piped.job(), "codes_piped = true\n", "codes_piped = true\nsigners = [\"keys/issuer.pub\"]\n");
    let signed = piped.run(MONDAY, piped.codes.as_bytes(), &[]);
    assert_eq!(signed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&signed.stdout).contains("codes_piped"));
}
