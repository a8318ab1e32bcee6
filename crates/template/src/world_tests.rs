//! What a template sees and prints besides its own text: the folder it shares, its fonts, artwork in PDF.

use std::path::Path;

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use crate::{Facts, FaultKind, Severity, Template, TemplateFault};

/// A mailer that shows what `BODY` says on its back.
const MAILER: &str = r#"#import "/pli.typ": *
#show: piece
#window(x: 105mm, y: 45mm, width: 95mm, height: 40mm, holds: ("address",))
#at(110mm, 50mm, address())
#at(15mm, 60mm, field("piece_id", width: 40mm))
#at(15mm, 70mm, field("tracking_id", width: 40mm))
#pagebreak()
#panel("inside", y: 0mm, height: 297mm)
#at(15mm, 110mm, text(size: 30pt, field("pin", width: 40mm)))
#at(111mm, 110mm, text(size: 30pt, field("puk", width: 70mm)))
#at(15mm, 215mm, text(size: 20pt, field("assistance_code", width: 40mm)))
BODY
"#;

fn write(path: &Path, bytes: &[u8]) {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, bytes).unwrap();
}

/// Writes a template with this line on its back and in its `template.toml`.
fn template(folder: &Path, body: &str, toml: &str) {
    write(&folder.join("main.typ"), MAILER.replace("BODY", body).as_bytes());
    let manifest = "kind = \"mailer\"\nmain = \"main.typ\"\ntitle = \"Essai\"\nmedia = \"A4\"\ngrammage = 90\nvariants = []\n";
    write(&folder.join("template.toml"), format!("{manifest}{toml}\n").as_bytes());
}

/// The faults and warnings of the template in a folder, and the bytes of its stock.
fn compiled(folder: &Path) -> (Vec<TemplateFault>, Vec<u8>) {
    match Template::find(folder).and_then(|found| found.compile(&[Facts::new()], &Facts::new())) {
        Ok(compiled) => (compiled.warnings, compiled.stock.objects),
        Err(error) => (error.faults, Vec::new()),
    }
}

/// A page of 100 × 50 points with this content and these resources.
fn pdf(content: &str, resources: impl FnOnce(&mut Document) -> Dictionary) -> Vec<u8> {
    let mut document = Document::with_version("1.6");
    let resources = resources(&mut document);
    let content = document.add_object(Stream::new(Dictionary::new(), content.as_bytes().to_vec()));
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 100.into(), 50.into()],
    });
    let kids = vec![Object::Reference(page)];
    document.set_object(pages, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 1 });
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// A separation of an ink.
fn separation(ink: &str) -> Object {
    let tint = dictionary! {
        "FunctionType" => 2, "Domain" => vec![0.into(), 1.into()], "N" => 1,
        "C0" => vec![0.into(); 4], "C1" => vec![0.into(), 0.into(), 0.into(), 1.into()],
    };
    let name = |name: &str| Object::Name(name.as_bytes().to_vec());
    Object::Array(vec![name("Separation"), name(ink), name("DeviceCMYK"), tint.into()])
}

const IMAGE: &str = "#at(20mm, 20mm, image(\"fond.pdf\", width: 60mm))";

#[test]
fn artwork_in_pdf_is_printed_in_black_or_refused_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    template(folder.path(), IMAGE, "");
    let line = MAILER.lines().position(|line| line == "BODY").unwrap() + 1;
    let check = |bytes: Vec<u8>| {
        write(&folder.path().join("fond.pdf"), &bytes);
        let (faults, stock) = compiled(folder.path());
        let errors: Vec<_> = faults.into_iter().filter(|fault| fault.severity == Severity::Error).collect();
        if let Some(fault) = errors.first() {
            assert_eq!(fault.location, Some((line, 17)), "{fault}");
            assert!(fault.advice.is_some(), "{fault:?}");
        }
        (errors.first().map(|fault| (fault.kind, fault.message.clone())), stock)
    };
    let form = |content: &'static str| {
        move |document: &mut Document| {
            let state = dictionary! { "OP" => false, "op" => false };
            let resources = dictionary! { "ExtGState" => dictionary! { "g" => state } };
            let form = dictionary! {
                "Type" => "XObject", "Subtype" => "Form", "Resources" => resources,
                "BBox" => vec![0.into(), 0.into(), 100.into(), 50.into()],
            };
            let form = document.add_object(Stream::new(form, content.as_bytes().to_vec()));
            dictionary! { "XObject" => dictionary! { "F" => form } }
        }
    };
    let (fault, stock) = check(pdf("0.4 g 0 0 20 20 re f /F Do", form("/g gs 0 0 0 0.25 k 40 0 20 20 re f")));
    assert_eq!(fault, None);
    let said = shown(&stock);
    assert!(said.contains("0 0 0 0.6 k") && said.contains("0 0 0 0.25 k"), "{said}");
    assert!(!said.contains("/OP") && !said.contains(" g\n"), "{said}");
    let black = |ink: &'static str| move |_: &mut Document| dictionary! { "ColorSpace" => dictionary! { "S" => separation(ink) } };
    let (fault, stock) = check(pdf("/S cs 0.5 scn 0 0 20 20 re f", black("Black")));
    assert_eq!(fault, None);
    assert!(shown(&stock).contains("0 0 0 0.5 k"));
    let (fault, _) = check(pdf("/S cs 1 scn 0 0 20 20 re f", black("Or 877")));
    assert_eq!(
        fault,
        Some((FaultKind::SpotColour, "a spot colour, `Or 877`: this press prints black only".to_owned()))
    );
    let none = |_: &mut Document| Dictionary::new();
    let (fault, _) = check(pdf("1 0 0 rg 0 0 20 20 re f", none));
    assert_eq!(fault.unwrap().0, FaultKind::Colour);
    let shaded = |_: &mut Document| {
        let function = dictionary! {
            "FunctionType" => 2, "Domain" => vec![0.into(), 1.into()], "N" => 1, "C0" => vec![0.into()], "C1" => vec![1.into()],
        };
        let shading = dictionary! {
            "ShadingType" => 2, "ColorSpace" => "DeviceGray", "Function" => function,
            "Coords" => vec![0.into(), 0.into(), 100.into(), 0.into()],
        };
        dictionary! { "Shading" => dictionary! { "S" => shading } }
    };
    assert_eq!(check(pdf("/S sh", shaded)).0.unwrap().0, FaultKind::Gradient);
    let faint = |_: &mut Document| {
        dictionary! { "ExtGState" => dictionary! { "g" => dictionary! { "ca" => 0.5 } } }
    };
    assert_eq!(check(pdf("/g gs 0 0 20 20 re f", faint)).0.unwrap().0, FaultKind::Transparency);
    let helvetica = |document: &mut Document| {
        let font = document.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
        });
        dictionary! { "Font" => dictionary! { "H" => font } }
    };
    let (fault, _) = check(pdf("BT /H 12 Tf 0 0 Td (Bonjour) Tj ET", helvetica));
    let (kind, message) = fault.unwrap();
    assert_eq!(kind, FaultKind::Artwork);
    assert!(message.contains("not embedded, `Helvetica`"), "{message}");
}

#[test]
fn a_background_in_pdf_has_ink_where_it_draws() {
    let folder = tempfile::tempdir().unwrap();
    // The PIN stands 15 to 55 mm from the left, the artwork goes from 15 to 75 mm.
    template(folder.path(), "#at(15mm, 105mm, image(\"fond.pdf\", width: 60mm))", "");
    let none = |_: &mut Document| Dictionary::new();
    for (content, covered) in [("0 g 90 0 10 50 re f", false), ("0 g 10 0 10 50 re f", true)] {
        write(&folder.path().join("fond.pdf"), &pdf(content, none));
        let (faults, _) = compiled(folder.path());
        let found = faults.iter().any(|fault| fault.kind == FaultKind::CoveredCode);
        assert_eq!(found, covered, "{faults:?}");
    }
}

/// The objects of a stock with their streams inflated.
fn shown(stock: &[u8]) -> String {
    let text: String = stock.iter().map(|byte| char::from(*byte)).collect();
    let mut shown = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("stream\n") {
        let Some((content, next)) = after.split_once("endstream") else { break };
        shown += before;
        let deflated = before.rsplit("obj").next().is_some_and(|entries| entries.contains("FlateDecode"));
        let bytes: Vec<u8> = content.chars().map(|c| c as u8).collect();
        let stream = Stream::new(dictionary! { "Filter" => "FlateDecode" }, bytes.clone());
        let plain = if deflated { stream.decompressed_content().unwrap_or_default() } else { bytes };
        shown.extend(plain.iter().map(|byte| char::from(*byte)));
        rest = next;
    }
    shown + rest
}

#[test]
fn a_folder_beside_the_template_is_seen_as_shared() {
    let around = tempfile::tempdir().unwrap();
    let (own, shared) = (around.path().join("lettre"), around.path().join("commun"));
    let body = "#import \"/shared/parts/phrases.typ\": bonjour\n#at(20mm, 20mm, bonjour)";
    template(&own, body, "shared = \"../commun\"");
    write(&shared.join("parts/phrases.typ"), b"#let bonjour = [Bonjour]\n");
    let found = Template::find(&own).unwrap();
    assert_eq!(found.folders(), [own.clone(), shared.clone()]);
    assert_eq!(found.path_of("shared/parts/phrases.typ"), shared.join("parts/phrases.typ"));
    let inside = |path: &std::path::Path| found.inside(path);
    assert_eq!(inside(&shared.join("parts/phrases.typ")).as_deref(), Some("shared/parts/phrases.typ"));
    assert_eq!(inside(&own.join("template.toml")).as_deref(), Some("template.toml"));
    assert_eq!((inside(around.path()), inside(&own.join("nowhere.typ"))), (None, None));
    let (faults, stock) = compiled(&own);
    assert!(
        faults.iter().all(|fault| fault.severity == Severity::Warning) && !stock.is_empty(),
        "{faults:?}"
    );
    let kept = Template::of_parts("kept", &found.parts()).unwrap();
    assert_eq!(kept.version(), found.version());
    assert!(kept.compile(&[Facts::new()], &Facts::new()).unwrap().stock.objects == stock);
    // It is a part of the version, and its faults are told where they are.
    write(&shared.join("parts/phrases.typ"), b"#let bonjour = [Bon jour #nobody]\n");
    assert_ne!(Template::find(&own).unwrap().version(), found.version());
    let (faults, _) = compiled(&own);
    let at = format!("{}:1:27: ", shared.join("parts/phrases.typ").display());
    assert!(faults[0].to_string().starts_with(&at), "{}", faults[0]);
    // A folder of that name, one that is not there, and one that lies elsewhere once links are followed.
    write(&own.join("shared/a.typ"), b"");
    assert!(compiled(&own).0[0].message.contains("a folder `shared` of its own"));
    fs_err::remove_dir_all(own.join("shared")).unwrap();
    fs_err::remove_dir_all(&shared).unwrap();
    let fault = compiled(&own).0.remove(0);
    assert_eq!(fault.kind, FaultKind::Unreadable);
    let toml = fs_err::read_to_string(own.join("template.toml")).unwrap();
    let line = 1 + toml.lines().position(|line| line.starts_with("shared")).unwrap();
    assert_eq!(
        (fault.file, fault.location.map(|(line, _)| line)),
        (own.join("template.toml").display().to_string(), Some(line))
    );
    assert!(
        fault.message.starts_with("`../commun` can't be read") && fault.advice.is_some(),
        "{}",
        fault.message
    );
    #[cfg(unix)]
    {
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &shared).unwrap();
        assert!(compiled(&own).0[0].message.contains("does not lie beside"));
    }
}

#[test]
fn fonts_that_are_not_read_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    template(folder.path(), "", "");
    write(&folder.path().join("fonts/Marque.woff2"), b"wOF2");
    write(&folder.path().join("Vieux.PFB"), b"%!");
    let (faults, stock) = compiled(folder.path());
    let unread: Vec<_> = faults.iter().filter(|fault| fault.kind == FaultKind::UnreadFont).collect();
    let files =
        ["Vieux.PFB", "fonts/Marque.woff2"].map(|path| folder.path().join(path).display().to_string());
    assert_eq!(unread.iter().map(|fault| fault.file.clone()).collect::<Vec<_>>(), files);
    assert!(unread.iter().all(|fault| fault.severity == Severity::Warning && fault.advice.is_some()));
    assert!(!stock.is_empty());
}

/// A font with PostScript outlines (OpenType, CFF) that has the letters of `CFF`.
const CFF: &[u8] = include_bytes!("../fixtures/cff.otf");

#[test]
fn a_font_with_postscript_outlines_sets_static_text_and_no_fields() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("fonts/cff.otf"), CFF);
    template(folder.path(), "#at(20mm, 20mm, text(font: \"Pli Test CFF\", size: 12pt)[CFF])", "");
    let (faults, stock) = compiled(folder.path());
    assert!(faults.iter().all(|fault| fault.severity == Severity::Warning), "{faults:?}");
    assert!(shown(&stock).contains("/FontFile3"));
    let field = "#at(20mm, 20mm, text(font: \"Pli Test CFF\", size: 12pt, field(\"date\", width: 40mm)))";
    template(folder.path(), field, "");
    let (faults, _) = compiled(folder.path());
    assert_eq!(faults[0].kind, FaultKind::FieldFont, "{faults:?}");
    let line = MAILER.lines().position(|line| line == "BODY").unwrap() + 1;
    assert_eq!(faults[0].location.map(|(line, _)| line), Some(line));
}
