//! What a side's marks ask for, prepared once for a press: places in points, symbols in dots.

use mail::inserter::Machine;
use print_file::Grid;
use template::{Code39Mark, ConfusionMark, Mark, Rect, SheetSide, TextMark};

/// Millimetres to points.
const POINTS_PER_MM: f64 = 72.0 / 25.4;
/// Light modules around a Data Matrix, on each side. ISO/IEC 16022 asks for one; the template keeps two.
const QUIET_MODULES: u32 = 2;
/// Light narrow elements beside a Code 39 (ISO/IEC 16388 4.4(d)).
const QUIET_ELEMENTS: u32 = 10;

/// A press as the proof knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PressDots {
    /// Its grid.
    pub grid: Grid,
    /// Dots taken off every bar and module.
    pub reduction: u32,
}

/// A side, prepared.
pub(super) struct SidePlan<'a> {
    /// The side as it is laid out.
    pub side: &'a SheetSide,
    /// The texts, each with the index of its mark.
    pub texts: Vec<(usize, &'a TextMark)>,
    /// The symbols, with the index of the mark of each.
    pub symbols: Vec<(usize, SymbolPlan)>,
    /// The areas of drawings.
    pub drawings: Vec<(usize, &'a ConfusionMark)>,
}

/// A symbol in dots of the press, from the left and upper edges of the piece's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SymbolPlan {
    /// Bars.
    Code39 {
        /// The left edge of the first bar, as it is printed.
        left: u32,
        /// The upper edge.
        top: u32,
        /// The height.
        height: u32,
        /// The narrow element.
        x: u32,
        /// Whether a wide element is 2.5 narrow ones, and not 3.
        two_and_half: bool,
        /// The width that the symbol may have with its quiet zones.
        room: u32,
    },
    /// Modules.
    DataMatrix {
        /// The left edge of the symbol.
        left: u32,
        /// The upper edge.
        top: u32,
        /// The module.
        cell: u32,
        /// The width that the symbol may have with its quiet zone.
        room: u32,
    },
    /// The marks of a strip, whose places their claim names.
    Omr,
}

impl<'a> SidePlan<'a> {
    /// Prepares a side.
    pub(super) fn of(side: &'a SheetSide, press: PressDots, machine: &Machine) -> SidePlan<'a> {
        let mut plan = SidePlan { side, texts: Vec::new(), symbols: Vec::new(), drawings: Vec::new() };
        for (index, mark) in side.marks.iter().enumerate() {
            match mark {
                Mark::Text(text) => plan.texts.push((index, text)),
                Mark::Code39(symbol) => plan.symbols.push((index, SymbolPlan::code39(symbol, press))),
                Mark::TwoDDoc(symbol) => {
                    let cell = press.grid.dots(symbol.module);
                    plan.symbols.push((index, SymbolPlan::data_matrix(&symbol.rect, cell, press.grid)));
                }
                Mark::ControlCode(symbol) => {
                    let cell = press.grid.dots(machine.code_module_mm * POINTS_PER_MM);
                    plan.symbols.push((index, SymbolPlan::data_matrix(&symbol.rect, cell, press.grid)));
                }
                Mark::Omr(_) => plan.symbols.push((index, SymbolPlan::Omr)),
                Mark::Confusion(area) => plan.drawings.push((index, area)),
                Mark::Area(_) => {}
            }
        }
        plan
    }
}

impl SymbolPlan {
    fn code39(mark: &Code39Mark, press: PressDots) -> SymbolPlan {
        let PressDots { grid, reduction } = press;
        let x = grid.dots(mark.x);
        SymbolPlan::Code39 {
            left: grid.dots(mark.rect.x) + QUIET_ELEMENTS * x + reduction / 2,
            top: grid.dots(mark.rect.y),
            height: grid.dots(mark.rect.height),
            x,
            // Half a dot can't be printed.
            two_and_half: mark.ratio == 2.5 && x.is_multiple_of(2),
            // The room of the mark is rounded to dots once more.
            room: grid.dots(mark.rect.width) + 1,
        }
    }

    fn data_matrix(rect: &Rect, cell: u32, grid: Grid) -> SymbolPlan {
        SymbolPlan::DataMatrix {
            left: grid.dots(rect.x) + QUIET_MODULES * cell,
            top: grid.dots(rect.y) + QUIET_MODULES * cell,
            cell,
            room: grid.dots(rect.width),
        }
    }

    /// What stays light at the left and right edges and over and under the symbol, in dots.
    pub(super) fn quiet(&self) -> (u32, u32) {
        match self {
            SymbolPlan::Code39 { x, .. } => (QUIET_ELEMENTS * x, 0),
            SymbolPlan::DataMatrix { cell, .. } => (QUIET_MODULES * cell, QUIET_MODULES * cell),
            SymbolPlan::Omr => (0, 0),
        }
    }
}
