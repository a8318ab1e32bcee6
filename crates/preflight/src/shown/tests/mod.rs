//! Tests of what pages show, on content that is written by hand.

mod inflate;
mod painting;
mod refusals;
mod showing;
mod whole;

use std::sync::Arc;

use super::*;

/// The resources of the pages of tests: `F0` has codes of two bytes, each half an em wide; `F1` codes of one byte and of
/// three.
const RESOURCES: &str = "<</Font<</F0 5 0 R/F1 6 0 R/T1 7 0 R>>/XObject<</S0 8 0 R/M0 9 0 R/I0 10 0 R>>\
/ExtGState<</G0<</OP true/op true/OPM 1>>/Half<</ca .5/CA .25/LW 3>>/Soft<</BM/Screen>>>>\
/Properties<</P0<</ActualText(ab)>>/P1<</Type/OCG>>>>>>";

/// The objects of those resources.
fn objects() -> Vec<(u32, Vec<u8>)> {
    let font = |encoding: &str, unicode: u32| {
        format!(
            "<</Type/Font/Subtype/Type0/BaseFont/T/Encoding {encoding}/DescendantFonts[11 0 R]/ToUnicode {unicode} 0 R>>"
        )
    };
    let unicode =
        "1 begincodespacerange<0000><FFFF>endcodespacerange 1 beginbfrange<0020><007E><0020>endbfrange";
    let spaces = "2 begincodespacerange<01><FF><000000><00FFFF>endcodespacerange ";
    let codes = format!("{spaces}1 begincidrange<20><7E>1 endcidrange 1 begincidchar<000123>500 endcidchar");
    let texts = format!("{spaces}2 beginbfchar<41><0041><000123><00660069>endbfchar");
    let program = include_bytes!("../../../../../fonts/IBMPlexSans-Regular.ttf");
    vec![
        (5, font("/Identity-H", 12).into_bytes()),
        (6, font("13 0 R", 14).into_bytes()),
        (7, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec()),
        (8, stream("/Type/XObject/Subtype/Form/BBox[0 0 600 800]", b"0 g 0 0 9 9 re f")),
        (9, stream("/Subtype/Image/Width 9/Height 2/ImageMask true", &[0x7F, 0x7F, 0xFF, 0xFF])),
        (10, stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", &[0])),
        (11, b"<</Type/Font/Subtype/CIDFontType2/BaseFont/T/DW 500/CIDToGIDMap/Identity/FontDescriptor 15 0 R>>".to_vec()),
        (12, stream("", unicode.as_bytes())),
        (13, stream("", codes.as_bytes())),
        (14, stream("", texts.as_bytes())),
        (15, b"<</Type/FontDescriptor/FontName/T/FontFile2 16 0 R>>".to_vec()),
        (16, stream("", program)),
    ]
}

/// The body of a stream.
fn stream(entries: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("<<{entries}/Length {}>>\nstream\n", bytes.len());
    [head.as_bytes(), bytes, b"\nendstream"].concat()
}

/// A file of one page with contents, and with entries of its page.
fn bytes(contents: &[&[u8]], entries: &str) -> Vec<u8> {
    let numbers: Vec<String> = (20..).take(contents.len()).map(|number| format!("{number} 0 R")).collect();
    let page = format!("<</Type/Page/Parent 2 0 R/Contents[{}]{entries}>>", numbers.join(" "));
    let pages = format!("<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 600 800]/Resources {RESOURCES}>>");
    let mut all =
        vec![(1, b"<</Type/Catalog/Pages 2 0 R>>".to_vec()), (2, pages.into_bytes()), (3, page.into_bytes())];
    all.extend(objects());
    all.extend((20..).zip(contents).map(|(number, content)| (number, stream("", content))));
    let mut out = b"%PDF-1.6\n".to_vec();
    let mut offsets = vec![None; 64];
    for (number, body) in all {
        offsets[number as usize] = Some(out.len());
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(&body);
        out.extend_from_slice(b"\nendobj\n");
    }
    let start = out.len();
    out.extend_from_slice(b"xref\n0 64\n0000000000 65535 f \n");
    for offset in &offsets[1..] {
        let entry = offset.map_or("0000000000 65535 f \n".to_owned(), |at| format!("{at:010} 00000 n \n"));
        out.extend_from_slice(entry.as_bytes());
    }
    out.extend_from_slice(format!("trailer<</Size 64/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes());
    out
}

fn file(contents: &[&[u8]], entries: &str) -> ShownFile {
    ShownFile::open(Arc::new(bytes(contents, entries))).expect("a file")
}

/// What a content paints, a line each; or why it is not understood.
fn shown(content: &str) -> Result<Vec<String>, String> {
    shown_bytes(&[content.as_bytes()], "")
}

fn shown_bytes(contents: &[&[u8]], entries: &str) -> Result<Vec<String>, String> {
    let mut page = ShownPage::default();
    match file(contents, entries).page(0, &mut page) {
        Ok(()) => Ok(page.paint.iter().map(line).collect()),
        Err(fault) => {
            assert!(page.paint.is_empty(), "a page that is not understood shows nothing");
            Err(fault.to_string())
        }
    }
}

/// Numbers to a hundredth.
fn numbers(values: &[f64]) -> String {
    let short = |value: &f64| ((value * 100.0).round() / 100.0 + 0.0).to_string();
    values.iter().map(short).collect::<Vec<_>>().join(",")
}

fn bounds(bounds: &Bounds) -> String {
    numbers(&[bounds.left, bounds.top, bounds.right, bounds.bottom])
}

fn line(paint: &Paint) -> String {
    match paint {
        Paint::Form(form) => {
            let upright = if form.upright { "" } else { " not upright" };
            format!("form {} {}{upright}", form.object, numbers(&[form.origin.0, form.origin.1]))
        }
        Paint::Text(text) => text_line(text),
        Paint::Mask(mask) => {
            let upright = if mask.upright { "" } else { " not upright" };
            let (columns, rows, cells) = (mask.columns, mask.rows, &mask.cells);
            format!(
                "mask {}{upright} {columns}x{rows} {cells:?} {}",
                bounds(&mask.bounds),
                numbers(&[mask.black])
            )
        }
        Paint::Other(other) => {
            format!("{} {} {}", other.operator, bounds(&other.bounds), numbers(&[other.black]))
        }
    }
}

fn text_line(text: &ShownText) -> String {
    let mut line =
        format!("{:?} {} at {}", text.text, numbers(&[text.size]), numbers(&[text.origin.0, text.origin.1]));
    let along: Vec<f64> = text.glyphs.iter().map(|glyph| f64::from(glyph.along)).collect();
    line += &format!(" along {} to {}", numbers(&along), numbers(&[text.length]));
    match text.pen {
        TextPen::Fill(1.0) => {}
        TextPen::Fill(black) => line += &format!(" fill {}", numbers(&[black])),
        TextPen::Outline(width, black) => line += &format!(" outline {}", numbers(&[width, black])),
    }
    if text.turn != 0 {
        line += &format!(" turned {}", text.turn);
    }
    if text.tracking != 0.0 {
        line += &format!(" tracked {}", numbers(&[text.tracking]));
    }
    if text.drawing {
        line += " drawing";
    }
    if let Some(clip) = &text.clip {
        line += &format!(" within {}", bounds(clip));
    }
    line
}

/// That a content paints these lines.
fn assert_shows(content: &str, expected: &[&str]) {
    let shown = shown(content).unwrap_or_else(|fault| panic!("{content}: {fault}"));
    assert_eq!(shown, expected, "{content}");
}
