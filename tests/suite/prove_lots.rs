//! `pli prove` on lots of all kinds, and on files that were altered one thing at a time.

use lopdf::{Document, Object, ObjectId};
use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, TestJob};
use crate::prove::{Alone, checked, copy_salts, proved_job};
use crate::tools::{text, tool};
use pli::job::{KeyLocation, SigningProfile};
use pli::vault::new_signing_key;

const FILE: &str = "26324A-0001.pdf";

/// The fixture's job with mailers in clear, lot sheets and further keys of `[press]`, nine pieces to a file.
fn job_with(press: &str) -> TestJob {
    let job = TestJob::new();
    job.replace("job.toml", "dir = \"out\"", "dir = \"out\"\nunsealed = true\npieces_per_file = 9");
    job.replace("job.toml", "[limits]\n", &format!("[press]\nlot_sheets = true\n{press}\n\n[limits]\n"));
    job
}

fn left_out(report: &Value) -> String {
    report["lots"][0]["not_checked"].to_string()
}

/// Proves a lot that must be sound and returns the report.
fn sound(alone: &Alone, more: &[&str]) -> Value {
    let ran = alone.prove(more);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    ran.json()
}

/// The codes of all faults, each once, in order.
fn kinds_of_faults(alone: &Alone) -> Vec<String> {
    let mut faults = alone.faults(&[]);
    faults.sort();
    faults.dedup();
    faults
}

#[test]
fn lots_of_every_press_are_sound_with_lot_sheets_salts_and_mailers_in_clear() {
    for press in
        ["dpi = 300", "dpi = 600\nbar_width_reduction = 1", "imposition = \"2-up\"\nbar_width_reduction = 1"]
    {
        let job = job_with(press);
        assert_eq!(job.run(FRIDAY, &[]).code, 1);
        fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
        assert!(job.run(MONDAY, &["--only", "mailers"]).code <= 1);
        let letters = Alone::of(&job, FRIDAY, "letters");
        copy_salts(&job, &letters);
        let report = sound(&letters, &[]);
        let pieces = job.table(&format!("out/{FRIDAY}/letters/26324A.manifest.csv")).len() as u64;
        for what in ["pieces", "signatures", "stock", "layouts"] {
            assert_eq!(checked(&report, what), pieces, "{press}: {what}");
        }
        assert!(checked(&report, "texts") > 5 * pieces, "{press}");
        assert!(checked(&report, "fonts") >= 3 && checked(&report, "forms") >= 3, "{press}");
        assert!(left_out(&report).contains("what 2 pages show that belong to no piece"), "{report}");
        let mailers = Alone::of(&job, MONDAY, "mailers");
        let report = sound(&mailers, &[]);
        let pieces = job.table(&format!("out/{MONDAY}/mailers/26327A.manifest.csv")).len() as u64;
        assert_eq!((checked(&report, "pieces"), checked(&report, "texts")), (pieces, 0), "{press}");
        assert!(checked(&report, "pages") >= 2 * pieces && checked(&report, "forms") > 0, "{press}");
        assert!(left_out(&report).contains("fonts of mailers"), "{report}");
    }
}

#[test]
fn a_lot_signed_with_p_256_a_sample_and_a_reprint_are_sound() {
    let job = TestJob::new();
    for half in ["pem", "pub"] {
        fs_err::remove_file(job.path(&format!("keys/signing.{half}"))).unwrap();
    }
    let key = KeyLocation::File(job.path("keys/signing.pem"));
    new_signing_key(&key, SigningProfile::EcdsaP256).unwrap();
    job.replace("job.toml", "[signing]\n", "[signing]\nprofile = \"ecdsa-p256\"\n");
    job.run(FRIDAY, &["--prove", "sample"]);
    let alone = Alone::of(&job, FRIDAY, "letters");
    copy_salts(&job, &alone);
    let report = sound(&alone, &[]);
    assert_eq!(report["lots"][0]["proved"]["extent"], "sample");
    let pieces = job.table(&format!("out/{FRIDAY}/letters/26324A.manifest.csv")).len() as u64;
    assert_eq!((checked(&report, "signatures"), checked(&report, "layouts")), (pieces, pieces));
    let again = ["26324A000003", "26324A000005", "--card-in-hand", "--reason", "torn", "--date", MONDAY];
    let ran = job.pli("reprint", &again);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let reprint = Alone::of(&job, MONDAY, "letters");
    let salts = format!("kept/proof-salts/{MONDAY}/letters/26324A.1.proof-salts");
    fs_err::copy(job.path(&salts), reprint.path("lot/26324A.1.proof-salts")).unwrap();
    let report = sound(&reprint, &["--lot", "L26324A.1"]);
    assert_eq!((checked(&report, "pieces"), checked(&report, "layouts")), (2, 2));
}

/// Alters the first print file with lopdf, which writes it anew.
fn edit(alone: &Alone, edit: impl FnOnce(&mut Document)) {
    alone.alter(FILE, |bytes| {
        let mut document = Document::load_mem(bytes).unwrap();
        edit(&mut document);
        bytes.clear();
        document.save_to(bytes).unwrap();
    });
}

/// Adds operators to a page's content, behind the first operator `after` of its first text object.
fn add_to_page(document: &mut Document, number: u32, after: &[u8], operators: &[u8]) {
    let page = document.get_pages()[&number];
    let mut content = document.get_page_content(page);
    let find = |from: usize, what: &[u8]| {
        let found = content[from..].windows(what.len()).position(|part| part == what);
        from + found.expect("it is there") + what.len()
    };
    let at = find(find(0, b"BT"), after);
    content.splice(at..at, operators.iter().copied());
    document.change_page_content(page, content).unwrap();
}

/// The object of the first stream whose dictionary has this name under this key.
fn stream_with(document: &Document, key: &[u8], name: &[u8]) -> ObjectId {
    let is = |object: &Object| {
        let named = object.as_stream().ok().and_then(|stream| stream.dict.get(key).ok()?.as_name().ok());
        named == Some(name)
    };
    document.objects.iter().find(|(_, object)| is(object)).map(|(id, _)| *id).expect("the stream")
}

#[test]
fn what_was_changed_in_a_print_file_is_named() {
    let job = proved_job();
    let altered = |change: &dyn Fn(&mut Document)| {
        let alone = Alone::of(&job, FRIDAY, "letters");
        copy_salts(&job, &alone);
        edit(&alone, change);
        kinds_of_faults(&alone)
    };
    // lopdf's own way of writing a file changes no stock, font, text or place.
    let anew = altered(&|_| ());
    for code in ["stock_altered", "stock_differs", "font_altered", "text_differs", "layout_differs"] {
        assert!(anew.contains(&"file_altered".to_owned()) && !anew.contains(&code.to_owned()), "{anew:?}");
    }
    let names = |change: &dyn Fn(&mut Document), codes: &[&str], not: &[&str]| {
        let found = altered(change);
        assert!(codes.iter().all(|code| found.contains(&(*code).to_owned())), "{codes:?}: {found:?}");
        assert!(!not.iter().any(|code| found.contains(&(*code).to_owned())), "{codes:?}: {found:?}");
    };
    let form = |document: &mut Document| {
        let form = stream_with(document, b"Subtype", b"Form");
        let stream = document.get_object_mut(form).unwrap().as_stream_mut().unwrap();
        let mut content = stream.decompressed_content().unwrap();
        content.extend_from_slice(b" 9 9 1 1 re f");
        stream.set_plain_content(content);
        stream.dict.remove(b"Filter");
    };
    names(&form, &["stock_altered", "stock_differs"], &["font_altered", "text_differs", "layout_differs"]);
    let map = |document: &mut Document| {
        let fonts = document.get_page_fonts(document.get_pages()[&1]).unwrap();
        let map = fonts.values().find_map(|font| font.get(b"ToUnicode").ok()?.as_reference().ok()).unwrap();
        let stream = document.get_object_mut(map).unwrap().as_stream_mut().unwrap();
        let mut content = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
        let end = content.len() - 1;
        content.insert(end, b'\n');
        stream.set_plain_content(content);
        stream.dict.remove(b"Filter");
    };
    names(&map, &["font_altered"], &["stock_altered", "text_differs", "layout_differs"]);
    let text = |document: &mut Document| add_to_page(document, 3, b"Tj", b" (1) Tj ");
    names(&text, &["text_differs"], &["stock_altered", "stock_differs", "font_altered"]);
    let place = |document: &mut Document| add_to_page(document, 3, b"Td", b" 0 5 Td ");
    names(&place, &["layout_differs"], &["stock_altered", "stock_differs", "font_altered", "text_differs"]);
    let pages = |document: &mut Document| {
        let pages = document.get_pages();
        let (third, fourth) = (document.get_page_content(pages[&3]), document.get_page_content(pages[&4]));
        document.change_page_content(pages[&3], fourth).unwrap();
        document.change_page_content(pages[&4], third).unwrap();
    };
    names(&pages, &["symbol_differs", "symbol_missing", "text_differs"], &["stock_altered", "font_altered"]);
}

#[test]
fn a_file_that_qpdf_writes_anew_shows_the_same() {
    let job = proved_job();
    for how in ["--object-streams=generate", "--stream-data=uncompress", "--linearize"] {
        let alone = Alone::of(&job, FRIDAY, "letters");
        copy_salts(&job, &alone);
        let (own, anew) = (alone.path(&format!("lot/{FILE}")), alone.path("anew.pdf"));
        if tool("qpdf", &[how, text(&own), text(&anew)]).is_none() {
            return;
        }
        fs_err::rename(anew, own).unwrap();
        let report = alone.prove(&[]).json();
        let pieces = checked(&report, "pieces");
        for what in ["stock", "layouts", "signatures"] {
            assert_eq!(checked(&report, what), pieces, "{how}: {what} in {report}");
        }
        assert_eq!(report["lots"][0]["faults"][0]["code"], "file_altered", "{how}");
    }
}

/// A sound lot with one of its files written anew, and what the faults say of it.
fn faults_of(job: &TestJob, name: &str, bytes: &[u8]) -> String {
    let alone = Alone::of(job, FRIDAY, "letters");
    copy_salts(job, &alone);
    fs_err::write(alone.path(&format!("lot/{name}")), bytes).unwrap();
    let ran = alone.prove(&[]);
    assert_eq!(ran.code, 1, "{name}: {}{}", ran.stdout, ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    let faults = ran.json()["lots"][0]["faults"].as_array().unwrap().clone();
    assert!(!faults.is_empty(), "{name}");
    for fault in &faults {
        assert!(!fault["file"].as_str().unwrap().is_empty() && !fault["advice"].as_str().unwrap().is_empty());
    }
    Value::Array(faults).to_string()
}

#[test]
fn bad_files_are_named_and_never_a_panic() {
    let job = proved_job();
    let lot = format!("out/{FRIDAY}/letters/26324A");
    let read = |ending: &str| fs_err::read(job.path(&format!("{lot}{ending}"))).unwrap();
    let (json, manifest) = (read(".proof.json"), read(".manifest.csv"));
    let (pieces, pdf) = (read(".proof-pieces.csv"), read("-0001.pdf"));
    let certificate = |from: &str, to: &str| {
        let text = String::from_utf8(json.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        faults_of(&job, "26324A.proof.json", text.replacen(from, to, 1).as_bytes())
    };
    assert!(faults_of(&job, "26324A.proof.json", &json[..json.len() / 2]).contains("no JSON"));
    assert!(faults_of(&job, "26324A.proof.json", b"").contains("no JSON"));
    let nested = "[".repeat(100_000);
    assert!(faults_of(&job, "26324A.proof.json", nested.as_bytes()).contains("no JSON"));
    assert!(certificate("\"dpi\": 600", "\"dpi\": 4294967295").contains("press"));
    assert!(
        certificate("\"bar_width_reduction\": 0", "\"bar_width_reduction\": 4294967295").contains("press")
    );
    assert!(certificate("\"pieces_across\": 1", "\"pieces_across\": 7").contains("press"));
    assert!(certificate("\"dpi\": 600", "\"dpi\": 1e400").contains("certificate"));
    assert!(certificate("\"pages\":", "\"pages\": 99999999999999999999, \"p\":").contains("certificate"));
    assert!(certificate("\"26324A.manifest.csv\"", "\"../26324A.manifest.csv\"").contains("outside"));
    assert!(certificate("\"extent\": \"all\"", "\"extent\": \"ALL\"").contains("certificate_signature"));
    let table = |name: &str, bytes: &[u8], from: &str, to: &str| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        faults_of(&job, name, text.replacen(from, to, 1).as_bytes())
    };
    let manifest_name = "26324A.manifest.csv";
    assert!(table(manifest_name, &manifest, "first_page", "premiere").contains("no column `first_page`"));
    let huge =
        table(manifest_name, &manifest, ",1,26324A-0001.pdf,", ",99999999999999999999,26324A-0001.pdf,");
    assert!(huge.contains("line 2"), "{huge}");
    let page = table(manifest_name, &manifest, "-0001.pdf,1,1,", "-0001.pdf,4294967295,4294967295,");
    assert!(page.contains("a piece has 1 to 50"), "{page}");
    let page = table(manifest_name, &manifest, "-0001.pdf,1,1,", "-0001.pdf,4294967295,1,");
    assert!(page.contains("is not in the file"), "{page}");
    assert!(faults_of(&job, manifest_name, &manifest[..manifest.len() / 2]).contains("rows"));
    assert!(faults_of(&job, manifest_name, &[0xFF; 4000]).contains("table_unreadable"));
    // Rows too many are counted one by one, and not kept.
    let last = String::from_utf8(manifest.clone()).unwrap().lines().last().unwrap().to_owned() + "\n";
    let more = faults_of(&job, manifest_name, &[&manifest[..], last.repeat(5000).as_bytes()].concat());
    assert!(more.contains("does not stand with those of a print file"), "{more}");
    let pieces_name = "26324A.proof-pieces.csv";
    assert!(table(pieces_name, &pieces, "layout", "LAYOUT").contains("no column `layout`"));
    assert!(faults_of(&job, pieces_name, b"").contains("no column"));
    assert!(table("26324A.proof-salts", &salts(&job), "000001,", "000001,0").contains("16 bytes"));
    assert!(faults_of(&job, "26324A-0001.pdf", &pdf[..pdf.len() / 2]).contains("file_altered"));
    assert!(faults_of(&job, "26324A-0001.pdf", b"%PDF-1.6").contains("no PDF"));
}

fn salts(job: &TestJob) -> Vec<u8> {
    fs_err::read(job.path(&format!("kept/proof-salts/{FRIDAY}/letters/26324A.proof-salts"))).unwrap()
}

/// The work order, as poppler reads it.
fn work_order(job: &TestJob, night: &str, lot: &str) -> Option<String> {
    let pages = crate::tools::pdf_text(&job.path(&format!("out/{night}/{lot}.work-order.pdf")))?;
    Some(pages[0].replace(['\u{202F}', '\u{A0}'], " "))
}

#[test]
fn the_work_order_says_what_was_proved_of_letters_mailers_and_reprints() {
    let job = proved_job();
    let certificate = job.read(&format!("out/{FRIDAY}/letters/26324A.proof.json"));
    let certificate: Value = serde_json::from_str(&certificate).unwrap();
    let Some(letters) = work_order(&job, FRIDAY, "letters/26324A") else { return };
    let count = |what: &str| certificate["proved"][what].as_u64().unwrap();
    let counts = format!(
        "{} pièces, {} textes, {} symboles, {} signatures",
        count("pieces"),
        count("texts"),
        count("symbols"),
        count("signatures")
    );
    assert!(
        letters.contains("Chaque pièce, dans les fichiers (règles 1)") && letters.contains(&counts),
        "{letters}"
    );
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    job.run(MONDAY, &["--only", "mailers"]);
    let mailers = work_order(&job, MONDAY, "mailers/26327A").unwrap();
    assert!(
        mailers.contains("Chaque pièce, dans les fichiers") && !mailers.contains("signatures"),
        "{mailers}"
    );
    let again = ["26324A000003", "--card-in-hand", "--reason", "torn", "--date", MONDAY, "--prove", "none"];
    assert!(job.pli("reprint", &again).code <= 1);
    let reprint = work_order(&job, MONDAY, "letters/26324A.1").unwrap();
    assert!(reprint.contains("Aucune : lot non relu"), "{reprint}");
}
