//! Templates whose codes or card numbers could be seen from outside or not be read, and presses that turn sheets otherwise
//! than their templates. Each is refused at the designer's line, and does what it should once its advice is followed.

use std::path::{Path, PathBuf};

use crate::inserter::copied;
use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli};

const MAILER: &str = "mailer-igc-sante";
const LETTER: &str = "card-letter";
/// The places of the built-in mailer that are changed here.
const PIN: &str = "#field(\"pin\", width: 40mm, fit: \"reject\", align: center, outline: trait-de-code)";
const BACK: &str = "// ---------------------------------------------------------------- third panel: help";

/// A change of a template's file.
#[derive(Clone, Copy)]
struct Change<'a> {
    file: &'a str,
    from: &'a str,
    to: &'a str,
}

impl<'a> Change<'a> {
    fn typ(from: &'a str, to: &'a str) -> Change<'a> {
        Change { file: "", from, to }
    }

    fn toml(from: &'a str, to: &'a str) -> Change<'a> {
        Change { file: "template.toml", from, to }
    }

    fn make(self, template: &Path) -> usize {
        let main = format!("{}.typ", template.file_name().unwrap().to_str().unwrap());
        let file = template.join(if self.file.is_empty() { &main } else { self.file });
        let text = fs_err::read_to_string(&file).unwrap();
        assert!(text.contains(self.from), "`{}` is in {}", self.from, file.display());
        let changed = text.replacen(self.from, self.to, 1);
        fs_err::write(&file, &changed).unwrap();
        changed.find(self.to).map_or(0, |at| changed[..at].matches('\n').count() + 1)
    }
}

/// A copy of a built-in template with these changes, and the line of the last one.
fn spoiled(folder: &Path, template: &str, changes: &[Change]) -> (PathBuf, usize) {
    let copy = copied(folder, template, "");
    let lines: Vec<usize> = changes.iter().map(|change| change.make(&copy)).collect();
    (copy, lines.last().copied().unwrap_or_default())
}

fn check(template: &Path) -> Ran {
    pli(&["template", "check", template.to_str().unwrap(), "--json"])
}

/// The change is refused with this code at its line; with what the advice says instead, the template is sound.
#[track_caller]
fn refused_and_mended(template: &str, spoil: &[Change], code: &str, mended: &[Change]) {
    let folder = tempfile::tempdir().unwrap();
    let (copy, line) = spoiled(folder.path(), template, spoil);
    let ran = check(&copy);
    assert_eq!(ran.code, 2, "{code}: {}", ran.stdout);
    let error = &ran.json()["error"];
    let parts = error["parts"].as_array().unwrap_or_else(|| panic!("{error}"));
    let of_code = parts.iter().filter(|part| part["code"] == code);
    let at_line = of_code.clone().find(|part| part["line"] == line);
    let found = at_line.unwrap_or_else(|| panic!("{code} at line {line}: {error:#}"));
    assert!(found["file"].as_str().unwrap().ends_with(".typ"), "{found}");
    assert!(found["advice"].as_str().is_some_and(|advice| advice.len() > 20), "{found}");
    let folder = tempfile::tempdir().unwrap();
    let (copy, _) = spoiled(folder.path(), template, mended);
    let ran = check(&copy);
    // What is set here otherwise than the built-in mailer does may show when it is held to the light, and by nothing else.
    let shows_only = || {
        let error = &ran.json()["error"];
        let parts = error["parts"].as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(error));
        parts.iter().all(|part| part["code"] == "code_through_light")
    };
    assert!(ran.code == 0 || shows_only(), "{code}, mended: {}", ran.stderr);
}

#[test]
fn a_code_beside_the_address_is_refused_though_panels_call_it_inside() {
    let inside = Change::typ("#panel(\"outside\", y: 0mm)", "#panel(\"inside\", y: 0mm)");
    let outside = Change::typ("#panel(\"outside\", y: 0mm)", "#panel(\"outside\", y: 0mm)");
    refused_and_mended(MAILER, &[inside], "panel_shows", &[outside]);
    let moved = [Change::typ(BACK, "#at(120mm, 275mm, text(size: 9pt, field(\"pin\", width: 20mm)))")];
    let beside = "#at(110mm, 46mm, text(size: 9pt, field(\"pin\", width: 20mm)))\n#at(droite, 50mm, text";
    let spoil = [inside, Change::typ("#at(droite, 50mm, text", beside)];
    refused_and_mended(MAILER, &spoil, "shown_outside", &moved);
    refused_and_mended(MAILER, &spoil, "shown_in_window", &moved);
}

#[test]
fn a_card_number_on_bare_ground_is_refused() {
    let bare = [
        Change::typ("#panel(\"outside\", y: 0mm)", ""),
        Change::typ("#panel(\"outside\", y: 99mm)", ""),
        Change::typ("#panel(\"outside\", y: 198mm)", ""),
        Change::typ(
            "#at(marge, 46mm, box(",
            "#at(marge, 40mm, field(\"card_number\", width: 40mm))\n#at(marge, 46mm, box(",
        ),
    ];
    let moved = [Change::typ(BACK, "#at(120mm, 275mm, field(\"card_number\", width: 40mm))")];
    refused_and_mended(MAILER, &bare, "shown_outside", &moved);
    let second = "#panel(\"inside\", y: 99mm)";
    let code = "#field(\"assistance_code\"";
    let bare_back = [Change::typ(second, ""), Change::typ(code, code)];
    refused_and_mended(MAILER, &bare_back, "code_outside_panel", &[Change::typ(second, second)]);
}

#[test]
fn a_code_that_can_not_be_read_is_refused() {
    let legible = "#text(size: 12pt, fill: k(100%), mono(field(\"pin\", width: 40mm, min-size: 7pt)))";
    for spoil in [
        "#text(size: 34pt, fill: k(1%), mono(field(\"pin\", width: 40mm)))",
        "#text(size: 34pt, fill: luma(97%), mono(field(\"pin\", width: 40mm)))",
        "#text(size: 0.01pt, mono(field(\"pin\", width: 40mm)))",
        "#text(size: 34pt, mono(field(\"pin\", width: 40mm, min-size: 0.5pt)))",
        "#text(size: 34pt, tracking: -20pt, mono(field(\"pin\", width: 40mm)))",
    ] {
        refused_and_mended(
            MAILER,
            &[Change::typ(PIN, spoil)],
            "illegible_code",
            &[Change::typ(PIN, legible)],
        );
    }
}

#[test]
fn what_stands_where_a_code_is_stamped_is_refused() {
    for over in [
        "#at(10mm, 100mm, rect(width: 100mm, height: 60mm, fill: k(100%)))",
        "#at(40mm, 118mm, text(size: 34pt, mono(field(\"puk\", width: 70mm))))",
        "#at(40mm, 121mm)[CONFIDENTIEL]",
        "#at(0mm, 30mm, rotate(90deg, rect(width: 210mm, height: 200mm, fill: k(30%))))",
    ] {
        let spoil = [Change::typ(BACK, over)];
        refused_and_mended(
            MAILER,
            &spoil,
            "covered_code",
            &[Change::typ(BACK, "#at(120mm, 275mm)[CONFIDENTIEL]")],
        );
    }
}

#[test]
fn a_field_that_is_transformed_clipped_or_hidden_is_refused() {
    let upright = "#text(size: 34pt, move(dx: 1mm, mono(field(\"pin\", width: 40mm))))";
    for (spoil, code) in [
        ("#rotate(180deg, text(size: 34pt, mono(field(\"pin\", width: 40mm))))", "transformed_mark"),
        ("#scale(0.1%, text(size: 34pt, mono(field(\"pin\", width: 40mm))))", "transformed_mark"),
        ("#scale(y: -100%, text(size: 34pt, mono(field(\"pin\", width: 40mm))))", "transformed_mark"),
        ("#skew(ax: 60deg, text(size: 34pt, mono(field(\"pin\", width: 40mm))))", "transformed_mark"),
        (
            "#box(clip: true, height: 1mm, text(size: 34pt, mono(field(\"pin\", width: 40mm))))",
            "clipped_mark",
        ),
        ("#hide(text(size: 34pt, mono(field(\"pin\", width: 40mm))))", "hidden_mark"),
    ] {
        refused_and_mended(MAILER, &[Change::typ(PIN, spoil)], code, &[Change::typ(PIN, upright)]);
    }
}

#[test]
fn the_letters_number_shows_in_its_own_window_alone() {
    let near = "#at(droite, 38mm, text(size: 9pt, field(\"card_number\", width: 40mm)))";
    let away = "#at(droite, 26mm, text(size: 9pt, field(\"card_number\", width: 40mm)))";
    let before = "#at(gauche, 36mm, petit";
    let beside = |line: &str| format!("{line}\n{before}");
    let (near, away) = (beside(near), beside(away));
    let spoil = [Change::typ(before, &near)];
    refused_and_mended(LETTER, &spoil, "shown_in_window", &[Change::typ(before, &away)]);
    let under_the_barcode = beside("#at(20mm, 76mm, text(size: 9pt, field(\"card_number\", width: 40mm)))");
    let folder = tempfile::tempdir().unwrap();
    let (copy, _) = spoiled(folder.path(), LETTER, &[Change::typ(before, &under_the_barcode)]);
    assert_eq!(check(&copy).code, 0);
}

#[test]
fn an_address_that_a_window_can_lose_is_refused() {
    let play = Change::toml("envelope = \"dl-window-low\"", "envelope = { play_mm = { x = 6, y = 4 } }");
    let window =
        |place: &str| format!("#panel(\"outside\", y: 0mm)\n#window({place}, holds: (\"address\",))");
    let folder = tempfile::tempdir().unwrap();
    let narrow = window("x: 105mm, y: 45mm, width: 95mm, height: 40mm");
    let with = |window: &str| {
        let window = Change::typ("#panel(\"outside\", y: 0mm)", window);
        check(&spoiled(folder.path(), MAILER, &[play, window]).0)
    };
    let ran = with(&narrow);
    assert!(ran.code == 2 && ran.stdout.contains("outside_window"), "{}", ran.stdout);
    let ran = with(&window("x: 103mm, y: 45mm, width: 99mm, height: 40mm"));
    assert_eq!(ran.code, 0, "with a larger window: {}", ran.stderr);
}

#[test]
fn a_fold_keeps_to_the_manifest() {
    let drawn = Change::typ("#fold(y: 99mm)", "#fold(y: 101mm)");
    let stated = Change::toml("at_mm = [99, 198]", "at_mm = [101, 198]");
    refused_and_mended(LETTER, &[drawn], "fold_contradicts", &[drawn, stated]);
    let middle = Change::typ(
        "#at(droite, 45mm, address(width: 80mm, pitch: 4.3mm))",
        "#at(droite, 145mm, address(width: 80mm, pitch: 4.3mm))",
    );
    let folder = tempfile::tempdir().unwrap();
    let (copy, _) = spoiled(folder.path(), LETTER, &[middle]);
    assert!(check(&copy).stdout.contains("address_inside"));
    let own = Change::toml("envelope = \"dl-two-windows\"", "");
    let over_the_card = "#window(x: 110mm, y: 120mm, width: 50mm, height: 20mm)\n#card-place";
    let over_the_front = "#window(x: 15mm, y: 80mm, width: 50mm, height: 15mm)\n#card-place";
    let window = |to| [own, Change::typ("#card-place", to)];
    refused_and_mended(LETTER, &window(over_the_card), "window_inside", &window(over_the_front));
}

#[test]
fn a_sheet_that_is_not_folded_hides_no_code() {
    let flat = Change::toml("{ kind = \"c\", at_mm = [99, 198] }", "{ kind = \"none\" }");
    let folder = tempfile::tempdir().unwrap();
    let (copy, _) = spoiled(folder.path(), MAILER, &[flat]);
    let ran = check(&copy);
    for code in ["panel_shows", "shown_outside", "fold_contradicts"] {
        assert!(ran.stdout.contains(&format!("\"{code}\"")), "{code}: {}", ran.stdout);
    }
}

#[test]
fn a_press_that_turns_otherwise_than_the_template_prints_nothing() {
    let with_duplex = |duplex: &str| {
        let job = TestJob::new();
        job.replace("job.toml", "[limits]\n", &format!("[press]\nduplex = \"{duplex}\"\n\n[limits]\n"));
        assert!(job.run(FRIDAY, &["--only", "letters"]).code <= 1, "letters have no back");
        let ran = job.run(MONDAY, &["--only", "mailers"]);
        (job, ran)
    };
    let (job, ran) = with_duplex("short-edge");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let error = &ran.json()["error"];
    assert_eq!(error["code"], "press_duplex");
    assert!(error["message"].as_str().unwrap().contains("on the long edge"), "{error}");
    assert!(error["advice"].as_str().unwrap().contains("`duplex = \"long-edge\"`"), "{error}");
    assert!(!job.path("out/2026-11-23/mailers").exists());
    let (_, ran) = with_duplex("long-edge");
    assert!(ran.code <= 1, "{}", ran.stderr);
    let job = TestJob::new();
    let template = copied(&job.path(""), MAILER, "");
    Change::toml("long-edge", "short-edge").make(&template);
    job.replace("job.toml", "[limits]\n", "[press]\nduplex = \"long-edge\"\n\n[limits]\n");
    job.run(FRIDAY, &["--only", "letters"]);
    let ran = job.run(MONDAY, &["--only", "mailers"]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"press_duplex".into()), "{}", ran.stderr);
    job.replace("job.toml", "duplex = \"long-edge\"", "duplex = \"auto\"");
    assert!(job.run(MONDAY, &["--only", "mailers"]).code <= 1);
}
