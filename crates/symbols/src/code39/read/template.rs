//! What a blurred character looks like: the templates that a profile is compared with.

use std::sync::OnceLock;

use crate::code39::alphabet::{ELEMENTS, FRAME, characters};

/// Samples from the start of a character to the start of the next.
pub(super) const PITCH: usize = 64;
/// Light beside the symbol that its first and its last character are compared with, in narrow elements.
const QUIET: f32 = 3.0;
/// How much of the gaps beside a character belongs to its template.
const GAP_SHARE: f32 = 0.8;
/// How far from an edge its blur reaches, in standard deviations.
const TAIL: f32 = 3.5;

/// How a symbol is drawn and blurred. Lengths are in narrow elements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// A wide element.
    pub(super) ratio: f32,
    /// The gap between characters.
    pub(super) gap: f32,
    /// The standard deviation of the blur.
    pub(super) blur: f32,
    /// How much wider bars are than drawn.
    pub(super) growth: f32,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape { ratio: 2.5, gap: 1.0, blur: 0.45, growth: 0.0 }
    }
}

impl Shape {
    /// The width of a character without its gap.
    pub(super) fn character(&self) -> f32 {
        6.0 + 3.0 * self.ratio
    }

    /// From the start of a character to the start of the next.
    pub(super) fn pitch(&self) -> f32 {
        self.character() + self.gap
    }

    /// Where each element begins, and where the last one ends.
    fn elements(&self, index: usize) -> [f32; ELEMENTS + 1] {
        let mut ends = [0.0; ELEMENTS + 1];
        for (element, wide) in characters()[index].iter().enumerate() {
            ends[element + 1] = ends[element] + if *wide { self.ratio } else { 1.0 };
        }
        ends
    }
}

/// Which character of the symbol a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// With light before it.
    First,
    /// With bars on both sides.
    Inner,
    /// With light after it.
    Last,
}

/// A pattern of samples, of mean 0 and length 1.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// The index of the first sample, relative to the character's start.
    pub(super) begin: isize,
    pub(super) samples: Vec<f32>,
}

impl Template {
    /// The template of a character at `pitch` samples from one character to the next.
    pub(super) fn new(index: usize, position: Position, shape: &Shape, pitch: usize) -> Template {
        let per_element = pitch as f32 / shape.pitch();
        let before = if position == Position::First { QUIET } else { GAP_SHARE * shape.gap };
        let after = if position == Position::Last { QUIET } else { GAP_SHARE * shape.gap };
        let begin = -(before * per_element).round() as isize;
        let end = ((shape.character() + after) * per_element).round() as isize;
        let mut edges = Edges::new(begin, (end - begin).max(1) as usize, per_element, shape.blur);
        let grown = shape.growth / 2.0;
        if position != Position::First {
            edges.bar(-shape.gap - 1.5 - grown, -shape.gap + grown);
        }
        let elements = shape.elements(index);
        for bar in elements.chunks_exact(2) {
            edges.bar(bar[0] - grown, bar[1] + grown);
        }
        if position != Position::Last {
            let next = shape.character() + shape.gap;
            edges.bar(next - grown, next + 1.5 + grown);
        }
        Template { begin, samples: normalised(edges.samples()) }
    }

    /// All data characters and `*`, in the order of the alphabet.
    pub(super) fn all(position: Position, shape: &Shape) -> Vec<Template> {
        (0..=FRAME).map(|index| Template::new(index, position, shape, PITCH)).collect()
    }

    /// The normalised correlation with a line of samples, where the character starts at `start`. 0 where the template does
    /// not lie in the line.
    pub(super) fn correlation(&self, line: &Line, start: isize) -> f32 {
        match line.window(start + self.begin, self.samples.len()) {
            Some((window, length)) => dot(window, &self.samples) / length,
            None => 0.0,
        }
    }
}

/// A line of samples with the sums that give each window's mean and length.
pub(super) struct Line {
    pub(super) samples: Vec<f32>,
    sums: Vec<(f64, f64)>,
    /// The least length of a window that is more than noise, for a square root of samples.
    floor: f32,
}

impl Line {
    pub(super) fn new(samples: Vec<f32>) -> Line {
        let mut sums = Vec::with_capacity(samples.len() + 1);
        let mut sum = (0.0, 0.0);
        sums.push(sum);
        for &sample in &samples {
            sum = (sum.0 + f64::from(sample), sum.1 + f64::from(sample) * f64::from(sample));
            sums.push(sum);
        }
        let count = samples.len().max(1) as f64;
        let spread = (sum.1 / count - (sum.0 / count) * (sum.0 / count)).max(0.0).sqrt();
        Line { samples, sums, floor: (0.08 * spread).max(0.3) as f32 }
    }

    /// Samples of the line, and their length once their mean is taken off.
    pub(super) fn window(&self, from: isize, count: usize) -> Option<(&[f32], f32)> {
        let from = usize::try_from(from).ok()?;
        let window = self.samples.get(from..from + count)?;
        let (low, high) = (self.sums[from], self.sums[from + count]);
        let (sum, squares) = (high.0 - low.0, high.1 - low.1);
        let length = (squares - sum * sum / count as f64).max(0.0).sqrt() as f32;
        Some((window, length.max(self.floor * (count as f32).sqrt())))
    }
}

/// The sum of products, in eight sums that a processor forms at once.
pub(super) fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in ones.zip(others) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Samples of bars with blurred edges.
struct Edges {
    begin: f32,
    per_element: f32,
    /// Samples for each standard deviation of the blur.
    deviation: f32,
    samples: Vec<f32>,
    /// How much is added from a sample on.
    steps: Vec<f32>,
}

impl Edges {
    fn new(begin: isize, count: usize, per_element: f32, blur: f32) -> Edges {
        Edges {
            begin: begin as f32,
            per_element,
            deviation: (blur * per_element).max(0.25),
            samples: vec![0.0; count],
            steps: vec![0.0; count + 1],
        }
    }

    fn bar(&mut self, from: f32, to: f32) {
        self.edge(from, 1.0);
        self.edge(to, -1.0);
    }

    fn edge(&mut self, at: f32, height: f32) {
        let at = at * self.per_element - self.begin;
        let count = self.samples.len();
        let index = |sample: f32| (sample.ceil().max(0.0) as usize).min(count);
        let (from, to) = (index(at - TAIL * self.deviation), index(at + TAIL * self.deviation));
        for (sample, value) in self.samples.iter_mut().enumerate().take(to).skip(from) {
            *value += height * normal((sample as f32 - at) / self.deviation);
        }
        self.steps[to] += height;
    }

    fn samples(self) -> Vec<f32> {
        let steps = self.steps.iter().scan(0.0, |sum, step| {
            *sum += step;
            Some(*sum)
        });
        self.samples.iter().zip(steps).map(|(sample, step)| sample + step).collect()
    }
}

/// Values moved to mean 0 and scaled to length 1.
fn normalised(mut values: Vec<f32>) -> Vec<f32> {
    let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
    values.iter_mut().for_each(|value| *value -= mean);
    let length = dot(&values, &values).sqrt().max(1e-6);
    values.iter_mut().for_each(|value| *value /= length);
    values
}

/// The share of a normal distribution below `z`, from a table.
fn normal(z: f32) -> f32 {
    const PER_UNIT: f32 = 64.0;
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        // Trapezoids of the density from -4 to 4.
        let density = |z: f32| (-0.5 * z * z).exp() / (2.0 * std::f32::consts::PI).sqrt();
        let steps = (8.0 * PER_UNIT) as usize;
        let shares = (0..=steps).scan(0.0, |sum, step| {
            let z = step as f32 / PER_UNIT - 4.0;
            *sum += (density(z) + density(z - 1.0 / PER_UNIT)) / 2.0 / PER_UNIT;
            Some(*sum)
        });
        shares.collect()
    });
    // Rounded by cutting off: `round` is a call where the processor has no instruction for it.
    let index = ((z + 4.0) * PER_UNIT + 0.5).max(0.0) as usize;
    table[index.min(table.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_most_like_itself() {
        let shape = Shape::default();
        let all = Template::all(Position::Inner, &shape);
        for (index, template) in all.iter().enumerate() {
            let line = Line::new(template.samples.iter().map(|sample| 100.0 * sample).collect());
            let scores: Vec<f32> =
                all.iter().map(|other| other.correlation(&line, -template.begin)).collect();
            assert!((scores[index] - 1.0).abs() < 0.02 && scores.iter().all(|&score| score <= scores[index]));
        }
    }

    #[test]
    fn the_normal_distribution_is_right_where_it_is_known() {
        for (z, share) in [(-9.0, 0.0), (0.0, 0.5), (1.0, 0.8413), (1.96, 0.975), (9.0, 1.0)] {
            assert!((normal(z) - share).abs() < 0.005, "{z}");
        }
    }
}
