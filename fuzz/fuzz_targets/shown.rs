//! Any bytes as a print file whose pages are read, or as the content of one page: every page comes to an end, and what it
//! shows is whole or nothing.
#![no_main]

use std::sync::Arc;

use fuzz::let_dependencies_panic;
use libfuzzer_sys::fuzz_target;
use preflight::{Paint, ShownFile, ShownPage};

/// Pages of a file may share a long content, so that all of many would take long.
const MOST_PAGES: usize = 16;

fuzz_target!(init: let_dependencies_panic(), |bytes: &[u8]| {
    let file = if bytes.starts_with(b"%PDF") { bytes.to_vec() } else { file_of(bytes) };
    let Ok(file) = ShownFile::open(Arc::new(file)) else { return };
    let mut page = ShownPage::default();
    for index in 0..file.pages().min(MOST_PAGES) {
        match file.page(index, &mut page) {
            Ok(()) => page.paint.iter().for_each(|paint| check(&file, paint)),
            Err(_) => assert!(page.paint.is_empty()),
        }
    }
    for leaf in file.leaves() {
        assert!(leaf.pages.start <= leaf.pages.end);
    }
    for number in 0..32 {
        let _ = file.object(number);
    }
});

fn check(file: &ShownFile, paint: &Paint) {
    match paint {
        Paint::Text(text) => {
            assert!(text.glyphs.is_empty() || text.font < file.fonts().len());
            assert!([0, 90, 180, 270].contains(&text.turn));
            for glyph in &text.glyphs {
                assert!(text.text.is_char_boundary(glyph.byte as usize));
            }
        }
        Paint::Mask(mask) => {
            let row = mask.columns.div_ceil(8) as usize;
            assert_eq!(mask.cells.len(), row * mask.rows as usize);
        }
        Paint::Form(_) | Paint::Other(_) => {}
    }
}

/// The objects before the page's content: a font with codes of two bytes, a form, a mask, a graphics state.
const OBJECTS: [&str; 10] = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 596 842]/Resources 4 0 R>>",
    "<</Type/Page/Parent 2 0 R/Contents 11 0 R>>",
    "<</Font<</F0 5 0 R>>/XObject<</S0 8 0 R/M0 9 0 R>>/ExtGState<</G0<</OP true/LW 3>>>>/Properties<</P0 10 0 R>>>>",
    "<</Type/Font/Subtype/Type0/BaseFont/T/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
    "<</Type/Font/Subtype/CIDFontType2/BaseFont/T/DW 500/CIDToGIDMap/Identity>>",
    "<</Length 99>>\nstream\n1 begincodespacerange<0000><FFFF>endcodespacerange 1 beginbfrange<0020><007E><0020>endbfrange      \nendstream",
    "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>\nstream\n\nendstream",
    "<</Subtype/Image/Width 9/Height 2/ImageMask true/Length 4>>\nstream\nabcd\nendstream",
    "<</ActualText(ab)>>",
];

/// A file with one page of this content.
fn file_of(content: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.6\n".to_vec();
    let mut offsets = Vec::new();
    for (body, number) in OBJECTS.iter().zip(1..) {
        offsets.push(out.len());
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    offsets.push(out.len());
    out.extend_from_slice(format!("11 0 obj\n<</Length {}>>\nstream\n", content.len()).as_bytes());
    out.extend_from_slice(content);
    out.extend_from_slice(b"\nendstream\nendobj\n");
    let start = out.len();
    out.extend_from_slice(b"xref\n0 12\n0000000000 65535 f \n");
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    out.extend_from_slice(format!("trailer<</Size 12/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes());
    out
}
