//! A compiled template on a press's grid: what stamps the sides of pieces.

use std::collections::HashMap;

use crate::PieceFault;
use crate::control::{check_control_code, check_omr};
use crate::values::FACTS;
use mail::inserter::Machine;
use print_file::{FontProgram, Grid};
use symbols::code39::{Code39, Ratio};
use symbols::datamatrix::{self, Symbol, SymbolSize};
use template::{Code39Mark, CompiledTemplate, CompiledVariant, Facts, Mark, SheetSide, variant_name};

/// Modules left free around a Data Matrix. ISO/IEC 16022 asks for one; readers like two.
pub(crate) const QUIET_MODULES: u32 = 2;
/// The narrowest element of Code 39 in millimetres.
const MIN_X_MM: f64 = 0.19;

/// A variant and its name in manifests.
struct NamedVariant<'a> {
    sides: &'a [SheetSide],
    name: String,
}

/// A compiled template on a press's grid.
pub struct Stamper<'a> {
    pub(crate) template: &'a CompiledTemplate,
    pub(crate) grid: Grid,
    pub(crate) bar_width_reduction: u32,
    pub(crate) machine: Machine,
    pub(crate) shows_areas: bool,
    pub(crate) imposed: bool,
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
    pub fn sides(&self, facts: [&'static str; FACTS.len()]) -> Result<&'a [SheetSide], Vec<PieceFault>> {
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
    pub(crate) fn x_dots(&self, mark: &Code39Mark) -> u32 {
        self.grid.dots(mark.x)
    }

    /// The mark's ratio; 3 where an odd narrow element has no whole wide one of two and a half.
    pub(crate) fn ratio(&self, mark: &Code39Mark) -> Ratio {
        match mark.ratio == 2.5 && self.x_dots(mark).is_multiple_of(2) {
            true => Ratio::TwoAndHalf,
            false => Ratio::Three,
        }
    }
}

/// The symbol of a block's text.
///
/// # Errors
/// A text that no symbol can hold.
pub(crate) fn symbol(text: &str) -> Result<Symbol, PieceFault> {
    datamatrix::encode_c40(text.as_bytes()).map_err(|error| too_large(&error))
}

/// The size of that symbol.
///
/// # Errors
/// As for [`symbol`].
pub(crate) fn symbol_size(text: &str) -> Result<SymbolSize, PieceFault> {
    datamatrix::required_size(text.as_bytes()).map_err(|error| too_large(&error))
}

fn too_large(error: &datamatrix::TooLong) -> PieceFault {
    PieceFault { field: "last_name".to_owned(), code: "twoddoc_too_large", message: error.to_string() }
}
