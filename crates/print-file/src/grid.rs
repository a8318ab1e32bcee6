//! The press's grid of device dots, on which all symbols are drawn.

/// The grid of a press. Pages are A4 rounded to whole dots, so that distances from the top and from the bottom are whole
/// dots alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    dpi: u32,
}

const A4_MM: (f64, f64) = (210.0, 297.0);
const MM_PER_INCH: f64 = 25.4;

impl Grid {
    /// The grid of a press with `dpi` dots per inch.
    pub fn new(dpi: u32) -> Grid {
        Grid { dpi }
    }

    /// Dots per inch.
    #[inline]
    pub fn dpi(self) -> u32 {
        self.dpi
    }

    /// One dot in points.
    #[inline]
    pub fn dot(self) -> f64 {
        72.0 / f64::from(self.dpi)
    }

    /// Width and height of the page in dots.
    #[inline]
    pub fn page_dots(self) -> (u32, u32) {
        let dots = |mm: f64| (mm / MM_PER_INCH * f64::from(self.dpi)).round() as u32;
        (dots(A4_MM.0), dots(A4_MM.1))
    }

    /// Width and height of the page in points.
    pub fn page_points(self) -> (f64, f64) {
        let (width, height) = self.page_dots();
        (f64::from(width) * self.dot(), f64::from(height) * self.dot())
    }

    /// A length in points as the nearest whole number of dots; 0 if it is negative.
    #[inline]
    pub fn dots(self, points: f64) -> u32 {
        (points / self.dot()).round().max(0.0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_is_whole_dots_at_every_usual_resolution() {
        assert_eq!(Grid::new(600).page_dots(), (4961, 7016));
        assert_eq!(Grid::new(300).page_dots(), (2480, 3508));
        assert_eq!(Grid::new(1200).page_dots(), (9921, 14031));
    }

    #[test]
    fn six_dots_at_600_dpi_are_a_quarter_of_a_millimetre() {
        assert_eq!(Grid::new(600).dots(0.254 / 25.4 * 72.0), 6);
    }
}
