//! Picture files as pixels.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::{MAX_PIXELS, MAX_SIDE, Picture, PictureError, jpeg};
use crate::tiff::{self, Directories};

/// The most memory that decoding takes beside the file, in bytes.
pub(crate) const MAX_BYTES: u64 = 512 << 20;

/// Decodes a page, from 0. It may panic.
pub(super) fn page(bytes: &[u8], page: usize) -> Result<Picture, PictureError> {
    let missing = || PictureError::Unreadable(format!("it has no page {}", page + 1));
    let upright = match Directories::of(bytes) {
        Some(directories) => tiff::decode(directories.directory(page).ok_or_else(missing)?)?,
        None if page > 0 => return Err(missing()),
        None => decoded(bytes)?,
    };
    Ok(on_white(upright))
}

/// A JPEG file as its rows are stored. It may panic.
pub(super) fn stored_jpeg(bytes: &[u8]) -> Result<Picture, PictureError> {
    let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(fault)?;
    check(bytes, &decoder)?;
    Ok(on_white(DynamicImage::from_decoder(decoder).map_err(fault)?))
}

/// A picture of any other format than TIFF, upright.
fn decoded(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|error| PictureError::Unreadable(error.to_string()))?;
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(fault)?;
    check(bytes, &decoder)?;
    // A damaged note of the orientation is none.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

/// Refuses a file that is too large, or would take too long or too much memory.
fn check(bytes: &[u8], decoder: &impl ImageDecoder) -> Result<(), PictureError> {
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    if decoder.total_bytes() > MAX_BYTES {
        return Err(too_much_memory(width, height));
    }
    jpeg::check(bytes, width, height, decoder.color_type().channel_count())
}

/// A JPEG file that is a part of another, of at most so many pixels, not progressive.
///
/// # Errors
/// As [`Picture::decode`].
pub(crate) fn decoded_jpeg(bytes: &[u8], width: u32, height: u32) -> Result<DynamicImage, PictureError> {
    let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(fault)?;
    let size = decoder.dimensions();
    if size.0 > width || size.1 > height {
        return Err(PictureError::Unreadable(format!("a part of {} × {} pixels", size.0, size.1)));
    }
    jpeg::check_sequential(bytes)?;
    DynamicImage::from_decoder(decoder).map_err(fault)
}

fn fault(error: ImageError) -> PictureError {
    PictureError::Unreadable(error.to_string())
}

/// The limits of the decoders of `image`.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

/// Refuses a picture that is too large.
pub(crate) fn check_size(width: u32, height: u32) -> Result<(), PictureError> {
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooLarge { width, height });
    }
    match width.max(height) > MAX_SIDE {
        true => Err(PictureError::Unreadable(format!("a side of {} pixels", width.max(height)))),
        false => Ok(()),
    }
}

/// What is said of a picture that would fill the memory.
pub(super) fn too_much_memory(width: u32, height: u32) -> PictureError {
    let most = MAX_BYTES >> 20;
    PictureError::TooLaborious(format!("decoding {width} × {height} pixels would take more than {most} MiB"))
}

/// A picture as it is seen on white paper.
fn on_white(picture: DynamicImage) -> Picture {
    match picture {
        DynamicImage::ImageLuma8(grey) => grey.into(),
        DynamicImage::ImageRgb8(colour) => colour.into(),
        DynamicImage::ImageLuma16(_) => picture.into_luma8().into(),
        DynamicImage::ImageLumaA8(_) | DynamicImage::ImageLumaA16(_) => {
            let grey = picture.into_luma_alpha8();
            let (width, height) = grey.dimensions();
            let pixels = grey.pixels().map(|pixel| over_white(pixel.0[0], pixel.0[1]));
            let pixels = image::GrayImage::from_raw(width, height, pixels.collect());
            pixels.unwrap_or_default().into()
        }
        other if other.color().has_alpha() => {
            let colour = other.into_rgba8();
            let (width, height) = colour.dimensions();
            let pixels = colour.pixels().flat_map(|pixel| {
                let [red, green, blue, alpha] = pixel.0;
                [red, green, blue].map(|level| over_white(level, alpha))
            });
            image::RgbImage::from_raw(width, height, pixels.collect()).unwrap_or_default().into()
        }
        other => other.into_rgb8().into(),
    }
}

/// A level on white.
fn over_white(level: u8, alpha: u8) -> u8 {
    let (level, alpha) = (u32::from(level), u32::from(alpha));
    ((level * alpha + 255 * (255 - alpha)) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_is_white() {
        let clear = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(2, 1, image::Rgba([9, 9, 9, 0])));
        assert_eq!(on_white(clear).grey().as_raw(), &[255, 255]);
        let clear =
            DynamicImage::ImageLumaA8(image::GrayAlphaImage::from_pixel(1, 1, image::LumaA([9, 128])));
        assert_eq!(on_white(clear).grey().as_raw(), &[131]);
    }

    #[test]
    fn sides_and_pixels_are_limited() {
        assert!(check_size(10_000, 10_000).is_ok());
        assert!(matches!(check_size(10_001, 10_000), Err(PictureError::TooLarge { .. })));
        assert!(matches!(check_size(65_536, 1), Err(PictureError::Unreadable(_))));
    }
}
