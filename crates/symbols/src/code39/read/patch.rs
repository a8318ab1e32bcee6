//! A candidate cut out of the picture and turned upright: bars stand, the reading axis lies.

use std::ops::Range;

use super::follow::correlation;
use super::grey::Grey;
use super::locate::Candidate;

/// The most columns of a patch: a longer one is sampled more coarsely.
const MOST_COLUMNS: f32 = 6000.0;
/// The most rows of a patch.
const MOST_ROWS: f32 = 160.0;
/// The least fan that is taken back: how far it moves the end of an outer bar, in pixels.
const LEAST_FAN: f32 = 0.3;
/// The rows of a glance.
const GLANCE_ROWS: f32 = 10.0;
/// About how many strips are compared to find layers, the least correlation of two neighbours in a layer, and the fewest rows
/// of one.
const LAYER_STRIPS: usize = 40;
const LEAST_LAYER_MATCH: f32 = 0.5;
const LEAST_LAYER: usize = 6;
/// The most that the reading axis is turned by what the patch shows, in radians.
const MOST_TURN: f32 = 0.15;

/// Darkness, row by row: 0 is white, 255 black. Rows lie along the reading axis.
pub(super) struct Patch {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Pixels of the picture from one column to the next.
    pub(super) column_step: f32,
    /// Pixels of the picture from one row to the next.
    pub(super) row_step: f32,
    middle: (f32, f32),
    angle: f32,
    values: Vec<f32>,
    /// How far each row is moved along the reading axis: it starts later by what its curve says.
    curves: Vec<Curve>,
}

/// A displacement along a row, in columns: `shift + tilt·t + bend·t²`, where t runs from -1 to 1 over the row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Curve {
    pub(super) shift: f32,
    pub(super) tilt: f32,
    pub(super) bend: f32,
}

impl Curve {
    pub(super) fn at(self, t: f32) -> f32 {
        self.shift + t * (self.tilt + t * self.bend)
    }

    pub(super) fn plus(self, other: Curve, weight: f32) -> Curve {
        Curve {
            shift: self.shift + weight * other.shift,
            tilt: self.tilt + weight * other.tilt,
            bend: self.bend + weight * other.bend,
        }
    }
}

impl Patch {
    /// Cuts a candidate out, with a margin of a twelfth of its length and at least `margin` pixels at each end.
    pub(super) fn cut(grey: &Grey, candidate: &Candidate, margin: f32) -> Patch {
        let half_length = candidate.half_length * 7.0 / 6.0 + margin;
        let column_step = (2.0 * half_length / 900.0).clamp(0.5, 1.0).max(2.0 * half_length / MOST_COLUMNS);
        let row_step = (2.0 * candidate.half_height / MOST_ROWS).max(1.0);
        Patch::sampled(grey, candidate, half_length, (column_step, row_step))
    }

    /// A few rows of a candidate.
    pub(super) fn glance(grey: &Grey, candidate: &Candidate) -> Patch {
        let column_step = (2.0 * candidate.half_length / MOST_COLUMNS).max(1.0);
        let row_step = (1.2 * candidate.half_height / GLANCE_ROWS).max(0.1);
        let middle = Candidate { half_height: 0.6 * candidate.half_height, ..*candidate };
        Patch::sampled(grey, &middle, candidate.half_length, (column_step, row_step))
    }

    /// The candidate with the direction that the rows in its middle show: that of a small copy is a few degrees off where
    /// bars are narrow.
    pub(super) fn turned(grey: &Grey, candidate: &Candidate) -> Candidate {
        let mut turned = *candidate;
        for _ in 0..4 {
            let middle = Candidate { half_height: candidate.half_height.min(GLANCE_ROWS), ..turned };
            let patch = Patch::sampled(grey, &middle, candidate.half_length, (1.0, 1.0));
            let turn = patch.lean().0.atan().clamp(-MOST_TURN, MOST_TURN);
            turned.angle += turn;
            if turn.abs() < 0.004 {
                break;
            }
        }
        turned
    }

    fn sampled(
        grey: &Grey,
        candidate: &Candidate,
        half_length: f32,
        (column_step, row_step): (f32, f32),
    ) -> Patch {
        let columns = (2.0 * half_length / column_step) as usize + 1;
        let rows = (2.0 * candidate.half_height / row_step) as usize + 1;
        let mut patch = Patch {
            columns,
            rows,
            column_step,
            row_step,
            middle: candidate.middle,
            angle: candidate.angle,
            values: Vec::with_capacity(columns * rows),
            curves: vec![Curve::default(); rows],
        };
        let (dx, dy) = (patch.angle.cos() * column_step, patch.angle.sin() * column_step);
        for row in 0..rows {
            let (mut x, mut y) = patch.place(0.0, row as f32);
            for _ in 0..columns {
                patch.values.push(255.0 - grey.at(x, y));
                (x, y) = (x + dx, y + dy);
            }
        }
        let corners = [(0, 0), (0, rows - 1), (columns - 1, 0), (columns - 1, rows - 1)];
        let inside = |(column, row): (usize, usize)| {
            let (x, y) = patch.place(column as f32, row as f32);
            grey.holds(x, y)
        };
        if !corners.into_iter().all(inside) {
            patch.fill_outside(grey);
        }
        patch
    }

    /// Gives the part that lies beside the picture the level of the paper: the lightest tenth of the rest. A picture may be
    /// cut off where the bars end.
    fn fill_outside(&mut self, grey: &Grey) {
        let (dx, dy) = (self.angle.cos() * self.column_step, self.angle.sin() * self.column_step);
        let mut outside = Vec::new();
        let mut levels = Vec::new();
        for row in 0..self.rows {
            let (mut x, mut y) = self.place(0.0, row as f32);
            for index in row * self.columns..(row + 1) * self.columns {
                match grey.holds(x, y) {
                    true => levels.push(self.values[index]),
                    false => outside.push(index),
                }
                (x, y) = (x + dx, y + dy);
            }
        }
        let tenth = levels.len() / 10;
        if tenth < levels.len() {
            let paper = *levels.select_nth_unstable_by(tenth, f32::total_cmp).1;
            outside.into_iter().for_each(|index| self.values[index] = paper);
        }
    }

    /// Cuts a candidate out and turns it until its bars stand. Bars that lean more at one end of the symbol than at the
    /// other, as in perspective, are made parallel.
    pub(super) fn upright(grey: &Grey, candidate: &Candidate, margin: f32) -> Patch {
        let mut candidate = *candidate;
        let mut patch = Patch::cut(grey, &candidate, margin);
        for _ in 0..3 {
            let (lean, fan) = patch.lean();
            let turn = (lean * patch.column_step / patch.row_step).atan().clamp(-MOST_TURN, MOST_TURN);
            if turn.abs() < 0.001 {
                let reach = fan.abs() * patch.rows as f32 / 2.0 * patch.column_step;
                return if reach > LEAST_FAN { patch.fanned(fan) } else { patch };
            }
            candidate.angle += turn;
            patch = Patch::cut(grey, &candidate, margin);
        }
        let fan = patch.lean().1;
        patch.fanned(fan)
    }

    /// The patch with its bars made parallel.
    fn fanned(self, fan: f32) -> Patch {
        let fan = fan.clamp(-MOST_TURN, MOST_TURN);
        let middle = (self.rows - 1) as f32 / 2.0;
        let of_row = |row: usize| Curve { tilt: -fan * (row as f32 - middle), ..Curve::default() };
        self.moved((0..self.rows).map(of_row).collect())
    }

    /// How far the bars lean, in columns for each row: in the middle of the patch, and how much more towards its right end.
    fn lean(&self) -> (f32, f32) {
        let (from, to) = (self.rows / 8, self.rows - self.rows / 8);
        let half = (self.columns - 1) as f32 / 2.0;
        // Sums of products of the gradients, with powers of the column's place from -1 to 1.
        let mut sums = [0.0f64; 5];
        for row in from..to.max(from + 1) - 1 {
            let (upper, lower) = (self.row(row), self.row(row + 1));
            let mut of_row = [0.0f32; 5];
            for column in 1..self.columns.saturating_sub(1) {
                let right = upper[column + 1] + lower[column + 1];
                let left = upper[column - 1] + lower[column - 1];
                let along = (right - left) / 4.0;
                let (both, t) = (along * (lower[column] - upper[column]), (column as f32 - half) / half);
                let squared = along * along;
                let products = [both, both * t, squared, squared * t, squared * t * t];
                of_row.iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
            }
            sums.iter_mut().zip(of_row).for_each(|(sum, of_row)| *sum += f64::from(of_row));
        }
        let [both, both_t, squared, squared_t, squared_tt] = sums;
        let squared = squared.max(1.0);
        // The ridge keeps the fan at 0 where there is little to tell it from.
        let determinant = squared * (squared_tt + 0.02 * squared) - squared_t * squared_t;
        let fan = (squared * both_t - squared_t * both) / determinant.max(1e-3 * squared * squared);
        (((both - fan * squared_t) / squared) as f32, fan as f32)
    }

    /// The darkness of a row.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// The place of a column and row in the picture.
    pub(super) fn place(&self, column: f32, row: f32) -> (f32, f32) {
        let (sin, cos) = self.angle.sin_cos();
        let curve = self.curves[(row.max(0.0) as usize).min(self.rows - 1)];
        let half = (self.columns - 1) as f32 / 2.0;
        let moved = column + curve.at((column - half) / half.max(1.0));
        let u = (moved - half) * self.column_step;
        let v = (row - (self.rows - 1) as f32 / 2.0) * self.row_step;
        (self.middle.0 + u * cos - v * sin, self.middle.1 + u * sin + v * cos)
    }

    /// Rows that show the same bars, from the top down: symbols that lie closely one below the other, or a symbol with text.
    pub(super) fn layers(&self) -> Vec<Range<usize>> {
        let height = (self.rows / LAYER_STRIPS).max(1);
        let strips: Vec<Vec<f32>> =
            (0..self.rows / height).map(|strip| self.mean(strip * height..(strip + 1) * height)).collect();
        let mut layers = Vec::new();
        let mut from = 0;
        for strip in 1..=strips.len() {
            let differs = |upper: &Vec<f32>| match strips.get(strip) {
                Some(lower) => correlation(upper, lower) < LEAST_LAYER_MATCH,
                None => true,
            };
            if differs(&strips[strip - 1]) {
                layers.push(from * height..strip * height);
                from = strip;
            }
        }
        layers.retain(|layer| layer.len() >= LEAST_LAYER.max(self.rows / LAYER_STRIPS));
        layers
    }

    /// The mean of rows.
    pub(super) fn mean(&self, rows: Range<usize>) -> Vec<f32> {
        let mut sum = vec![0.0; self.columns];
        for row in rows.clone() {
            sum.iter_mut().zip(self.row(row)).for_each(|(sum, value)| *sum += value);
        }
        let share = 1.0 / rows.len().max(1) as f32;
        sum.iter_mut().for_each(|sum| *sum *= share);
        sum
    }

    /// The mean of the middle half of each column's values in some rows: what covers less than a quarter of the bars, or
    /// lies across them, is left out.
    pub(super) fn middle_mean(&self, rows: &[usize]) -> Vec<f32> {
        let count = rows.len();
        let (low, high) = (count / 4, count - count / 4);
        if count < 4 {
            let mut sum = vec![0.0; self.columns];
            for &row in rows {
                sum.iter_mut().zip(self.row(row)).for_each(|(sum, value)| *sum += value / count as f32);
            }
            return sum;
        }
        let mut column = vec![0.0; count];
        (0..self.columns)
            .map(|index| {
                column.iter_mut().zip(rows).for_each(|(value, row)| *value = self.row(*row)[index]);
                column.select_nth_unstable_by(low, f32::total_cmp);
                if high - 1 > low {
                    column[low..].select_nth_unstable_by(high - 1 - low, f32::total_cmp);
                }
                column[low..high].iter().sum::<f32>() / (high - low) as f32
            })
            .collect()
    }

    /// The patch with each row moved by its curve.
    pub(super) fn moved(&self, mut curves: Vec<Curve>) -> Patch {
        let mut values = Vec::with_capacity(self.values.len());
        let half = (self.columns - 1) as f32 / 2.0;
        for (row, curve) in curves.iter().enumerate() {
            let line = self.row(row);
            values.extend((0..self.columns).map(|column| {
                between(line, column as f32 + curve.at((column as f32 - half) / half.max(1.0)))
            }));
        }
        curves.iter_mut().zip(&self.curves).for_each(|(curve, before)| *curve = curve.plus(*before, 1.0));
        Patch { values, curves, ..*self }
    }
}

/// A value between those of a line, interpolated. Outside, the nearest counts.
pub(super) fn between(line: &[f32], at: f32) -> f32 {
    let at = at.clamp(0.0, line.len().saturating_sub(1) as f32);
    let left = at as usize;
    let (from, to) = (line[left], line[(left + 1).min(line.len() - 1)]);
    from + (to - from) * (at - left as f32)
}
