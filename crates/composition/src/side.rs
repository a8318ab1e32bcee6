//! Stamps one side: the stock form, then the piece's own texts and symbols over it.
//!
//! In two steps, since a piece that can't be composed takes no number: all that the record says is set, which finds what
//! does not go in; then come the piece's numbers and its signature.

use std::borrow::Cow;

use crate::PieceFault;
use crate::control::{SheetName, code_cell, omr_bars};
use crate::layout::{FitFault, PlacedLine, set, set_lines};
use crate::stamp::{QUIET_MODULES, Stamper, symbol};
use crate::values::column;
use print_file::{PageContent, PrintedPage, shape};
use symbols::code39::Code39;
use symbols::datamatrix::{Symbol, SymbolSize};
use template::{
    Area, AreaKind, Code39Mark, ControlCodeMark, FieldName, Mark, Place, SheetSide, TextMark, TwoDDocMark,
};

/// What one piece shows, but its numbers and symbol.
pub struct Values<'a> {
    /// The recipient's block.
    pub address: Vec<&'a str>,
    /// What a field says that is no number of the piece's.
    pub field: &'a dyn Fn(FieldName) -> Cow<'a, str>,
    /// What the card itself shows, line by line: for designers, never printed.
    pub facsimile: &'a dyn Fn() -> Vec<String>,
}

/// The numbers that a piece carries.
#[derive(Clone, Copy)]
pub struct Numbers<'a> {
    /// Its printed reference.
    pub piece_id: &'a str,
    /// A mailer's tracking identifier as printed.
    pub tracking_id: &'a str,
}

impl Numbers<'_> {
    /// What a field says that is one of them.
    fn text(&self, field: Option<FieldName>) -> Option<&str> {
        match field {
            Some(FieldName::PieceId) => Some(self.piece_id),
            Some(FieldName::TrackingId) => Some(self.tracking_id),
            _ => None,
        }
    }
}

/// A side that waits for its numbers.
pub struct BegunSide<'a> {
    side: &'a SheetSide,
    page: PageContent,
}

impl<'a> Stamper<'a> {
    /// Begins the sides of a piece.
    ///
    /// # Errors
    /// As for [`Stamper::begin`], of all sides at once.
    pub fn begin_sides(
        &self,
        sides: &'a [SheetSide],
        values: &Values,
        numbers: &Numbers,
        size: Option<SymbolSize>,
    ) -> Result<Vec<BegunSide<'a>>, Vec<PieceFault>> {
        let (mut begun, mut faults) = (Vec::with_capacity(sides.len()), Vec::new());
        for side in sides {
            match self.begin(side, values, numbers, size) {
                Ok(side) => begun.push(side),
                Err(of_side) => faults.extend(of_side),
            }
        }
        if faults.is_empty() { Ok(begun) } else { Err(faults) }
    }

    /// Finishes the sides of a piece.
    ///
    /// # Errors
    /// As for [`Stamper::finish`].
    pub fn finish_sides(
        &self,
        sides: Vec<BegunSide>,
        numbers: &Numbers,
        symbol: Option<&Symbol>,
    ) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        sides.into_iter().map(|side| self.finish(side, numbers, symbol)).collect()
    }

    /// Begins a side with all that does not depend on the piece's numbers and signature; `numbers` and `size` are as
    /// long and as large as those that it will get.
    ///
    /// # Errors
    /// Every text or symbol that does not go into its place.
    fn begin(
        &self,
        side: &'a SheetSide,
        values: &Values,
        numbers: &Numbers,
        size: Option<SymbolSize>,
    ) -> Result<BegunSide<'a>, Vec<PieceFault>> {
        let mut page = PageContent::new(self.grid, side.form);
        if self.imposed {
            page.follows();
        }
        let mut faults = Vec::new();
        for mark in &side.marks {
            let begun = match mark {
                Mark::Text(mark) => match numbers.text(mark.field) {
                    None => self.stamp_text(&mut page, mark, values),
                    Some(number) => self.numbered(mark, number).map(drop),
                },
                Mark::Code39(mark) => self.stamp_code39(&mut page, mark, &(values.field)(mark.field)),
                Mark::TwoDDoc(mark) => size.map_or(Ok(()), |size| self.symbol_place(mark, size).map(drop)),
                Mark::Omr(_) | Mark::ControlCode(_) => sheet_name(side, numbers).map(drop),
                Mark::Area(area) => {
                    if self.shows_areas {
                        self.show_area(&mut page, area, values);
                    }
                    Ok(())
                }
            };
            faults.extend(begun.err());
        }
        if faults.is_empty() { Ok(BegunSide { side, page }) } else { Err(faults) }
    }

    /// Finishes a side with the piece's numbers and the symbol of its signed block.
    ///
    /// # Errors
    /// Those that [`Stamper::begin`] finds.
    fn finish(
        &self,
        begun: BegunSide,
        numbers: &Numbers,
        symbol: Option<&Symbol>,
    ) -> Result<PrintedPage, Vec<PieceFault>> {
        let BegunSide { side, mut page } = begun;
        let mut faults = Vec::new();
        for mark in &side.marks {
            let stamped = match mark {
                Mark::Text(mark) => numbers.text(mark.field).map_or(Ok(()), |number| {
                    self.numbered(mark, number).map(|lines| show(&mut page, mark, &lines))
                }),
                Mark::TwoDDoc(mark) => {
                    symbol.map_or(Ok(()), |symbol| self.stamp_twoddoc(&mut page, mark, symbol))
                }
                Mark::Omr(mark) => sheet_name(side, numbers).map(|sheet| {
                    let bars = omr_bars(mark, &self.machine, self.grid, &sheet).into_iter();
                    bars.for_each(|(x, y, width, height)| page.bars(x, y, height, &[(0, width)]));
                }),
                Mark::ControlCode(mark) => sheet_name(side, numbers)
                    .and_then(|sheet| self.stamp_control_code(&mut page, mark, &sheet)),
                Mark::Code39(_) | Mark::Area(_) => Ok(()),
            };
            faults.extend(stamped.err());
        }
        if faults.is_empty() { Ok(page.finish()) } else { Err(faults) }
    }

    /// Shows a designer where an unprinted area is, and what the card there shows.
    fn show_area(&self, page: &mut PageContent, area: &Area, values: &Values) {
        let Place { x, y, width, height } = area.place;
        page.outline(x, y, width, height, colour(&area.kind));
        if area.kind == AreaKind::Card {
            self.stamp_facsimile(page, &area.place, values);
        }
    }

    fn lines(&self, mark: &TextMark, values: &Values) -> Result<Vec<PlacedLine>, PieceFault> {
        let font = self.template.fonts[mark.style.font].program();
        let placed = match mark.field {
            None => set_lines(mark, &font, &values.address),
            Some(field) => set(mark, &font, &(values.field)(field)),
        };
        placed.map_err(|fault| told(mark.field, &fault))
    }

    /// Shows what lies on the card's place once the card is glued there.
    fn stamp_facsimile(&self, page: &mut PageContent, card: &Place, values: &Values) {
        const SIZE: f64 = 8.0;
        const LEADING: f64 = 12.0;
        const INDENT: f64 = 12.0;
        const GREY: f64 = 0.55;
        let Some(font) = self.template.fonts.first() else { return };
        let lines = (values.facsimile)();
        for (line, rank) in lines.iter().zip(1..) {
            if let Ok(run) = shape(&font.program(), line) {
                let (x, y) = (card.x + INDENT, card.y + 6.0 + LEADING * f64::from(rank));
                page.text(0, &run, SIZE, 0.0, GREY, x, y);
            }
        }
    }

    fn stamp_text(&self, page: &mut PageContent, mark: &TextMark, values: &Values) -> Result<(), PieceFault> {
        show(page, mark, &self.lines(mark, values)?);
        Ok(())
    }

    /// The lines of a number's mark.
    fn numbered(&self, mark: &TextMark, number: &str) -> Result<Vec<PlacedLine>, PieceFault> {
        let font = self.template.fonts[mark.style.font].program();
        set(mark, &font, number).map_err(|fault| told(mark.field, &fault))
    }

    fn stamp_code39(&self, page: &mut PageContent, mark: &Code39Mark, text: &str) -> Result<(), PieceFault> {
        let layout = Code39::new(text)
            .and_then(|symbol| symbol.layout(self.x_dots(mark), self.ratio(mark), self.bar_width_reduction))
            .map_err(|error| PieceFault {
                field: column(Some(mark.field)).to_owned(),
                code: "barcode",
                message: error.to_string(),
            })?;
        let (left, top) = (self.grid.dots(mark.place.x), self.grid.dots(mark.place.y));
        let height = self.grid.dots(mark.place.height);
        let bars: Vec<(u32, u32)> = layout.bars.iter().map(|bar| (bar.x, bar.width)).collect();
        page.bars(left, top, height, &bars);
        Ok(())
    }

    fn stamp_twoddoc(
        &self,
        page: &mut PageContent,
        mark: &TwoDDocMark,
        symbol: &Symbol,
    ) -> Result<(), PieceFault> {
        let (left, top, cell) = self.symbol_place(mark, symbol.size())?;
        self.stamp_symbol(page, symbol, left, top, cell);
        Ok(())
    }

    fn stamp_control_code(
        &self,
        page: &mut PageContent,
        mark: &ControlCodeMark,
        sheet: &SheetName,
    ) -> Result<(), PieceFault> {
        let symbol = symbol(&sheet.control_code(&self.machine))?;
        let cell = code_cell(&self.machine, self.grid);
        let place = |points: f64| self.grid.dots(points) + QUIET_MODULES * cell;
        self.stamp_symbol(page, &symbol, place(mark.place.x), place(mark.place.y), cell);
        Ok(())
    }

    /// A Data Matrix whose modules are so many dots, its bars thinned as the press asks.
    fn stamp_symbol(&self, page: &mut PageContent, symbol: &Symbol, left: u32, top: u32, cell: u32) {
        let side = symbol.side() as u32;
        match self.bar_width_reduction {
            0 => page.modules(left, top, side, cell, symbol.packed_rows()),
            reduction => {
                let rows = thinned_rows(symbol, cell as usize, reduction as usize);
                page.modules(left, top, side * cell, 1, &rows);
            }
        }
    }

    /// Left, top and module of a symbol in dots.
    fn symbol_place(&self, mark: &TwoDDocMark, size: SymbolSize) -> Result<(u32, u32, u32), PieceFault> {
        let cell = self.grid.dots(mark.module);
        let needed = (size.side() as u32 + 2 * QUIET_MODULES) * cell;
        if needed > self.grid.dots(mark.place.width) {
            return Err(PieceFault {
                field: "last_name".to_owned(),
                code: "twoddoc_too_large",
                message: "the signed block needs a larger symbol than the template has room for; shorten the fields, or give `two-d-doc` more room".to_owned(),
            });
        }
        let quiet = QUIET_MODULES * cell;
        Ok((self.grid.dots(mark.place.x) + quiet, self.grid.dots(mark.place.y) + quiet, cell))
    }
}

/// Shows the lines of a mark.
fn show(page: &mut PageContent, mark: &TextMark, lines: &[PlacedLine]) {
    let style = &mark.style;
    for line in lines {
        page.text(style.font, &line.run, line.size, style.tracking, style.k, line.x, line.y);
    }
}

/// The sheet that a side belongs to.
fn sheet_name(side: &SheetSide, numbers: &Numbers) -> Result<SheetName, PieceFault> {
    SheetName::of(numbers.piece_id, side.sheet, side.sheets)
}

/// The colour in which designers see an area: red, green and blue.
fn colour(kind: &AreaKind) -> [f64; 3] {
    match kind {
        AreaKind::Window(_) => [0.0, 0.45, 0.85],
        AreaKind::Card => [0.85, 0.3, 0.0],
        AreaKind::Safe => [0.6, 0.6, 0.6],
        AreaKind::Fold => [0.8, 0.0, 0.6],
        AreaKind::Inside => [0.0, 0.6, 0.2],
        AreaKind::Outside => [0.8, 0.0, 0.0],
    }
}

/// The symbol in single dots, every run of dark modules thinned by `reduction` dots in both directions.
fn thinned_rows(symbol: &Symbol, cell: usize, reduction: usize) -> Vec<u8> {
    let side = symbol.side();
    let dots = side * cell;
    let stride = dots.div_ceil(8);
    let mut rows = vec![0u8; stride * dots];
    let dark = |row: usize, column: usize| symbol.dark(row, column);
    for y in 0..dots {
        for x in 0..dots {
            let (row, column) = (y / cell, x / cell);
            let at_right = x % cell >= cell - reduction && (column + 1 == side || !dark(row, column + 1));
            let at_bottom = y % cell >= cell - reduction && (row + 1 == side || !dark(row + 1, column));
            if dark(row, column) && !at_right && !at_bottom {
                rows[y * stride + x / 8] |= 0x80 >> (x % 8);
            }
        }
    }
    rows
}

/// A fit fault in the record's words. A code is named by its column, never by its value.
fn told(field: Option<FieldName>, fault: &FitFault) -> PieceFault {
    let secret = field.is_some_and(FieldName::is_code);
    let field = column(field).to_owned();
    match fault {
        FitFault::Missing(missing) if !secret => PieceFault {
            field,
            code: "character_not_in_font",
            message: format!("{missing}; correct the value, or print with a font that has it"),
        },
        FitFault::Missing(_) => PieceFault {
            field,
            code: "character_not_in_font",
            message: "the font lacks a character of the value".to_owned(),
        },
        FitFault::TooLong => PieceFault {
            field,
            code: "too_long_to_print",
            message: "the value does not go into its place, even in its smallest size; shorten it".to_owned(),
        },
        FitFault::TooManyLines => PieceFault {
            field,
            code: "too_many_lines",
            message: "the address has more lines than the template has room for".to_owned(),
        },
    }
}
