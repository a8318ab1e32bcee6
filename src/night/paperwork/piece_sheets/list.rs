//! The frame of a sheet with a row for each piece: head, facts, rows on as many pages as they need, feet.

use jiff::civil::Date;
use mail::Language;
use mail::piece::PieceKind;

use super::PROGRAM;
use crate::night::paperwork::sheet::{
    FOOTER_TOP, Fonts, GREY, HAIR, LEFT, Page, PaperworkError, RIGHT, ROOM, WASH, bold, confidential_mark,
    footer, regular, words,
};

/// Height of a row; a hand writes into it.
const ROW: f32 = 22.0;
/// Height of the head of the columns.
const HEAD: f32 = 18.0;
/// The edge of a box to tick.
const TICK: f32 = 11.0;
/// The most lines that a text of a person's takes.
const LINES: usize = 3;
/// The distance of these lines.
const LEADING: f32 = 13.0;
/// Where a fact's value begins, from the left edge.
const INDENT: f32 = 84.0;
/// Space left and right of what stands in a column.
const PAD: f32 = 5.0;
/// Least space below the rows.
const CLEARANCE: f32 = 10.0;
/// The top of the rows on a further page.
const CONTINUATION_TOP: f32 = 78.0;

/// A column: its head, its left edge, and whether a figure stands in it, at its right edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub head: &'static str,
    pub left: f32,
    pub is_figure: bool,
}

impl Column {
    /// A column of texts, or one that is filled in by hand.
    pub(super) const fn text(head: &'static str, left: f32) -> Column {
        Column { head, left: LEFT + left, is_figure: false }
    }

    /// A column of figures.
    pub(super) const fn figure(head: &'static str, left: f32) -> Column {
        Column { head, left: LEFT + left, is_figure: true }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    /// A text, shortened in its middle where it is too long.
    Text(String),
    /// A box to tick.
    Tick,
    /// Room to write in.
    Blank,
}

/// The frame of a sheet.
pub(super) struct List<'a> {
    pub language: Language,
    pub bureau: &'a str,
    pub title: &'a str,
    pub kind: PieceKind,
    pub day: Date,
    pub columns: &'a [Column],
    /// The height that is kept free below the last rows of the last page.
    pub reserve: f32,
}

impl<'a> List<'a> {
    /// Writes the head of the first page and returns the baseline of what follows.
    pub(super) fn head(&self, page: &mut Page) -> Result<f32, PaperworkError> {
        page.text(LEFT, 50.0, 240.0, bold(9.5), self.bureau)?;
        page.text_left_of(RIGHT, 50.0, 240.0, regular(9.5), &words::long_date(self.language, self.day))?;
        page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
        page.text(LEFT, 90.0, ROOM, bold(25.0), self.title)?;
        if self.kind == PieceKind::Mailer {
            confidential_mark(page, self.language)?;
        }
        Ok(112.0)
    }

    /// Writes a fact and returns the baseline of the next one. The value is a person's own text.
    pub(super) fn fact(
        &self,
        page: &mut Page,
        y: f32,
        room: f32,
        label: &str,
        value: &str,
    ) -> Result<f32, PaperworkError> {
        page.text(LEFT, y, INDENT - 6.0, regular(8.5).grey(GREY), label)?;
        let lines =
            page.free_text((LEFT + INDENT, y), room - INDENT, (regular(10.0), LEADING), LINES, value)?;
        Ok(y + LEADING * lines.max(1) as f32 + 5.0)
    }

    /// Draws the rows below `top`, with further pages as they are needed, and gives the last page to `end` with the bottom of
    /// its rows. `first` is the page that is begun.
    pub(super) fn rows<'f>(
        &self,
        fonts: &'f Fonts,
        first: Page<'f>,
        top: f32,
        rows: &[Vec<Cell>],
        end: impl FnOnce(&mut Page, f32) -> Result<(), PaperworkError>,
    ) -> Result<Vec<Vec<printpdf::Op>>, PaperworkError> {
        let mut pages = Vec::new();
        let (mut page, mut y) = (first, top);
        for (index, part) in self.spread(rows, top).into_iter().enumerate() {
            if index > 0 {
                pages.push(std::mem::replace(&mut page, Page::new(fonts)));
                self.continuation(&mut page)?;
                y = CONTINUATION_TOP;
            }
            y = self.part(&mut page, y, part)?;
        }
        end(&mut page, y)?;
        pages.push(page);
        let count = pages.len();
        for (number, page) in (1..).zip(&mut pages) {
            footer(page, self.language, PROGRAM, number, count)?;
        }
        Ok(pages.into_iter().map(Page::into_operations).collect())
    }

    /// Distributes the rows over pages. The last page has the reserve below its rows, and may have none.
    fn spread<'r>(&self, rows: &'r [Vec<Cell>], top: f32) -> Vec<&'r [Vec<Cell>]> {
        let capacity = |top: f32| (((FOOTER_TOP - CLEARANCE - top - HEAD) / ROW) as usize).max(1);
        let (front, mut rest) = rows.split_at(rows.len().min(capacity(top)));
        let mut parts = vec![front];
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.len().min(capacity(CONTINUATION_TOP)));
            parts.push(part);
            rest = after;
        }
        let begin = if parts.len() > 1 { CONTINUATION_TOP } else { top };
        let bottom = begin + HEAD + ROW * parts.last().map_or(0, |part| part.len()) as f32;
        if bottom + self.reserve > FOOTER_TOP - CLEARANCE {
            parts.push(&[]);
        }
        parts
    }

    /// Draws some rows under the heads of their columns and returns where they end.
    fn part(&self, page: &mut Page, top: f32, rows: &[Vec<Cell>]) -> Result<f32, PaperworkError> {
        if rows.is_empty() {
            return Ok(top);
        }
        page.fill(LEFT, top, ROOM, HEAD, WASH);
        for (index, column) in self.columns.iter().enumerate() {
            let (x, room) = (column.left + PAD, self.room(index));
            let style = regular(8.5).grey(GREY);
            match column.is_figure {
                true => page.text_left_of(x + room, top + 12.5, room, style, column.head)?,
                false => page.text(x, top + 12.5, room, style, column.head)?,
            }
        }
        let mut y = top + HEAD;
        for row in rows {
            page.fill(LEFT, y, ROOM, 0.5, HAIR);
            for (index, cell) in row.iter().enumerate() {
                self.cell(page, y, index, cell)?;
            }
            y += ROW;
        }
        page.frame(LEFT, top, ROOM, y - top, 0.75, GREY);
        Ok(y)
    }

    fn cell(&self, page: &mut Page, y: f32, index: usize, cell: &Cell) -> Result<(), PaperworkError> {
        let Some(column) = self.columns.get(index) else { return Ok(()) };
        let (x, room) = (column.left + PAD, self.room(index));
        match cell {
            Cell::Text(text) if column.is_figure => {
                page.text_left_of(x + room, y + 14.5, room, regular(9.0), text)
            }
            Cell::Text(text) => page.path(x, y + 14.5, room, regular(9.0), text),
            Cell::Tick => {
                page.frame(x, y + (ROW - TICK) / 2.0, TICK, TICK, 0.75, GREY);
                Ok(())
            }
            Cell::Blank => {
                page.fill(column.left, y, 0.5, ROW, HAIR);
                Ok(())
            }
        }
    }

    /// The width of what stands in a column.
    fn room(&self, index: usize) -> f32 {
        let end = self.columns.get(index + 1).map_or(RIGHT, |next| next.left);
        self.columns.get(index).map_or(0.0, |column| end - column.left - 2.0 * PAD)
    }

    fn continuation(&self, page: &mut Page) -> Result<(), PaperworkError> {
        page.text(LEFT, 50.0, 220.0, bold(12.0), self.title)?;
        if self.kind == PieceKind::Mailer {
            confidential_mark(page, self.language)?;
        }
        let continued = self.language.of("suite", "continued");
        let continued = format!("{} ({continued})", words::long_date(self.language, self.day));
        page.text_left_of(RIGHT, 50.0, 190.0, regular(9.5), &continued)?;
        page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
        Ok(())
    }
}
