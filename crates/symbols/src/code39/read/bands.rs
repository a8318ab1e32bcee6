//! From a reading of the whole symbol to readings of disjoint bands of its bars, each decoded from its own pixels.

use super::fit::{Fit, Templates, fit, read_again};
use super::follow::correlation;
use super::patch::Patch;
use super::{BandReading, Code39Reading};
use crate::effort::Step;

/// The numbers of bands that are tried, until two agree.
const BANDS: [usize; 5] = [2, 3, 5, 8, 12];
/// The bands that must not contradict two wider ones that agree, and the least confidence of one that does.
const NARROW: usize = 5;
const CONTRADICTING: f32 = 0.1;
/// The least correlation of rows with the whole profile, as a share of that of the best rows.
const LEAST_MATCH: f32 = 0.55;

/// Which way a patch is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    Forward,
    Backward,
}

impl Sense {
    /// A profile in this sense.
    pub(super) fn of(self, mut profile: Vec<f32>) -> Vec<f32> {
        if self == Sense::Backward {
            profile.reverse();
        }
        profile
    }
}

/// The reading of a fit: the rows that show its bars are found, and its bands are read.
pub(super) fn reading(
    patch: &Patch,
    rows: &[usize],
    sense: Sense,
    whole: Fit,
    step: Step,
) -> Option<Code39Reading> {
    let rows = rows_of_bars(patch, rows, sense, &whole);
    let (first, last) = (*rows.first()?, *rows.last()?);
    let profile = sense.of(patch.middle_mean(&rows));
    // Rows that do not show the bars may have spoilt the first reading.
    let again = fit(&profile, &whole.hypothesis).filter(|again| again.confidence >= whole.confidence);
    let whole = again.unwrap_or(whole);
    let templates = Templates::new(&whole.hypothesis.shape?);
    let mut bands = Vec::new();
    for count in BANDS {
        if rows.len() < count || rows.len() < 3 * count && count > 3 {
            break;
        }
        bands = read_bands(patch, &rows, count, sense, &whole, &templates);
        let reading = result(patch, (first, last), sense, &whole, bands.clone(), step);
        if reading.agreed().is_some() {
            // A wide band passes over what covers a quarter of it: narrow ones must not read something else.
            let narrow = count < NARROW && rows.len() >= 3 * NARROW;
            let finer =
                if narrow { read_bands(patch, &rows, NARROW, sense, &whole, &templates) } else { Vec::new() };
            let contradicts =
                |band: &BandReading| band.text != whole.text && band.confidence >= CONTRADICTING;
            if finer.iter().any(contradicts) {
                return Some(result(patch, (first, last), sense, &whole, finer, step));
            }
            return Some(reading);
        }
    }
    Some(result(patch, (first, last), sense, &whole, bands, step))
}

fn read_bands(
    patch: &Patch,
    rows: &[usize],
    count: usize,
    sense: Sense,
    whole: &Fit,
    templates: &Templates,
) -> Vec<BandReading> {
    let first = rows.first().copied().unwrap_or(0);
    let band = |index: usize| {
        let rows = &rows[index * rows.len() / count..(index + 1) * rows.len() / count];
        let profile = sense.of(patch.middle_mean(rows));
        let read = read_again(&profile, &whole.hypothesis, templates)?;
        let from_top = |row: usize| (row - first) as f32 * patch.row_step;
        Some(BandReading {
            text: read.text,
            confidence: read.confidence,
            top: from_top(*rows.first()?),
            bottom: from_top(*rows.last()? + 1),
        })
    };
    (0..count).filter_map(band).collect()
}

/// The rows that show the bars of a fit.
fn rows_of_bars(patch: &Patch, rows: &[usize], sense: Sense, whole: &Fit) -> Vec<usize> {
    let count = (patch.rows / 40).max(1);
    let column = |at: f32| (at.max(0.0) as usize).min(patch.columns);
    let from = column(whole.hypothesis.start);
    let to = column(whole.hypothesis.end()).max(from);
    let part = |profile: Vec<f32>| sense.of(profile)[from..to].to_vec();
    let profile = part(patch.middle_mean(rows));
    let groups: Vec<(usize, f32)> = (0..patch.rows.div_ceil(count))
        .map(|group| {
            let end = ((group + 1) * count).min(patch.rows);
            (group * count, correlation(&profile, &part(patch.mean(group * count..end))))
        })
        .collect();
    let best = groups.iter().fold(0.0, |best: f32, (_, score)| best.max(*score));
    let shown = groups.iter().filter(|(_, score)| *score >= LEAST_MATCH * best);
    shown.flat_map(|(row, _)| *row..(row + count).min(patch.rows)).collect()
}

fn result(
    patch: &Patch,
    (first, last): (usize, usize),
    sense: Sense,
    whole: &Fit,
    bands: Vec<BandReading>,
    step: Step,
) -> Code39Reading {
    let column = |at: f32| match sense {
        Sense::Forward => at,
        Sense::Backward => (patch.columns - 1) as f32 - at,
    };
    let (start, end) = (column(whole.hypothesis.start), column(whole.hypothesis.end()));
    let (top, bottom) = (first as f32 - 0.5, last as f32 + 0.5);
    let mut corners = [(start, top), (end, top), (end, bottom), (start, bottom)];
    if sense == Sense::Backward {
        corners = [corners[3], corners[2], corners[1], corners[0]];
    }
    let polygon = corners.map(|(column, row)| {
        let (x, y) = patch.place(column, row);
        [x + 0.5, y + 0.5]
    });
    Code39Reading { text: whole.text.clone(), polygon, step, confidence: whole.confidence, bands }
}
