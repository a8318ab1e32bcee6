//! Tests of the simulation.

use super::*;
use image::Luma;

/// A page of 210 × 297 mm at 25.4 dpi, one pixel a millimetre, with a black rectangle.
fn page((x, y, width, height): (u32, u32, u32, u32)) -> GrayImage {
    GrayImage::from_fn(210, 297, |column, row| {
        let within = (x..x + width).contains(&column) && (y..y + height).contains(&row);
        Luma([if within { 0 } else { 255 }])
    })
}

/// The middle of what is dark in a picture.
fn dark(picture: &GrayImage) -> Option<(i64, i64)> {
    let dark: Vec<(i64, i64)> = picture
        .enumerate_pixels()
        .filter(|(.., grey)| grey.0[0] < 128)
        .map(|(x, y, _)| (x.into(), y.into()))
        .collect();
    let count = dark.len() as i64;
    (count > 0).then(|| {
        (dark.iter().map(|at| at.0).sum::<i64>() / count, dark.iter().map(|at| at.1).sum::<i64>() / count)
    })
}

fn seen(sides: &[GrayImage], turn: Turn, view: View) -> GrayImage {
    held_to_light(sides, 25.4, &Fold::default(), turn, view, 0.0)
}

#[test]
fn what_is_on_the_back_shows_mirrored_on_the_front() {
    let sides = [page((0, 0, 0, 0)), page((20, 110, 20, 10))];
    assert_eq!(dark(&seen(&sides, Turn::LongEdge, View::FlatFront)), Some((179, 114)));
    assert_eq!(
        dark(&seen(&sides, Turn::LongEdge, View::FlatBack)),
        Some((29, 114)),
        "read on the page itself"
    );
    assert_eq!(dark(&seen(&sides, Turn::ShortEdge, View::FlatFront)), Some((29, 181)));
}

#[test]
fn a_fold_lays_panels_over_each_other() {
    for (top, folded) in [(10, 14), (110, 83), (210, 16)] {
        let sides = [page((20, top, 20, 10)), page((0, 0, 0, 0))];
        let front = seen(&sides, Turn::LongEdge, View::FoldedFront);
        assert_eq!(front.height(), 99);
        let (x, y) = dark(&front).expect("something dark");
        assert!(x == 29 && (y - folded).abs() <= 1, "{top}: {x}, {y}");
        assert_eq!(dark(&seen(&sides, Turn::LongEdge, View::FoldedBack)).map(|at| at.0), Some(179));
    }
}

#[test]
fn layers_multiply_and_deeper_ones_are_blurred_more() {
    let [one, two] = [page((20, 20, 60, 60)), page((130, 20, 60, 60))];
    let both = FoldedSheet::new(&one, Some(&two), 25.4, &Fold::default(), Turn::LongEdge);
    let region = Region { x: 50, y: 50, width: 1, height: 1 };
    let light = both.seen(View::FlatFront, region, 0.0).light()[0];
    assert!((light - 0.08 * 0.08).abs() < 1e-4, "{light}");
    let edge = Region { x: 78, y: 50, width: 4, height: 1 };
    let slope = |view: View| {
        let light = both.seen(view, edge, 2.0);
        light.light()[3] - light.light()[0]
    };
    assert!(slope(View::FoldedFront) > slope(View::FoldedBack), "the first panel is the last from behind");
}

#[test]
fn a_sheet_without_pages_is_no_picture() {
    assert_eq!(seen(&[], Turn::LongEdge, View::FlatFront).dimensions(), (0, 0));
}
