//! What is aimed at for each kind, and how often zxing-cpp reads pictures that were made by hand.

use returns_bench::Kind;

/// The least share of Code 39 that is aimed at, in percent: less at 100 dpi.
pub fn code39(kind: Kind) -> f64 {
    if kind == Kind::Dpi100 { 95.0 } else { 98.0 }
}

/// The least share of 2D-DOC, in percent, where there is an aim besides the peer's.
pub fn twoddoc(kind: Kind) -> Option<f64> {
    match kind {
        Kind::Postmark | Kind::Everything300 | Kind::Everything200 => Some(95.0),
        Kind::PenStrokes => Some(80.0),
        _ => None,
    }
}

/// Of eight pictures made by hand, those on which zxing-cpp reads Code 39 and 2D-DOC. `None` where there are none.
pub fn by_hand(kind: Kind) -> Option<(u32, u32)> {
    match kind {
        Kind::Skew90 | Kind::Noise => None,
        Kind::Dpi100 | Kind::InkSpread | Kind::InkStarved | Kind::Faded => Some((0, 8)),
        Kind::Blur150 => Some((7, 8)),
        Kind::Skew45 => Some((2, 8)),
        Kind::Stained => Some((8, 7)),
        Kind::Curled => Some((8, 6)),
        Kind::PenStrokes => Some((8, 4)),
        Kind::Postmark => Some((6, 3)),
        Kind::Sliver => Some((1, 8)),
        Kind::Perspective => Some((3, 8)),
        Kind::Everything300 => Some((2, 6)),
        Kind::Everything200 => Some((1, 7)),
        _ => Some((8, 8)),
    }
}
