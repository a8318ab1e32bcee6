//! Templates that go too far, folders with traps, settings that a press would choke on, and what the messages say.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli, program};

/// A built-in template in a folder of its own.
fn copied(folder: &Path, name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name);
    let copy = folder.join(name);
    fs_err::create_dir_all(&copy).unwrap();
    for entry in fs_err::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    copy
}

/// The built-in letter with lines added to its Typst file.
fn letter_with(folder: &Path, lines: &str) -> PathBuf {
    let template = copied(folder, "card-letter");
    let main = template.join("card-letter.typ");
    let text = fs_err::read_to_string(&main).unwrap();
    fs_err::write(main, format!("{text}\n{lines}\n")).unwrap();
    template
}

fn check(template: &Path) -> Ran {
    pli(&["template", "check", template.to_str().unwrap(), "--json"])
}

/// The code and file of the first fault of a template that was refused in the contract's form.
fn refused(checked: &Ran, tried: &str) -> (String, String) {
    assert_eq!(checked.code, 2, "{tried}: {} {}", checked.stdout, checked.stderr);
    let error = &checked.json()["error"];
    assert_eq!(error["code"], "template", "{tried}");
    let part = &error["parts"][0];
    assert!(part["message"].as_str().is_some_and(|text| !text.is_empty()), "{tried}: {error}");
    let text = |key: &str| part[key].as_str().unwrap_or_default().to_owned();
    (text("code"), text("file"))
}

/// A picture of nothing, `side` pixels wide and high, in 8-bit grey.
fn grey_png(side: u32) -> Vec<u8> {
    let mut header = Vec::from(*b"IHDR");
    header.extend(side.to_be_bytes());
    header.extend(side.to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    let mut png = Vec::from(*b"\x89PNG\r\n\x1a\n");
    for chunk in [header.as_slice(), b"IDAT", b"IEND"] {
        png.extend((chunk.len() as u32 - 4).to_be_bytes());
        png.extend(chunk);
        png.extend(checksum(chunk).to_be_bytes());
    }
    png
}

/// CRC-32 of a PNG chunk (ISO/IEC 15948 annex D).
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 * (sum & 1)))
    })
}

#[test]
fn a_layout_that_never_ends_is_stopped_and_its_file_named() {
    for lines in [
        "#let x = 0\n#for i in range(9999) { for j in range(9999) { for k in range(9999) { x = x + 1 } } }",
        "#let x = [a]\n#for i in range(60) { x = x + x }\n#x",
        "#let a = range(1000000000)\n#a.len()",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let template = letter_with(folder.path(), lines);
        let begun = Instant::now();
        let (code, file) = refused(&check(&template), lines);
        assert_eq!(code, "layout_budget", "{lines}");
        assert_eq!(Path::new(&file), template.join("card-letter.typ"), "{lines}");
        assert!(begun.elapsed() < Duration::from_secs(55), "{lines}");
    }
}

#[test]
fn artwork_that_takes_too_much_is_named() {
    let filter = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 10\"><filter id=\"b\" x=\"-900000%\" \
                  y=\"-900000%\" width=\"9999999%\" height=\"9999999%\"><feGaussianBlur stdDeviation=\"90000\"/>\
                  </filter><path d=\"M0 0h5v5\" filter=\"url(#b)\"/></svg>";
    let folder = tempfile::tempdir().unwrap();
    let template = letter_with(folder.path(), "#at(20mm, 20mm, image(\"blur.svg\", width: 20mm))");
    fs_err::write(template.join("blur.svg"), filter).unwrap();
    let (code, file) = refused(&check(&template), "filter");
    assert_eq!((code.as_str(), Path::new(&file)), ("layout_budget", template.join("blur.svg").as_path()));
}

#[test]
fn artwork_that_repeats_nests_or_is_too_large_ends_in_words() {
    let doubled: String = (1..40)
        .map(|n| format!("<g id=\"g{n}\"><use href=\"#g{0}\"/><use href=\"#g{0}\"/></g>", n - 1))
        .collect();
    let repeated = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><defs><path id=\"g0\" d=\"M0 0h1v1\"/>{doubled}</defs><use href=\"#g39\"/></svg>"
    );
    let nested = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">{}{}</svg>",
        "<g>".repeat(100_000),
        "</g>".repeat(100_000)
    );
    let pdf_nested = format!("%PDF-1.7\n1 0 obj\n{}{}\nendobj\n", "[".repeat(200_000), "]".repeat(200_000));
    for (name, bytes) in [
        ("repeated.svg", repeated.into_bytes()),
        ("nested.svg", nested.into_bytes()),
        ("huge.png", grey_png(30_000)),
        ("nested.pdf", pdf_nested.into_bytes()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let template =
            letter_with(folder.path(), &format!("#at(20mm, 20mm, image(\"{name}\", width: 20mm))"));
        fs_err::write(template.join(name), bytes).unwrap();
        refused(&check(&template), name);
    }
}

#[test]
fn pages_without_number_or_measure_and_endless_nesting_end_in_words() {
    for (lines, expected) in [
        ("#for i in range(100000) { pagebreak() }", None),
        ("#for i in range(200) { pagebreak(weak: false) }", Some("layout_budget")),
        ("#set page(width: 1e9mm, height: 1e9mm)\n#pagebreak()\nx", Some("sheet_size")),
        ("#let f(n) = f(n + 1)\n#f(0)", Some("template_syntax")),
        ("#show \"a\": it => [aa]\na", None),
        ("#let f(n) = if n == 0 [x] else { box(f(n - 1)) }\n#f(70)", None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let checked = check(&letter_with(folder.path(), lines));
        if checked.code == 0 {
            continue;
        }
        let (code, _) = refused(&checked, lines);
        let codes: Vec<String> = checked.json()["error"]["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["code"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert!(
            expected.is_none_or(|expected| codes.iter().any(|code| code == expected)),
            "{lines}: {code} {codes:?}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let deep = letter_with(folder.path(), &format!("{}x{}", "#[".repeat(20_000), "]".repeat(20_000)));
    refused(&check(&deep), "20,000 brackets");
}

#[test]
fn every_command_that_lays_out_is_bounded() {
    let job = TestJob::new();
    fs_err::create_dir_all(job.path("templates")).unwrap();
    letter_with(&job.path("templates"), "#let a = range(1000000000)\n#a.len()");
    let (file, output) = (job.path("job.toml"), job.path("piece.pdf"));
    let template = job.path("templates/card-letter");
    let (file, output, template) =
        (file.to_str().unwrap(), output.to_str().unwrap(), template.to_str().unwrap());
    for command in [
        &["run", file, "--date", FRIDAY, "--json"][..],
        &["check", file, "--date", FRIDAY, "--json"],
        &["run", file, "--date", FRIDAY, "--shard", "1/2", "--json"],
        &["render", template, "--output", output, "--json"],
    ] {
        let (code, named) = refused(&pli(command), command[0]);
        assert_eq!(code, "layout_budget", "{command:?}");
        assert!(named.ends_with("templates/card-letter/card-letter.typ"), "{command:?}: {named}");
    }
    assert!(!job.path("out").join(FRIDAY).exists());
}

#[cfg(unix)]
#[test]
fn a_template_folder_with_traps_prints_what_it_printed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let template = letter_with(folder.path(), "");
    let output = |name: &str| folder.path().join(name);
    let render = |name: &str| {
        let ran = pli(&["render", template.to_str().unwrap(), "--output", output(name).to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        fs_err::read(output(name)).unwrap()
    };
    let before = render("before.png");
    symlink("nobody@host.1234", template.join(".#card-letter.typ")).unwrap();
    symlink("gone", template.join("gone.svg")).unwrap();
    symlink("round", template.join("round")).unwrap();
    symlink(".", template.join("here")).unwrap();
    symlink("/dev/zero", template.join("zero.svg")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(template.join("pipe.svg")).status().unwrap().success());
    fs_err::write(template.join(".DS_Store"), "x").unwrap();
    assert!(render("after.png") == before);
    for name in ["gone.svg", "zero.svg", "pipe.svg", "here/bandeau.svg"] {
        let opening = letter_with(folder.path(), &format!("#at(20mm, 20mm, image(\"{name}\", width: 20mm))"));
        let checked = check(&opening);
        refused(&checked, name);
        assert!(checked.stderr.contains(name.split('/').next().unwrap()), "{}", checked.stderr);
        fs_err::copy(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/card-letter/card-letter.typ"),
            template.join("card-letter.typ"),
        )
        .unwrap();
    }
    let trap = folder.path().join("trap");
    fs_err::create_dir(&trap).unwrap();
    symlink("/dev/zero", trap.join("template.toml")).unwrap();
    assert_eq!(refused(&check(&trap), "a manifest without end").0, "template_unreadable");
}

#[test]
fn a_template_of_too_many_or_too_large_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let template = copied(folder.path(), "card-letter");
    (0..6000).for_each(|n| fs_err::write(template.join(format!("{n}.txt")), "").unwrap());
    let checked = check(&template);
    let (code, file) = refused(&checked, "many files");
    assert_eq!((code.as_str(), Path::new(&file)), ("layout_budget", template.as_path()));
    assert!(checked.stderr.contains("only what the template opens"), "{}", checked.stderr);
}

#[test]
fn a_manifest_that_would_spoil_paperwork_is_refused() {
    for (from, to, line) in [
        ("\"Courrier carte\"", "\"x\\u0001\\u001b[31m<b>\\\"/>\"", 3),
        ("\"Courrier carte\"", "\"\"", 3),
        ("grammage = 90", "grammage = nan", 5),
        ("grammage = 90", "grammage = 1e300", 5),
        ("envelope_g = 5.0", "envelope_g = -inf", 7),
        ("\"reason\"", "\"nonsense\"", 8),
        ("main = \"card-letter.typ\"", "main = \"letter.typ\"", 2),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let template = copied(folder.path(), "card-letter");
        let manifest = template.join("template.toml");
        let text = fs_err::read_to_string(&manifest).unwrap();
        assert!(text.contains(from), "{from}");
        fs_err::write(&manifest, text.replacen(from, to, 1)).unwrap();
        let checked = check(&template);
        let (_, file) = refused(&checked, to);
        let part = &checked.json()["error"]["parts"][0];
        assert_eq!((Path::new(&file), part["line"].as_u64()), (manifest.as_path(), Some(line)), "{to}");
        assert!(part["advice"].is_string(), "{part}");
    }
}

#[test]
fn a_template_that_is_not_there_is_said_by_its_name() {
    let error = &pli(&["template", "check", "no/such", "--json"]).json()["error"];
    let part = &error["parts"][0];
    assert_eq!((&part["code"], &part["file"]), (&"template_not_found".into(), &"no/such".into()));
    assert!(part["line"].is_null() && part["column"].is_null(), "{part}");
    let advice = part["advice"].as_str().unwrap();
    for name in advice.rsplit(": ").next().unwrap().split(", ") {
        assert_eq!(pli(&["template", "check", name]).code, 0, "the advice names `{name}`");
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(refused(&check(folder.path()), "an empty folder").0, "template_not_found");
}

#[test]
fn one_mistake_of_a_designer_is_one_fault() {
    let faults = |template: &Path| {
        let checked = check(template);
        refused(&checked, "a mistake");
        checked.json()["error"]["parts"].as_array().unwrap().clone()
    };
    let folder = tempfile::tempdir().unwrap();
    let template = copied(folder.path(), "card-letter");
    let main = template.join("card-letter.typ");
    let text = fs_err::read_to_string(&main).unwrap();
    // A parenthesis in the first third, that never closes.
    let spot = text.len() / 3 + text[text.len() / 3..].find("\n#").unwrap();
    fs_err::write(&main, format!("{}\n#let x = (1,{}", &text[..spot], &text[spot..])).unwrap();
    let found = faults(&template);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["message"], "unclosed delimiter");
    fs_err::write(&main, &text).unwrap();
    let texts = template.join("textes.typ");
    let lacking = fs_err::read_to_string(&texts).unwrap().replace(" carte", " carte\u{6f22}");
    fs_err::write(&texts, lacking).unwrap();
    let found = faults(&template);
    assert_eq!(found.len(), 1, "{found:?}");
    let file = found[0]["file"].as_str().unwrap();
    assert_eq!(Path::new(file), texts, "the path as it was written");
}

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
        night.stderr.contains("WARN") && night.stderr.contains("does not lie within the page"),
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
    assert_eq!((refused.code, &error["code"]), (4, &"io".into()), "{error}");
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
