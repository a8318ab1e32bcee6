//! A print file of imposed sheets. Its pieces are held until it is full: the right stack begins where the left one ends.

use std::io;

use super::lot_sheets::{HEADER, TRAILER};
use super::{LotWriter, OpenFile, enter_piece, in_print_file};
use crate::failure::Failure;
use crate::night::lot::{NumberedPiece, PiecePosition, SheetLayout, left_stack};
use composition::ComposedPiece;
use print_file::{PrintedPage, SheetLabel};

/// A piece in a file that is not full yet.
pub(super) type PendingPiece = (NumberedPiece, ComposedPiece);

/// Pages that stay together in one stack: a piece, or the lot's header or trailer.
struct Part<'p> {
    name: &'p str,
    pages: &'p [PrintedPage],
    piece: Option<&'p PendingPiece>,
}

/// The pieces of a file that is not full yet.
#[derive(Default)]
pub(super) struct PendingPieces {
    /// The pieces.
    pub pieces: Vec<PendingPiece>,
    /// The lot's header and trailer.
    pub ends: [Vec<PrintedPage>; 2],
}

impl PendingPieces {
    /// The parts of the file in the order of the pile that the cut sheets become.
    fn parts(&self) -> Vec<Part<'_>> {
        let [header, trailer] = &self.ends;
        let end = |name, pages| Part { name, pages, piece: None };
        let piece = |pending| {
            let (piece, composed): &PendingPiece = pending;
            Part { name: &piece.piece_id, pages: &composed.pages, piece: Some(pending) }
        };
        let parts = [end(HEADER, header)].into_iter().chain(self.pieces.iter().map(piece));
        parts.chain([end(TRAILER, trailer)]).filter(|part| !part.pages.is_empty()).collect()
    }
}

impl Part<'_> {
    fn sheets(&self, layout: SheetLayout) -> u32 {
        self.pages.len().div_ceil(layout.sides()) as u32
    }
}

impl LotWriter<'_> {
    /// Writes the sheets of a file, and a row for each of its pieces.
    pub(super) fn impose(&mut self, open: &mut OpenFile) -> Result<(), Failure> {
        let pending = std::mem::take(&mut open.pending);
        let layout = self.order.layout;
        let parts = pending.parts();
        let (stacks, left) = stacks(layout, &parts);
        let written = self.sheets(open, &stacks);
        open.pages += written.map_err(|error| in_print_file(self.folder, &open.path, error))?;
        let mut sheet = 0;
        for (index, part) in parts.iter().enumerate() {
            if index == left {
                sheet = 0;
            }
            if let Some((piece, composed)) = part.piece {
                let column = if index < left { 1 } else { 2 };
                let first_page = sheet * layout.sides() as u32 + 1;
                let position = PiecePosition { path: &open.path, first_page, column };
                enter_piece(&mut self.lot, &mut self.tables, piece, composed, position)?;
                if self.order.proves_before_sealing() {
                    open.to_prove.push(piece.clone());
                }
            }
            sheet += part.sheets(layout);
        }
        Ok(())
    }

    /// Writes two stacks as sheets and returns the number of pages.
    fn sheets(&self, open: &mut OpenFile, [left, right]: &[Vec<Half>; 2]) -> io::Result<u32> {
        let layout = self.order.layout;
        for (index, left) in left.iter().enumerate() {
            let halves = [Some(left), right.get(index)];
            let side = |side: usize| -> [Option<&PrintedPage>; 2] {
                let at = |column: u8| {
                    let half = (1..).zip(halves).find(|(p, _)| layout.column_of_side(*p, side) == column);
                    half.and_then(|(_, half)| half?.pages.get(side))
                };
                [at(1), at(2)]
            };
            let sides: Vec<_> = (0..layout.sides()).map(side).collect();
            let classes = halves.iter().flatten().map(|half| self.order.weight.class(half.sheets_of_piece));
            let label = SheetLabel {
                lot: self.order.lot().as_str(),
                kind: self.order.kind().code(),
                sheet: index as u32 + 1,
                pieces: halves.map(|half| half.map(|half| half.name)),
                weight_class: classes.max().unwrap_or_default(),
            };
            open.file.sheet(&sides, &label)?;
        }
        Ok((left.len() * layout.sides()) as u32)
    }
}

/// One sheet's worth of a part: half of an imposed sheet.
struct Half<'p> {
    name: &'p str,
    pages: &'p [PrintedPage],
    /// The sheets of its part, by which that is weighed.
    sheets_of_piece: u32,
}

/// The left and the right stack, sheet by sheet, and how many parts lie left.
fn stacks<'p>(layout: SheetLayout, parts: &[Part<'p>]) -> ([Vec<Half<'p>>; 2], usize) {
    let sheets: Vec<u32> = parts.iter().map(|part| part.sheets(layout)).collect();
    let left = left_stack(&sheets);
    let halves = |part: &Part<'p>| {
        let name = part.name;
        let sheets_of_piece = part.pages.len().div_ceil(2) as u32;
        let half = move |pages| Half { name, pages, sheets_of_piece };
        part.pages.chunks(layout.sides()).map(half).collect::<Vec<_>>()
    };
    let stack = |parts: &[Part<'p>]| parts.iter().flat_map(halves).collect();
    ([stack(&parts[..left]), stack(&parts[left..])], left)
}
