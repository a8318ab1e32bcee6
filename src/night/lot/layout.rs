//! Sheet layout and imposition: where the pieces of a print file lie on the press's sheets.
//!
//! Two pieces side by side are cut and stacked: the first half of the file lies left, the second right. Once the pile is cut,
//! its right half is put under its left half, and all pieces are in sequence. Nothing is scaled.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::job::{Duplex, Imposition, Press};
use print_file::Grid;
use template::{CompiledTemplate, Manifest, Turn as TemplateTurn};

/// How a sheet is turned between its sides, seen from a piece on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Turn {
    /// It has one side.
    Simplex,
    /// On the long edge of a piece.
    LongEdge,
    /// On the short edge of a piece.
    ShortEdge,
}

/// How the pieces of a lot lie on sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SheetLayout {
    /// The press's grid.
    pub grid: Grid,
    /// One or two side by side.
    pub imposition: Imposition,
    /// How sheets are turned.
    pub turn: Turn,
}

impl SheetLayout {
    /// How a press lays out a template's pieces.
    ///
    /// # Errors
    /// `press_duplex`: the pieces have backs, and `press.duplex` is `simplex` or another edge than the template's.
    pub(crate) fn of(press: &Press, template: &CompiledTemplate) -> Result<SheetLayout, Failure> {
        let backs = template.variants.iter().any(|variant| variant.sides.len() > 1);
        let turn = match press.duplex {
            Duplex::Simplex if backs => {
                let problem = format!(
                    "`press.duplex` is \"simplex\", and pieces of template `{}` have a back",
                    template.name
                );
                return Err(Failure::usage("press_duplex", problem).with_advice(
                    "write \"auto\", \"long-edge\" or \"short-edge\", or give the template one page",
                ));
            }
            _ if !backs => Turn::Simplex,
            duplex => turn_of(duplex, template)?,
        };
        Ok(SheetLayout::turned(press, turn))
    }

    /// The layout of a press that turns its sheets like this.
    pub(crate) fn turned(press: &Press, turn: Turn) -> SheetLayout {
        SheetLayout { grid: Grid::new(press.dpi), imposition: press.imposition, turn }
    }

    /// Whether two pieces lie side by side.
    pub(crate) fn imposed(self) -> bool {
        self.imposition == Imposition::TwoUp
    }

    /// Whether both sides are printed.
    pub(crate) fn duplex(self) -> bool {
        self.turn != Turn::Simplex
    }

    /// Sides of a sheet.
    pub(crate) fn sides(self) -> usize {
        if self.duplex() { 2 } else { 1 }
    }

    /// Sheets of paper for a number of pages.
    pub(crate) fn sheets(self, pages: u32) -> u32 {
        pages.div_ceil(self.sides() as u32)
    }

    /// The column (1 left, 2 right) of a side of a piece whose front is in `column`. On sheets that turn on the
    /// long edge, backs lie in the other column. Sides count from 0 within the piece.
    pub(crate) fn column_of_side(self, column: u8, side: usize) -> u8 {
        let mirrored = self.turn == Turn::LongEdge && side % 2 == 1;
        if mirrored { 3 - column } else { column }
    }

    /// The left edge of a piece's side on its sheet, in points: a whole number of dots.
    pub(crate) fn left_edge(self, column: u8, side: usize) -> f64 {
        f64::from(self.column_of_side(column, side) - 1) * self.grid.page_points().0
    }
}

/// How sheets with backs are turned: as the template says, which `press.duplex` may repeat.
fn turn_of(duplex: Duplex, template: &CompiledTemplate) -> Result<Turn, Failure> {
    let stated = template.manifest.turn;
    match (duplex, stated) {
        (Duplex::Auto | Duplex::LongEdge, TemplateTurn::LongEdge) => Ok(Turn::LongEdge),
        (Duplex::Auto | Duplex::ShortEdge, TemplateTurn::ShortEdge) => Ok(Turn::ShortEdge),
        (duplex, stated) => {
            let (press, template) = (duplex.name(), &template.name);
            let problem = format!(
                "`press.duplex` is \"{press}\", and template `{template}` turns its sheets on the {} edge",
                if stated == TemplateTurn::LongEdge { "long" } else { "short" }
            );
            let advice = format!(
                "write `duplex = \"auto\"` or `duplex = \"{}\"`; if the template is made for the other edge, state `turn` in its template.toml",
                stated.name()
            );
            Err(Failure::usage("press_duplex", problem).with_advice(advice))
        }
    }
}

/// The paper's name at the press: the job's, otherwise the template's.
pub(crate) fn media<'a>(press: &'a Press, template: &'a Manifest) -> &'a str {
    press.media(template.kind).unwrap_or(&template.media)
}

/// How many of a file's parts lie left, given the sheets of each: the fewest that have half of all sheets or more. No part
/// lies in both stacks.
pub(crate) fn left_stack(sheets: &[u32]) -> usize {
    let all: u32 = sheets.iter().sum();
    let before = sheets.iter().scan(0, |sum, sheets| Some(std::mem::replace(sum, *sum + sheets)));
    before.take_while(|before| before * 2 < all).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_left_stack_is_half_or_one_more() {
        assert_eq!(left_stack(&[]), 0);
        assert_eq!(left_stack(&[1]), 1);
        assert_eq!(left_stack(&[1, 1]), 1);
        assert_eq!(left_stack(&[1, 1, 1]), 2);
        assert_eq!(left_stack(&[2, 2, 2]), 2, "a piece of two sheets stays whole");
        assert_eq!(left_stack(&[1, 3, 1]), 2);
    }

    #[test]
    fn backs_lie_behind_their_fronts() {
        let turned = |turn| SheetLayout { grid: Grid::new(600), imposition: Imposition::TwoUp, turn };
        let columns = |turn| [0, 1, 2, 3].map(|side| turned(turn).column_of_side(1, side));
        assert_eq!(columns(Turn::LongEdge), [1, 2, 1, 2]);
        assert_eq!(columns(Turn::ShortEdge), [1, 1, 1, 1]);
        let edge = turned(Turn::LongEdge).left_edge(1, 1);
        assert!((edge / Grid::new(600).dot() - 4961.0).abs() < 1e-9, "a whole number of dots");
    }
}
