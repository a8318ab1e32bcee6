//! The steps from the shortest to the longest, each tried only where the ones before did not end in agreement.

use std::ops::Range;
use std::time::Duration;

use crate::effort::{Effort, Step};
use crate::picture::{Picture, Region};

use super::Code39Reading;
use super::bands::{Sense, reading};
use super::fit::{Fit, Hypothesis, fit};
use super::follow::straightened;
use super::glance::Glance;
use super::grey::Grey;
use super::locate::{Candidate, candidates, joined};
use super::patch::Patch;
use super::{runs, search};

/// About the longest side of the small copy in which bars are located, in pixels.
const SMALL_SIDE: f32 = 1250.0;
/// The most that a copy is smaller than the picture.
const MOST_FACTOR: usize = 64;
/// The least width of a narrow element that is searched for, in pixels.
const LEAST_NARROW: f32 = 0.7;
/// The time for what the longer steps may read beside a symbol that straight rows read.
const BESIDE: Duration = Duration::from_millis(50);
/// The least confidence of a reading that is reported, if no two bands agree.
const REPORTED: f32 = 0.08;
/// The least confidence and correlation of a profile whose bands are read.
const LEAST_CONFIDENCE: f32 = 0.04;
const LEAST_SCORE: f32 = 0.4;
/// Pixels of margin at each end of a candidate.
const MARGIN: f32 = 6.0;
/// The least weight of a candidate beside one that was read, as a share of the heaviest one's.
const LEAST_WEIGHT: f32 = 0.1;
/// Reads a picture: first where a symbol is expected, then the whole of it.
pub(super) fn read(picture: &Picture, effort: &Effort) -> Vec<Code39Reading> {
    let mut found = Vec::new();
    if let Some(place) = effort.place()
        && let Some(grey) = Grey::of(picture, place)
    {
        let mut page = Page { grey: &grey, effort: *effort, found };
        page.straight_rows(page.located(1.0), Step::KnownPlace);
        found = page.found;
        found.iter_mut().for_each(|reading| reading.moved(place));
        if found.iter().any(|reading| reading.agreed().is_some()) {
            return found;
        }
    }
    climbed(picture, picture.whole(), effort, found)
}

/// Reads a region of a picture.
pub(super) fn read_in(picture: &Picture, region: Region, effort: &Effort) -> Vec<Code39Reading> {
    let mut found = climbed(picture, region, effort, Vec::new());
    found.iter_mut().for_each(|reading| reading.moved(region));
    found
}

fn climbed(
    picture: &Picture,
    region: Region,
    effort: &Effort,
    found: Vec<Code39Reading>,
) -> Vec<Code39Reading> {
    let Some(grey) = Grey::of(picture, region) else { return found };
    let mut page = Page { grey: &grey, effort: *effort, found };
    page.climb();
    let mut found = page.found;
    found.retain(|reading| reading.confidence >= REPORTED || reading.agreed().is_some());
    found.sort_by(|a, b| a.polygon[0][1].total_cmp(&b.polygon[0][1]));
    found
}

/// A picture, with what was read on it.
struct Page<'a> {
    grey: &'a Grey,
    effort: Effort,
    found: Vec<Code39Reading>,
}

impl Page<'_> {
    fn climb(&mut self) {
        for (scale, step) in [(1.0, Step::Straight), (0.5, Step::Scales), (2.0, Step::Scales)] {
            if self.is_agreed() || self.effort.is_spent() {
                return;
            }
            let located = self.located(scale);
            let open = self.straight_rows(located, step);
            if self.is_agreed() {
                self.effort = self.effort.at_most(BESIDE);
            }
            self.thoroughly(open);
        }
    }

    /// Tries the longer steps, first on single candidates, then on what may be the two ends of one symbol.
    fn thoroughly(&mut self, open: Vec<Candidate>) {
        let open = self.each(open, |page, candidate| {
            page.profile(candidate);
            if !page.is_read(candidate) {
                page.strips(candidate);
            }
        });
        if !self.is_agreed() {
            self.each(joined(&open), |page, candidate| {
                page.profile(candidate);
                if !page.is_read(candidate) {
                    page.strips(candidate);
                }
            });
        }
    }

    fn is_agreed(&self) -> bool {
        self.found.iter().any(|reading| reading.agreed().is_some())
    }

    /// Places where bars may be, found in a small copy whose pixels are `scale` times as fine as usual. None if the picture
    /// has no finer ones.
    fn located(&self, scale: f32) -> Vec<Candidate> {
        let side = self.grey.width.max(self.grey.height) as f32;
        let usual = (side / SMALL_SIDE).round().max(1.0);
        let factor = (usual / scale).round() as usize;
        match factor {
            0 => Vec::new(),
            1 if scale > 1.0 && usual < 2.0 => Vec::new(),
            1 => candidates(self.grey, 1.0),
            factor => {
                let factor = factor.min(MOST_FACTOR);
                self.grey.reduced(factor).map_or(Vec::new(), |small| candidates(&small, factor as f32))
            }
        }
    }

    /// Tries each candidate that is not read yet, and returns those that still are not.
    fn each(&mut self, open: Vec<Candidate>, step: impl Fn(&mut Self, &Candidate)) -> Vec<Candidate> {
        let mut rest = Vec::new();
        let heaviest = open.iter().fold(0.0, |most: f32, candidate| most.max(candidate.weight));
        for candidate in open {
            if self.effort.is_spent() {
                break;
            }
            // Where a symbol was read, others are read that are clear.
            let clear =
                candidate.weight >= LEAST_WEIGHT * heaviest && Glance::of(self.grey, &candidate).is_clear();
            if !self.is_read(&candidate) && (clear || !self.is_agreed()) {
                step(self, &candidate);
                rest.push(candidate);
            }
        }
        rest.retain(|candidate| !self.is_read(candidate));
        rest
    }

    /// Whether an agreed reading covers the middle of a candidate.
    fn is_read(&self, candidate: &Candidate) -> bool {
        self.covers(candidate.middle)
    }

    /// Whether an agreed reading covers a point.
    fn covers(&self, point: (f32, f32)) -> bool {
        self.found.iter().any(|reading| reading.agreed().is_some() && reading.covers(point))
    }

    /// Reads what can be read as it lies. Returns the candidates that show bars and are not read. Where a symbol was read,
    /// light ones are left out, except if bars are clear.
    fn straight_rows(&mut self, open: Vec<Candidate>, step: Step) -> Vec<Candidate> {
        let heaviest = open.first().map_or(0.0, |candidate| candidate.weight);
        let light = |candidate: &Candidate| candidate.weight < LEAST_WEIGHT * heaviest;
        let mut rest = Vec::new();
        for candidate in open {
            if self.effort.is_spent() {
                break;
            }
            if self.is_read(&candidate) {
                continue;
            }
            let beside = light(&candidate) && self.is_agreed();
            let candidate = Patch::turned(self.grey, &candidate);
            let glance = Glance::of(self.grey, &candidate);
            if glance.is_clear() || glance.shows_bars() && !beside {
                self.straight(&candidate, step);
                rest.push(candidate);
            }
        }
        rest.retain(|candidate| !self.is_read(candidate));
        rest
    }

    fn straight(&mut self, candidate: &Candidate, step: Step) {
        let patch = Patch::upright(self.grey, candidate, MARGIN);
        self.straight_part(&patch, patch.rows / 5..patch.rows - patch.rows / 5, step);
        let layers = patch.layers();
        if layers.len() > 1 {
            for layer in layers {
                let middle = patch.place(patch.columns as f32 / 2.0, (layer.start + layer.end) as f32 / 2.0);
                if !self.covers(middle) && !self.effort.is_spent() {
                    self.straight_part(&patch, layer, step);
                }
            }
        }
    }

    fn straight_part(&mut self, patch: &Patch, rows: Range<usize>, step: Step) {
        let profile = patch.mean(rows.clone());
        let rows: Vec<usize> = rows.collect();
        self.read_profile(patch, &rows, &profile, step, &|profile| runs::hypotheses(profile));
    }

    fn profile(&mut self, candidate: &Candidate) {
        let patch = Patch::upright(self.grey, candidate, MARGIN);
        let all: Vec<usize> = (0..patch.rows).collect();
        let (upper, lower) = all.split_at(patch.rows / 2);
        for (rows, middle) in [(&all[..], true), (&all[..], false), (upper, true), (lower, true)] {
            if let [first, .., last] = *rows
                && !self.is_read(candidate)
            {
                let profile = if middle { patch.middle_mean(rows) } else { patch.mean(first..last + 1) };
                self.search_profile(&patch, rows, &profile, Step::Profile, candidate);
            }
        }
    }

    fn strips(&mut self, candidate: &Candidate) {
        let straight = straightened(&Patch::upright(self.grey, candidate, MARGIN));
        if !straight.rows.is_empty() {
            let profile = straight.patch.middle_mean(&straight.rows);
            self.search_profile(&straight.patch, &straight.rows, &profile, Step::Strips, candidate);
        }
    }

    /// Reads a patch's profile by run lengths, then by search for one shape after the other.
    fn search_profile(
        &mut self,
        patch: &Patch,
        rows: &[usize],
        profile: &[f32],
        step: Step,
        candidate: &Candidate,
    ) {
        self.read_profile(patch, rows, profile, step, &|profile| runs::hypotheses(profile));
        let effort = self.effort;
        for shape in search::SHAPES {
            if self.is_read(candidate) || effort.is_spent() {
                return;
            }
            let least = LEAST_NARROW / patch.column_step;
            self.read_profile(patch, rows, profile, step, &|profile| {
                search::hypotheses(profile, shape, least, &effort)
            });
        }
    }

    /// Reads a patch's profile in both senses, from the hypotheses that `find` has.
    fn read_profile(
        &mut self,
        patch: &Patch,
        rows: &[usize],
        profile: &[f32],
        step: Step,
        find: &dyn Fn(&[f32]) -> Vec<Hypothesis>,
    ) {
        for sense in [Sense::Forward, Sense::Backward] {
            let profile = sense.of(profile.to_vec());
            for fit in best_fits(&profile, &find(&profile), &self.effort) {
                if let Some(reading) = reading(patch, rows, sense, fit, step) {
                    self.keep(reading);
                }
            }
        }
    }

    /// Keeps a reading, unless a better one of the same place is known.
    fn keep(&mut self, new: Code39Reading) {
        let value = |reading: &Code39Reading| (reading.agreed().is_some(), reading.confidence);
        let same = |old: &Code39Reading| old.covers(new.middle()) || new.covers(old.middle());
        if self.found.iter().any(|old| same(old) && value(old) >= value(&new)) {
            return;
        }
        self.found.retain(|old| !same(old));
        self.found.push(new);
    }
}

/// The fits of the hypotheses that can be believed a little, the best first, without those that lie over a better one.
fn best_fits(profile: &[f32], hypotheses: &[Hypothesis], effort: &Effort) -> Vec<Fit> {
    let mut fits: Vec<Fit> = Vec::new();
    for hypothesis in hypotheses {
        if effort.is_spent() {
            break;
        }
        let believed = |fit: &Fit| fit.confidence >= LEAST_CONFIDENCE && fit.score >= LEAST_SCORE;
        fits.extend(fit(profile, hypothesis).filter(believed));
    }
    fits.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut best: Vec<Fit> = Vec::new();
    for fit in fits {
        let over = |other: &Fit| {
            fit.hypothesis.start < other.hypothesis.end() && other.hypothesis.start < fit.hypothesis.end()
        };
        if !best.iter().any(over) {
            best.push(fit);
        }
    }
    best
}

impl Code39Reading {
    /// Moves a reading from a region of a picture to the picture.
    fn moved(&mut self, region: Region) {
        for point in &mut self.polygon {
            *point = [point[0] + region.x as f32, point[1] + region.y as f32];
        }
    }

    fn middle(&self) -> (f32, f32) {
        let sum = |axis: usize| self.polygon.iter().map(|point| point[axis]).sum::<f32>() / 4.0;
        (sum(0), sum(1))
    }

    /// Whether a point lies in the symbol.
    fn covers(&self, (x, y): (f32, f32)) -> bool {
        let side = |index: usize| {
            let (from, to) = (self.polygon[index], self.polygon[(index + 1) % 4]);
            (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0])
        };
        let sides = [0, 1, 2, 3].map(side);
        sides.iter().all(|&side| side >= 0.0) || sides.iter().all(|&side| side <= 0.0)
    }
}
