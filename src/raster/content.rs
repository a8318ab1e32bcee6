//! What a page is made of, as far as it decides how the page is read: its pictures, and how fine its drawing is.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_interpret::font::Glyph;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, ImageData, InterpreterCache,
    InterpreterSettings, LumaData, Paint, PathDrawMode, SoftMask, TransformExt, interpret_page,
};
use hayro::vello_cpu::kurbo::{Affine, BezPath, PathEl, Point, Rect};
use symbols::Picture;

use super::{RasterError, Renderer};

/// The most pixels of all pictures of a page together, in their own resolution.
const MAX_PIXELS: u64 = 200_000_000;

/// The least side of a picture that is taken out, in pixels: smaller ones are as good in the drawn page.
const LEAST_SIDE: u32 = 40;

/// White around a picture that is taken out, in pixels: a mask has no quiet zone of its own.
const MARGIN: u32 = 16;

/// What a page is made of.
pub(crate) struct Content {
    /// Its pictures in their own resolution.
    pub pictures: Vec<PlacedPicture>,
    /// The longer side of the smallest rectangle that is drawn, in points; infinite if there is none.
    pub least_module: f64,
    /// Whether it has pictures that were not taken, because all together have too many pixels.
    pub too_many_pixels: bool,
}

/// A picture in its own resolution, and where it lies on the page.
pub(crate) struct PlacedPicture {
    /// The picture, with a white margin.
    picture: Picture,
    to_page: Affine,
}

impl PlacedPicture {
    /// The picture, and what maps its points to the page's, in points from its top left corner.
    pub(crate) fn into_parts(self) -> (Picture, impl Fn((f32, f32)) -> (f64, f64)) {
        let (margin, to_page) = (f64::from(MARGIN), self.to_page);
        let on_page = move |(x, y): (f32, f32)| {
            let point = to_page * Point::new(f64::from(x) - margin, f64::from(y) - margin);
            (point.x, point.y)
        };
        (self.picture, on_page)
    }
}

impl Renderer<'_> {
    /// What a page (from 1) is made of.
    ///
    /// # Errors
    /// [`RasterError::NoPage`]; [`RasterError::NotPdf`]: the page can't be interpreted.
    pub(crate) fn content(&self, page: u32) -> Result<Content, RasterError> {
        let page = self.page(page)?;
        let (width, height) = page.render_dimensions();
        let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let cache = InterpreterCache::new();
        let read = catch_unwind(AssertUnwindSafe(|| {
            let transform = page.initial_transform(true).to_kurbo();
            let mut context =
                Context::new(transform, area, &cache, page.xref(), InterpreterSettings::default());
            let mut survey = Survey {
                content: Content {
                    pictures: Vec::new(),
                    least_module: f64::INFINITY,
                    too_many_pixels: false,
                },
                pixels: 0,
            };
            interpret_page(page, &mut context, &mut survey);
            survey.content
        }));
        read.map_err(|_| RasterError::NotPdf(self.open.name.clone()))
    }
}

/// Receives a page's drawing instructions and draws nothing.
struct Survey {
    content: Content,
    /// Pixels of the pictures so far.
    pixels: u64,
}

impl Survey {
    /// Takes a picture of these grey values.
    fn take(&mut self, grey: &[u8], width: u32, height: u32, to_page: Affine) {
        if width.min(height) < LEAST_SIDE {
            return;
        }
        let (wide, high) = (width + 2 * MARGIN, height + 2 * MARGIN);
        let mut rgba = vec![255u8; 4 * wide as usize * high as usize];
        for (y, row) in grey.chunks_exact(width as usize).enumerate() {
            let start = 4 * ((y + MARGIN as usize) * wide as usize + MARGIN as usize);
            let pixels = rgba[start..start + 4 * width as usize].chunks_exact_mut(4);
            pixels.zip(row).for_each(|(pixel, &grey)| pixel[..3].fill(grey));
        }
        if let Ok(picture) = Picture::from_rgba(wide, high, rgba) {
            self.content.pictures.push(PlacedPicture { picture, to_page });
        }
    }
}

impl<'a> Device<'a> for Survey {
    fn draw_path(&mut self, path: &BezPath, transform: Affine, _: &Paint<'a>, _: &PathDrawMode) {
        self.content.least_module = self.content.least_module.min(least_module(path, transform));
    }

    fn draw_image(&mut self, image: Image<'a, '_>, transform: Affine) {
        self.pixels = self.pixels.saturating_add(u64::from(image.width()) * u64::from(image.height()));
        if self.pixels > MAX_PIXELS {
            self.content.too_many_pixels = true;
            return;
        }
        let placed = |(x, y): (f32, f32)| transform * Affine::scale_non_uniform(f64::from(x), f64::from(y));
        match image {
            Image::Stencil(stencil) => stencil.with_stencil(
                |mask, _| {
                    let grey: Vec<u8> = mask.data.iter().map(|painted| 255 - painted).collect();
                    self.take(&grey, mask.width, mask.height, placed(mask.scale_factors));
                },
                None,
            ),
            Image::Raster(raster) => raster.with_rgba(
                |colours, alpha| {
                    let to_page = placed(colours.scale_factors());
                    let (width, height) = (colours.width(), colours.height());
                    self.take(&grey(colours, alpha), width, height, to_page);
                },
                None,
            ),
        }
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'a>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph(&mut self, _: &Glyph<'a>, _: Affine, _: Affine, _: &Paint<'a>, _: &GlyphDrawMode) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// The grey values (ITU-R BT.601) of a picture on white. A mask of another size is left out.
fn grey(colours: ImageData, alpha: Option<LumaData>) -> Vec<u8> {
    let mut grey = match colours {
        ImageData::Luma(luma) => luma.data,
        ImageData::Rgb(rgb) => {
            let luma =
                |p: &[u8]| (u32::from(p[0]) * 299 + u32::from(p[1]) * 587 + u32::from(p[2]) * 114) / 1000;
            rgb.data.chunks_exact(3).map(|pixel| luma(pixel) as u8).collect()
        }
    };
    if let Some(alpha) = alpha.filter(|alpha| alpha.data.len() == grey.len()) {
        for (value, alpha) in grey.iter_mut().zip(alpha.data) {
            let (shown, alpha) = (u32::from(*value), u32::from(alpha));
            *value = ((shown * alpha + 255 * (255 - alpha)) / 255) as u8;
        }
    }
    grey
}

/// The longer side of the smallest rectangle or other shape of horizontal and vertical lines in a path, as modules are;
/// infinite if there is none.
fn least_module(path: &BezPath, transform: Affine) -> f64 {
    let mut least = f64::INFINITY;
    let mut shape: Option<Rect> = None;
    let mut last = Point::ZERO;
    let longer = |shape: Option<Rect>| shape.map_or(f64::INFINITY, |shape| shape.width().max(shape.height()));
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(point) => {
                least = least.min(longer(shape));
                (last, shape) = (transform * point, None);
            }
            PathEl::LineTo(point) => {
                let next = transform * point;
                if (next.x - last.x).abs().min((next.y - last.y).abs()) > 0.01 {
                    return f64::INFINITY;
                }
                let line = Rect::from_points(last, next);
                shape = Some(shape.map_or(line, |shape| shape.union(line)));
                last = next;
            }
            PathEl::QuadTo(..) | PathEl::CurveTo(..) => return f64::INFINITY,
            PathEl::ClosePath => {}
        }
    }
    least.min(longer(shape))
}
