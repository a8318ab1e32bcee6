//! Reading and judging 2D-DOC: pictures with several symbols, scans, PDFs that attack, the tables, the JSON.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use image::{GrayImage, ImageFormat, Luma};
use serde_json::Value;
use symbols::datamatrix::encode_c40;
use tempfile::TempDir;
use twoddoc::{Algorithm, Header, SigningKey, Value as Text, compose, signed_text};

use crate::job::{Ran, pli};
use crate::tools::{text, tool};

/// A bench: a folder for files, a key, and a trust folder that holds its public half.
struct Bench {
    folder: TempDir,
    key: SigningKey,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[7; 32]).unwrap();
        fs_err::create_dir(folder.path().join("trust")).unwrap();
        let pem = format!("2D-DOC: FR8Z/AB12\n{}", key.verifying_key().to_spki_pem().unwrap());
        fs_err::write(folder.path().join("trust/key.pem"), pem).unwrap();
        Bench { folder, key }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A signed code.
    fn code(&self, document_type: &str, issued: bool, fields: &[(&str, &str)]) -> String {
        let mut header = Header::v04("FR8Z", "AB12", document_type, jiff::civil::date(2026, 11, 20));
        header.emission_date = issued.then(|| jiff::civil::date(2026, 11, 20));
        let fields: Vec<_> = fields.iter().map(|(id, value)| (*id, Text::Exact(value))).collect();
        signed_text(&compose(&header, &fields).unwrap(), &self.key).unwrap()
    }

    /// The code of a card of an invented person.
    fn card(&self, number: usize) -> String {
        let number = format!("28000{number:05}");
        self.code("A6", false, &[("80", "MARTIN"), ("81", "ZOE"), ("82", &number), ("83", "ORDRE")])
    }

    fn verify(&self, arguments: &[&str]) -> Ran {
        let trust = self.path("trust");
        pli(&[&["verify", "--json", "--trust", text(&trust)][..], arguments].concat())
    }

    fn picture(&self, file: &Path) -> Ran {
        self.verify(&["--image", text(file)])
    }

    fn save(&self, picture: &GrayImage, name: &str) -> PathBuf {
        let path = self.path(name);
        picture.save(&path).unwrap();
        path
    }
}

fn statuses(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let one = std::slice::from_ref(&json);
    let all = json.as_array().map_or(one, Vec::as_slice);
    all.iter().map(|examined| examined["signature"]["status"].as_str().unwrap().to_owned()).collect()
}

/// Draws a code's symbol. Returns its side in pixels.
fn draw(picture: &mut GrayImage, code: &str, (x, y): (u32, u32), module: u32, dark: u8) -> u32 {
    let symbol = encode_c40(code.as_bytes()).unwrap();
    let side = symbol.side() as u32 * module;
    for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))) {
        if symbol.dark((row / module) as usize, (column / module) as usize) {
            picture.put_pixel(x + column, y + row, Luma([dark]));
        }
    }
    side
}

fn white(width: u32, height: u32) -> GrayImage {
    GrayImage::from_pixel(width, height, Luma([255]))
}

/// Codes in rows, three pixels a module.
fn grid(codes: &[String], columns: u32) -> GrayImage {
    let rows = (codes.len() as u32).div_ceil(columns);
    let mut picture = white(columns * 180 + 20, rows * 180 + 20);
    for (index, code) in (0..).zip(codes) {
        draw(&mut picture, code, (20 + index % columns * 180, 20 + index / columns * 180), 3, 0);
    }
    picture
}

#[test]
fn every_code_of_a_picture_is_judged() {
    let bench = Bench::new();
    for (columns, count) in [(6, 6), (8, 8), (4, 16), (6, 36)] {
        let mut codes: Vec<String> = (0..count).map(|number| bench.card(number)).collect();
        codes[0] = codes[0].replace("MARTIN", "MARTON");
        let ran = bench.picture(&bench.save(&grid(&codes, columns), "grid.png"));
        let mut wanted = vec!["valid"; count];
        wanted[0] = "invalid";
        assert_eq!((ran.code, statuses(&ran)), (1, wanted.iter().map(|s| (*s).to_owned()).collect()));
    }
}

#[test]
fn a_code_of_sixteen_symbols_is_put_together() {
    let bench = Bench::new();
    let code = bench.card(1);
    let length = code.len().div_ceil(16);
    let parts: Vec<String> =
        code.as_bytes().chunks(length).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let last = parts.len() - 1;
    let symbols: Vec<String> =
        parts.iter().enumerate().map(|(index, part)| format!("EA1B{index:X}{last:X}{part}")).collect();
    let ran = bench.picture(&bench.save(&grid(&symbols, 4), "set.png"));
    assert_eq!((ran.code, statuses(&ran)), (0, vec!["valid".to_owned()]), "{}", ran.stdout);
}

#[test]
fn a_symbol_that_is_found_and_cannot_be_decoded_is_said() {
    let bench = Bench::new();
    let mut picture = white(500, 250);
    draw(&mut picture, &bench.card(1), (20, 20), 4, 0);
    let side = draw(&mut picture, &bench.card(2), (260, 20), 4, 0);
    for (x, y) in (16..side - 16).flat_map(|y| (16..side - 16).map(move |x| (x, y))) {
        picture.put_pixel(260 + x, 20 + y, Luma([0]));
    }
    let ran = bench.picture(&bench.save(&picture, "damaged.png"));
    assert_eq!((ran.code, statuses(&ran)), (1, vec!["valid".to_owned(), "unreadable".to_owned()]));
    let reason = ran.json()[1]["signature"]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("was found and can't be read"), "{reason}");
}

#[test]
fn scans_are_read_pale_fed_unevenly_and_in_every_format() {
    let bench = Bench::new();
    let scan = |dark: u8| {
        let mut picture = white(400, 400);
        draw(&mut picture, &bench.card(1), (60, 80), 5, dark);
        picture
    };
    for dark in [160, 175, 225] {
        assert_eq!(bench.picture(&bench.save(&scan(dark), "pale.png")).code, 0, "{dark} on 255");
    }
    let straight = scan(0);
    // Below the middle of the symbol everything is half a module further down.
    let uneven = GrayImage::from_fn(400, 400, |x, y| *straight.get_pixel(x, if y > 190 { y - 3 } else { y }));
    assert_eq!(bench.picture(&bench.save(&uneven, "uneven.png")).code, 0);
    for format in [ImageFormat::Tiff, ImageFormat::Bmp] {
        let path = bench.path("scan");
        straight.save_with_format(&path, format).unwrap();
        assert_eq!(bench.picture(&path).code, 0, "{format:?}");
    }
}

/// A TIFF of several pages of eight-bit grey.
fn tiff(pages: &[GrayImage]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    for (index, page) in pages.iter().enumerate() {
        let pixels = file.len() as u32 + 2 + 8 * 12 + 4;
        let next = if index + 1 == pages.len() { 0 } else { pixels + page.as_raw().len() as u32 };
        let (width, height) = page.dimensions();
        let entries = [
            (256, width),
            (257, height),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, pixels),
            (278, height),
            (279, width * height),
        ];
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, value) in entries {
            file.extend((tag as u16).to_le_bytes());
            file.extend([4, 0, 1, 0, 0, 0]);
            file.extend(value.to_le_bytes());
        }
        file.extend(next.to_le_bytes());
        file.extend(page.as_raw());
    }
    file
}

#[test]
fn every_page_of_a_tiff_is_read() {
    let bench = Bench::new();
    let pages: Vec<GrayImage> = (0..3).map(|number| grid(&[bench.card(number)], 1)).collect();
    fs_err::write(bench.path("pages.tif"), tiff(&pages)).unwrap();
    let ran = bench.picture(&bench.path("pages.tif"));
    assert_eq!((ran.code, statuses(&ran).len()), (0, 3), "{}{}", ran.stdout, ran.stderr);
}

/// A PDF of one page. `resources` and `more` objects (from number 5) are as given.
fn pdf(media_box: &str, resources: &str, content: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    pdf_of_pages(1, media_box, resources, content, more)
}

/// A PDF that has the same page several times.
fn pdf_of_pages(pages: usize, media_box: &str, resources: &str, content: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    let page =
        format!("<</Type/Page/Parent 2 0 R/MediaBox[{media_box}]/Resources{resources}/Contents 4 0 R>>");
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Kids[{}]/Count {pages}>>", "3 0 R ".repeat(pages)).into_bytes(),
        page.into_bytes(),
        stream("", content),
    ];
    objects.extend_from_slice(more);
    let mut file = b"%PDF-1.6\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
    }
    let start = file.len();
    let trailer = format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    [file, table.into_bytes(), trailer.into_bytes()].concat()
}

/// An object that is a stream.
fn stream(entries: &str, bytes: &[u8]) -> Vec<u8> {
    [format!("<<{entries}/Length {}>>\nstream\n", bytes.len()).as_bytes(), bytes, b"\nendstream"].concat()
}

const A4: &str = "0 0 595 842";

#[test]
fn a_pdf_is_read_at_the_resolution_of_what_is_on_it() {
    let bench = Bench::new();
    let symbol = encode_c40(bench.card(1).as_bytes()).unwrap();
    // Modules of 0.1 mm, drawn in grey.
    let mut drawn = String::from("0.6 g\n");
    for (row, column) in
        (0..symbol.side()).flat_map(|row| (0..symbol.side()).map(move |column| (row, column)))
    {
        if symbol.dark(row, column) {
            let (x, y) = (100.0 + 0.2835 * column as f64, 500.0 - 0.2835 * row as f64);
            drawn += &format!("{x:.4} {y:.4} 0.2835 0.2835 re f\n");
        }
    }
    fs_err::write(bench.path("fine.pdf"), pdf(A4, "<<>>", drawn.as_bytes(), &[])).unwrap();
    let ran = bench.picture(&bench.path("fine.pdf"));
    assert_eq!((ran.code, statuses(&ran)), (0, vec!["valid".to_owned()]), "{}", ran.stdout);
    // A scan of 1200 dpi, with modules of four pixels: at 300 dpi they are one pixel.
    let scan = grid(&[bench.card(1), bench.card(2)], 2);
    let scan =
        image::imageops::resize(&scan, scan.width() * 4 / 3, scan.height() * 4 / 3, image::imageops::Nearest);
    let (width, height) = scan.dimensions();
    let image = stream(
        &format!(
            "/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 8"
        ),
        scan.as_raw(),
    );
    let content =
        format!("{:.2} 0 0 {:.2} 100 400 cm /I Do", f64::from(width) * 0.06, f64::from(height) * 0.06);
    let scanned = pdf(A4, "<</XObject<</I 5 0 R>>>>", content.as_bytes(), &[image]);
    fs_err::write(bench.path("scan.pdf"), scanned).unwrap();
    let ran = bench.picture(&bench.path("scan.pdf"));
    assert_eq!((ran.code, statuses(&ran).len()), (0, 2), "{}", ran.stdout);
}

#[test]
fn a_pdf_that_attacks_ends_in_words() {
    let form = |content: &[u8]| {
        stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>", content)
    };
    let type_3 = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 6 0 R>>/Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[1]/Resources<</Font<</F 5 0 R>>>>>>";
    let attacks = [
        ("huge", pdf("0 0 9000 9000", "<<>>", b"", &[]), "more than 100 million pixels"),
        ("endless", pdf("0 0 1000000000 1000000000", "<<>>", b"", &[]), "more than 100 million pixels"),
        ("nested", pdf(A4, "<<>>", "[".repeat(200_000).as_bytes(), &[]), "page 1 can't be read"),
        (
            "form",
            pdf(A4, "<</XObject<</F 5 0 R>>>>", b"/F Do", &[form(b"/F Do /F Do")]),
            "page 1 can't be read",
        ),
        (
            "glyph",
            pdf(
                A4,
                "<</Font<</F 5 0 R>>>>",
                b"BT /F 10 Tf (aaaa) Tj ET",
                &[type_3.to_vec(), stream("", b"1 0 d0 BT /F 1 Tf (aa) Tj ET")],
            ),
            "page 1 can't be read",
        ),
        ("pages", pdf_of_pages(5000, A4, "<<>>", b"", &[]), "more than 1000 pages"),
        ("cut", b"%PDF-1.7\n1 0 obj <<".to_vec(), ""),
    ];
    let bench = Bench::new();
    for (name, file, message) in attacks {
        let path = bench.path(&format!("{name}.pdf"));
        fs_err::write(&path, file).unwrap();
        let begun = Instant::now();
        let ran = bench.picture(&path);
        let json = ran.json();
        assert_eq!((ran.code, &json["error"]["exit_code"]), (2, &Value::from(2)), "{name}: {}", ran.stdout);
        assert!(json["error"]["message"].as_str().unwrap().contains(message), "{name}: {}", ran.stdout);
        assert!(begun.elapsed() < Duration::from_secs(60), "{name}");
    }
}

#[test]
fn a_locked_pdf_is_called_so() {
    let bench = Bench::new();
    let (plain, locked) = (bench.path("plain.pdf"), bench.path("locked.pdf"));
    fs_err::write(&plain, pdf(A4, "<<>>", b"", &[])).unwrap();
    let arguments = ["--encrypt", "secret", "secret", "256", "--", text(&plain), text(&locked)];
    if tool("qpdf", &arguments).is_none() {
        return;
    }
    let ran = bench.picture(&locked);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &Value::from("pdf_encrypted")));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_no_picture() {
    let bench = Bench::new();
    let fifo = bench.path("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::os::unix::fs::symlink("loop", bench.path("loop")).unwrap();
    for path in [Path::new("/dev/zero"), &fifo, bench.folder.path(), &bench.path("loop"), &bench.path("none")]
    {
        let ran = bench.picture(path);
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &Value::from("picture_io")), "{path:?}");
    }
    // The trust folder: pipes and closed links are passed over, one file behind many links is read once.
    let trust = bench.path("trust");
    let large = |path: PathBuf| fs_err::File::create(path).unwrap().set_len(20 << 20).unwrap();
    large(bench.path("large"));
    std::os::unix::fs::symlink(&fifo, trust.join("fifo")).unwrap();
    std::os::unix::fs::symlink(&trust, trust.join("itself")).unwrap();
    std::os::unix::fs::symlink("loop", trust.join("loop")).unwrap();
    for number in 0..300 {
        std::os::unix::fs::symlink(bench.path("large"), trust.join(format!("{number}.pem"))).unwrap();
    }
    let begun = Instant::now();
    assert_eq!(bench.verify(&[&bench.card(1)]).code, 0);
    assert!(begun.elapsed() < Duration::from_secs(20));
    // Twenty such files are too much together.
    for number in 0..20 {
        large(trust.join(format!("{number:02}.large")));
    }
    let ran = bench.verify(&[&bench.card(1)]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &Value::from("trust_folder")));
}

#[test]
fn types_follow_the_footnotes_of_their_tables() {
    let bench = Bench::new();
    let death = [
        ("72", "MARTIN"),
        ("73", "ZOE"),
        ("77", "PARIS"),
        ("78", "75000"),
        ("7C", "0"),
        ("7D", "0"),
        ("7E", "0"),
        ("7G", "0"),
        ("7M", "MEDECIN"),
    ];
    let with = |fields: &[(&'static str, &'static str)], more: &[(&'static str, &'static str)]| {
        [fields, more].concat()
    };
    let diploma = [
        ("B2", "MARTIN"),
        ("B6", "F"),
        ("B7", "01011999"),
        ("B9", "FR"),
        ("BD", "7"),
        ("BG", "01"),
        ("BH", "XX"),
        ("BI", "XX"),
        ("BJ", "XX"),
    ];
    let vehicle = [
        ("A0", "FR"),
        ("A1", "AA-123-AA"),
        ("A2", "MARQUE"),
        ("A3", "MODELE"),
        ("A4", "1234567890ABCDEFG"),
        ("A5", "M1 "),
        ("A6", "GO"),
        ("A7", "082"),
        ("A9", "050"),
    ];
    let tax = [
        ("43", "2,5"),
        ("44", "1234567890123"),
        ("45", "2025"),
        ("46", "MARTIN"),
        ("47", "1234567890123"),
        ("4A", "31072026"),
    ];
    let arms = [("D6", "12345678"), ("D7", "20112026"), ("D8", "03"), ("DY", "001")];
    let points =
        [("AB", "TEST"), ("AC", "123"), ("60", "ZOE"), ("69", "01011970"), ("6G", "MARTIN"), ("6H", "MME")];
    let address: &'static str = Box::leak("A".repeat(155).into_boxed_str());
    let codes = [
        ("A1", true, with(&points, &[])),
        ("A1", true, with(&points, &[("6A", "PARIS")])),
        ("A4", true, with(&death, &[("7K", "1234567890123"), ("71", "200420260830")])),
        ("AE", true, with(&death, &[("7P", "1234567890123456"), ("71", "200420260830")])),
        ("B0", true, with(&diploma, &[("B0", "ZOE/ANNE")])),
        ("B0", true, with(&diploma, &[("B1", "ZOE")])),
        ("A0", true, with(&vehicle, &[("A8", "2008EURO5"), ("31", "FR7612345678901234")])),
        ("C4", true, with(&arms, &[("DE", "MARTIN ARMES")])),
        ("04", false, with(&[("4Y", address)], &tax)),
        ("28", false, with(&tax, &[("4Y", "1 RUE DES ESSAIS/75001/PARIS"), ("4Z", "12")])),
    ];
    for (document_type, issued, fields) in codes {
        let ran = bench.verify(&[&bench.code(document_type, issued, &fields)]);
        let json = ran.json();
        assert_eq!(
            (ran.code, &json["findings"]),
            (0, &serde_json::json!([])),
            "{document_type}: {}",
            ran.stdout
        );
        assert!(json["document_type"].is_string(), "{document_type}");
        assert_eq!(json["fields"].as_array().unwrap().len(), fields.len());
    }
    for document_type in ["26", "27", "28", "29", "B3", "C3", "C5", "C6"] {
        let found = twoddoc::DocumentType::find(document_type);
        assert!(found.is_some_and(|known| !known.name.is_empty()), "{document_type}");
    }
}

#[test]
fn values_are_decoded_beside_their_written_form() {
    let bench = Bench::new();
    let fields = [
        ("43", "2,5"),
        ("4A", "31072026"),
        ("4Y", "1 RUE DES ESSAIS/75001/PARIS"),
        ("08", "265C"),
        ("A7", "082"),
    ];
    let code = bench.code("28", false, &fields);
    let json = bench.verify(&[&code]).json();
    let decoded: Vec<&Value> = (0..fields.len()).map(|index| &json["fields"][index]["decoded"]).collect();
    let address = serde_json::json!(["1 RUE DES ESSAIS", "75001", "PARIS"]);
    assert_eq!(decoded, [&Value::Null, &"2026-07-31".into(), &address, &"2026-11-20".into(), &130.into()]);
    assert_eq!(json["fields"][4]["value"], "082");
}

#[test]
fn a_box_cuts_no_name_and_does_not_contradict_itself() {
    let bench = Bench::new();
    let shown =
        pli(&["verify", "--trust", text(&bench.path("trust")), &bench.code("28", false, &[("A7", "082")])]);
    let words: Vec<&str> =
        shown.stdout.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    for word in "Taux d émission de CO2 du véhicule en g km".split(' ') {
        assert!(words.contains(&word), "{word}: {}", shown.stdout);
    }
    let folder = tempfile::tempdir().unwrap();
    let pem = format!("2D-DOC: FR00/0001\n{}", bench.key.verifying_key().to_spki_pem().unwrap());
    fs_err::write(folder.path().join("own.pem"), pem).unwrap();
    let header = Header::v04("FR00", "0001", "A6", jiff::civil::date(2026, 11, 20));
    let fields = [("80", "MARTIN"), ("81", "ZOE"), ("82", "2800000001"), ("83", "ORDRE")];
    let block = compose(&header, &fields.map(|(id, value)| (id, Text::Exact(value)))).unwrap();
    let own = signed_text(&block, &bench.key).unwrap();
    let shown = pli(&["verify", "--trust", text(folder.path()), &own]).stdout;
    assert!(shown.contains(" VALID ") && !shown.contains("nothing"), "{shown}");
}

#[test]
fn a_tiff_of_more_than_a_thousand_pages_is_refused_at_once() {
    let bench = Bench::new();
    let mut pixel = std::io::Cursor::new(Vec::new());
    white(10, 10).write_to(&mut pixel, ImageFormat::Tiff).unwrap();
    let tiff = pixel.into_inner();
    let first = u32::from_le_bytes(tiff[4..8].try_into().unwrap());
    let entries = usize::from(u16::from_le_bytes(tiff[first as usize..][..2].try_into().unwrap()));
    let directory = tiff[first as usize..][..2 + 12 * entries].to_vec();
    let mut many = tiff.clone();
    let mut next = first as usize + directory.len();
    for _ in 1..200_000 {
        let at = many.len() as u32;
        many[next..next + 4].copy_from_slice(&at.to_le_bytes());
        many.extend_from_slice(&directory);
        next = many.len();
        many.extend([0; 4]);
    }
    let file = bench.path("many.tif");
    fs_err::write(&file, many).unwrap();
    let begun = Instant::now();
    let ran = bench.picture(&file);
    let error = &ran.json()["error"];
    assert_eq!((ran.code, error["code"].as_str()), (2, Some("picture_limits")), "{}", ran.stdout);
    assert_eq!(error["message"], "more than 1000 pages");
    assert!(begun.elapsed() < Duration::from_secs(20));
}
