//! The part of a picture around a plateau, turned upright and no larger than needed, and the lines along which it steps from
//! light to dark.
//!
//! A side of a symbol is a line with light outside and dark inside along its whole length: a stroke across it changes
//! little. The means along lines at every distance from the middle and at every tilt are computed once for each side; they
//! serve every module size, and light symbols on a dark ground too.

use image::GrayImage;

use super::alignment::grey;
use super::texture::Blob;
use crate::locate::Point;

/// The longest side of a patch, in its own pixels.
const LONGEST: f32 = 360.0;

/// How far a patch and the search for its sides reach, as parts of half a side of the plateau.
const REACH: f32 = 1.45;
const FROM: f32 = 0.55;

/// Points of a line that are looked at.
const POINTS: usize = 32;

/// Tilts to either side, and the greatest one as a part of half the line's length.
const TILTS: i16 = 18;
const MOST_TILT: f32 = 0.26;

/// The pitch from which a pixel of the patch is the mean of four of the picture.
const COARSE: f32 = 1.5;

/// A line of the picture: two points on it.
pub(super) type Line = (Point, Point);

/// A plateau turned upright.
pub(super) struct Patch {
    blob: Blob,
    /// Pixels of the picture for one of the patch.
    pitch: f32,
    wide: usize,
    high: usize,
    pixels: Vec<u8>,
}

impl Patch {
    /// The patch of a plateau.
    pub(super) fn of(luma: &GrayImage, blob: &Blob) -> Patch {
        let longest = 2.0 * REACH * blob.half.0.max(blob.half.1) + 8.0;
        let pitch = (longest / LONGEST).max(1.0);
        let side = |half: f32| ((2.0 * REACH * half + 8.0) / pitch).ceil().max(1.0) as usize;
        let (wide, high) = (side(blob.half.0), side(blob.half.1));
        let (sin, cos) = blob.angle.sin_cos();
        let patch = Patch { blob: *blob, pitch, wide, high, pixels: Vec::new() };
        let (u, v) = ((cos * pitch, sin * pitch), (-sin * pitch, cos * pitch));
        let mut pixels = Vec::with_capacity(wide * high);
        for y in 0..high {
            let first = patch.point((0.5 - wide as f32 / 2.0, y as f32 + 0.5 - high as f32 / 2.0));
            let at = |x: usize| (first.0 + x as f32 * u.0, first.1 + x as f32 * u.1);
            match pitch > COARSE {
                true => pixels.extend((0..wide).map(|x| mean_of_four(luma, at(x), u, v))),
                false => pixels.extend((0..wide).map(|x| grey(luma, at(x)) as u8)),
            }
        }
        Patch { pixels, ..patch }
    }

    /// The lines of all four sides: top, right, bottom, left.
    pub(super) fn sides(&self) -> [Side; 4] {
        let half = (self.blob.half.0 / self.pitch, self.blob.half.1 / self.pitch);
        [
            self.side((0.0, -1.0), (1.0, 0.0), half.1, half.0),
            self.side((1.0, 0.0), (0.0, 1.0), half.0, half.1),
            self.side((0.0, 1.0), (1.0, 0.0), half.1, half.0),
            self.side((-1.0, 0.0), (0.0, 1.0), half.0, half.1),
        ]
    }

    /// The lines of a side whose outward direction is `out`, about `far` from the middle and twice `half` long.
    fn side(&self, out: Point, along: Point, far: f32, half: f32) -> Side {
        let from = (FROM * far).floor();
        let count = ((REACH * far) - from).ceil().max(1.0) as usize;
        let tilt_step = MOST_TILT * half / f32::from(TILTS);
        let mut means = Vec::with_capacity((2 * TILTS as usize + 1) * count);
        let (middle_x, middle_y) = (self.wide as f32 / 2.0, self.high as f32 / 2.0);
        for tilt in -TILTS..=TILTS {
            let tilt = f32::from(tilt) * tilt_step;
            let mut sums = vec![0u32; count];
            for index in 0..POINTS {
                let t = 1.9 * (index as f32 + 0.5) / POINTS as f32 - 0.95;
                let distance = from + t * tilt;
                let x = middle_x + along.0 * half * t + out.0 * distance;
                let y = middle_y + along.1 * half * t + out.1 * distance;
                self.add(&mut sums, (x as isize, y as isize), (out.0 as isize, out.1 as isize));
            }
            means.extend(sums.into_iter().map(|sum| sum as f32 / POINTS as f32));
        }
        Side { out, along, far, half, from, count, tilt_step, means }
    }

    /// Adds the pixels from a point on in one direction. Beyond the patch, its edge goes on.
    fn add(&self, sums: &mut [u32], (x, y): (isize, isize), (step_x, step_y): (isize, isize)) {
        let (last_x, last_y) = (self.wide as isize - 1, self.high as isize - 1);
        let (mut x, mut y) = (x, y);
        for sum in sums {
            let index = y.clamp(0, last_y) as usize * self.wide + x.clamp(0, last_x) as usize;
            *sum += u32::from(self.pixels[index]);
            (x, y) = (x + step_x, y + step_y);
        }
    }

    /// The picture's pixels for a length in the patch.
    pub(super) fn pitch(&self) -> f32 {
        self.pitch
    }

    /// The point of the picture at a point of the patch, from its middle.
    fn point(&self, (x, y): Point) -> Point {
        let (sin, cos) = self.blob.angle.sin_cos();
        let (x, y) = (x * self.pitch, y * self.pitch);
        (self.blob.middle.0 + x * cos - y * sin, self.blob.middle.1 + x * sin + y * cos)
    }
}

/// The means along the lines of a side.
pub(super) struct Side {
    out: Point,
    along: Point,
    far: f32,
    half: f32,
    /// The distance of the first line.
    from: f32,
    /// Lines of each tilt, one pixel apart.
    count: usize,
    /// Pixels by which the ends of two neighbouring tilts differ.
    tilt_step: f32,
    means: Vec<f32>,
}

impl Side {
    /// The line with the greatest step from light outside to dark inside (from dark to light if `negative`), around the
    /// plateau's own, if a module has `module` pixels of the patch. In pixels of the picture.
    pub(super) fn line(&self, patch: &Patch, module: f32, negative: bool) -> Line {
        let inward = (6.0 * module).min(0.35 * self.far);
        let outward = (4.0 * module).min(0.35 * self.far);
        let first = ((self.far - inward - self.from).max(0.0)) as usize;
        let last = ((self.far + outward - self.from).max(0.0)) as usize;
        let penalty = 0.4 / (self.tilt_step * f32::from(TILTS)).max(1e-3);
        let mut best = (f32::MIN, 0.0, 0.0);
        for index in 0..=2 * TILTS {
            let tilt = f32::from(index - TILTS) * self.tilt_step;
            let means = &self.means[index as usize * self.count..][..self.count];
            for distance in first..=last.min(self.count - 1) {
                let step =
                    mean(means, distance as f32 + 0.6 * module) - mean(means, distance as f32 - 0.5 * module);
                let response = if negative { -step } else { step } - tilt.abs() * penalty;
                if response > best.0 {
                    best = (response, self.from + distance as f32, tilt);
                }
            }
        }
        let (_, distance, tilt) = best;
        let end = |t: f32| {
            let distance = distance + t * tilt;
            let x = self.along.0 * self.half * t + self.out.0 * distance;
            let y = self.along.1 * self.half * t + self.out.1 * distance;
            patch.point((x, y))
        };
        (end(-1.0), end(1.0))
    }
}

/// The mean of four pixels around a point, whose neighbours in the patch are `u` and `v` away.
#[inline]
fn mean_of_four(luma: &GrayImage, (x, y): Point, u: Point, v: Point) -> u8 {
    let (last_x, last_y) = (luma.width() as i32 - 1, luma.height() as i32 - 1);
    let pixel = |part_u: f32, part_v: f32| {
        let column = ((x + part_u * u.0 + part_v * v.0) as i32).clamp(0, last_x);
        let row = ((y + part_u * u.1 + part_v * v.1) as i32).clamp(0, last_y);
        u16::from(luma.as_raw()[row as usize * luma.width() as usize + column as usize])
    };
    ((pixel(-0.25, -0.25) + pixel(0.25, -0.25) + pixel(-0.25, 0.25) + pixel(0.25, 0.25)) / 4) as u8
}

/// The mean at a distance, between those of two lines.
#[inline]
fn mean(means: &[f32], distance: f32) -> f32 {
    let last = means.len() - 1;
    let distance = distance.clamp(0.0, last as f32);
    let before = distance as usize;
    let after = (before + 1).min(last);
    means[before] + (means[after] - means[before]) * (distance - before as f32)
}

/// Where two lines meet.
pub(super) fn meet((a, b): Line, (c, d): Line) -> Option<Point> {
    let (r, s) = ((b.0 - a.0, b.1 - a.1), (d.0 - c.0, d.1 - c.1));
    let cross = r.0 * s.1 - r.1 * s.0;
    if cross.abs() < 1e-3 {
        return None;
    }
    let t = ((c.0 - a.0) * s.1 - (c.1 - a.1) * s.0) / cross;
    Some((a.0 + t * r.0, a.1 + t * r.1))
}
