//! Where the pieces of a file lie: which side of which piece is on which page, and in which column.

use crate::night::lot::SheetLayout;

/// What takes pages of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The sheet at the head of the lot.
    Header,
    /// A piece, by its index in the file.
    Piece(usize),
    /// The sheet at the end of the lot.
    Trailer,
}

/// A side of a part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SideOf {
    /// The part.
    pub part: Part,
    /// The side, from 0.
    pub side: usize,
    /// Its left edge on the page, in points.
    pub left: f64,
}

/// The pages of a part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The part.
    pub part: Part,
    /// Its first page, from 0.
    pub first_page: usize,
    /// How many pages its leaf has; of an imposed file, those that belong to it.
    pub pages: usize,
    /// Its column, from 1 at the left.
    pub column: u8,
}

/// The places of all parts of a file.
pub(super) struct Places {
    /// The parts, in the order of the lot.
    pub parts: Vec<Place>,
    /// What is on each page, from the left.
    pub pages: Vec<[Option<SideOf>; 2]>,
}

impl Places {
    /// Lays the parts out, each with its number of sides.
    pub(super) fn of(parts: &[(Part, usize)], layout: SheetLayout) -> Places {
        if layout.imposed() { side_by_side(parts, layout) } else { one_by_one(parts, layout) }
    }
}

/// One part after the other. A piece with an odd number of sides ends with a blank back where sheets are turned.
fn one_by_one(parts: &[(Part, usize)], layout: SheetLayout) -> Places {
    let mut places = Places { parts: Vec::with_capacity(parts.len()), pages: Vec::new() };
    for (part, sides) in parts {
        let first_page = places.pages.len();
        let side = |side| [Some(SideOf { part: *part, side, left: 0.0 }), None];
        places.pages.extend((0..*sides).map(side));
        let is_piece = matches!(part, Part::Piece(_));
        if is_piece && layout.duplex() && sides % 2 == 1 {
            places.pages.push([None, None]);
        }
        let pages = places.pages.len() - first_page;
        places.parts.push(Place { part: *part, first_page, pages, column: 1 });
    }
    places
}

/// Two stacks of sheets side by side. The left one has half of all sheets, or as little more as whole parts allow.
fn side_by_side(parts: &[(Part, usize)], layout: SheetLayout) -> Places {
    let sides_of_sheet = layout.sides();
    let sheets = |sides: usize| sides.div_ceil(sides_of_sheet);
    let all: usize = parts.iter().map(|(_, sides)| sheets(*sides)).sum();
    let mut places = Places { parts: Vec::with_capacity(parts.len()), pages: Vec::new() };
    let (mut before, mut sheet, mut column) = (0, 0, 1);
    for (part, sides) in parts {
        if column == 1 && 2 * before >= all {
            (sheet, column) = (0, 2);
        }
        let first_page = sheet * sides_of_sheet;
        let pages = sheets(*sides) * sides_of_sheet;
        if places.pages.len() < first_page + pages {
            places.pages.resize(first_page + pages, [None, None]);
        }
        for side in 0..*sides {
            let lies_in = layout.column_of_side(column, side);
            let left = layout.left_edge(column, side);
            places.pages[first_page + side][usize::from(lies_in) - 1] =
                Some(SideOf { part: *part, side, left });
        }
        places.parts.push(Place { part: *part, first_page, pages, column });
        (before, sheet) = (before + sheets(*sides), sheet + sheets(*sides));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Imposition;
    use crate::night::lot::Turn;
    use print_file::Grid;

    fn places(imposition: Imposition, turn: Turn, sides: &[usize]) -> Vec<(usize, usize, u8)> {
        let layout = SheetLayout { grid: Grid::new(600), imposition, turn };
        let parts: Vec<_> = sides.iter().enumerate().map(|(index, sides)| (Part::Piece(index), *sides)).collect();
        let places = Places::of(&parts, layout).parts.into_iter();
        places.map(|place| (place.first_page, place.pages, place.column)).collect()
    }

    #[test]
    fn pieces_follow_each_other_on_sheets_of_their_own() {
        let simplex = places(Imposition::OneUp, Turn::Simplex, &[1, 2, 1]);
        assert_eq!(simplex, [(0, 1, 1), (1, 2, 1), (3, 1, 1)]);
        let duplex = places(Imposition::OneUp, Turn::LongEdge, &[1, 2, 3]);
        assert_eq!(duplex, [(0, 2, 1), (2, 2, 1), (4, 4, 1)]);
    }

    #[test]
    fn the_left_stack_has_half_of_the_sheets_or_more() {
        let two = |sides: &[usize]| places(Imposition::TwoUp, Turn::Simplex, sides);
        assert_eq!(two(&[1]), [(0, 1, 1)]);
        assert_eq!(two(&[1, 1, 1]), [(0, 1, 1), (1, 1, 1), (0, 1, 2)]);
        assert_eq!(two(&[2, 2, 2]), [(0, 2, 1), (2, 2, 1), (0, 2, 2)]);
        let turned = places(Imposition::TwoUp, Turn::LongEdge, &[1, 2]);
        assert_eq!(turned, [(0, 2, 1), (0, 2, 2)]);
    }
}
