//! Nights whose ledger lies on a PostgreSQL server: the same outputs as with SQLite, whatever happens to the server.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::postgres_server::{self, Server};
use crate::same::assert_same_outputs;

/// Names a database as the job's ledger.
fn kept_in(job: &TestJob, url: &str) {
    let text = job.read("job.toml");
    let text = text.split("\n[ledger]").next().unwrap_or_default();
    job.write("job.toml", &format!("{text}\n[ledger]\nurl = \"{url}\"\n"));
}

fn run_with(job: &TestJob, environment: &[(&str, &str)]) -> Ran {
    let mut command = program();
    command.env_remove("PGPASSWORD").env("HOME", job.path("."));
    command.envs(environment.iter().copied());
    let path = job.path("job.toml");
    command.arg("run").arg(path).args(["--date", FRIDAY, "--json"]).args(job.releases());
    command.output().expect("the program starts").into()
}

#[test]
fn both_nights_are_those_of_a_ledger_in_a_file() {
    let Some(server) = postgres_server::shared() else { return };
    let whole = TestJob::new();
    let job = whole.twin();
    kept_in(&job, &server.database());
    let expected = whole.both_nights();
    let (friday, monday) = job.both_nights();
    let codes = (friday.code, monday.code);
    assert_eq!(codes, (expected.0.code, expected.1.code), "{}{}", friday.stderr, monday.stderr);
    for night in [FRIDAY, MONDAY] {
        assert_same_outputs(&whole, &job, night);
    }
    assert!(!job.path("ledger.db").exists());
    let shown = |job: &TestJob| {
        let mut shown = job.pli("status", &["--card", "2400140649"]).json();
        forget_times(&mut shown);
        shown
    };
    assert_eq!(shown(&job), shown(&whole));
}

/// Takes the times of events out of an answer.
fn forget_times(answer: &mut serde_json::Value) {
    match answer {
        serde_json::Value::Object(fields) => {
            fields.retain(|name, _| name != "at" && name != "since");
            fields.values_mut().for_each(forget_times);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

#[test]
fn a_ledger_moves_to_a_server_by_the_commands_of_its_page() {
    let Some(server) = postgres_server::shared() else { return };
    let job = TestJob::new();
    kept_in(&job, "sqlite:ledger.db");
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let shown = || job.pli("status", &["--card", "2400140649"]).json();
    let before = shown();
    let page = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ledger.md")).unwrap();
    let begin = "pli ledger job.toml export";
    let (_, rest) = page.split_once(&format!("```sh\n{begin}")).expect("its commands");
    let commands = format!("set -e\n{begin}{}", rest.split("```").next().unwrap_or_default());
    let url = "postgres://pli@db/bureau";
    assert!(commands.contains(url), "{commands}");
    // `&` is special in a replacement of `sed`.
    let commands = commands.replace(url, &server.database().replace('&', "\\&"));
    let programs = Path::new(env!("CARGO_BIN_EXE_pli")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    let ran = shell.args(["-c", &commands]).current_dir(job.path(".")).env("PATH", path).output().unwrap();
    assert!(ran.status.success(), "{commands}{}", String::from_utf8_lossy(&ran.stderr));
    assert!(job.read("job.toml").contains("postgres://"), "the job names the server");
    fs_err::remove_file(job.path("ledger.db")).unwrap();
    job.assert_sound();
    assert_eq!(shown(), before);
}

#[test]
fn a_night_in_shares_is_the_night_run_whole() {
    let Some(server) = postgres_server::shared() else { return };
    let whole = TestJob::new();
    let job = whole.twin();
    kept_in(&job, &server.database());
    whole.run(FRIDAY, &[]);
    for share in ["2/2", "1/2"] {
        let ran = job.run(FRIDAY, &["--shard", share]);
        assert_eq!(ran.code, 0, "{share}: {}", ran.stderr);
    }
    let merged = job.pli("merge", &["--date", FRIDAY]);
    assert_eq!(merged.code, 1, "{}", merged.stderr);
    assert_same_outputs(&whole, &job, FRIDAY);
}

#[test]
fn a_ledger_that_does_not_know_what_was_released_is_refused() {
    let Some(server) = postgres_server::shared() else { return };
    let job = TestJob::new();
    kept_in(&job, &server.database());
    job.both_nights();
    let older = job.twin();
    kept_in(&older, &server.database());
    let empty = older.run("2026-11-24", &[]);
    assert_eq!((empty.code, &empty.json()["error"]["code"]), (3, &"ledger_empty".into()), "{}", empty.stderr);
    // A copy of the job whose own ledger goes another way.
    fs_err::remove_dir_all(older.path("out")).unwrap();
    fs_err::remove_dir_all(older.path("keys/ledger")).unwrap();
    older.write("inbox/cards.csv", &TestJob::new().read("inbox/cards.csv"));
    older.records(&[older.row(2)]);
    assert_eq!(older.run(FRIDAY, &[]).code, 0);
    let url = job.read("job.toml").split("url = ").nth(1).unwrap().to_owned();
    let text = older.read("job.toml");
    let mine = text.split("url = ").nth(1).unwrap();
    older.write("job.toml", &text.replace(mine, &url));
    let other = older.run(MONDAY, &[]);
    assert_eq!((other.code, &other.json()["error"]["code"]), (3, &"ledger_other".into()), "{}", other.stderr);
}

/// Lets `harm` come over the server after a while, for as long as that cuts runs short; each time the same command resumes.
fn harmed(server: &mut Server, harm: impl Fn(&mut Server), mend: impl Fn(&mut Server)) {
    let whole = TestJob::new();
    let made = whole.twin();
    assert_eq!(whole.run(FRIDAY, &[]).code, 1);
    let mut cut = 0;
    for pause in (0..).map(|round| Duration::from_millis(100 + 250 * round)).take(40) {
        let job = made.twin();
        kept_in(&job, &server.database());
        let path = job.path("job.toml");
        let mut command = program();
        command.arg("run").arg(path).args(["--date", FRIDAY, "--json"]).args(job.releases());
        let run = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let run = run.spawn().expect("the program starts");
        std::thread::sleep(pause);
        harm(server);
        let ran = Ran::from(run.wait_with_output().expect("an end"));
        mend(server);
        assert!([1, 4].contains(&ran.code), "after {pause:?}: {} {}", ran.stdout, ran.stderr);
        if ran.code == 4 {
            assert_eq!(ran.json()["error"]["code"], "ledger_io", "after {pause:?}: {}", ran.stdout);
        }
        let resumed = job.run(FRIDAY, &[]);
        assert!([0, 1].contains(&resumed.code), "after {pause:?}: {}", resumed.stderr);
        assert_same_outputs(&whole, &job, FRIDAY);
        if ran.code == 1 {
            break;
        }
        cut += 1;
    }
    assert!(cut > 1, "{cut} runs were cut short");
}

#[test]
fn a_server_that_is_killed_in_a_night_is_exit_4_and_the_same_command_resumes() {
    let Some(mut server) = Server::start("") else { return };
    harmed(&mut server, |server| server.kill(), Server::start_again);
}

#[test]
fn a_connection_that_is_cut_in_a_night_is_exit_4_and_the_same_command_resumes() {
    let Some(mut server) = Server::start("") else { return };
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pli'";
    harmed(&mut server, |server| drop(server.sql("postgres", cut)), |_| ());
}

#[test]
fn a_server_that_is_not_there_is_exit_4_for_each_command() {
    let job = TestJob::new();
    kept_in(&job, "postgres://pli@127.0.0.1:1/ledger");
    for ran in [job.run(FRIDAY, &[]), job.pli("check", &["--date", FRIDAY]), job.pli("status", &[])] {
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (4, &"ledger_io".into()), "{}", ran.stdout);
    }
}

#[test]
fn a_password_comes_from_the_environment_or_pgpass_and_is_never_shown() {
    let Some(server) = Server::start("") else { return };
    server.sql(
        "postgres",
        "SET password_encryption = 'scram-sha-256'; CREATE ROLE keeper LOGIN PASSWORD 'vb:nm'",
    );
    server.sql("postgres", "CREATE DATABASE kept OWNER keeper");
    let rules = "local all pli trust\nlocal all all scram-sha-256\n";
    fs_err::write(server.folder().join("data/pg_hba.conf"), rules).unwrap();
    server.sql("postgres", "SELECT pg_reload_conf(), pg_sleep(0.3)");
    let job = TestJob::new();
    kept_in(&job, &server.url("keeper", "kept"));
    for environment in [&[("PGPASSWORD", "zpqm")][..], &[]] {
        let ran = run_with(&job, environment);
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"ledger_access".into()), "{}", ran.stdout);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("zpqm"));
    }
    let file = job.path(".pgpass");
    fs_err::write(&file, "*:*:kept:keeper:vb\\:nm\n").unwrap();
    fs_err::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let ran = run_with(&job, &[]);
    assert!(ran.code == 2 && ran.stderr.contains("chmod 0600"), "{}", ran.stderr);
    fs_err::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let ran = run_with(&job, &[]);
    assert_eq!(ran.code, 1, "the advice works: {}", ran.stderr);
    let found = job
        .files()
        .iter()
        .any(|path| *path != file && fs_err::read(path).unwrap().windows(5).any(|w| w == b"vb:nm"));
    assert!(!found, "no artefact holds the password");
}

#[test]
fn a_password_in_the_job_is_refused_with_its_line() {
    let job = TestJob::new();
    kept_in(&job, "postgres://pli:zpqm@db/ledger");
    let ran = job.run(FRIDAY, &[]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"job_holds_secret".into()), "{}", ran.stdout);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("zpqm"), "{}", ran.stdout);
}

#[test]
fn a_role_that_may_only_read_sees_the_status() {
    let Some(server) = postgres_server::shared() else { return };
    let job = TestJob::new();
    let url = server.database();
    kept_in(&job, &url);
    job.run(FRIDAY, &[]);
    let name =
        url.rsplit('/').find_map(|part| part.split_once("?host=")).map_or("", |(name, _)| name).to_owned();
    server.sql(&name, "CREATE ROLE auditor LOGIN; GRANT USAGE ON SCHEMA pli TO auditor; GRANT SELECT ON ALL TABLES IN SCHEMA pli TO auditor");
    let owned = job.pli("status", &[]).json();
    kept_in(&job, &server.url("auditor", &name));
    assert_eq!(job.pli("status", &[]).json(), owned);
    for taken in ["inbox/cards.csv", "reissues.csv"] {
        fs_err::remove_file(job.path(taken)).unwrap();
    }
    let ran = job.run(crate::job::MONDAY, &[]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"ledger_access".into()), "{}", ran.stdout);
}
