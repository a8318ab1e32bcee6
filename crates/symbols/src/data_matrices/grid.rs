//! The grid of a symbol that was read, laid over the picture again so that its print can be measured.

use image::GrayImage;

use super::alignment::{Placed, distance};
use super::mesh::Mesh;
use crate::datamatrix::shape::Shape;
use crate::locate::Point;

/// The least correlation of a finder pattern with the picture.
const LEAST_CORRELATION: f32 = 0.3;
/// Placements that are moved to where they lie best.
const MOST_PLACEMENTS: usize = 4;

/// Where the modules of a symbol are: by its corners alone, and as they lie.
pub(crate) struct Grid {
    /// The symbol's shape.
    pub(crate) shape: Shape,
    /// Width of a module along rows and along columns, in pixels.
    pub(crate) module: (f32, f32),
    flat: Mesh,
    bent: Mesh,
}

impl Grid {
    /// The grid of the symbol with these corners, in any order around it and about a module from where they are. `None` if
    /// no shape's finder pattern lies there.
    pub(crate) fn of(luma: &GrayImage, corners: [Point; 4]) -> Option<Grid> {
        let mut placements: Vec<(f32, Placed)> = orders(corners)
            .flat_map(|corners| Shape::all().map(move |shape| Placed { corners, shape }))
            .map(|placed| (placed.correlation(luma), placed))
            .collect();
        placements.sort_by(|a, b| b.0.total_cmp(&a.0));
        placements.truncate(MOST_PLACEMENTS);
        placements
            .iter_mut()
            .for_each(|(correlation, placed)| *correlation = placed.refine(luma, 0.5, false));
        // A square symbol and its mirror have one finder pattern: the first of equals is in the order of the corners.
        let (correlation, placed) = placements.into_iter().reduce(|a, b| if b.0 > a.0 { b } else { a })?;
        let [corner, left_end, opposite, bottom_end] = placed.corners;
        let mean = |one: (Point, Point), other: (Point, Point), modules: usize| {
            (distance(one.0, one.1) + distance(other.0, other.1)) / 2.0 / modules as f32
        };
        let wide = mean((corner, bottom_end), (left_end, opposite), placed.shape.columns);
        let high = mean((corner, left_end), (bottom_end, opposite), placed.shape.rows);
        if correlation < LEAST_CORRELATION || wide <= 0.0 || high <= 0.0 {
            return None;
        }
        let (flat, bent) = (Mesh::flat(&placed), Mesh::bent(luma, &placed));
        Some(Grid { shape: placed.shape, module: (wide, high), flat, bent })
    }

    /// The point of the picture at a row and column in modules: as they lie, or by the corners alone.
    pub(crate) fn at(&self, row: f32, column: f32, as_they_lie: bool) -> Point {
        if as_they_lie { self.bent.at(row, column) } else { self.flat.at(row, column) }
    }
}

/// Corners begun at each of them, in both directions.
fn orders(corners: [Point; 4]) -> impl Iterator<Item = [Point; 4]> {
    let [a, b, c, d] = corners;
    let turned = |[a, b, c, d]: [Point; 4]| [[a, b, c, d], [b, c, d, a], [c, d, a, b], [d, a, b, c]];
    turned([a, b, c, d]).into_iter().chain(turned([d, c, b, a]))
}
