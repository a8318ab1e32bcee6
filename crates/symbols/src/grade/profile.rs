//! A scan reflectance profile (ISO/IEC 15416): the reflectances along one line over all bars, divided into elements.

/// A profile and its elements. Reflectances are from 0 to 1, positions are indices of samples.
pub(super) struct Profile {
    samples: Vec<f32>,
    /// The elements from the first bar to the last, each from one edge to the next.
    pub(super) edges: Vec<f32>,
    /// The elements with the two quiet zones, as ranges of samples between crossings of the global threshold.
    runs: Vec<Run>,
    /// The least free space beside the bars, in samples.
    pub(super) quiet_zone: f32,
    /// The lowest and the highest reflectance of bars and quiet zones.
    pub(super) extremes: (f32, f32),
}

/// Samples on one side of the threshold.
#[derive(Debug, Clone, Copy)]
struct Run {
    dark: bool,
    start: usize,
    end: usize,
}

impl Profile {
    /// Divides samples into elements. The bars are expected from `first` to `last`; `quiet` samples beside them are looked
    /// at. `None` if there are no bars, or no samples beside them.
    pub(super) fn divided(samples: &[f32], first: f32, last: f32, quiet: f32) -> Option<Profile> {
        let (from, to) = (first.max(0.0) as usize, (last.max(0.0) as usize).min(samples.len()));
        let threshold = middle(extremes(samples.get(from..to)?)?);
        let bars: Vec<Run> = runs(samples, threshold).into_iter().filter(|run| run.dark).collect();
        let nearest = |position: f32, of: fn(&Run) -> usize| {
            let away = |index: &usize| (of(&bars[*index]) as f32 - position).abs();
            (0..bars.len()).min_by(|a, b| away(a).total_cmp(&away(b)))
        };
        let (left, right) = (nearest(first, |run| run.start)?, nearest(last, |run| run.end)?);
        let (start, end) = (bars[left].start, bars.get(right)?.end);
        let free_left = start - left.checked_sub(1).map_or(0, |before| bars[before].end);
        let free_right = bars.get(right + 1).map_or(samples.len(), |after| after.start) - end;
        let (free_left, free_right) = (free_left.min(quiet as usize), free_right.min(quiet as usize));
        if start >= end || free_left == 0 || free_right == 0 {
            return None;
        }
        let samples = samples[start - free_left..end + free_right].to_vec();
        let extremes = extremes(&samples)?;
        let runs = runs(&samples, middle(extremes));
        let mut profile = Profile { samples, edges: Vec::new(), runs, quiet_zone: 0.0, extremes };
        profile.edges = profile.edges()?;
        let (first, last) = (profile.edges.first()?, profile.edges.last()?);
        profile.quiet_zone = first.min(profile.samples.len() as f32 - last);
        Some(profile)
    }

    /// The edges: where the profile crosses the middle between the reflectances of two elements.
    fn edges(&self) -> Option<Vec<f32>> {
        let light = self.runs.first().is_some_and(|run| !run.dark);
        if !light || self.runs.last().is_none_or(|run| run.dark) {
            return None;
        }
        let crossing = |pair: &[Run]| {
            let level = middle((self.peak(pair[0]), self.peak(pair[1])));
            let (from, to) = (self.peak_at(pair[0]), self.peak_at(pair[1]));
            let crosses =
                |index: &usize| (self.samples[*index] < level) != (self.samples[*index + 1] < level);
            let away = |index: &usize| (index + 1).abs_diff(pair[1].start);
            let index = (from..to).filter(crosses).min_by_key(away)?;
            let (before, after) = (self.samples[index], self.samples[index + 1]);
            Some(index as f32 + (level - before) / (after - before) + 0.5)
        };
        self.runs.windows(2).map(crossing).collect()
    }

    /// The reflectance of an element: its lightest sample if it is light, else its darkest.
    fn peak(&self, run: Run) -> f32 {
        self.samples[self.peak_at(run)]
    }

    /// Where that sample is.
    fn peak_at(&self, run: Run) -> usize {
        let order = |a: &usize, b: &usize| self.samples[*a].total_cmp(&self.samples[*b]);
        let found = match run.dark {
            true => (run.start..run.end).min_by(order),
            false => (run.start..run.end).max_by(order),
        };
        found.unwrap_or(run.start)
    }

    /// The least difference of reflectance of two neighbours.
    pub(super) fn least_edge_contrast(&self) -> f32 {
        let contrast = |pair: &[Run]| (self.peak(pair[0]) - self.peak(pair[1])).abs();
        self.runs.windows(2).map(contrast).fold(f32::MAX, f32::min)
    }

    /// The greatest non-uniformity of an element or quiet zone: from its highest peak to its lowest valley.
    pub(super) fn greatest_non_uniformity(&self) -> f32 {
        let of = |run: &Run| {
            let sign = if run.dark { -1.0 } else { 1.0 };
            non_uniformity(self.samples[run.start..run.end].iter().map(|sample| sign * sample))
        };
        self.runs.iter().map(of).fold(0.0, f32::max)
    }
}

/// From the highest peak to the lowest valley between two peaks of a light element.
fn non_uniformity(samples: impl DoubleEndedIterator<Item = f32> + Clone) -> f32 {
    /// What is less deep is no valley.
    const LEAST_DEPTH: f32 = 0.001;
    let running = |most: &mut f32, sample: f32| {
        *most = most.max(sample);
        Some(*most)
    };
    let before = samples.clone().scan(f32::MIN, running);
    let mut after: Vec<f32> = samples.clone().rev().scan(f32::MIN, running).collect();
    after.reverse();
    let highest = after.first().copied().unwrap_or_default();
    let valleys = samples
        .zip(before.zip(after))
        .filter(|(sample, (before, after))| before.min(*after) - sample > LEAST_DEPTH);
    valleys.map(|(sample, _)| highest - sample).fold(0.0, f32::max)
}

/// The lowest and the highest of samples. `None` if there is none.
pub(super) fn extremes(samples: &[f32]) -> Option<(f32, f32)> {
    let least = samples.iter().copied().reduce(f32::min)?;
    Some((least, samples.iter().copied().reduce(f32::max)?))
}

pub(super) fn middle((least, most): (f32, f32)) -> f32 {
    (least + most) / 2.0
}

/// Runs of samples on one side of a threshold.
fn runs(samples: &[f32], threshold: f32) -> Vec<Run> {
    let mut start = 0;
    let side = |run: &[f32]| {
        let begin = start;
        start += run.len();
        Run { dark: run.first().is_some_and(|&sample| sample < threshold), start: begin, end: start }
    };
    samples.chunk_by(|a, b| (*a < threshold) == (*b < threshold)).map(side).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valley_between_two_peaks_is_a_defect_and_a_slope_is_none() {
        let of = |samples: &[f32]| non_uniformity(samples.iter().copied());
        assert_eq!(of(&[0.5, 0.7, 0.9, 0.9, 0.6]), 0.0);
        assert!((of(&[0.5, 0.9, 0.6, 0.8, 0.5]) - 0.3).abs() < 1e-6);
        assert!((of(&[0.5, 0.8, 0.6, 0.7, 0.65, 0.9, 0.5]) - 0.3).abs() < 1e-6);
        assert_eq!(of(&[]), 0.0);
    }

    #[test]
    fn edges_lie_in_the_middle_of_neighbours() {
        // Light, dark, light, dark, light; the second bar is paler, so that its edges cross higher.
        let samples = [0.9, 0.9, 0.5, 0.1, 0.1, 0.5, 0.9, 0.9, 0.3, 0.3, 0.9, 0.9];
        let profile = Profile::divided(&samples, 2.5, 10.0, 3.0).unwrap();
        assert_eq!(profile.extremes, (0.1, 0.9));
        let expected = [2.5, 5.5, 8.0, 10.0];
        assert_eq!(profile.edges.len(), 4);
        for (edge, expected) in profile.edges.iter().zip(expected) {
            assert!((edge - expected).abs() < 0.01, "{:?}", profile.edges);
        }
        assert!((profile.least_edge_contrast() - 0.6).abs() < 1e-6);
        assert!((profile.quiet_zone - 2.0).abs() < 0.01);
        assert!(Profile::divided(&[0.9; 20], 5.0, 15.0, 3.0).is_none());
        assert!(Profile::divided(&[], 0.0, 0.0, 3.0).is_none());
    }
}
