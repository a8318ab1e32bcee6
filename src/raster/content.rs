//! What a page is made of, as far as it decides how the page is read: its pictures, and how fine its drawing is.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_interpret::font::Glyph;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, ImageData, InterpreterCache,
    InterpreterSettings, LumaData, MaskType, Paint, PathDrawMode, RasterImage, SoftMask, TransformExt,
    interpret_page,
};
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::dict::keys;
use hayro::hayro_syntax::object::{Object, ObjectIdentifier};
use hayro::vello_cpu::kurbo::{Affine, BezPath, PathEl, Point, Rect};
use symbols::Picture;

use super::placed::{Pixels, PlacedPicture, Taken, put_together};
use super::{RasterError, Renderer};

/// The most pixels of all pictures of a page together, in their own resolution.
const MAX_PIXELS: u64 = 200_000_000;

/// The part of a page that a picture covers for the page to be a scan.
const SCAN: f64 = 0.5;

/// The part of a page that a rectangle covers for it to be the page's ground.
const GROUND: f64 = 0.9;

/// What a page is made of.
pub(crate) struct Content {
    /// Its pictures in their own resolution, the one of the most pixels first.
    pub pictures: Vec<PlacedPicture>,
    /// The longer side of the smallest rectangle that is drawn, in points; infinite if there is none.
    pub least_module: f64,
    /// Whether it has pictures that were not taken, because all together have too many pixels.
    pub too_many_pixels: bool,
    /// Whether it is a scan of one picture: that covers half of it at least, and nothing else shows. What layers of a scan
    /// show together, only the drawn page does.
    pub is_scan: bool,
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
            let mut survey = Survey::new(area);
            interpret_page(page, &mut context, &mut survey);
            survey.content()
        }));
        read.map_err(|_| RasterError::NotPdf(self.open.name.clone()))
    }
}

/// Receives a page's drawing instructions and draws nothing.
struct Survey {
    page: Rect,
    taken: Vec<Taken>,
    /// Pixels of the pictures so far.
    pixels: u64,
    least_module: f64,
    too_many_pixels: bool,
    /// Whether lines, areas or letters show.
    drawing: bool,
    /// The soft masks so far.
    masks: Vec<ObjectIdentifier>,
    /// Whether light pictures stand for what shows: those of a soft mask do.
    of_mask: bool,
}

impl Survey {
    fn new(page: Rect) -> Survey {
        Survey {
            page,
            taken: Vec::new(),
            pixels: 0,
            least_module: f64::INFINITY,
            too_many_pixels: false,
            drawing: false,
            masks: Vec::new(),
            of_mask: false,
        }
    }

    fn content(self) -> Content {
        let pictures = put_together(self.taken);
        let covers = |placed: &PlacedPicture| part_of(placed.area(), self.page) >= SCAN;
        Content {
            is_scan: !self.drawing && pictures.len() == 1 && pictures.iter().all(covers),
            pictures,
            least_module: self.least_module,
            too_many_pixels: self.too_many_pixels,
        }
    }

    /// Takes grey levels. A picture of `scale` pixels for one of theirs, which is on the page by `transform`.
    fn take(&mut self, mut grey: Vec<u8>, width: u32, (x, y): (f32, f32), transform: Affine) {
        if self.of_mask {
            grey.iter_mut().for_each(|level| *level = u8::MAX - *level);
        }
        let to_page = transform * Affine::scale_non_uniform(f64::from(x), f64::from(y));
        self.taken.push(Taken { pixels: Pixels::Grey(grey, width), to_page });
    }

    fn raster(&mut self, raster: &RasterImage<'_>, transform: Affine) {
        if let Some(picture) = embedded_jpeg(raster).filter(|_| !self.of_mask) {
            let scale = |whole: u32, part: u32| f64::from(whole) / f64::from(part.max(1));
            let scale = (scale(raster.width(), picture.width()), scale(raster.height(), picture.height()));
            let to_page = transform * Affine::scale_non_uniform(scale.0, scale.1);
            self.taken.push(Taken { pixels: Pixels::Picture(picture), to_page });
            return;
        }
        raster.with_rgba(
            |colours, alpha| {
                let (width, height, scale) = (colours.width(), colours.height(), colours.scale_factors());
                let finer = |alpha: &LumaData| alpha.width > width || alpha.height > height;
                match alpha {
                    // The text of a scan in layers: its colours are coarse, and its shapes are the mask's.
                    Some(mask) if finer(&mask) => {
                        let (wide, high) = (mask.width.max(1) as f32, mask.height.max(1) as f32);
                        let scale = (scale.0 * width as f32 / wide, scale.1 * height as f32 / high);
                        let grey = mask.data.iter().map(|opaque| u8::MAX - opaque).collect();
                        self.take(grey, mask.width, scale, transform);
                    }
                    alpha => self.take(grey(colours, alpha), width, scale, transform),
                }
            },
            None,
        );
    }

    /// Takes the pictures of a soft mask, once.
    fn mask<'a>(&mut self, mask: Option<SoftMask<'a>>) {
        let Some(mask) = mask.filter(|mask| !self.masks.contains(&mask.id())) else { return };
        self.masks.push(mask.id());
        let before = std::mem::replace(&mut self.of_mask, mask.mask_type() == MaskType::Luminosity);
        mask.interpret(self);
        self.of_mask = before;
    }
}

impl<'a> Device<'a> for Survey {
    fn draw_path(&mut self, path: &BezPath, transform: Affine, _: &Paint<'a>, _: &PathDrawMode) {
        self.least_module = self.least_module.min(least_module(path, transform));
        self.drawing |= part_of(transform.transform_rect_bbox(path.control_box()), self.page) < GROUND;
    }

    fn draw_image(&mut self, image: Image<'a, '_>, transform: Affine) {
        self.pixels = self.pixels.saturating_add(u64::from(image.width()) * u64::from(image.height()));
        if self.pixels > MAX_PIXELS {
            self.too_many_pixels = true;
            return;
        }
        match image {
            Image::Stencil(stencil) => stencil.with_stencil(
                |mask, _| {
                    let grey = mask.data.iter().map(|painted| u8::MAX - painted).collect();
                    self.take(grey, mask.width, mask.scale_factors, transform);
                },
                None,
            ),
            Image::Raster(raster) => self.raster(&raster, transform),
        }
    }

    fn draw_glyph(&mut self, _: &Glyph<'a>, _: Affine, _: Affine, _: &Paint<'a>, mode: &GlyphDrawMode) {
        // Scanners lay the text that they recognised over the picture, invisible.
        self.drawing |= !matches!(mode, GlyphDrawMode::Invisible);
    }

    fn set_soft_mask(&mut self, mask: Option<SoftMask<'a>>) {
        self.mask(mask);
    }

    fn push_transparency_group(&mut self, _: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.mask(mask);
    }

    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// The part of a page that a rectangle covers, 0 to 1.
fn part_of(rectangle: Rect, page: Rect) -> f64 {
    let shown = rectangle.intersect(page);
    shown.width().max(0.0) * shown.height().max(0.0) / page.area().max(f64::MIN_POSITIVE)
}

/// The picture of an image that is a JPEG file and nothing more: grey, or red, green and blue, without a mask and with
/// levels as they stand.
fn embedded_jpeg(raster: &RasterImage<'_>) -> Option<Picture> {
    let stream = raster.stream();
    let dict = stream.dict();
    let plain = [keys::DECODE, keys::D, keys::SMASK, keys::MASK].iter().all(|key| !dict.contains_key(key));
    let colours = [keys::COLORSPACE, keys::CS].iter().find_map(|key| dict.get::<Object<'_>>(key))?;
    let simple = match colours {
        Object::Name(name) => matches!(&*name, b"DeviceGray" | b"DeviceRGB" | b"G" | b"RGB"),
        Object::Array(array) => {
            let mut parts = array.iter::<Object<'_>>();
            let (kind, profile) = (parts.next(), parts.next());
            let named = |name: &[u8]| matches!(&kind, Some(Object::Name(kind)) if &**kind == name);
            let of_profile = || match profile {
                Some(Object::Stream(profile)) => matches!(profile.dict().get::<u8>(keys::N), Some(1 | 3)),
                _ => false,
            };
            named(b"CalGray") || named(b"CalRGB") || named(b"ICCBased") && of_profile()
        }
        _ => false,
    };
    let is_jpeg = stream.filters().as_slice() == [Filter::DctDecode];
    (plain && simple && is_jpeg).then(|| Picture::decode_stored_jpeg(&stream.raw_data()).ok()).flatten()
}

/// The grey values (ITU-R BT.601) of a picture on white. A mask has as many pixels at most in each direction.
fn grey(colours: ImageData, alpha: Option<LumaData>) -> Vec<u8> {
    let (width, height) = (colours.width() as usize, colours.height() as usize);
    let mut grey = match colours {
        ImageData::Luma(luma) => luma.data,
        ImageData::Rgb(rgb) => {
            let weighted =
                |p: &[u8]| u32::from(p[0]) * 19_595 + u32::from(p[1]) * 38_470 + u32::from(p[2]) * 7_471;
            rgb.data.chunks_exact(3).map(|pixel| (weighted(pixel) >> 16) as u8).collect()
        }
    };
    let Some(alpha) = alpha.filter(|alpha| alpha.width > 0 && alpha.height > 0) else { return grey };
    let (wide, high) = (alpha.width as usize, alpha.height as usize);
    for (y, row) in grey.chunks_exact_mut(width.max(1)).enumerate() {
        let opaque = alpha.data.chunks_exact(wide).nth(y * high / height.max(1)).unwrap_or(&[]);
        for (x, value) in row.iter_mut().enumerate() {
            let Some(&alpha) = opaque.get(x * wide / width) else { continue };
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
