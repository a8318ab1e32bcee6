//! A page and a kind of damage → a picture with its truth.

use fastrand::Rng;
use image::GrayImage;

use crate::fault::Fault;
use crate::files::FileFormat;
use crate::geometry::{Curl, Placement, Pose};
use crate::kind::Kind;
use crate::marks::{Brush, PenStrokes, between};
use crate::page::{Area, CODE39, DOTS_PER_MM, PAPER_DPI, Page, TWODDOC, Truth};
use crate::severity::*;
use crate::{ink, marks, optics};

/// The symbols of a letter.
const SYMBOLS: [Area; 2] = [CODE39, TWODDOC];

/// The picture that a scanner or telephone makes of `page` after damage of `kind`, and what it shows.
///
/// The same page, kind and seed make the same picture. Different kinds of one seed are independent.
///
/// # Errors
/// [`Fault::Picture`] if a JPEG can't be encoded.
pub fn damage(page: &Page, kind: Kind, seed: u64) -> Result<(GrayImage, Truth), Fault> {
    let (picture, truth) = scanned(page, kind, seed);
    Ok((FileFormat::of(kind).through(picture)?, truth))
}

/// The same picture as a file of [`FileFormat::of`] the kind.
///
/// # Errors
/// [`Fault::Picture`] if it can't be encoded.
pub fn damage_file(page: &Page, kind: Kind, seed: u64) -> Result<(Vec<u8>, Truth), Fault> {
    let (picture, truth) = scanned(page, kind, seed);
    Ok((FileFormat::of(kind).encode(&picture)?, truth))
}

/// The picture before it is a file.
fn scanned(page: &Page, kind: Kind, seed: u64) -> (GrayImage, Truth) {
    let position = Kind::all().iter().position(|&other| other == kind).unwrap_or_default() as u64;
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ ((position + 1) << 40));
    let pose = pose(kind, &mut rng);
    let placement = pose.placement();
    let paper = paper(page, kind, &mut rng);
    let picture = exposed(&paper, kind, &pose, &placement, &mut rng);
    let truth = Truth {
        kind: kind.name().to_owned(),
        seed,
        dpi: pose.dpi,
        card_number: page.card_number.clone(),
        twoddoc: page.twoddoc.clone(),
        code39_quad: placement.quad(CODE39.corners()),
        twoddoc_quad: placement.quad(TWODDOC.corners()),
    };
    (picture, truth)
}

/// How the page lies.
fn pose(kind: Kind, rng: &mut Rng) -> Pose {
    let mut within = |degrees: f32| between(rng, -degrees, degrees);
    let straight = within(LAID_STRAIGHT);
    let askew = |dpi: f32, turn: f32| Pose { turn, ..Pose::scan(dpi) };
    match kind {
        Kind::Clean200 | Kind::Threshold200 => askew(200.0, straight),
        Kind::Blur150 => askew(150.0, straight),
        Kind::Dpi100 => askew(100.0, straight),
        Kind::Skew3 => askew(300.0, 3.0 * within(1.0).signum()),
        Kind::Skew45 => askew(300.0, within(45.0)),
        Kind::Skew90 => askew(300.0, within(90.0)),
        Kind::UpsideDown => askew(300.0, 180.0 + straight),
        Kind::Sliver => askew(300.0, within(SLIVER_SKEW)),
        Kind::Fax => Pose { dpi: FAX_DPI, ..askew(0.0, straight) },
        Kind::Curled => {
            let wave = |length: f32| 1.0 + 0.3 * length;
            let curl = Curl {
                along: CURL_ALONG_MM * DOTS_PER_MM * wave(within(1.0)),
                along_period: CURL_PERIOD_MM * DOTS_PER_MM * wave(within(1.0)),
                across: CURL_ACROSS_MM * DOTS_PER_MM * wave(within(1.0)),
                across_period: CURL_PERIOD_MM * DOTS_PER_MM * wave(within(1.0)),
                phase: within(std::f32::consts::PI),
            };
            Pose { curl, ..askew(300.0, straight) }
        }
        Kind::Perspective => Pose {
            turn: within(PHOTO_SKEW),
            perspective: [within(PHOTO_PERSPECTIVE), within(PHOTO_PERSPECTIVE)],
            margin_mm: 10.0,
            ..Pose::scan(PHOTO_DPI)
        },
        Kind::Everything300 => askew(300.0, within(EVERYTHING_300_SKEW)),
        Kind::Everything200 => askew(200.0, within(EVERYTHING_200_SKEW)),
        _ => askew(300.0, straight),
    }
}

/// The printed page with what happened to its ink and its paper.
fn paper(page: &Page, kind: Kind, rng: &mut Rng) -> GrayImage {
    let mut paper = match kind {
        Kind::InkSpread => ink::grown(&page.print, INK_DOTS),
        Kind::InkStarved => ink::grown(&page.print, -INK_DOTS),
        _ => page.print.clone(),
    };
    let brush = |radius_mm: f32, tone: u8| Brush { radius: radius_mm * DOTS_PER_MM, tone };
    match kind {
        Kind::Stained => {
            stained(&mut paper, [STAIN_TONE, STAIN_TONE], rng);
            marks::folds(&mut paper, &FOLDS_MM.map(|mm| mm * DOTS_PER_MM), FOLD_TONE, rng);
            for symbol in SYMBOLS {
                let stamp = brush(STAMP_RADIUS_MM, STAMP_TONE);
                marks::rubber_stamp(&mut paper, symbol, STAMP_NEAR_MM, stamp, rng);
            }
        }
        Kind::PenStrokes => {
            let strokes = PenStrokes {
                most: PEN_STROKES,
                askew: PEN_ANGLE.to_radians(),
                half_mm: [PEN_SHORT_MM, PEN_LONG_MM],
                bend_mm: PEN_BEND_MM,
                brush: brush(PEN_RADIUS_MM, PEN_TONE),
            };
            for symbol in SYMBOLS {
                marks::pen_strokes(&mut paper, symbol, strokes, rng);
            }
        }
        Kind::Postmark => {
            for (symbol, off_mm) in SYMBOLS.into_iter().zip([POSTMARK_OFF_BARS_MM, POSTMARK_OFF_BLOCK_MM]) {
                let (off, ink) = (off_mm * DOTS_PER_MM, brush(POSTMARK_RADIUS_MM, POSTMARK_TONE));
                marks::postmark(&mut paper, symbol, off, POSTMARK_WAVES, ink, rng);
            }
        }
        Kind::Sliver => marks::covered_except(&mut paper, CODE39, SLIVER_MM * DOTS_PER_MM, ENVELOPE, rng),
        Kind::Everything300 => {
            stained(&mut paper, [EVERYTHING_300_STAIN_BARS, EVERYTHING_300_STAIN_BLOCK], rng);
        }
        Kind::Everything200 => stained(&mut paper, [EVERYTHING_200_STAIN, EVERYTHING_200_STAIN], rng),
        _ => {}
    }
    paper
}

/// Stains around the bars and around the 2D-DOC; `tones` are what the deepest of each leaves.
fn stained(paper: &mut GrayImage, tones: [u8; 2], rng: &mut Rng) {
    for (symbol, tone) in SYMBOLS.into_iter().zip(tones) {
        marks::stains(paper, symbol, STAINS, tone, rng);
    }
}

/// The picture of the paper, as the sensor gives it.
fn exposed(paper: &GrayImage, kind: Kind, pose: &Pose, placement: &Placement, rng: &mut Rng) -> GrayImage {
    let [across, down] = pose.dpi.map(|dpi| (PAPER_DPI / dpi).round() as u32);
    let around = if kind == Kind::Perspective { 90 } else { LID };
    let mut picture = placement.picture(&optics::gathered(paper, across, down), around);
    let (dark, light) = match kind {
        Kind::Faded => (FADED_DARK, FADED_LIGHT),
        _ => (TONER, PAPER),
    };
    ink::toned(&mut picture, dark, light);
    let per_mm = pose.dpi[0] / 25.4;
    match kind {
        Kind::FilmGlare | Kind::Everything300 | Kind::Everything200 => {
            let half_width = FILM_STREAK_MM * per_mm;
            optics::glare(&mut picture, FILM_VEIL, FILM_STREAKS, FILM_STREAK, half_width, rng);
        }
        Kind::Perspective => optics::uneven_light(&mut picture, PHOTO_LEAST_LIGHT, rng),
        _ => {}
    }
    let at_300 = |sigma: f32| sigma * pose.dpi[0] / 300.0;
    let (blur, noise) = match kind {
        Kind::Blur150 => (BLUR_150, SENSOR_NOISE),
        Kind::Blur => (BLUR, SENSOR_NOISE),
        Kind::Noise => (at_300(LENS_AT_300), NOISE),
        Kind::Faded => (at_300(LENS_AT_300), FADED_NOISE),
        Kind::Perspective => (PHOTO_BLUR, PHOTO_NOISE),
        Kind::Everything300 | Kind::Everything200 => (at_300(EVERYTHING_BLUR), SENSOR_NOISE),
        _ => (at_300(LENS_AT_300), SENSOR_NOISE),
    };
    picture = optics::blurred(&picture, blur);
    optics::noise(&mut picture, noise, rng);
    if FileFormat::of(kind) == FileFormat::Group4 {
        optics::threshold(&mut picture, THRESHOLD);
    }
    picture
}
