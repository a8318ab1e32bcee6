//! Each rule of places and fineness: what breaks it is refused, and what its advice says mends it.

use crate::fault::Severity;
use crate::kind::FaultKind;
use crate::tests::{LETTER, back, changed, checked, front, sound};

/// A line on the front of the letter that breaks a rule, and the line after its advice is followed.
struct Case {
    broken: &'static str,
    wanted: FaultKind,
    /// What the message says.
    said: &'static str,
    /// What the advice says.
    advised: &'static str,
    mended: &'static str,
}

const fn case(
    broken: &'static str,
    wanted: FaultKind,
    said: &'static str,
    advised: &'static str,
    mended: &'static str,
) -> Case {
    Case { broken, wanted, said, advised, mended }
}

#[track_caller]
fn holds(toml: &str, case: &Case) {
    let Case { broken, wanted, said, advised, mended } = case;
    let (faults, line) = changed("letter", toml, front(broken));
    // The last line is the one that breaks the rule.
    let line = line + broken.matches('\n').count();
    let of_kind: Vec<_> = faults.iter().filter(|fault| fault.kind == *wanted).collect();
    assert_eq!(of_kind.len(), 1, "{broken}: {faults:?}");
    let fault = of_kind[0];
    assert!(fault.message.contains(said), "{broken}: {}", fault.message);
    let advice = fault.advice.as_deref().unwrap_or_default();
    assert!(advice.contains(advised), "{broken}: {advice}");
    let place = fault.to_string().contains(&format!("main.typ:{line}:"));
    assert!(place && fault.end.is_some() && !fault.places.is_empty(), "{fault:?}");
    let (faults, _) = changed("letter", toml, front(mended));
    assert!(faults.is_empty(), "{mended}: {faults:?}");
}

#[test]
fn the_advice_of_places_works() {
    use FaultKind::{FoldInText, OutsidePage, OutsideSafeArea, UnderCard};
    for case in [
        case(
            "#at(206mm, 240mm)[ABCD]",
            OutsidePage,
            "“ABCD” lies off the page by",
            "to the left",
            "#at(200mm, 240mm)[AB]",
        ),
        case(
            "#at(250mm, 250mm, field(\"date\", width: 20mm))",
            OutsidePage,
            "`date` lies off the page by 60 mm at the right",
            "move it 60 mm to the left",
            "#at(190mm, 250mm, field(\"date\", width: 20mm))",
        ),
        case(
            "#at(20mm, -4mm, image(\"black.svg\", width: 8mm))",
            OutsidePage,
            "this picture lies off the page by 4 mm at the head",
            "move it 4 mm down",
            "#at(20mm, 0mm, image(\"black.svg\", width: 8mm))",
        ),
        case(
            "#at(100mm, 250mm, line(length: 130mm))",
            OutsidePage,
            "this line or shape lies off the page by 20",
            "to the left",
            "#at(79mm, 250mm, line(length: 130mm))",
        ),
        case(
            "#at(60mm, 97mm, text(size: 24pt)[PLI])",
            FoldInText,
            "“PLI” runs over the fold at 99 mm",
            "move it up by 4",
            "#at(60mm, 92.2mm, text(size: 24pt)[PLI])",
        ),
        case(
            "#at(60mm, 197mm, text(size: 12pt, field(\"date\", width: 20mm)))",
            FoldInText,
            "`date` runs over the fold at 198 mm",
            "down by 1.1 mm",
            "#at(60mm, 198.1mm, text(size: 12pt, field(\"date\", width: 20mm)))",
        ),
        case(
            "#safe-area()\n#at(2mm, 240mm)[TITRE]",
            OutsideSafeArea,
            "“TITRE” lies outside the safe area by",
            "mm to the right",
            "#safe-area()\n#at(5mm, 240mm)[TITRE]",
        ),
        case(
            "#safe-area()\n#at(0mm, 250mm, rect(width: 210mm, height: 5mm, fill: k(20%), stroke: none))",
            OutsideSafeArea,
            "5 mm at the left and 5 mm at the right",
            "make it smaller",
            "#safe-area()\n#at(5mm, 250mm, rect(width: 200mm, height: 5mm, fill: k(20%), stroke: none))",
        ),
        case(
            "#card-place(x: 15mm, y: 110mm)\n#at(20mm, 108mm, text(size: 12pt)[Carte])",
            UnderCard,
            "“Carte” lies under the card by",
            "keep 15 to 100.6 mm across and 110 to 164 mm down clear",
            "#card-place(x: 15mm, y: 110mm)\n#at(20mm, 104mm, text(size: 12pt)[Carte])",
        ),
        case(
            "#card-place(x: 15mm, y: 110mm)\n#at(90mm, 120mm, image(\"black.svg\", width: 15mm))",
            UnderCard,
            "this picture lies under the card by 10.6 mm",
            "across",
            "#card-place(x: 15mm, y: 110mm)\n#at(90mm, 165mm, image(\"black.svg\", width: 15mm))",
        ),
    ] {
        holds("", &case);
    }
}

#[test]
fn what_marks_the_card_and_the_folds_is_no_fault() {
    let frame = "#card-place(x: 15mm, y: 110mm)\n#at(13.5mm, 108.5mm, rect(width: 88.6mm, height: 57mm))";
    sound("letter", "", front(frame));
    sound(
        "letter",
        "",
        front("#at(5mm, 60mm, line(angle: 90deg, length: 3mm))\n#at(5mm, 99mm, line(length: 4mm))"),
    );
    sound("letter", "", front("#at(2mm, 90mm, image(\"black.svg\", width: 6mm, height: 20mm))"));
    let number = "#card-place(x: 108mm, y: 115mm)";
    sound("letter", "", front(number));
}

#[test]
fn the_advice_of_overlaps_works() {
    for case in [
        case(
            "#at(20mm, 210mm)[Bonjour]\n#at(25mm, 210mm)[Madame]",
            FaultKind::Overlap,
            "“Madame” stands over “Bonjour” by",
            "move one of the two",
            "#at(20mm, 210mm)[Bonjour]\n#at(40mm, 210mm)[Madame]",
        ),
        case(
            "#at(20mm, 210mm, field(\"date\", width: 40mm))\n#at(50mm, 211mm, field(\"holder\", width: 40mm))",
            FaultKind::Overlap,
            "the places of `date` and `holder` overlap by 1.6 mm",
            "make its place smaller",
            "#at(20mm, 210mm, field(\"date\", width: 30mm))\n#at(50mm, 211mm, field(\"holder\", width: 40mm))",
        ),
        case(
            "#at(20mm, 210mm, field(\"date\", width: 40mm))\n#at(55mm, 210mm)[Nantes]",
            FaultKind::Overlap,
            "“Nantes” stands over `date` by",
            "move one of the two",
            "#at(20mm, 210mm, field(\"date\", width: 35mm))\n#at(55mm, 210mm)[Nantes]",
        ),
    ] {
        let Case { broken, wanted, said, advised, mended } = case;
        let (faults, line) = changed("letter", "", front(broken));
        assert_eq!(faults.len(), 1, "{faults:?}");
        let fault = &faults[0];
        assert_eq!(fault.kind, wanted);
        assert!(
            fault.message.contains(said) && fault.advice.as_ref().is_some_and(|a| a.contains(advised)),
            "{fault:?}"
        );
        assert!(fault.to_string().contains(&format!("main.typ:{}:", line + 1)), "{fault}");
        sound("letter", "", front(mended));
    }
    // Lines of a paragraph, accents, italics and kerning do not stand on each other.
    let paragraph = "#at(20mm, 205mm, block(width: 60mm, { set par(leading: 0.5em); [Ça gêne _fjord_ *AV* To. ÉÀÇ jpqgy ÉÀÇ jpqgy ÉÀÇ jpqgy] }))";
    sound("letter", "", front(paragraph));
}

#[test]
fn the_advice_of_fineness_works() {
    for case in [
        case(
            "#at(20mm, 210mm, image(\"grey.png\", width: 20mm))",
            FaultKind::CoarseArtwork,
            "has 127 pixels to the inch at its printed size; 300 are the least",
            "2.37 times as many pixels to a side, or print it at 42 %",
            "#at(20mm, 210mm, image(\"grey.png\", width: 8.4mm))",
        ),
        case(
            "#at(20mm, 210mm, line(length: 9mm, stroke: 0.1pt + k(100%)))",
            FaultKind::Hairline,
            "a line of 0.10 pt",
            "0.25pt",
            "#at(20mm, 210mm, line(length: 9mm, stroke: 0.25pt + k(100%)))",
        ),
        case(
            "#at(20mm, 210mm, scale(20%, rect(width: 9mm, height: 9mm, stroke: 1pt + k(100%))))",
            FaultKind::Hairline,
            "a line of 0.20 pt",
            "0.25pt",
            "#at(20mm, 210mm, scale(25%, rect(width: 9mm, height: 9mm, stroke: 1pt + k(100%))))",
        ),
        case(
            "#at(20mm, 210mm, image(\"text.svg\", width: 10mm))",
            FaultKind::SmallText,
            "this artwork has text of 2.83 pt; 6 pt is the smallest that is printed",
            "2.12 times as large, or print it larger",
            "#at(20mm, 210mm, image(\"text.svg\", width: 22mm))",
        ),
        case(
            "#at(20mm, 210mm, text(size: 5pt)[petits caractères])",
            FaultKind::SmallText,
            "text of 5 pt; 6 pt is the smallest that is printed",
            "text(size: 6pt, …)",
            "#at(20mm, 210mm, text(size: 9pt)[petits caractères])",
        ),
        case(
            "#at(20mm, 210mm, field(\"holder\", width: 20mm, min-size: 3pt))",
            FaultKind::SmallText,
            "`holder` may shrink to 3.00 pt",
            "min-size: 6pt",
            "#at(20mm, 210mm, field(\"holder\", width: 20mm, min-size: 6pt))",
        ),
    ] {
        holds("", &case);
    }
}

#[test]
fn small_print_is_a_warning_told_once() {
    let lines = "#at(20mm, 205mm, text(size: 7pt)[un])\n#at(20mm, 210mm, text(size: 7pt)[deux])\n#at(20mm, 215mm, text(size: 8pt, field(\"date\", width: 20mm)))";
    let (faults, line) = changed("letter", "", front(lines));
    let told: Vec<_> = faults.iter().map(|fault| (fault.severity, fault.message.as_str())).collect();
    let warned = Severity::Warning;
    assert_eq!(
        told,
        [
            (warned, "text of 7 pt is hard to read (here and in 1 more places)"),
            (warned, "text of 8 pt is hard to read")
        ]
    );
    assert_eq!(faults[0].location.map(|(line, _)| line), Some(line));
    assert_eq!((faults[0].variants, faults[0].places.len()), (1, 2));
}

#[test]
fn a_window_shows_what_it_holds_and_nothing_else() {
    let play = "envelope = { play_mm = { x = 2, y = 1 } }";
    for case in [
        case(
            "#at(110mm, 86mm, text(size: 9pt)[Expéditeur])",
            FaultKind::ForeignInWindow,
            "“Expéditeur” shows in the window of `address` by",
            "mm down",
            "#at(110mm, 88mm, text(size: 9pt)[Expéditeur])",
        ),
        case(
            "#at(110mm, 84mm, field(\"date\", width: 20mm))",
            FaultKind::ForeignInWindow,
            "`date` shows in the window of `address` by 2.1 mm, in a piece that moves by 2 mm across and 1 mm down its envelope",
            "move it 2.1 mm down",
            "#at(110mm, 86.1mm, field(\"date\", width: 20mm))",
        ),
        case(
            "#at(60mm, 79mm, image(\"black.svg\", width: 6mm))",
            FaultKind::ForeignInWindow,
            "this picture shows in the window of `code39` by 2 mm",
            "move it 2 mm down",
            "#at(60mm, 81.1mm, image(\"black.svg\", width: 6mm))",
        ),
    ] {
        holds(play, &case);
    }
    let lost = ("#at(110mm, 50mm, address())", "#at(106mm, 50mm, address())");
    let (faults, _) = changed("letter", play, lost);
    assert_eq!(faults.len(), 1, "{faults:?}");
    let said = "`address` lies outside its window by 1 mm at the left, quiet zones included, in a piece that moves by 2 mm";
    assert!(faults[0].message.starts_with(said), "{}", faults[0].message);
    assert!(faults[0].advice.as_ref().is_some_and(|advice| advice.starts_with("move it 1 mm to the right")));
    sound("letter", play, (lost.0, "#at(107mm, 50mm, address())"));
}

#[test]
fn what_seals_a_mailer_is_kept_clear() {
    let glued =
        "#glue(y: 289mm)\n#perforation(y: 280mm)\n#tear-strip(x: 0mm, y: 200mm, width: 12mm, height: 80mm)";
    sound("mailer", "seal = \"glue\"", front(glued));
    let with = |line: &str| format!("{glued}\n{line}");
    for (line, wanted) in [
        ("#at(20mm, 290mm)[Ouvrir ici]", FaultKind::InkOnGlue),
        ("#at(20mm, 287mm, rect(width: 20mm, height: 5mm, fill: k(20%)))", FaultKind::InkOnGlue),
        ("#at(20mm, 278mm, text(size: 12pt)[Ouvrir ici])", FaultKind::AcrossPerforation),
        ("#at(8mm, 240mm, field(\"date\", width: 20mm))", FaultKind::AcrossPerforation),
    ] {
        let (faults, _) = changed("mailer", "seal = \"glue\"", front(&with(line)));
        let kinds: Vec<_> = faults.iter().map(|fault| fault.kind).collect();
        assert_eq!(kinds, [wanted], "{line}: {faults:?}");
        assert!(faults[0].advice.is_some());
    }
    sound("mailer", "seal = \"glue\"", front(&with("#at(20mm, 240mm)[Ouvrir ici]")));
    let (faults, _) = changed("mailer", "seal = \"pressure\"", back("// back"));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].kind == FaultKind::MissingSeal && faults[0].to_string().contains("template.toml:7:"));
    assert!(faults[0].advice.as_ref().is_some_and(|advice| advice.contains("#glue(…)")));
    sound("mailer", "", front("// no seal is needed in an envelope"));
    let (faults, _) = changed("letter", "seal = \"glue\"", front("#glue(y: 289mm)"));
    assert!(faults.len() == 1 && faults[0].to_string().contains("template.toml:7:"), "{faults:?}");
    assert!(faults[0].message.contains("a letter can't have `seal = \"glue\"`"), "{faults:?}");
    sound("letter", "", front("#glue(y: 289mm)"));
}

/// The windows of the letter of these tests are those of no envelope in stock.
const OWN_WINDOWS: &str = r#"#window(x: 15mm, y: 62mm, width: 58mm, height: 18mm, holds: ("code39",))
#window(x: 105mm, y: 45mm, width: 95mm, height: 40mm, holds: ("address",))
"#;

#[test]
fn windows_are_those_of_the_envelope() {
    let named = "envelope = \"dl-window\"";
    let (faults, _) =
        changed("mailer", named, ("#at(110mm, 50mm, address())", "#at(102mm, 45.9mm, address())"));
    let kinds: Vec<_> = faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [FaultKind::WindowContradicts], "{faults:?}");
    let text = LETTER.replace(OWN_WINDOWS, "");
    let checked = |toml: &str, from: &str, to: &str| checked("letter", &text.replacen(from, to, 1), toml);
    let address = "#at(110mm, 50mm, address())";
    let faults = checked(named, address, address);
    let said = faults.iter().find(|fault| fault.kind == FaultKind::OutsideWindow);
    let said = said.unwrap_or_else(|| panic!("{faults:?}"));
    assert!(
        said.message.contains("in a piece that moves by 5 mm across and 5.5 mm down its envelope"),
        "{said}"
    );
    let fits = "#at(102mm, 45.9mm, address())";
    assert_eq!(checked(named, address, fits), []);
    assert_eq!(checked("envelope = \"dl-two-windows\"", address, fits), []);
    let half = checked(
        "envelope = \"dl-window\"\nfold = { kind = \"half\" }",
        "#fold(y: 99mm)\n#fold(y: 198mm)",
        "",
    );
    assert!(half.iter().any(|fault| fault.kind == FaultKind::Envelope), "{half:?}");
    let unknown = checked("envelope = \"dl-widow\"", address, fits);
    assert!(unknown.len() == 1 && unknown[0].kind == FaultKind::Envelope, "{unknown:?}");
    assert!(unknown[0].to_string().contains("template.toml:7:"), "{}", unknown[0]);
    assert!(
        unknown[0].advice.as_ref().is_some_and(|advice| advice.contains("did you mean `dl-window`?")),
        "{unknown:?}"
    );
}

/// The report of a template, a fault a line, as the test keeps it.
fn report(template: &str) -> String {
    let root =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/templates").join(template);
    let found = crate::Template::find(&root).unwrap();
    let Err(error) = found.compile(&[crate::Facts::new()], &crate::Facts::new()) else {
        return String::new();
    };
    let line = |fault: &crate::TemplateFault| {
        let text = fault.to_string();
        let place = text.strip_prefix(&format!("{}/", root.display())).unwrap_or(&text).to_owned();
        let advice = fault.advice.as_deref().unwrap_or("-");
        format!("{} {}\n  {place}\n  {advice}\n", fault.severity.name(), fault.code())
    };
    error.faults.iter().map(line).collect()
}

#[test]
fn thirty_mistakes_are_one_report() {
    let report = report("thirty-mistakes");
    let kept =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/templates/thirty-mistakes.txt");
    if std::env::var_os("PLI_UPDATE_SNAPSHOTS").is_some() {
        fs_err::write(&kept, &report).unwrap();
    }
    assert_eq!(report, fs_err::read_to_string(&kept).unwrap_or_default());
    let faults: Vec<&str> = report.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(faults.len(), 30, "{report}");
    assert!(!report.lines().any(|line| line == "  -"), "every fault has advice: {report}");
}
