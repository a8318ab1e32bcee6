//! Renders PDF pages as pictures, and takes the pictures out of them. The renderer shares no code with the `print-file` crate.

mod animation;
mod content;
mod parts;
mod placed;
#[cfg(test)]
mod tests;

pub(crate) use animation::{BEHIND_THE_FIRST, SAVE_EACH, is_animation, pages_of_picture};
pub(crate) use content::Content;
pub(crate) use parts::{Part, PartPicture, draw_parts};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::object::{Name, ObjectIdentifier, Stream};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings, render};
use preflight::OpenFile;
use symbols::{Picture, PictureError};

use crate::failure::{Exit, Explained, Position};

/// The most pixels of a page's picture, as of any picture.
const MAX_PIXELS: f64 = 100e6;

/// White pixels, four bytes each.
static WHITE_PIXELS: [u8; 1 << 12] = [u8::MAX; 1 << 12];

/// The longest side of a page's picture, in pixels.
const MAX_SIDE: f64 = 65_535.0;

/// A page that can't be turned into a picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RasterError {
    /// The file can't be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file is no PDF, or is damaged.
    #[error("not a readable PDF")]
    NotPdf(String),
    /// The file is encrypted, and opens only with a password.
    #[error("an encrypted PDF that opens only with a password")]
    Encrypted(String),
    /// The page is so large that its picture would have more pixels than a picture may.
    #[error("page {page} is {width_mm} × {height_mm} mm, more than 100 million pixels at {dpi} dpi")]
    PageTooLarge {
        /// The file.
        file: String,
        /// The page, from 1.
        page: u32,
        /// Its width.
        width_mm: u64,
        /// Its height.
        height_mm: u64,
        /// Pixels per inch.
        dpi: u32,
    },
    /// The file has no such page.
    #[error("no page {page}")]
    NoPage {
        /// The file.
        file: String,
        /// The page, from 1.
        page: u32,
    },
    /// The rendered page can't be used as a picture.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

impl Explained for RasterError {
    fn exit(&self) -> Exit {
        Exit::Midway
    }

    fn code(&self) -> &'static str {
        match self {
            RasterError::Io(_) => "io",
            RasterError::NotPdf(_) => "pdf_unreadable",
            RasterError::Encrypted(_) => "pdf_encrypted",
            RasterError::PageTooLarge { .. } => "pdf_page_too_large",
            RasterError::NoPage { .. } => "pdf_no_page",
            RasterError::Picture(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            RasterError::Encrypted(_) => {
                "print it to a PDF without a password, or give a picture of the page"
            }
            RasterError::PageTooLarge { .. } => "give a picture of the part of the page that has the symbol",
            RasterError::Picture(error) => error.advice()?,
            _ => return None,
        };
        Some(advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        match self {
            RasterError::NotPdf(file)
            | RasterError::Encrypted(file)
            | RasterError::NoPage { file, .. }
            | RasterError::PageTooLarge { file, .. } => Some(Position::file(file)),
            RasterError::Io(_) | RasterError::Picture(_) => None,
        }
    }
}

/// Among how many bytes at the beginning of a file the header of a PDF is looked for, as other readers do.
const HEADER_WITHIN: usize = 1024;

/// Whether a file is a PDF. What stands before its header, such as a line end or a header of HTTP, is taken away; a picture
/// stays as it is.
pub(crate) fn is_pdf(bytes: &mut Vec<u8>) -> bool {
    if bytes.starts_with(b"%PDF") || image::guess_format(bytes).is_ok() {
        return bytes.starts_with(b"%PDF");
    }
    let header = bytes.windows(5).take(HEADER_WITHIN).position(|window| window == b"%PDF-");
    bytes.drain(..header.unwrap_or_default());
    header.is_some()
}

/// A PDF in memory.
pub(crate) struct OpenPdf {
    name: String,
    pdf: Arc<Pdf>,
}

impl OpenPdf {
    /// Opens a PDF file.
    ///
    /// # Errors
    /// [`RasterError::Io`]: the file can't be read; [`RasterError::NotPdf`].
    pub(crate) fn open(path: &Path) -> Result<OpenPdf, RasterError> {
        OpenPdf::from_bytes(&path.display().to_string(), fs_err::read(path)?)
    }

    /// Opens a PDF in memory. Several can share the bytes, one for each thread that renders.
    ///
    /// # Errors
    /// [`RasterError::NotPdf`]; [`RasterError::Encrypted`].
    pub(crate) fn from_bytes(name: &str, bytes: impl Into<Arc<Vec<u8>>>) -> Result<OpenPdf, RasterError> {
        let bytes: Arc<Vec<u8>> = bytes.into();
        let opened = catch_unwind(AssertUnwindSafe(|| Pdf::new(bytes)));
        let pdf = opened.unwrap_or(Err(LoadPdfError::Invalid)).map_err(|error| match error {
            LoadPdfError::Decryption(_) => RasterError::Encrypted(name.to_owned()),
            LoadPdfError::Invalid => RasterError::NotPdf(name.to_owned()),
        })?;
        Ok(OpenPdf { name: name.to_owned(), pdf: Arc::new(pdf) })
    }

    /// A PDF that is open.
    pub(crate) fn of(name: &str, file: &OpenFile) -> OpenPdf {
        OpenPdf { name: name.to_owned(), pdf: Arc::clone(file.pdf()) }
    }

    /// How many pages it has.
    pub(crate) fn pages(&self) -> u32 {
        self.pdf.pages().len() as u32
    }

    /// Whether the object with that number is a form whose content can be decoded.
    pub(crate) fn has_form(&self, number: u32) -> bool {
        let find = || {
            let id = ObjectIdentifier::new(i32::try_from(number).ok()?, 0);
            let form = self.pdf.xref().get::<Stream>(id)?;
            let is_form = form.dict().get::<Name>("Subtype").is_some_and(|kind| &*kind == b"Form");
            (is_form && form.decoded().is_ok()).then_some(())
        };
        catch_unwind(AssertUnwindSafe(find)).is_ok_and(|found| found.is_some())
    }

    /// A renderer of its pages, which caches what several pages use.
    pub(crate) fn renderer(&self) -> Renderer<'_> {
        Renderer { open: self, cache: RenderCache::new() }
    }
}

/// Renders the pages of one PDF.
pub(crate) struct Renderer<'a> {
    open: &'a OpenPdf,
    cache: RenderCache<'a>,
}

impl<'a> Renderer<'a> {
    /// Renders a page (from 1) on white, at `dpi` pixels per inch.
    ///
    /// # Errors
    /// [`RasterError::NoPage`]; [`RasterError::PageTooLarge`]; [`RasterError::NotPdf`]: the page can't be rendered;
    /// [`RasterError::Picture`].
    pub(crate) fn picture(&self, page: u32, dpi: f64) -> Result<Picture, RasterError> {
        picture_of(self.drawn(page, dpi, None)?)
    }

    /// Renders the upper left part of a page (from 1), of so many columns and rows of pixels.
    ///
    /// # Errors
    /// As for [`Renderer::picture`].
    fn clipped(&self, page: u32, dpi: f64, size: (u32, u32)) -> Result<Picture, RasterError> {
        picture_of(self.drawn(page, dpi, Some(size))?)
    }

    /// Whether the upper left part of a page (from 1), of so many columns and rows of pixels, has a pixel that is darker than
    /// `paper` in any channel.
    ///
    /// # Errors
    /// As for [`Renderer::picture`].
    pub(crate) fn has_ink(
        &self,
        page: u32,
        dpi: f64,
        size: (u32, u32),
        paper: u8,
    ) -> Result<bool, RasterError> {
        let pixels = self.drawn(page, dpi, Some(size))?;
        let has_ink = |part: &[u8]| {
            // Nearly all of it is white, which is known by one comparison.
            Some(part) != WHITE_PIXELS.get(..part.len()) && part.iter().any(|channel| *channel < paper)
        };
        Ok(pixels.data_as_u8_slice().chunks(WHITE_PIXELS.len()).any(has_ink))
    }

    /// Renders a page, or its upper left part.
    fn drawn(&self, page: u32, dpi: f64, size: Option<(u32, u32)>) -> Result<Pixmap, RasterError> {
        let scale = (dpi / 72.0) as f32;
        let number = page;
        let page = self.page(number)?;
        let (width, height) = page.render_dimensions();
        let whole = (f64::from(width * scale), f64::from(height * scale));
        let (columns, rows) = size.map_or(whole, |(width, height)| (f64::from(width), f64::from(height)));
        // Zero and less than a pixel are as bad as too much.
        if !(columns * rows <= MAX_PIXELS && columns.max(rows) <= MAX_SIDE && columns.min(rows) >= 1.0) {
            let mm = |points: f32| (f64::from(points) * 25.4 / 72.0) as u64;
            let file = self.open.name.clone();
            let (width_mm, height_mm) = (mm(width), mm(height));
            return Err(RasterError::PageTooLarge {
                file,
                page: number,
                width_mm,
                height_mm,
                dpi: dpi as u32,
            });
        }
        let settings = RenderSettings {
            x_scale: scale,
            y_scale: scale,
            width: size.map(|_| columns as u16),
            height: size.map(|_| rows as u16),
            bg_color: WHITE,
        };
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            render(page, &self.cache, &InterpreterSettings::default(), &settings)
        }));
        drawn.map_err(|_| RasterError::NotPdf(self.open.name.clone()))
    }

    /// The width and height of a page (from 1) as it is shown, in points.
    ///
    /// # Errors
    /// [`RasterError::NoPage`].
    pub(crate) fn size(&self, page: u32) -> Result<(f64, f64), RasterError> {
        let (width, height) = self.page(page)?.render_dimensions();
        Ok((f64::from(width), f64::from(height)))
    }

    fn page(&self, page: u32) -> Result<&'a Page<'a>, RasterError> {
        let missing = || RasterError::NoPage { file: self.open.name.clone(), page };
        let index = page.checked_sub(1).ok_or_else(missing)? as usize;
        self.open.pdf.pages().get(index).ok_or_else(missing)
    }
}

fn picture_of(pixels: Pixmap) -> Result<Picture, RasterError> {
    let (width, height) = (u32::from(pixels.width()), u32::from(pixels.height()));
    Ok(Picture::from_rgba(width, height, RenderedPage(pixels))?)
}

/// A rendered page, whose pixels become a picture without a copy.
struct RenderedPage(Pixmap);

impl AsRef<[u8]> for RenderedPage {
    fn as_ref(&self) -> &[u8] {
        self.0.data_as_u8_slice()
    }
}
