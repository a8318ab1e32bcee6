//! Our own reader: one step after the other, each slower and more thorough than the one before, within a time budget.
//!
//! Plateaus of edges are searched for symbols by their connected finder patterns, then by fitting finder patterns to grey
//! levels. What was read is painted over, and what is left of a plateau is searched again. Once a symbol is read, only
//! plateaus about as strong as its own are searched further.

mod steps;

use image::GrayImage;
use image::imageops;

use super::answer::{Answer, Way};
use super::texture::{Blob, Blocks, Plateaus};
use super::window::{Window, cut, shifted};
use super::working::Working;
use super::{DataMatrices, Known, inside};
use crate::codewords;
use crate::decode::{DecodedSymbol, Format};
use crate::effort::{Effort, Step};
use crate::locate::{Point, locate, locate_locally, middle};
use crate::picture::Region;

/// The most pixels of a picture that is searched for connected finder patterns as a whole.
const SMALL: usize = 2_000_000;

/// The longest side of a picture that is enlarged twice if nothing is read, in pixels.
const ENLARGED_SIDE: u32 = 1000;

/// Plateaus that are searched as long as nothing is read.
const PLATEAUS: usize = 12;

/// The same of plateaus of coarse blocks.
const COARSE_PLATEAUS: usize = 4;

/// How often what is left of a plateau is searched again.
const MOST_AGAIN: usize = 24;

/// Reads a picture with our own reader.
pub(super) fn climb(luma: &GrayImage, effort: &Effort, known: &Known) -> DataMatrices {
    let mut ladder = Ladder::new(effort, known, None);
    if let Some(place) = effort.place() {
        ladder.known_place(luma, place);
        if ladder.is_done() {
            return ladder.ended();
        }
    }
    ladder.page(luma);
    if ladder.found.symbols.is_empty() {
        ladder.enlarged(luma);
    }
    ladder.ended()
}

/// A picture that is searched.
struct Search<'a> {
    working: &'a Working,
    /// Whether connected finder patterns were looked for in the whole picture.
    located: bool,
}

struct Ladder<'a> {
    effort: &'a Effort,
    known: &'a Known<'a>,
    /// What is said of all symbols, in place of the step that read them.
    step: Option<Step>,
    found: DataMatrices,
    /// The strength of the weakest plateau that held a symbol.
    weakest: Option<f32>,
}

impl<'a> Ladder<'a> {
    fn new(effort: &'a Effort, known: &'a Known<'a>, step: Option<Step>) -> Ladder<'a> {
        Ladder { effort, known, step, found: DataMatrices::default(), weakest: None }
    }

    /// Whether what was expected was read.
    fn is_done(&self) -> bool {
        let expected =
            |symbol: &DecodedSymbol| self.known.header.is_none_or(|header| symbol.text.starts_with(header));
        self.found.symbols.iter().any(expected)
    }

    /// What was found: only that counts as unread in which nothing was read.
    fn ended(mut self) -> DataMatrices {
        let symbols = &self.found.symbols;
        self.found
            .unread
            .retain(|corners| !symbols.iter().any(|symbol| inside(corners, middle(&symbol.outline))));
        self.found
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
        let part = cut(luma, left, top, right - left, bottom - top);
        let mut inner = Ladder::new(self.effort, self.known, Some(Step::KnownPlace));
        inner.page(&part);
        let moved = |point: &mut Point| *point = shifted(*point, (left as f32, top as f32));
        inner.found.symbols.iter_mut().flat_map(|symbol| &mut symbol.outline).for_each(moved);
        self.found.symbols = inner.found.symbols;
    }

    /// Searches a small picture enlarged: modules of one or two pixels.
    fn enlarged(&mut self, luma: &GrayImage) {
        let (width, height) = luma.dimensions();
        if width.max(height) > ENLARGED_SIDE || self.effort.is_spent() {
            return;
        }
        let enlarged = imageops::resize(luma, 2 * width, 2 * height, imageops::FilterType::CatmullRom);
        let mut inner = Ladder::new(self.effort, self.known, Some(Step::Scales));
        inner.page(&enlarged);
        let halved = |point: &mut Point| *point = (point.0 / 2.0, point.1 / 2.0);
        inner.found.symbols.iter_mut().flat_map(|symbol| &mut symbol.outline).for_each(halved);
        inner.found.unread.iter_mut().flatten().for_each(halved);
        self.found.add(inner.found);
    }

    /// Searches a picture.
    fn page(&mut self, luma: &GrayImage) {
        let working = Working::of(luma);
        let mut search = Search { working: &working, located: luma.as_raw().len() <= SMALL };
        if search.located {
            let whole = Window::whole(luma);
            self.located(&whole, locate(luma, self.effort), None, None);
            if self.found.symbols.is_empty() && !self.effort.is_spent() {
                let negative = whole.negative();
                self.located(&negative, locate(&negative.luma, self.effort), None, Some(Step::Negative));
            }
        }
        self.plateaus(luma, &mut search, Blocks::Fine, PLATEAUS);
        if self.found.symbols.is_empty() && !self.effort.is_spent() {
            self.plateaus(luma, &mut search, Blocks::Coarse, COARSE_PLATEAUS);
        }
    }

    /// Searches the plateaus of a picture: so many as long as nothing is read, then those that are like a symbol.
    fn plateaus(&mut self, luma: &GrayImage, search: &mut Search, blocks: Blocks, most: usize) {
        let mut plateaus = Plateaus::of(search.working, blocks);
        let first: Vec<Blob> = plateaus.by_ref().take(most).collect();
        for blob in &first {
            if self.found.symbols.iter().any(|symbol| blob.contains(middle(&symbol.outline))) {
                self.note(blob);
            }
        }
        for (index, blob) in first.into_iter().chain(plateaus).enumerate() {
            let alike = self.weakest.map(|weakest| blob.is_like_a_symbol(weakest));
            if self.effort.is_spent() || alike.is_none() && index >= most {
                break;
            }
            if alike != Some(false) {
                self.plateau(luma, (0.0, 0.0), blob, search, 0);
            }
        }
    }

    /// Notes the strength of a plateau that holds a symbol.
    fn note(&mut self, blob: &Blob) {
        self.weakest = Some(self.weakest.map_or(blob.strength, |weakest| weakest.min(blob.strength)));
    }

    /// Searches a plateau of a part of the picture whose top left corner is `origin`; if a symbol is read, what is left of it
    /// too.
    fn plateau(&mut self, luma: &GrayImage, origin: Point, blob: Blob, search: &mut Search, again: usize) {
        let Some((mut window, blob)) = Window::of(luma, origin, blob) else { return };
        if !window.has_room(&blob, &self.found.symbols) {
            return;
        }
        let before = self.found.symbols.len();
        window.whiten(&self.found.symbols);
        if window.is_part() {
            self.located(&window, locate_locally(&window.luma, self.effort), Some(&blob), None);
        } else if !search.located {
            search.located = true;
            self.located(&window, search.working.located(self.effort), Some(&blob), None);
        }
        if self.found.symbols.len() == before && !self.effort.is_spent() {
            self.fitted(&window, &blob);
        }
        let room = self.found.symbols.len() > before && window.has_room(&blob, &self.found.symbols);
        if !room || again >= MOST_AGAIN {
            return;
        }
        window.whiten(&self.found.symbols[before..]);
        let working = Working::of(&window.luma);
        for blob in Plateaus::of(&working, Blocks::Fine) {
            if self.effort.is_spent() || !self.weakest.is_some_and(|weakest| blob.is_as_strong(weakest)) {
                break;
            }
            let mut search = Search { working: &working, located: true };
            self.plateau(&window.luma, window.origin, blob, &mut search, again + 1);
        }
    }

    /// Keeps a symbol that means something. Returns whether it does.
    fn keep(
        &mut self,
        window: &Window,
        blob: Option<&Blob>,
        answer: &Answer,
        corners: [Point; 4],
        step: Option<Step>,
    ) -> bool {
        let Some(bytes) = codewords::bytes(&answer.data) else { return false };
        let outline: Vec<Point> = corners.into_iter().map(|point| shifted(point, window.origin)).collect();
        let place = middle(&outline);
        if self.found.symbols.iter().any(|known| inside(&known.outline, place)) {
            return true;
        }
        if let Some(blob) = blob {
            self.note(blob);
        }
        let own = match answer.way {
            Way::Plain => Step::Straight,
            Way::Threshold => Step::Thresholds,
            Way::Erasures => Step::Erasures,
        };
        let step = self.step.or(step).unwrap_or(own);
        let text = bytes.iter().map(|&byte| char::from(byte)).collect();
        let confidence = Some(answer.confidence);
        let format = Format::DataMatrix;
        self.found.symbols.push(DecodedSymbol { format, text, bytes, outline, step, confidence });
        true
    }

    /// Keeps the corners of a symbol that is not read.
    fn miss(&mut self, window: &Window, corners: [Point; 4]) {
        let corners = corners.map(|point| shifted(point, window.origin));
        let place = middle(&corners);
        if !self.found.unread.iter().any(|known| inside(known, place)) {
            self.found.unread.push(corners);
        }
    }
}

#[cfg(test)]
mod tests;
