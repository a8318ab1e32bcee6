//! Templates that go too far, folders with traps, manifests that a press would choke on, and what is said of them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::job::{FRIDAY, Ran, TestJob, pli};

/// A built-in template in a folder of its own.
pub fn copied(folder: &Path, name: &str) -> PathBuf {
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
    for (lines, limit) in [
        (
            "#let x = 0\n#for i in range(9999) { for j in range(9999) { for k in range(9999) { x = x + 1 } } }",
            "took more than 5 s",
        ),
        ("#let x = [a]\n#for i in range(60) { x = x + x }\n#x", "took more than "),
        ("#let a = range(1000000000)\n#a.len()", "took more than 1 GiB"),
        (
            "#if sys.inputs.reason == \"renewal\" { for i in range(99999) { for j in range(99999) { let x = i * j } } }",
            "reason=renewal replaced=",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let template = letter_with(folder.path(), lines);
        let begun = Instant::now();
        let checked = check(&template);
        let (code, file) = refused(&checked, lines);
        let part = &checked.json()["error"]["parts"][0];
        assert!(part["message"].as_str().unwrap().contains(limit), "{lines}: {part}");
        assert!(part["advice"].as_str().unwrap().contains("does not end"), "{lines}: {part}");
        assert_eq!(code, "layout_budget", "{lines}");
        assert_eq!(Path::new(&file), template.join("card-letter.typ"), "{lines}");
        assert!(begun.elapsed() < Duration::from_secs(40), "{lines}");
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
    let mut found = faults(&template);
    // The longer words may run over their places, too.
    found.retain(|fault| fault["code"] == "character_not_in_font");
    assert_eq!(found.len(), 1, "{found:?}");
    let file = found[0]["file"].as_str().unwrap();
    assert_eq!(Path::new(file), texts, "the path as it was written");
}

#[test]
fn artwork_with_numbers_that_no_reader_takes_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let template = letter_with(folder.path(), "#at(20mm, 20mm, image(\"vast.svg\", width: 20mm))");
    for vast in [
        "width=\"1e30\" height=\"1e30\"><rect width=\"1e30\" height=\"1e30\"/>",
        "viewBox=\"0 0 9 9\"><path d=\"M0 0h1e20v1e20\"/>",
    ] {
        let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {vast}</svg>");
        fs_err::write(template.join("vast.svg"), svg).unwrap();
        let (code, file) = refused(&check(&template), vast);
        assert_eq!(code, "layout_export", "{vast}");
        assert_eq!(Path::new(&file), template.join("vast.svg"), "{vast}");
    }
    let svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><path d=\"M0 0h9v9\"/></svg>";
    fs_err::write(template.join("vast.svg"), svg).unwrap();
    assert_eq!(check(&template).code, 0);
}

/// A night under a limit of the system, set by the shell.
#[cfg(target_os = "linux")]
fn night_under(limit: &str) -> Ran {
    let job = TestJob::new();
    let program = crate::job::program().get_program().to_owned();
    let script = format!("ulimit {limit}; exec \"$0\" \"$@\"");
    let mut shell = std::process::Command::new("/bin/bash");
    shell.args(["-c", &script]).arg(program).arg("run").arg(job.path("job.toml"));
    shell.args(["--json", "--date", FRIDAY]).output().unwrap().into()
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_lacks_is_not_the_templates_fault() {
    for limit in ["-n 14", "-v 200000"] {
        let ran = night_under(limit);
        let error = &ran.json()["error"];
        assert_eq!(
            (ran.code, error["code"].as_str()),
            (4, Some("layout_process")),
            "{limit}: {}",
            ran.stdout
        );
        assert!(error["advice"].as_str().unwrap().contains("ulimit"), "{limit}: {error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_may_not_grow_is_an_error_in_words() {
    let ran = night_under("-f 50");
    assert_eq!((ran.code, ran.json()["error"]["exit_code"].as_u64()), (4, Some(4)), "{}", ran.stdout);
}

#[test]
fn a_hundred_thousand_threads_are_not_started() {
    let job = TestJob::new();
    let mut command = crate::job::program();
    command.env("RAYON_NUM_THREADS", "100000").arg("check").arg(job.path("job.toml")).arg("--json");
    let begun = Instant::now();
    let ran: Ran = command.output().unwrap().into();
    assert!(ran.code < 2 && begun.elapsed() < Duration::from_secs(30), "{} {}", ran.code, ran.stderr);
}
