//! Where bars may be: cells of a small copy of the picture whose edges share one direction (structure tensor), grouped.
//!
//! A cell holds the sums of the products of its gradients. Bars have edges in one direction only, so that the direction
//! across them, the reading axis, follows to a fraction of a degree at any angle.

use super::grey::Grey;

/// Side of a cell, in pixels of the small copy.
const CELL: usize = 4;
/// The least share of a cell's gradients that have one direction.
const LEAST_COHERENCE: f32 = 0.4;
/// The least energy of a cell's gradients: that of an edge of some 10 levels.
const LEAST_ENERGY: f32 = 800.0;
/// How much more energy than the grain of the paper a cell has.
const OVER_GRAIN: f32 = 1.5;
/// How much more energy than the grain the strongest cells have, at least.
const LEAST_CONTRAST: f32 = 8.0;
/// The greatest difference of direction of two neighbouring cells, in radians.
const MOST_TURN: f32 = 0.25;
/// The greatest distance of two neighbouring cells, in cells.
const REACH: isize = 2;
/// The fewest cells of a group.
const LEAST_CELLS: usize = 10;
/// The least half length of a candidate, in pixels of the small copy.
const LEAST_LENGTH: f32 = 10.0;
/// The most candidates of a picture.
const MOST_CANDIDATES: usize = 48;

/// A place where bars may be, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The middle.
    pub(super) middle: (f32, f32),
    /// The direction of the reading axis, in radians; the sense of reading is not known.
    pub(super) angle: f32,
    /// Half the extent along the reading axis.
    pub(super) half_length: f32,
    /// Half the extent along the bars.
    pub(super) half_height: f32,
    /// How much there is of edges of one direction.
    pub(super) weight: f32,
}

impl Candidate {
    /// A point relative to the middle: along the reading axis, and along the bars.
    fn relative(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = (x - self.middle.0, y - self.middle.1);
        (dx * cos + dy * sin, dy * cos - dx * sin)
    }

    fn scaled(self, factor: f32) -> Candidate {
        let middle = ((self.middle.0 + 0.5) * factor - 0.5, (self.middle.1 + 0.5) * factor - 0.5);
        Candidate {
            middle,
            half_length: self.half_length * factor,
            half_height: self.half_height * factor,
            ..self
        }
    }
}

/// Places where bars may be, the likeliest first. `factor` is how many times the picture is as large as the small copy;
/// the places are in pixels of the picture.
pub(super) fn candidates(small: &Grey, factor: f32) -> Vec<Candidate> {
    let cells = Cells::of(small);
    let found = cells.groups().iter().filter_map(|group| cells.candidate(group)).collect();
    likeliest(found).into_iter().map(|candidate| candidate.scaled(factor)).collect()
}

/// The candidates that are long enough, the likeliest first.
fn likeliest(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    found.truncate(MOST_CANDIDATES);
    found
}

/// One candidate of each two that lie on one line: something may cover the bars between them.
pub(super) fn joined(parts: &[Candidate]) -> Vec<Candidate> {
    let pairs = parts
        .iter()
        .enumerate()
        .flat_map(|(index, one)| parts[index + 1..].iter().filter_map(move |other| pair(one, other)));
    likeliest(pairs.collect())
}

/// One candidate of two, if they lie on one line.
fn pair(one: &Candidate, other: &Candidate) -> Option<Candidate> {
    let (along, across) = one.relative(other.middle);
    let lengths = one.half_length + other.half_length;
    let turn = turn_between(one.angle, other.angle);
    let apart = along.abs() - lengths;
    let beside = across.abs() < 0.5 * one.half_height.max(other.half_height);
    let alike = (0.5..2.0).contains(&(one.half_height / other.half_height));
    if turn > 0.12 || !beside || !alike || apart > 0.8 * lengths || apart < -0.5 * lengths {
        return None;
    }
    let share = other.half_length / lengths;
    let ends = [-one.half_length, one.half_length, along - other.half_length, along + other.half_length];
    let (from, to) = ends.iter().fold((f32::MAX, f32::MIN), |(a, b), &end| (a.min(end), b.max(end)));
    let (sin, cos) = one.angle.sin_cos();
    let (along, across) = ((from + to) / 2.0, across * share);
    Some(Candidate {
        middle: (one.middle.0 + along * cos - across * sin, one.middle.1 + along * sin + across * cos),
        angle: one.angle,
        half_length: (to - from) / 2.0,
        half_height: one.half_height.max(other.half_height),
        weight: one.weight + other.weight,
    })
}

/// The angle between two directions without a sense, in radians.
fn turn_between(one: f32, other: f32) -> f32 {
    let turn = (one - other).rem_euclid(std::f32::consts::PI);
    turn.min(std::f32::consts::PI - turn)
}

/// The sums of a cell's products of gradients.
#[derive(Clone, Copy, Default)]
struct Tensor {
    xx: f32,
    yy: f32,
    xy: f32,
}

impl Tensor {
    fn plus(self, other: Tensor, weight: f32) -> Tensor {
        Tensor {
            xx: self.xx + weight * other.xx,
            yy: self.yy + weight * other.yy,
            xy: self.xy + weight * other.xy,
        }
    }

    fn energy(self) -> f32 {
        self.xx + self.yy
    }

    /// How much of the energy has one direction, 0 to 1.
    fn coherence(self) -> f32 {
        (self.xx - self.yy).hypot(2.0 * self.xy) / self.energy().max(1.0)
    }

    /// The direction of the gradients, in radians.
    fn angle(self) -> f32 {
        0.5 * (2.0 * self.xy).atan2(self.xx - self.yy)
    }
}

struct Cells {
    columns: usize,
    rows: usize,
    tensors: Vec<Tensor>,
    /// The least energy of a cell that counts.
    floor: f32,
}

impl Cells {
    fn of(small: &Grey) -> Cells {
        let columns = (small.width - 1) / CELL;
        let rows = (small.height - 1) / CELL;
        let mut tensors = Vec::with_capacity(columns * rows);
        let mut sums = [vec![0i32; columns * CELL], vec![0i32; columns * CELL], vec![0i32; columns * CELL]];
        for row in 0..rows {
            sums.iter_mut().for_each(|sum| sum.fill(0));
            for y in row * CELL..(row + 1) * CELL {
                add_gradients(&mut sums, small.row(y), small.row(y + 1));
            }
            let of_cell = |sum: &[i32], cell: usize| -> f32 {
                sum[cell * CELL..(cell + 1) * CELL].iter().sum::<i32>() as f32
            };
            tensors.extend((0..columns).map(|cell| Tensor {
                xx: of_cell(&sums[0], cell),
                yy: of_cell(&sums[1], cell),
                xy: of_cell(&sums[2], cell),
            }));
        }
        let mut cells = Cells { columns, rows, tensors, floor: 0.0 };
        cells.smooth();
        cells.floor = LEAST_ENERGY.max(OVER_GRAIN * cells.grain());
        cells
    }

    /// The energy of the paper's grain: that of the middle cell, unless bars fill the picture.
    fn grain(&self) -> f32 {
        let mut energies: Vec<f32> = self.tensors.iter().map(|tensor| tensor.energy()).collect();
        let mut at = |share: f32| {
            let index = (energies.len() as f32 * share) as usize;
            match index < energies.len() {
                true => *energies.select_nth_unstable_by(index, f32::total_cmp).1,
                false => 0.0,
            }
        };
        at(0.5).min(at(0.995) / LEAST_CONTRAST)
    }

    /// Each cell becomes the mean of itself and its neighbours.
    fn smooth(&mut self) {
        let (columns, rows) = (self.columns, self.rows);
        let of = |tensors: &[Tensor], from: usize, index: usize, to: usize| {
            let sum = Tensor::default().plus(tensors[index], 0.5);
            sum.plus(tensors[from], 0.25).plus(tensors[to], 0.25)
        };
        let across: Vec<Tensor> = (0..columns * rows)
            .map(|index| {
                let column = index % columns;
                let right = if column + 1 < columns { index + 1 } else { index };
                of(&self.tensors, index - column.min(1), index, right)
            })
            .collect();
        let down = |index: usize| {
            let above = if index >= columns { index - columns } else { index };
            let below = if index + columns < columns * rows { index + columns } else { index };
            of(&across, above, index, below)
        };
        self.tensors = (0..columns * rows).map(down).collect();
    }

    /// Cells that lie together and have edges of one direction.
    fn groups(&self) -> Vec<Vec<usize>> {
        let clear = |tensor: &Tensor| tensor.energy() > self.floor && tensor.coherence() > LEAST_COHERENCE;
        // The direction of each cell that is in no group yet.
        let mut free: Vec<Option<f32>> =
            self.tensors.iter().map(|tensor| clear(tensor).then(|| tensor.angle())).collect();
        let mut groups = Vec::new();
        for index in 0..free.len() {
            if let Some(angle) = free[index] {
                let group = self.group_from((index, angle), &mut free);
                if group.len() >= LEAST_CELLS {
                    groups.push(group);
                }
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        groups
    }

    fn group_from(&self, first: (usize, f32), free: &mut [Option<f32>]) -> Vec<usize> {
        let mut group = vec![first];
        free[first.0] = None;
        let mut sum = Tensor::default();
        let mut next = 0;
        while let Some(&(index, angle)) = group.get(next) {
            next += 1;
            sum = sum.plus(self.tensors[index], 1.0);
            let whole = sum.angle();
            let (column, row) = ((index % self.columns) as isize, (index / self.columns) as isize);
            for y in (row - REACH).max(0)..=(row + REACH).min(self.rows as isize - 1) {
                for x in (column - REACH).max(0)..=(column + REACH).min(self.columns as isize - 1) {
                    let near = y as usize * self.columns + x as usize;
                    let Some(direction) = free[near] else { continue };
                    if turn_between(direction, angle) < MOST_TURN
                        && turn_between(direction, whole) < 1.5 * MOST_TURN
                    {
                        free[near] = None;
                        group.push((near, direction));
                    }
                }
            }
        }
        group.into_iter().map(|(index, _)| index).collect()
    }

    /// The place of a group, in pixels of the small copy. `None` for what can't be bars.
    fn candidate(&self, group: &[usize]) -> Option<Candidate> {
        let sum = group.iter().fold(Tensor::default(), |sum, &index| sum.plus(self.tensors[index], 1.0));
        let point = |index: usize| {
            let middle = |cell: usize| (cell as f32 + 0.5) * CELL as f32;
            (middle(index % self.columns), middle(index / self.columns))
        };
        let whole = Candidate {
            middle: (0.0, 0.0),
            angle: sum.angle(),
            half_length: 0.0,
            half_height: 0.0,
            weight: sum.energy() * sum.coherence(),
        };
        let weighted = |place: fn((f32, f32)) -> f32| -> (f32, f32) {
            let of = |&index: &usize| (place(whole.relative(point(index))), self.tensors[index].energy());
            extent(group.iter().map(of).collect())
        };
        let (left, right) = weighted(|(along, _)| along);
        let (top, bottom) = weighted(|(_, across)| across);
        let half = CELL as f32 / 2.0;
        let (half_length, half_height) = ((right - left) / 2.0 + half, (bottom - top) / 2.0 + half);
        let filled = group.len() as f32 * (CELL * CELL) as f32 / (4.0 * half_length * half_height);
        if half_length < LEAST_LENGTH.max(0.3 * half_height) || filled < 0.25 {
            return None;
        }
        let (sin, cos) = whole.angle.sin_cos();
        let (u, v) = ((left + right) / 2.0, (top + bottom) / 2.0);
        Some(Candidate { middle: (u * cos - v * sin, u * sin + v * cos), half_length, half_height, ..whole })
    }
}

/// Where weighted values begin and end, without two hundredths of the weight at each end.
fn extent(mut values: Vec<(f32, f32)>) -> (f32, f32) {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let outliers = 0.02 * values.iter().map(|(_, weight)| weight).sum::<f32>();
    (after(values.iter(), outliers), after(values.iter().rev(), outliers))
}

/// The first value that is reached once the weights sum up to `outliers`.
fn after<'a>(mut values: impl Iterator<Item = &'a (f32, f32)>, outliers: f32) -> f32 {
    let mut sum = 0.0;
    let inner = values.find(|(_, weight)| {
        sum += weight;
        sum >= outliers
    });
    inner.map_or(0.0, |(value, _)| *value)
}

/// Adds the products of the gradients between two rows to the sums of each column.
fn add_gradients(sums: &mut [Vec<i32>; 3], upper: &[u8], lower: &[u8]) {
    let [xx, yy, xy] = sums;
    let columns = xx.len();
    let (upper, lower) = (&upper[..=columns], &lower[..=columns]);
    let (yy, xy) = (&mut yy[..columns], &mut xy[..columns]);
    for x in 0..columns {
        let a = i32::from(upper[x]) - i32::from(lower[x + 1]);
        let b = i32::from(upper[x + 1]) - i32::from(lower[x]);
        let (gx, gy) = (b - a, -(a + b));
        xx[x] += gx * gx;
        yy[x] += gy * gy;
        xy[x] += gx * gy;
    }
}
