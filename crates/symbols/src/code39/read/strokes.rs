//! Strokes that cross the bars from end to end: what they do to one band of the bars, they do to every other.
//!
//! A stroke of a pen, a crease or a printer's streak along the bars can make one character look like another in all bands
//! alike. It does not end where the bars do: it is seen beyond both of their ends, as a narrow line on the paper.

use super::grey::Grey;

/// How far beyond the ends of the bars is looked, as shares of their height.
const BEYOND: [f32; 3] = [0.06, 0.09, 0.12];
/// The least that is looked beyond the ends, in pixels.
const LEAST_BEYOND: [f32; 3] = [2.5, 3.5, 4.5];
/// How much further away it is looked where the bars go on, as shares of their height.
const FURTHER: [f32; 5] = [0.0, 0.1, 0.2, 0.35, 0.5];
/// The most strokes; more lines are the bars themselves, or text.
const MOST: usize = 14;
/// How dark a stroke is at least, as a share of the way from paper to bars.
const DARK: f32 = 0.3;
/// The widest stroke, as a share of the symbol's width: text and frames are wider.
const WIDEST: f32 = 0.03;
/// How far a stroke may drift from one end of the bars to the other, as a share of their height.
const DRIFT: f32 = 0.5;

/// Whether a stroke crosses bars with these corners, from the start of the text along its upper edge and clockwise.
pub(super) fn cross(grey: &Grey, polygon: &[[f32; 2]; 4]) -> bool {
    let [a, b, c, d] = *polygon;
    let above = lines(grey, [a, b], [d, c]);
    let below = lines(grey, [d, c], [a, b]);
    let length = |from: [f32; 2], to: [f32; 2]| (to[0] - from[0]).hypot(to[1] - from[1]);
    let (width, height) = (length(a, b).max(1.0), length(a, d));
    let drift = DRIFT * height / width;
    above.iter().any(|one| below.iter().any(|other| (one - other).abs() <= drift))
}

/// Where narrow lines lie beyond an edge of the bars, as shares of its length. `other` is the edge at the other end. Where
/// the bars themselves go on, it is looked further away.
fn lines(grey: &Grey, edge: [[f32; 2]; 2], other: [[f32; 2]; 2]) -> Vec<f32> {
    let found = FURTHER.iter().map(|further| lines_at(grey, edge, other, *further));
    found.into_iter().find(|lines| lines.len() <= MOST).unwrap_or_default()
}

/// Where narrow lines lie so far beyond an edge, as a share of the bars' height.
fn lines_at(grey: &Grey, edge: [[f32; 2]; 2], other: [[f32; 2]; 2], further: f32) -> Vec<f32> {
    let [from, to] = edge;
    let width = (to[0] - from[0]).hypot(to[1] - from[1]);
    let away = [from[0] - other[0][0], from[1] - other[0][1]];
    let height = away[0].hypot(away[1]);
    if width < 20.0 || height < 4.0 {
        return Vec::new();
    }
    let samples = (2.0 * width) as usize;
    let at = |share: f32, beyond: f32| {
        let x = from[0] + (to[0] - from[0]) * share + away[0] / height * beyond;
        let y = from[1] + (to[1] - from[1]) * share + away[1] / height * beyond;
        grey.at(x, y)
    };
    let inside: Vec<f32> = (0..samples).map(|i| at(i as f32 / samples as f32, -height * 0.3)).collect();
    let dark = share_of(&inside, 0.1);
    let beyond: Vec<f32> =
        (0..3).map(|step| further * height + (BEYOND[step] * height).max(LEAST_BEYOND[step])).collect();
    let outside: Vec<f32> = (0..samples)
        .map(|i| beyond.iter().map(|beyond| at(i as f32 / samples as f32, *beyond)).fold(0.0, f32::max))
        .collect();
    let paper = share_of(&outside, 0.6);
    let least = paper - DARK * (paper - dark);
    if paper - dark < 20.0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut begin = None;
    for (index, level) in outside.iter().chain(std::iter::once(&f32::MAX)).enumerate() {
        match (begin, *level < least) {
            (None, true) => begin = Some(index),
            (Some(first), false) => {
                let wide = (index - first) as f32 / samples as f32;
                // A line at the very end goes beyond the symbol, and may be wider.
                if wide <= WIDEST && first > 0 && index < samples {
                    found.push((first + index) as f32 / 2.0 / samples as f32);
                }
                begin = None;
            }
            _ => {}
        }
    }
    found
}

/// The level below which a share of the samples lies.
fn share_of(samples: &[f32], share: f32) -> f32 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get((sorted.len() as f32 * share) as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars of 200 × 60 pixels at 40, 40, with a stroke from one height to another at a column.
    fn picture(stroke: Option<(usize, usize, usize)>, text_below: bool) -> Grey {
        let (width, height) = (300, 150);
        let mut pixels = vec![240u8; width * height];
        for y in 40..100 {
            (40..240).filter(|x| x % 6 < 3).for_each(|x| pixels[y * width + x] = 30);
        }
        if let Some((x, from, to)) = stroke {
            (from..to).for_each(|y| pixels[y * width + x..y * width + x + 3].fill(40));
        }
        if text_below {
            (103..115).for_each(|y| (60..200).filter(|x| x % 9 < 3).for_each(|x| pixels[y * width + x] = 30));
        }
        Grey::from_pixels(width, height, pixels).expect("a picture")
    }

    const BARS: [[f32; 2]; 4] = [[40.0, 40.0], [240.0, 40.0], [240.0, 100.0], [40.0, 100.0]];

    #[test]
    fn a_stroke_from_end_to_end_crosses_and_what_ends_before_does_not() {
        assert!(!cross(&picture(None, false), &BARS));
        assert!(cross(&picture(Some((120, 10, 140)), false), &BARS));
        assert!(!cross(&picture(Some((120, 10, 80)), false), &BARS), "it ends within");
        assert!(!cross(&picture(None, true), &BARS), "the number below the bars");
    }
}
