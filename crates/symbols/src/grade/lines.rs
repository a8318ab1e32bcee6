//! The alternating lines of a Data Matrix: how much wider their dark modules are than printed for, and how far they lie from
//! where the corners put them.

use super::aperture::View;
use crate::data_matrices::Grid;
use crate::locate::Point;

/// Samples along a module.
const SAMPLES: usize = 16;
/// Points across the line that make a sample, in modules.
const ACROSS: [f32; 3] = [-0.2, 0.0, 0.2];
/// The widths of a dark run that is one module.
const ONE_MODULE: std::ops::Range<f32> = 0.4..1.7;

/// The alternating lines of a symbol.
pub(super) struct Lines<'a> {
    pub(super) view: &'a View,
    pub(super) grid: &'a Grid,
    pub(super) as_they_lie: bool,
    /// The reflectance that divides light from dark.
    pub(super) threshold: f32,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// A row: dark in even columns.
    Row(usize),
    /// A column: dark in odd rows.
    Column(usize),
}

impl Lines<'_> {
    /// How much wider dark modules are, along the upper row and along the right column, as a part of a module.
    pub(super) fn growth(&self) -> (f32, f32) {
        let of = |line: Line| {
            // From the middle of the first module to that of the last, half of the way is dark.
            let (from, to) = (0.5, self.modules(line) as f32 - 0.5);
            let runs = self.dark_runs(line);
            let dark: f32 = runs.iter().map(|run| (run.1.min(to) - run.0.max(from)).max(0.0)).sum();
            2.0 * dark / (to - from) - 1.0
        };
        (of(Line::Row(0)), of(Line::Column(self.grid.shape.columns - 1)))
    }

    /// How far the middle of a dark module lies at most from where the corners put it, in modules. `None` if no module is
    /// seen.
    pub(super) fn non_uniformity(&self) -> Option<f32> {
        let shape = self.grid.shape;
        let (high, wide) = (shape.rows / shape.region_rows, shape.columns / shape.region_columns);
        let rows = (0..shape.rows).step_by(high).map(Line::Row);
        let columns = (wide - 1..shape.columns).step_by(wide).map(Line::Column);
        let module = (self.grid.module.0 + self.grid.module.1) / 2.0;
        let away = rows.chain(columns).flat_map(|line| self.distances(line));
        away.reduce(f32::max).map(|away| away / module)
    }

    /// How far each dark module of a line that is seen lies from where the corners put it, in pixels.
    fn distances(&self, line: Line) -> Vec<f32> {
        let first = usize::from(matches!(line, Line::Column(_)));
        let runs = self.dark_runs(line);
        let distance = |module: usize| {
            let expected = module as f32 + 0.5;
            let middle = |run: &(f32, f32)| (run.0 + run.1) / 2.0;
            let run = runs.iter().find(|run| (middle(run) - expected).abs() < 1.0)?;
            let (x, y) = self.point(line, middle(run), 0.0, self.as_they_lie);
            let ideal = self.point(line, expected, 0.0, false);
            ONE_MODULE.contains(&(run.1 - run.0)).then(|| (x - ideal.0).hypot(y - ideal.1))
        };
        (first..self.modules(line)).step_by(2).filter_map(distance).collect()
    }

    fn modules(&self, line: Line) -> usize {
        match line {
            Line::Row(_) => self.grid.shape.columns,
            Line::Column(_) => self.grid.shape.rows,
        }
    }

    /// A point of a line, in modules along it and across it.
    fn point(&self, line: Line, along: f32, across: f32, as_they_lie: bool) -> Point {
        match line {
            Line::Row(row) => self.grid.at(row as f32 + 0.5 + across, along, as_they_lie),
            Line::Column(column) => self.grid.at(along, column as f32 + 0.5 + across, as_they_lie),
        }
    }

    /// The dark runs of a line, each from its beginning to its end, in modules.
    fn dark_runs(&self, line: Line) -> Vec<(f32, f32)> {
        let samples = (self.modules(line) + 1) * SAMPLES;
        let place = |sample: f32| sample / SAMPLES as f32 - 0.5;
        let level = |sample: usize| {
            let along = place(sample as f32);
            let points = ACROSS.iter().map(|&across| self.point(line, along, across, self.as_they_lie));
            self.view.reflectance(points) - self.threshold
        };
        let levels: Vec<f32> = (0..=samples).map(level).collect();
        let (mut runs, mut start) = (Vec::new(), None);
        for (index, pair) in levels.windows(2).enumerate() {
            let crossing = place(index as f32 + pair[0] / (pair[0] - pair[1]));
            match (pair[0] < 0.0, pair[1] < 0.0) {
                (false, true) => start = Some(crossing),
                (true, false) => runs.extend(start.take().map(|start| (start, crossing))),
                _ => {}
            }
        }
        runs
    }
}
