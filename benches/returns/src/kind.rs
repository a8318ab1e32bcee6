//! The kinds of damage.

use std::fmt;

/// What happened to a letter and to its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A good scan at 300 dpi.
    Clean300,
    /// A good scan at 200 dpi.
    Clean200,
    /// 150 dpi, out of focus.
    Blur150,
    /// 100 dpi.
    Dpi100,
    /// Laid on the glass 3° askew.
    Skew3,
    /// Askew by up to 45°.
    Skew45,
    /// Askew by up to 90°.
    Skew90,
    /// Upside down.
    UpsideDown,
    /// 300 dpi, out of focus.
    Blur,
    /// A noisy sensor.
    Noise,
    /// Behind the film of a window that shines.
    FilmGlare,
    /// Black and white at 300 dpi, as Group 4.
    Threshold300,
    /// Black and white at 200 dpi, as Group 4.
    Threshold200,
    /// Ink spread by two dots, black and white.
    InkSpread,
    /// Ink starved by two dots, black and white.
    InkStarved,
    /// Faded to few levels of grey.
    Faded,
    /// Stains, folds and a rubber stamp.
    Stained,
    /// Paper that curls.
    Curled,
    /// Ball-pen strokes over the symbols.
    PenStrokes,
    /// A postmark over the symbols.
    Postmark,
    /// A sliver of the bars shows in the window.
    Sliver,
    /// A standard fax, 204 × 98 dpi.
    Fax,
    /// JPEG of quality 25.
    Jpeg25,
    /// A photograph in perspective and uneven light.
    Perspective,
    /// Glare, stains, blur, skew and JPEG together, at 300 dpi.
    Everything300,
    /// Glare, stains, blur, more skew and JPEG together, at 200 dpi.
    Everything200,
}

impl Kind {
    /// Every kind, in the order of the table.
    #[must_use]
    pub fn all() -> &'static [Kind] {
        use Kind::*;
        &[
            Clean300,
            Clean200,
            Blur150,
            Dpi100,
            Skew3,
            Skew45,
            Skew90,
            UpsideDown,
            Blur,
            Noise,
            FilmGlare,
            Threshold300,
            Threshold200,
            InkSpread,
            InkStarved,
            Faded,
            Stained,
            Curled,
            PenStrokes,
            Postmark,
            Sliver,
            Fax,
            Jpeg25,
            Perspective,
            Everything300,
            Everything200,
        ]
    }

    /// The name on the command line and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Clean300 => "clean-300",
            Kind::Clean200 => "clean-200",
            Kind::Blur150 => "blur-150",
            Kind::Dpi100 => "dpi-100",
            Kind::Skew3 => "skew-3",
            Kind::Skew45 => "skew-45",
            Kind::Skew90 => "skew-90",
            Kind::UpsideDown => "upside-down",
            Kind::Blur => "blur",
            Kind::Noise => "noise",
            Kind::FilmGlare => "film-glare",
            Kind::Threshold300 => "threshold-300",
            Kind::Threshold200 => "threshold-200",
            Kind::InkSpread => "ink-spread",
            Kind::InkStarved => "ink-starved",
            Kind::Faded => "faded",
            Kind::Stained => "stained",
            Kind::Curled => "curled",
            Kind::PenStrokes => "pen-strokes",
            Kind::Postmark => "postmark",
            Kind::Sliver => "sliver",
            Kind::Fax => "fax",
            Kind::Jpeg25 => "jpeg-25",
            Kind::Perspective => "perspective",
            Kind::Everything300 => "everything-300",
            Kind::Everything200 => "everything-200",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Kind> {
        Kind::all().iter().copied().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
