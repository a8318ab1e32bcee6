//! Connected areas of dark pixels.

use image::GrayImage;

use super::Point;
use super::threshold::{BLOCK, Threshold};

/// The most runs of dark pixels that are looked at: a page of text at 600 dpi has a million, noise has more.
const MAX_RUNS: usize = 3_000_000;

/// A row's run of dark pixels, from `start` to before `end`.
#[derive(Clone, Copy)]
struct Run {
    y: u32,
    start: u32,
    end: u32,
}

/// The rectangle around the runs of an area. The rows are those of its first and its last run.
#[derive(Clone, Copy)]
struct Area {
    left: u32,
    right: u32,
    top: u32,
    bottom: u32,
}

impl Default for Area {
    fn default() -> Area {
        Area { left: u32::MAX, right: 0, top: u32::MAX, bottom: 0 }
    }
}

impl Area {
    fn add(&mut self, run: &Run) {
        self.left = self.left.min(run.start);
        self.right = self.right.max(run.end);
        self.top = self.top.min(run.y);
        self.bottom = self.bottom.max(run.y);
    }
}

/// The corners of the rows of each connected area (8-neighbours) of dark pixels that is at least `least` pixels wide and
/// high: of each row from its first to its last dark pixel. None for a picture of nothing but noise.
pub(super) fn components(luma: &GrayImage, threshold: &Threshold, least: u32) -> Vec<Vec<Point>> {
    let Some((runs, mut parents)) = connected_runs(luma, threshold) else { return Vec::new() };
    let roots: Vec<u32> = (0..runs.len()).map(|index| root(&mut parents, index as u32)).collect();
    let mut areas = vec![Area::default(); runs.len()];
    for (run, &root) in runs.iter().zip(&roots) {
        areas[root as usize].add(run);
    }
    let mut outlines: Vec<Vec<Run>> = Vec::new();
    let mut indices = vec![u32::MAX; runs.len()];
    for (run, &root) in runs.iter().zip(&roots) {
        let area = areas[root as usize];
        if area.right - area.left < least || area.bottom - area.top < least {
            continue;
        }
        let index = &mut indices[root as usize];
        if *index == u32::MAX {
            *index = outlines.len() as u32;
            outlines.push(Vec::new());
        }
        let rows = &mut outlines[*index as usize];
        match rows.last_mut() {
            Some(last) if last.y == run.y => last.end = run.end,
            _ => rows.push(*run),
        }
    }
    outlines.into_iter().map(|rows| rows.iter().flat_map(corners).collect()).collect()
}

/// The corners of a row of pixels.
fn corners(row: &Run) -> [Point; 4] {
    let (start, end) = (row.start as f32, row.end as f32);
    let (top, bottom) = (row.y as f32, row.y as f32 + 1.0);
    [(start, top), (end, top), (start, bottom), (end, bottom)]
}

/// The runs of dark pixels, and for each the index of an earlier run of the same area or its own.
fn connected_runs(luma: &GrayImage, threshold: &Threshold) -> Option<(Vec<Run>, Vec<u32>)> {
    let (mut runs, mut parents) = (Vec::<Run>::new(), Vec::<u32>::new());
    let mut above = 0..0;
    for (y, row) in (0u32..).zip(luma.as_raw().chunks_exact(luma.width().max(1) as usize)) {
        let first = runs.len();
        dark_runs(y, row, threshold, &mut runs);
        if runs.len() > MAX_RUNS {
            return None;
        }
        parents.extend(first as u32..runs.len() as u32);
        let mut upper = above.start;
        for lower in first..runs.len() {
            let run = runs[lower];
            while upper < above.end && runs[upper].end < run.start {
                upper += 1;
            }
            let touching = (upper..above.end).take_while(|&index| runs[index].start <= run.end);
            for index in touching {
                let (one, other) = (root(&mut parents, index as u32), root(&mut parents, lower as u32));
                parents[one.max(other) as usize] = one.min(other);
            }
        }
        above = first..runs.len();
    }
    Some((runs, parents))
}

/// Appends the runs of dark pixels of a row.
fn dark_runs(y: u32, row: &[u8], threshold: &Threshold, runs: &mut Vec<Run>) {
    let mut start = None;
    for (first, pixels) in (0u32..).step_by(BLOCK as usize).zip(row.chunks(BLOCK as usize)) {
        let threshold = threshold.at(first, y);
        let darks = pixels.iter().filter(|&&pixel| pixel < threshold).count();
        let whole = (darks == 0 && start.is_none()) || (darks == pixels.len() && start.is_some());
        if whole {
            continue;
        }
        for (x, &pixel) in (first..).zip(pixels) {
            match (pixel < threshold, start) {
                (true, None) => start = Some(x),
                (false, Some(begin)) => {
                    runs.push(Run { y, start: begin, end: x });
                    start = None;
                }
                _ => {}
            }
        }
    }
    runs.extend(start.map(|start| Run { y, start, end: row.len() as u32 }));
}

/// The first run of a run's area. Shortens the way to it.
fn root(parents: &mut [u32], mut index: u32) -> u32 {
    while parents[index as usize] != index {
        parents[index as usize] = parents[parents[index as usize] as usize];
        index = parents[index as usize];
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn areas_are_told_apart_and_small_ones_are_left_out() {
        let mut luma = GrayImage::from_pixel(60, 40, Luma([255]));
        // A V, whose branches meet at the bottom, a diagonal line, and a dot.
        (0..20).for_each(|i| {
            [(i, i), (39 - i, i), (45 + i / 2, 2 * i)]
                .into_iter()
                .for_each(|(x, y)| luma.put_pixel(x, y, Luma([0])))
        });
        (0..20).for_each(|i| luma.put_pixel(45 + i / 2, (2 * i + 1).min(39), Luma([0])));
        luma.put_pixel(5, 30, Luma([0]));
        let found = components(&luma, &Threshold::Global(128), 9);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].len(), 20 * 4);
    }
}
