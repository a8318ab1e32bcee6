//! Templates: what a designer gets told, and what a template can't do.

use std::path::PathBuf;

use crate::job::{TestJob, pli};
use crate::tools::tool;

/// A copy of the built-in letter with one text changed.
fn spoiled(folder: &std::path::Path, from: &str, to: &str) -> PathBuf {
    let source = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/card-letter"));
    let copy = folder.join("card-letter");
    fs_err::create_dir_all(&copy).unwrap();
    for entry in fs_err::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let main = copy.join("card-letter.typ");
    let text = fs_err::read_to_string(&main).unwrap();
    let changed = if from.is_empty() { format!("{text}\n{to}\n") } else { text.replacen(from, to, 1) };
    assert_ne!(text, changed, "`{from}` is in the template");
    fs_err::write(&main, changed).unwrap();
    copy
}

#[test]
fn built_in_templates_are_sound() {
    for (template, sides) in [("card-letter", 1), ("mailer-igc-sante", 2), ("mailer-legacy", 2)] {
        let checked = pli(&["template", "check", template, "--json"]);
        assert_eq!(checked.code, 0, "{}", checked.stderr);
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("piece.png");
        let rendered =
            pli(&["render", template, "--output", output.to_str().unwrap(), "--overlay", "--json"]);
        assert_eq!(rendered.json()["files"].as_array().map(Vec::len), Some(sides), "{}", rendered.stderr);
        assert!(fs_err::metadata(&output).unwrap().len() > 10_000);
    }
}

#[test]
fn every_fault_is_told_with_file_line_and_column() {
    let cases = [
        ("", "#at(20mm, 20mm, field(\"pin\", width: 2cm))", "a letter can't show `pin`"),
        ("", "#at(20mm, 20mm, field(\"puk\", width: 2cm))", "a letter can't show `puk`"),
        (
            "",
            "#at(20mm, 20mm, field(\"assistance_code\", width: 2cm))",
            "a letter can't show `assistance_code`",
        ),
        ("", "#at(20mm, 20mm, field(\"surname\", width: 2cm))", "unknown field `surname`"),
        ("", "#at(20mm, 20mm, text(fill: red)[ROUGE])", "not a share of black"),
        (
            "",
            "#at(20mm, 20mm, text(fill: k(0%), field(\"holder\", width: 2cm)))",
            "would overprint and not be seen",
        ),
        ("", "#at(20mm, 20mm, field(\"lot\", width: 2cm))", "unknown field `lot`"),
        ("", "#at(20mm, 20mm, text(font: \"Comic Sans MS\")[x])", "comic sans ms"),
        ("", "#at(120mm, 140mm, field(\"holder\", width: 2cm))", "under the card"),
        ("", "#fold(y: 70mm)", "a fold runs through the symbol"),
        ("", "#read(\"/etc/passwd\")", "not found"),
        ("", "#read(\"../../Cargo.toml\")", "Cargo.toml"),
        ("", "#import \"@preview/cetz:0.3.0\"", "package"),
        ("", "#datetime.today()", "date"),
        ("", "#let x = (", "unclosed"),
        ("", "#at(250mm, 20mm, field(\"holder\", width: 2cm))", "lies off the page by 60 mm at the right"),
        ("", "#at(30mm, 68mm)[INTRUS]", "keep their places clear"),
        ("", "#at(60mm, 20mm)[\u{6f22}]", "has no character"),
        ("", "#read(\"outside.txt\")", "outside.txt"),
        ("code39(\"card_number\"", "code39(\"card_number\", ratio: 2.0", "2.5 or 3"),
    ];
    for (from, to, said) in cases {
        let folder = tempfile::tempdir().unwrap();
        let template = spoiled(folder.path(), from, to);
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", template.join("outside.txt")).unwrap();
        let checked = pli(&["template", "check", template.to_str().unwrap()]);
        assert_eq!(checked.code, 2, "{to}: {}", checked.stdout);
        assert!(
            checked.stderr.to_lowercase().contains(&said.to_lowercase()),
            "`{said}` in {}",
            checked.stderr
        );
        let main = checked.stderr.lines().any(|line| {
            line.split_once("/card-letter/card-letter.typ:")
                .map(|(_, rest)| rest)
                .is_some_and(|rest| rest.split(':').next().is_some_and(|n| n != "1"))
        });
        assert!(main, "a line of card-letter.typ for {to}: {}", checked.stderr);
        let faults: Vec<&str> = checked.stderr.lines().filter(|line| !line.starts_with(' ')).collect();
        let once = faults.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(faults.len(), once, "every variant tells the faults of all: {}", checked.stderr);
    }
}

#[test]
fn a_barcode_outside_its_window_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let template = spoiled(folder.path(), "gauche - 2.54mm, 64.5mm", "gauche + 20mm, 64.5mm");
    let checked = pli(&["template", "check", template.to_str().unwrap()]);
    assert!(checked.stderr.contains("lies outside its window"), "{}", checked.stderr);
}

#[test]
fn an_unknown_template_or_manifest_key_is_told() {
    assert!(
        pli(&["template", "check", "no-such"])
            .stderr
            .contains("card-letter, mailer-igc-sante, mailer-legacy")
    );
    let folder = tempfile::tempdir().unwrap();
    let template = spoiled(folder.path(), "", "// nothing");
    let manifest = template.join("template.toml");
    let text = fs_err::read_to_string(&manifest).unwrap();
    fs_err::write(&manifest, format!("{text}\ncolour = true\n")).unwrap();
    let checked = pli(&["template", "check", template.to_str().unwrap()]);
    assert!(
        checked.stderr.contains("template.toml:") && checked.stderr.contains("colour"),
        "{}",
        checked.stderr
    );
}

#[test]
fn a_record_and_facts_choose_what_is_rendered() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("piece.pdf");
    let record = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night/inbox/cards.csv");
    let arguments = ["render", "card-letter", "--record", record, "--variant", "reason=incident", "--output"];
    let mut all = arguments.to_vec();
    all.push(output.to_str().unwrap());
    assert_eq!(pli(&all).code, 0);
    let Some(pages) = crate::tools::pdf_text(&output) else { return };
    assert!(pages[0].contains("2400140649"), "{}", pages[0]);
    let impossible =
        pli(&["render", "card-letter", "--variant", "family=XYZ", "--output", output.to_str().unwrap()]);
    assert_eq!(impossible.code, 2);
    assert!(impossible.stderr.contains("family is CPS"), "{}", impossible.stderr);
}

#[test]
fn a_piece_that_lacks_what_it_must_show_is_no_piece() {
    let folder = tempfile::tempdir().unwrap();
    let template = spoiled(folder.path(), "", "// nothing");
    fs_err::write(template.join("card-letter.typ"), "").unwrap();
    let checked = pli(&["template", "check", template.to_str().unwrap()]);
    assert_eq!(checked.code, 2);
    for wanted in ["`address`", "code39(\"card_number\")", "`two-d-doc`", "field(\"piece_id\")"] {
        assert!(checked.stderr.contains(wanted), "{wanted}: {}", checked.stderr);
    }
}

#[test]
fn a_template_is_checked_and_rendered_for_a_jobs_own_press() {
    let job = TestJob::new();
    let text = job.read("job.toml");
    let with = |keys: &str| job.write("job.toml", &format!("{text}\n[press]\n{keys}\n"));
    let file = job.path("job.toml");
    let check = |template: &str| pli(&["template", "check", template, "--job", file.to_str().unwrap()]);
    with("dpi = 150");
    let coarse = check("card-letter");
    assert_eq!(coarse.code, 2, "{}", coarse.stdout);
    assert!(coarse.stderr.contains("at 150 dpi code39 needs"), "{}", coarse.stderr);
    with("dpi = 300\nduplex = \"simplex\"");
    assert_eq!(check("card-letter").code, 0);
    let turned = check("mailer-igc-sante");
    assert!(turned.code == 2 && turned.stderr.contains("have a back"), "{}", turned.stderr);
    let output = job.path("letter.pdf");
    let arguments =
        ["render", "card-letter", "--job", file.to_str().unwrap(), "--output", output.to_str().unwrap()];
    assert_eq!(pli(&arguments).code, 0);
    let Some(info) = tool("pdfinfo", &[output.to_str().unwrap()]) else { return };
    let info = String::from_utf8_lossy(&info).into_owned();
    assert!(info.contains("595.2 x 841.92 pts"), "whole dots of 300 to the inch: {info}");
}
