//! What a few rows of a candidate show: whether bars may stand there, before anything longer is tried.
//!
//! Bars turn from light to dark and back often for their height, and rows that lie apart show the same turns. A line of
//! text turns seldom for the height of its letters, and the rows of several lines of text differ.

use super::follow::{correlation, likeness};
use super::grey::Grey;
use super::locate::Candidate;
use super::patch::Patch;
use super::runs::Turns;

/// The fewest turns from light to dark and back of bars: a symbol of one character has 29 elements, some of which may be
/// blurred away.
const LEAST_TURNS: usize = 20;
/// From this many turns on bars are told from text by their turns alone, save for a little likeness.
const MANY_TURNS: usize = 60;
/// The height of bars in elements, from which on rows may differ: lines of text are lower for their turns. Lower bars are
/// bars if all of them are alike.
const LEAST_HEIGHT: f32 = 7.5;
const ALIKE: f32 = 0.9;
/// The least likeness of rows: of many bars, and of few.
const LEAST_LIKENESS: f32 = 0.45;
const LEAST_LIKENESS_OF_FEW: f32 = 0.75;
/// The least likeness of bars that are tried beside a symbol that was read.
const CLEAR_LIKENESS: f32 = 0.75;

/// What a few rows show.
pub(super) struct Glance {
    /// How often they turn from light to dark or back.
    turns: usize,
    /// The height of the candidate, in elements.
    height: f32,
    /// The correlation of the upper and the lower half.
    halves: f32,
    /// That of one of them with the middle third, and of neighbouring rows: the third quartile.
    thirds: f32,
    rows: f32,
}

impl Glance {
    pub(super) fn of(grey: &Grey, candidate: &Candidate) -> Glance {
        let patch = Patch::glance(grey, candidate);
        let rows = patch.rows;
        let part = |from: usize, to: usize| patch.mean(from..to.clamp(from + 1, rows.max(from + 1)));
        let (upper, lower) = (part(0, rows / 2), part(rows / 2, rows));
        let turns = Turns::of(&patch.mean(0..rows)).count().max(Turns::of(&upper).count());
        let height = 2.0 * candidate.half_height * turns as f32 / (2.0 * candidate.half_length).max(1.0);
        let mut glance = Glance { turns, height, halves: 0.0, thirds: 0.0, rows: 0.0 };
        if turns < LEAST_TURNS || rows < 3 {
            return glance;
        }
        let [one, two, three] = [0, 1, 2].map(|third| part(third * rows / 3, (third + 1) * rows / 3));
        glance.halves = likeness(&upper, &lower);
        glance.thirds = likeness(&one, &two).max(likeness(&two, &three));
        glance.rows = third_quartile((1..rows).map(|row| near(patch.row(row - 1), patch.row(row))).collect());
        glance
    }

    /// Whether bars may stand here.
    pub(super) fn shows_bars(&self) -> bool {
        let mut all = [self.halves, self.thirds, self.rows];
        all.sort_by(f32::total_cmp);
        match self.turns {
            _ if self.height < LEAST_HEIGHT => all[0] > ALIKE,
            MANY_TURNS.. => all[2] >= LEAST_LIKENESS_OF_FEW && all[1] >= LEAST_LIKENESS || all[2] > 0.9,
            _ => all[1] >= LEAST_LIKENESS_OF_FEW,
        }
    }

    /// Whether bars stand here for certain.
    pub(super) fn is_clear(&self) -> bool {
        self.shows_bars() && self.halves > CLEAR_LIKENESS
    }
}

/// The highest correlation of two rows, of which one may be moved by a column or two.
fn near(one: &[f32], other: &[f32]) -> f32 {
    let at = |shift: usize| {
        let part = one.len().saturating_sub(shift);
        correlation(&one[shift.min(one.len())..], &other[..part])
            .max(correlation(&one[..part], &other[shift.min(one.len())..]))
    };
    (0..=2).map(at).fold(0.0, f32::max)
}

fn third_quartile(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() * 3 / 4).copied().unwrap_or(0.0)
}
