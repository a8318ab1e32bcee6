//! Connected areas of dark pixels.

use image::GrayImage;

use super::Point;
use super::threshold::Threshold;

/// The most runs of dark pixels that are looked at: a page of text at 600 dpi has a million, noise has more.
const MAX_RUNS: usize = 8_000_000;

/// A row's run of dark pixels, from `start` to before `end`.
#[derive(Clone, Copy)]
struct Run {
    y: u32,
    start: u32,
    end: u32,
}

/// The corners of the dark pixels of each connected area (8-neighbours) that is at least `least` pixels wide and high, row
/// by row. None for a picture of nothing but noise.
pub(super) fn components(luma: &GrayImage, threshold: &Threshold, least: u32) -> Vec<Vec<Point>> {
    let Some((runs, mut parents)) = connected_runs(luma, threshold) else { return Vec::new() };
    let mut areas = std::collections::BTreeMap::<u32, (u32, u32, u32, u32)>::new();
    for (index, run) in runs.iter().enumerate() {
        let area =
            areas.entry(root(&mut parents, index as u32)).or_insert((run.start, run.end, run.y, run.y));
        *area = (area.0.min(run.start), area.1.max(run.end), area.2, run.y);
    }
    areas.retain(|_, (left, right, top, bottom)| *right - *left >= least && *bottom - *top >= least);
    let mut corners: std::collections::BTreeMap<u32, Vec<Point>> =
        areas.keys().map(|&area| (area, Vec::new())).collect();
    for (index, run) in runs.iter().enumerate() {
        if let Some(corners) = corners.get_mut(&root(&mut parents, index as u32)) {
            let (start, end) = (run.start as f32, run.end as f32);
            let (top, bottom) = (run.y as f32, run.y as f32 + 1.0);
            corners.extend([(start, top), (end, top), (start, bottom), (end, bottom)]);
        }
    }
    corners.into_values().collect()
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
    for (x, &pixel) in (0u32..).zip(row) {
        match (pixel < threshold.at(x, y), start) {
            (true, None) => start = Some(x),
            (false, Some(begin)) => {
                runs.push(Run { y, start: begin, end: x });
                start = None;
            }
            _ => {}
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
        assert_eq!(found[0].len(), 39 * 4);
    }
}
