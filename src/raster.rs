//! Renders PDF pages as pictures. The renderer shares no code with the `print-file` crate.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings, render};
use symbols::{Picture, PictureError};

use crate::failure::{Exit, Explained, Position};

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
            RasterError::NoPage { .. } => "pdf_no_page",
            RasterError::Picture(error) => error.code(),
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            RasterError::NotPdf(file) | RasterError::NoPage { file, .. } => Some(Position::file(file)),
            RasterError::Io(_) | RasterError::Picture(_) => None,
        }
    }
}

/// A PDF in memory.
pub(crate) struct OpenPdf {
    name: String,
    pdf: Pdf,
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
    /// [`RasterError::NotPdf`].
    pub(crate) fn from_bytes(name: &str, bytes: impl Into<Arc<Vec<u8>>>) -> Result<OpenPdf, RasterError> {
        let bytes: Arc<Vec<u8>> = bytes.into();
        let not_pdf = || RasterError::NotPdf(name.to_owned());
        let opened = catch_unwind(AssertUnwindSafe(|| Pdf::new(bytes).ok()));
        let pdf = opened.ok().flatten().ok_or_else(not_pdf)?;
        Ok(OpenPdf { name: name.to_owned(), pdf })
    }

    /// How many pages it has.
    pub(crate) fn pages(&self) -> u32 {
        self.pdf.pages().len() as u32
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

impl Renderer<'_> {
    /// Renders a page (from 1) on white, at `dpi` pixels per inch.
    ///
    /// # Errors
    /// [`RasterError::NoPage`]; [`RasterError::NotPdf`]: the page can't be rendered; [`RasterError::Picture`].
    pub(crate) fn picture(&self, page: u32, dpi: f64) -> Result<Picture, RasterError> {
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
        let (width, height) = (u32::from(pixels.width()), u32::from(pixels.height()));
        Ok(Picture::from_rgba(width, height, RenderedPage(pixels))?)
    }
}

/// A rendered page, whose pixels become a picture without a copy.
struct RenderedPage(Pixmap);

impl AsRef<[u8]> for RenderedPage {
    fn as_ref(&self) -> &[u8] {
        self.0.data_as_u8_slice()
    }
}
