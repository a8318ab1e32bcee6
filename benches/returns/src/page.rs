//! A printed page and what is known of a picture of it.

use image::GrayImage;
use serde::{Deserialize, Serialize};

/// Four corners in pixels, clockwise from the top left corner of the symbol as printed.
pub type Quad = [[f32; 2]; 4];

/// A letter as it left the press, drawn at [`PAPER_DPI`].
#[derive(Debug, Clone)]
pub struct Page {
    /// The printed page: 0 is toner, 255 is paper.
    pub print: GrayImage,
    /// The ten digits of its Code 39.
    pub card_number: String,
    /// The text of its 2D-DOC.
    pub twoddoc: String,
}

/// What a picture shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The name of the kind of damage.
    pub kind: String,
    /// The seed of the damage.
    pub seed: u64,
    /// The picture's resolution across and down, in dots per inch.
    pub dpi: [f32; 2],
    /// The ten digits of the Code 39.
    pub card_number: String,
    /// The text of the 2D-DOC.
    pub twoddoc: String,
    /// The bars, without quiet zones, in pixels of the picture.
    pub code39_quad: Quad,
    /// The Data Matrix, without quiet zone, in pixels of the picture.
    pub twoddoc_quad: Quad,
}

/// Dots per inch of a [`Page`].
pub const PAPER_DPI: f32 = 600.0;

/// Dots of a page in a millimetre.
pub(crate) const DOTS_PER_MM: f32 = PAPER_DPI / 25.4;

/// Width and height of the paper (A4), in millimetres.
pub(crate) const PAPER_MM: [f32; 2] = [210.0, 297.0];

/// A rectangle on the paper, in dots.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

/// Where `templates/card-letter` prints its Code 39: the bars.
pub(crate) const CODE39: Area = Area { left: 472.0, top: 1524.0, right: 1510.0, bottom: 1760.0 };

/// Where `templates/card-letter` prints its 2D-DOC: the modules.
pub(crate) const TWODDOC: Area = Area { left: 2466.0, top: 4809.0, right: 2995.0, bottom: 5338.0 };

impl Area {
    /// The corners, clockwise from the top left.
    pub(crate) fn corners(self) -> Quad {
        [[self.left, self.top], [self.right, self.top], [self.right, self.bottom], [self.left, self.bottom]]
    }

    /// The same rectangle with `by` dots more on each side.
    pub(crate) fn widened(self, by: f32) -> Area {
        Area { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    /// The middle.
    pub(crate) fn middle(self) -> [f32; 2] {
        [(self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0]
    }
}
