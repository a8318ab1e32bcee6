//! Animations: GIF, WebP and PNG files of several pictures, of which only the first is read.

use symbols::Picture;

/// What is wrong with what stands behind the first picture of an animation.
pub(crate) const BEHIND_THE_FIRST: &str = "the pictures behind the first one of an animation are not read";

/// What to do about it.
pub(crate) const SAVE_EACH: &str = "save each as a file of its own";

/// How many pages a picture file has. An animation has two: its first picture, and a page that stands for those behind it.
pub(crate) fn pages_of_picture(bytes: &[u8]) -> u32 {
    if is_animation(bytes) { 2 } else { Picture::pages(bytes) as u32 }
}

/// Whether a file holds several pictures that are shown one after the other.
pub(crate) fn is_animation(bytes: &[u8]) -> bool {
    [several_in_gif, several_in_webp, several_in_png].iter().any(|several| several(bytes).unwrap_or_default())
}

fn several_in_gif(bytes: &[u8]) -> Option<bool> {
    let screen = bytes.strip_prefix(b"GIF87a").or_else(|| bytes.strip_prefix(b"GIF89a"))?;
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut rest = screen.get(7 + colours(*screen.get(4)?)..)?;
    let mut pictures = 0;
    loop {
        rest = match rest.split_first()? {
            (0x21, extension) => behind_blocks(extension.get(1..)?)?,
            (0x2C, picture) => {
                pictures += 1;
                behind_blocks(picture.get(10 + colours(*picture.get(8)?)..)?)?
            }
            _ => return Some(pictures > 1),
        };
        if pictures > 1 {
            return Some(true);
        }
    }
}

/// What follows the blocks of a GIF: each has its length before it, and one of length 0 ends them.
fn behind_blocks(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (length, block) = rest.split_first()?;
        if *length == 0 {
            return Some(block);
        }
        rest = block.get(usize::from(*length)..)?;
    }
}

fn several_in_webp(bytes: &[u8]) -> Option<bool> {
    let (_, kind) = bytes.strip_prefix(b"RIFF")?.split_first_chunk::<4>()?;
    let mut rest = kind.strip_prefix(b"WEBP")?;
    let mut pictures = 0;
    while let Some((name, chunk)) = rest.split_first_chunk::<4>() {
        pictures += u32::from(name == b"ANMF");
        if pictures > 1 {
            return Some(true);
        }
        let (length, content) = chunk.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        rest = content.get(length.checked_add(length % 2)?..)?;
    }
    Some(false)
}

fn several_in_png(bytes: &[u8]) -> Option<bool> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    loop {
        let (length, chunk) = rest.split_first_chunk::<4>()?;
        let (name, content) = chunk.split_first_chunk::<4>()?;
        match name {
            b"acTL" => return Some(u32::from_be_bytes(*content.first_chunk()?) > 1),
            b"IDAT" | b"IEND" => return Some(false),
            _ => rest = content.get(usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_add(4)?..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use image::codecs::gif::GifEncoder;
    use image::{Frame, RgbaImage};

    use super::*;

    fn gif(pictures: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        let frames = (0..pictures).map(|_| Frame::new(RgbaImage::new(40, 40)));
        encoder.encode_frames(frames).unwrap();
        drop(encoder);
        bytes
    }

    fn chunk(name: &[u8; 4], content: &[u8], big_endian: bool) -> Vec<u8> {
        let length = content.len() as u32;
        match big_endian {
            true => [&length.to_be_bytes()[..], name, content, &[0; 4]].concat(),
            false => [&name[..], &length.to_le_bytes(), content].concat(),
        }
    }

    #[test]
    fn pictures_are_counted_up_to_the_second() {
        for (pictures, several) in [(1, false), (2, true), (5, true)] {
            assert_eq!(is_animation(&gif(pictures)), several, "{pictures} in a GIF");
            let png = |name| {
                let head = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[0; 13], true)].concat();
                let count = [&(pictures as u32).to_be_bytes()[..], &[0; 4]].concat();
                [head, chunk(name, &count, true), chunk(b"IDAT", &[1], true)].concat()
            };
            assert_eq!(is_animation(&png(b"acTL")), several, "{pictures} in a PNG");
            assert!(!is_animation(&png(b"gAMA")));
            let frames = chunk(b"ANMF", &[7; 4], false).repeat(pictures);
            let webp = [b"RIFF\0\0\0\0WEBP".to_vec(), chunk(b"VP8X", &[2; 10], false), frames].concat();
            assert_eq!(is_animation(&webp), several, "{pictures} in a WebP");
        }
        assert_eq!((pages_of_picture(&gif(1)), pages_of_picture(&gif(3))), (1, 2));
    }

    #[test]
    fn damaged_files_are_no_animations() {
        let whole = gif(2);
        for length in 0..whole.len() / 2 {
            assert!(!is_animation(&whole[..length]));
        }
        assert!(!is_animation(b"RIFF\0\0\0\0WEBPANMF\xff\xff\xff\xff"));
        assert!(!is_animation(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffabcd"));
    }
}
