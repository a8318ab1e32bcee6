//! How paper comes to lie in a picture: resolution, rotation, perspective, curl.

use image::GrayImage;

use crate::page::{DOTS_PER_MM, PAPER_MM, Quad};

/// A projective map of the plane, row by row.
type Homography = [f32; 9];

/// Waves of curled paper: points of a row move along the row by an amount that changes from row to row, and rows bend.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Curl {
    /// The largest displacement along a row, in dots.
    pub(crate) along: f32,
    /// Dots from one wave to the next, down the page.
    pub(crate) along_period: f32,
    /// The largest displacement across rows, in dots.
    pub(crate) across: f32,
    /// Dots from one wave to the next, along a row.
    pub(crate) across_period: f32,
    /// Where the waves begin, in radians.
    pub(crate) phase: f32,
}

impl Curl {
    /// How far the print at a point of the flat paper is displaced.
    fn offset(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let wave = |length: f32, position: f32, period: f32| match length == 0.0 {
            true => 0.0,
            false => length * (std::f32::consts::TAU * position / period + self.phase).sin(),
        };
        [wave(self.along, y, self.along_period), wave(self.across, x, self.across_period)]
    }
}

/// A picture's frame, and the map from its pixels to dots of the paper.
#[derive(Debug, Clone)]
pub(crate) struct Placement {
    pub(crate) width: u32,
    pub(crate) height: u32,
    to_paper: Homography,
    to_picture: Homography,
    curl: Curl,
}

/// How a page is laid and pictured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pose {
    /// Resolution across and down, in dots per inch.
    pub(crate) dpi: [f32; 2],
    /// Turn of the page in the picture, clockwise, in degrees.
    pub(crate) turn: f32,
    /// Share by which the far edge of the page is shorter, across and down; 0 for a scanner.
    pub(crate) perspective: [f32; 2],
    /// Waves of the paper.
    pub(crate) curl: Curl,
    /// Paper that is pictured beyond the page's edges, in millimetres.
    pub(crate) margin_mm: f32,
}

impl Pose {
    /// Flat on the glass, upright.
    pub(crate) fn scan(dpi: f32) -> Pose {
        Pose { dpi: [dpi, dpi], turn: 0.0, perspective: [0.0; 2], curl: Curl::default(), margin_mm: 0.0 }
    }

    /// The picture's frame: it holds the whole page.
    pub(crate) fn placement(&self) -> Placement {
        let [width, height] = PAPER_MM.map(|mm| mm * DOTS_PER_MM);
        let (sine, cosine) = self.turn.to_radians().sin_cos();
        let [across, down] = [self.dpi[0] / crate::page::PAPER_DPI, self.dpi[1] / crate::page::PAPER_DPI];
        let centred = [1.0, 0.0, -width / 2.0, 0.0, 1.0, -height / 2.0, 0.0, 0.0, 1.0];
        // Points to the right and down are farther off by a share of the half side.
        let [right, lower] = [self.perspective[0] / width, self.perspective[1] / height];
        let tilted = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, right, lower, 1.0];
        let turned = [cosine, -sine, 0.0, sine, cosine, 0.0, 0.0, 0.0, 1.0];
        let scaled = [across, 0.0, 0.0, 0.0, down, 0.0, 0.0, 0.0, 1.0];
        let centred_map = product(&scaled, &product(&turned, &product(&tilted, &centred)));
        let corners = [[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]];
        let reached = corners.map(|corner| apply(&centred_map, corner));
        let margin = [self.margin_mm / 25.4 * self.dpi[0], self.margin_mm / 25.4 * self.dpi[1]];
        let least = |axis: usize| reached.iter().map(|p| p[axis]).fold(f32::MAX, f32::min) - margin[axis];
        let most = |axis: usize| reached.iter().map(|p| p[axis]).fold(f32::MIN, f32::max) + margin[axis];
        let (left, top) = (least(0), least(1));
        let shifted = [1.0, 0.0, -left, 0.0, 1.0, -top, 0.0, 0.0, 1.0];
        let to_picture = product(&shifted, &centred_map);
        Placement {
            width: (most(0) - left).round().max(1.0) as u32,
            height: (most(1) - top).round().max(1.0) as u32,
            to_paper: inverse(&to_picture),
            to_picture,
            curl: self.curl,
        }
    }
}

impl Placement {
    /// The picture of `paper`, with bilinear sampling. What is not paper has the value `around`.
    pub(crate) fn picture(&self, paper: &GrayImage, around: u8) -> GrayImage {
        let (paper_width, paper_height) = (paper.width() as usize, paper.height() as usize);
        let dots = paper.as_raw();
        let mut pixels = Vec::with_capacity(self.width as usize * self.height as usize);
        for row in 0..self.height {
            for column in 0..self.width {
                let flat = apply(&self.to_paper, [column as f32 + 0.5, row as f32 + 0.5]);
                let [shift_x, shift_y] = self.curl.offset(flat);
                let (x, y) = (flat[0] + shift_x - 0.5, flat[1] + shift_y - 0.5);
                let (x0, y0) = (x.floor(), y.floor());
                let inside =
                    x0 >= 0.0 && y0 >= 0.0 && x0 + 1.0 < paper_width as f32 && y0 + 1.0 < paper_height as f32;
                if !inside {
                    pixels.push(around);
                    continue;
                }
                let (right, down) = (x - x0, y - y0);
                let at = y0 as usize * paper_width + x0 as usize;
                let above = f32::from(dots[at]) * (1.0 - right) + f32::from(dots[at + 1]) * right;
                let below = f32::from(dots[at + paper_width]) * (1.0 - right)
                    + f32::from(dots[at + paper_width + 1]) * right;
                pixels.push((above * (1.0 - down) + below * down + 0.5) as u8);
            }
        }
        GrayImage::from_raw(self.width, self.height, pixels).unwrap_or_default()
    }

    /// Where corners on the printed page are in the picture.
    pub(crate) fn quad(&self, corners: Quad) -> Quad {
        corners.map(|printed| {
            // The paper's point whose displacement ends at the print: a few steps settle it.
            let mut flat = printed;
            for _ in 0..20 {
                let [x, y] = self.curl.offset(flat);
                flat = [printed[0] - x, printed[1] - y];
            }
            apply(&self.to_picture, flat)
        })
    }
}

fn apply(map: &Homography, [x, y]: [f32; 2]) -> [f32; 2] {
    let scale = map[6] * x + map[7] * y + map[8];
    [(map[0] * x + map[1] * y + map[2]) / scale, (map[3] * x + map[4] * y + map[5]) / scale]
}

fn product(left: &Homography, right: &Homography) -> Homography {
    let entry = |row: usize, column: usize| (0..3).map(|k| left[3 * row + k] * right[3 * k + column]).sum();
    std::array::from_fn(|index| entry(index / 3, index % 3))
}

/// The inverse map, by cofactors.
fn inverse(m: &Homography) -> Homography {
    let m = m.map(f64::from);
    let cofactors = [
        m[4] * m[8] - m[5] * m[7],
        m[2] * m[7] - m[1] * m[8],
        m[1] * m[5] - m[2] * m[4],
        m[5] * m[6] - m[3] * m[8],
        m[0] * m[8] - m[2] * m[6],
        m[2] * m[3] - m[0] * m[5],
        m[3] * m[7] - m[4] * m[6],
        m[1] * m[6] - m[0] * m[7],
        m[0] * m[4] - m[1] * m[3],
    ];
    let determinant = m[0] * cofactors[0] + m[1] * cofactors[3] + m[2] * cofactors[6];
    cofactors.map(|entry| (entry / determinant) as f32)
}
