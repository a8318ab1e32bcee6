//! The quick way: bars and spaces as run lengths of a profile, and the two `*` among them.

use super::fit::Hypothesis;
use super::template::Shape;

/// Elements of a character with the gap after it.
pub(super) const STEP: usize = 10;
/// How much lighter or darker than the last turn a profile must get to turn, as a share of its contrast.
const TURN: f32 = 0.15;
/// How much wider than narrow elements the wide ones of a `*` are, at least.
const WIDER: f32 = 1.3;
/// The least light before and after a symbol, in narrow elements.
const QUIET: f32 = 3.4;

/// Turns for each element of a symbol: blur hides some, dirt adds some.
pub(super) const LEAST_SEEN: f32 = 0.38;
const MOST_SEEN: f32 = 1.3;

/// Bars and spaces in turn.
struct Runs {
    /// Where elements begin: even ones are bars.
    edges: Vec<f32>,
}

/// Symbols between two `*`.
pub(super) fn hypotheses(profile: &[f32]) -> Vec<Hypothesis> {
    let Some(runs) = Runs::of(profile) else { return Vec::new() };
    let frames: Vec<(usize, Shape)> =
        (0..runs.edges.len()).step_by(2).filter_map(|first| Some((first, runs.frame(first)?))).collect();
    let mut found = Vec::new();
    let mut next = 0;
    while let Some(&(first, shape)) = frames.get(next) {
        next += 1;
        let start = runs.edges[first];
        let ends = frames[next..].iter().position(|(last, _)| runs.is_pair(first, *last, &shape));
        let Some(last) = ends.map(|index| next + index) else { continue };
        let characters = (frames[last].0 - first) / STEP + 1;
        let pitch = (runs.edges[frames[last].0] - start) / (characters - 1) as f32;
        let bend = runs.bend(first, characters, pitch);
        found.push(Hypothesis { start, pitch, bend, characters, shape: Some(shape) });
        next = last + 1;
    }
    found
}

impl Runs {
    fn of(profile: &[f32]) -> Option<Runs> {
        let (low, high) = profile.iter().fold((f32::MAX, f32::MIN), |(a, b), &v| (a.min(v), b.max(v)));
        let turn = TURN * (high - low);
        if turn < 2.0 {
            return None;
        }
        let turns = turns(profile, turn);
        let mut edges = Vec::with_capacity(turns.len());
        for pair in turns.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let level = (profile[from] + profile[to]) / 2.0;
            let darker = profile[to] > profile[from];
            // The first edge is that of a bar.
            if edges.is_empty() && !darker {
                continue;
            }
            let after = (from + 1..=to).find(|&at| (profile[at] >= level) == darker).unwrap_or(to);
            let (before, at) = (profile[after - 1], profile[after]);
            let share = if at == before { 0.5 } else { ((level - before) / (at - before)).clamp(0.0, 1.0) };
            edges.push((after - 1) as f32 + share);
        }
        Some(Runs { edges })
    }

    fn width(&self, element: usize) -> f32 {
        self.edges[element + 1] - self.edges[element]
    }

    /// The shape of the `*` that begins at an element. `None` if there is none.
    fn frame(&self, first: usize) -> Option<Shape> {
        if first + 9 >= self.edges.len() {
            return None;
        }
        let width = |element: usize| self.width(first + element);
        // `*`: its first space is wide, and its third and fourth bar.
        let wide_bars = width(4).min(width(6));
        let narrow_bars = [0, 2, 8].map(width);
        let narrow_spaces = [3, 5, 7].map(width);
        let most = |widths: &[f32; 3]| widths.iter().copied().fold(0.0, f32::max);
        if wide_bars < WIDER * most(&narrow_bars) || width(1) < WIDER * most(&narrow_spaces) {
            return None;
        }
        let mean = |widths: &[f32; 3]| widths.iter().sum::<f32>() / 3.0;
        let (bar, space) = (mean(&narrow_bars), mean(&narrow_spaces));
        let narrow = (bar + space) / 2.0;
        let growth = ((bar - space) / 2.0 / narrow).clamp(-0.8, 0.8);
        let wide = ((width(4) + width(6)) / 2.0 + width(1)) / 2.0;
        let ratio = (wide / narrow).clamp(1.8, 3.2);
        let gap = match first + STEP < self.edges.len() {
            true => (width(9) / narrow + growth).clamp(0.6, 6.0),
            false => 1.0,
        };
        Some(Shape { ratio, gap, blur: 0.45, growth })
    }

    /// How much the pitch changes along a symbol (least squares over the characters' starts).
    fn bend(&self, first: usize, characters: usize, pitch: f32) -> f32 {
        let last = (characters - 1) as f32;
        let (mut products, mut squares) = (0.0, 0.0);
        for k in 0..characters {
            let off = self.edges[first + k * STEP] - self.edges[first] - k as f32 * pitch;
            let term = k as f32 * (k as f32 - last);
            (products, squares) = (products + off * term, squares + term * term);
        }
        products / squares.max(1.0)
    }

    /// Whether the `*` at two elements frame a symbol.
    fn is_pair(&self, first: usize, last: usize, shape: &Shape) -> bool {
        let characters = (last - first) / STEP;
        if !(last - first).is_multiple_of(STEP) || characters < 2 {
            return false;
        }
        let frame = self.edges[first + 9] - self.edges[first];
        let other = self.edges[last + 9] - self.edges[last];
        let narrow = (frame + other) / 2.0 / shape.character();
        let pitch = (self.edges[last] - self.edges[first]) / characters as f32;
        let before = first == 0 || self.width(first - 1) > QUIET * narrow;
        let after = last + STEP >= self.edges.len() || self.width(last + 9) > QUIET * narrow;
        before
            && after
            && (0.65..1.55).contains(&(other / frame))
            && (0.9..1.12).contains(&(pitch / (narrow * shape.pitch())))
    }
}

/// Where a profile turns from darker to lighter or back: about once for each element.
pub(super) struct Turns {
    places: Vec<usize>,
}

impl Turns {
    pub(super) fn of(profile: &[f32]) -> Turns {
        let (low, high) = profile.iter().fold((f32::MAX, f32::MIN), |(a, b), &v| (a.min(v), b.max(v)));
        Turns { places: turns(profile, (TURN * (high - low)).max(2.0)) }
    }

    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// The most turns within a length, in columns.
    pub(super) fn most_within(&self, length: f32) -> usize {
        let within = |from: usize| {
            let end = self.places[from] as f32 + length;
            self.places.partition_point(|&place| place as f32 <= end) - from
        };
        (0..self.places.len()).map(within).max().unwrap_or(0)
    }

    /// Whether a symbol of `characters` characters may stand between two columns: most of its elements are seen, and no
    /// more.
    pub(super) fn allow(&self, from: f32, to: f32, characters: usize) -> bool {
        let before = |at: f32| self.places.partition_point(|&place| (place as f32) < at);
        let elements = (characters * STEP) as f32;
        (LEAST_SEEN * elements..MOST_SEEN * elements).contains(&((before(to) - before(from)) as f32))
    }
}

/// Where a profile turns from darker to lighter or back.
fn turns(profile: &[f32], turn: f32) -> Vec<usize> {
    let mut turns = Vec::new();
    let (mut low, mut high) = (0, 0);
    // Whether the profile gets darker: not known at first.
    let mut darker: Option<bool> = None;
    for (at, &value) in profile.iter().enumerate() {
        if value > profile[high] {
            high = at;
        }
        if value < profile[low] {
            low = at;
        }
        if darker != Some(true) && value > profile[low] + turn {
            turns.push(low);
            (darker, high) = (Some(true), at);
        } else if darker != Some(false) && value < profile[high] - turn {
            turns.push(high);
            (darker, low) = (Some(false), at);
        }
    }
    turns.extend(match darker {
        Some(true) => Some(high),
        Some(false) => Some(low),
        None => None,
    });
    turns
}
