//! The two steps by which a symbol of a window is read: its finder pattern as a connected area, and as the best fit.

use image::GrayImage;

use super::super::alignment::Placed;
use super::super::answer::{Answer, answer, plain_answer};
use super::super::fit::{Fit, Fits, fit, fit_closer};
use super::super::mesh::Mesh;
use super::super::modules::Modules;
use super::super::texture::Blob;
use super::super::window::Window;
use super::Ladder;
use crate::effort::Step;
use crate::locate::{Located, Point};

/// Placements of a plateau that are tried.
const MOST_PLACEMENTS: usize = 4;

impl Ladder<'_> {
    /// Reads symbols whose finder patterns are connected areas.
    pub(super) fn located(
        &mut self,
        window: &Window,
        located: Vec<Located>,
        blob: Option<&Blob>,
        step: Option<Step>,
    ) {
        for located in located {
            if self.effort.is_spent() {
                return;
            }
            let placed = Placed { corners: located.corners, shape: located.shape };
            match self.read(&window.luma, placed, true) {
                Some((answer, corners)) => _ = self.keep(window, blob, &answer, corners, step),
                None => self.miss(window, located.corners),
            }
        }
    }

    /// Reads the symbol whose finder pattern lies best over the plateau: as it is, then without its stains, then with sides
    /// that lie elsewhere.
    pub(super) fn fitted(&mut self, window: &Window, blob: &Blob) {
        let fits = fit(&window.luma, blob, self.effort);
        if self.read_first(window, blob, &fits) || !fits.are_promising() || !window.is_part() {
            return;
        }
        let flat = window.flattened();
        let flat_fits = fit(&flat.luma, blob, self.effort);
        if self.read_first(window, blob, &flat_fits) {
            return;
        }
        let best = if flat_fits.are_promising() { &flat_fits } else { &fits };
        let closer = fit_closer(&flat.luma, best, self.effort);
        if self.read_first(window, blob, &closer) || self.read_first(&flat, blob, &closer) {
            return;
        }
        for fits in [fits, flat_fits, closer] {
            if let Some(fit) = fits.fits.iter().find(|fit| fit.is_clear(&flat.luma, fits.negative)) {
                return self.miss(window, fit.placed.corners);
            }
        }
    }

    /// Reads the first placement that can be read, those of known sizes first. Returns whether one is.
    fn read_first(&mut self, window: &Window, blob: &Blob, fits: &Fits) -> bool {
        let expected = |fit: &&Fit| {
            let shape = fit.placed.shape;
            !self.known.sizes.iter().any(|size| (size.side(), size.side()) == (shape.rows, shape.columns))
        };
        let mut placements: Vec<&Fit> = fits.fits.iter().collect();
        placements.sort_by_key(expected);
        let negative = fits.negative.then(|| window.negative());
        let window = negative.as_ref().unwrap_or(window);
        placements.into_iter().take(MOST_PLACEMENTS).any(|fit| {
            let step = match (fits.negative, fit.is_stretched()) {
                (true, _) => Some(Step::Negative),
                (_, true) => Some(Step::Scales),
                _ => None,
            };
            !self.effort.is_spent()
                && self
                    .read(&window.luma, fit.placed, false)
                    .is_some_and(|(answer, corners)| self.keep(window, Some(blob), &answer, corners, step))
        })
    }

    /// The answer of a placed symbol, and its corners: as it lies if that is enough, else on a mesh that follows the paper, after
    /// a closer search for the corners if `rough`.
    fn read(&self, luma: &GrayImage, placed: Placed, rough: bool) -> Option<(Answer, [Point; 4])> {
        let flat = Modules::sample(luma, placed.shape, &Mesh::flat(&placed), false);
        if let Some(answer) = flat.and_then(|modules| either_way(&modules)) {
            return Some((answer, placed.corners));
        }
        let mut placed = placed;
        if rough {
            placed.refine(luma, 0.5, false);
        }
        let modules = Modules::sample(luma, placed.shape, &Mesh::bent(luma, &placed), true)?;
        let answer = either_way(&modules).or_else(|| answer(&modules, self.effort))?;
        Some((answer, placed.corners))
    }
}

/// The plain answer of modules as they are or mirrored.
fn either_way(modules: &Modules) -> Option<Answer> {
    let square = modules.shape.rows == modules.shape.columns;
    plain_answer(modules).or_else(|| if square { plain_answer(&modules.mirrored()) } else { None })
}
