//! Pages turned by known angles: what a report shows of them stands upright.

use super::*;
use proptest::prelude::*;

/// A symbol whose text begins at `start`, reads in the direction `angle`, and is `long` and `high`.
fn symbol(format: SymbolFormat, start: [f32; 2], angle: f32, long: f32, high: f32) -> SymbolRead {
    let (sin, cos) = angle.sin_cos();
    let at = |x: f32, y: f32| [start[0] + x * cos - y * sin, start[1] + x * sin + y * cos];
    let polygon = match format {
        SymbolFormat::Code39 => [at(0.0, 0.0), at(long, 0.0), at(long, high), at(0.0, high)],
        SymbolFormat::DataMatrix => [at(0.0, high), at(0.0, 0.0), at(long, 0.0), at(long, high)],
    };
    let text = "2400140649".to_owned();
    SymbolRead {
        format,
        text,
        polygon,
        step: "straight".to_owned(),
        confidence: 0.5,
        agreed: true,
        grade: None,
    }
}

fn white(width: u32, height: u32) -> Picture {
    Picture::from_rgba(width, height, vec![255; 4 * (width * height) as usize]).expect("a picture")
}

fn decoded(view: &View) -> GrayImage {
    let bytes = STANDARD.decode(&view.jpeg).expect("base64");
    let picture = Picture::decode(&bytes).expect("a JPEG");
    assert_eq!((picture.width(), picture.height()), (view.width, view.height));
    GrayImage::from_raw(view.width, view.height, picture.to_luma()).expect("its pixels")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_symbol_stands_upright_in_both_views(
        angle in -3.1f32..3.1,
        x in 150f32..250.0,
        y in 150f32..250.0,
        is_bars in any::<bool>(),
    ) {
        let format = if is_bars { SymbolFormat::Code39 } else { SymbolFormat::DataMatrix };
        let symbol = symbol(format, [x, y], angle, 80.0, 30.0);
        let crop = upright(&white(400, 400), std::slice::from_ref(&symbol), &[]).expect("a crop");
        for view in [&crop.page, crop.close.as_ref().expect("a close-up")] {
            let corners = symbol.polygon.map(|corner| view.transform.apply(corner));
            let [start, end, lower] = match format {
                SymbolFormat::Code39 => [corners[0], corners[1], corners[3]],
                SymbolFormat::DataMatrix => [corners[1], corners[2], corners[0]],
            };
            let askew = (end[1] - start[1]) / (end[0] - start[0]);
            prop_assert!(end[0] > start[0] && lower[1] > start[1] && askew.abs() < 2.0 * STRAIGHT, "{corners:?}");
            for [x, y] in corners {
                prop_assert!((-1.0..=view.width as f32 + 1.0).contains(&x), "{x} of {}", view.width);
                prop_assert!((-1.0..=view.height as f32 + 1.0).contains(&y), "{y} of {}", view.height);
            }
        }
    }

    #[test]
    fn a_map_and_its_inverse_are_nothing(angle in -3.2f32..3.2, x in -90f32..90.0, y in -90f32..90.0, scale in 0.1f32..4.0) {
        let map = Affine::rotation(angle).then(&Affine::translation(x, y)).then(&Affine::scale(scale));
        let [back_x, back_y] = map.inverse().expect("an inverse").apply(map.apply([12.0, -7.0]));
        prop_assert!((back_x - 12.0).abs() < 1e-2 && (back_y + 7.0).abs() < 1e-2);
    }
}

#[test]
fn a_page_upside_down_is_turned_exactly() {
    let mut rgba = vec![255; 4 * 300 * 200];
    // A black square at the lower right: at the upper left once the page is turned.
    for y in 160..200 {
        for x in 250..300 {
            rgba[4 * (y * 300 + x)..][..3].fill(0);
        }
    }
    let picture = Picture::from_rgba(300, 200, rgba).expect("a picture");
    let read = symbol(SymbolFormat::Code39, [200.0, 100.0], std::f32::consts::PI - 0.004, 90.0, 20.0);
    let view = upright(&picture, &[read], &[]).expect("a crop").page;
    assert_eq!((view.width, view.height), (300, 200));
    let shown = decoded(&view);
    assert!(shown.get_pixel(10, 10)[0] < 40 && shown.get_pixel(60, 10)[0] > 215);
    assert!(shown.get_pixel(290, 190)[0] > 215, "the old place is white");
}

#[test]
fn what_was_read_best_says_which_way_is_up() {
    let up = symbol(SymbolFormat::Code39, [10.0, 10.0], 0.0, 50.0, 10.0);
    let doubtful = SymbolRead {
        agreed: false,
        confidence: 0.9,
        ..symbol(SymbolFormat::Code39, [10.0, 50.0], 1.0, 50.0, 10.0)
    };
    let block =
        SymbolRead { confidence: 1.0, ..symbol(SymbolFormat::DataMatrix, [90.0, 50.0], 2.0, 20.0, 20.0) };
    assert_eq!(page_angle(&[doubtful.clone(), block.clone(), up]), 0.0);
    assert!((page_angle(&[block.clone(), doubtful]) - 1.0).abs() < 1e-4);
    assert!((page_angle(&[block]) - 2.0).abs() < 1e-4);
    assert_eq!(page_angle(&[]), 0.0);
}

#[test]
fn nothing_read_leaves_the_page_as_it_was_scanned_and_small() {
    let crop = upright(&white(3000, 2000), &[], &[]).expect("a crop");
    assert_eq!((crop.page.width, crop.page.height, crop.close), (1000, 667, None));
    let found = [[100.0, 100.0], [300.0, 100.0], [300.0, 200.0], [100.0, 200.0]];
    let close = upright(&white(3000, 2000), &[], &[found]).expect("a crop").close.expect("a close-up");
    assert_eq!((close.width, close.height), (300, 200), "never enlarged");
}

#[test]
fn corners_that_are_no_numbers_do_no_harm() {
    let nowhere = [[f32::NAN, f32::INFINITY]; 4];
    let mut read = symbol(SymbolFormat::Code39, [10.0, 10.0], 0.0, 50.0, 10.0);
    read.polygon = nowhere;
    let crop = upright(&white(100, 50), &[read], &[nowhere]).expect("a crop");
    assert_eq!((crop.page.width, crop.page.height, crop.close), (100, 50, None));
}

#[test]
fn a_noisy_page_keeps_to_its_bytes() {
    let mut random = fastrand::Rng::with_seed(7);
    let noise: Vec<u8> = (0..4 * 1400 * 1400).map(|_| random.u8(..)).collect();
    let picture = Picture::from_rgba(1400, 1400, noise).expect("a picture");
    let crop = upright(&picture, &[], &[]).expect("a crop");
    assert!(crop.page.jpeg.len() < 500_000, "{}", crop.page.jpeg.len());
}

#[test]
fn symbols_in_two_corners_are_shown_by_the_best_one() {
    let bars = symbol(SymbolFormat::Code39, [100.0, 100.0], 0.0, 300.0, 80.0);
    let block = symbol(SymbolFormat::DataMatrix, [1500.0, 2400.0], 0.0, 250.0, 250.0);
    let crop = upright(&white(2000, 3000), &[block, bars.clone()], &[]).expect("a crop");
    let close = crop.close.expect("a close-up");
    let [[left, top], _, [right, bottom], _] = bars.polygon.map(|corner| close.transform.apply(corner));
    assert!(left > 0.0 && top > 0.0 && right < close.width as f32 && bottom < close.height as f32);
    assert_eq!((close.width, close.height), (450, 230));
}
