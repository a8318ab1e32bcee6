//! Pages that are sheets: two pieces side by side, to be cut apart in the middle.
//!
//! Each piece's content stays as it was composed and is moved by a stream of its own, never scaled; the left piece's
//! corner is the sheet's, the right one's is a whole number of dots away from it.

use std::io::{self, Write};

use super::super::document_parts::{SheetLabel, push_leaf, push_reference};
use super::super::grid::Grid;
use super::super::number::push_points;
use super::{PrintFile, PrintedPage, boxes};

/// The numbers of the streams that stand between the contents of two pieces.
#[derive(Clone, Copy)]
pub(super) struct Between {
    /// Before the piece of each place.
    before: [u32; 2],
    after: u32,
}

impl<W: Write> PrintFile<W> {
    /// Makes every page a sheet of two.
    ///
    /// # Errors
    /// Those of the output.
    pub fn imposed(mut self, grid: Grid) -> io::Result<PrintFile<W>> {
        let (width, height) = grid.page_points();
        self.boxes = boxes((2.0 * width, height));
        let mut moved = b"q 1 0 0 1 ".to_vec();
        push_points(&mut moved, width);
        moved.extend_from_slice(b" 0 cm");
        let before = [self.operators(b"q")?, self.operators(&moved)?];
        self.imposed = Some(Between { before, after: self.operators(b"Q")? });
        Ok(self)
    }

    /// A content stream of a few operators; gives its number.
    fn operators(&mut self, operators: &[u8]) -> io::Result<u32> {
        let number = self.number();
        let mut body = format!("<</Length {}>>\nstream\n", operators.len()).into_bytes();
        body.extend_from_slice(operators);
        body.extend_from_slice(b"\nendstream");
        self.plain(number, &body)?;
        Ok(number)
    }

    /// Appends a sheet: for each of its sides what lies left and right. Nothing is appended to a file that is not
    /// [`PrintFile::imposed`].
    ///
    /// # Errors
    /// Those of the output.
    pub fn sheet(&mut self, sides: &[[Option<&PrintedPage>; 2]], label: &SheetLabel) -> io::Result<()> {
        let Some(Between { before, after }) = self.imposed else { return Ok(()) };
        let (leaf, group) = self.leaf()?;
        let mut ends = (u32::MAX, 0);
        for side in sides {
            let node = self.node()?;
            let mut contents = Vec::with_capacity(64);
            for (page, before) in side.iter().zip(before) {
                let Some(page) = page else { continue };
                let [beginning, content] = self.page_content(page)?;
                [before, beginning, content, after]
                    .into_iter()
                    .for_each(|part| push_reference(&mut contents, " ", part));
            }
            if contents.is_empty() {
                [before[0], after].into_iter().for_each(|part| push_reference(&mut contents, " ", part));
            }
            let number = self.number();
            let boxes = std::mem::take(&mut self.boxes);
            let body = self.small(number)?;
            push_reference(body, "<</Type/Page/Parent ", node);
            body.extend_from_slice(b"/Contents[");
            body.extend_from_slice(&contents);
            push_reference(body, "]/DPart ", leaf);
            body.extend_from_slice(&boxes);
            self.boxes = boxes;
            self.node_pages.push(number);
            ends = (ends.0.min(number), number);
        }
        push_leaf(self.small(leaf)?, group, ends, |out| label.push(out));
        Ok(())
    }
}
