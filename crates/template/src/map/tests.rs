use std::path::Path;

use super::*;
use crate::{DesignerLayout, Facts, LayoutWorker, Template};

/// A mailer whose marks are left in many ways.
const MAIN: &str = r##"#import "/pli.typ": *
#import "/parts/common.typ": *
#show: piece
#window(x: 105mm, y: 45mm, width: 95mm, height: 40mm, holds: ("address",))
#at(110mm, 50mm, address())
#at(15mm, 20mm)[Bonjour #"à tous", l'année #strong[passe]. #text(size: 8pt)[Petit]]
#let place(y, name) = at(15mm, y, field(name, width: 40mm))
#place(60mm, "piece_id")
#for (n, name) in ("tracking_id", "date").enumerate() {
  at(15mm, 70mm + n * 5mm, field(name, width: 40mm))
}
#show "HERE": field("ho" + "lder", width: 40mm)
#at(15mm, 88mm)[HERE]
#pagebreak()
#panel("inside", y: 0mm, height: 297mm)
#at(15mm, 110mm, code("pin"))
#at(15mm, 140mm, code("puk"))
#at(15mm, 170mm, code("assistance_code"))
#at(100mm, 20mm, rotate(90deg, reflow: true)[Debout])
#at(100mm, 60mm, box(clip: true, width: 10mm, height: 5mm, rect(width: 60mm, height: 60mm)))
#at(100mm, 80mm, image("/black.svg", width: 10mm))
#at(100mm, 200mm, two-d-doc())
#at(15mm, 240mm, block(width: 40mm)[Une phrase qui est trop longue pour une seule ligne.])
"##;
/// What another file holds.
const COMMON: &str =
    "#import \"/pli.typ\": *\n#let code(name) = text(size: 20pt, field(name, width: 60mm))\n";

fn write(folder: &Path, path: &str, text: &str) {
    fs_err::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
    fs_err::write(folder.join(path), text).unwrap();
}

fn lay_out(worker: &mut LayoutWorker, folder: &Path) -> DesignerLayout {
    let template = Template::find(folder).unwrap();
    worker.lay_out(&template, &[Facts::new()], &Facts::new()).unwrap_or_else(|error| panic!("{error}"))
}

/// The text that a place names.
fn named<'t>(text: &'t str, place: &SourcePlace) -> &'t str {
    let at = |line: usize, column: usize| {
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let rest = &text[start..];
        start + rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at)
    };
    &text[at(place.line, place.column)..at(place.end_line, place.end_column)]
}

#[test]
fn all_that_a_page_shows_has_the_designers_own_place() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "main.typ", MAIN);
    write(folder.path(), "parts/common.typ", COMMON);
    let svg =
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>"#;
    write(folder.path(), "black.svg", svg);
    let manifest = "kind = \"mailer\"\nmain = \"main.typ\"\ntitle = \"Essai\"\nmedia = \"A4\"\ngrammage = 90\nvariants = []\n";
    write(folder.path(), "template.toml", manifest);
    let mut worker = LayoutWorker::start();
    let DesignerLayout { compiled, maps } = lay_out(&mut worker, folder.path());
    let sides = &compiled.variants[0].sides;
    let mut calls = Vec::new();
    for (side, map) in sides.iter().zip(&maps[0]) {
        assert_eq!(side.marks.len(), map.marks.len());
        for (mark, place) in side.marks.iter().zip(&map.marks) {
            let place = place.as_ref().unwrap();
            let text = if place.file == "main.typ" { MAIN } else { COMMON };
            calls.push((mark.label(), format!("{}:{}", place.file, place.line), named(text, place)));
        }
    }
    let window = r#"window(x: 105mm, y: 45mm, width: 95mm, height: 40mm, holds: ("address",))"#;
    let in_loop = "field(name, width: 40mm)";
    let code = "field(name, width: 60mm)";
    let expected = [
        ("`window`", "main.typ:4", window),
        ("`address`", "main.typ:5", "address()"),
        ("`piece_id`", "main.typ:7", in_loop),
        ("`tracking_id`", "main.typ:10", in_loop),
        ("`date`", "main.typ:10", in_loop),
        ("`holder`", "main.typ:12", r#"field("ho" + "lder", width: 40mm)"#),
        ("`panel`", "main.typ:15", r#"panel("inside", y: 0mm, height: 297mm)"#),
        ("`pin`", "parts/common.typ:2", code),
        ("`puk`", "parts/common.typ:2", code),
        ("`assistance_code`", "parts/common.typ:2", code),
        ("`two-d-doc`", "main.typ:22", "two-d-doc()"),
    ];
    let found: Vec<_> =
        calls.iter().map(|(label, line, text)| (label.as_str(), line.as_str(), *text)).collect();
    assert_eq!(found, expected);
    let items: Vec<(&MapItem, &str)> = maps[0]
        .iter()
        .flat_map(|map| &map.items)
        .map(|item| {
            let place = item.source.as_ref().unwrap();
            assert_eq!(place.file, "main.typ", "{item:?}");
            (item, named(MAIN, place))
        })
        .collect();
    let texts: Vec<(&str, &str)> = items
        .iter()
        .filter(|(item, _)| item.kind == ItemKind::Text)
        .map(|(item, from)| (item.text.as_str(), *from))
        .collect();
    let expected = [
        ("Bonjour à tous, l’année ", "Bonjour #\"à tous\", l'année "),
        ("passe", "passe"),
        (". ", ". "),
        ("Petit", "Petit"),
        ("Debout", "Debout"),
        ("2D-DOC", "two-d-doc()"),
        ("Une phrase qui est trop ", "Une phrase qui est trop "),
        ("longue pour une seule ", "longue pour une seule "),
        ("ligne.", "ligne."),
    ];
    assert_eq!(texts, expected);
    let item = |wanted: &str| items.iter().find(|(item, _)| item.text == wanted).unwrap().0;
    assert_eq!((item("passe").font.as_str(), item("Petit").size), ("IBMPlexSans-Bold", 8.0));
    let mm = |points: f64| points * 25.4 / 72.0;
    let upright = item("Debout").rect;
    assert!(upright.height > 2.0 * upright.width && (mm(upright.y) - 20.0).abs() < 0.5, "{upright:?}");
    let other = |kind: ItemKind| items.iter().find(|(item, _)| item.kind == kind).unwrap();
    let (cut, from) = other(ItemKind::Shape);
    assert_eq!(*from, "rect(width: 60mm, height: 60mm)");
    assert!((mm(cut.rect.width) - 10.0).abs() < 0.01 && (mm(cut.rect.height) - 5.0).abs() < 0.01, "{cut:?}");
    let (picture, from) = other(ItemKind::Image);
    assert_eq!((*from, mm(picture.rect.x).round()), ("image(\"/black.svg\", width: 10mm)", 100.0));

    // A change of one file: the same layout as one that begins anew.
    let other = COMMON.replace("20pt", "18pt").replace("\n#let", "\n\n#let");
    write(folder.path(), "parts/common.typ", &other);
    let again = lay_out(&mut worker, folder.path());
    let anew = lay_out(&mut LayoutWorker::start(), folder.path());
    assert!(again.compiled.stock.objects == anew.compiled.stock.objects && again.maps == anew.maps);
    assert_eq!(again.maps[0][1].marks[1].as_ref().map(|place| place.line), Some(3));
    let plain = Template::find(folder.path()).unwrap().compile(&[Facts::new()], &Facts::new()).unwrap();
    assert_eq!(plain.variants[0].sides[1].marks, again.compiled.variants[0].sides[1].marks);
    assert!(plain.stock.objects == again.compiled.stock.objects);
    // A file that is gone is not seen any more.
    fs_err::remove_file(folder.path().join("parts/common.typ")).unwrap();
    let template = Template::find(folder.path()).unwrap();
    let Err(error) = worker.lay_out(&template, &[Facts::new()], &Facts::new()) else { panic!("laid out") };
    assert!(error.faults[0].to_string().contains("main.typ:2:"), "{error}");
}

/// How long a change of one word takes, by hand: `cargo test --release -p template -- --ignored --nocapture warm`.
#[test]
#[ignore = "a measure"]
#[expect(clippy::print_stdout, reason = "a measurement that is asked for by name")]
fn warm_layout_of_the_card_letter() {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/card-letter");
    for entry in fs_err::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let texts = ["name", "return-address", "office-address", "phone", "phone-overseas", "website"];
    let bureau: Facts = texts.map(|name| (format!("bureau-{name}"), "ASIP".to_owned())).into();
    let facts =
        [("reason", "first"), ("codes", "new"), ("family", "CPS"), ("holder", "named"), ("replaced", "no")];
    let facts: Facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut worker = LayoutWorker::start();
    for round in 0..12 {
        let path = folder.path().join("textes.typ");
        let text = fs_err::read_to_string(&path).unwrap();
        fs_err::write(&path, text.replacen("carte", if round % 2 == 0 { "cartf" } else { "carte" }, 1))
            .unwrap();
        let began = std::time::Instant::now();
        let template = Template::find(folder.path()).unwrap();
        let found = began.elapsed();
        worker
            .lay_out(&template, std::slice::from_ref(&facts), &bureau)
            .unwrap_or_else(|error| panic!("{error}"));
        println!("round {round}: found {found:?}, all {:?}", began.elapsed());
    }
}
