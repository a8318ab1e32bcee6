//! `--metrics` of `pli run` and `pli merge`: what a monitoring system reads, judged by Prometheus's own tool.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::job::{FRIDAY, MONDAY, TestJob};
use crate::missing::missing;
use crate::tools::{text, tool};

/// The value of a series, by what its line begins with and the labels that it has.
fn value(metrics: &str, name: &str, labels: &str) -> Option<f64> {
    let mut lines = metrics.lines().filter(|line| line.starts_with(&format!("{name}{{")));
    let line = lines.find(|line| line.contains(labels))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Has Prometheus's tool read a text of metrics.
fn assert_readable(metrics: &str) {
    let child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else { return missing("`promtool`") };
    child.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let judged = child.wait_with_output().unwrap();
    let said =
        String::from_utf8_lossy(&judged.stderr).into_owned() + &String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success() && said.trim().is_empty(), "{said}\n{metrics}");
}

#[test]
fn a_run_leaves_its_numbers_also_when_it_fails() {
    let job = TestJob::new();
    let file = job.path("metrics/pli.prom");
    let metrics = |date: &str, more: &[&str]| {
        let ran = job.run(date, &[&["--prove", "none", "--metrics", text(&file)], more].concat());
        (ran, fs_err::read_to_string(&file).unwrap())
    };
    let (ran, first) = metrics(FRIDAY, &[]);
    let report = ran.json();
    assert_readable(&first);
    assert_eq!(value(&first, "pli_run_exit_code", "only=\"both\""), Some(1.0));
    for (name, key) in [
        ("records", "rows"),
        ("letters", "letters"),
        ("mailers", "mailers"),
        ("rejects", "rejects"),
        ("warnings", "warnings"),
        ("deferred", "deferred"),
    ] {
        assert_eq!(value(&first, &format!("pli_run_{name}"), ""), report[key].as_f64(), "{name}");
    }
    let total = value(&first, "pli_run_duration_seconds", "station=\"total\"").unwrap();
    assert!(total >= report["seconds"]["total"].as_f64().unwrap() - 0.01, "{first}");
    let waiting: f64 =
        ["letter", "mailer"].iter().filter_map(|kind| value(&first, "pli_waiting_pieces", kind)).sum();
    assert_eq!(Some(waiting), report["waiting"].as_f64(), "{first}");
    assert!(value(&first, "pli_oldest_waiting_timestamp_seconds", "letter").is_some(), "{first}");
    assert_eq!(fs_err::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644, "others read it");
    for name in ["2400140649", "MARTIN"] {
        assert!(!first.contains(name), "{first}");
    }
    // The records are refused on the next night; the last success stays.
    let (refused, second) = metrics(MONDAY, &[]);
    assert_eq!(refused.code, 3);
    assert_readable(&second);
    assert_eq!(value(&second, "pli_run_exit_code", ""), Some(3.0));
    assert_eq!(value(&second, "pli_run_failure_info", "code=\"input_other_night\""), Some(1.0), "{second}");
    assert_eq!(value(&second, "pli_run_letters", ""), None, "nothing was counted");
    let success = value(&first, "pli_last_success_timestamp_seconds", "");
    assert_eq!(value(&second, "pli_last_success_timestamp_seconds", ""), success);
    assert!(value(&second, "pli_run_timestamp_seconds", "") >= success);
    // A job that does not load.
    job.replace("job.toml", "[limits]", "[limit]");
    let (broken, third) = metrics(MONDAY, &[]);
    assert_eq!((broken.code, value(&third, "pli_run_exit_code", "")), (2, Some(2.0)));
    assert_eq!(value(&third, "pli_last_success_timestamp_seconds", ""), success);
}

#[test]
fn a_merge_leaves_the_numbers_of_the_night_also_when_it_fails() {
    let job = TestJob::new();
    let file = job.path("pli.prom");
    let merge = |night: &str| {
        let ran = job.pli("merge", &["--date", night, "--metrics", text(&file)]);
        (ran, fs_err::read_to_string(&file).unwrap())
    };
    for share in ["1/2", "2/2"] {
        let ran = job.run(FRIDAY, &["--prove", "none", "--only", "letters", "--shard", share]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let (ran, first) = merge(FRIDAY);
    let report = ran.json();
    assert_readable(&first);
    assert_eq!(value(&first, "pli_run_exit_code", "only=\"letters\""), Some(1.0), "as the shares have it");
    for (name, key) in [("records", "rows"), ("letters", "letters"), ("rejects", "rejects")] {
        assert_eq!(value(&first, &format!("pli_run_{name}"), ""), report[key].as_f64(), "{name}");
    }
    assert!(value(&first, "pli_run_letters", "") > Some(10.0), "{first}");
    // Done already, then a night without shares: the kinds are those of the file that is there, the last success stays.
    let (again, second) = merge(FRIDAY);
    assert_eq!(again.json()["already_done"], true);
    assert_eq!(value(&second, "pli_run_exit_code", "only=\"letters\""), Some(1.0), "{second}");
    let success = value(&second, "pli_last_success_timestamp_seconds", "");
    let (refused, third) = merge("2026-11-24");
    assert_eq!((refused.code, value(&third, "pli_run_exit_code", "only=\"letters\"")), (3, Some(3.0)));
    assert_readable(&third);
    assert_eq!(value(&third, "pli_run_failure_info", "code=\"shares_missing\""), Some(1.0), "{third}");
    assert_eq!(value(&third, "pli_last_success_timestamp_seconds", ""), success);
    // A night of both kinds says so.
    fs_err::remove_file(&file).unwrap();
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let rest = job.run(MONDAY, &["--prove", "none", "--shard", "1/1"]);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    let (_, both) = merge(MONDAY);
    assert!(value(&both, "pli_run_mailers", "only=\"both\"") > Some(0.0), "{both}");
}

#[test]
fn the_end_of_a_key_is_told() {
    let job = TestJob::new();
    let key = job.path("keys/signing.pem");
    let made = crate::job::pli(&["keys", "list", text(&key), "--json"]).json();
    let listed = made.as_array().unwrap()[0].clone();
    let exported = crate::job::pli(&["keys", "export", text(&key)]).stdout;
    let public: String =
        exported.lines().filter(|line| !line.starts_with("-----") && !line.starts_with('#')).collect();
    let fingerprint = listed["fingerprint"].as_str().unwrap();
    job.write(
        "keys/register.toml",
        &format!(
            "[[key]]\nfingerprint = \"{fingerprint}\"\npublic = \"{public}\"\nfile = \"keys/signing.pem\"\nvalid_to = \"2026-12-31\"\n"
        ),
    );
    let file = job.path("pli.prom");
    let ran = job.run(FRIDAY, &["--prove", "none", "--metrics", text(&file)]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let metrics = fs_err::read_to_string(&file).unwrap();
    assert_readable(&metrics);
    let end = value(&metrics, "pli_key_expiry_timestamp_seconds", "key=\"signing.pem\"").unwrap();
    // The beginning of 2027, in whatever time zone.
    assert!((end - 1_798_761_600.0).abs() <= 14.0 * 3600.0, "{end}");
}

#[test]
fn metrics_that_can_t_be_written_are_told_after_the_night_is_done() {
    let job = TestJob::new();
    job.write("taken", "a file");
    let below_a_file = job.path("taken/pli.prom");
    let refused = job.run(FRIDAY, &["--prove", "none", "--metrics", text(&below_a_file)]);
    assert_eq!(refused.code, 2, "what can be seen is refused before: {}", refused.stderr);
    assert!(!job.path("out").join(FRIDAY).exists());
    // The name is too long for the partial file beside it.
    let long = job.path(&"p".repeat(250));
    let ran = job.run(FRIDAY, &["--prove", "none", "--metrics", text(&long)]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("metrics") && job.path(&format!("out/{FRIDAY}/run.json")).exists());
    let file = job.path("pli.prom");
    let again = job.run(FRIDAY, &["--prove", "none", "--metrics", text(&file)]).json();
    assert_eq!(again["already_done"], true, "the advice, followed");
    assert!(file.exists());
}

#[test]
fn the_rules_of_the_alerts_are_prometheus_s() {
    let root = env!("CARGO_MANIFEST_DIR");
    let rules = format!("{root}/docs/alerts.yml");
    let Some(said) = tool("promtool", &["check", "rules", &rules]) else { return };
    assert!(String::from_utf8_lossy(&said).contains("SUCCESS"), "{said:?}");
    tool("promtool", &["test", "rules", &format!("{root}/tests/alerts.yml")]);
}

#[test]
fn the_document_lists_every_metric_and_every_alert() {
    let root = env!("CARGO_MANIFEST_DIR");
    let page = fs_err::read_to_string(format!("{root}/docs/monitoring.md")).unwrap();
    let source = fs_err::read_to_string(format!("{root}/src/cli/metrics/mod.rs")).unwrap();
    let names: Vec<&str> =
        source.split('"').filter(|text| text.starts_with("pli_") && *text != "pli_job").collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let short = name.strip_prefix("pli_run").map(|short| format!("`{short}`"));
        let is_there = page.contains(&format!("`{name}")) || short.is_some_and(|short| page.contains(&short));
        assert!(is_there, "docs/monitoring.md does not list `{name}`");
    }
    let rules = fs_err::read_to_string(format!("{root}/docs/alerts.yml")).unwrap();
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(page.contains(&format!("| `{alert}` |")), "docs/monitoring.md does not list `{alert}`");
    }
}

#[test]
fn a_file_of_another_kind_is_never_replaced_by_metrics() {
    let job = TestJob::new();
    let pipe = job.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/null", job.path("null")).unwrap();
    let (records, settings) = (job.read("inbox/cards.csv"), job.read("job.toml"));
    for name in ["job.toml", "inbox/cards.csv", "inbox", "pipe", "null"] {
        let ran = job.run(FRIDAY, &["--metrics", text(&job.path(name))]);
        assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (2, Some("metrics_file")), "{name}");
    }
    assert_eq!((job.read("inbox/cards.csv"), job.read("job.toml")), (records, settings));
    assert!(!fs_err::symlink_metadata(&pipe).unwrap().is_file(), "it is a pipe still");
    assert!(!job.path("out").join(FRIDAY).exists(), "nothing was done");
    job.write("empty.prom", "");
    let ran = job.run(FRIDAY, &["--prove", "none", "--metrics", text(&job.path("empty.prom"))]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(job.read("empty.prom").starts_with("# HELP pli_"));
}
