//! What others wrote reaches a terminal without a character that moves its cursor, colours it or turns its text.

use std::process::Command;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::missing::missing;
use crate::tools::text;

/// An escape sequence that hides text, one that names the window, a C1 control, an override of direction, a line end.
const HOSTILE: [&str; 5] = ["\u{1b}[8m", "\u{1b}]0;owned\u{7}", "\u{9b}2J", "\u{202e}", "\u{2028}"];

fn hostile(text: &str) -> String {
    format!("{text}{}", HOSTILE.concat())
}

/// Whether a terminal prints a character as it is: written by hand, so that it shares nothing with the program.
fn prints(character: char) -> bool {
    let code = u32::from(character);
    let control = code < 0x20 || (0x7f..0xa0).contains(&code);
    let turns = matches!(code, 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xad | 0x61c | 0xfeff);
    character == '\n' || !(control || turns)
}

fn assert_legible(ran: &Ran, what: &str) {
    for (stream, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        let found = text.chars().find(|character| !prints(*character));
        assert_eq!(found, None, "{what}: {stream}: {text:?}");
    }
}

/// A job whose record file, records, template and reports were named by somebody who means harm.
fn job() -> TestJob {
    let job = TestJob::new();
    let row = job.row(2);
    let named = |text: &str| row.replacen("MARTIN,Fran", &format!("{},Fran", hostile(text)), 1);
    let rows = [
        named("MARTIN"),
        row.replacen("2400140649", &hostile("24001"), 1),
        row.replacen(",first,", &format!(",{},", hostile("first")), 1),
        row.replacen("9 RUE", &hostile("9 RUE"), 1),
        job.row(3),
    ];
    job.records(&rows.map(|row| row.replace('\u{2028}', " ")));
    let name = format!("inbox/cards{}.csv", HOSTILE.concat());
    fs_err::rename(job.path("inbox/cards.csv"), job.path(&name)).unwrap();
    job.write(&hostile("inbox/stranger"), "nothing");
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    job
}

#[test]
fn no_command_prints_what_a_terminal_would_obey() {
    let job = job();
    let path = |name: &str| text(&job.path(name)).to_owned();
    let toml = path("job.toml");
    let evil = hostile("evil");
    let camera = path(&format!("{evil}.csv"));
    job.write(&format!("{evil}.csv"), &format!("read_at,value,position,{evil}\n{evil},{evil},{evil},x\n"));
    let folder = path(&format!("{evil} template"));
    fs_err::create_dir(&folder).unwrap();
    fs_err::write(
        format!("{folder}/template.toml"),
        format!("kind = \"{}\"\n", evil.replace('\u{1b}', "\\u001B").replace('\u{7}', "\\u0007")),
    )
    .unwrap();
    fs_err::write(format!("{folder}/main.typ"), format!("#let {evil}")).unwrap();
    let trust = path("trust");
    fs_err::create_dir(&trust).unwrap();
    fs_err::write(format!("{trust}/{evil}.pem"), &evil).unwrap();
    fs_err::write(format!("{trust}/{evil}.png"), &evil).unwrap();
    let picture = format!("{trust}/{evil}.png");
    let commands: Vec<Vec<&str>> = vec![
        vec!["check", &toml, "--date", FRIDAY],
        vec!["run", &toml, "--date", FRIDAY, "--prove", "none", "-vv"],
        vec!["run", &camera],
        vec!["status", &toml],
        vec!["status", &toml, "--lot", "L26324A"],
        vec!["status", &toml, "--lot", "L26324A", "--csv"],
        vec!["status", &toml, "--piece", &evil],
        vec!["status", &toml, "--card", "2400158480"],
        vec!["reconcile", &toml, &camera],
        vec!["reconcile", &toml, &camera, "--lot", "L26324A"],
        vec!["reprint", &toml, "26324A000001", "--reason", &evil, "--card-in-hand", "--date", FRIDAY],
        vec!["recall", &toml, "26324A000001", "--reason", &evil],
        vec!["status", &toml, "--piece", "26324A000001"],
        vec!["dispatch", &toml, "L26324A", "--by", &evil],
        vec!["scan", &toml, &picture],
        vec!["returns", "held", &toml],
        vec!["approve", &toml, "list"],
        vec!["approve", &toml, "show", &evil],
        vec!["audit", &toml],
        vec!["ledger", &toml, "check"],
        vec!["ledger", &toml, "export"],
        vec!["ledger", &toml, "person", "2400158480", "export"],
        vec!["ledger", &toml, "import", &camera],
        vec!["ledger", &toml, "purge", "--dry-run"],
        vec!["verify", &evil],
        vec!["verify", "--trust", &trust, &evil],
        vec!["verify", "--image", &picture],
        vec!["prove", &trust, "--trust", &trust],
        vec!["template", "check", &folder],
        vec!["render", &folder, "--output", "x.pdf"],
        vec!["keys", "list", &camera],
        vec!["unseal", &camera, "--to", &trust],
        vec![evil.as_str()],
        vec!["status", &camera],
    ];
    for command in commands {
        for json in [&[][..], &["--json"]] {
            let all = [&command[..], json].concat();
            let ran: Ran = program().args(&all).current_dir(job.path("")).output().unwrap().into();
            assert_legible(&ran, &format!("{all:?}"));
            if !json.is_empty() && !ran.stdout.is_empty() && !command.contains(&"--csv") {
                let document = serde_json::from_str::<serde_json::Value>(&ran.stdout);
                assert!(document.is_ok(), "{all:?}: {document:?}: {}", ran.stdout);
            }
        }
    }
    // What was said of the records is there all the same.
    let rejects = job.read(&format!("out/{FRIDAY}/rejects.csv"));
    assert!(rejects.contains("\\u{1b}[8m") && rejects.contains("\\u{202e}"), "{rejects}");
    assert!(rejects.chars().all(prints), "{rejects:?}");
}

#[test]
fn json_is_json_also_where_it_quotes_what_turns_text() {
    let ran = crate::job::pli(&["verify", "--json", "DC04FR\u{202e}"]);
    assert!(ran.json()["signature"]["reason"].as_str().unwrap().contains('\u{202e}'), "{}", ran.stdout);
    assert!(ran.stdout.contains("\\u202e") && ran.stdout.chars().all(prints), "{}", ran.stdout);
}

/// On a terminal the program's own colours are printed, and nobody else's.
#[test]
fn only_the_programs_own_colours_reach_a_terminal() {
    let job = TestJob::new();
    let program = program();
    let command = format!(
        "{} status {}; {} verify \"$HOSTILE\"",
        program.get_program().to_str().unwrap(),
        "\"$HOSTILE\"",
        program.get_program().to_str().unwrap()
    );
    let log = job.path("typescript");
    let ran = Command::new("script")
        .args(["-qec", &command, text(&log)])
        .env("HOSTILE", "\u{1b}[8mhidden\u{1b}[31;1mred")
        .env_remove("NO_COLOR")
        .output();
    let Ok(ran) = ran else { return missing("`script`") };
    let shown = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(shown.contains("\u{1b}[31;1merror\u{1b}[0m"), "{shown:?}");
    assert!(shown.contains("\\u{1b}[8mhidden\\u{1b}[31;1mred") && !shown.contains("\u{1b}[8m"), "{shown:?}");
}

/// What a terminal gets of a command, without its colours.
fn on_a_terminal(job: &TestJob, command: &[&str]) -> Option<String> {
    let quoted: Vec<String> = command.iter().map(|word| format!("'{word}'")).collect();
    let program = program();
    let whole = format!("{} {}", text(std::path::Path::new(program.get_program())), quoted.join(" "));
    let mut script = Command::new("script");
    script.args(["-qec", &whole, "/dev/null"]).current_dir(job.path("")).env("NO_COLOR", "1");
    let Ok(ran) = script.env("TERM", "xterm").output() else {
        missing("`script`");
        return None;
    };
    Some(String::from_utf8_lossy(&ran.stdout).into_owned())
}

/// The lines that stay on a terminal: what a carriage return or an erased line overwrites is gone.
fn lines_that_stay(shown: &str) -> Vec<String> {
    let erased = shown.replace("\u{1b}[2K", "\r");
    let last = |line: &str| line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default().to_owned();
    erased.split('\n').map(last).collect()
}

#[test]
fn stations_that_are_done_stay_on_a_terminal_with_their_counts_and_times() {
    let job = TestJob::new();
    let command = ["run", "job.toml", "--date", "2026-11-21", "--release-reissues", "reissues.csv"];
    let Some(shown) = on_a_terminal(&job, &command) else { return };
    let lines = lines_that_stay(&shown);
    let rows = job.read("inbox/cards.csv").lines().count() - 1;
    for (station, counted) in [
        ("reading records", format!("{rows} rows")),
        ("printing letters", " pieces".to_owned()),
        ("reading back", " pieces".to_owned()),
    ] {
        let line = lines.iter().find(|line| line.contains(station));
        let line = line.unwrap_or_else(|| panic!("{station}: {shown:?}"));
        assert!(line.contains(&counted) && line.trim_end().ends_with(" s"), "{line:?}");
    }
    // A Saturday is no working day, which is a warning: on a terminal without a time.
    let warning = lines.iter().find(|line| line.contains("no working day") && line.contains("WARN"));
    let warning = warning.unwrap_or_else(|| panic!("{shown:?}"));
    assert!(warning.trim_start().starts_with("WARN"), "{warning:?}");
    let logged = job.twin().run("2026-11-21", &["--dry-run"]).stderr;
    assert!(logged.lines().any(|line| line.starts_with("20") && line.contains('T')), "{logged}");
}

#[test]
fn a_pause_says_why() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    // Somebody else writes the ledger for a while.
    let hold = "import sqlite3, sys, time
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
ledger.execute('BEGIN IMMEDIATE')
print('held', flush=True)
time.sleep(2.5)
ledger.execute('ROLLBACK')";
    let mut holder = Command::new("python3")
        .args(["-c", hold, text(&job.path("ledger.db"))])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 4];
    let mut pipe = holder.stdout.take().unwrap();
    std::io::Read::read_exact(&mut pipe, &mut said).unwrap();
    let shown = on_a_terminal(&job, &["run", "job.toml", "--date", MONDAY]);
    holder.wait().unwrap();
    let Some(shown) = shown else { return };
    let lines = lines_that_stay(&shown);
    assert!(
        lines.iter().any(|line| line.contains("WARN [ledger_busy]: another command is changing the ledger")),
        "{shown:?}"
    );
    // The station in which it waited stays with its time.
    let seconds = |line: &String| line.trim_end().strip_suffix(" s")?.rsplit(' ').next()?.parse::<f64>().ok();
    assert!(lines.iter().filter_map(seconds).any(|took| took >= 1.0), "{shown:?}");
}
