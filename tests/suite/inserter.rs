//! Control marks, control file and job ticket, judged by poppler, libdmtx, zxing-cpp and libxml.

use std::path::{Path, PathBuf};

use crate::job::{FRIDAY, MONDAY, TestJob, pli};
use crate::tools::{picture, python, text, tool};

const LETTERS: &str = "out/2026-11-20/letters/26324A";
const MAILERS: &str = "out/2026-11-23/mailers/26327A";
/// Where the marked templates have their strip and their code, in millimetres from the top left corner.
const STRIP: (f64, f64) = (2.5, 8.0);
const CODE: (f64, f64) = (90.0, 16.0);
/// What `omr` leaves clear around the marks.
const CLEAR: f64 = 2.0;
/// The strip of the default machine: pitch, length and thickness in millimetres, and its places from the top.
const PITCH: f64 = 4.23;
const LENGTH: f64 = 7.5;
const THICKNESS: f64 = 0.5;
const PLACES: [&str; 7] =
    ["benchmark", "safety", "end_of_set", "sequence_1", "sequence_2", "sequence_4", "parity"];

/// Copies a built-in template into a folder, with more of its own after its first overlay. A control code of its own gives way
/// to one that is added.
pub fn copied(folder: &Path, template: &str, more: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(template);
    let copy = folder.join("templates").join(template);
    fs_err::create_dir_all(&copy).unwrap();
    for entry in fs_err::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let main = copy.join(format!("{template}.typ"));
    let text = fs_err::read_to_string(&main).unwrap();
    let own = |line: &str| more.contains("control-code(") && line.contains("control-code(");
    let text: String = text.split_inclusive('\n').filter(|line| !own(line)).collect();
    fs_err::write(&main, text.replacen("#safe-area()\n", &format!("#safe-area()\n{more}\n"), 1)).unwrap();
    copy
}

/// The fixture's nights with control marks on letters and mailers, and further keys.
pub fn marked_job(keys: &str) -> TestJob {
    let job = TestJob::new();
    let marks =
        format!("#at({}mm, {}mm, omr())\n#at({}mm, {}mm, control-code())", STRIP.0, STRIP.1, CODE.0, CODE.1);
    for template in ["card-letter", "mailer-igc-sante"] {
        copied(&job.path(""), template, &marks);
    }
    let text = job.read("job.toml");
    job.write("job.toml", &format!("{text}\n{keys}\n"));
    job
}

/// Dots from the page's edge at a resolution.
fn dots(mm: f64, dpi: u32) -> u32 {
    (mm / 25.4 * f64::from(dpi)).round() as u32
}

/// The dark runs of a line of dots: where each begins and how long it is.
fn runs(dots: impl Iterator<Item = bool>) -> Vec<(u32, u32)> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for (at, _) in (0..).zip(dots).filter(|(_, dark)| *dark) {
        match found.last_mut() {
            Some((begin, length)) if *begin + *length == at => *length += 1,
            _ => found.push((at, 1)),
        }
    }
    found
}

/// The marks of a page's strip as poppler draws them at the press's own resolution: top and thickness of each in dots,
/// after left edge and length were seen to be right. Cairo paints the dots whose middle a mark covers, as a press
/// does; poppler's other painter, behind `pdftoppm`, adds a dot to every mask.
fn strip(job: &TestJob, pdf: &Path, page: u32, dpi: u32) -> Option<Vec<(u32, u32)>> {
    let png = job.path("strip.png");
    let (page_text, resolution) = (page.to_string(), dpi.to_string());
    let (width, height) = (dots(14.0, dpi).to_string(), dots(66.0, dpi).to_string());
    let of_page = ["-f", &page_text, "-l", &page_text, "-r", &resolution];
    let part = ["-x", "0", "-y", "0", "-W", &width, "-H", &height];
    let stem = png.with_extension("");
    let how = ["-png", "-gray", "-antialias", "none", "-singlefile", text(pdf), text(&stem)];
    tool("pdftocairo", &[&of_page[..], &part, &how].concat())?;
    let strip = image::open(&png).unwrap().into_luma8();
    let dark = |x: u32, y: u32| strip.get_pixel(x, y).0[0] < 128;
    let (left, length) = (dots(STRIP.0 + CLEAR, dpi), dots(LENGTH, dpi));
    let marks = runs((0..strip.height()).map(|y| dark(left + length / 2, y)));
    for (top, thickness) in &marks {
        let row = runs((0..strip.width()).map(|x| dark(x, top + thickness / 2)));
        assert_eq!(row, [(left, length)], "page {page}");
    }
    Some(marks)
}

/// Which places of the strip have a mark; every mark is where it belongs, to the dot.
fn places(marks: &[(u32, u32)], dpi: u32) -> Vec<&'static str> {
    let mark = |at: usize| (dots(STRIP.1 + CLEAR + at as f64 * PITCH, dpi), dots(THICKNESS, dpi));
    let found: Vec<_> =
        (0..PLACES.len()).filter(|at| marks.contains(&mark(*at))).map(|at| PLACES[at]).collect();
    assert_eq!(found.len(), marks.len(), "marks off their places: {marks:?}");
    found
}

/// The sequence that the marks count.
fn counted(places: &[&str]) -> u32 {
    places.iter().filter_map(|place| place.strip_prefix("sequence_")?.parse::<u32>().ok()).sum()
}

/// A page's control code under libdmtx and zxing-cpp, which must agree.
fn control_code(job: &TestJob, pdf: &Path, page: u32) -> Option<String> {
    let png = job.path("code/code.png");
    fs_err::create_dir_all(job.path("code")).unwrap();
    picture(pdf, page, 300, [CODE.0 - 1.0, CODE.1 - 1.0, 14.0, 14.0], &png)?;
    let read = tool("dmtxread", &["-N1", "-m3000", text(&png)])?;
    let read = String::from_utf8(read).unwrap();
    let grey = image::open(&png).unwrap().into_luma8();
    let mut pgm = format!("P5\n{} {}\n255\n", grey.width(), grey.height()).into_bytes();
    pgm.extend(grey.as_raw());
    fs_err::write(job.path("code/code.pgm"), pgm).unwrap();
    if let Some(said) = python("zxing-cpp", &["tests/symbols.py", text(&job.path("code"))]) {
        let hex: String = read.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(said.split_whitespace().nth(1), Some(hex.as_str()), "zxing-cpp reads what libdmtx reads");
    }
    Some(read)
}

#[test]
fn omr_marks_stand_on_the_grid_and_count_the_pieces() {
    for (dpi, keys) in [(600, ""), (300, "[press]\ndpi = 300\n[inserter.letters]\nparity = \"odd\"")] {
        let job = marked_job(keys);
        let report = job.run(FRIDAY, &["--prove", "all"]);
        assert_eq!(report.json()["proof"]["failures"], 0, "{}", report.stderr);
        let pdf = job.path(&format!("{LETTERS}-0001.pdf"));
        let rows = job.table(&format!("{LETTERS}.manifest.csv"));
        let control = job.table(&format!("{LETTERS}.control.csv"));
        for (row, control) in rows.iter().zip(&control).take(10) {
            let Some(marks) = strip(&job, &pdf, row["first_page"].parse().unwrap(), dpi) else { return };
            let places = places(&marks, dpi);
            assert_eq!(places[..3], ["benchmark", "safety", "end_of_set"], "{}", row["piece_id"]);
            let sequence: u32 = row["sequence"].parse().unwrap();
            assert_eq!(counted(&places), sequence % 8, "{}", row["piece_id"]);
            assert_eq!(control["omr_sequence"], (sequence % 8).to_string());
            assert_eq!(places.len() % 2, usize::from(dpi == 300), "parity of {places:?}");
        }
    }
}

#[test]
fn control_codes_read_and_say_what_the_control_file_says() {
    let job = marked_job("[inserter.mailers]\ncode_content = \"{lot} {sequence} {sheet}/{sheets}\"");
    job.both_nights();
    let letters = job.table(&format!("{LETTERS}.control.csv"));
    let pdf = job.path(&format!("{LETTERS}-0001.pdf"));
    for (row, page) in letters.iter().zip(1..).step_by(5) {
        let Some(read) = control_code(&job, &pdf, page) else { return };
        assert_eq!(read, row["control_code"]);
        assert_eq!(read, format!("L{}0101", row["piece_id"]));
    }
    let sealed = job.path(&format!("{MAILERS}-0001.pdf.age"));
    let plain = pli::vault::open(&sealed, &job.path("keys/press.identity")).unwrap();
    let opened = job.path("opened.pdf");
    fs_err::write(&opened, &*plain).unwrap();
    let mailers = job.table(&format!("{MAILERS}.control.csv"));
    for (row, sheet) in mailers.iter().zip(0..).take(3) {
        let Some(read) = control_code(&job, &opened, 1 + 2 * sheet) else { return };
        assert_eq!(read, row["control_code"]);
        assert_eq!(read, format!("26327A {:06} 01/01", sheet + 1));
        let front = strip(&job, &opened, 1 + 2 * sheet, 600).unwrap();
        assert!(places(&front, 600).contains(&"end_of_set"), "one sheet, printed on both sides, is the last");
        assert_eq!(strip(&job, &opened, 2 + 2 * sheet, 600).unwrap(), [], "the back has no strip");
    }
}

/// The control code on the first sheet of a mailer with one sheet.
fn code_of_mailer(piece_id: &str) -> String {
    format!("M{}0101", piece_id.replace('\\', ""))
}

#[test]
fn the_control_file_has_a_row_for_each_piece_and_nothing_secret() {
    let job = TestJob::new();
    let (friday, monday) = job.both_nights();
    for (night, report, lot) in [(FRIDAY, friday, LETTERS), (MONDAY, monday, MAILERS)] {
        let lots = report.json()["lots"].clone();
        let named = |name: &str| {
            let mut files = lots.as_array().unwrap().iter().map(|lot| lot[name].as_str().unwrap().to_owned());
            files.any(|file| lot.starts_with(&format!("out/{night}/{}", file.split('.').next().unwrap())))
        };
        assert!(named("control_file") && named("job_ticket"), "{lots}");
        let manifest = job.table(&format!("{lot}.manifest.csv"));
        let control = job.table(&format!("{lot}.control.csv"));
        assert_eq!(manifest.len(), control.len());
        for (row, control) in manifest.iter().zip(&control) {
            assert_eq!((&row["piece_id"], &row["sequence"]), (&control["piece_id"], &control["sequence"]));
            let (column, symbology) =
                if lot == LETTERS { ("window_barcode", "code39") } else { ("tracking_id", "text") };
            assert_eq!(
                (control["window_symbology"].as_str(), &control["window_value"]),
                (symbology, &row[column])
            );
            assert_eq!(control["sheets"], "1");
            assert_eq!(control["weight_class"], "20");
            let code = if lot == LETTERS { String::new() } else { code_of_mailer(&row["piece_id"]) };
            assert_eq!((control["omr_sequence"].as_str(), &control["control_code"]), ("", &code));
        }
    }
    let mailers = job.read(&format!("{MAILERS}.control.csv"));
    for row in job.table(&format!("{LETTERS}.manifest.csv")) {
        assert!(!mailers.contains(&row["card_number"]), "a mailer's control file names no card");
    }
}

#[test]
fn marks_that_could_not_be_read_are_told() {
    let cases = [
        ("#at(200mm, 100mm, omr())", "lies off the page by"),
        ("#at(205mm, 100mm, control-code())", "lies off the page by"),
        ("#at(3mm, 90mm, omr())", "a fold runs through the symbol"),
        ("#at(112mm, 48mm, control-code())", "another mark stands in the symbol"),
        ("#at(180mm, 66mm, control-code())", "which does not hold it"),
        ("#at(10mm, 112mm, omr())", "keep their places clear"),
        ("#at(150mm, 120mm, control-code())", "under the card"),
        ("#at(3mm, 8mm, omr(height: 20mm))", "need 11.5 × 29.9 mm"),
        ("#at(90mm, 16mm, control-code(size: 6mm))", "give it more room"),
    ];
    for (marks, said) in cases {
        let folder = tempfile::tempdir().unwrap();
        let template = copied(folder.path(), "card-letter", marks);
        let checked = pli(&["template", "check", text(&template)]);
        assert_eq!(checked.code, 2, "{marks}: {}", checked.stdout);
        assert!(checked.stderr.contains(said), "{marks}: {}", checked.stderr);
    }
    let folder = tempfile::tempdir().unwrap();
    let declared = "#at(176mm, 50mm, control-code())\n\
                    #window(x: 94.4mm, y: 34.5mm, width: 70mm, height: 50mm, holds: (\"address\",))\n\
                    #window(x: 170mm, y: 44mm, width: 24mm, height: 24mm, holds: (\"control-code\",))";
    let template = copied(folder.path(), "card-letter", declared);
    let changed = |file: &str, from: &str, to: &str| {
        let file = template.join(file);
        let text = fs_err::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from}");
        fs_err::write(&file, text.replace(from, to)).unwrap();
    };
    changed("card-letter.typ", "address(width: 80mm", "address(width: 54mm");
    changed("template.toml", "envelope = \"dl-two-windows\"", "envelope = { play_mm = { x = 5, y = 5.5 } }");
    let checked = pli(&["template", "check", text(&template)]);
    assert_eq!(checked.code, 0, "a window may hold a control code: {}", checked.stderr);
}

#[test]
fn a_machine_that_the_template_has_no_room_for_stops_the_night_before_it_prints() {
    for keys in ["omr_pitch_mm = 8.0", "code_module_mm = 1.0"] {
        let job = marked_job(&format!("[inserter.letters]\n{keys}"));
        let ran = job.run(FRIDAY, &[]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(
            ran.stderr.contains("inserter") && ran.stderr.contains("give it more room"),
            "{}",
            ran.stderr
        );
    }
    for (keys, said) in [
        ("omr_marks = [\"benchmark\", \"staple\"]", "staple"),
        ("omr_marks = [\"benchmark\", \"end_of_set\"]\ncode_content = \"{lot}{sequence}{pin}\"", "`{pin}`"),
        ("sequence_modulus = 9", "write 2 to 8"),
        ("colour = 1", "colour"),
    ] {
        let job = marked_job(&format!("[inserter.letters]\n{keys}"));
        let ran = job.run(FRIDAY, &[]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("job.toml:") && ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn the_job_ticket_names_media_sides_quantities_and_files() {
    let job = TestJob::new();
    job.replace("job.toml", "dir = \"out\"", "dir = \"out\"\npieces_per_file = 10");
    job.both_nights();
    let counts = |lot: &str| job.table(&format!("{lot}.manifest.csv")).len();
    let (letters, mailers) = (counts(LETTERS), counts(MAILERS));
    assert_eq!(letters, 22);
    for (lot, count, sides, first, pages) in [
        (LETTERS, letters, "OneSidedFront", "26324A-0001.pdf", "10"),
        (MAILERS, mailers, "TwoSided", "26327A-0001.pdf.age", "20"),
    ] {
        let ticket = job.path(&format!("{lot}.xjdf"));
        let value = |path: &str| {
            // XPath without prefixes: every element is in the one namespace.
            let steps = path.replace("//", "//x:").replace("/x:@", "/@");
            let wanted = steps.replace("x:@", "@");
            let script = format!("setns x=http://www.CIP4.org/JDFSchema_2_0\ncat {wanted}\n");
            fs_err::write(job.path("xpath"), script).unwrap();
            let shell = format!("xmllint --shell '{}' < '{}'", text(&ticket), text(&job.path("xpath")));
            let said = String::from_utf8(tool("sh", &["-c", &shell])?).unwrap();
            let values = said.split('"').skip(1).step_by(2).map(str::to_owned);
            Some(values.collect::<Vec<_>>().join(" "))
        };
        if tool("xmllint", &["--noout", text(&ticket)]).is_none() {
            return;
        }
        assert_eq!(value("//XJDF/@Version").unwrap(), "2.1");
        let (name, with_kind) = if lot == LETTERS { ("26324A", "L26324A ") } else { ("26327A", "M26327A ") };
        assert_eq!(value("//XJDF/@JobID").unwrap(), name, "as in the print files");
        assert!(value("//XJDF/@DescriptiveName").unwrap().starts_with(with_kind));
        assert_eq!(value("//DigitalPrintingParams/@Sides").unwrap(), sides);
        assert_eq!(value("//Media/@Weight").unwrap(), "90");
        let amounts = format!("{count} {count}");
        assert_eq!(value("//PartAmount/@Amount").unwrap(), amounts, "sheets, then pieces");
        assert_eq!(value("//Product/@Amount").unwrap(), count.to_string());
        let urls = value("//FileSpec/@URL").unwrap();
        assert!(urls.split(' ').next() == Some(first), "{urls}");
        for url in urls.split(' ') {
            assert!(ticket.with_file_name(url).is_file(), "{url} lies beside the ticket");
        }
        assert!(value("//RunList/@NPage").unwrap().starts_with(&format!("{pages} ")));
        let night = if lot == LETTERS { FRIDAY } else { MONDAY };
        assert_eq!(value("//Header/@Time").unwrap(), format!("{night}T00:00:00Z"));
    }
}
