//! Picture files of every format, page by page: each is decoded or refused, and what is decoded survives a PNG file.
#![no_main]

use fuzz::let_dependencies_panic;
use libfuzzer_sys::fuzz_target;
use symbols::Picture;

/// The most pages of a file that are decoded.
const MOST_PAGES: usize = 3;
/// The most pixels of a picture that is written as PNG.
const MOST_PIXELS: usize = 1 << 16;

fuzz_target!(init: let_dependencies_panic(), |bytes: &[u8]| {
    let _ = Picture::decode_stored_jpeg(bytes);
    for page in 0..Picture::pages(bytes).min(MOST_PAGES) {
        let Ok(picture) = Picture::decode_page(bytes, page) else { continue };
        let luma = picture.to_luma();
        assert_eq!(luma.len(), picture.width() as usize * picture.height() as usize);
        if (1..=MOST_PIXELS).contains(&luma.len()) {
            let png = picture.to_png().expect("an encoder in memory");
            assert_eq!(Picture::decode(&png).expect("our own PNG").to_luma(), luma);
        }
    }
});
