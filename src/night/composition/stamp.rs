//! Stamps one side: the stock form, then the piece's own texts and symbols over it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::PieceFault;
use super::control::{SheetName, check_control_code, check_omr, code_cell, omr_bars};
use super::layout::{FitFault, PlacedLine, set, set_lines};
use super::values::{FACTS, column};
use crate::barcode::code39::{Code39, Ratio};
use crate::barcode::datamatrix::{self, Symbol, SymbolSize};
use crate::mail::job::Machine;
use crate::pdf::{FontProgram, Grid, PageContent, PrintedPage, shape};
use crate::template::{
    AreaKind, Code39Mark, CompiledTemplate, CompiledVariant, ControlCodeMark, Facts, FieldName, Mark, Place,
    SheetSide, TextMark, TwoDDocMark, variant_name,
};

/// Modules left free around a Data Matrix. ISO/IEC 16022 asks for one; readers like two.
const QUIET_MODULES: u32 = 2;
/// The narrowest element of Code 39 in millimetres.
const MIN_X_MM: f64 = 0.19;

/// What one piece shows.
pub(super) struct Values<'a> {
    /// The recipient's block.
    pub address: Vec<&'a str>,
    /// What a field says.
    pub field: &'a dyn Fn(FieldName) -> Cow<'a, str>,
    /// The signed block's symbol.
    pub symbol: Option<&'a Symbol>,
    /// What the card itself shows, line by line: for designers, never printed.
    pub facsimile: &'a dyn Fn() -> Vec<String>,
}

/// A variant and its name in manifests.
struct NamedVariant<'a> {
    sides: &'a [SheetSide],
    name: String,
}

/// A compiled template on a press's grid.
pub struct Stamper<'a> {
    template: &'a CompiledTemplate,
    grid: Grid,
    bar_width_reduction: u32,
    machine: Machine,
    shows_areas: bool,
    imposed: bool,
    /// Which facts select a variant, in the order of [`FACTS`].
    declared: [bool; FACTS.len()],
    variants: HashMap<[&'a str; FACTS.len()], NamedVariant<'a>>,
}

impl<'a> Stamper<'a> {
    /// Prepares a template for a press and an inserter as they come.
    ///
    /// # Errors
    /// As for [`Stamper::for_machine`].
    pub fn new(template: &'a CompiledTemplate, grid: Grid, bar_width_reduction: u32) -> Result<Self, String> {
        Stamper::for_machine(template, grid, bar_width_reduction, Machine::default())
    }

    /// Prepares a template for a press and an inserter.
    ///
    /// # Errors
    /// In words: a barcode that this grid can't draw in the place it has, control marks that need more room.
    pub fn for_machine(
        template: &'a CompiledTemplate,
        grid: Grid,
        bar_width_reduction: u32,
        machine: Machine,
    ) -> Result<Self, String> {
        let declared = FACTS.map(|fact| template.manifest.variants.iter().any(|name| name == fact));
        let key = |facts: &'a Facts| FACTS.map(|fact| facts.get(fact).map_or("", String::as_str));
        let named = |variant: &'a CompiledVariant| NamedVariant {
            sides: &variant.sides,
            name: variant_name(&variant.facts),
        };
        let variants =
            template.variants.iter().map(|variant| (key(&variant.facts), named(variant))).collect();
        let stamper = Stamper {
            template,
            grid,
            bar_width_reduction,
            machine,
            shows_areas: false,
            imposed: false,
            declared,
            variants,
        };
        let of_lot =
            template.lot_sheets.iter().flat_map(|sheets| sheets.header.iter().chain(&sheets.trailer));
        let sides = template.variants.iter().flat_map(|v| &v.sides).chain(of_lot);
        for mark in sides.flat_map(|side| &side.marks) {
            stamper.check(mark)?;
        }
        Ok(stamper)
    }

    /// Shows unprinted areas from here on, for designers.
    pub fn show_areas(&mut self, shows_areas: bool) {
        self.shows_areas = shows_areas;
    }

    /// Makes pages that lie beside others on a sheet from here on.
    pub fn impose(&mut self) {
        self.imposed = true;
    }

    /// The grid of the press.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The inserter.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The template.
    pub fn template(&self) -> &'a CompiledTemplate {
        self.template
    }

    /// The fonts as files embed them.
    pub fn fonts(&self) -> Vec<FontProgram<'a>> {
        self.template.fonts.iter().map(|font| font.program()).collect()
    }

    /// The sides of the variant that a piece's facts select.
    ///
    /// # Errors
    /// A variant that was not laid out: a piece is never composed without its pages.
    pub(super) fn sides(
        &self,
        facts: [&'static str; FACTS.len()],
    ) -> Result<&'a [SheetSide], Vec<PieceFault>> {
        let variant = self.variant(facts).filter(|variant| !variant.sides.is_empty());
        variant.map(|variant| variant.sides).ok_or_else(|| {
            let message = format!("the template has no variant for `{}`; report this", facts.join(" "));
            vec![PieceFault { field: "reason".to_owned(), code: "no_variant", message }]
        })
    }

    /// The variant that a piece's facts select.
    fn variant(&self, mut facts: [&'static str; FACTS.len()]) -> Option<&NamedVariant<'a>> {
        let undeclared = facts.iter_mut().zip(self.declared).filter(|(_, declared)| !declared);
        undeclared.for_each(|(fact, _)| *fact = "");
        self.variants.get(&facts)
    }

    /// The name of the variant that a piece's facts select.
    pub fn variant_name(&self, facts: [&'static str; FACTS.len()]) -> &str {
        self.variant(facts).map_or("", |variant| &variant.name)
    }

    fn check(&self, mark: &Mark) -> Result<(), String> {
        match mark {
            Mark::Code39(mark) => self.check_code39(mark),
            Mark::Omr(mark) => check_omr(mark, &self.machine),
            Mark::ControlCode(mark) => {
                check_control_code(mark, &self.machine, self.grid, self.bar_width_reduction, QUIET_MODULES)
            }
            Mark::TwoDDoc(mark) => {
                let cell = self.grid.dots(mark.module);
                let ok = cell > self.bar_width_reduction && cell > 0;
                ok.then_some(())
                    .ok_or_else(|| "the 2D-DOC's module is less than a dot of this press".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn check_code39(&self, mark: &Code39Mark) -> Result<(), String> {
        let dpi = self.grid.dpi();
        let x = self.x_dots(mark);
        if f64::from(x) * 25.4 / f64::from(dpi) < MIN_X_MM {
            return Err(format!(
                "at {dpi} dpi the narrow element of code39 would be {x} dots: give `x` more"
            ));
        }
        let sample = "0".repeat(mark.chars);
        let layout = Code39::new(&sample)
            .and_then(|symbol| symbol.layout(x, self.ratio(mark), self.bar_width_reduction))
            .map_err(|error| format!("code39: {error}"))?;
        let (width, height) = (self.grid.dots(mark.place.width), self.grid.dots(mark.place.height));
        if layout.width_dots > width + 1 {
            return Err(format!(
                "at {dpi} dpi code39 needs {} dots and has {width}: give it more room",
                layout.width_dots
            ));
        }
        let least = layout.min_height_dots(dpi);
        match height < least {
            true => Err(format!(
                "code39 must be {least} dots high at {dpi} dpi and is {height} (ISO/IEC 16388 4.4)"
            )),
            false => Ok(()),
        }
    }

    /// The narrow element in dots.
    fn x_dots(&self, mark: &Code39Mark) -> u32 {
        self.grid.dots(mark.x)
    }

    /// The mark's ratio; 3 where an odd narrow element has no whole wide one of two and a half.
    fn ratio(&self, mark: &Code39Mark) -> Ratio {
        match mark.ratio == 2.5 && self.x_dots(mark).is_multiple_of(2) {
            true => Ratio::TwoAndHalf,
            false => Ratio::Three,
        }
    }

    /// Composes a side.
    ///
    /// # Errors
    /// Every text or symbol that does not go into its place.
    pub(super) fn side(&self, side: &SheetSide, values: &Values) -> Result<PrintedPage, Vec<PieceFault>> {
        let mut page = PageContent::new(self.grid, side.form);
        if self.imposed {
            page.follows();
        }
        let mut faults = Vec::new();
        for mark in &side.marks {
            let stamped = match mark {
                Mark::Text(mark) => self.stamp_text(&mut page, mark, values),
                Mark::Code39(mark) => self.stamp_code39(&mut page, mark, values),
                Mark::TwoDDoc(mark) => self.stamp_twoddoc(&mut page, mark, values),
                Mark::Omr(mark) => sheet_name(side, values).map(|sheet| {
                    let bars = omr_bars(mark, &self.machine, self.grid, &sheet).into_iter();
                    bars.for_each(|(x, y, width, height)| page.bars(x, y, height, &[(0, width)]));
                }),
                Mark::ControlCode(mark) => sheet_name(side, values)
                    .and_then(|sheet| self.stamp_control_code(&mut page, mark, &sheet)),
                Mark::Area(area) if self.shows_areas => {
                    let Place { x, y, width, height } = area.place;
                    page.outline(x, y, width, height, colour(&area.kind));
                    if area.kind == AreaKind::Card {
                        self.stamp_facsimile(&mut page, &area.place, values);
                    }
                    Ok(())
                }
                Mark::Area(_) => Ok(()),
            };
            faults.extend(stamped.err());
        }
        if faults.is_empty() { Ok(page.finish()) } else { Err(faults) }
    }

    /// The faults that composing a side would find, without composing it.
    pub(super) fn faults(
        &self,
        side: &SheetSide,
        values: &Values,
        size: Option<SymbolSize>,
    ) -> Vec<PieceFault> {
        let texts = side.marks.iter().filter_map(|mark| match mark {
            Mark::Text(mark) => self.lines(mark, values).err(),
            Mark::Code39(mark) => Code39::check(&(values.field)(mark.field)).err().map(|error| PieceFault {
                field: column(Some(mark.field)).to_owned(),
                code: "barcode",
                message: error.to_string(),
            }),
            Mark::TwoDDoc(mark) => size.and_then(|size| self.symbol_place(mark, size).err()),
            Mark::Omr(_) | Mark::ControlCode(_) => sheet_name(side, values).err(),
            Mark::Area(_) => None,
        });
        texts.collect()
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
        let style = &mark.style;
        for line in self.lines(mark, values)? {
            page.text(style.font, &line.run, line.size, style.tracking, style.k, line.x, line.y);
        }
        Ok(())
    }

    fn stamp_code39(
        &self,
        page: &mut PageContent,
        mark: &Code39Mark,
        values: &Values,
    ) -> Result<(), PieceFault> {
        let text = (values.field)(mark.field);
        let layout = Code39::new(&text)
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
        values: &Values,
    ) -> Result<(), PieceFault> {
        let Some(symbol) = values.symbol else { return Ok(()) };
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

/// The sheet that a side belongs to.
fn sheet_name(side: &SheetSide, values: &Values) -> Result<SheetName, PieceFault> {
    SheetName::of(&(values.field)(FieldName::PieceId), side.sheet, side.sheets)
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

/// The symbol of a block's text.
///
/// # Errors
/// A text that no symbol can hold.
pub(super) fn symbol(text: &str) -> Result<Symbol, PieceFault> {
    datamatrix::encode_c40(text.as_bytes()).map_err(|error| too_large(&error))
}

/// The size of that symbol.
///
/// # Errors
/// As for [`symbol`].
pub(super) fn symbol_size(text: &str) -> Result<SymbolSize, PieceFault> {
    datamatrix::required_size(text.as_bytes()).map_err(|error| too_large(&error))
}

fn too_large(error: &datamatrix::TooLong) -> PieceFault {
    PieceFault { field: "last_name".to_owned(), code: "twoddoc_too_large", message: error.to_string() }
}
