//! What the program says of a wrong job, of the system's limits and of texts of others, and that its advice works.

use super::limits::copied;
use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli, program};

#[test]
fn a_wrong_job_is_said_in_plain_words_and_the_advice_works() {
    let job = TestJob::new();
    let text = job.read("job.toml");
    let file = job.path("job.toml");
    let run = || pli(&["check", file.to_str().unwrap(), "--date", FRIDAY, "--json"]);
    let wrong = |to: &str| {
        job.write("job.toml", to);
        let ran = run();
        assert_eq!(ran.code, 2, "{to}: {}", ran.stdout);
        let error = ran.json()["error"].clone();
        let said = format!("{} {}", error["message"], error["advice"]);
        for jargon in ["u32", "string or table", "canonicalize", "invalid type", "sequence", "struct "] {
            assert!(!said.contains(jargon), "{said}");
        }
        assert!(error["advice"].is_string() && error["file"].is_string(), "{error}");
        error
    };
    for (wrong_line, advice, right_line) in [
        ("[press]\ndpi = \"600\"", "write `600` without quotes", "[press]\ndpi = 600"),
        ("[press]\ndpl = 600", "did you mean `dpi`?", "[press]\ndpi = 600"),
        (
            "[calendar]\nclosed = \"2026-12-24\"",
            "`[\"2026-12-24\"]`",
            "[calendar]\nclosed = [\"2026-12-24\"]",
        ),
        ("[calendar]\ncut_off = 17", "`\"17\"`", "[calendar]\ncut_off = \"17:00\""),
        (
            "[calendar]\nalsace_moselle = \"true\"",
            "write `true` without quotes",
            "[calendar]\nalsace_moselle = true",
        ),
    ] {
        let error = wrong(&format!("{text}\n{wrong_line}\n"));
        assert!(error["advice"].as_str().unwrap().contains(advice), "{error}");
        job.write("job.toml", &format!("{text}\n{right_line}\n"));
        assert!(run().code < 2, "{right_line}");
    }
    assert_eq!(wrong(&format!("{text}\n[press]\ndpi = 7\n"))["advice"], "write 150 to 4800");
    let name = text.lines().find(|line| line.starts_with("name = ")).unwrap();
    wrong(&text.replacen(name, "name = \"ASIP\\nSanté\"", 1));
    fs_err::write(&file, [text.as_bytes(), b"\n# caf\xe9\n"].concat()).unwrap();
    let latin = run();
    let lines = text.lines().count() + 2;
    assert!(
        latin.code == 2 && latin.stderr.contains(&format!("line {lines} is not UTF-8")),
        "{}",
        latin.stderr
    );
}

#[test]
fn a_file_in_the_place_of_the_output_is_a_configuration_fault() {
    let job = TestJob::new();
    job.write("out", "in the way");
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let error = ran.json()["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("a file has this name"), "{error}");
    assert_eq!(job.read("out"), "in the way");
}

#[cfg(target_os = "linux")]
#[test]
fn a_lack_of_open_files_is_named_as_such_and_the_advice_works() {
    let limited = |job: &TestJob, files: u32| -> Ran {
        let script = format!("ulimit -n {files}; exec \"$0\" run \"$1\" --date \"$2\" --json");
        let job = job.path("job.toml");
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_pli"), job.to_str().unwrap(), FRIDAY]);
        shell.output().unwrap().into()
    };
    for files in [6, 9, 11, 14] {
        let job = TestJob::new();
        let refused = limited(&job, files);
        assert!(refused.code == 2 || refused.code == 4, "{files}: {} {}", refused.code, refused.stderr);
        let advice = refused.json()["error"]["advice"].as_str().unwrap_or_default().to_owned();
        assert!(advice.contains("`ulimit -n 4096`"), "{files}: {}", refused.stderr);
        assert!(limited(&job, 4096).code < 2, "{files}: the advice works");
    }
}

#[cfg(unix)]
#[test]
fn names_and_texts_of_others_are_legible() {
    use std::ffi::OsStr;
    let raw = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
    let job = TestJob::new();
    let evil = "x\u{1b}[2J\u{202e}\r.csv";
    fs_err::rename(job.path("inbox/cards.csv"), job.path("inbox/cards-1.csv")).unwrap();
    fs_err::write(job.path("inbox").join(format!("cards-{evil}")), "not,a\u{7},header\n").unwrap();
    let ran = pli(&["-vv", "check", job.path("job.toml").to_str().unwrap(), "--date", FRIDAY]);
    assert!(!raw(&ran.stderr) && !raw(&ran.stdout), "{}", ran.stderr.escape_debug());
    assert!(ran.stderr.contains("\\u{1b}"), "{}", ran.stderr);
    let unknown = program().arg(OsStr::new("sam\u{1b}[31mple\nerror: forged")).output().unwrap();
    let unknown = Ran::from(unknown);
    assert!(unknown.code == 2 && !raw(&unknown.stderr), "{}", unknown.stderr.escape_debug());
    let missing = pli(&["template", "check", "a\u{1b}]0;t\u{7}", "--json"]);
    assert!(!raw(&missing.stderr), "{}", missing.stderr.escape_debug());
    assert_eq!(missing.json()["error"]["parts"][0]["file"], "a\u{1b}]0;t\u{7}", "JSON stays JSON");
}

#[test]
fn tonight_says_what_the_mailers_of_tomorrow_would_be_refused_for() {
    let job = TestJob::new();
    fs_err::create_dir_all(job.path("templates")).unwrap();
    let template = copied(&job.path("templates"), "mailer-igc-sante");
    let main = template.join("mailer-igc-sante.typ");
    let text = fs_err::read_to_string(&main).unwrap();
    fs_err::write(&main, format!("{text}\n#at(250mm, 20mm, field(\"holder\", width: 2cm))\n")).unwrap();
    job.records(&[job.row(2), job.row(3)]);
    let night = job.run(FRIDAY, &[]);
    assert!(night.code < 2, "the letters leave: {}", night.stderr);
    assert!(
        night.stderr.contains("WARN") && night.stderr.contains("lies off the page by"),
        "{}",
        night.stderr
    );
    let report: serde_json::Value =
        serde_json::from_str(&job.read(&format!("out/{FRIDAY}/run.json"))).unwrap();
    let notice = report["alerts"][0]["message"].as_str().unwrap();
    assert!(notice.contains("mailer-igc-sante.typ:"), "{notice}");
    fs_err::write(&main, text).unwrap();
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let next = job.run(MONDAY, &[]);
    assert!(next.code < 2, "mended as it was said: {}", next.stderr);
}

#[test]
fn a_check_points_to_no_file_that_it_does_not_write() {
    let job = TestJob::new();
    let checked = pli(&["check", job.path("job.toml").to_str().unwrap(), "--date", FRIDAY]);
    assert_eq!(checked.code, 1, "{}", checked.stderr);
    assert!(checked.stdout.contains("rejected"), "{}", checked.stdout);
    assert!(
        !checked.stdout.contains("rejects.csv") && !checked.stdout.contains("warnings.csv"),
        "{}",
        checked.stdout
    );
    assert!(!job.path("out").exists());
}

#[test]
fn a_failure_names_its_file_and_column_apart() {
    let job = TestJob::new();
    let output = job.path("job.toml/piece.pdf");
    let refused = pli(&["render", "card-letter", "--output", output.to_str().unwrap(), "--json"]);
    let error = &refused.json()["error"];
    assert_eq!((refused.code, &error["code"]), (2, &"render_output".into()), "{error}");
    assert!(error["file"].as_str().is_some_and(|file| file.contains("job.toml")), "{error}");
    assert!(!error["message"].as_str().unwrap().contains("job.toml"), "{error}");
    job.replace("inbox/cards.csv", "card_family", "card_familly");
    let error = job.pli("check", &["--date", FRIDAY]).json()["error"].clone();
    assert_eq!((&error["line"], &error["column"]), (&1.into(), &2.into()), "{error}");
}

#[test]
fn a_file_that_is_no_picture_has_advice() {
    let job = TestJob::new();
    let file = job.path("job.toml");
    let refused = pli(&["verify", "--image", file.to_str().unwrap(), "--json"]);
    assert!(refused.json()["error"]["advice"].is_string(), "{}", refused.stdout);
}

#[test]
fn a_paper_that_the_work_order_can_t_name_is_a_configuration_fault() {
    let job = TestJob::new();
    let text = job.read("job.toml");
    job.write("job.toml", &format!("{text}\n[press]\nmedia = \"A4 \u{1f600}\"\n"));
    let refused = job.run(FRIDAY, &[]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("`press.media`"), "{}", refused.stderr);
    job.write("job.toml", &format!("{text}\n[press]\nmedia = \"A4\"\n"));
    assert!(job.run(FRIDAY, &[]).code < 2, "the advice works");
}
