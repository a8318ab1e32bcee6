//! Pictures in memory, decoded from files and encoded as PNG.

mod decode;
mod jpeg;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, GrayImage, ImageEncoder, RgbImage};

use crate::tiff::Directories;

pub(crate) use decode::{MAX_BYTES, check_size, decoded_jpeg, limits};

/// The longest side of a picture that is decoded, in pixels.
pub(crate) const MAX_SIDE: u32 = 0xFFFF;

/// The most pixels of a picture that is decoded. A3 at 600 dpi has 70 million.
pub(crate) const MAX_PIXELS: u64 = 100_000_000;

/// The luma of a whole picture is made for a region that is at least one of this number of equal parts of it.
const MANY_REGIONS: u64 = 8;

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
    /// Decoding would take too long or too much memory. Says why.
    #[error("{0}")]
    TooLaborious(String),
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
            PictureError::TooLaborious(_) => Some("save it again as PNG, or scan it again"),
            PictureError::Unreadable(_) => Some("name a picture, or save it again as PNG"),
            _ => None,
        }
    }
}

/// A picture without transparency, in grey or in colour.
pub struct Picture {
    width: u32,
    height: u32,
    colours: Colours,
    /// The luma of all pixels; set from the start for a grey picture.
    luma: OnceLock<GrayImage>,
}

/// The pixels of a picture in colour, row by row.
enum Colours {
    /// None: the picture is grey.
    Grey,
    /// Three bytes a pixel.
    Rgb(Vec<u8>),
    /// Four bytes a pixel, the fourth of which is not used.
    Rgba(Box<dyn AsRef<[u8]> + Send + Sync>),
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
            true => {
                let colours = Colours::Rgba(Box::new(pixels));
                Ok(Picture { width, height, colours, luma: OnceLock::new() })
            }
            false => Err(PictureError::Length { width, height, bytes }),
        }
    }

    /// A grey picture, row by row, one byte a pixel; 0 is black.
    ///
    /// # Errors
    /// [`PictureError::Length`] if `pixels` does not have `width` × `height` bytes.
    pub fn from_luma(width: u32, height: u32, pixels: Vec<u8>) -> Result<Picture, PictureError> {
        let bytes = pixels.len();
        let whole = (bytes == width as usize * height as usize).then_some(pixels);
        let grey = whole.and_then(|pixels| GrayImage::from_raw(width, height, pixels));
        grey.map(Picture::from).ok_or(PictureError::Length { width, height, bytes })
    }

    /// Decodes a PNG, JPEG, TIFF, GIF, WebP or BMP file onto white and turns it upright as it says: the first page of a
    /// TIFF, the first frame of a GIF. What a damaged TIFF or JPEG does not tell is white or grey.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`] for other or damaged files, and for a side of more than 65 535 pixels;
    /// [`PictureError::TooLarge`] for more than 100 million pixels; [`PictureError::TooLaborious`] for files that are made
    /// to take long.
    pub fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
        Picture::decode_page(bytes, 0)
    }

    /// How many pages a picture file has: those of a TIFF without its thumbnails, where 1001 stands for any number above
    /// 1000; one of every other file.
    #[must_use]
    pub fn pages(bytes: &[u8]) -> usize {
        Directories::of(bytes).map_or(1, |directories| directories.count().max(1))
    }

    /// Decodes a page, from 0, of a picture file.
    ///
    /// # Errors
    /// As [`Picture::decode`]; [`PictureError::Unreadable`] for a page that the file does not have.
    pub fn decode_page(bytes: &[u8], page: usize) -> Result<Picture, PictureError> {
        // A decoder that panics on a hostile file must not end the program.
        catch_unwind(AssertUnwindSafe(|| decode::page(bytes, page))).unwrap_or_else(|_| Err(panicked()))
    }

    /// Decodes a JPEG file as its rows are stored, without turning it upright: what a PDF embeds is turned by the page.
    ///
    /// # Errors
    /// As [`Picture::decode`]; [`PictureError::Unreadable`] for files of other formats.
    pub fn decode_stored_jpeg(bytes: &[u8]) -> Result<Picture, PictureError> {
        catch_unwind(AssertUnwindSafe(|| decode::stored_jpeg(bytes))).unwrap_or_else(|_| Err(panicked()))
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

    /// The luma (ITU-R BT.601) of all pixels, row by row; 0 is black.
    #[must_use]
    pub fn to_luma(&self) -> Vec<u8> {
        self.grey().as_raw().clone()
    }

    /// The luma of all pixels (ITU-R BT.601). It is made once; a grey picture has it from the start.
    pub(crate) fn grey(&self) -> &GrayImage {
        self.luma.get_or_init(|| self.grey_of(self.whole()))
    }

    /// The luma of a region's pixels (ITU-R BT.601), with the width and height of the part of it that is in the picture.
    pub(crate) fn luma(&self, region: Region) -> (Vec<u8>, u32, u32) {
        let part = self.inside(region);
        let pixels = u64::from(part.width) * u64::from(part.height);
        if self.luma.get().is_none() && MANY_REGIONS * pixels < u64::from(self.width) * u64::from(self.height)
        {
            return (self.grey_of(part).into_raw(), part.width, part.height);
        }
        (cut_out(self.grey().as_raw(), self.width, part, 1).concat(), part.width, part.height)
    }

    /// The part of a region that is in the picture.
    fn inside(&self, region: Region) -> Region {
        let (x, y) = (region.x.min(self.width), region.y.min(self.height));
        Region { x, y, width: region.width.min(self.width - x), height: region.height.min(self.height - y) }
    }

    /// The luma of a region that is in the picture.
    fn grey_of(&self, region: Region) -> GrayImage {
        let luma = match &self.colours {
            Colours::Grey => Vec::new(),
            Colours::Rgb(pixels) => luma_of::<3>(pixels, self.width, region),
            Colours::Rgba(pixels) => luma_of::<4>((**pixels).as_ref(), self.width, region),
        };
        GrayImage::from_raw(region.width, region.height, luma).unwrap_or_default()
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// [`PictureError::Encode`] if the encoder fails.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        let opaque;
        let (pixels, colour) = match &self.colours {
            Colours::Grey => (self.grey().as_raw().as_slice(), ExtendedColorType::L8),
            Colours::Rgb(pixels) => (pixels.as_slice(), ExtendedColorType::Rgb8),
            Colours::Rgba(pixels) => {
                let pixels = (**pixels).as_ref().chunks_exact(4);
                opaque = pixels.flat_map(|p| [p[0], p[1], p[2]]).collect::<Vec<u8>>();
                (opaque.as_slice(), ExtendedColorType::Rgb8)
            }
        };
        let mut png = Vec::new();
        let written = PngEncoder::new(&mut png).write_image(pixels, self.width, self.height, colour);
        written.map_err(|error| PictureError::Encode(error.to_string()))?;
        Ok(png)
    }
}

/// What is said of a decoder that panicked.
fn panicked() -> PictureError {
    PictureError::Unreadable("the decoder panicked".to_owned())
}

impl From<GrayImage> for Picture {
    fn from(grey: GrayImage) -> Picture {
        let (width, height) = grey.dimensions();
        Picture { width, height, colours: Colours::Grey, luma: OnceLock::from(grey) }
    }
}

impl From<RgbImage> for Picture {
    fn from(colour: RgbImage) -> Picture {
        let (width, height) = colour.dimensions();
        Picture { width, height, colours: Colours::Rgb(colour.into_raw()), luma: OnceLock::new() }
    }
}

/// The rows of a region as pieces of a picture that is `width` pixels of `samples` bytes wide.
fn cut_out(pixels: &[u8], width: u32, region: Region, samples: usize) -> Vec<&[u8]> {
    let (width, x) = (width as usize, region.x as usize);
    let rows = region.y as usize..(region.y + region.height) as usize;
    let length = samples * region.width as usize;
    rows.map(|row| samples * (row * width + x)).map(|start| &pixels[start..start + length]).collect()
}

/// The luma (ITU-R BT.601) of a region of colour pixels of `SAMPLES` bytes.
fn luma_of<const SAMPLES: usize>(pixels: &[u8], width: u32, region: Region) -> Vec<u8> {
    let mut luma = vec![0; region.width as usize * region.height as usize];
    let rows = cut_out(pixels, width, region, SAMPLES);
    for (luma, row) in luma.chunks_exact_mut(region.width.max(1) as usize).zip(rows) {
        for (luma, pixel) in luma.iter_mut().zip(row.chunks_exact(SAMPLES)) {
            *luma = luma_of_pixel(pixel[0], pixel[1], pixel[2]);
        }
    }
    luma
}

/// The luma (ITU-R BT.601) of a pixel, with weights in parts of 65 536: dividing by a thousand takes three times as long.
fn luma_of_pixel(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 19_595 + u32::from(green) * 38_470 + u32::from(blue) * 7_471) >> 16) as u8
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn an_encoded_picture_decodes_to_the_same_pixels_and_transparency_is_white() {
        let rgba: Vec<u8> = vec![10, 20, 30, 255, 200, 100, 50, 255];
        let picture = Picture::from_rgba(2, 1, rgba).unwrap();
        let again = Picture::decode(&picture.to_png().unwrap()).unwrap();
        assert_eq!(picture.luma(picture.whole()), again.luma(again.whole()));
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
