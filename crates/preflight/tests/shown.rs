//! What pages of real print files show, against what poppler and qpdf say of them.
#![allow(missing_docs, clippy::expect_used)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use preflight::{Paint, ShownFile, ShownPage, ShownText};

const FILES: [&str; 3] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/preflight/letters.pdf"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/archive.pdf"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/imposed.pdf"),
];

fn open(path: &Path) -> ShownFile {
    ShownFile::open(Arc::new(fs_err::read(path).expect("a file"))).expect("a print file")
}

fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output().expect("the tool");
    assert!(output.status.code().is_some_and(|code| code == 0 || code == 3), "{program} {arguments:?}");
    output.stdout
}

/// The words of a text, with where each begins along the baseline.
fn words(text: &ShownText) -> Vec<(String, f64)> {
    let mut words = Vec::new();
    let mut at = 0;
    for part in text.text.split(' ') {
        let glyph = text.glyphs.iter().find(|glyph| glyph.byte as usize == at);
        if let Some(glyph) = glyph.filter(|_| !part.is_empty()) {
            words.push((part.to_owned(), text.origin.0 + f64::from(glyph.along)));
        }
        at += part.len() + 1;
    }
    words
}

/// A word of poppler: its text, its left edge, its upper and its lower edge.
fn poppler_words(path: &str, page: usize) -> Vec<(String, [f64; 3])> {
    let number = page.to_string();
    let out = run("pdftotext", &["-bbox", "-f", &number, "-l", &number, path, "-"]);
    let html = String::from_utf8(out).expect("UTF-8");
    let word = |line: &str| {
        let value = |key: &str| line.split(&format!("{key}=\"")).nth(1)?.split('"').next()?.parse().ok();
        let text = line.split('>').nth(1)?.split("</word").next()?;
        let text =
            text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        Some((text, [value("xMin")?, value("yMin")?, value("yMax")?]))
    };
    html.lines().filter(|line| line.trim_start().starts_with("<word")).filter_map(word).collect()
}

#[test]
fn words_are_where_poppler_finds_them() {
    let mut checked = 0;
    for path in FILES {
        let file = open(Path::new(path));
        let mut page = ShownPage::default();
        for index in 0..file.pages() {
            file.page(index, &mut page).expect("a page");
            let found = poppler_words(path, index + 1);
            for paint in &page.paint {
                let Paint::Text(text) = paint else { continue };
                if text.turn != 0 || text.drawing {
                    continue;
                }
                for (word, x) in words(text) {
                    let there = found.iter().any(|(other, [left, top, bottom])| {
                        *other == word && (left - x).abs() < 0.05 && (*top..=*bottom).contains(&text.origin.1)
                    });
                    assert!(
                        there,
                        "{path}, page {index}: a word at {x}, {} is not in {found:?}",
                        text.origin.1
                    );
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 20, "{checked} words");
}

/// What a file shows, without the numbers of its objects.
fn all(file: &ShownFile) -> Vec<String> {
    let mut page = ShownPage::default();
    let mut lines = Vec::new();
    for index in 0..file.pages() {
        file.page(index, &mut page).expect("a page");
        for paint in &page.paint {
            lines.push(match paint {
                Paint::Form(form) => format!("form {:?} {}", form.origin, form.upright),
                other => format!("{other:?}"),
            });
        }
    }
    lines.extend(file.leaves().iter().map(|leaf| format!("{leaf:?}")));
    lines
}

#[test]
fn a_file_that_qpdf_wrote_again_shows_the_same() {
    let ways: [&[&str]; 3] =
        [&["--qdf", "--object-streams=disable"], &["--object-streams=generate"], &["--linearize"]];
    for path in FILES {
        let before = open(Path::new(path));
        let shown = all(&before);
        assert!(shown.iter().any(|line| line.starts_with("Text")), "{path} shows text");
        for way in ways {
            let folder = std::env::temp_dir().join(format!("shown-{}", std::process::id()));
            fs_err::create_dir_all(&folder).expect("a folder");
            let again = folder.join("again.pdf");
            let again_name = again.to_str().expect("UTF-8");
            run("qpdf", &[way, &["--warning-exit-0", path, again_name]].concat());
            let after = open(&again);
            assert_eq!(all(&after), shown, "{path} {way:?}");
            assert_eq!(outlines(&after), outlines(&before), "{path} {way:?}");
            fs_err::remove_dir_all(&folder).expect("a folder");
        }
    }
}

fn outlines(file: &ShownFile) -> Vec<(String, usize, usize)> {
    let font = |font: &preflight::ShownFont| (font.base_font.clone(), font.says.len(), font.outlines.len());
    file.fonts().iter().map(font).collect()
}

#[test]
fn damaged_files_are_refused_or_shown_and_never_end_the_program() {
    let mut state = 1u64;
    let mut noise = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let sound = fs_err::read(FILES[0]).expect("a file");
    let mut page = ShownPage::default();
    let (mut opened, mut refused) = (0, 0);
    for _ in 0..3000 {
        let mut bytes = sound.clone();
        for _ in 0..1 + noise(8) {
            let at = noise(bytes.len());
            bytes[at] = noise(256) as u8;
        }
        let Ok(file) = ShownFile::open(Arc::new(bytes)) else {
            refused += 1;
            continue;
        };
        for index in 0..file.pages() {
            opened += 1;
            refused += usize::from(file.page(index, &mut page).is_err());
        }
    }
    assert!(opened > 100 && refused > 100, "{opened} pages read, {refused} refusals");
}

/// Microseconds a page of a letter file: `PRESS_FILE=… cargo test --release -p preflight -- --ignored --nocapture quick`.
#[test]
#[ignore = "a measure"]
#[expect(clippy::print_stdout, reason = "a measurement that is asked for by name")]
fn pages_are_read_quickly() {
    let path = std::env::var("PRESS_FILE").expect("a press file");
    let bytes = Arc::new(fs_err::read(path).expect("a file"));
    let start = Instant::now();
    let file = ShownFile::open(bytes).expect("a print file");
    let opening = start.elapsed().as_secs_f64() * 1e6;
    let outlined = file.fonts().iter().all(|font| !font.says.is_empty() && font.outlines.len() > 1);
    assert!(outlined, "every font has outlines");
    let mut page = ShownPage::default();
    let mut paint = 0;
    let round = |_| {
        let start = Instant::now();
        for index in 0..file.pages() {
            file.page(index, &mut page).expect("a page");
            paint += page.paint.len();
        }
        start.elapsed().as_secs_f64() * 1e6 / file.pages() as f64
    };
    let best = (0..9).map(round).fold(f64::INFINITY, f64::min);
    println!(
        "{} pages, {} leaves: {best:.1} µs a page, {:.1} µs a page to open; {paint} pieces of paint",
        file.pages(),
        file.leaves().len(),
        opening / file.pages() as f64
    );
}
