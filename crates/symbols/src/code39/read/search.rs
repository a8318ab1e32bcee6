//! The thorough way: the two `*` of a symbol are searched for in a profile at every scale, by correlation with their
//! blurred templates.

use crate::code39::alphabet::FRAME;
use crate::effort::Effort;

use super::fit::Hypothesis;
use super::patch::between;
use super::runs::{LEAST_SEEN, STEP, Turns};
use super::template::{Line, Position, Shape, Template};

/// Samples from the start of a character to the start of the next.
const PITCH: usize = 32;
/// From one scale to the next.
const SCALE_STEP: f32 = 1.03;
/// The least correlation of a `*`, and of the two together.
const LEAST_SCORE: f32 = 0.55;
const LEAST_SUM: f32 = 1.2;
/// The least length of a symbol, in characters.
const LEAST_LENGTH: f32 = 2.8;
/// The most characters of a symbol, with both `*`.
const MOST_CHARACTERS: usize = 64;
/// The most hypotheses that are kept.
const KEPT: usize = 10;
/// The blurs and growths that are searched for one after the other, in narrow elements.
pub(super) const SHAPES: [(f32, f32); 4] = [(0.5, 0.0), (0.9, 0.0), (0.4, 0.55), (0.4, -0.55)];

/// The likeliest symbols of a profile, the likeliest first, drawn with a blur and growth. A narrow element has at least
/// `least` columns.
pub(super) fn hypotheses(
    profile: &[f32],
    (blur, growth): (f32, f32),
    least: f32,
    effort: &Effort,
) -> Vec<Hypothesis> {
    let shape = Shape { blur, growth, ..Shape::default() };
    let mut found: Vec<(f32, Hypothesis)> = Vec::new();
    let mut pitch = least * shape.pitch();
    let [first, last] =
        [Position::First, Position::Last].map(|position| Template::new(FRAME, position, &shape, PITCH));
    let turns = Turns::of(profile);
    while pitch * LEAST_LENGTH < profile.len() as f32 && !effort.is_spent() {
        if (turns.most_within(LEAST_LENGTH * pitch) as f32) < LEAST_SEEN * LEAST_LENGTH * STEP as f32 {
            pitch *= SCALE_STEP;
            continue;
        }
        let line = line(profile, pitch);
        for (sum, from, to, characters) in pairs(&line, &first, &last) {
            let columns = pitch / PITCH as f32;
            let start = (from as f32 - PITCH as f32) * columns;
            let length = (to - from) as f32 * columns;
            let pitch = length / (characters - 1) as f32;
            if turns.allow(start, start + length + pitch, characters) {
                keep(&mut found, sum, Hypothesis { start, pitch, bend: 0.0, characters, shape: Some(shape) });
            }
        }
        pitch *= SCALE_STEP;
    }
    found.into_iter().map(|(_, hypothesis)| hypothesis).collect()
}

/// Keeps a hypothesis if it is better than one of the same symbol, or than the worst.
fn keep(found: &mut Vec<(f32, Hypothesis)>, sum: f32, new: Hypothesis) {
    let same = |old: &Hypothesis| {
        old.characters == new.characters && (old.start - new.start).abs() < 0.2 * old.pitch
    };
    match found.iter_mut().find(|(_, old)| same(old)) {
        Some(old) if old.0 < sum => *old = (sum, new),
        Some(_) => {}
        None => found.push((sum, new)),
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(KEPT);
}

/// A profile at [`PITCH`] samples for `pitch` columns, from one character before its first column.
fn line(profile: &[f32], pitch: f32) -> Line {
    let columns = pitch / PITCH as f32;
    let count = (profile.len() as f32 / columns) as usize + 2 * PITCH;
    let parts = (columns.ceil() as usize).clamp(1, 32);
    let sample = |index: usize| {
        let at = (index as f32 - PITCH as f32) * columns;
        let part = |part: usize| ((part as f32 + 0.5) / parts as f32 - 0.5) * columns;
        (0..parts).map(|index| between(profile, at + part(index))).sum::<f32>() / parts as f32
    };
    Line::new((0..count).map(sample).collect())
}

/// Pairs of `*` at whole numbers of characters from each other: the sum of their correlations, their samples, and the
/// number of characters.
fn pairs(line: &Line, first: &Template, last: &Template) -> Vec<(f32, usize, usize, usize)> {
    let scores = |template: &Template| -> Vec<f32> {
        (0..line.samples.len()).map(|at| template.correlation(line, at as isize)).collect()
    };
    let firsts = scores(first);
    if firsts.iter().all(|&score| score <= LEAST_SCORE) {
        return Vec::new();
    }
    let lasts = scores(last);
    let is_peak = |scores: &[f32], at: usize| {
        let score = scores[at];
        score > LEAST_SCORE
            && score >= scores[at.saturating_sub(1)]
            && score >= scores[(at + 1).min(scores.len() - 1)]
    };
    let ends: Vec<usize> = (0..lasts.len()).filter(|&at| is_peak(&lasts, at)).collect();
    let mut pairs = Vec::new();
    for from in (0..firsts.len()).filter(|&at| is_peak(&firsts, at)) {
        for &to in ends.iter().filter(|&&to| to > from + PITCH * 3 / 2) {
            let steps = ((to - from) as f32 / PITCH as f32).round() as usize;
            let off = (to - from).abs_diff(steps * PITCH);
            let sum = firsts[from] + lasts[to];
            if (2..MOST_CHARACTERS).contains(&steps) && off <= 2 + steps * PITCH / 40 && sum > LEAST_SUM {
                pairs.push((sum, from, to, steps + 1));
            }
        }
    }
    pairs
}
