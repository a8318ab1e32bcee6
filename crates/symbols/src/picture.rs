//! A picture in memory, and the files that one can come from.

use std::fmt;
use std::io::{self, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{ImageReader, Limits, RgbaImage};

/// The widest and highest picture that is opened, in pixels.
const LARGEST_SIDE: u32 = 0xFFFF;

/// The most pixels of a picture that is opened: A3 at 600 dpi has 70 million.
const MOST_PIXELS: u64 = 100_000_000;

/// Bytes that can't be read as a picture, or a picture that can't be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// No picture of a kind that is read, a damaged one, or one too large. Holds what the decoder says.
    #[error("not a readable picture (PNG, JPEG, GIF, WebP): {0}")]
    Unreadable(String),
    /// The picture can't be encoded.
    #[error("the picture can't be written: {0}")]
    Encode(String),
    /// The file can't be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A picture in colour, without transparency.
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
    /// A picture of opaque RGBA pixels, row by row, four bytes each; the bytes are not copied.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`]: there are more or fewer bytes than `width` × `height` pixels have.
    pub fn from_rgba(
        width: u32,
        height: u32,
        pixels: impl AsRef<[u8]> + Send + Sync + 'static,
    ) -> Result<Picture, PictureError> {
        let (expected, found) = (4 * width as usize * height as usize, pixels.as_ref().len());
        match expected == found {
            true => Ok(Picture { width, height, pixels: Box::new(pixels) }),
            false => Err(PictureError::Unreadable(format!(
                "{width} × {height} pixels have {expected} bytes, not {found}"
            ))),
        }
    }

    /// Decodes a PNG, JPEG, GIF or WebP file; what is transparent becomes white.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`]: no such file, or one of more than 100 million pixels.
    pub fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
        let fault = |error: image::ImageError| PictureError::Unreadable(error.to_string());
        let (width, height) = reader(bytes)?.into_dimensions().map_err(fault)?;
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(PictureError::Unreadable(format!(
                "{width} × {height} pixels are more than are read; scan at a lower resolution"
            )));
        }
        let mut reader = reader(bytes)?;
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(LARGEST_SIDE), Some(LARGEST_SIDE));
        reader.limits(limits);
        // A decoder that gives up on a hostile file must not take the program with it.
        let decoded = catch_unwind(AssertUnwindSafe(|| reader.decode().map_err(fault)));
        let gave_up = |_| Err(PictureError::Unreadable("the decoder gave up".to_owned()));
        let mut rgba: RgbaImage = decoded.unwrap_or_else(gave_up)?.into_rgba8();
        rgba.pixels_mut().for_each(|pixel| pixel.0 = over_white(pixel.0));
        Picture::from_rgba(rgba.width(), rgba.height(), rgba.into_raw())
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

    /// The brightness of a region's pixels (ITU-R BT.601), and its size after it was cut to the picture.
    pub fn luma(&self, region: Region) -> (Vec<u8>, u32, u32) {
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

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// [`PictureError::Encode`].
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

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, PictureError> {
    Ok(ImageReader::new(Cursor::new(bytes)).with_guessed_format()?)
}

/// A pixel on white paper.
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
    fn what_is_written_reads_as_it_was_and_transparency_is_white() {
        let rgba: Vec<u8> = vec![10, 20, 30, 255, 200, 100, 50, 255];
        let picture = Picture::from_rgba(2, 1, rgba).unwrap();
        let again = Picture::decode(&picture.to_png().unwrap()).unwrap();
        assert_eq!(picture.luma(picture.whole()), again.luma(again.whole()));
        assert_eq!(over_white([0, 0, 0, 0]), [255; 4]);
        assert!(Picture::from_rgba(2, 2, vec![0; 8]).is_err());
        assert!(matches!(Picture::decode(b"no picture"), Err(PictureError::Unreadable(_))));
    }
}
