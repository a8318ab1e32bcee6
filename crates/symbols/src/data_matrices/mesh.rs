//! The modules of a symbol on paper that is not flat: a mesh over the symbol, whose nodes move to where modules are
//! sharpest.
//!
//! The nodes are the corners of data regions, whose finder patterns show where they belong; then the regions are divided,
//! and the new nodes follow the modules themselves.

use image::GrayImage;

use super::alignment::{Placed, Sums, grey};
use crate::datamatrix::shape::Shape;
use crate::locate::{Point, Projection};

/// The most modules between nodes of the finer mesh.
const CELL: usize = 8;

/// How much the finder pattern counts beside the sharpness of all modules, in the coarse and in the fine mesh.
const FINDER_WEIGHTS: (f32, f32) = (2.0, 0.7);

/// Points of the picture for rows and columns of a symbol's modules.
#[derive(Debug, Clone)]
pub(super) struct Mesh {
    shape: Shape,
    /// The rows and columns of nodes, in modules.
    rows: Vec<usize>,
    columns: Vec<usize>,
    /// The points of the nodes, row by row.
    nodes: Vec<Point>,
}

impl Mesh {
    /// The mesh of a symbol on flat paper.
    pub(super) fn flat(placed: &Placed) -> Mesh {
        let shape = placed.shape;
        let lines = |end: usize, regions: usize| (0..=regions).map(|line| line * end / regions).collect();
        let rows: Vec<usize> = lines(shape.rows, shape.region_rows);
        let columns: Vec<usize> = lines(shape.columns, shape.region_columns);
        let projection = Projection::new(placed.corners);
        let node = |row: usize, column: usize| {
            projection.at(column as f32 / shape.columns as f32, row as f32 / shape.rows as f32)
        };
        let nodes = rows.iter().flat_map(|&row| columns.iter().map(move |&column| node(row, column)));
        let nodes = nodes.collect();
        Mesh { shape, rows, columns, nodes }
    }

    /// The mesh of a symbol on paper as it lies in the picture.
    pub(super) fn bent(luma: &GrayImage, placed: &Placed) -> Mesh {
        let mut mesh = Mesh::flat(placed);
        mesh.settle(luma, 0.7, FINDER_WEIGHTS.0);
        mesh = mesh.divided();
        mesh.settle(luma, 0.4, FINDER_WEIGHTS.1);
        mesh
    }

    /// The point of a row and column in modules.
    #[inline]
    pub(super) fn at(&self, row: f32, column: f32) -> Point {
        let cell = |lines: &[usize], position: f32| {
            let next = lines.iter().position(|&line| line as f32 > position).unwrap_or(lines.len() - 1);
            let first = next.max(1) - 1;
            let (from, to) = (lines[first] as f32, lines[first + 1] as f32);
            (first, (position - from) / (to - from))
        };
        let ((row, v), (column, u)) = (cell(&self.rows, row), cell(&self.columns, column));
        self.within(row, column, v, u)
    }

    /// The point of a cell's parts `v` from its top and `u` from its left.
    #[inline]
    fn within(&self, row: usize, column: usize, v: f32, u: f32) -> Point {
        let index = row * self.columns.len() + column;
        let between = |from: Point, to: Point, part: f32| {
            (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
        };
        let below = index + self.columns.len();
        let upper = between(self.nodes[index], self.nodes[index + 1], u);
        let lower = between(self.nodes[below], self.nodes[below + 1], u);
        between(upper, lower, v)
    }

    /// The same mesh with more nodes: none more than [`CELL`] modules from the next.
    fn divided(&self) -> Mesh {
        let divided = |lines: &[usize]| {
            let mut finer = vec![0];
            for pair in lines.windows(2) {
                let parts = (pair[1] - pair[0]).div_ceil(CELL);
                finer.extend((1..=parts).map(|part| pair[0] + (pair[1] - pair[0]) * part / parts));
            }
            finer
        };
        let (rows, columns) = (divided(&self.rows), divided(&self.columns));
        let node = |row: usize, column: usize| self.at(row as f32, column as f32);
        let nodes = rows.iter().flat_map(|&row| columns.iter().map(move |&column| node(row, column)));
        let nodes = nodes.collect();
        Mesh { shape: self.shape, rows, columns, nodes }
    }

    /// Moves each node, by `step` modules and then by less, as long as the cells around it become sharper.
    fn settle(&mut self, luma: &GrayImage, step: f32, finder_weight: f32) {
        let width = self.columns.len();
        let whole = self.nodes.clone();
        let (columns, rows) = (self.shape.columns as f32, self.shape.rows as f32);
        let (top_left, top_right) = (whole[0], whole[width - 1]);
        let bottom_left = whole[whole.len() - width];
        let u = ((top_right.0 - top_left.0) / columns, (top_right.1 - top_left.1) / columns);
        let v = ((bottom_left.0 - top_left.0) / rows, (bottom_left.1 - top_left.1) / rows);
        for part in [1.0, 1.0, 0.5, 0.5, 0.25] {
            let step = step * part;
            for index in 0..self.nodes.len() {
                let mut best = self.sharpness_around(luma, index, finder_weight);
                for (along, across) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                    let before = self.nodes[index];
                    self.nodes[index].0 += along * u.0 + across * v.0;
                    self.nodes[index].1 += along * u.1 + across * v.1;
                    let next = self.sharpness_around(luma, index, finder_weight);
                    match next > best {
                        true => best = next,
                        false => self.nodes[index] = before,
                    }
                }
            }
        }
    }

    /// The sharpness of the cells around a node.
    fn sharpness_around(&self, luma: &GrayImage, node: usize, finder_weight: f32) -> f32 {
        let (row, column) = (node / self.columns.len(), node % self.columns.len());
        let cells = |line: usize, lines: usize| line.saturating_sub(1)..(line + 1).min(lines - 1);
        let columns = || cells(column, self.columns.len());
        let around = cells(row, self.rows.len()).flat_map(|row| columns().map(move |column| (row, column)));
        around.map(|(row, column)| self.sharpness(luma, row, column, finder_weight)).sum()
    }

    /// How far the modules of a cell are apart, and how far the dark and light ones of its finder pattern.
    fn sharpness(&self, luma: &GrayImage, cell_row: usize, cell_column: usize, finder_weight: f32) -> f32 {
        let (top, bottom) = (self.rows[cell_row], self.rows[cell_row + 1]);
        let (left, right) = (self.columns[cell_column], self.columns[cell_column + 1]);
        let (high, wide) = ((bottom - top) as f32, (right - left) as f32);
        let mut known = Sums::default();
        let (mut sum, mut squares) = (0.0, 0.0);
        for row in top..bottom {
            for column in left..right {
                let (v, u) = (((row - top) as f32 + 0.5) / high, ((column - left) as f32 + 0.5) / wide);
                let luma = grey(luma, self.within(cell_row, cell_column, v, u));
                (sum, squares) = (sum + luma, squares + luma * luma);
                if let Some(dark) = self.shape.finder(row, column) {
                    known.add(luma, dark);
                }
            }
        }
        let count = high * wide;
        let deviation = (squares / count - (sum / count).powi(2)).max(0.0).sqrt();
        let finder = if known.is_mixed() { known.difference() * finder_weight } else { 0.0 };
        deviation + finder * known.count() / count
    }
}
