//! Deflate (RFC 1950 and 1951): pages, which are small and many, with an encoder of our own; all else with flate2.

mod codes;
mod page;

use flate2::{Compress, Compression, FlushCompress};

/// The compression level of fonts, maps and the file's own objects.
const RESOURCE_LEVEL: u32 = 3;

/// Deflates a page's content. The first `text_bytes` bytes are operators; the rest is mostly the cells of masks.
pub(super) fn deflate_page(plain: &[u8], text_bytes: usize) -> Vec<u8> {
    match plain.len() <= page::MAX_LENGTH {
        true => page::deflate(plain, text_bytes),
        false => deflate_resource(plain),
    }
}

/// Deflates a page's content like [`deflate_page`], with spaces after it, so that its length is a multiple of `step` bytes
/// and tells nothing of what the page says. A page that is too long for the encoder is not padded.
pub(super) fn deflate_padded_page(plain: &[u8], text_bytes: usize, step: usize) -> Vec<u8> {
    match plain.len() <= page::MAX_LENGTH {
        true => page::deflate_padded(plain, text_bytes, step),
        false => deflate_resource(plain),
    }
}

/// Deflates anything except a page.
pub(super) fn deflate_resource(plain: &[u8]) -> Vec<u8> {
    let mut compressor = Compress::new(Compression::new(RESOURCE_LEVEL), true);
    // Deflate adds at most five bytes a block to incompressible input, so the output fits without growing.
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

    fn inflated(deflated: Vec<u8>) -> Vec<u8> {
        let stream = lopdf::Stream::new(lopdf::dictionary! { "Filter" => "FlateDecode" }, deflated);
        stream.decompressed_content().unwrap_or_default()
    }

    #[test]
    fn extremes_come_back() {
        let zeros = vec![0u8; page::MAX_LENGTH];
        let lopsided: Vec<u8> = (0..200u8).chain(std::iter::repeat_n(7, 20_000)).collect();
        let long = vec![3u8; page::MAX_LENGTH + 1];
        for plain in [&zeros[..], &lopsided, &long, b"", b"a", b"ab", b"aaaaaaaaa"] {
            assert_eq!(inflated(deflate_page(plain, plain.len())), plain);
            assert_eq!(inflated(deflate_page(plain, 0)), plain);
        }
    }

    #[test]
    fn a_padded_page_has_a_round_length_and_the_same_content() {
        for length in [0, 1, 900, 5000] {
            let plain: Vec<u8> = (0..length as u32).map(|n| ((n * n) >> 3) as u8).collect();
            for text_bytes in [0, length / 2, length] {
                let padded = deflate_padded_page(&plain, text_bytes, 512);
                assert_eq!(padded.len() % 512, 0, "{length} bytes");
                let content = inflated(padded);
                let (begin, spaces) = content.split_at(plain.len());
                assert!(begin == plain && spaces.len() < 512 && spaces.iter().all(|byte| *byte == b' '));
            }
        }
    }

    proptest! {
        #[test]
        fn text_comes_back(plain in "[ -9\n\u{0}]{0,4000}", symbols in prop::collection::vec(any::<u8>(), 0..400)) {
            let whole = [plain.as_bytes(), &symbols].concat();
            prop_assert_eq!(inflated(deflate_page(&whole, plain.len())), whole);
        }

        #[test]
        fn another_inflater_returns_the_content(plain in prop::collection::vec(any::<u8>(), 0..5000), text_bytes in 0..5000usize) {
            for deflated in [deflate_page(&plain, text_bytes.min(plain.len())), deflate_resource(&plain)] {
                prop_assert_eq!(inflated(deflated), plain.clone());
            }
        }
    }
}
