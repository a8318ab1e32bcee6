//! PDF pages as pictures.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::PremulRgba8;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings, render};
use image::{ImageReader, Limits};

/// The widest and highest picture that is opened, in pixels.
const LARGEST_SIDE: u32 = 0xFFFF;

/// The most pixels of a picture that is opened: A3 at 600 dpi has 70 million.
const MOST_PIXELS: u64 = 100_000_000;

/// A page that can't be turned into a picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RasterError {
    /// The file can't be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file is no PDF, or a damaged one.
    #[error("{0}: not a readable PDF")]
    NotPdf(String),
    /// The file is no picture of a kind that is read, a damaged one, or one too large.
    #[error("{file}: not a readable picture (PNG, JPEG, GIF, WebP) or PDF: {reason}")]
    NotPicture {
        /// The file.
        file: String,
        /// What the decoder says.
        reason: String,
    },
    /// The file has no such page.
    #[error("{file}: no page {page}")]
    NoPage {
        /// The file.
        file: String,
        /// The page, from 1.
        page: u32,
    },
    /// The picture can't be encoded.
    #[error("the picture can't be written: {0}")]
    Encode(String),
}

/// A picture in colour on white.
pub struct Picture {
    pixels: Pixmap,
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
    /// Decodes a PNG, JPEG, GIF or WebP file, on white. `name` is for messages.
    ///
    /// # Errors
    /// Not such a file, or one of more than 100 million pixels.
    pub fn decode(name: &str, bytes: &[u8]) -> Result<Picture, RasterError> {
        let fault = |reason: String| RasterError::NotPicture { file: name.to_owned(), reason };
        let mut reader = ImageReader::new(Cursor::new(bytes));
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(LARGEST_SIDE), Some(LARGEST_SIDE));
        reader.limits(limits);
        let reader = reader.with_guessed_format().map_err(|error| fault(error.to_string()))?;
        let (width, height) = reader_size(name, bytes)?;
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(fault(format!(
                "{width} × {height} pixels are more than are read; scan at a lower resolution"
            )));
        }
        let decoded = catch_unwind(AssertUnwindSafe(|| reader.decode().map_err(|error| error.to_string())));
        let decoded = decoded.unwrap_or_else(|_| Err("the decoder gave up".to_owned())).map_err(fault)?;
        let rgba = decoded.into_rgba8();
        let (width, height) = (rgba.width() as u16, rgba.height() as u16);
        let pixels = rgba.pixels().map(|pixel| over_white(pixel.0)).collect();
        Ok(Picture { pixels: Pixmap::from_parts(pixels, width, height) })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        u32::from(self.pixels.width())
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        u32::from(self.pixels.height())
    }

    /// The brightness of a region's pixels, and its size after it was cut to the picture.
    pub fn luma(&self, region: Region) -> (Vec<u8>, u32, u32) {
        let (x, y) = (region.x.min(self.width()), region.y.min(self.height()));
        let width = region.width.min(self.width() - x);
        let height = region.height.min(self.height() - y);
        let rgba = self.pixels.data_as_u8_slice();
        let mut luma = Vec::with_capacity((width * height) as usize);
        for row in y..y + height {
            let start = 4 * (row as usize * self.width() as usize + x as usize);
            let pixels = &rgba[start..start + 4 * width as usize];
            luma.extend(pixels.chunks_exact(4).map(|p| {
                ((u32::from(p[0]) * 299 + u32::from(p[1]) * 587 + u32::from(p[2]) * 114) / 1000) as u8
            }));
        }
        (luma, width, height)
    }

    /// Writes the picture as PNG.
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn save_png(&self, path: &Path) -> Result<(), RasterError> {
        let rgba = self.pixels.data_as_u8_slice();
        let pixels: Vec<u8> = rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        let picture = image::RgbImage::from_raw(self.width(), self.height(), pixels)
            .ok_or_else(|| RasterError::Encode("unexpected size".to_owned()))?;
        picture
            .save_with_format(path, image::ImageFormat::Png)
            .map_err(|error| RasterError::Encode(format!("{}: {error}", path.display())))
    }
}

fn reader_size(name: &str, bytes: &[u8]) -> Result<(u32, u32), RasterError> {
    let fault = |reason: String| RasterError::NotPicture { file: name.to_owned(), reason };
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|error| fault(error.to_string()))?;
    reader.into_dimensions().map_err(|error| fault(error.to_string()))
}

fn over_white([r, g, b, a]: [u8; 4]) -> PremulRgba8 {
    let over = |colour: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(a));
        ((colour * alpha + 255 * (255 - alpha)) / 255) as u8
    };
    PremulRgba8 { r: over(r), g: over(g), b: over(b), a: 255 }
}

/// A PDF in memory.
pub struct OpenPdf {
    name: String,
    pdf: Pdf,
}

impl OpenPdf {
    /// Opens a PDF file.
    ///
    /// # Errors
    /// An unreadable file, or one that is no PDF.
    pub fn open(path: &Path) -> Result<OpenPdf, RasterError> {
        OpenPdf::from_bytes(&path.display().to_string(), fs_err::read(path)?)
    }

    /// Opens a PDF in memory; several may share the bytes, one for each thread that draws.
    ///
    /// # Errors
    /// Bytes that are no PDF.
    pub fn from_bytes(name: &str, bytes: impl Into<Arc<Vec<u8>>>) -> Result<OpenPdf, RasterError> {
        let bytes: Arc<Vec<u8>> = bytes.into();
        let not_pdf = || RasterError::NotPdf(name.to_owned());
        let opened = catch_unwind(AssertUnwindSafe(|| Pdf::new(bytes).ok()));
        let pdf = opened.ok().flatten().ok_or_else(not_pdf)?;
        Ok(OpenPdf { name: name.to_owned(), pdf })
    }

    /// How many pages it has.
    pub fn pages(&self) -> u32 {
        self.pdf.pages().len() as u32
    }

    /// Begins to draw pages; what they share is read once.
    pub fn artist(&self) -> Artist<'_> {
        Artist { open: self, cache: RenderCache::new() }
    }
}

/// Draws the pages of one PDF.
pub struct Artist<'a> {
    open: &'a OpenPdf,
    cache: RenderCache<'a>,
}

impl Artist<'_> {
    /// A page (from 1) at `dpi` pixels per inch, on white.
    ///
    /// # Errors
    /// No such page, or one that can't be drawn.
    pub fn picture(&self, page: u32, dpi: f64) -> Result<Picture, RasterError> {
        let missing = || RasterError::NoPage { file: self.open.name.clone(), page };
        let index = page.checked_sub(1).ok_or_else(missing)? as usize;
        let page = self.open.pdf.pages().get(index).ok_or_else(missing)?;
        let scale = (dpi / 72.0) as f32;
        let settings =
            RenderSettings { x_scale: scale, y_scale: scale, bg_color: WHITE, ..Default::default() };
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            render(page, &self.cache, &InterpreterSettings::default(), &settings)
        }));
        let pixels = drawn.map_err(|_| RasterError::NotPdf(self.open.name.clone()))?;
        Ok(Picture { pixels })
    }
}
