//! Two pieces on a sheet, judged by poppler, zbar, libdmtx, pikepdf and libxml: the same pieces as one on a sheet, in the
//! places and the order that cut and stack asks for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use preflight::{Marks, Standard, preflight};

use crate::job::{FRIDAY, MONDAY, TestJob};
use crate::tools::{picture, python, text, tool};

const LETTERS: &str = "out/2026-11-20/letters/26324A";
const MAILERS: &str = "out/2026-11-23/mailers/26327A";
/// A4's width on the grid of a press of 600 dots per inch, in points.
const A4_WIDTH: f64 = 595.32;

/// The fixture's job with mailers in clear, further keys of `[press]` and files of so many pieces.
fn imposed(pieces_per_file: u32, press: &str) -> TestJob {
    let job = TestJob::new();
    let output = format!("dir = \"out\"\nunsealed = true\npieces_per_file = {pieces_per_file}");
    job.replace("job.toml", "dir = \"out\"", &output);
    job.replace("job.toml", "[limits]\n", &format!("[press]\n{press}\n\n[limits]\n"));
    job
}

/// The same job with further keys of `[press]`. The order of its mailers is the same, since it has the same keys.
fn with_press(job: &TestJob, press: &str) -> TestJob {
    let twin = job.twin();
    twin.replace("job.toml", "[press]\n", &format!("[press]\n{press}\n"));
    twin
}

/// The same job with mailers whose sheets turn on the short edge.
fn turned_on_the_short_edge(job: &TestJob) -> TestJob {
    let twin = job.twin();
    let template = crate::inserter::copied(&twin.path(""), "mailer-igc-sante", "");
    let manifest = template.join("template.toml");
    let text = fs_err::read_to_string(&manifest).unwrap().replace("long-edge", "short-edge");
    fs_err::write(&manifest, text).unwrap();
    twin
}

fn both_nights(job: &TestJob) {
    let friday = job.run(FRIDAY, &["--prove", "all"]);
    assert_eq!(friday.json()["proof"]["failures"], 0, "{}", friday.stderr);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let monday = job.run(MONDAY, &["--prove", "all"]);
    assert!(monday.code <= 1, "{}", monday.stderr);
}

/// The words of a half of a page, 1 left and 2 right; `None` without poppler.
fn half(pdf: &Path, page: u32, position: u32) -> Option<String> {
    let page = page.to_string();
    let left = ((f64::from(position) - 1.0) * A4_WIDTH).round().to_string();
    let part = ["-x", &left, "-y", "0", "-W", "595", "-H", "842"];
    let of_page = ["-f", &page, "-l", &page, "-r", "72", "-nopgbrk"];
    let said = tool("pdftotext", &[&of_page[..], &part, &[text(pdf), "-"]].concat())?;
    Some(String::from_utf8_lossy(&said).into_owned())
}

fn number(row: &BTreeMap<String, String>, column: &str) -> u32 {
    row[column].parse().unwrap()
}

fn file_of(job: &TestJob, lot: &str, row: &BTreeMap<String, String>) -> PathBuf {
    job.path(lot).with_file_name(&row["file"])
}

/// Every side of every piece says what it says alone on its sheet; `mirrored` is whether backs lie the other way round.
fn same_pieces(alone: &TestJob, together: &TestJob, lot: &str, mirrored: bool) -> Option<usize> {
    let rows = |job: &TestJob| job.table(&format!("{lot}.manifest.csv"));
    let (before, after) = (rows(alone), rows(together));
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert!(!before.contains_key("position"), "a column of imposed lots only");
        assert_eq!((&before["piece_id"], &before["pages"]), (&after["piece_id"], &after["pages"]));
        for side in 0..number(before, "pages") {
            let position = number(after, "position");
            let position = if mirrored && side == 1 { 3 - position } else { position };
            let meant = half(&file_of(alone, lot, before), number(before, "first_page") + side, 1)?;
            let found = half(&file_of(together, lot, after), number(after, "first_page") + side, position)?;
            assert!(meant.len() > 100 && meant == found, "{} side {side}", after["piece_id"]);
        }
    }
    Some(after.len())
}

#[test]
fn pieces_lie_side_by_side_and_backs_behind_their_fronts() {
    let alone = imposed(2000, "");
    let together = with_press(&alone, "imposition = \"2-up\"");
    let turned = turned_on_the_short_edge(&together);
    for job in [&alone, &together] {
        both_nights(job);
    }
    if same_pieces(&alone, &together, LETTERS, false).is_none() {
        return;
    }
    assert!(same_pieces(&alone, &together, MAILERS, true).unwrap() > 4);
    both_nights(&turned);
    same_pieces(&alone, &turned, MAILERS, false).unwrap();
    for (lot, pages) in
        [(LETTERS, 11), (MAILERS, 2 * together.table(&format!("{MAILERS}.manifest.csv")).len().div_ceil(2))]
    {
        let file = together.path(&format!("{lot}-0001.pdf"));
        tool("qpdf", &["--check", text(&file)]);
        let Some(info) = tool("pdfinfo", &["-box", text(&file)]) else { return };
        let info = String::from_utf8(info).unwrap();
        assert!(info.contains(&format!("Pages:           {pages}\n")), "{info}");
        for named in ["MediaBox", "BleedBox", "TrimBox"] {
            let line = info.lines().find(|line| line.starts_with(named)).unwrap();
            assert!(line.ends_with("0.00     0.00  1190.64   841.92"), "{line}");
        }
    }
}

#[test]
fn stacks_follow_each_other_within_each_file() {
    let job = imposed(9, "imposition = \"2-up\"");
    let report = job.run(FRIDAY, &["--prove", "all"]).json();
    let files: Vec<(u64, u64)> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["path"].as_str().unwrap().starts_with("letters/"))
        .map(|file| (file["pieces"].as_u64().unwrap(), file["pages"].as_u64().unwrap()))
        .collect();
    assert_eq!(files, [(9, 5), (9, 5), (4, 2)], "an odd last place stays blank");
    let rows = job.table(&format!("{LETTERS}.manifest.csv"));
    let mut piles: BTreeMap<&str, Vec<(u32, u32, u32)>> = BTreeMap::new();
    for row in &rows {
        let place = (number(row, "position"), number(row, "first_page"), number(row, "sequence"));
        piles.entry(&row["file"]).or_default().push(place);
    }
    for pile in piles.values_mut() {
        let (left, right): (Vec<_>, Vec<_>) = pile.iter().partition(|(position, ..)| *position == 1);
        assert_eq!(left.len(), pile.len().div_ceil(2));
        assert!((1..).zip(&left).chain((1..).zip(&right)).all(|(sheet, (_, page, _))| sheet == *page));
        let in_order = pile.clone();
        pile.sort_unstable();
        assert_eq!(*pile, in_order, "left pile, then right pile: the order of the sequence");
    }
    let last = half(&job.path(&format!("{LETTERS}-0001.pdf")), 5, 2);
    assert_eq!(last.unwrap_or_default().trim(), "");
}

/// Runs of dark dots along a line of a picture: where each begins and how long it is.
fn runs(picture: &Path, line: u32) -> Vec<(u32, u32)> {
    let grey = image::open(picture).unwrap().into_luma8();
    let mut found: Vec<(u32, u32)> = Vec::new();
    for x in (0..grey.width()).filter(|x| grey.get_pixel(*x, line).0[0] < 128) {
        match found.last_mut() {
            Some((begin, length)) if *begin + *length == x => *length += 1,
            _ => found.push((x, 1)),
        }
    }
    found
}

/// The bars of a page's Code 39 at the press's own resolution, from the left edge of its half. Cairo paints the dots whose
/// middle a mask covers, as a press does.
fn bars(job: &TestJob, page: u32, position: u32, dpi: u32) -> Option<Vec<(u32, u32)>> {
    let dots = |mm: f64| (mm / 25.4 * f64::from(dpi)).round() as u32;
    let left = ((position - 1) * dots(210.0)).to_string();
    let (page, resolution, top, width) =
        (page.to_string(), dpi.to_string(), dots(70.0).to_string(), dots(70.0).to_string());
    let png = job.path("bars.png");
    let stem = png.with_extension("");
    let file = job.path(&format!("{LETTERS}-0001.pdf"));
    let of_page =
        ["-f", &page, "-l", &page, "-r", &resolution, "-x", &left, "-y", &top, "-W", &width, "-H", "4"];
    let how = ["-png", "-gray", "-antialias", "none", "-singlefile", text(&file), text(&stem)];
    tool("pdftocairo", &[&of_page[..], &how].concat())?;
    Some(runs(&png, 2))
}

#[test]
fn another_resolution_moves_every_bar_of_both_pieces_to_its_grid() {
    // Millimetres of templates/card-letter's narrow element.
    const X_MM: f64 = 0.254;
    for (dpi, reduction) in [(300, 0), (600, 1), (720, 0), (1200, 0)] {
        let keys = format!("dpi = {dpi}\nbar_width_reduction = {reduction}");
        let (alone, together) =
            (imposed(2000, &keys), imposed(2000, &format!("{keys}\nimposition = \"2-up\"")));
        for job in [&alone, &together] {
            let report = job.run(FRIDAY, &["--prove", "all"]).json();
            // Two symbols on each of 22 letters, and one on a mailer.
            let proof = (&report["proof"]["barcodes"], &report["proof"]["failures"]);
            assert_eq!(proof, (&45.into(), &0.into()), "{dpi}");
        }
        let rows = |job: &TestJob| job.table(&format!("{LETTERS}.manifest.csv"));
        let narrow = (X_MM / 25.4 * f64::from(dpi)).round() as u32;
        let wide = if narrow.is_multiple_of(2) { narrow * 5 / 2 } else { narrow * 3 };
        for (before, after) in rows(&alone).iter().zip(&rows(&together)).step_by(7) {
            let Some(meant) = bars(&alone, number(before, "first_page"), 1, dpi) else { return };
            let found = bars(&together, number(after, "first_page"), number(after, "position"), dpi).unwrap();
            assert_eq!(meant, found, "{dpi} dpi, {}: the same dots from the piece's edge", after["piece_id"]);
            assert_eq!(found.len(), 12 * 5, "ten digits between two guards, five bars each");
            let whole = |(_, bar): &(u32, u32)| [narrow, wide].contains(&(bar + reduction));
            assert!(found.iter().all(whole), "{dpi} dpi: {found:?}");
            let gaps = found.windows(2).map(|pair| pair[1].0 - pair[0].0 - pair[0].1);
            assert!(
                gaps.into_iter().all(|gap| [narrow, wide].contains(&(gap - reduction))),
                "{dpi} dpi: {found:?}"
            );
        }
    }
}

#[test]
fn both_symbols_of_a_sheet_read_with_other_decoders() {
    let job = imposed(2000, "imposition = \"2-up\"");
    job.run(FRIDAY, &[]);
    let file = job.path(&format!("{LETTERS}-0001.pdf"));
    for row in job.table(&format!("{LETTERS}.manifest.csv")).iter().step_by(3) {
        let (page, left) = (number(row, "first_page"), f64::from(number(row, "position") - 1) * 210.0);
        let png = job.path("symbol.png");
        let Some(()) = picture(&file, page, 300, [left + 10.0, 54.5, 70.0, 30.0], &png) else { return };
        let Some(read) = tool("zbarimg", &["-q", "--raw", "-Sdisable", "-Scode39.enable", text(&png)]) else {
            return;
        };
        assert_eq!(String::from_utf8_lossy(&read).trim_end(), row["window_barcode"]);
        picture(&file, page, 300, [left + 99.0, 199.0, 35.0, 36.0], &png);
        let Some(read) = tool("dmtxread", &["-N1", "-m3000", text(&png)]) else { return };
        assert_eq!(read, row["twoddoc"].as_bytes(), "{}", row["piece_id"]);
    }
}

#[test]
fn imposed_sheets_are_pdf_x_and_do_not_say_pdf_vt() {
    let job = imposed(2000, "imposition = \"2-up\"");
    job.replace("job.toml", "dir = \"out\"", "dir = \"out\"\narchive = true");
    both_nights(&job);
    for (lot, standard, clauses) in
        [(LETTERS, Standard::ImposedAndArchive, 22), (MAILERS, Standard::Imposed, 19)]
    {
        let file = job.path(&format!("{lot}-0001.pdf"));
        let bytes = Arc::new(fs_err::read(&file).unwrap());
        let broken = |standard| -> Vec<&str> {
            let faults = preflight(&bytes, standard, Marks::All);
            faults.iter().map(|fault| fault.clause.name()).collect()
        };
        assert_eq!(broken(standard), [""; 0]);
        assert!(
            broken(Standard::Press).contains(&"PDF/VT-1 identification"),
            "it is not what it does not say"
        );
        if let Some(met) = python("pikepdf or fonttools", &["tests/press.py", text(&file)]) {
            assert_eq!(met.lines().count(), clauses, "{met}");
        }
    }
    let alone = imposed(2000, "");
    alone.run(FRIDAY, &[]);
    let bytes = Arc::new(fs_err::read(alone.path(&format!("{LETTERS}-0001.pdf"))).unwrap());
    let faults = preflight(&bytes, Standard::Imposed, Marks::All);
    assert!(faults.iter().any(|fault| fault.to_string().contains("claim PDF/VT-1")), "{faults:?}");
}

#[test]
fn sealed_mailers_are_imposed_as_those_in_clear() {
    let clear = imposed(5, "imposition = \"2-up\"");
    let sealed = clear.twin();
    sealed.replace("job.toml", "unsealed = true\n", "");
    both_nights(&clear);
    both_nights(&sealed);
    let opened = pli::vault::open(
        &sealed.path(&format!("{MAILERS}-0001.pdf.age")),
        &sealed.path("keys/press.identity"),
    );
    let opened = opened.unwrap();
    let clear = fs_err::read(clear.path(&format!("{MAILERS}-0001.pdf"))).unwrap();
    // A sealed file is filled up by comments before its last lines.
    let end = clear.windows(9).rposition(|window| window == b"startxref").unwrap();
    assert!(opened[..end] == clear[..end] && opened.ends_with(&clear[end..]));
    let filling = &opened[end..opened.len() - (clear.len() - end)];
    assert!(filling.split(|byte| *byte == b'\n').all(|line| line.is_empty() || line[0] == b'%'));
}

#[test]
fn tickets_and_work_orders_say_how_sheets_are_printed_and_cut() {
    let media = "media = { letters = \"A3 offset 90 g/m²\", mailers = \"A3 sécurisé\" }";
    let job = turned_on_the_short_edge(&imposed(
        2000,
        &format!("{media}\nimposition = \"2-up\"\nduplex = \"short-edge\""),
    ));
    both_nights(&job);
    for (lot, sheets, paper, sides) in
        [(LETTERS, 11, "A3 offset 90 g/m²", "OneSided"), (MAILERS, 0, "A3 sécurisé", "TwoSidedHeadToFoot")]
    {
        let ticket = job.read(&format!("{lot}.xjdf"));
        let pieces = job.table(&format!("{lot}.manifest.csv")).len();
        let sheets = if sheets == 0 { pieces.div_ceil(2) } else { sheets };
        if tool("xmllint", &["--noout", text(&job.path(&format!("{lot}.xjdf")))]).is_none() {
            return;
        }
        for said in [
            "Types=\"Interpreting Rendering DigitalPrinting Cutting\"".to_owned(),
            format!("DescriptiveName=\"{paper}\"><Media Dimension=\"1190.551 841.89\""),
            format!("Sides=\"{sides}\"/></Intent>"),
            format!("<PartAmount Amount=\"{sheets}\"/></AmountPool>\n      <Component MediaRef=\"Paper\"/>"),
            "<CutBlock BlockName=\"Right\" Box=\"595.276 0 1190.551 841.89\"/>".to_owned(),
        ] {
            assert!(ticket.contains(&said), "{said}: {ticket}");
        }
        let Some(order) =
            tool("pdftotext", &["-layout", text(&job.path(&format!("{lot}.work-order.pdf"))), "-"])
        else {
            return;
        };
        let order = String::from_utf8(order).unwrap();
        assert!(
            order.contains(paper) && order.contains("2 poses A4 sur A3") && order.contains("pile de droite")
        );
        assert_eq!(order.contains("Tête-bêche"), lot == MAILERS, "{order}");
    }
}

#[test]
fn a_press_that_contradicts_the_template_or_itself_prints_nothing() {
    for (keys, said) in [
        ("imposition = \"3-up\"", "write `1-up` or `2-up`"),
        ("duplex = \"tumble\"", "write one of `auto`"),
        ("media = \"\"", "write 1 to 60 characters"),
        ("media = { letter = \"A3\" }", "write the paper's name, or `{ letters"),
        ("imposition = \"2-up\"", "with `imposition = \"2-up\"` write at most 20000"),
    ] {
        let job = imposed(20_001, keys);
        let ran = job.run(FRIDAY, &[]);
        assert_eq!(ran.code, 2, "{keys}: {}", ran.stderr);
        assert!(ran.stderr.contains("job.toml:") && ran.stderr.contains(said), "{keys}: {}", ran.stderr);
    }
    let job = imposed(2000, "duplex = \"simplex\"");
    assert!(job.run(FRIDAY, &["--only", "letters"]).code <= 1, "letters have one page");
    let ran = job.run(MONDAY, &["--only", "mailers"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("`press.duplex` is \"simplex\"") && ran.stderr.contains("have a back"),
        "{}",
        ran.stderr
    );
}
