//! Where artwork has ink, and how fine it is. A picture is looked at once for all variants that print it in one size.

use std::collections::HashMap;
use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::{RenderCache, RenderSettings, render};
use image::DynamicImage;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::{Group, Node, Transform, Tree};
use typst::layout::Size;
use typst::utils::hash128;
use typst::visualize::{Image, ImageKind};

use crate::marks::Rect;

/// The cells into which a picture is divided, to the inch.
const CELLS_PER_INCH: f64 = 100.0;
/// The most cells to a side.
const MAX_CELLS: f64 = 2000.0;
/// The lightest value that is ink: paper is 255.
const LIGHTEST: u8 = 250;

/// A picture in its printed size.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    /// Rectangles that together hold its ink, as shares of its width and height.
    pub ink: Vec<Rect>,
    /// Pixels to the inch, the lower of both directions; `None` for a drawing.
    pub dpi: Option<f64>,
    /// The thinnest stroke of a drawing, in points.
    pub thinnest: Option<f64>,
    /// The size of the smallest text of a drawing, in points.
    pub smallest_text: Option<f64>,
}

/// The pictures of a template that were looked at.
#[derive(Default)]
pub(crate) struct Pictures(HashMap<(u128, [u64; 3]), Arc<Drawn>>);

impl Pictures {
    /// Forgets all pictures once there are many.
    pub(crate) fn tidy(&mut self) {
        const MANY: usize = 256;
        if self.0.len() > MANY {
            self.0.clear();
        }
    }

    /// A picture that is laid out in this size and then enlarged by `scale`.
    pub(crate) fn drawn(&mut self, image: &Image, size: Size, scale: f64) -> Arc<Drawn> {
        let [width, height] = [size.x.to_pt(), size.y.to_pt()].map(|length| length.abs() * scale);
        let key = (hash128(image), [width, height, scale].map(f64::to_bits));
        self.0.entry(key).or_insert_with(|| Arc::new(look_at(image, width, height))).clone()
    }
}

/// A picture of so many points.
fn look_at(image: &Image, width: f64, height: f64) -> Drawn {
    let cells = |points: f64| (points / 72.0 * CELLS_PER_INCH).ceil().clamp(1.0, MAX_CELLS) as u32;
    let (columns, rows) = (cells(width), cells(height));
    match image.kind() {
        ImageKind::Svg(svg) => {
            let tree = svg.tree();
            let scale = (width / svg.width(), height / svg.height());
            Drawn {
                ink: draw(tree, columns, rows).map_or_else(whole, |cells| gathered(&cells, columns)),
                dpi: None,
                thinnest: thinnest(tree.root()).map(|stroke| stroke * scale.0.min(scale.1)),
                smallest_text: smallest_text(tree.root()).map(|size| size * scale.0.min(scale.1)),
            }
        }
        ImageKind::Raster(raster) => {
            let per_inch = |pixels: u32, points: f64| f64::from(pixels) / points * 72.0;
            let dpi = per_inch(raster.width(), width).min(per_inch(raster.height(), height));
            let ink = match raster.exif_rotation() {
                None => gathered(&shrunk(raster.dynamic(), columns, rows), columns),
                Some(_) => whole(),
            };
            Drawn { ink, dpi: Some(dpi), ..Drawn::default() }
        }
        ImageKind::Pdf(pdf) => {
            let cells = draw_page(pdf.page(), columns as u16, rows as u16);
            Drawn { ink: gathered(&cells, columns), ..Drawn::default() }
        }
    }
}

/// All of a picture.
fn whole() -> Vec<Rect> {
    vec![Rect { x: 0.0, y: 0.0, width: 1.0, height: 1.0 }]
}

/// The cells of a page of a PDF, row by row: whether each has ink.
fn draw_page(page: &Page<'_>, columns: u16, rows: u16) -> Vec<bool> {
    let (width, height) = page.render_dimensions();
    let settings = RenderSettings {
        x_scale: f32::from(columns) / width,
        y_scale: f32::from(rows) / height,
        width: Some(columns),
        height: Some(rows),
        ..RenderSettings::default()
    };
    let pixmap = render(page, &RenderCache::new(), &InterpreterSettings::default(), &settings);
    pixmap.data_as_u8_slice().chunks_exact(4).map(is_dark).collect()
}

/// Whether a pixel is darker than paper: red, green and blue, each multiplied by the opacity that follows.
fn is_dark(pixel: &[u8]) -> bool {
    let paper = 255 - u16::from(pixel[3]);
    pixel[..3].iter().any(|&channel| u16::from(channel) + paper < u16::from(LIGHTEST))
}

/// A drawing's cells, row by row: whether each has ink. `None` where it can't be drawn.
fn draw(tree: &Tree, columns: u32, rows: u32) -> Option<Vec<bool>> {
    let mut pixmap = Pixmap::new(columns, rows)?;
    let (x, y) = (columns as f32 / tree.size().width(), rows as f32 / tree.size().height());
    resvg::render(tree, Transform::from_scale(x, y), &mut pixmap.as_mut());
    Some(pixmap.data().chunks_exact(4).map(is_dark).collect())
}

/// A picture's cells, row by row: whether each has ink.
fn shrunk(picture: &DynamicImage, columns: u32, rows: u32) -> Vec<bool> {
    let small = picture.thumbnail_exact(columns, rows).to_luma_alpha8();
    small.pixels().map(|pixel| pixel.0[1] > 255 - LIGHTEST && pixel.0[0] < LIGHTEST).collect()
}

/// Cells with ink as rectangles: runs of a row, joined with equal runs of the rows above.
fn gathered(cells: &[bool], columns: u32) -> Vec<Rect> {
    let columns = columns as usize;
    let rows = cells.len() / columns;
    let (width, height) = (1.0 / columns as f64, 1.0 / rows as f64);
    let mut found: Vec<Rect> = Vec::new();
    // The rectangles that end at the row before, by their first and last column.
    let mut open: HashMap<(usize, usize), usize> = HashMap::new();
    for (row, cells) in cells.chunks_exact(columns).enumerate() {
        let mut still = HashMap::new();
        for run in runs(cells) {
            let index = match open.get(&run) {
                Some(&index) => {
                    found[index].height += height;
                    index
                }
                None => {
                    let (x, y) = (run.0 as f64 * width, row as f64 * height);
                    found.push(Rect { x, y, width: (run.1 - run.0) as f64 * width, height });
                    found.len() - 1
                }
            };
            still.insert(run, index);
        }
        open = still;
    }
    found
}

/// The runs of cells with ink: the first column, and the one after the last.
fn runs(cells: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (column, _) in cells.iter().enumerate().filter(|(_, ink)| **ink) {
        match runs.last_mut().filter(|run| run.1 == column) {
            Some(run) => run.1 = column + 1,
            None => runs.push((column, column + 1)),
        }
    }
    runs
}

/// The thinnest stroke of a drawing, in its own units.
fn thinnest(group: &Group) -> Option<f64> {
    let strokes = group.children().iter().filter_map(|node| match node {
        Node::Group(group) => thinnest(group),
        Node::Path(path) if path.is_visible() => {
            let scale = path.abs_transform().get_scale();
            path.stroke().map(|stroke| f64::from(stroke.width().get() * scale.0.min(scale.1)))
        }
        Node::Text(text) => thinnest(text.flattened()),
        Node::Path(_) | Node::Image(_) => None,
    });
    strokes.reduce(f64::min)
}

/// The size of the smallest text of a drawing, in its own units.
fn smallest_text(group: &Group) -> Option<f64> {
    let sizes = group.children().iter().filter_map(|node| match node {
        Node::Group(group) => smallest_text(group),
        Node::Text(text) => {
            let scale = text.abs_transform().get_scale();
            let printed = text.chunks().iter().filter(|chunk| !chunk.text().trim().is_empty());
            let sizes = printed.flat_map(|chunk| chunk.spans()).map(|span| span.font_size().get());
            sizes.reduce(f32::min).map(|size| f64::from(size * scale.0.min(scale.1)))
        }
        Node::Path(_) | Node::Image(_) => None,
    });
    sizes.reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(svg: &str, width: f64, height: f64) -> Drawn {
        let svg = typst::visualize::SvgImage::new(typst::foundations::Bytes::from_string(svg.to_owned()));
        let image = Image::plain(svg.unwrap());
        look_at(&image, width, height)
    }

    #[test]
    fn a_frame_has_no_ink_in_its_middle() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
            <path fill="none" stroke="#555" stroke-width="2" d="M5 5H95V95H5Z"/></svg>"##;
        let drawn = look(svg, 72.0, 72.0);
        let middle = Rect { x: 0.1, y: 0.1, width: 0.8, height: 0.8 };
        assert!(drawn.ink.iter().all(|part| !part.overlaps(&middle)), "{:?}", drawn.ink);
        let edge = Rect { x: 0.04, y: 0.5, width: 0.02, height: 0.1 };
        assert!(drawn.ink.iter().any(|part| part.overlaps(&edge)) && drawn.ink.len() < 10);
        assert!((drawn.thinnest.unwrap() - 1.44).abs() < 1e-6 && drawn.dpi.is_none());
    }

    #[test]
    fn paper_is_no_ink() {
        let white = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect fill="#fff" width="9" height="9"/></svg>"##;
        assert!(look(white, 20.0, 20.0).ink.is_empty());
        let grey = image::GrayImage::from_fn(600, 300, |x, _| image::Luma([if x < 300 { 255 } else { 0 }]));
        let cells = shrunk(&DynamicImage::ImageLuma8(grey), 100, 50);
        let ink = gathered(&cells, 100);
        assert_eq!(ink.len(), 1);
        assert!((ink[0].x - 0.5).abs() < 1e-9 && (ink[0].height - 1.0).abs() < 1e-9, "{ink:?}");
    }
}
