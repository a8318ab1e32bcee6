//! The process that makes the mailers: codes are in its memory and in no other's, it ends with its parent, and a night whose
//! mailers it could not end is resumed.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::job::{FRIDAY, MONDAY, TestJob, program};
use crate::killing::{Cut, Killer};
use crate::memory::{command_line, is_root, lives, mailer_stage_of, search, search_files};
use crate::planted::{Planted, kill, run};
use crate::same::assert_same;
use crate::tools::text;

/// Arguments of `setpriv` that take all capabilities away from root: it is a user as any other then.
const NO_CAPABILITY: [&str; 2] = ["--bounding-set=-all", "--inh-caps=-all"];

/// A night with the process that makes its mailers.
struct Night {
    parent: Child,
    stage: u32,
}

impl Night {
    /// Stops both, looks, and lets them go on.
    fn look<T>(&self, look: impl FnOnce(&Night) -> T) -> T {
        // The child first: it waits for nobody then.
        for (pid, signal) in [(self.stage, "-STOP"), (self.parent.id(), "-STOP")] {
            kill(pid, signal);
        }
        let seen = look(self);
        for pid in [self.parent.id(), self.stage] {
            kill(pid, "-CONT");
        }
        seen
    }
}

/// The mailers' night, begun.
fn begin(planted: &Planted) -> Night {
    begin_as(planted, run(&planted.job(), MONDAY))
}

fn begin_as(planted: &Planted, mut command: Command) -> Night {
    let temporary = planted.folder.path().join("temporary");
    fs_err::create_dir_all(&temporary).unwrap();
    command.arg("-vv").env("TMPDIR", temporary).env("PLI_PASSES_NOTHING", "on").stdout(Stdio::piped());
    let parent = command.stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stage = None;
    for _ in 0..20_000 {
        stage = mailer_stage_of(parent.id());
        if stage.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Night { parent, stage: stage.expect("a process that makes the mailers") }
}

/// Searches parent and child, until codes were in the child's memory at so many moments of a night, and then everything that the
/// night leaves.
fn codes_are_in_the_childs_memory_alone(count: u32, moments: usize) {
    if !is_root() {
        return;
    }
    let planted = Planted::new(count);
    let needles = &planted.needles;
    let night = begin(&planted);
    let (mut looked, mut with_codes) = (0, 0);
    while with_codes < moments && lives(night.stage) {
        let seen = night.look(|night| {
            let child = search(night.stage, needles)?;
            let parent = search(night.parent.id(), needles)?;
            assert_eq!(parent, Vec::<&str>::new(), "a code is in the parent's memory");
            for pid in [night.parent.id(), night.stage] {
                for of in ["cmdline", "environ"] {
                    let bytes = fs_err::read(format!("/proc/{pid}/{of}")).unwrap_or_default();
                    assert_eq!(needles.find(&bytes), None, "a code is in the {of} of a process");
                }
            }
            // The ledger's log of changes, spools and staged files among them.
            assert_eq!(search_files(planted.folder.path(), needles, false), None);
            Some(child)
        });
        let Some(child) = seen else { break };
        looked += 1;
        with_codes += usize::from(!child.is_empty());
        std::thread::sleep(Duration::from_millis(2));
    }
    // So the search is known to find codes where they are.
    assert!(with_codes >= moments, "codes were in the child's memory at {with_codes} of {looked} moments");
    let stage = night.stage;
    let output = {
        let ended = night.parent.wait_with_output().expect("it ends");
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
        ended
    };
    assert!(!lives(stage), "the child is gone");
    for stream in [&output.stdout, &output.stderr] {
        assert_eq!(needles.find_inflated(stream), None, "a code was printed");
    }
    assert_eq!(search_files(planted.folder.path(), needles, true), None);
}

#[test]
fn codes_are_in_the_memory_of_the_mailer_stage_alone() {
    codes_are_in_the_childs_memory_alone(2500, 4);
}

#[test]
#[ignore = "takes minutes; the test above looks at four moments"]
fn codes_are_in_the_memory_of_the_mailer_stage_alone_at_twenty_moments() {
    codes_are_in_the_childs_memory_alone(8000, 20);
}

#[test]
fn the_mailer_stage_keeps_its_memory_to_itself_and_gets_no_variable_that_it_does_not_need() {
    if !is_root() {
        return;
    }
    let planted = Planted::new(400);
    let mut command = Command::new("setpriv");
    let own = run(&planted.job(), MONDAY);
    command.args(NO_CAPABILITY).arg(own.get_program()).args(own.get_args()).env("NO_COLOR", "1");
    let mut night = begin_as(&planted, command);
    let limits = || fs_err::read_to_string(format!("/proc/{}/limits", night.stage)).unwrap();
    let core = || {
        let limits = limits();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default();
        core.split_whitespace().skip(4).take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let limited = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(1));
        core() == ["0", "0"]
    });
    assert!(limited, "{}", limits());
    // What comes after the limit, and before the first order is read.
    std::thread::sleep(Duration::from_millis(20));
    night.look(|night| {
        let environ = fs_err::read(format!("/proc/{}/environ", night.stage)).unwrap();
        let names: Vec<String> = environ
            .split(|byte| *byte == 0)
            .filter_map(|pair| Some(String::from_utf8_lossy(pair).split_once('=')?.0.to_owned()))
            .collect();
        let known = ["RAYON_NUM_THREADS", "TMPDIR", "LD_LIBRARY_PATH", "NO_COLOR"];
        assert!(names.iter().all(|name| known.contains(&name.as_str())), "{names:?}");
        assert!(!names.is_empty() && command_line(night.stage).is_some());
        // Who has the capability to trace can look; no other process of the same user, since it is not dumpable.
        let looks = |pid: u32| {
            let read = format!("head -c1 /proc/{pid}/environ > /dev/null");
            let mut command = Command::new("setpriv");
            let command = command.args(NO_CAPABILITY).args(["sh", "-c", &read]);
            command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
        };
        assert!(looks(night.parent.id()), "the parent's can be read, so that the next line means something");
        assert!(!looks(night.stage), "the memory of the child is open to others of its user");
    });
    // A killed parent takes its child along at once.
    night.parent.kill().unwrap();
    night.parent.wait().unwrap();
    let gone = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        !lives(night.stage)
    });
    assert!(gone, "the child outlives its parent");
}

#[test]
fn a_core_of_the_parent_has_no_code() {
    if !is_root() {
        return;
    }
    let planted = Planted::new(400);
    let night = begin(&planted);
    std::thread::sleep(Duration::from_millis(50));
    let core = planted.folder.path().join("core");
    let dumped = |pid: u32| {
        let made = crate::tools::output("gcore", &["-o", text(&core), &pid.to_string()])?;
        let path = planted.folder.path().join(format!("core.{pid}"));
        let bytes = made.status.success().then(|| fs_err::read(&path).unwrap())?;
        fs_err::remove_file(path).unwrap();
        Some(bytes)
    };
    kill(night.parent.id(), "-STOP");
    let bytes = dumped(night.parent.id());
    // Aborted, it leaves a core where the system lets it, and its child goes.
    kill(night.parent.id(), "-ABRT");
    kill(night.parent.id(), "-CONT");
    let ended = night.parent.wait_with_output().expect("it ends");
    assert_ne!(ended.status.code(), Some(0), "it was over before");
    let Some(bytes) = bytes else { return };
    assert!(bytes.len() > 1 << 20, "a core");
    assert_eq!(planted.needles.find(&bytes), None, "a code is in the parent's core");
    assert!(!(0..200).all(|_| {
        std::thread::sleep(Duration::from_millis(5));
        lives(night.stage)
    }));
    assert_eq!(search_files(planted.folder.path(), &planted.needles, false), None);
    // The same command resumes.
    let again = run(&planted.job(), MONDAY).output().expect("it ends");
    assert_eq!(again.status.code(), Some(0), "{}", String::from_utf8_lossy(&again.stderr));
}

#[test]
fn a_night_whose_mailer_stage_is_cut_ends_with_4_and_is_resumed() {
    let Some(killer) = Killer::new() else { return };
    let made = TestJob::new();
    let whole = made.twin();
    whole.run(FRIDAY, &[]);
    for (cut, words) in [(Cut::Kill, "ended before it was done (signal: 9"), (Cut::Full, "space left")] {
        let mut cuts = 0;
        for change in (1..).step_by(7) {
            let job = made.twin();
            let mut command = program();
            command.arg("run").arg(job.path("job.toml")).args(["--date", FRIDAY, "-q"]).args(job.releases());
            killer.cuts_stage(&mut command, change, cut);
            let ended = command.output().expect("it ends");
            if ended.status.code() == Some(1) {
                break;
            }
            let errors = String::from_utf8_lossy(&ended.stderr);
            assert_eq!(ended.status.code(), Some(4), "{cut:?} at change {change}: {errors}");
            assert!(errors.contains(words), "{cut:?} at change {change}: {errors}");
            assert!(!job.path("out/2026-11-20").exists(), "nothing was released");
            assert_eq!(job.run(FRIDAY, &[]).code, 1);
            assert_same(&whole, &job, FRIDAY);
            cuts += 1;
        }
        assert!(cuts > 1, "{cut:?}: the process changes files");
    }
}
