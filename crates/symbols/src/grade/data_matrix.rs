//! The grade of a Data Matrix by ISO/IEC 15415: the reflectance of each module, seen through the aperture.

use super::aperture::{View, disc};
use super::correction::{Corrected, UNUSED_LIMITS};
use super::lines::Lines;
use super::profile::{extremes, middle};
use super::{Measure, Parameter, fixed_pattern, hundredths, letter, worst};
use crate::data_matrices::Grid;
use crate::datamatrix::shape::Shape;
use crate::decode::{DecodedSymbol, Format};
use crate::locate::Point;
use crate::picture::Picture;

/// The diameter of the aperture in modules.
const APERTURE: f32 = 0.8;
/// The limits of a module's modulation, in percent.
const MODULATION_LIMITS: [f32; 4] = [50.0, 40.0, 30.0, 20.0];

/// The grade of a Data Matrix. Indicative: the picture's levels are no calibrated reflectances.
#[derive(Debug, Clone, PartialEq)]
pub struct DataMatrixGrade {
    /// 4 if the modules, divided at one threshold, are decoded without erasures, else 0.
    pub decode: u8,
    /// The highest reflectance of modules and quiet zone less the lowest.
    pub symbol_contrast: Parameter,
    /// How far modules are from the threshold. The value is that of the least module; the grade allows for error correction.
    pub modulation: Parameter,
    /// The same, where a module on the wrong side of the threshold counts as 0.
    pub reflectance_margin: Parameter,
    /// The share of wrong modules of the most damaged line of the L, the alternating lines and the quiet zone.
    pub fixed_pattern_damage: Parameter,
    /// How much modules are longer in one direction than in the other.
    pub axial_non_uniformity: Parameter,
    /// How far modules of the alternating lines lie from where the corners put them, in percent of a module.
    pub grid_non_uniformity: Parameter,
    /// The error correction that is left, of the block that has least of it.
    pub unused_error_correction: Parameter,
    /// How much wider dark modules are than printed for, along rows and along columns, in percent of a module. Not graded.
    pub print_growth: Option<(f32, f32)>,
    /// The least grade of all, from 4.0 to 0.0.
    pub overall: f32,
    /// The letter of the overall grade, A to F.
    pub letter: char,
    /// Rows and columns of modules. (0, 0) if the symbol was not found.
    pub modules: (usize, usize),
    /// The size of a module in pixels. Below 5 pixels the scanner is graded rather than the print.
    pub module_pixels: f32,
    /// Whether the picture has two levels only: then contrast and modulation say nothing of the ink.
    pub bilevel: bool,
}

/// Grades a Data Matrix that was read on a picture, dark on light. The grade of other symbols is F.
#[must_use]
pub fn grade_data_matrix(picture: &Picture, symbol: &DecodedSymbol) -> DataMatrixGrade {
    graded(picture, symbol).unwrap_or(DataMatrixGrade::UNKNOWN)
}

impl DataMatrixGrade {
    const UNKNOWN: DataMatrixGrade = DataMatrixGrade {
        decode: 0,
        symbol_contrast: Parameter::UNKNOWN,
        modulation: Parameter::UNKNOWN,
        reflectance_margin: Parameter::UNKNOWN,
        fixed_pattern_damage: Parameter::UNKNOWN,
        axial_non_uniformity: Parameter::UNKNOWN,
        grid_non_uniformity: Parameter::UNKNOWN,
        unused_error_correction: Parameter::UNKNOWN,
        print_growth: None,
        overall: 0.0,
        letter: 'F',
        modules: (0, 0),
        module_pixels: 0.0,
        bilevel: false,
    };

    /// The parameters by name.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let all = [
            ("decode", Parameter { value: None, grade: self.decode }),
            ("symbol_contrast", self.symbol_contrast),
            ("modulation", self.modulation),
            ("reflectance_margin", self.reflectance_margin),
            ("fixed_pattern_damage", self.fixed_pattern_damage),
            ("axial_non_uniformity", self.axial_non_uniformity),
            ("grid_non_uniformity", self.grid_non_uniformity),
            ("unused_error_correction", self.unused_error_correction),
        ];
        all.map(|(name, Parameter { value, grade })| Measure { name, value, grade: f32::from(grade) })
            .to_vec()
    }

    /// The name of the parameter with the lowest grade. `None` if all have grade 4.
    #[must_use]
    pub fn worst(&self) -> Option<&'static str> {
        worst(&self.measures())
    }
}

fn graded(picture: &Picture, symbol: &DecodedSymbol) -> Option<DataMatrixGrade> {
    let corners: [Point; 4] = symbol.outline.as_slice().try_into().ok()?;
    let reach = corners.iter().map(|&(x, y)| (x - corners[0].0).hypot(y - corners[0].1)).fold(0.0, f32::max);
    // A symbol has 10 modules or more from corner to corner: a module of quiet zone, and what the corners may be off.
    let view = View::around(picture, &corners, reach / 8.0 + 4.0)?;
    let grid = Grid::of(&view.luma, corners.map(|corner| view.local(corner)))?;
    if symbol.format != Format::DataMatrix {
        return None;
    }
    let [flat, bent] = [false, true].map(|as_they_lie| Levels::of(&view, &grid, as_they_lie));
    let [flat, bent] = [flat?, bent?].map(|levels| (levels.corrected(), levels));
    let errors = |(corrected, _): &(Option<Corrected>, Levels)| {
        let wrong = |corrected: &Corrected| corrected.right.iter().filter(|&&right| !right).count();
        corrected.as_ref().map_or(usize::MAX, wrong)
    };
    // Where paper is flat, modules that were moved to where they are sharpest are no better.
    let (corrected, levels) = if errors(&bent) < errors(&flat) { bent } else { flat };
    let (as_they_lie, threshold) = (levels.as_they_lie, middle(levels.extremes));
    let lines = Lines { view: &view, grid: &grid, as_they_lie, threshold };
    Some(DataMatrixGrade { bilevel: view.is_bilevel(), ..levels.grade(corrected.as_ref(), &lines) })
}

/// A module of the fixed pattern. Rows and columns count from -1, the quiet zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) row: isize,
    pub(super) column: isize,
    /// Whether it should be dark.
    pub(super) dark: bool,
}

/// The reflectances of a symbol's modules and of those around it.
pub(super) struct Levels {
    shape: Shape,
    as_they_lie: bool,
    /// From the row above the symbol and the column before it. `None` outside the picture.
    all: Vec<Option<f32>>,
    extremes: (f32, f32),
}

impl Levels {
    fn of(view: &View, grid: &Grid, as_they_lie: bool) -> Option<Levels> {
        let shape = grid.shape;
        let aperture = disc(APERTURE / 2.0);
        let level = |row: usize, column: usize| {
            let (row, column) = (row as f32 - 0.5, column as f32 - 0.5);
            let points = aperture.iter().map(|&(x, y)| grid.at(row + y, column + x, as_they_lie));
            view.contains(grid.at(row, column, as_they_lie)).then(|| view.reflectance(points))
        };
        let rows = 0..shape.rows + 2;
        let modules = rows.flat_map(|row| (0..shape.columns + 2).map(move |column| (row, column)));
        let all: Vec<Option<f32>> = modules.map(|(row, column)| level(row, column)).collect();
        let seen: Vec<f32> = all.iter().copied().flatten().collect();
        Some(Levels { shape, as_they_lie, all, extremes: extremes(&seen)? })
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(super) fn rows(&self) -> usize {
        self.shape.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.shape.columns
    }

    /// The reflectance of a module. Rows and columns count from -1.
    fn level(&self, row: isize, column: isize) -> Option<f32> {
        let index = (row + 1) * (self.shape.columns as isize + 2) + column + 1;
        self.all.get(usize::try_from(index).ok()?).copied().flatten()
    }

    /// The modulation of a module in percent: how far it is from the threshold, of half the contrast. Negative if the module
    /// should be dark and is light, or the other way round. `None` outside the picture.
    fn modulation(&self, row: isize, column: isize, dark: bool) -> Option<f32> {
        let half = (self.extremes.1 - self.extremes.0) / 2.0;
        let above = self.level(row, column)? - middle(self.extremes);
        Some(100.0 * if dark { -above } else { above } / half.max(f32::MIN_POSITIVE))
    }

    /// The grade of the modulation of a module that should be dark, or light; 0 if it is not.
    pub(super) fn grade_as(&self, Expected { row, column, dark }: Expected) -> u8 {
        let modulation = self.modulation(row, column, dark).unwrap_or_default();
        Parameter::at_least(modulation, MODULATION_LIMITS).grade
    }

    /// Whether a module is dark, or light, as it should be.
    pub(super) fn is_right(&self, Expected { row, column, dark }: Expected) -> bool {
        self.modulation(row, column, dark).is_some_and(|modulation| modulation > 0.0)
    }

    /// Whether a module of the symbol, by its index, is dark.
    fn is_dark(&self, module: usize) -> bool {
        let (row, column) = self.place(module);
        self.level(row, column).is_some_and(|level| level < middle(self.extremes))
    }

    fn place(&self, module: usize) -> (isize, isize) {
        ((module / self.shape.columns) as isize, (module % self.shape.columns) as isize)
    }

    /// The codewords of the symbol, corrected.
    fn corrected(&self) -> Option<Corrected> {
        let dark: Vec<bool> =
            (0..self.shape.rows * self.shape.columns).map(|module| self.is_dark(module)).collect();
        Corrected::of(self.shape, &dark)
    }

    fn grade(&self, corrected: Option<&Corrected>, lines: &Lines) -> DataMatrixGrade {
        let (wide, high) = lines.grid.module;
        let growth = lines.growth();
        let axial = 100.0 * (wide - high).abs() / ((wide + high) / 2.0);
        let contrast = 100.0 * (self.extremes.1 - self.extremes.0);
        let unused = |corrected: &Corrected| {
            Parameter::at_least(corrected.unused(&|module| corrected.right[module]), UNUSED_LIMITS)
        };
        let mut grade = DataMatrixGrade {
            decode: if corrected.is_some() { 4 } else { 0 },
            symbol_contrast: Parameter::at_least(contrast, [70.0, 55.0, 40.0, 20.0]),
            modulation: self.overlaid(corrected, false),
            reflectance_margin: self.overlaid(corrected, true),
            fixed_pattern_damage: fixed_pattern::grade(self),
            axial_non_uniformity: Parameter::at_most(axial, [6.0, 8.0, 10.0, 12.0]),
            grid_non_uniformity: lines.non_uniformity().map_or(Parameter::UNKNOWN, |part| {
                Parameter::at_most(100.0 * part, [38.0, 50.0, 63.0, 75.0])
            }),
            unused_error_correction: corrected.map_or(Parameter::UNKNOWN, unused),
            print_growth: hundredths(100.0 * growth.0).zip(hundredths(100.0 * growth.1)),
            modules: (self.shape.rows, self.shape.columns),
            module_pixels: (wide + high) / 2.0,
            ..DataMatrixGrade::UNKNOWN
        };
        grade.overall = grade.measures().iter().map(|measure| measure.grade).fold(4.0, f32::min);
        grade.letter = letter(grade.overall);
        grade
    }

    /// Modulation, or with `margin` reflectance margin: the best grade at which enough error correction is left if the
    /// codewords with a module below it count as errors.
    fn overlaid(&self, corrected: Option<&Corrected>, margin: bool) -> Parameter {
        let Some(corrected) = corrected else { return Parameter::UNKNOWN };
        let modulation = |module: usize| {
            let (row, column) = self.place(module);
            let dark = self.is_dark(module);
            let modulation = self.modulation(row, column, dark).unwrap_or_default();
            if margin && !corrected.right[module] { 0.0 } else { modulation }
        };
        let modules = 0..self.shape.rows * self.shape.columns;
        let grades: Vec<u8> =
            modules.clone().map(|m| Parameter::at_least(modulation(m), MODULATION_LIMITS).grade).collect();
        let at = |level: u8| {
            let unused = corrected.unused(&|module| grades[module] >= level);
            Parameter::at_least(unused, UNUSED_LIMITS).grade.min(level)
        };
        let least = modules.map(modulation).fold(f32::MAX, f32::min);
        Parameter { value: hundredths(least), grade: (0..=4).map(at).max().unwrap_or_default() }
    }
}
