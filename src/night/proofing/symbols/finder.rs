//! The fixed modules of a square Data Matrix (ISO/IEC 16022 §4.5 and table 7), module by module.

use super::SymbolFault;

/// Regions along one side of a symbol; `None` if Data Matrix has no such square.
fn regions(side: usize) -> Option<usize> {
    match side {
        10 | 12 | 14 | 16 | 18 | 20 | 22 | 24 | 26 => Some(1),
        32 | 36 | 40 | 44 | 48 | 52 => Some(2),
        64 | 72 | 80 | 88 | 96 | 104 => Some(4),
        120 | 132 | 144 => Some(6),
        _ => None,
    }
}

/// How many of a symbol's codewords are data (ISO/IEC 16022 table 7); `None` if Data Matrix has no such square.
pub(super) fn data_codewords(side: usize) -> Option<usize> {
    const SIDES: [(usize, usize); 24] = [
        (10, 3),
        (12, 5),
        (14, 8),
        (16, 12),
        (18, 18),
        (20, 22),
        (22, 30),
        (24, 36),
        (26, 44),
        (32, 62),
        (36, 86),
        (40, 114),
        (44, 144),
        (48, 174),
        (52, 204),
        (64, 280),
        (72, 368),
        (80, 456),
        (88, 576),
        (96, 696),
        (104, 816),
        (120, 1050),
        (132, 1304),
        (144, 1558),
    ];
    SIDES.iter().find(|(known, _)| *known == side).map(|(_, data)| *data)
}

/// Checks the border of every region: solid at the left and at the bottom, alternating at the top and at the right, where
/// the upper right corner is light.
///
/// # Errors
/// [`SymbolFault::Size`] if Data Matrix has no such square; [`SymbolFault::Finder`] if a module is wrong.
pub(super) fn check(modules: &[bool], side: usize) -> Result<(), SymbolFault> {
    let regions = regions(side).ok_or(SymbolFault::Size)?;
    let region = side / regions;
    let is_dark = |row: usize, column: usize| modules.get(row * side + column).copied();
    for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (y, x))) {
        let expected = match (y % region, x % region) {
            (_, 0) => true,
            (row, _) if row + 1 == region => true,
            (0, column) => column % 2 == 0,
            (row, column) if column + 1 == region => row % 2 == 1,
            _ => continue,
        };
        if is_dark(y, x) != Some(expected) {
            return Err(SymbolFault::Finder);
        }
    }
    Ok(())
}
