//! Our own reader: one step after the other, each slower and more thorough than the one before, within a time budget.
//!
//! Plateaus of edges are searched for symbols by their connected finder patterns, then by fitting finder patterns to grey
//! levels; if nothing is read, by connected finder patterns at fixed thresholds, then in the negative. Once a symbol is read, only plateaus
//! as strong as its own are searched further.

use image::GrayImage;
use image::imageops;

use super::alignment::Placed;
use super::answer::{Answer, answer, plain_answer};
use super::fit::fit;
use super::mesh::Mesh;
use super::modules::Modules;
use super::texture::{Blob, Blocks, blobs};
use super::{DataMatrices, Known, inside};
use crate::codewords;
use crate::datamatrix::shape::Shape;
use crate::decode::{DecodedSymbol, Format};
use crate::effort::{Effort, Step};
use crate::locate::{Located, Point, locate, locate_below, middle};
use crate::picture::Region;

/// The most pixels of a picture that is stretched.
const MOST_STRETCHED: u64 = 6_000_000;

/// The steps that are climbed first over all plateaus, the strongest first, and those that follow.
const QUICK: [Step; 2] = [Step::Straight, Step::Erasures];
const SLOW: [Step; 2] = [Step::Thresholds, Step::Negative];

/// Placements of a plateau that are tried.
const MOST_PLACEMENTS: usize = 4;

/// Fixed thresholds, as parts of the range from the darkest to the lightest.
const THRESHOLDS: [f32; 4] = [0.3, 0.2, 0.42, 0.7];

/// Reads a picture with our own reader.
pub(super) fn climb(luma: &GrayImage, effort: &Effort, known: &Known) -> DataMatrices {
    let mut ladder = Ladder { effort, known, found: DataMatrices::default(), weakest: None };
    if let Some(place) = effort.place() {
        ladder.known_place(luma, place);
        if ladder.is_done() {
            return ladder.found;
        }
    }
    let mut windows = windows(luma, blobs(luma, Blocks::Fine, effort));
    ladder.search(&mut windows, &QUICK, None);
    ladder.stretched(luma, 1, 2);
    ladder.search(&mut windows, &SLOW, None);
    ladder.stretched(luma, 2, 1);
    if !ladder.is_ended() {
        let mut windows = self::windows(luma, blobs(luma, Blocks::Coarse, effort));
        ladder.search(&mut windows, &QUICK, None);
        ladder.search(&mut windows, &SLOW, None);
    }
    ladder.found
}

/// A part of the picture around a plateau.
struct Window {
    /// Its pixels.
    luma: GrayImage,
    /// Its top left corner.
    origin: Point,
    /// The plateau, in pixels of the window.
    blob: Blob,
    /// Whether a symbol was read in it.
    read: bool,
}

struct Ladder<'a> {
    effort: &'a Effort,
    known: &'a Known<'a>,
    found: DataMatrices,
    /// The strength of the weakest plateau that held a symbol.
    weakest: Option<f32>,
}

impl Ladder<'_> {
    /// Whether what was expected was read.
    fn is_done(&self) -> bool {
        let expected =
            |symbol: &DecodedSymbol| self.known.header.is_none_or(|header| symbol.text.starts_with(header));
        self.found.symbols.iter().any(expected)
    }

    /// Whether something was read, or the time is over.
    fn is_ended(&self) -> bool {
        !self.found.symbols.is_empty() || self.effort.is_spent()
    }

    /// Searches the picture with one side twice as long: a fax has half as many rows as columns.
    fn stretched(&mut self, luma: &GrayImage, wider: u32, higher: u32) {
        let sides = (luma.width() * wider, luma.height() * higher);
        if self.is_ended() || u64::from(sides.0) * u64::from(sides.1) > MOST_STRETCHED {
            return;
        }
        let stretched = imageops::resize(luma, sides.0, sides.1, imageops::FilterType::Triangle);
        let mut inner = self.inner();
        let mut windows = windows(&stretched, blobs(&stretched, Blocks::Fine, self.effort));
        inner.search(&mut windows, &QUICK, Some(Step::Scales));
        let scaled = |point: &mut Point| *point = (point.0 / wider as f32, point.1 / higher as f32);
        inner.found.symbols.iter_mut().flat_map(|symbol| &mut symbol.outline).for_each(scaled);
        self.found.symbols.append(&mut inner.found.symbols);
    }

    /// A ladder over another picture.
    fn inner(&self) -> Self {
        Ladder { effort: self.effort, known: self.known, found: DataMatrices::default(), weakest: None }
    }

    /// Searches where a symbol is expected, with a margin of half of it.
    fn known_place(&mut self, luma: &GrayImage, place: Region) {
        let margin = place.width.max(place.height) / 2;
        let (left, top) = (place.x.saturating_sub(margin), place.y.saturating_sub(margin));
        let right = place.x.saturating_add(place.width).saturating_add(margin).min(luma.width());
        let bottom = place.y.saturating_add(place.height).saturating_add(margin).min(luma.height());
        if left + 8 > right || top + 8 > bottom {
            return;
        }
        let part = imageops::crop_imm(luma, left, top, right - left, bottom - top).to_image();
        let mut inner = self.inner();
        for blocks in [Blocks::Fine, Blocks::Coarse] {
            if !inner.is_ended() {
                let mut windows = windows(&part, blobs(&part, blocks, self.effort));
                inner.search(&mut windows, &QUICK, Some(Step::KnownPlace));
                inner.search(&mut windows, &SLOW, Some(Step::KnownPlace));
            }
        }
        let moved = |point: &mut Point| *point = (point.0 + left as f32, point.1 + top as f32);
        inner.found.symbols.iter_mut().flat_map(|symbol| &mut symbol.outline).for_each(moved);
        self.found.symbols = inner.found.symbols;
    }

    /// Climbs some steps over each window. `step` is what is said of the symbols, if not the step itself.
    fn search(&mut self, windows: &mut [Window], rungs: &[Step], step: Option<Step>) {
        let mut unread = Vec::new();
        for window in windows {
            for &rung in rungs {
                let alike = self.weakest.is_none_or(|weakest| window.blob.is_like_a_symbol(weakest));
                if !window.read && alike && !self.effort.is_spent() {
                    window.read = self.rung(rung, window, step.unwrap_or(rung), &mut unread);
                }
            }
        }
        let symbols = &self.found.symbols;
        unread.retain(|corners: &[Point; 4]| {
            !symbols.iter().any(|symbol| inside(corners, middle(&symbol.outline)))
        });
        for corners in unread {
            if !self.found.unread.iter().any(|known| inside(known, middle(&corners))) {
                self.found.unread.push(corners);
            }
        }
    }

    /// Climbs one step over one window. Returns whether nothing more is to be read there.
    fn rung(&mut self, rung: Step, window: &Window, step: Step, unread: &mut Vec<[Point; 4]>) -> bool {
        match rung {
            Step::Straight => self.located(window, step, unread),
            Step::Erasures => self.fitted(window, step),
            Step::Thresholds => self.below_thresholds(window, step, unread),
            _ => self.negative(window, step),
        }
    }

    /// Reads the symbols whose finder patterns are connected areas. Returns whether all were read, and one at least.
    fn located(&mut self, window: &Window, step: Step, unread: &mut Vec<[Point; 4]>) -> bool {
        let located = locate(&window.luma, self.effort);
        self.read_all(window, located, step, unread)
    }

    /// The same at fixed thresholds: what was stamped in a lighter ink is not dark then.
    fn below_thresholds(&mut self, window: &Window, step: Step, unread: &mut Vec<[Point; 4]>) -> bool {
        let pixels = window.luma.as_raw();
        let (least, most) =
            pixels.iter().fold((u8::MAX, 0), |(least, most), &luma| (least.min(luma), most.max(luma)));
        THRESHOLDS.iter().any(|part| {
            let threshold = f32::from(least) + part * f32::from(most.saturating_sub(least));
            let located = locate_below(&window.luma, &[threshold as u8], self.effort);
            self.read_all(window, located, step, unread)
        })
    }

    fn read_all(
        &mut self,
        window: &Window,
        located: Vec<Located>,
        step: Step,
        unread: &mut Vec<[Point; 4]>,
    ) -> bool {
        let mut all = !located.is_empty();
        for located in located {
            let shape = Shape::all().find(|shape| shape.rows == located.modules.len());
            let Some(shape) = shape.filter(|_| !self.effort.is_spent()) else { continue };
            let corners = located.corners;
            match self.read(&window.luma, Placed { corners, shape }, true) {
                Some((answer, corners)) => {
                    let step = if answer.plain || step != Step::Straight { step } else { Step::Erasures };
                    all &= self.keep(window, &answer, corners, step);
                }
                None => {
                    all = false;
                    let known = |known: &[Point; 4]| inside(known, shifted(middle(&corners), window.origin));
                    if !unread.iter().any(known) {
                        unread.push(corners.map(|point| shifted(point, window.origin)));
                    }
                }
            }
        }
        all
    }

    /// Reads the symbol whose finder pattern lies best over the plateau.
    fn fitted(&mut self, window: &Window, step: Step) -> bool {
        let sizes = self.known.sizes;
        let expected = |shape: &Shape| {
            sizes.iter().any(|size| (size.side(), size.side()) == (shape.rows, shape.columns))
        };
        let mut placements = match sizes.is_empty() {
            true => Vec::new(),
            false => fit(&window.luma, &window.blob, &expected, self.effort),
        };
        placements.truncate(MOST_PLACEMENTS);
        let others = || fit(&window.luma, &window.blob, &|shape: &Shape| !expected(shape), self.effort);
        self.read_first(window, placements, step) || {
            let mut placements = others();
            placements.truncate(MOST_PLACEMENTS);
            self.read_first(window, placements, step)
        }
    }

    fn read_first(&mut self, window: &Window, placements: Vec<(f32, Placed)>, step: Step) -> bool {
        placements.into_iter().any(|(_, placed)| {
            !self.effort.is_spent()
                && self
                    .read(&window.luma, placed, false)
                    .is_some_and(|(answer, corners)| self.keep(window, &answer, corners, step))
        })
    }

    /// Reads light symbols on a dark ground.
    fn negative(&mut self, window: &Window, step: Step) -> bool {
        let mut luma = window.luma.clone();
        imageops::invert(&mut luma);
        let negative = Window { luma, origin: window.origin, blob: window.blob, read: false };
        self.located(&negative, step, &mut Vec::new()) || self.fitted(&negative, step)
    }

    /// The answer of a placed symbol, and its corners: as it lies if that is enough and `quick`, else refined.
    fn read(&self, luma: &GrayImage, placed: Placed, quick: bool) -> Option<(Answer, [Point; 4])> {
        if quick {
            let modules = Modules::sample(luma, placed.shape, &Mesh::flat(&placed), false);
            let plain = modules.and_then(|modules| either_way(&modules));
            if let Some(answer) = plain {
                return Some((answer, placed.corners));
            }
        }
        let mut placed = placed;
        if quick {
            placed.refine(luma, 0.5);
        }
        let modules = Modules::sample(luma, placed.shape, &Mesh::bent(luma, &placed), true)?;
        let answer = either_way(&modules).or_else(|| answer(&modules, self.effort))?;
        Some((answer, placed.corners))
    }

    /// Keeps a symbol that means something. Returns whether it does.
    fn keep(&mut self, window: &Window, answer: &Answer, corners: [Point; 4], step: Step) -> bool {
        let Some(bytes) = codewords::bytes(&answer.data) else { return false };
        let outline: Vec<Point> = corners.into_iter().map(|point| shifted(point, window.origin)).collect();
        let place = middle(&outline);
        if self.found.symbols.iter().any(|known| inside(&known.outline, place)) {
            return true;
        }
        let strength = window.blob.strength;
        self.weakest = Some(self.weakest.map_or(strength, |weakest| weakest.min(strength)));
        let text = bytes.iter().map(|&byte| char::from(byte)).collect();
        let confidence = Some(answer.confidence);
        let format = Format::DataMatrix;
        self.found.symbols.push(DecodedSymbol { format, text, bytes, outline, step, confidence });
        true
    }
}

/// The plain answer of modules as they are or mirrored.
fn either_way(modules: &Modules) -> Option<Answer> {
    let square = modules.shape.rows == modules.shape.columns;
    plain_answer(modules).or_else(|| plain_answer(&modules.mirrored()).filter(|_| square))
}

/// The windows of plateaus.
fn windows(luma: &GrayImage, blobs: Vec<Blob>) -> Vec<Window> {
    blobs.into_iter().filter_map(|blob| window(luma, blob)).collect()
}

/// The window of a plateau: its rectangle and a margin.
fn window(luma: &GrayImage, blob: Blob) -> Option<Window> {
    let (sin, cos) = (blob.angle.sin().abs(), blob.angle.cos().abs());
    let margin = 0.3 * blob.half.0.max(blob.half.1) + 12.0;
    let (wide, high) =
        (blob.half.0 * cos + blob.half.1 * sin + margin, blob.half.0 * sin + blob.half.1 * cos + margin);
    let (left, top) = ((blob.middle.0 - wide).max(0.0) as u32, (blob.middle.1 - high).max(0.0) as u32);
    let right = ((blob.middle.0 + wide).max(0.0) as u32).min(luma.width());
    let bottom = ((blob.middle.1 + high).max(0.0) as u32).min(luma.height());
    if left + 8 > right || top + 8 > bottom {
        return None;
    }
    let part = imageops::crop_imm(luma, left, top, right - left, bottom - top).to_image();
    let origin = (left as f32, top as f32);
    let middle = (blob.middle.0 - origin.0, blob.middle.1 - origin.1);
    Some(Window { luma: part, origin, blob: Blob { middle, ..blob }, read: false })
}

fn shifted(point: Point, by: Point) -> Point {
    (point.0 + by.0, point.1 + by.1)
}

#[cfg(test)]
mod tests;
