//! Deflate, with one compressor for each thread: a page is small, and setting one up costs more than using it.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress};

/// How hard pages are squeezed. There are many, and more effort gains little on hexadecimal glyphs.
const PAGE_LEVEL: u32 = 1;
/// How hard fonts and maps are squeezed. There are few.
const RESOURCE_LEVEL: u32 = 6;

thread_local! {
    static PAGES: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(PAGE_LEVEL), true));
}

/// Deflates a page's content (RFC 1950).
pub(super) fn deflate_page(plain: &[u8]) -> Vec<u8> {
    PAGES.with(|compressor| {
        let mut compressor = compressor.borrow_mut();
        compressor.reset();
        deflate(&mut compressor, plain)
    })
}

/// Deflates a font or a map.
pub(super) fn deflate_resource(plain: &[u8]) -> Vec<u8> {
    deflate(&mut Compress::new(Compression::new(RESOURCE_LEVEL), true), plain)
}

fn deflate(compressor: &mut Compress, plain: &[u8]) -> Vec<u8> {
    // Deflate grows incompressible input by five bytes a block at most, so the output fits at once.
    let mut out = Vec::with_capacity(plain.len() + plain.len() / 1000 + 128);
    let mut read = 0;
    loop {
        let before = compressor.total_in();
        let status = compressor.compress_vec(&plain[read..], &mut out, FlushCompress::Finish);
        read += (compressor.total_in() - before) as usize;
        match status {
            Ok(flate2::Status::StreamEnd) | Err(_) => return out,
            Ok(_) => out.reserve(plain.len() / 2 + 64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn another_inflater_gives_the_content_back(plain in prop::collection::vec(any::<u8>(), 0..5000)) {
            for deflated in [deflate_page(&plain), deflate_resource(&plain)] {
                let inflated = lopdf::Stream::new(
                    lopdf::dictionary! { "Filter" => "FlateDecode" },
                    deflated,
                ).decompressed_content();
                prop_assert_eq!(inflated.unwrap_or_default(), plain.clone());
            }
        }
    }
}
