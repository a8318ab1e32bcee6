//! Pictures in memory, decoded from files and encoded as PNG.

use std::fmt;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, ImageReader, Limits, RgbaImage};

use crate::tiff::Directories;

/// The longest side of a picture that is decoded, in pixels.
const MAX_SIDE: u32 = 0xFFFF;

/// The most pixels of a picture that is decoded. A3 at 600 dpi has 70 million.
const MAX_PIXELS: u64 = 100_000_000;

/// Why a picture can't be decoded or encoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The bytes are not a picture of a known kind, or a damaged one. Holds the decoder's message.
    #[error("not a readable picture (PNG, JPEG, TIFF, GIF, WebP, BMP): {0}")]
    Unreadable(String),
    /// The picture has more than 100 million pixels.
    #[error("a picture of {width} × {height} pixels, more than 100 million")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The number of bytes is not that of the picture's pixels.
    #[error("{width} × {height} pixels do not have {bytes} bytes")]
    Length {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The number of bytes.
        bytes: usize,
    },
    /// The picture can't be encoded. Holds the encoder's message.
    #[error("the picture can't be encoded: {0}")]
    Encode(String),
}

impl PictureError {
    /// What to do about it, if there is something.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            PictureError::TooLarge { .. } => Some("scan at a lower resolution"),
            PictureError::Unreadable(_) => Some("name a picture, or save it again as PNG"),
            _ => None,
        }
    }
}

/// A picture in colour without transparency.
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Box<dyn AsRef<[u8]> + Send + Sync>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}

/// A rectangle of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Picture {
    /// A picture of opaque RGBA pixels, row by row, four bytes each. The bytes are not copied.
    ///
    /// # Errors
    /// [`PictureError::Length`] if `pixels` does not have 4 × `width` × `height` bytes.
    pub fn from_rgba(
        width: u32,
        height: u32,
        pixels: impl AsRef<[u8]> + Send + Sync + 'static,
    ) -> Result<Picture, PictureError> {
        let bytes = pixels.as_ref().len();
        match bytes == 4 * width as usize * height as usize {
            true => Ok(Picture { width, height, pixels: Box::new(pixels) }),
            false => Err(PictureError::Length { width, height, bytes }),
        }
    }

    /// Decodes a PNG, JPEG, TIFF, GIF, WebP or BMP file onto white: the first page of a TIFF, the first frame of a GIF.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`] for other or damaged files, and for a side of more than 65 535 pixels;
    /// [`PictureError::TooLarge`] for more than 100 million pixels.
    pub fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
        // A decoder that panics on a hostile file must not end the program.
        catch_unwind(AssertUnwindSafe(|| decode(bytes)))
            .unwrap_or_else(|_| Err(PictureError::Unreadable("the decoder panicked".to_owned())))
    }

    /// How many pages a picture file has: those of a TIFF, where 1001 stands for any number above 1000; one
    /// of every other file.
    #[must_use]
    pub fn pages(bytes: &[u8]) -> usize {
        Directories::of(bytes).map_or(1, |directories| directories.count().max(1))
    }

    /// Decodes a page, from 0, of a picture file.
    ///
    /// # Errors
    /// As [`Picture::decode`]; [`PictureError::Unreadable`] for a page that the file does not have.
    pub fn decode_page(bytes: &[u8], page: usize) -> Result<Picture, PictureError> {
        if page == 0 {
            return Picture::decode(bytes);
        }
        let directories = Directories::of(bytes);
        let from_page = directories.and_then(|directories| directories.single(bytes, page));
        let missing = || PictureError::Unreadable(format!("it has no page {}", page + 1));
        Picture::decode(&from_page.ok_or_else(missing)?)
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The whole picture as a region.
    pub fn whole(&self) -> Region {
        Region { x: 0, y: 0, width: self.width, height: self.height }
    }

    /// The luma of a region's pixels (ITU-R BT.601), with the width and height of the part of it that is in the picture.
    pub(crate) fn luma(&self, region: Region) -> (Vec<u8>, u32, u32) {
        let (x, y) = (region.x.min(self.width), region.y.min(self.height));
        let width = region.width.min(self.width - x);
        let height = region.height.min(self.height - y);
        let rgba = (*self.pixels).as_ref();
        let mut luma = Vec::with_capacity((width * height) as usize);
        for row in y..y + height {
            let start = 4 * (row as usize * self.width as usize + x as usize);
            let pixels = &rgba[start..start + 4 * width as usize];
            luma.extend(pixels.chunks_exact(4).map(|p| {
                ((u32::from(p[0]) * 299 + u32::from(p[1]) * 587 + u32::from(p[2]) * 114) / 1000) as u8
            }));
        }
        (luma, width, height)
    }

    /// The luma of all pixels (ITU-R BT.601), row by row, a byte each.
    pub fn to_luma(&self) -> Vec<u8> {
        self.luma(self.whole()).0
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// [`PictureError::Encode`] if the encoder fails.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        let rgba = (*self.pixels).as_ref();
        let pixels: Vec<u8> = rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        let picture = image::RgbImage::from_raw(self.width, self.height, pixels)
            .ok_or_else(|| PictureError::Encode("unexpected size".to_owned()))?;
        let mut png = Cursor::new(Vec::new());
        let written = picture.write_to(&mut png, image::ImageFormat::Png);
        written.map_err(|error| PictureError::Encode(error.to_string()))?;
        Ok(png.into_inner())
    }
}

fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
    let fault = |error: image::ImageError| PictureError::Unreadable(error.to_string());
    let (width, height) = reader(bytes)?.into_dimensions().map_err(fault)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooLarge { width, height });
    }
    let mut reader = reader(bytes)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    reader.limits(limits);
    let (width, height, pixels) = match reader.decode().map_err(fault)? {
        // Conversion by `image` goes by way of colour spaces and takes longer than decoding.
        DynamicImage::ImageLuma8(grey) => (grey.width(), grey.height(), opaque::<1>(grey.as_raw())),
        DynamicImage::ImageRgb8(colour) => (colour.width(), colour.height(), opaque::<3>(colour.as_raw())),
        other => {
            let mut rgba: RgbaImage = other.into_rgba8();
            rgba.pixels_mut().for_each(|pixel| pixel.0 = over_white(pixel.0));
            (rgba.width(), rgba.height(), rgba.into_raw())
        }
    };
    Picture::from_rgba(width, height, pixels)
}

/// Pixels of one or three samples as opaque RGBA.
fn opaque<const SAMPLES: usize>(samples: &[u8]) -> Vec<u8> {
    let mut rgba = vec![u8::MAX; samples.len() / SAMPLES * 4];
    for (pixel, samples) in rgba.chunks_exact_mut(4).zip(samples.chunks_exact(SAMPLES)) {
        (0..3).for_each(|sample| pixel[sample] = samples[sample % SAMPLES]);
    }
    rgba
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, PictureError> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    reader.map_err(|error| PictureError::Unreadable(error.to_string()))
}

/// A pixel on white.
fn over_white([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let over = |colour: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(a));
        ((colour * alpha + 255 * (255 - alpha)) / 255) as u8
    };
    [over(r), over(g), over(b), 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_picture_decodes_to_the_same_pixels_and_transparency_is_white() {
        let rgba: Vec<u8> = vec![10, 20, 30, 255, 200, 100, 50, 255];
        let picture = Picture::from_rgba(2, 1, rgba).unwrap();
        let again = Picture::decode(&picture.to_png().unwrap()).unwrap();
        assert_eq!(picture.luma(picture.whole()), again.luma(again.whole()));
        assert_eq!(over_white([0, 0, 0, 0]), [255; 4]);
        assert!(Picture::from_rgba(2, 2, vec![0; 8]).is_err());
        assert!(matches!(Picture::decode(b"no picture"), Err(PictureError::Unreadable(_))));
        let png = picture.to_png().unwrap();
        assert_eq!(Picture::pages(&png), 1);
        assert!(Picture::decode_page(&png, 0).is_ok());
        assert!(matches!(Picture::decode_page(&png, 1), Err(PictureError::Unreadable(_))));
    }

    #[test]
    fn every_format_is_read() {
        let picture = image::RgbImage::from_pixel(3, 2, image::Rgb([90, 90, 90]));
        for format in [
            image::ImageFormat::Bmp,
            image::ImageFormat::Gif,
            image::ImageFormat::Jpeg,
            image::ImageFormat::Png,
            image::ImageFormat::Tiff,
            image::ImageFormat::WebP,
        ] {
            let mut file = Cursor::new(Vec::new());
            picture.write_to(&mut file, format).unwrap();
            let read = Picture::decode(file.get_ref()).unwrap();
            let (luma, ..) = read.luma(read.whole());
            assert!(luma.iter().all(|&luma| luma.abs_diff(90) < 3), "{format:?}");
        }
    }
}
