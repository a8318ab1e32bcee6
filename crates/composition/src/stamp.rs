//! Stamps the sides of a piece: the stock form, then the piece's own texts and symbols over it.

use std::collections::HashMap;

use mail::inserter::Machine;
use mail::issuance::Issuance;
use mail::lot::LotPosition;
use print_file::{FontProgram, Grid, PageContent, PrintedPage};
use symbols::code39::Code39;
use symbols::datamatrix::{Symbol, SymbolSize};
use template::{
    Area, AreaKind, Code39Mark, CompiledTemplate, CompiledVariant, ControlCodeMark, Facts, FieldName, Mark,
    SheetSide, TextMark, TwoDDocMark, variant_name,
};

use crate::areas;
use crate::concealment::Concealment;
use crate::confusion;
use crate::control::{ControlMarks, SheetId, omr_bars};
use crate::fault::PieceFault;
use crate::layout::{PlacedLine, set, set_lines};
use crate::press::{Press, PressFault};
use crate::symbol::{QUIET_MODULES, encode, thinned_rows};
use crate::values::{FACTS, PieceNumbers, PieceValues, fact_values};

/// A variant and its name in manifests.
struct NamedVariant<'a> {
    sides: &'a [SheetSide],
    name: String,
}

/// A compiled template, prepared for one press and one inserter.
pub struct Stamper<'a> {
    template: &'a CompiledTemplate,
    press: Press,
    shows_areas: bool,
    imposed: bool,
    /// Which facts select a variant, in the order of [`FACTS`].
    declared: [bool; FACTS.len()],
    variants: HashMap<[&'a str; FACTS.len()], NamedVariant<'a>>,
    concealment: Concealment,
}

/// A side with all that its record says, which waits for the piece's numbers.
pub struct PreparedSide<'a> {
    side: &'a SheetSide,
    page: PageContent,
}

impl<'a> Stamper<'a> {
    /// Prepares a template for a press and the default inserter.
    ///
    /// # Errors
    /// As for [`Stamper::for_machine`].
    pub fn new(
        template: &'a CompiledTemplate,
        grid: Grid,
        bar_width_reduction: u32,
    ) -> Result<Self, PressFault> {
        Stamper::for_machine(template, grid, bar_width_reduction, Machine::default())
    }

    /// Prepares a template for a press and an inserter.
    ///
    /// # Errors
    /// The first [`PressFault`]: a mark that this press can't print or this inserter can't read.
    pub fn for_machine(
        template: &'a CompiledTemplate,
        grid: Grid,
        bar_width_reduction: u32,
        machine: Machine,
    ) -> Result<Self, PressFault> {
        let declared = FACTS.map(|fact| template.manifest.variants.iter().any(|name| name == fact));
        let key = |facts: &'a Facts| FACTS.map(|fact| facts.get(fact).map_or("", String::as_str));
        let named = |variant: &'a CompiledVariant| NamedVariant {
            sides: &variant.sides,
            name: variant_name(&variant.facts),
        };
        let variants =
            template.variants.iter().map(|variant| (key(&variant.facts), named(variant))).collect();
        let press = Press { grid, bar_width_reduction, machine };
        let of_lot =
            template.lot_sheets.iter().flat_map(|sheets| sheets.header.iter().chain(&sheets.trailer));
        let sides = template.variants.iter().flat_map(|variant| &variant.sides).chain(of_lot);
        for mark in sides.flat_map(|side| &side.marks) {
            press.check(mark)?;
        }
        let concealment = Concealment::of(template);
        Ok(Stamper { template, press, shows_areas: false, imposed: false, declared, variants, concealment })
    }

    /// Whether later pages show unprinted areas, for designers.
    pub fn show_areas(&mut self, shows_areas: bool) {
        self.shows_areas = shows_areas;
    }

    /// Makes later pages for imposition: they lie beside others on a sheet.
    pub fn impose(&mut self) {
        self.imposed = true;
    }

    /// The grid of the press.
    pub fn grid(&self) -> Grid {
        self.press.grid
    }

    /// Dots that the press takes off every bar and module.
    pub fn bar_width_reduction(&self) -> u32 {
        self.press.bar_width_reduction
    }

    /// The inserter.
    pub fn machine(&self) -> &Machine {
        &self.press.machine
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
    /// The fault `no_variant` if the variant was not laid out, which is an error of the program.
    pub fn sides(&self, facts: [&'static str; FACTS.len()]) -> Result<&'a [SheetSide], Vec<PieceFault>> {
        let variant = self.variant(facts).filter(|variant| !variant.sides.is_empty());
        variant.map(|variant| variant.sides).ok_or_else(|| {
            let facts = facts.join(" ");
            let message = format!("the template has no variant for `{facts}`");
            let french = format!(
                "le modèle n’a pas de variante pour «\u{A0}{facts}\u{A0}»\u{202F}; signalez-le aux auteurs du programme"
            );
            vec![PieceFault::new("reason", "no_variant", message, Some("report this"), french)]
        })
    }

    /// The name of the variant that a piece's facts select.
    pub fn variant_name(&self, facts: [&'static str; FACTS.len()]) -> &str {
        self.variant(facts).map_or("", |variant| &variant.name)
    }

    /// The control marks of a piece by its position in its lot; `None` for a piece that can't be composed.
    pub fn control_marks(&self, issuance: &Issuance, position: LotPosition) -> Option<ControlMarks> {
        let sides = self.sides(fact_values(position.kind, issuance)).ok()?;
        let machine = self.machine();
        let mut found = ControlMarks::default();
        for side in sides {
            let sheet = SheetId::new(position, side.sheet, side.sheets);
            found.sheets = side.sheets;
            for mark in &side.marks {
                match mark {
                    Mark::Omr(_) => found.omr_sequence = sheet.omr_sequence(machine),
                    Mark::ControlCode(_) => found.codes.push(sheet.control_code(machine)),
                    Mark::Code39(mark) => found.barcode |= mark.field == FieldName::PieceBarcode,
                    _ => {}
                }
            }
        }
        Some(found)
    }

    /// Prepares the sides of a piece: sets all that does not depend on its numbers and its signature. `numbers` must be
    /// as long, and `size` as large, as those of the piece will be.
    ///
    /// # Errors
    /// Every text and symbol of all sides that does not fit its mark.
    pub fn prepare_sides(
        &self,
        sides: &'a [SheetSide],
        values: &PieceValues,
        numbers: &PieceNumbers,
        size: Option<SymbolSize>,
    ) -> Result<Vec<PreparedSide<'a>>, Vec<PieceFault>> {
        let (mut prepared, mut faults) = (Vec::with_capacity(sides.len()), Vec::new());
        for (index, side) in sides.iter().enumerate() {
            match self.prepare((side, index), values, numbers, size) {
                Ok(side) => prepared.push(side),
                Err(of_side) => faults.extend(of_side),
            }
        }
        if faults.is_empty() { Ok(prepared) } else { Err(faults) }
    }

    /// Finishes the sides of a piece with its numbers and the symbol of its signed block.
    ///
    /// # Errors
    /// Every number and symbol of the first faulty side that does not fit its mark.
    pub fn finish_sides(
        &self,
        sides: Vec<PreparedSide>,
        numbers: &PieceNumbers,
        symbol: Option<&Symbol>,
    ) -> Result<Vec<PrintedPage>, Vec<PieceFault>> {
        sides.into_iter().map(|side| self.finish(side, numbers, symbol)).collect()
    }

    fn variant(&self, mut facts: [&'static str; FACTS.len()]) -> Option<&NamedVariant<'a>> {
        let undeclared = facts.iter_mut().zip(self.declared).filter(|(_, declared)| !declared);
        undeclared.for_each(|(fact, _)| *fact = "");
        self.variants.get(&facts)
    }

    fn prepare(
        &self,
        (side, index): (&'a SheetSide, usize),
        values: &PieceValues,
        numbers: &PieceNumbers,
        size: Option<SymbolSize>,
    ) -> Result<PreparedSide<'a>, Vec<PieceFault>> {
        let mut page = PageContent::new(self.press.grid, side.form);
        if self.imposed {
            page.follows();
        }
        self.concealment.apply(&mut page, side);
        let mut faults = Vec::new();
        faults.extend(confusion::stamp(&mut page, side, index, self.template, values).err());
        for mark in &side.marks {
            let prepared = match mark {
                Mark::Text(mark) => match numbers.text(mark.field) {
                    None => self.lines(mark, values).map(|lines| show(&mut page, mark, &lines)),
                    Some(number) => self.number_lines(mark, &number).map(drop),
                },
                Mark::Code39(mark) if mark.field == FieldName::PieceBarcode => Ok(()),
                Mark::Code39(mark) => self.stamp_code39(&mut page, mark, &(values.field)(mark.field)),
                Mark::TwoDDoc(mark) => size.map_or(Ok(()), |size| self.symbol_origin(mark, size).map(drop)),
                Mark::Omr(_) | Mark::ControlCode(_) | Mark::Confusion(_) => Ok(()),
                Mark::Area(area) => {
                    if self.shows_areas {
                        self.show_area(&mut page, area, values);
                    }
                    Ok(())
                }
            };
            faults.extend(prepared.err());
        }
        if faults.is_empty() { Ok(PreparedSide { side, page }) } else { Err(faults) }
    }

    fn finish(
        &self,
        prepared: PreparedSide,
        numbers: &PieceNumbers,
        symbol: Option<&Symbol>,
    ) -> Result<PrintedPage, Vec<PieceFault>> {
        let PreparedSide { side, mut page } = prepared;
        let mut faults = Vec::new();
        for mark in &side.marks {
            let stamped = match mark {
                Mark::Text(mark) => numbers.text(mark.field).map_or(Ok(()), |number| {
                    self.number_lines(mark, &number).map(|lines| show(&mut page, mark, &lines))
                }),
                Mark::TwoDDoc(mark) => {
                    symbol.map_or(Ok(()), |symbol| self.stamp_twoddoc(&mut page, mark, symbol))
                }
                Mark::Omr(mark) => sheet_id(side, numbers).map(|sheet| {
                    let bars = omr_bars(mark, self.machine(), self.press.grid, &sheet).into_iter();
                    bars.for_each(|(x, y, width, height)| page.bars(x, y, height, &[(0, width)]));
                }),
                Mark::ControlCode(mark) => {
                    sheet_id(side, numbers).and_then(|sheet| self.stamp_control_code(&mut page, mark, &sheet))
                }
                Mark::Code39(mark) => match numbers.text(Some(mark.field)) {
                    Some(number) => self.stamp_code39(&mut page, mark, &number),
                    None => Ok(()),
                },
                Mark::Confusion(_) | Mark::Area(_) => Ok(()),
            };
            faults.extend(stamped.err());
        }
        if faults.is_empty() { Ok(page.finish()) } else { Err(faults) }
    }

    fn show_area(&self, page: &mut PageContent, area: &Area, values: &PieceValues) {
        areas::outline(page, area);
        if area.kind == AreaKind::Card
            && let Some(font) = self.template.fonts.first()
        {
            areas::facsimile(page, &area.rect, &font.program(), &(values.facsimile)());
        }
    }

    /// The lines of a text that is no number.
    fn lines(&self, mark: &TextMark, values: &PieceValues) -> Result<Vec<PlacedLine>, PieceFault> {
        let font = self.template.fonts[mark.style.font].program();
        let placed = match mark.field {
            None => set_lines(mark, &font, &values.address),
            Some(field) => set(mark, &font, &(values.field)(field)),
        };
        placed.map_err(|fault| PieceFault::of_text(mark.field, &fault))
    }

    /// The lines of a number.
    fn number_lines(&self, mark: &TextMark, number: &str) -> Result<Vec<PlacedLine>, PieceFault> {
        let font = self.template.fonts[mark.style.font].program();
        set(mark, &font, number).map_err(|fault| PieceFault::of_text(mark.field, &fault))
    }

    fn stamp_code39(&self, page: &mut PageContent, mark: &Code39Mark, text: &str) -> Result<(), PieceFault> {
        let press = &self.press;
        let layout = Code39::new(text)
            .and_then(|symbol| {
                symbol.layout(press.x_dots(mark), press.ratio(mark), press.bar_width_reduction)
            })
            .map_err(|error| PieceFault::of_bars(mark.field, &error))?;
        let (left, top) = (press.grid.dots(mark.rect.x), press.grid.dots(mark.rect.y));
        let height = press.grid.dots(mark.rect.height);
        // The other texts have a length of their own, for which the mark was made.
        if mark.field == FieldName::PieceBarcode && layout.width_dots > press.grid.dots(mark.rect.width) {
            let message = "the barcode of the piece needs more room than the template has";
            let advice = "give `code39(\"piece_barcode\")` `chars: 15` or more";
            let french = "le code à barres du pli demande plus de place que le modèle n’en a\u{202F}; donnez à «\u{A0}code39(\"piece_barcode\")\u{A0}» un «\u{A0}chars: 15\u{A0}» ou plus";
            return Err(PieceFault::new("piece_id", "barcode_room", message, Some(advice), french));
        }
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
        let (left, top, cell) = self.symbol_origin(mark, symbol.size())?;
        self.stamp_symbol(page, symbol, left, top, cell);
        Ok(())
    }

    fn stamp_control_code(
        &self,
        page: &mut PageContent,
        mark: &ControlCodeMark,
        sheet: &SheetId,
    ) -> Result<(), PieceFault> {
        let symbol = encode(&sheet.control_code(self.machine()))?;
        let cell = self.press.control_code_cell();
        let needed = (symbol.side() as u32 + 2 * QUIET_MODULES) * cell;
        if needed > self.press.grid.dots(mark.rect.width) {
            let message = "the control code needs a larger symbol than the template has room for";
            let advice = "give `control-code` more room, or shorten `code_content` in the job's `inserter`";
            let french = "le code de contrôle demande un symbole plus grand que la place du modèle\u{202F}; donnez plus de place à «\u{A0}control-code\u{A0}», ou raccourcissez «\u{A0}code_content\u{A0}» dans «\u{A0}inserter\u{A0}» du fichier de la tâche";
            return Err(PieceFault::new("piece_id", "control_code_room", message, Some(advice), french));
        }
        let dots = |points: f64| self.press.grid.dots(points) + QUIET_MODULES * cell;
        self.stamp_symbol(page, &symbol, dots(mark.rect.x), dots(mark.rect.y), cell);
        Ok(())
    }

    /// Stamps a Data Matrix with modules of `cell` dots, thinned as the press asks.
    fn stamp_symbol(&self, page: &mut PageContent, symbol: &Symbol, left: u32, top: u32, cell: u32) {
        let side = symbol.side() as u32;
        match self.press.bar_width_reduction {
            0 => page.modules(left, top, side, cell, symbol.packed_rows()),
            reduction => {
                let rows = thinned_rows(symbol, cell as usize, reduction as usize);
                page.modules(left, top, side * cell, 1, &rows);
            }
        }
    }

    /// Left edge, top edge and module of a 2D-DOC symbol, in dots.
    fn symbol_origin(&self, mark: &TwoDDocMark, size: SymbolSize) -> Result<(u32, u32, u32), PieceFault> {
        let grid = self.press.grid;
        let cell = grid.dots(mark.module);
        let needed = (size.side() as u32 + 2 * QUIET_MODULES) * cell;
        if needed > grid.dots(mark.rect.width) {
            let message = "the signed block needs a larger symbol than the template has room for";
            let advice = "shorten the fields, or give `two-d-doc` more room";
            let french = "le bloc signé demande un symbole plus grand que la place du modèle\u{202F}; raccourcissez les champs, ou donnez plus de place à «\u{A0}two-d-doc\u{A0}»";
            return Err(PieceFault::new("last_name", "twoddoc_too_large", message, Some(advice), french));
        }
        let quiet = QUIET_MODULES * cell;
        Ok((grid.dots(mark.rect.x) + quiet, grid.dots(mark.rect.y) + quiet, cell))
    }
}

/// Shows the lines of a mark.
fn show(page: &mut PageContent, mark: &TextMark, lines: &[PlacedLine]) {
    let style = &mark.style;
    for line in lines {
        let PlacedLine { run, size, x, y } = line;
        let draw = |page: &mut PageContent| match mark.outline > 0.0 {
            true => page.outlined(style.font, run, *size, style.tracking, mark.outline, *x, *y),
            false => page.text(style.font, run, *size, style.tracking, style.k, *x, *y),
        };
        match mark.turn {
            0 => draw(page),
            turn => page.turned(turn, draw),
        }
    }
}

/// The sheet that a side belongs to.
fn sheet_id<'l>(side: &SheetSide, numbers: &PieceNumbers<'l>) -> Result<SheetId<'l>, PieceFault> {
    SheetId::of(numbers.position, side.sheet, side.sheets)
}
