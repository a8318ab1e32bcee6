//! A night of mailers that is killed, process group and all, at moments spread over its whole time: after each kill everything
//! that is left is searched for planted codes, and once more when the same command has resumed. And every command at every
//! verbosity.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::job::{MONDAY, TORN, program};
use crate::memory::{files_below, lives, mailer_stage_of};
use crate::planted::{Planted, kill, run};
use crate::tools::text;

/// Each verbosity that there is.
const VERBOSITIES: [&[&str]; 4] = [&["-q"], &[], &["-v"], &["-vv"]];

/// A night that was begun in a process group of its own. It may leave a core, in a folder of the search.
struct Begun {
    night: Child,
    at: Instant,
}

impl Begun {
    fn new(planted: &Planted, verbosity: &[&str]) -> Begun {
        let folder = planted.folder.path();
        for name in ["temporary", "cores"] {
            fs_err::create_dir_all(folder.join(name)).unwrap();
        }
        let own = run(&planted.job(), MONDAY);
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""])
            .arg(own.get_program())
            .args(own.get_args());
        command.args(verbosity).env("NO_COLOR", "1").env("TMPDIR", folder.join("temporary"));
        let stream = |name: &str| {
            let mut options = File::options();
            options.create(true).append(true).open(folder.join(name)).unwrap()
        };
        command.current_dir(folder.join("cores")).stdout(stream("stdout")).stderr(stream("stderr"));
        let at = Instant::now();
        Begun { night: command.process_group(0).spawn().expect("the program starts"), at }
    }

    /// Waits until a moment of the night; false where it ended before.
    fn wait_until(&mut self, moment: Duration) -> bool {
        while self.at.elapsed() < moment {
            if self.night.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1).min(moment.saturating_sub(self.at.elapsed())));
        }
        self.night.try_wait().unwrap().is_none()
    }

    /// The signal that ended it. Its process that makes mailers has ended, too.
    fn ended_by(mut self, stage: Option<u32>) -> Option<i32> {
        let status = self.night.wait().expect("it ends");
        let gone = (0..400).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            stage.is_none_or(|stage| !lives(stage))
        });
        assert!(gone, "the process that makes mailers outlives the night");
        status.signal()
    }
}

/// How a night is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// SIGKILL to its whole group.
    Killed,
    /// SIGABRT to the run, so that the system writes a core.
    Aborted,
}

/// What was left of a night that was killed.
struct Left {
    planted: Planted,
    /// Whether its process that made mailers was there.
    had_stage: bool,
}

/// Kills a night at a moment. Where it had ended before, the time that it took at most is the error.
fn killed_at(planted: Planted, moment: Duration, end: End, verbosity: &[&str]) -> Result<Left, Duration> {
    let mut begun = Begun::new(&planted, verbosity);
    let pid = begun.night.id();
    if !begun.wait_until(moment) {
        return Err(begun.at.elapsed());
    }
    let stage = mailer_stage_of(pid);
    for pid in [Some(pid), stage].into_iter().flatten() {
        for of in ["cmdline", "environ"] {
            let bytes = fs_err::read(format!("/proc/{pid}/{of}")).unwrap_or_default();
            assert_eq!(planted.needles.find(&bytes), None, "a code is in the {of} of a process");
        }
    }
    let by = match end {
        End::Killed => {
            Command::new("kill").args(["-KILL", "--", &format!("-{pid}")]).status().expect("a signal");
            begun.ended_by(stage)
        }
        End::Aborted => {
            kill(pid, "-STOP");
            let made = crate::tools::output(
                "gcore",
                &["-o", text(&planted.folder.path().join("gcore")), &pid.to_string()],
            );
            kill(pid, "-ABRT");
            kill(pid, "-CONT");
            let by = begun.ended_by(stage);
            tell_of_core(&planted, made.is_some_and(|made| made.status.success()));
            by
        }
    };
    match by {
        None => Err(moment),
        Some(signal) => {
            assert_eq!(signal, if end == End::Killed { 9 } else { 6 });
            Ok(Left { planted, had_stage: stage.is_some() })
        }
    }
}

/// Says which core is searched with the rest: the one that SIGABRT left, where the system lets it, and that of `gcore`.
fn tell_of_core(planted: &Planted, by_gcore: bool) {
    let aborted = files_below(&planted.folder.path().join("cores"));
    let large = |path: &PathBuf| fs_err::metadata(path).is_ok_and(|found| found.len() > 1 << 20);
    let word = match (aborted.iter().any(large), by_gcore) {
        (true, true) => "the core of SIGABRT, and that of gcore",
        (true, false) => "the core of SIGABRT",
        (false, true) => "the core of gcore: SIGABRT left none",
        (false, false) => {
            return crate::missing::missing("a core: SIGABRT leaves none, and `gcore` makes none,");
        }
    };
    let _ = writeln!(std::io::stderr(), "searched: {word}");
}

/// Kills a night at so many moments, one job each, and resumes it. The moment in the middle aborts it.
fn killed_nights_leave_no_code(count: u32, moments: u32) {
    let planted = Planted::new(count);
    let whole = planted.twin();
    let mut time = {
        let begun = Begun::new(&whole, &[]);
        let at = begun.at;
        assert_eq!(begun.ended_by(None), None);
        at.elapsed()
    };
    assert_eq!(whole.search_all(), None);
    whole.assert_search_finds();
    let mut with_stage = 0;
    for moment in 1..=moments {
        let end = if moment == moments.div_ceil(2) { End::Aborted } else { End::Killed };
        let verbosity = VERBOSITIES[moment as usize % VERBOSITIES.len()];
        // A night may be quicker than the one that was measured.
        let killed = (0..5).find_map(|_| {
            let at = time * moment / (moments + 1);
            let left = killed_at(planted.twin(), at, end, verbosity);
            left.map_err(|ended| time = time.min(ended)).ok()
        });
        let Left { planted: left, had_stage } = killed.expect("a night that goes on at this moment");
        with_stage += u32::from(had_stage);
        let place = format!("killed at moment {moment} of {moments}, {end:?}");
        assert_eq!(left.search_all(), None, "{place}");
        let cores = files_below(left.folder.path()).into_iter().filter(|path| is_core(path));
        cores.for_each(|core| fs_err::remove_file(core).unwrap());
        let code = Begun::new(&left, verbosity).night.wait().expect("it ends").code();
        let said = fs_err::read_to_string(left.folder.path().join("stderr")).unwrap();
        assert_eq!(code, Some(0), "{place}: {said}");
        assert_eq!(left.search_all(), None, "{place}, and resumed");
        assert_eq!(released(&left), released(&whole), "{place}: the same files are released");
    }
    // So the kills met it at work.
    assert!(
        with_stage * 4 >= moments,
        "the process that makes mailers was there at {with_stage} of {moments}"
    );
}

fn is_core(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.ends_with("cores")) || text(path).contains("/gcore.")
}

/// The names of what the night has released.
fn released(planted: &Planted) -> Vec<PathBuf> {
    let folder = planted.job().join("out").join(MONDAY);
    let mut names: Vec<PathBuf> =
        files_below(&folder).iter().map(|path| path.strip_prefix(&folder).unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_night_that_is_killed_at_five_moments_leaves_no_code() {
    killed_nights_leave_no_code(400, 5);
}

#[test]
#[ignore = "takes minutes; the test above kills at five moments"]
fn a_night_that_is_killed_at_fifty_moments_leaves_no_code() {
    killed_nights_leave_no_code(400, 50);
}

#[test]
fn no_command_tells_a_code_at_any_verbosity() {
    let planted = Planted::new(60);
    let (job, folder) = (planted.job().join("job.toml"), planted.folder.path());
    fs_err::create_dir_all(folder.join("temporary")).unwrap();
    assert_eq!(run(&planted.job(), MONDAY).output().expect("it ends").status.code(), Some(0));
    let manifest =
        released(&planted).into_iter().find(|path| text(path).ends_with("mailers/26327A.manifest.csv"));
    let manifest = planted.job().join("out").join(MONDAY).join(manifest.expect("a lot of mailers"));
    let piece = fs_err::read_to_string(manifest)
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .to_owned();
    let camera = folder.join("camera.csv");
    fs_err::write(&camera, "read_at,value,position\n2026-11-24T08:00:01,XX 000 000 0001 7,1\n").unwrap();
    let paths = [
        folder.join("backup.db"),
        planted.job().join("out").join(MONDAY),
        planted.job().join("keys"),
        camera,
    ];
    let [backup, night, keys, camera] = paths.each_ref().map(|path| text(path));
    let [press, inbox] = ["keys/press.identity", "inbox"].map(|path| planted.job().join(path));
    let job = text(&job);
    let commands: Vec<Vec<&str>> = vec![
        vec!["check", job, "--date", "2026-11-24"],
        vec!["run", job, "--date", "2026-11-24", "--dry-run"],
        vec!["run", job, "--date", MONDAY],
        vec!["status", job],
        vec!["status", job, "--lot", "M26327A"],
        vec!["status", job, "--piece", &piece],
        vec!["prove", night, "--trust", keys, "--identity", text(&press)],
        vec!["keys", "list", keys],
        vec!["ledger", job, "check"],
        vec!["ledger", job, "export"],
        vec!["ledger", job, "backup", backup],
        vec!["audit", job],
        vec!["audit", job, "incident", "M26327A"],
        vec!["reconcile", job, camera, "--lot", "M26327A"],
        vec!["recall", job, &piece, "--reason", "spoiled"],
        [&["reprint", job, &piece], &TORN[..]].concat(),
        vec!["unseal", "M26327A", "--to", text(folder), "--job", job],
        vec!["scan", job, text(&inbox)],
        vec!["verify", "DC04FR000001FFFF265FP101FR"],
        vec!["ledger", job, "purge"],
    ];
    let mut streams = File::create(folder.join("streams")).unwrap();
    for verbosity in VERBOSITIES {
        for command in &commands {
            for json in [&[][..], &["--json"]] {
                let mut begun = program();
                begun.args(command).args(verbosity).args(json).env("TMPDIR", folder.join("temporary"));
                let ran = begun.output().expect("the program starts");
                let said = String::from_utf8_lossy(&ran.stderr);
                assert!(ran.status.code().is_some_and(|code| code < 4), "{command:?}: {said}");
                assert!(!said.contains("Usage:"), "{command:?}: {said}");
                for stream in [&ran.stdout, &ran.stderr] {
                    streams.write_all(stream).unwrap();
                }
                let _ = fs_err::remove_file(backup);
            }
        }
    }
    assert_eq!(planted.search_all(), None);
    planted.assert_search_finds();
}
