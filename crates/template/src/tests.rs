//! Small templates and what is refused of them, each at the designer's call.

use crate::{Facts, FaultKind, Severity, Template, TemplateError, TemplateFault};

/// A mailer that is sound: its address on page 1, its codes on page 2.
const MAILER: &str = r#"#import "/pli.typ": *
#show: piece
#fold(y: 99mm)
#window(x: 105mm, y: 45mm, width: 95mm, height: 40mm, holds: ("address",))
#at(110mm, 50mm, address())
#at(15mm, 60mm, field("piece_id", width: 40mm))
#at(15mm, 70mm, field("tracking_id", width: 40mm))
// front
#pagebreak()
#panel("inside", y: 0mm, height: 297mm)
#at(15mm, 20mm, field("card_number_masked", width: 40mm))
#at(15mm, 110mm, text(size: 30pt, field("pin", width: 40mm)))
#at(111mm, 110mm, text(size: 30pt, field("puk", width: 70mm)))
#at(15mm, 215mm, text(size: 20pt, field("assistance_code", width: 40mm)))
// back
"#;

/// A letter that is sound: all of it on page 1.
pub(crate) const LETTER: &str = r#"#import "/pli.typ": *
#show: piece
#fold(y: 99mm)
#fold(y: 198mm)
#window(x: 15mm, y: 62mm, width: 58mm, height: 18mm, holds: ("code39",))
#window(x: 105mm, y: 45mm, width: 95mm, height: 40mm, holds: ("address",))
#at(17.2mm, 66mm, code39("card_number", height: 10mm))
#at(110mm, 50mm, address())
#at(15mm, 90mm, field("piece_id", width: 34mm))
#at(110mm, 140mm, field("card_number", width: 40mm))
#at(165mm, 210mm, two-d-doc(size: 30mm, module: 0.508mm))
// front
#pagebreak()
// back
"#;

/// A grey PNG of so many pixels to a side.
pub(crate) fn grey_picture(pixels: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::GrayImage::from_pixel(pixels, pixels, image::Luma([80]));
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A template of a kind, with these texts and lines of `template.toml`.
pub(crate) fn checked(kind: &str, typ: &str, toml: &str) -> Vec<TemplateFault> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs_err::write(folder.path().join(name), text).unwrap();
    write("main.typ", typ);
    write(
        "black.svg",
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>"#,
    );
    write(
        "text.svg",
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><text y="30" font-family="IBM Plex Sans" font-size="10">petit</text></svg>"#,
    );
    fs_err::write(folder.path().join("grey.png"), grey_picture(100)).unwrap();
    write(
        "template.toml",
        &format!(
            "kind = \"{kind}\"\nmain = \"main.typ\"\ntitle = \"Essai\"\nmedia = \"A4\"\ngrammage = 90\nvariants = []\n{toml}\n"
        ),
    );
    let compiled =
        Template::find(folder.path()).and_then(|found| found.compile(&[Facts::new()], &Facts::new()));
    match compiled {
        Ok(compiled) => compiled.warnings,
        Err(TemplateError { faults, .. }) => faults,
    }
}

/// The faults of a sound template after a change; the line of `to` is marked by `@` for what is asked of positions.
pub(crate) fn changed(kind: &str, toml: &str, (from, to): (&str, &str)) -> (Vec<TemplateFault>, usize) {
    let sound = if kind == "mailer" { MAILER } else { LETTER };
    assert!(sound.contains(from), "{from}");
    let text = sound.replacen(from, to, 1);
    let line = text.find(to).map_or(0, |at| text[..at].matches('\n').count() + 1);
    (checked(kind, &text, toml), line)
}

/// The change is refused with this kind of fault, at the line of the change, with advice.
#[track_caller]
pub(crate) fn refused(kind: &str, toml: &str, change: (&str, &str), wanted: FaultKind) {
    let (faults, line) = changed(kind, toml, change);
    let at = format!("main.typ:{line}:");
    let mut found = faults.iter().filter(|fault| fault.kind == wanted && fault.to_string().contains(&at));
    let found = found.next().unwrap_or_else(|| panic!("{}: {wanted:?} at {line} among {faults:?}", change.1));
    assert!(found.advice.is_some(), "{found:?}");
}

#[track_caller]
pub(crate) fn sound(kind: &str, toml: &str, change: (&str, &str)) {
    let (faults, _) = changed(kind, toml, change);
    let errors: Vec<_> = faults.iter().filter(|fault| fault.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{}: {errors:?}", change.1);
}

/// Lines for the front and the back of a mailer.
pub(crate) fn front(line: &str) -> (&'static str, &str) {
    ("// front", line)
}

pub(crate) fn back(line: &str) -> (&'static str, &str) {
    ("// back", line)
}

const PIN: &str = "#at(15mm, 110mm, text(size: 30pt, field(\"pin\", width: 40mm)))";

#[test]
fn sound_templates_are_sound() {
    sound("mailer", "", front("// front"));
    sound("letter", "", front("// front"));
    let stated = "fold = { kind = \"c\", at_mm = [99, 198] }\nturn = \"long-edge\"\nenvelope = { play_mm = { x = 4, y = 4 } }";
    sound("mailer", stated, front("// front"));
    let stated = "fold = { kind = \"z\" }\nenvelope = { play_mm = { x = 2, y = 1 } }";
    sound("letter", stated, front("// front"));
}

#[test]
fn the_side_with_the_address_is_outside_whatever_its_panels_say() {
    refused("mailer", "", front("#panel(\"inside\", y: 99mm)"), FaultKind::PanelShows);
    for field in
        ["pin", "puk", "assistance_code", "card_number", "card_number_masked", "replaced_card_number"]
    {
        let line = format!("#at(15mm, 120mm, text(size: 12pt, field(\"{field}\", width: 40mm)))");
        refused("mailer", "", front(&line), FaultKind::ShownOutside);
    }
    refused("mailer", "", front("#at(15mm, 120mm, code39(\"card_number\"))"), FaultKind::ShownOutside);
    let second = "#at(110mm, 250mm, address())";
    let (faults, _) = changed("mailer", "", back(second));
    let codes = faults.iter().filter(|fault| fault.kind == FaultKind::ShownOutside).count();
    assert_eq!(codes, 4, "two sides with an address are both outside: {faults:?}");
}

#[test]
fn what_the_fold_leaves_outside_shows() {
    let z = "fold = { kind = \"z\" }";
    let on_the_last = "#at(60mm, 250mm, text(size: 12pt, field(\"pin\", width: 40mm)))";
    refused("mailer", z, back(on_the_last), FaultKind::ShownOutside);
    let whole = "#panel(\"inside\", y: 0mm, height: 297mm)";
    refused("mailer", z, (whole, whole), FaultKind::PanelShows);
    let flat = "fold = { kind = \"none\" }";
    refused("mailer", flat, (whole, whole), FaultKind::PanelShows);
    refused("mailer", flat, (PIN, PIN), FaultKind::ShownOutside);
    let uneven = "fold = { kind = \"half\", at_mm = [99] }";
    refused(
        "mailer",
        uneven,
        back("#at(60mm, 250mm, text(size: 12pt, field(\"pin\", width: 40mm)))"),
        FaultKind::ShownOutside,
    );
}

#[test]
fn ground_without_a_panel_bears_no_code_and_no_card_number() {
    let panel = "#panel(\"inside\", y: 0mm, height: 297mm)";
    let (faults, _) = changed("mailer", "", (panel, ""));
    let bare = faults.iter().filter(|fault| fault.kind == FaultKind::OutsidePanel).count();
    assert_eq!(bare, 4, "{faults:?}");
    let smaller =
        "#panel(\"inside\", y: 0mm, height: 198mm)\n#at(60mm, 250mm, field(\"card_number\", width: 40mm))";
    let (faults, _) = changed("mailer", "", (panel, smaller));
    assert!(faults.iter().any(|f| f.kind == FaultKind::OutsidePanel && f.message.contains("`card_number`")));
}

#[test]
fn folds_are_where_the_manifest_has_them() {
    refused("mailer", "", front("#fold(y: 100mm)"), FaultKind::FoldContradicts);
    refused(
        "mailer",
        "fold = { kind = \"none\" }",
        ("#fold(y: 99mm)", "#fold(y: 99mm)"),
        FaultKind::FoldContradicts,
    );
    let uneven = |turn: &str| format!("fold = {{ kind = \"c\", at_mm = [99, 199] }}\nturn = \"{turn}\"");
    sound("mailer", &uneven("long-edge"), back("#fold(y: 199mm)"));
    refused("mailer", &uneven("short-edge"), back("#fold(y: 199mm)"), FaultKind::FoldContradicts);
    sound("mailer", &uneven("short-edge"), back("#fold(y: 198mm)"));
    // Its advice works.
    let advised = "fold = { kind = \"half\", at_mm = [148.5] }";
    let (faults, _) = changed("letter", advised, ("#fold(y: 99mm)\n#fold(y: 198mm)", "#fold(y: 148.5mm)"));
    assert!(faults.is_empty(), "{faults:?}");
    // A fold that the manifest has need not be drawn to run through a symbol.
    let moved = ("#at(165mm, 210mm, two-d-doc", "#at(165mm, 180mm, two-d-doc");
    let text = LETTER.replace("#fold(y: 198mm)\n", "").replace(moved.0, moved.1);
    let faults = checked("letter", &text, "");
    assert!(faults.iter().any(|fault| fault.kind == FaultKind::FoldInSymbol), "{faults:?}");
}

#[test]
fn an_address_must_show() {
    let address = ("#at(110mm, 50mm, address())", "#at(110mm, 120mm, address())");
    refused("mailer", "fold = { kind = \"z\" }", address, FaultKind::AddressInside);
    let lost = ("#at(110mm, 50mm, address())", "#at(106mm, 50mm, address())");
    sound("mailer", "envelope = { play_mm = { x = 0.5, y = 0 } }", lost);
    refused("mailer", "envelope = { play_mm = { x = 3, y = 0 } }", lost, FaultKind::OutsideWindow);
    let inside = "#window(x: 15mm, y: 120mm, width: 50mm, height: 20mm)";
    refused("letter", "fold = { kind = \"z\" }", front(inside), FaultKind::WindowInside);
    sound("letter", "fold = { kind = \"c\" }", front(inside));
}

#[test]
fn no_window_shows_a_number_that_it_does_not_hold() {
    let play = |x: f64, y: f64| format!("envelope = {{ play_mm = {{ x = {x}, y = {y} }} }}");
    let above = "#at(110mm, 42mm, field(\"card_number\", width: 40mm))";
    sound("letter", &play(0.0, 0.0), front(above));
    sound("letter", &play(2.0, 0.0), front(above));
    let near = "#at(110mm, 42mm, field(\"card_number\", width: 40mm))";
    refused("letter", &play(2.0, 1.0), front(near), FaultKind::ShownInWindow);
    for field in ["card_number_masked", "replaced_card_number", "card_number"] {
        let line = format!("#at(110mm, 82mm, field(\"{field}\", width: 30mm))");
        refused("letter", "", front(&line), FaultKind::ShownInWindow);
    }
    let barcode = "#at(20mm, 77mm, text(size: 7pt, field(\"card_number\", width: 30mm)))";
    sound("letter", "", front(barcode));
    let older = "#at(20mm, 77mm, text(size: 7pt, field(\"replaced_card_number\", width: 30mm)))";
    refused("letter", "", front(older), FaultKind::ShownInWindow);
    let block = (
        "#at(165mm, 210mm, two-d-doc(size: 30mm, module: 0.508mm))",
        "#at(165mm, 65mm, two-d-doc(size: 30mm, module: 0.508mm))",
    );
    refused("letter", "", block, FaultKind::ShownInWindow);
    let behind = "#window(x: 10mm, y: 100mm, width: 150mm, height: 50mm)";
    let (faults, _) = changed("letter", "fold = { kind = \"c\" }", front(behind));
    assert!(
        faults.iter().any(|fault| fault.kind == FaultKind::ShownInWindow),
        "a window of the back: {faults:?}"
    );
    // A longer last panel looks out behind the first.
    let uneven = "fold = { kind = \"half\", at_mm = [90] }";
    let text = LETTER
        .replace("#fold(y: 99mm)\n#fold(y: 198mm)", "#fold(y: 90mm)")
        .replace("// back", "#at(20mm, 190mm, field(\"card_number\", width: 40mm))")
        .replace(
            "#window(x: 105mm, y: 45mm, width: 95mm, height: 40mm",
            "#window(x: 105mm, y: -20mm, width: 95mm, height: 105mm",
        );
    let faults = checked("letter", &text, uneven);
    assert!(faults.iter().any(|fault| fault.kind == FaultKind::ShownInWindow), "{faults:?}");
}

#[test]
fn a_code_is_large_and_black_enough() {
    for spoiled in [
        "#at(15mm, 110mm, text(size: 0.01pt, field(\"pin\", width: 40mm)))",
        "#at(15mm, 110mm, text(size: 6pt, field(\"pin\", width: 40mm)))",
        "#at(15mm, 110mm, text(size: 30pt, field(\"pin\", width: 40mm, min-size: 1pt)))",
        "#at(15mm, 110mm, text(size: 30pt, fill: k(1%), field(\"pin\", width: 40mm)))",
        "#at(15mm, 110mm, text(size: 30pt, fill: luma(200), field(\"pin\", width: 40mm)))",
        "#at(15mm, 110mm, text(size: 30pt, tracking: -15pt, field(\"pin\", width: 40mm)))",
    ] {
        refused("mailer", "", (PIN, spoiled), FaultKind::IllegibleCode);
    }
    let small = "#at(15mm, 110mm, text(size: 8pt, fill: k(80%), field(\"pin\", width: 40mm)))";
    sound("mailer", "", (PIN, small));
}

#[test]
fn nothing_stands_where_a_code_is_stamped() {
    for over in [
        "#at(10mm, 100mm, rect(width: 100mm, height: 60mm, fill: k(100%)))",
        "#at(10mm, 100mm, rect(width: 100mm, height: 60mm, fill: k(20%)))",
        "#at(20mm, 112mm)[NUL]",
        "#at(10mm, 100mm, image(\"black.svg\", width: 60mm))",
        "#at(0mm, 15mm, rotate(90deg, rect(width: 10mm, height: 200mm, fill: k(100%))))",
        "#at(20mm, 130mm, scale(1000%, rect(width: 20mm, height: 10mm, fill: k(100%))))",
        "#at(0mm, 80mm, line(end: (100mm, 70mm), stroke: 1pt + k(100%)))",
        "#at(10mm, 115mm, curve(stroke: 1pt + k(100%), curve.cubic((20mm, 0mm), (40mm, 0mm), (60mm, 1mm))))",
        "#at(30mm, 112mm, text(size: 34pt, field(\"puk\", width: 70mm)))",
        "#at(30mm, 112mm, field(\"date\", width: 20mm))",
    ] {
        refused("mailer", "", back(over), FaultKind::CoveredCode);
    }
    let (faults, _) = changed("mailer", "", ("#show: piece", "#show: piece\n#set page(fill: k(100%))"));
    assert!(faults.iter().any(|fault| fault.kind == FaultKind::CoveredCode), "{faults:?}");
    let (faults, _) = changed(
        "mailer",
        "",
        (
            "#show: piece",
            "#show: piece\n#set page(background: rect(width: 100%, height: 100%, fill: k(50%)))",
        ),
    );
    assert!(faults.iter().any(|fault| fault.kind == FaultKind::CoveredCode), "{faults:?}");
    for beside in [
        "#at(12mm, 105mm, rect(width: 60mm, height: 20mm))",
        "#at(12mm, 105mm, rect(width: 60mm, height: 20mm, fill: k(0%), stroke: none))",
        "#at(5mm, 83.5mm, circle(radius: 30mm, stroke: 1pt + k(100%)))",
        "#at(12mm, 130mm, rect(width: 60mm, height: 20mm, fill: k(100%)))",
        "#at(12mm, 105mm, box(clip: true, width: 60mm, height: 3mm, rect(width: 60mm, height: 60mm, fill: k(100%))))",
    ] {
        sound("mailer", "", back(beside));
    }
}

#[test]
fn a_mark_is_printed_as_its_designer_sees_it() {
    for (spoiled, wanted) in [
        ("field(\"pin\", width: 40mm, rotate: 90deg)", FaultKind::TransformedMark),
        ("rotate(180deg, field(\"pin\", width: 40mm))", FaultKind::TransformedMark),
        ("rotate(1deg, reflow: true, field(\"pin\", width: 40mm))", FaultKind::TransformedMark),
        ("scale(0.1%, field(\"pin\", width: 40mm))", FaultKind::TransformedMark),
        ("scale(x: -100%, field(\"pin\", width: 40mm))", FaultKind::TransformedMark),
        ("skew(ax: 30deg, field(\"pin\", width: 40mm))", FaultKind::TransformedMark),
        ("scale(10%, block(width: 60mm, [Code : #field(\"pin\", width: 40mm)]))", FaultKind::TransformedMark),
        ("rotate(90deg, rotate(90deg, field(\"pin\", width: 40mm)))", FaultKind::TransformedMark),
        ("hide(field(\"pin\", width: 40mm))", FaultKind::HiddenMark),
        ("hide(at(0mm, 0mm, field(\"pin\", width: 40mm)))", FaultKind::HiddenMark),
        ("hide(grid(columns: 2, [a], block(field(\"pin\", width: 40mm))))", FaultKind::HiddenMark),
        ("{ show: hide; field(\"pin\", width: 40mm) }", FaultKind::HiddenMark),
        ("box(clip: true, width: 1mm, height: 1mm, field(\"pin\", width: 40mm))", FaultKind::ClippedMark),
        ("block(clip: true, radius: 3mm, field(\"pin\", width: 40mm))", FaultKind::ClippedMark),
    ] {
        let line = format!("#at(15mm, 110mm, text(size: 30pt, {spoiled}))");
        refused("mailer", "", (PIN, &line), wanted);
    }
    for upright in [
        "move(dx: 1mm, dy: 1mm, field(\"pin\", width: 40mm))",
        "rotate(0deg, field(\"pin\", width: 40mm))",
        "scale(100%, field(\"pin\", width: 40mm))",
        "pad(left: 2mm, field(\"pin\", width: 40mm))",
        "{ hide[x]; field(\"pin\", width: 40mm) }",
    ] {
        let line = format!("#at(15mm, 110mm, text(size: 30pt, {upright}))");
        sound("mailer", "", (PIN, &line));
    }
    let window = "#rotate(5deg, window(x: 15mm, y: 20mm, width: 20mm, height: 10mm))";
    refused("mailer", "", front(window), FaultKind::TransformedMark);
    let out = "#at(15mm, 110mm, text(size: 30pt, move(dx: 300mm, field(\"pin\", width: 40mm))))";
    let (faults, _) = changed("mailer", "", (PIN, out));
    assert!(faults.iter().any(|fault| fault.kind == FaultKind::OutsidePage), "{faults:?}");
}

#[test]
fn the_second_of_two_calls_is_named_where_it_stands() {
    let text = MAILER.replace("// back", "#let code(body) = text(size: 30pt, body)\n#at(15mm, 150mm, code(field(\"pin\", width: 40mm, align: \"nowhere\")))");
    let faults = checked("mailer", &text, "");
    let line = text.lines().position(|line| line.contains("nowhere")).unwrap() + 1;
    let column = text.lines().nth(line - 1).unwrap().find("field").unwrap() + 1;
    assert!(faults[0].to_string().contains(&format!("main.typ:{line}:{column}: ")), "{faults:?}");
}

#[test]
fn an_argument_that_a_function_lacks_is_refused_at_its_call() {
    for call in ["field(\"date\", widht: 40mm)", "field(\"date\", 40mm)", "window(hold: ())", "fold(99mm)"] {
        let line = format!("#{call}");
        let (faults, at) = changed("mailer", "", front(&line));
        let found = faults.iter().find(|fault| fault.message.contains("unexpected argument"));
        let found = found.unwrap_or_else(|| panic!("{call}: {faults:?}"));
        assert!(found.to_string().contains(&format!("main.typ:{at}:")), "{found}");
    }
    let (faults, _) = changed("mailer", "", front("#panel(\"outside\", width: -10mm)"));
    assert!(faults.iter().any(|fault| fault.kind == FaultKind::MarkValue), "{faults:?}");
}

#[test]
fn a_wrong_fold_is_refused_at_its_line() {
    for toml in [
        "fold = { kind = \"w\" }",
        "fold = { kind = \"c\", at_mm = [99] }",
        "fold = { kind = \"c\", at = [99, 198] }",
        "turn = \"edge\"",
        "envelope = { play_mm = { x = nan, y = 0 } }",
        "envelope = { play_mm = { x = 1 } }",
        "envelope = { play = 2 }",
    ] {
        let (faults, _) = changed("mailer", toml, front("// front"));
        assert_eq!(faults[0].kind, FaultKind::Manifest);
        assert!(faults[0].to_string().contains("template.toml:7:"), "{toml}: {}", faults[0]);
    }
}

#[test]
fn floating_content_is_hidden_with_what_it_belongs_to() {
    for hidden in [
        "#hide(place(top + left, float: true, pad(5mm, field(\"date\", width: 40mm))))",
        "#hide(figure(placement: top, pad(5mm, field(\"date\", width: 40mm))))",
        "#hide(table(columns: 1, table.header[#field(\"date\", width: 40mm)], [a]))",
    ] {
        refused("mailer", "", back(hidden), FaultKind::HiddenMark);
    }
    refused("mailer", "", back("#set page(bleed: 50mm)\nx"), FaultKind::SheetSize);
}

#[test]
fn a_field_that_is_no_code_turns_by_quarters() {
    let of = |degrees: &str| format!("#at(150mm, 220mm, field(\"date\", width: 30mm, {degrees}))");
    for sound_ones in
        ["rotate: 90deg", "rotate: -90deg", "rotate: 180deg", "lines: 2, fit: \"wrap\", rotate: 90deg"]
    {
        sound("mailer", "", back(&of(sound_ones)));
    }
    refused("mailer", "", back(&of("rotate: 45deg")), FaultKind::TransformedMark);
    // It is checked where it lies: 30 mm down from its place, not 30 mm to the right.
    sound("mailer", "", back("#at(195mm, 220mm, field(\"date\", width: 30mm, rotate: 90deg))"));
    let down = "#at(150mm, 280mm, field(\"date\", width: 30mm, rotate: 90deg))";
    refused("mailer", "", back(down), FaultKind::OutsidePage);
    let both = "#at(150mm, 220mm, field(\"date\", width: 30mm, fit: \"wrap\", groups: 2))";
    let (faults, _) = changed("mailer", "", back(both));
    assert!(faults[0].message.contains("is grouped and wraps"), "{faults:?}");
    let many = "#at(150mm, 220mm, field(\"date\", width: 30mm, groups: -1))";
    refused("mailer", "", back(many), FaultKind::MarkValue);
}

#[test]
fn a_name_that_there_is_not_is_said_with_the_one_that_was_meant() {
    for (line, said, advised) in [
        ("#sys.inputs.reson", "there is no fact `reson`", "did you mean `reason`?"),
        ("#sys.inputs.at(\"reson\")", "there is no fact `reson`", "did you mean `reason`?"),
        ("#let facts = sys.inputs\n#facts.reson", "there is no fact `reson`", "did you mean `reason`?"),
        ("#sys.inputs.family", "the fact `family` does not select", "add \"family\" to `variants`"),
        (
            "#sys.inputs.familly",
            "there is no fact `familly`",
            "did you mean `family`? Then add \"family\" to",
        ),
        ("#feild(\"date\", width: 40mm)", "unknown variable: feild", "did you mean `field`?"),
        ("#at(20mm, 20mm, image(\"blak.svg\"))", "file not found", "did you mean `black.svg`?"),
        (
            "#at(20mm, 20mm, image(\"no/such/picture.png\"))",
            "file not found",
            "put it into the template's folder",
        ),
        (
            "#field(\"date\", width: 40mm, align: middle)",
            "unknown variable: middle",
            "write `left`, `center` or `right`",
        ),
        (
            "#field(\"date\", width: 40mm, align: centre)",
            "unknown variable: centre",
            "did you mean `center`?",
        ),
        ("#let wide = 3mm\n#v(wid)", "unknown variable: wid", "did you mean `wide`?"),
        ("#field(\"date\", widht: 40mm)", "unexpected argument `widht:`", "did you mean `width`?"),
        ("#rect(widht: 40mm)", "unexpected argument: widht", "did you mean `width`?"),
        ("#field(\"dat\", width: 40mm)", "unknown field `dat`", "did you mean `date`?"),
        ("#text(font: \"IBM Plex Sens\")[a]", "unknown font family", "did you mean `IBM Plex Sans`?"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = MAILER.replacen("// front", line, 1);
        fs_err::write(folder.path().join("main.typ"), &text).unwrap();
        fs_err::write(folder.path().join("black.svg"), "<svg/>").unwrap();
        let manifest = "kind = \"mailer\"\nmain = \"main.typ\"\ntitle = \"Essai\"\nmedia = \"A4\"\ngrammage = 90\nvariants = [\"reason\"]\n";
        fs_err::write(folder.path().join("template.toml"), manifest).unwrap();
        let facts = Facts::from([("reason".to_owned(), "first".to_owned())]);
        let compiled = Template::find(folder.path()).unwrap().compile(&[facts], &Facts::new());
        let Err(TemplateError { faults, .. }) = compiled else { panic!("{line}: no fault") };
        let fault = faults.iter().find(|fault| fault.message.contains(said));
        let fault = fault.unwrap_or_else(|| panic!("{line}: {faults:?}"));
        let advice = fault.advice.as_deref().unwrap_or_default();
        assert!(advice.starts_with(advised), "{line}: {advice}");
        let at = 8 + line.matches('\n').count();
        assert_eq!(fault.location.map(|(line, _)| line), Some(at), "{line}: {fault}");
    }
}
