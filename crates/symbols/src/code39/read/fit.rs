//! Reads a symbol in a profile, once it is known about where its characters are: each is the template with the highest
//! correlation, followed from one to the next.
//!
//! How far a character can be believed is the share of the second-best character's residual that the best one explains.
//! It is 0 where two characters fit alike and 1 where the best one fits exactly; noise lowers it.

use crate::code39::alphabet::{ALPHABET, FRAME};

use super::template::{Line, PITCH, Position, Shape, Template};

/// Samples of the line before the symbol's start and after its end.
const MARGIN: usize = PITCH * 5 / 8;
/// How far a character may lie from where the hypothesis has it, in samples.
const FIRST_REACH: isize = 6;
/// The same, once the hypothesis is corrected.
const REACH: isize = 4;
/// What a step of one sample from one character to the next costs, as correlation.
const STEP_COST: f32 = 0.015;
/// The least correlation of each character, and of each `*`.
const LEAST_SCORE: f32 = 0.3;
const LEAST_FRAME: f32 = 0.5;
/// The least correlation of each character for which the hypothesis is not bent.
const GOOD_SCORE: f32 = 0.6;
/// How far the middle of the symbol is moved by the bends that are tried, in samples.
const BENDS: [f32; 6] = [-9.0, 9.0, -18.0, 18.0, -27.0, 27.0];
/// Samples beside the symbol that must be light, from the one nearest to it on: 1.1 to 3.4 narrow elements. The standard asks
/// for ten, and labels often have four; no space inside a symbol is as wide.
const QUIET: std::ops::Range<usize> = 5..15;
/// How dark the light beside a symbol may be on average, as a share of the way from the light to the dark of its outer
/// character, and the most that it varies, as a share of how much that character does.
const MOST_DARK: f32 = 0.4;
const MOST_UNREST: f32 = 0.5;

/// Where the characters of a symbol are thought to be in a profile, in columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hypothesis {
    /// The left edge of the first bar.
    pub(super) start: f32,
    /// From the start of a character to that of the next, on average.
    pub(super) pitch: f32,
    /// How much the pitch changes: `start + k·pitch + bend·k·(k - last)` is the start of character k.
    pub(super) bend: f32,
    /// The number of characters with both `*`.
    pub(super) characters: usize,
    /// What is known of widths and blur.
    pub(super) shape: Option<Shape>,
}

impl Hypothesis {
    /// Where character `k` starts.
    pub(super) fn at(&self, k: f32) -> f32 {
        self.start + k * (self.pitch + self.bend * (k - (self.characters - 1) as f32))
    }

    /// Where the last bar ends.
    pub(super) fn end(&self) -> f32 {
        let gap = self.shape.map_or(0.07, |shape| shape.gap / shape.pitch());
        self.at(self.characters as f32 - gap)
    }
}

/// What a profile reads.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// The text without `*`.
    pub(super) text: String,
    /// How far the least certain character can be believed, 0 to 1.
    pub(super) confidence: f32,
    /// The least correlation of a character.
    pub(super) score: f32,
    /// The hypothesis, corrected, with its shape.
    pub(super) hypothesis: Hypothesis,
}

/// Characters as they were read, with their places.
struct Decoded {
    characters: Vec<usize>,
    /// How far each is from where the hypothesis has it, in samples.
    shifts: Vec<isize>,
    /// The correlation of each, and that of the second best at about the same place.
    scores: Vec<(f32, f32)>,
}

/// The templates of a shape.
pub(super) struct Templates {
    first: Vec<Template>,
    inner: Vec<Template>,
    last: Vec<Template>,
}

impl Templates {
    pub(super) fn new(shape: &Shape) -> Templates {
        let all = |position| Template::all(position, shape);
        Templates { first: all(Position::First), inner: all(Position::Inner), last: all(Position::Last) }
    }

    fn of(&self, k: usize, characters: usize) -> &[Template] {
        match position(k, characters) {
            Position::First => &self.first,
            Position::Inner => &self.inner,
            Position::Last => &self.last,
        }
    }
}

fn position(k: usize, characters: usize) -> Position {
    match k {
        0 => Position::First,
        k if k + 1 == characters => Position::Last,
        _ => Position::Inner,
    }
}

/// Reads a profile, and corrects the hypothesis. `None` if the frame of two `*` is not there.
pub(super) fn fit(profile: &[f32], hypothesis: &Hypothesis) -> Option<Fit> {
    let mut hypothesis = *hypothesis;
    let line = line(profile, &hypothesis);
    if !is_quiet_beside(&line, hypothesis.characters) {
        return None;
    }
    let shape = shape_of_frame(&line, hypothesis.characters, hypothesis.shape.unwrap_or_default());
    let templates = Templates::new(&shape);
    let mut first = decode(&line, &templates, hypothesis.characters, FIRST_REACH);
    if first.is_framed() && first.least_score() < GOOD_SCORE {
        (hypothesis, first) = bent(profile, hypothesis, first, &templates);
    }
    if !first.is_framed() || first.least_score() < LEAST_SCORE / 2.0 {
        return None;
    }
    correct(&mut hypothesis, &first);
    let line = self::line(profile, &hypothesis);
    if !is_quiet_beside(&line, hypothesis.characters) {
        return None;
    }
    let shape = better_shape(&line, &first.characters, shape);
    hypothesis.shape = Some(shape);
    read_with(&line, &hypothesis, &Templates::new(&shape))
}

/// The best of several bends of a hypothesis: in perspective the pitch changes along the symbol.
fn bent(
    profile: &[f32],
    straight: Hypothesis,
    first: Decoded,
    templates: &Templates,
) -> (Hypothesis, Decoded) {
    let last = (straight.characters - 1) as f32;
    let mut best = (straight, first);
    for samples in BENDS {
        let bend = straight.bend + 4.0 * samples / (last * last) * straight.pitch / PITCH as f32;
        let hypothesis = Hypothesis { bend, ..straight };
        let decoded = decode(&line(profile, &hypothesis), templates, straight.characters, FIRST_REACH);
        if decoded.is_framed() && decoded.sum() > best.1.sum() {
            best = (hypothesis, decoded);
        }
    }
    best
}

/// Reads another profile of the same symbol with a fit's hypothesis and templates.
pub(super) fn read_again(profile: &[f32], hypothesis: &Hypothesis, templates: &Templates) -> Option<Fit> {
    read_with(&line(profile, hypothesis), hypothesis, templates)
}

fn read_with(line: &Line, hypothesis: &Hypothesis, templates: &Templates) -> Option<Fit> {
    let decoded = decode(line, templates, hypothesis.characters, REACH);
    let score = decoded.least_score();
    if !decoded.is_framed() || score < LEAST_SCORE {
        return None;
    }
    let mut hypothesis = *hypothesis;
    correct(&mut hypothesis, &decoded);
    Some(Fit { text: decoded.text(), confidence: decoded.confidence(), score, hypothesis })
}

/// Samples of a profile, [`PITCH`] for each character, from [`MARGIN`] before the first.
fn line(profile: &[f32], hypothesis: &Hypothesis) -> Line {
    let count = hypothesis.characters * PITCH + 2 * MARGIN;
    let width = hypothesis.pitch.abs() / PITCH as f32;
    let parts = (width.ceil() as usize).clamp(1, 16);
    let sample = |index: usize| {
        let k = (index as f32 - MARGIN as f32) / PITCH as f32;
        let at = hypothesis.at(k);
        let part = |part: usize| ((part as f32 + 0.5) / parts as f32 - 0.5) * width;
        let sum: f32 = (0..parts).map(|index| super::patch::between(profile, at + part(index))).sum();
        sum / parts as f32
    };
    Line::new((0..count).map(sample).collect())
}

/// Whether there is light before the first and after the last character.
fn is_quiet_beside(line: &Line, characters: usize) -> bool {
    let end = MARGIN + characters * PITCH - PITCH / 14;
    let sides = [
        (MARGIN - QUIET.end..MARGIN - QUIET.start, MARGIN..MARGIN + PITCH),
        (end + QUIET.start..end + QUIET.end, end - PITCH..end),
    ];
    sides.into_iter().all(|(beside, character)| {
        let of = |range: std::ops::Range<usize>| line.samples.get(range).unwrap_or_default();
        let (beside, character) = (of(beside), of(character));
        let (low, high) = character.iter().fold((f32::MAX, f32::MIN), |(a, b), &v| (a.min(v), b.max(v)));
        let ((light, unrest), (_, spread)) = (mean_and_spread(beside), mean_and_spread(character));
        light < low + MOST_DARK * (high - low) && unrest < MOST_UNREST * spread
    })
}

/// The mean and the standard deviation.
fn mean_and_spread(samples: &[f32]) -> (f32, f32) {
    let count = samples.len().max(1) as f32;
    let mean = samples.iter().sum::<f32>() / count;
    let squares = samples.iter().map(|sample| (sample - mean) * (sample - mean)).sum::<f32>();
    (mean, (squares / count).sqrt())
}

/// The sample of a line where character `k` starts.
fn start_of(k: usize) -> isize {
    (MARGIN + k * PITCH) as isize
}

/// The characters of a line: at each place the best template, and of the places the way with the highest sum.
fn decode(line: &Line, templates: &Templates, characters: usize, reach: isize) -> Decoded {
    let shifts: Vec<isize> = (-reach..=reach).collect();
    let mut best: Vec<Vec<(f32, usize)>> = Vec::with_capacity(characters);
    for k in 0..characters {
        let templates = templates.of(k, characters);
        let at = |shift: &isize| {
            let scores = templates.iter().map(|template| template.correlation(line, start_of(k) + shift));
            scores.zip(0..).fold(
                (-1.0, 0),
                |best: (f32, usize), (score, index)| {
                    if score > best.0 { (score, index) } else { best }
                },
            )
        };
        best.push(shifts.iter().map(at).collect());
    }
    let way = best_way(&best);
    let mut decoded = Decoded { characters: Vec::new(), shifts: Vec::new(), scores: Vec::new() };
    for (k, &index) in way.iter().enumerate() {
        let (score, character) = best[k][index];
        let shift = shifts[index];
        let others = templates.of(k, characters).iter().enumerate().filter(|(other, _)| *other != character);
        let second = others.flat_map(|(_, template)| {
            (-2..=2).map(move |step| template.correlation(line, start_of(k) + shift + step))
        });
        decoded.scores.push((score, second.fold(0.0, f32::max)));
        decoded.characters.push(character);
        decoded.shifts.push(shift);
    }
    decoded
}

/// The index of each character's place on the way with the highest sum, where steps from place to place cost.
fn best_way(best: &[Vec<(f32, usize)>]) -> Vec<usize> {
    let places = best.first().map_or(0, Vec::len);
    let mut sums: Vec<f32> =
        best.first().map_or(Vec::new(), |first| first.iter().map(|(score, _)| *score).collect());
    let mut from: Vec<Vec<usize>> = Vec::with_capacity(best.len());
    for scores in best.iter().skip(1) {
        let step = |place: usize| {
            let near = place.saturating_sub(3)..(place + 4).min(places);
            let cost = |other: usize| STEP_COST * (other.abs_diff(place) * other.abs_diff(place)) as f32;
            near.map(|other| (sums[other] - cost(other), other))
                .fold((f32::MIN, place), |best, next| if next.0 > best.0 { next } else { best })
        };
        let steps: Vec<(f32, usize)> = (0..places).map(step).collect();
        sums = steps.iter().zip(scores).map(|((sum, _), (score, _))| sum + score).collect();
        from.push(steps.into_iter().map(|(_, other)| other).collect());
    }
    let last = (0..places).max_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(0);
    let mut way = vec![last];
    for steps in from.iter().rev() {
        way.push(steps[way[way.len() - 1]]);
    }
    way.reverse();
    way
}

impl Decoded {
    /// Whether the first and the last character are `*`, and no other one is.
    fn is_framed(&self) -> bool {
        let last = self.characters.len() - 1;
        let frame = |index: usize| self.characters[index] == FRAME;
        let seen = |index: usize| frame(index) && self.scores[index].0 >= LEAST_FRAME;
        last >= 2 && seen(0) && seen(last) && !(1..last).any(frame)
    }

    fn least_score(&self) -> f32 {
        self.scores.iter().fold(1.0, |least, (score, _)| least.min(*score))
    }

    fn sum(&self) -> f32 {
        self.scores.iter().map(|(score, _)| score).sum()
    }

    fn confidence(&self) -> f32 {
        let residual = |score: f32| (1.0 - score * score).max(1e-3);
        let of = |(best, second): &(f32, f32)| 1.0 - (residual(*best) / residual(*second)).sqrt();
        self.scores.iter().map(of).fold(1.0, f32::min).max(0.0)
    }

    fn text(&self) -> String {
        let data = &self.characters[1..self.characters.len() - 1];
        data.iter()
            .filter_map(|&index| ALPHABET.as_bytes().get(index))
            .map(|&byte| char::from(byte))
            .collect()
    }
}

/// Moves, stretches and bends a hypothesis to where the characters were found (least squares, weighted by correlation).
fn correct(hypothesis: &mut Hypothesis, decoded: &Decoded) {
    let last = (hypothesis.characters - 1) as f64;
    // Unknown: shift + a·k + b·k·(k - last), in samples. A small ridge keeps b near 0 for short symbols.
    let mut matrix = [[0.0f64; 4]; 3];
    for (k, (&shift, score)) in decoded.shifts.iter().zip(&decoded.scores).enumerate() {
        let k = k as f64;
        let terms = [1.0, k, k * (k - last)];
        let weight = f64::from(score.0.max(0.01)).powi(2);
        for (row, term) in matrix.iter_mut().zip(terms) {
            row.iter_mut().zip(terms).for_each(|(cell, other)| *cell += weight * term * other);
            row[3] += weight * term * shift as f64;
        }
    }
    matrix[0][0] += 1e-3;
    matrix[1][1] += 1e-2;
    matrix[2][2] += 1e-2 * last.max(1.0).powi(2);
    let Some([shift, stretch, bend]) = solved(matrix) else { return };
    let columns = hypothesis.pitch / PITCH as f32;
    hypothesis.start += shift as f32 * columns;
    hypothesis.pitch += stretch as f32 * columns;
    hypothesis.bend += bend as f32 * columns;
}

/// The solution of three linear equations whose matrix is positive definite.
pub(super) fn solved(mut matrix: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for pivot in 0..3 {
        let row = matrix[pivot];
        if row[pivot].abs() < 1e-12 {
            return None;
        }
        for (other, line) in matrix.iter_mut().enumerate() {
            if other != pivot {
                let share = line[pivot] / row[pivot];
                line.iter_mut().zip(row).for_each(|(cell, value)| *cell -= share * value);
            }
        }
    }
    Some([0, 1, 2].map(|row| matrix[row][3] / matrix[row][row]))
}

/// The shape with which the two `*` fit best, of those that are not far from a first one.
fn shape_of_frame(line: &Line, characters: usize, first: Shape) -> Shape {
    let ratios = [first.ratio, 2.0, 2.5, 3.0].map(|ratio| Shape { ratio, ..first });
    let growths = [0.0, -0.3, 0.3].map(|step| (first.growth + step).clamp(-0.8, 0.8));
    let blurs = [first.blur, 2.0 * first.blur];
    let shapes = ratios.into_iter().flat_map(|shape| {
        growths.into_iter().flat_map(move |growth| blurs.map(|blur| Shape { blur, growth, ..shape }))
    });
    let score = |shape: &Shape, k: usize, position| {
        let template = Template::new(FRAME, position, shape, PITCH);
        let at = |step: isize| template.correlation(line, start_of(k) + 2 * step);
        (-FIRST_REACH / 2..=FIRST_REACH / 2).map(at).fold(0.0, f32::max)
    };
    let sums = shapes.map(|shape| {
        (score(&shape, 0, Position::First) + score(&shape, characters - 1, Position::Last), shape)
    });
    sums.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(first, |(_, shape)| shape)
}

/// The shape with which a text fits best, from a first one on.
fn better_shape(line: &Line, text: &[usize], first: Shape) -> Shape {
    let score = |shape: &Shape| -> f32 {
        let of = |(k, &index): (usize, &usize)| {
            let template = Template::new(index, position(k, text.len()), shape, PITCH);
            (-1..=1).map(|shift| template.correlation(line, start_of(k) + shift)).fold(0.0, f32::max)
        };
        text.iter().enumerate().map(of).sum()
    };
    let mut best = (score(&first), first);
    for size in [1.0, 0.5] {
        let steps: [&dyn Fn(Shape, f32) -> Shape; 4] = [
            &|shape, step| Shape { blur: (shape.blur * (1.0 + 0.35 * step)).clamp(0.1, 2.0), ..shape },
            &|shape, step| Shape { growth: (shape.growth + 0.16 * step).clamp(-0.8, 0.8), ..shape },
            &|shape, step| Shape { ratio: (shape.ratio + 0.2 * step).clamp(1.8, 3.2), ..shape },
            &|shape, step| Shape { gap: (shape.gap + 0.2 * step).clamp(0.6, 6.0), ..shape },
        ];
        for step in steps {
            for sense in [size, -size] {
                while let Some(next) = Some(step(best.1, sense)).filter(|next| *next != best.1) {
                    let sum = score(&next);
                    if sum <= best.0 + 1e-4 {
                        break;
                    }
                    best = (sum, next);
                }
            }
        }
    }
    best.1
}
