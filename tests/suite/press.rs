//! Print files are PDF/X-4 and PDF/VT-1: judged by pikepdf, fontTools, qpdf, mutool and poppler, and by our own preflight,
//! which is itself given files that are broken on purpose, one for each clause.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};
use preflight::{Clause, Marks, Standard, preflight};

use crate::job::{FRIDAY, MONDAY, TestJob, pli};
use crate::tools::{output, python, text, tool};

const LETTERS: &str = "out/2026-11-20/letters/26324A-0001.pdf";
const MAILERS: &str = "out/2026-11-23/mailers/26327A-0001.pdf";

fn archived() -> TestJob {
    let job = TestJob::new();
    job.replace("job.toml", "dir = \"out\"", "dir = \"out\"\narchive = true");
    job.run(FRIDAY, &["--prove", "all"]);
    job
}

/// The clauses that Python's libraries find a file to meet.
fn judged(file: &Path) -> Option<Vec<String>> {
    let said = python("pikepdf or fonttools", &["tests/press.py", text(file)])?;
    Some(said.lines().map(str::to_owned).collect())
}

fn names(archive: bool) -> Vec<&'static str> {
    let all = Clause::ALL.iter().map(|clause| clause.name());
    all.filter(|name| archive || !name.starts_with("PDF/A-2b")).collect()
}

fn broken(bytes: &[u8]) -> BTreeSet<&'static str> {
    let faults = preflight(&Arc::new(bytes.to_vec()), Standard::PressAndArchive, Marks::All);
    faults.into_iter().map(|fault| fault.clause.name()).collect()
}

#[test]
fn letters_meet_every_clause() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let faults = preflight(&Arc::new(fs_err::read(job.path(LETTERS)).unwrap()), Standard::Press, Marks::All);
    assert!(faults.is_empty(), "{faults:?}");
    let Some(met) = judged(&job.path(LETTERS)) else { return };
    assert_eq!(met, names(false));
}

#[test]
fn archived_letters_are_pdf_a_too_and_the_same_pages() {
    let job = archived();
    let bytes = fs_err::read(job.path(LETTERS)).unwrap();
    assert_eq!(broken(&bytes), BTreeSet::new());
    let plain = TestJob::new();
    plain.run(FRIDAY, &[]);
    let unarchived = fs_err::read(plain.path(LETTERS)).unwrap();
    assert_eq!(
        broken(&unarchived).into_iter().collect::<Vec<_>>(),
        ["PDF/A-2b metadata", "PDF/A-2b output intent"],
        "archiving adds only what PDF/A is told by"
    );
    let Some(met) = judged(&job.path(LETTERS)) else { return };
    assert_eq!(met, names(true));
}

#[test]
fn mailers_meet_every_clause_and_are_never_archived() {
    let job = TestJob::new();
    let demonstration = "dir = \"out\"\narchive = true\nunsealed = true";
    job.replace("job.toml", "dir = \"out\"", demonstration);
    job.run(FRIDAY, &[]);
    let _ = fs_err::remove_file(job.path("inbox/cards.csv"));
    job.run(MONDAY, &["--prove", "all"]);
    let bytes = fs_err::read(job.path(MAILERS)).unwrap();
    assert_eq!(
        broken(&bytes).into_iter().collect::<Vec<_>>(),
        ["PDF/A-2b metadata", "PDF/A-2b output intent"]
    );
    let Some(met) = judged(&job.path(MAILERS)) else { return };
    assert_eq!(met, names(false));
}

#[test]
fn a_specimen_meets_the_clauses_unless_it_shows_what_is_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("specimen.pdf");
    for template in ["card-letter", "mailer-igc-sante", "mailer-legacy"] {
        assert_eq!(pli(&["render", template, "--output", text(&file)]).code, 0);
        let faults = preflight(&Arc::new(fs_err::read(&file).unwrap()), Standard::Press, Marks::All);
        assert!(faults.is_empty(), "{template}: {faults:?}");
    }
    assert_eq!(pli(&["render", "card-letter", "--overlay", "--output", text(&file)]).code, 0);
    let bytes = fs_err::read(&file).unwrap();
    assert!(!bytes.windows(8).any(|window| window == b"GTS_PDFX" || window == b"GTS_PDFV"), "claims nothing");
}

#[test]
fn nothing_but_the_pages_tells_of_a_person_or_a_card() {
    let job = TestJob::new();
    job.replace("job.toml", "dir = \"out\"", "dir = \"out\"\nunsealed = true");
    job.run(FRIDAY, &[]);
    let cards = job.read("inbox/cards.csv");
    let _ = fs_err::remove_file(job.path("inbox/cards.csv"));
    job.run(MONDAY, &[]);
    let codes =
        fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night/inbox/codes.csv"));
    let secrets: Vec<String> = [cards, codes.unwrap()]
        .iter()
        .flat_map(|table| table.lines().skip(1))
        .flat_map(|line| line.split([',', ';']))
        .filter(|cell| cell.len() >= 5 && cell.chars().any(|c| c.is_ascii_uppercase() || c.is_ascii_digit()))
        .map(|cell| cell.trim_matches('"').to_lowercase())
        .collect();
    assert!(secrets.len() > 300);
    for file in [LETTERS, MAILERS] {
        let document = Document::load(job.path(file)).unwrap();
        for (id, object) in &document.objects {
            let told = match object {
                Object::Stream(stream) if stream.dict.get_type().is_ok_and(|kind| kind == b"Metadata") => {
                    String::from_utf8_lossy(&stream.content).to_lowercase()
                }
                Object::Stream(_) => continue,
                other => format!("{other:?}").to_lowercase(),
            };
            let secret = secrets.iter().find(|secret| told.contains(secret.as_str()));
            assert!(secret.is_none(), "{file}, object {id:?}: {secret:?}");
        }
    }
}

#[test]
fn mutool_and_poppler_read_print_files_without_a_word_of_complaint() {
    let job = archived();
    let file = job.path(LETTERS);
    if let Some(said) = tool("mutool", &["show", text(&file), "trailer/Root/DPartRoot/RecordLevel"]) {
        assert_eq!(String::from_utf8_lossy(&said).trim(), "2");
        let pages = job.path("drawn-%d.png");
        let draw = ["draw", "-q", "-r", "20", "-o", text(&pages), text(&file), "1,22"];
        let Some(drawn) = output("mutool", &draw) else { return };
        let said = String::from_utf8_lossy(&drawn.stderr).into_owned();
        // Debian's mutool is built without ICC, and says so.
        let complaints = said.lines().filter(|line| !line.is_empty() && !line.contains("ICC support"));
        assert!(drawn.status.success() && complaints.count() == 0, "{said}");
    }
    let Some(packet) = tool("pdfinfo", &["-meta", text(&file)]) else { return };
    let packet = String::from_utf8_lossy(&packet).into_owned();
    for told in [">PDF/X-4<", ">PDF/VT-1<", "<pdfaid:part>2<", ">2026-11-20T00:00:00Z<"] {
        assert!(packet.contains(told), "{told}");
    }
    let Some(sheet) = tool("pdfinfo", &["-box", "-l", "22", text(&file)]) else { return };
    assert_eq!(String::from_utf8_lossy(&sheet).matches("TrimBox:").count(), 22);
}

#[test]
fn the_presss_own_profile_is_embedded_with_its_condition() {
    let job = TestJob::new();
    let profile = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/uncoated-fogra29.icc");
    let mut bytes = fs_err::read(profile).unwrap();
    let at = bytes.windows(12).position(|part| part == b"White uncoat").unwrap();
    bytes[at..at + 5].copy_from_slice(b"Ivory");
    fs_err::write(job.path("ivory.icc"), &bytes).unwrap();
    let press = "[press]\noutput_intent = \"ivory.icc\"\noutput_condition = \"IVORY52\"\n\n[limits]\n";
    job.replace("job.toml", "[limits]\n", press);
    job.run(FRIDAY, &["--prove", "all"]);
    let document = Document::load(job.path(LETTERS)).unwrap();
    let intents = document.catalog().unwrap().get(b"OutputIntents").unwrap().as_array().unwrap();
    let intent = intents[0].as_dict().unwrap();
    assert_eq!(intent.get(b"OutputConditionIdentifier").unwrap().as_str().unwrap(), b"IVORY52");
    assert!(intent.get(b"Info").unwrap().as_str().unwrap().starts_with(b"Ivory uncoated"));
    assert!(!intent.has(b"RegistryName"));
    let embedded = intent.get(b"DestOutputProfile").unwrap().as_reference().unwrap();
    let embedded = document.get_object(embedded).unwrap().as_stream().unwrap();
    assert_eq!(embedded.decompressed_content().unwrap(), bytes);
}

#[test]
fn a_profile_that_is_no_presss_stops_the_night_before_it_begins() {
    let sound = fs_err::read(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/uncoated-fogra29.icc")).unwrap();
    let monitor = [&sound[..12], b"mntr", &sound[16..]].concat();
    let cut = sound[..9000].to_vec();
    for (said, bytes) in [("class `mntr`", monitor), ("not a whole one", cut)] {
        let job = TestJob::new();
        fs_err::write(job.path("press.icc"), &bytes).unwrap();
        job.replace("job.toml", "[limits]\n", "[press]\noutput_intent = \"press.icc\"\n\n[limits]\n");
        let ran = job.run(FRIDAY, &[]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        for part in ["press.output_intent", "press.icc", said] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        assert!(!job.path("out/2026-11-20").exists());
    }
}

#[test]
fn the_documentation_lists_every_clause() {
    let page = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pdf.md")).unwrap();
    for name in names(true) {
        assert!(page.contains(&format!("| {name} |")), "docs/pdf.md does not list `{name}`");
    }
}

/// The file written anew by lopdf after a change.
fn rewritten(bytes: &[u8], change: &dyn Fn(&mut Document)) -> Vec<u8> {
    let mut document = Document::load_mem(bytes).unwrap();
    change(&mut document);
    let mut out = Vec::new();
    document.save_to(&mut out).unwrap();
    out.push(b'\n');
    out
}

fn first_page(document: &Document) -> ObjectId {
    *document.get_pages().get(&1).unwrap()
}

fn page(document: &mut Document) -> &mut Dictionary {
    let id = first_page(document);
    document.get_object_mut(id).unwrap().as_dict_mut().unwrap()
}

/// The metadata of the first piece.
fn label(document: &mut Document) -> &mut Dictionary {
    let part = page(document).get(b"DPart").unwrap().as_reference().unwrap();
    let leaf = document.get_object_mut(part).unwrap().as_dict_mut().unwrap();
    let mut told = leaf.get_mut(b"DPM").unwrap();
    for key in ["CIP4_Root", "CIP4_Production"] {
        told = told.as_dict_mut().unwrap().get_mut(key.as_bytes()).unwrap();
    }
    told.as_dict_mut().unwrap()
}

/// The first object that answers to a question.
fn find<'d>(document: &'d mut Document, asked: &dyn Fn(&Dictionary) -> bool) -> &'d mut Dictionary {
    let objects = document.objects.values_mut();
    let dictionaries = objects.filter_map(|object| match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&mut stream.dict),
        _ => None,
    });
    dictionaries.into_iter().find(|dictionary| asked(dictionary)).unwrap()
}

fn of_type<'d>(document: &'d mut Document, kind: &'static str) -> &'d mut Dictionary {
    find(document, &|dictionary| dictionary.get_type().is_ok_and(|found| found == kind.as_bytes()))
}

/// Puts marks before the first page's own.
fn mark(document: &mut Document, marks: &str) {
    let id = first_page(document);
    let mut content = marks.as_bytes().to_vec();
    content.extend(document.get_page_content(id));
    document.change_page_content(id, content).unwrap();
}

fn packet(document: &mut Document, old: &str, new: &str) {
    let metadata = document.objects.values_mut().filter_map(|object| object.as_stream_mut().ok());
    let is_packet =
        |stream: &&mut lopdf::Stream| stream.dict.get_type().is_ok_and(|kind| kind == b"Metadata");
    let stream = metadata.into_iter().find(is_packet).unwrap();
    let text = String::from_utf8(stream.content.clone()).unwrap();
    assert!(text.contains(old), "{old}");
    stream.set_content(text.replace(old, new).into_bytes());
}

#[test]
fn preflight_notices_each_clause_that_is_broken() {
    let job = archived();
    let sound = fs_err::read(job.path(LETTERS)).unwrap();
    let before = broken(&rewritten(&sound, &|_| {}));
    // lopdf leaves free numbers out of its cross-references; our files do not.
    assert!(before.iter().eq(&["PDF/X-4 file"]), "a file that is only written anew breaks {before:?}");
    type Change = (&'static str, &'static dyn Fn(&mut Document));
    let changes: &[Change] = &[
        ("PDF/X-4 metadata", &|d| packet(d, ">PDF/X-4<", ">PDF/X-3<")),
        ("PDF/X-4 metadata", &|d| packet(d, "<xmpMM:VersionID>1</xmpMM:VersionID>", "")),
        ("PDF/X-4 metadata", &|d| packet(d, "</rdf:RDF>", "")),
        ("PDF/X-4 information", &|d| packet(d, "<dc:title>", "<dc:title>The ")),
        ("PDF/X-4 information", &|d| packet(d, ">False<", ">True<")),
        ("PDF/X-4 information", &|d| {
            find(d, &|info| info.has(b"ModDate")).set("Author", Object::string_literal("MARTIN"))
        }),
        ("PDF/X-4 output intent", &|d| {
            of_type(d, "Catalog").remove(b"OutputIntents");
        }),
        ("PDF/X-4 output intent", &|d| {
            find(d, &|profile| profile.has(b"N") && !profile.has(b"First")).set("N", 3)
        }),
        ("PDF/X-4 boxes", &|d| {
            page(d).remove(b"TrimBox");
        }),
        ("PDF/X-4 boxes", &|d| {
            page(d).set("TrimBox", vec![Object::Integer(0), 0.into(), 900.into(), 900.into()])
        }),
        ("PDF/X-4 boxes", &|d| page(d).set("ArtBox", vec![Object::Integer(0), 0.into(), 9.into(), 9.into()])),
        ("PDF/X-4 fonts", &|d| {
            of_type(d, "FontDescriptor").remove(b"FontFile2");
        }),
        ("PDF/X-4 fonts", &|d| {
            find(d, &|font| font.has(b"CIDToGIDMap")).remove(b"CIDToGIDMap");
        }),
        ("PDF/X-4 fonts", &|d| {
            let widths =
                find(d, &|font| font.has(b"CIDToGIDMap")).get_mut(b"W").unwrap().as_array_mut().unwrap();
            let last = widths.last_mut().unwrap();
            *last = if last.as_array().is_ok() { vec![Object::Integer(7)].into() } else { 7.into() };
        }),
        ("PDF/X-4 colour", &|d| mark(d, "/G0 gs 1 0 0 rg 0 0 5 5 re f ")),
        ("PDF/X-4 colour", &|d| mark(d, "/G0 gs 0.1 0 0 1 k 0 0 5 5 re f ")),
        ("PDF/X-4 colour", &|d| mark(d, "/G0 gs 0 0 5 5 re f ")),
        ("PDF/X-4 graphics state", &|d| of_type(d, "ExtGState").set("TR", "Identity")),
        ("PDF/X-4 streams", &|d| find(d, &|form| form.has(b"GTS_XID")).set("OPI", dictionary! {})),
        ("PDF/X-4 streams", &|d| find(d, &|form| form.has(b"GTS_XID")).set("F", Object::string_literal("x"))),
        ("PDF/X-4 streams", &|d| mark(d, "/G0 gs /S99 Do ")),
        ("PDF/X-4 streams", &|d| mark(d, "q ")),
        ("PDF/X-4 interaction", &|d| page(d).set("Annots", Vec::<Object>::new())),
        ("PDF/X-4 interaction", &|d| of_type(d, "Catalog").set("OpenAction", dictionary! {})),
        ("PDF/X-4 images", &|d| {
            mark(d, "/G0 gs 0 0 0 1 k BI /IM true /I true /BPC 1 /W 1 /H 1 ID \u{1}\nEI ")
        }),
        ("overprint", &|d| mark(d, "/G0 gs 0 0 0 0 k 0 0 5 5 re f ")),
        ("overprint", &|d| mark(d, "0 0 0 1 k 0 0 5 5 re f ")),
        ("overprint", &|d| of_type(d, "ExtGState").set("op", false)),
        ("transparency", &|d| of_type(d, "ExtGState").set("ca", Object::Real(0.5))),
        ("transparency", &|d| find(d, &|form| form.has(b"GTS_XID")).set("Group", dictionary! {})),
        ("PDF/VT-1 identification", &|d| packet(d, ">PDF/VT-1<", ">PDF/VT-2<")),
        ("PDF/VT-1 identification", &|d| packet(d, "T00:00:00Z</pdfvtid", "T01:00:00Z</pdfvtid")),
        ("PDF/VT-1 tree", &|d| of_type(d, "DPartRoot").set("RecordLevel", 1)),
        ("PDF/VT-1 tree", &|d| {
            of_type(d, "Catalog").remove(b"DPartRoot");
        }),
        ("PDF/VT-1 pages", &|d| {
            let other = *d.get_pages().get(&2).unwrap();
            find(d, &|part| part.has(b"Start")).set("Start", other)
        }),
        ("PDF/VT-1 pages", &|d| {
            page(d).remove(b"DPart");
        }),
        ("PDF/VT-1 metadata", &|d| label(d).set("PLI_Name", Object::string_literal("X"))),
        ("PDF/VT-1 metadata", &|d| label(d).set("PLI_Piece", Object::string_literal("2400158480"))),
        ("PDF/VT-1 metadata", &|d| label(d).set("PLI_Sheets", 2)),
        ("PDF/VT-1 metadata", &|d| label(d).set("PLI_Sequence", 7)),
        ("PDF/VT-1 reuse", &|d| {
            find(d, &|form| form.has(b"GTS_XID")).remove(b"GTS_Scope");
        }),
        ("PDF/A-2b metadata", &|d| packet(d, "<pdfaid:part>2<", "<pdfaid:part>3<")),
        ("PDF/A-2b metadata", &|d| packet(d, ">GTS_PDFVTModDate</pdfaProperty", ">Other</pdfaProperty")),
        ("PDF/A-2b output intent", &|d| {
            let intents = of_type(d, "Catalog").get_mut(b"OutputIntents").unwrap().as_array_mut().unwrap();
            intents.pop();
        }),
    ];
    let mut noticed: BTreeSet<&str> = BTreeSet::new();
    for (rank, (clause, change)) in changes.iter().enumerate() {
        let found = broken(&rewritten(&sound, *change));
        assert!(found.contains(clause), "change {rank}, {clause}: {found:?}");
        noticed.insert(clause);
    }
    for (clause, bytes) in broken_bytes(&sound) {
        let found = broken(&bytes);
        assert!(found.contains(clause), "{clause}: {found:?}");
        noticed.insert(clause);
    }
    assert_eq!(noticed, names(true).into_iter().collect(), "each clause has a file that breaks it");
}

/// Files that are broken as bytes.
fn broken_bytes(sound: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let replaced = |old: &[u8], new: &[u8]| {
        let at = sound.windows(old.len()).rposition(|window| window == old).unwrap();
        [&sound[..at], new, &sound[at + old.len()..]].concat()
    };
    let first = sound.windows(9).position(|window| window == b"<</Length").unwrap();
    let mut longer = sound.to_vec();
    // The first digit of a page content's length.
    longer[first + 10] = if longer[first + 10] == b'9' { b'8' } else { longer[first + 10] + 1 };
    vec![
        ("PDF/X-4 file", replaced(b"%PDF-1.6", b"%PDF-1.7")),
        ("PDF/X-4 file", replaced(b"%%EOF\n", b"%%EOF\n\n")),
        ("PDF/X-4 file", sound[..sound.len() / 2].to_vec()),
        ("PDF/X-4 trailer", replaced(b"/ID[<", b"/IX[<")),
        ("PDF/A-2b streams", longer),
        ("PDF/A-2b streams", replaced(b"\nendstream\nendobj\n", b" endstream\nendobj\n")),
    ]
}
