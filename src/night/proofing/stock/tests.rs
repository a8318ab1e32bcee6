//! Stock is clear where it must be; a dot more is found where it lies, and nowhere else.

use std::path::Path;

use template::{Area, Facts, FaultPlace, Severity, Template, TemplateFault};

use super::*;

fn facts(pairs: &[(&str, &str)]) -> Facts {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A template of the program, in one variant.
fn compiled(name: &str) -> CompiledTemplate {
    let template = Template::find(Path::new(name)).unwrap();
    let all =
        [("reason", "first"), ("codes", "new"), ("family", "CPS"), ("holder", "named"), ("replaced", "no")];
    let variant = template.variant_of(&facts(&all));
    let bureau = ["name", "return-address", "office-address", "phone", "hours", "phone-overseas", "website"];
    let bureau = bureau.iter().map(|name| (format!("bureau-{name}"), "ASIP".to_owned())).collect();
    template.compile(&[variant], &bureau).unwrap()
}

/// Paints over the form of a side, in points from its lower left corner.
fn paint(template: &mut CompiledTemplate, side: usize, content: &str) {
    let form = template.variants[0].sides[side].form;
    let stock = &mut template.stock;
    let (old, new) = (stock.forms[form], stock.offsets.last().unwrap().0 + 1);
    let content = format!("/F Do {content}");
    let object = format!(
        "{new} 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 596 842] /Resources << /XObject << /F {old} 0 R >> >> \
         /Length {} >>\nstream\n{content}\nendstream\nendobj\n",
        content.len()
    );
    stock.offsets.push((new, stock.objects.len()));
    stock.objects.extend_from_slice(object.as_bytes());
    stock.forms[form] = new;
}

/// The box of one dot, as content that fills it.
fn dot(column: u32, row: u32, grid: Grid, grey: f64) -> String {
    let dot = grid.dot();
    let (x, y) = (f64::from(column) * dot, 297.0 / 25.4 * 72.0 - f64::from(row + 1) * dot);
    format!("{grey} g {x:.5} {y:.5} {dot:.5} {dot:.5} re f")
}

/// What is found, as side-independent names: field and fault.
fn found(template: &CompiledTemplate, grid: Grid) -> Vec<(String, &'static str)> {
    let findings = StockProof::of(template, grid).findings();
    findings.iter().map(|finding| (finding.field.to_string(), finding.fault.name())).collect()
}

/// The dots that a mark of the first side keeps clear: first column and row, columns and rows.
fn area(template: &CompiledTemplate, field: &str, grid: Grid) -> Patch {
    let proof = StockProof::of(template, grid);
    proof.areas.iter().find(|area| area.field == field).map(|area| area.patch).unwrap()
}

#[test]
fn the_stock_of_the_program_is_clear_where_it_must_be() {
    for (name, fields) in [
        ("card-letter", ["address", "card_number", "two-d-doc", "window"].as_slice()),
        ("mailer-igc-sante", &["address", "pin", "puk", "assistance_code", "window"]),
        ("mailer-legacy", &["address", "pin", "puk", "assistance_code", "window"]),
    ] {
        let template = compiled(name);
        for dpi in [600, 1200] {
            let proof = StockProof::of(&template, Grid::new(dpi));
            for field in fields {
                assert!(
                    proof.areas.iter().any(|area| area.field == *field),
                    "{name}: {field} is not looked at"
                );
            }
            assert_eq!(proof.findings(), [], "{name} at {dpi} dpi");
        }
    }
}

#[test]
fn a_dot_within_a_quiet_zone_is_found_and_one_beside_it_is_not() {
    for dpi in [300, 600, 1200] {
        let grid = Grid::new(dpi);
        let zone = area(&compiled("card-letter"), "two-d-doc", grid);
        let (right, bottom) = (zone.left + zone.width - 1, zone.top + zone.height - 1);
        for (column, row) in [(zone.left, zone.top), (right, bottom), (zone.left + 9, zone.top + 9)] {
            let mut template = compiled("card-letter");
            paint(&mut template, 0, &dot(column, row, grid, 0.0));
            assert!(
                found(&template, grid).contains(&("two-d-doc".to_owned(), "stock_ink")),
                "{column}, {row}"
            );
        }
        for (column, row) in [(zone.left - 1, zone.top), (right + 1, bottom), (right, bottom + 1)] {
            let mut template = compiled("card-letter");
            paint(&mut template, 0, &dot(column, row, grid, 0.0));
            let found = found(&template, grid);
            assert!(!found.iter().any(|(field, _)| field == "two-d-doc"), "{column}, {row}: {found:?}");
        }
    }
}

#[test]
fn a_patch_of_one_dot_shows_that_dot_and_no_other() {
    let grid = Grid::new(1200);
    let mut template = compiled("card-letter");
    let zone = area(&template, "two-d-doc", grid);
    paint(&mut template, 0, &dot(zone.left + 20, zone.top + 20, grid, 0.0));
    let form = template.stock.forms[template.variants[0].sides[0].form];
    let one = |left, top| Patch { form, left: zone.left + left, top: zone.top + top, width: 1, height: 1 };
    let patches = [one(20, 20), one(19, 20), one(21, 20), one(20, 19), one(20, 21)];
    let dark = drawn_patches(&template.stock, grid, &patches, MOST_DOTS).unwrap();
    assert_eq!(dark, [true, false, false, false, false]);
    let row = Patch { width: 100, height: 41, ..one(0, 0) };
    for most in [100, 150, 4000, 1_000_000] {
        assert_eq!(drawn_patches(&template.stock, grid, &[row], most), Some(vec![true]), "{most}");
    }
}

#[test]
fn pale_ink_is_ink_and_white_is_none() {
    let grid = Grid::new(600);
    let zone = area(&compiled("card-letter"), "two-d-doc", grid);
    let painted = |grey| {
        let mut template = compiled("card-letter");
        paint(&mut template, 0, &dot(zone.left + 50, zone.top + 50, grid, grey));
        found(&template, grid)
    };
    assert_eq!(painted(0.98), [("two-d-doc".to_owned(), "stock_ink")]);
    assert_eq!(painted(1.0), []);
}

#[test]
fn a_dot_at_a_code_of_a_mailer_is_found() {
    let grid = Grid::new(600);
    let template = compiled("mailer-igc-sante");
    let sides = &template.variants[0].sides;
    let has_pin = |side: &SheetSide| side.marks.iter().any(|mark| field_of(mark) == "pin");
    let side = sides.iter().position(has_pin).unwrap();
    let zone = area(&template, "pin", grid);
    let mut template = compiled("mailer-igc-sante");
    paint(&mut template, side, &dot(zone.left + 3, zone.top + 3, grid, 0.5));
    assert!(found(&template, grid).contains(&("pin".to_owned(), "stock_ink")));
}

#[test]
fn a_dot_in_a_window_is_found_unless_the_template_was_warned_of() {
    let grid = Grid::new(600);
    let mut template = compiled("card-letter");
    let window = area(&template, "window", grid);
    let taken = StockProof::of(&template, grid);
    let free = |column: u32, row: u32| {
        let within = |patch: &Patch| {
            (patch.left..patch.left + patch.width).contains(&column)
                && (patch.top..patch.top + patch.height).contains(&row)
        };
        !taken.areas.iter().any(|area| area.field != "window" && within(&area.patch))
    };
    let columns = (window.left..window.left + window.width).step_by(7);
    let mut places = columns
        .flat_map(|column| (window.top..window.top + window.height).step_by(7).map(move |row| (column, row)));
    let (column, row) = places.find(|(column, row)| free(*column, *row)).unwrap();
    drop(taken);
    paint(&mut template, 0, &dot(column, row, grid, 0.0));
    assert_eq!(found(&template, grid), [("window".to_owned(), "stock_in_window")]);
    let rect = Rect { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
    template.warnings.push(TemplateFault {
        kind: FaultKind::ForeignInWindow,
        severity: Severity::Warning,
        file: String::new(),
        location: None,
        end: None,
        message: String::new(),
        advice: None,
        excess_mm: None,
        places: vec![FaultPlace { page: 0, rect }],
        variants: 1,
    });
    assert_eq!(found(&template, grid), []);
}

#[test]
fn ink_on_glue_is_found_and_windows_that_the_envelope_does_not_have_are_not_looked_at() {
    let grid = Grid::new(300);
    let rect = Rect { x: 0.0, y: 0.0, width: 595.0, height: 841.0 };
    let with_area = |kind: AreaKind| {
        let mut template = compiled("card-letter");
        template.variants[0].sides[0].marks.insert(0, Mark::Area(Area { kind, rect }));
        found(&template, grid)
    };
    assert_eq!(with_area(AreaKind::Glue), [("glue".to_owned(), "stock_in_window")]);
    assert_eq!(with_area(AreaKind::Window(Vec::new())), []);
    assert_eq!(with_area(AreaKind::Safe), []);
}

#[test]
fn stock_that_can_t_be_drawn_is_not_clear() {
    let grid = Grid::new(600);
    let mut template = compiled("card-letter");
    let form = template.variants[0].sides[0].form;
    template.stock.forms[form] = 9999;
    let without = found(&template, grid);
    assert!(!without.is_empty() && without.iter().all(|(_, fault)| *fault == "stock_undrawn"), "{without:?}");
    let mut template = compiled("card-letter");
    let number = template.stock.forms[form];
    let offset = template.stock.offsets.iter().find(|(known, _)| *known == number).unwrap().1;
    let stream = template.stock.objects[offset..].windows(6).position(|part| part == b"stream").unwrap();
    template.stock.objects[offset + stream..][..6].copy_from_slice(b"damage");
    assert!(found(&template, grid).iter().any(|(_, fault)| *fault == "stock_undrawn"));
}

#[test]
fn other_stock_and_another_press_have_another_digest() {
    let mut template = compiled("card-letter");
    let of = |template: &CompiledTemplate, dpi| StockProof::of(template, Grid::new(dpi)).digest();
    let mut digests = vec![of(&template, 600), of(&template, 1200)];
    assert_eq!(digests[0], of(&template, 600));
    let symbol = template.variants[0].sides[0].marks.iter_mut().find_map(|mark| match mark {
        Mark::TwoDDoc(symbol) => Some(symbol),
        _ => None,
    });
    symbol.unwrap().rect.x += 1.0;
    digests.push(of(&template, 600));
    *template.stock.objects.last_mut().unwrap() ^= 1;
    digests.push(of(&template, 600));
    let count = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), count);
}

/// Milliseconds a variant: `cargo test --release -p pli --lib -- --ignored --nocapture stock_is_drawn_quickly`.
#[test]
#[ignore = "a measure"]
#[expect(clippy::print_stdout, reason = "a measurement that is asked for by name")]
fn stock_is_drawn_quickly() {
    for name in ["card-letter", "mailer-igc-sante", "mailer-legacy"] {
        let template = compiled(name);
        for dpi in [600, 1200] {
            let proof = StockProof::of(&template, Grid::new(dpi));
            let begin = std::time::Instant::now();
            assert_eq!(proof.findings(), []);
            let drawn = begin.elapsed().as_secs_f64() * 1000.0;
            let begin = std::time::Instant::now();
            let digest = StockProof::of(&template, Grid::new(dpi)).digest();
            let noted = begin.elapsed().as_secs_f64() * 1000.0;
            assert_eq!(digest, proof.digest());
            println!("{name}, {dpi} dpi: {} areas, {drawn:.1} ms; {noted:.2} ms if noted", proof.areas.len());
        }
    }
}
