//! Symbols drawn with known damage; the grades are worked by hand from the standards' formulas.

use proptest::prelude::*;

use super::*;
use crate::code39::{Code39, Code39Reading, Ratio};
use crate::datamatrix::shape::Shape;
use crate::datamatrix::{Symbol, encode_c40};
use crate::{DecodedSymbol, Effort, Format, Picture, Step, read_code39s, read_data_matrices};

/// Paper of one level on which rectangles are filled.
struct Sheet {
    width: usize,
    levels: Vec<u8>,
}

impl Sheet {
    fn new(width: usize, height: usize, paper: u8) -> Sheet {
        Sheet { width, levels: vec![paper; width * height] }
    }

    fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, level: u8) {
        for row in y..y + height {
            self.levels[row * self.width + x..][..width].fill(level);
        }
    }

    fn picture(&self) -> Picture {
        let rgba: Vec<u8> = self.levels.iter().flat_map(|&level| [level, level, level, 255]).collect();
        Picture::from_rgba(self.width as u32, (self.levels.len() / self.width) as u32, rgba).unwrap()
    }
}

/// The bars of the tests: X is 8 pixels, wide elements 20, the bars begin at 160, 40 and are 200 high.
const X: usize = 8;
const LEFT: usize = 160;
const TOP: usize = 40;
const HEIGHT: usize = 200;

/// A Code 39 on paper.
struct Bars {
    sheet: Sheet,
    reading: Code39Reading,
    /// Each bar's left edge and width.
    bars: Vec<(usize, usize)>,
}

impl Bars {
    /// Bars of a level on paper of a level, each `growth` pixels wider than it should be.
    fn new(bar: u8, paper: u8, growth: i32) -> Bars {
        let text = "2800012345";
        let layout = Code39::new(text).unwrap().layout(X as u32, Ratio::TwoAndHalf, 0).unwrap();
        let length = layout.symbol_width_dots as usize;
        let mut sheet = Sheet::new(length + 2 * LEFT, HEIGHT + 2 * TOP, paper);
        let at = |x: u32| (x - layout.quiet_zone_dots) as usize + LEFT;
        let bars: Vec<(usize, usize)> = layout
            .bars
            .iter()
            .map(|b| {
                let width = (b.width as i32 + growth) as usize;
                ((at(b.x) as i32 - growth / 2) as usize, width)
            })
            .collect();
        bars.iter().for_each(|&(x, width)| sheet.fill(x, TOP, width, HEIGHT, bar));
        let (left, right) = (LEFT as f32, (LEFT + length) as f32);
        let (top, bottom) = (TOP as f32, (TOP + HEIGHT) as f32);
        let polygon = [[left, top], [right, top], [right, bottom], [left, bottom]];
        let reading = Code39Reading {
            text: text.to_owned(),
            polygon,
            step: Step::Straight,
            confidence: 1.0,
            bands: vec![],
        };
        Bars { sheet, reading, bars }
    }

    fn grade(&self) -> Code39Grade {
        grade_code39(&self.sheet.picture(), &self.reading)
    }

    /// The first wide bar: its left edge.
    fn wide(&self) -> usize {
        self.bars.iter().find(|bar| bar.1 >= 2 * X).unwrap().0
    }
}

#[test]
fn limits_are_those_of_the_standards() {
    // Published with a verifier's report: 68.4 % edge contrast of 83.3 % contrast make 82.2 % (82.1 by the rounded values).
    let modulation = Parameter::at_least(100.0 * 68.4 / 83.3, [70.0, 60.0, 50.0, 40.0]);
    assert_eq!(modulation, Parameter { value: Some(82.11), grade: 4 });
    let grades =
        |values: [f32; 8]| values.map(|value| Parameter::at_least(value, [62.0, 50.0, 37.0, 25.0]).grade);
    assert_eq!(grades([62.0, 61.99, 50.0, 49.99, 37.0, 36.99, 25.0, 24.99]), [4, 3, 3, 2, 2, 1, 1, 0]);
    let grades =
        |values: [f32; 5]| values.map(|value| Parameter::at_most(value, [15.0, 20.0, 25.0, 30.0]).grade);
    assert_eq!(grades([15.0, 15.01, 20.01, 25.01, 30.01]), [4, 3, 2, 1, 0]);
    assert_eq!(Parameter::at_most(f32::NAN, [15.0, 20.0, 25.0, 30.0]), Parameter::UNKNOWN);
    assert_eq!([3.5, 3.4, 2.5, 1.5, 0.5, 0.4].map(letter), ['A', 'B', 'B', 'C', 'D', 'F']);
}

#[test]
fn perfect_bars_have_grade_4_in_every_line() {
    let grade = Bars::new(0, 255, 0).grade();
    assert_eq!((grade.scans.len(), grade.overall, grade.letter, grade.worst()), (10, 4.0, 'A', None));
    assert!(grade.bilevel && (grade.x_pixels - 8.0).abs() < 0.01, "{grade:?}");
    assert_eq!((grade.ratio, grade.bar_growth), (Some(2.5), Some(0.0)));
    let scan = grade.scans[0];
    assert_eq!(scan.symbol_contrast.value, Some(100.0));
    assert_eq!(scan.modulation.value, Some(100.0));
    assert_eq!(scan.defects.value, Some(0.0));
    assert_eq!(scan.decodability.value, Some(100.0));
    assert_eq!(scan.quiet_zone, Parameter { value: Some(10.0), grade: 4 });
}

#[test]
fn contrast_is_the_difference_of_levels_and_bars_must_be_half_as_light_as_paper() {
    // 204 - 102 of 255 is 40 %, and 102 is half of 204.
    let pale = Bars::new(102, 204, 0).grade();
    assert_eq!(pale.scans[3].symbol_contrast, Parameter { value: Some(40.0), grade: 2 });
    assert_eq!(pale.scans[3].minimum_reflectance, Parameter { value: Some(40.0), grade: 4 });
    assert_eq!((pale.overall, pale.letter, pale.worst()), (2.0, 'C', Some("symbol_contrast")));
    let pale = Bars::new(102, 203, 0).grade();
    assert_eq!((pale.scans[3].symbol_contrast.grade, pale.scans[3].minimum_reflectance.grade), (1, 0));
    assert_eq!(pale.letter, 'F');
    let grades: Vec<u8> = [76, 77, 114, 115, 127]
        .into_iter()
        .map(|bar| Bars::new(bar, 255, 0).grade().scans[0].symbol_contrast.grade)
        .collect();
    // 179, 178, 141, 140, 128 of 255: 70.2, 69.8, 55.3, 54.9, 50.2 %.
    assert_eq!(grades, [4, 3, 3, 2, 2]);
}

#[test]
fn a_void_in_a_bar_is_a_defect_of_the_lines_that_cross_it() {
    for (level, defects, grade) in [(37, 14.8, 4), (50, 20.0, 3), (51, 20.4, 2), (75, 30.0, 1), (76, 30.4, 0)]
    {
        let mut bars = Bars::new(0, 250, 0);
        let x = bars.wide() + 6;
        bars.sheet.fill(x, TOP, 8, HEIGHT / 2, level);
        let graded = bars.grade();
        let (upper, lower) = (graded.scans[1], graded.scans[8]);
        assert_eq!(upper.defects, Parameter { value: Some(defects), grade });
        assert_eq!((upper.decode, upper.decodability.grade, lower.defects.grade), (4, 4, 4));
        // Five lines cross the void.
        assert_eq!(graded.overall, (5.0 * f32::from(grade) + 5.0 * 4.0) / 10.0);
    }
}

#[test]
fn a_spot_in_a_space_or_beside_the_bars_is_a_defect_too() {
    let spotted = |x: usize| {
        let mut bars = Bars::new(0, 250, 0);
        bars.sheet.fill(x, TOP, 8, HEIGHT, 200);
        bars.grade().scans[5]
    };
    // In the left quiet zone: 50 of 250.
    assert_eq!(spotted(LEFT - 40).defects, Parameter { value: Some(20.0), grade: 3 });
    assert_eq!(spotted(LEFT - 40).quiet_zone.grade, 4);
}

#[test]
fn growth_takes_room_from_the_widths() {
    // Wide bars 20 + g, wide spaces 20 - g, narrow ones 8 ± g; a character is 5 bars and 4 spaces: 108 + g.
    for (growth, grade) in [(0, 4), (1, 4), (2, 3), (3, 2), (-2, 3), (-3, 2)] {
        let graded = Bars::new(0, 255, growth).grade();
        let g = growth as f32;
        let threshold = (108.0 + g) / 8.0;
        let (widest, narrowest) = (8.0 + g.abs(), 20.0 - g.abs());
        let mean_wide = (2.0 * (20.0 + g) + 20.0 - g) / 3.0;
        let room = f32::min(
            (threshold - widest) / (threshold - 8.0),
            (narrowest - threshold) / (mean_wide - threshold),
        );
        let scan = graded.scans[4];
        assert_eq!(scan.decodability.grade, grade, "{growth}: {scan:?}");
        assert!((scan.decodability.value.unwrap() - 100.0 * room).abs() < 0.1, "{growth}: {scan:?} {room}");
        assert!((graded.bar_growth.unwrap() - 100.0 * g / 8.0).abs() < 0.5, "{graded:?}");
        assert_eq!(scan.modulation.grade, 4);
    }
}

#[test]
fn a_narrow_space_that_is_filled_lowers_edge_contrast_and_modulation() {
    // One narrow space of level 150 between bars of 0, paper 250: 60 % of the contrast.
    for (level, modulation, grade) in [(175, 70.0, 4), (150, 60.0, 3), (149, 59.6, 2)] {
        let mut bars = Bars::new(0, 250, 0);
        let pair = bars.bars.windows(2).find(|pair| pair[1].0 - pair[0].0 - pair[0].1 == X).unwrap();
        bars.sheet.fill(pair[0].0 + pair[0].1, TOP, X, HEIGHT, level);
        let scan = bars.grade().scans[0];
        assert_eq!(scan.modulation, Parameter { value: Some(modulation), grade });
        assert_eq!(scan.minimum_edge_contrast.grade, 4);
    }
}

#[test]
fn a_quiet_zone_of_less_than_10_x_fails() {
    for (x, quiet, letter) in [(11, 10.0, 'A'), (9, 9.0, 'F'), (3, 3.0, 'F')] {
        let mut bars = Bars::new(0, 255, 0);
        // A rule beside the bars, as the edge of a window makes one.
        bars.sheet.fill(LEFT - x * X - 4, 0, 4, HEIGHT + 2 * TOP, 0);
        let graded = bars.grade();
        let measured = graded.scans[6].quiet_zone;
        assert!((measured.value.unwrap() - quiet).abs() < 0.1, "{measured:?}");
        assert_eq!((graded.letter, measured.grade), (letter, if letter == 'A' { 4 } else { 0 }));
    }
    // A picture that ends 5 X beside the bars.
    let mut cut = Bars::new(0, 255, 0);
    let from = LEFT - 5 * X;
    let rows = cut.sheet.levels.chunks(cut.sheet.width).flat_map(|row| row[from..].to_vec());
    cut.sheet = Sheet { levels: rows.collect(), width: cut.sheet.width - from };
    cut.reading.polygon.iter_mut().for_each(|point| point[0] -= from as f32);
    assert_eq!((cut.grade().letter, cut.grade().worst()), ('F', Some("quiet_zone")));
}

#[test]
fn bars_that_decode_to_something_else_or_to_nothing_fail() {
    let mut bars = Bars::new(0, 255, 0);
    bars.reading.text = "2800012346".to_owned();
    assert_eq!(bars.grade().letter, 'F');
    assert!(bars.grade().scans.iter().all(|scan| scan.decode == 0 && scan.symbol_contrast.grade == 4));
    bars.reading.text = "lower case".to_owned();
    assert_eq!(bars.grade(), Code39Grade { scans: vec![], ..bars.grade() });
    let polygons = [[[0.0; 2]; 4], [[f32::NAN; 2]; 4], [[1e9, 1e9], [2e9, 1e9], [2e9, 2e9], [1e9, 2e9]]];
    for polygon in polygons {
        let reading = Code39Reading { polygon, ..Bars::new(0, 255, 0).reading };
        assert_eq!(grade_code39(&bars.sheet.picture(), &reading).letter, 'F');
    }
    let empty = Picture::from_rgba(0, 0, []).unwrap();
    assert_eq!(grade_code39(&empty, &Bars::new(0, 255, 0).reading).letter, 'F');
}

#[test]
fn bars_are_graded_where_the_reader_found_them() {
    let bars = Bars::new(20, 240, 0);
    let picture = bars.sheet.picture();
    let read = read_code39s(&picture, &Effort::unlimited());
    let grade = grade_code39(&picture, &read[0]);
    assert_eq!((grade.letter, grade.overall), ('A', 4.0), "{grade:?}");
    // The same upside down.
    let mut turned = Sheet { width: bars.sheet.width, levels: bars.sheet.levels.clone() };
    turned.levels.reverse();
    let read = read_code39s(&turned.picture(), &Effort::unlimited());
    assert_eq!(grade_code39(&turned.picture(), &read[0]).overall, 4.0);
}

/// The Data Matrix of the tests: 14 × 14 modules of 10 pixels, 8 data codewords and 10 check codewords, at 40, 40.
const MODULE: usize = 10;
const AT: usize = 40;

struct Matrix {
    sheet: Sheet,
    symbol: Symbol,
    dark: u8,
    light: u8,
}

impl Matrix {
    fn new(message: &str, dark: u8, light: u8) -> Matrix {
        let symbol = encode_c40(message.as_bytes()).unwrap();
        let side = symbol.side() * MODULE + 2 * AT;
        let mut matrix = Matrix { sheet: Sheet::new(side, side, light), symbol, dark, light };
        let modules = matrix.symbol.side();
        for (row, column) in (0..modules).flat_map(|row| (0..modules).map(move |column| (row, column))) {
            if matrix.symbol.dark(row, column) {
                matrix.set(row, column, dark);
            }
        }
        matrix
    }

    fn set(&mut self, row: usize, column: usize, level: u8) {
        self.sheet.fill(AT + column * MODULE, AT + row * MODULE, MODULE, MODULE, level);
    }

    /// Turns a bit of each of the first codewords over.
    fn damage(&mut self, codewords: usize) {
        for module in self.bits(codewords) {
            let (row, column) = (module / self.symbol.side(), module % self.symbol.side());
            let level = if self.symbol.dark(row, column) { self.light } else { self.dark };
            self.set(row, column, level);
        }
    }

    /// A module of each of the first codewords.
    fn bits(&self, codewords: usize) -> Vec<usize> {
        let plan = Shape::square(self.symbol.size()).plan();
        plan.bits[..codewords].iter().map(|bits| usize::from(bits[2])).collect()
    }

    fn grade(&self) -> DataMatrixGrade {
        let (near, far) = (AT as f32, (AT + self.symbol.side() * MODULE) as f32);
        let symbol = DecodedSymbol {
            format: Format::DataMatrix,
            text: String::new(),
            bytes: Vec::new(),
            outline: vec![(near, far), (near, near), (far, near), (far, far)],
            step: Step::Straight,
            confidence: None,
        };
        grade_data_matrix(&self.sheet.picture(), &symbol)
    }
}

#[test]
fn a_perfect_matrix_has_grade_4_in_every_parameter() {
    for message in ["2D-DOC", &"FOUR DATA REGIONS".repeat(6)] {
        let grade = Matrix::new(message, 0, 255).grade();
        assert_eq!((grade.overall, grade.letter, grade.worst()), (4.0, 'A', None), "{grade:?}");
        assert_eq!(grade.symbol_contrast.value, Some(100.0));
        assert_eq!(grade.modulation.value, Some(100.0));
        assert_eq!(grade.fixed_pattern_damage.value, Some(0.0));
        assert_eq!(grade.unused_error_correction.value, Some(100.0));
        assert!(grade.axial_non_uniformity.value.unwrap() < 0.2, "{grade:?}");
        assert!(grade.grid_non_uniformity.value.unwrap() < 2.0, "{grade:?}");
        let growth = grade.print_growth.unwrap();
        assert!(growth.0.abs() < 1.0 && growth.1.abs() < 1.0, "{grade:?}");
        assert!((grade.module_pixels - MODULE as f32).abs() < 0.1 && grade.bilevel);
    }
}

#[test]
fn contrast_of_modules_is_the_difference_of_levels() {
    let grades = [76, 77, 114, 115, 153, 154, 204, 205].map(|dark| {
        let grade = Matrix::new("2D-DOC", dark, 255).grade();
        assert_eq!(grade.overall, f32::from(grade.symbol_contrast.grade), "{grade:?}");
        grade.symbol_contrast.grade
    });
    // 179, 178, 141, 140, 102, 101, 51, 50 of 255: 70.2, 69.8, 55.3, 54.9, 40, 39.6, 20, 19.6 %.
    assert_eq!(grades, [4, 3, 3, 2, 2, 1, 1, 0]);
}

#[test]
fn each_wrong_codeword_costs_two_of_ten_check_codewords() {
    for (codewords, unused, grade) in
        [(0, 100.0, 4), (1, 80.0, 4), (2, 60.0, 3), (3, 40.0, 2), (4, 20.0, 0), (5, 0.0, 0)]
    {
        let mut matrix = Matrix::new("2D-DOC", 0, 255);
        matrix.damage(codewords);
        let graded = matrix.grade();
        assert_eq!(graded.unused_error_correction, Parameter { value: Some(unused), grade });
        // What is wrong is far from the threshold: only the margin knows.
        assert_eq!((graded.decode, graded.modulation), (4, Parameter { value: Some(100.0), grade: 4 }));
        assert_eq!(graded.reflectance_margin.grade, grade);
        assert_eq!(graded.fixed_pattern_damage.grade, 4);
        assert_eq!(graded.overall, f32::from(grade));
    }
    let mut matrix = Matrix::new("2D-DOC", 0, 255);
    matrix.damage(6);
    let graded = matrix.grade();
    assert_eq!((graded.decode, graded.unused_error_correction, graded.letter), (0, Parameter::UNKNOWN, 'F'));
    assert_eq!((graded.symbol_contrast.grade, graded.fixed_pattern_damage.grade), (4, 4));
}

#[test]
fn pale_modules_count_as_errors_at_the_grades_above_theirs() {
    // Dark modules of 70 on a scale of 0 to 250: 55 of 125 from the threshold, 44 %, grade 3. At grade 4 their codewords are
    // errors: one leaves 80 % (4), two 60 % (3), three 40 % (2). At grade 3 none is, which is worth 3.
    for (pale, grade) in [(0, 4), (1, 4), (2, 3), (3, 3), (8, 3)] {
        let mut matrix = Matrix::new("2D-DOC", 0, 250);
        let bits: Vec<usize> = matrix.bits(18);
        let side = matrix.symbol.side();
        let dark: Vec<usize> =
            bits.into_iter().filter(|bit| matrix.symbol.dark(bit / side, bit % side)).take(pale).collect();
        assert_eq!(dark.len(), pale.min(dark.len()));
        dark.iter().for_each(|bit| matrix.set(bit / side, bit % side, 70));
        let graded = matrix.grade();
        assert_eq!(graded.modulation.grade, grade, "{pale}: {graded:?}");
        assert_eq!(graded.modulation.value, Some(if pale == 0 { 100.0 } else { 44.0 }));
        assert_eq!(graded.unused_error_correction.value, Some(100.0));
        assert_eq!(graded.reflectance_margin, graded.modulation);
    }
}

#[test]
fn missing_modules_of_the_l_are_fixed_pattern_damage() {
    // Of 14 modules of the left side: 7.1, 14.3, 21.4 %. One leaves a mean of (3 + 4 · 4) / 5 = 3.8: grade 3.
    for (missing, damage, grade) in [(1, 7.14, 3), (2, 14.29, 1), (3, 21.43, 0)] {
        let mut matrix = Matrix::new("2D-DOC", 0, 255);
        (0..missing).for_each(|index| matrix.set(4 + 3 * index, 0, 255));
        let graded = matrix.grade();
        assert_eq!(graded.fixed_pattern_damage, Parameter { value: Some(damage), grade }, "{missing}");
        assert_eq!((graded.decode, graded.overall), (4, f32::from(grade)));
        assert_eq!(graded.worst(), Some("fixed_pattern_damage"));
    }
    // A mark in the quiet zone beside it: one of 15 modules.
    let mut matrix = Matrix::new("2D-DOC", 0, 255);
    matrix.sheet.fill(AT - MODULE, AT + 4 * MODULE, MODULE, MODULE, 0);
    assert_eq!(matrix.grade().fixed_pattern_damage, Parameter { value: Some(6.67), grade: 3 });
    // Three wrong neighbours of an alternating line: it is not regular.
    let mut matrix = Matrix::new("2D-DOC", 0, 255);
    [5, 7, 9].into_iter().for_each(|column| matrix.set(0, column, 0));
    assert_eq!(matrix.grade().fixed_pattern_damage.grade, 0);
}

#[test]
fn growth_of_modules_and_unequal_sides_are_measured() {
    let mut grown = Matrix::new("2D-DOC", 0, 255);
    let side = grown.symbol.side();
    for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))) {
        if grown.symbol.dark(row, column) {
            // Two pixels wider and one lower: 20 % and 0 %.
            grown.sheet.fill(AT + column * MODULE - 1, AT + row * MODULE, MODULE + 2, MODULE, 0);
        }
    }
    let (along_rows, along_columns) = grown.grade().print_growth.unwrap();
    assert!((along_rows - 20.0).abs() < 1.0 && along_columns.abs() < 1.0, "{along_rows} {along_columns}");
    for (stretch, grade) in [(1.05, 4), (1.07, 3), (1.09, 2), (1.14, 0)] {
        // Modules wider by this factor: of their mean 4.9, 6.8, 8.6 and 13.1 %.
        let matrix = Matrix::new("2D-DOC", 0, 255);
        let width = (matrix.sheet.width as f32 * stretch) as usize;
        let mut wide = Sheet::new(width, matrix.sheet.width, 255);
        for (index, level) in wide.levels.iter_mut().enumerate() {
            let (x, y) = ((index % width) as f32 / stretch, index / width);
            *level = matrix.sheet.levels[y * matrix.sheet.width + x as usize];
        }
        let picture = wide.picture();
        let read = read_data_matrices(&picture, &Effort::unlimited());
        let graded = grade_data_matrix(&picture, &read.symbols[0]);
        assert_eq!(graded.axial_non_uniformity.grade, grade, "{stretch}: {graded:?}");
    }
}

#[test]
fn modules_that_lie_elsewhere_are_grid_non_uniformity() {
    // The alternating row from the sixth to the tenth column lies a part of a module further to the right.
    // From half a module on, the corners follow what was moved.
    for (shift, grade) in [(0, 4), (3, 4), (4, 3), (5, 3)] {
        let mut matrix = Matrix::new("2D-DOC", 0, 255);
        matrix.sheet.fill(AT + 5 * MODULE, AT, 5 * MODULE, MODULE, 255);
        [6, 8].into_iter().for_each(|column| {
            matrix.sheet.fill(AT + column * MODULE + shift, AT, MODULE, MODULE, 0);
        });
        let graded = matrix.grade().grid_non_uniformity;
        assert_eq!(graded.grade, grade, "{shift}: {graded:?}");
        assert!((graded.value.unwrap() - 10.0 * shift as f32).abs() < 1.0, "{shift}: {graded:?}");
    }
}

#[test]
fn worse_damage_never_gets_a_better_grade() {
    let mut before = f32::MAX;
    for level in (0..=250).step_by(10) {
        let mut bars = Bars::new(0, 250, 0);
        let x = bars.wide() + 6;
        bars.sheet.fill(x, TOP, 8, HEIGHT, level);
        let overall = bars.grade().overall;
        assert!(overall <= before, "void of {level}: {overall} after {before}");
        before = overall;
    }
    before = f32::MAX;
    for missing in 0..12 {
        let mut matrix = Matrix::new("2D-DOC", 0, 255);
        (0..missing).for_each(|row| matrix.set(row + 1, 0, 255));
        let overall = matrix.grade().overall;
        assert!(overall <= before, "{missing} modules missing: {overall} after {before}");
        before = overall;
    }
}

#[test]
fn what_is_no_matrix_fails() {
    let grade = |outline: &[(f32, f32)]| {
        let symbol = DecodedSymbol {
            format: Format::DataMatrix,
            text: String::new(),
            bytes: Vec::new(),
            outline: outline.to_vec(),
            step: Step::Straight,
            confidence: None,
        };
        grade_data_matrix(&Sheet::new(100, 100, 255).picture(), &symbol)
    };
    let square = |side: f32| [(10.0, side), (10.0, 10.0), (side, 10.0), (side, side)];
    assert_eq!(grade(&square(80.0)).letter, 'F');
    assert_eq!(grade(&square(10.0)).letter, 'F');
    assert_eq!(grade(&square(f32::NAN)).letter, 'F');
    assert_eq!(grade(&square(1e30)).letter, 'F');
    assert_eq!(grade(&[]).modules, (0, 0));
}

proptest! {
    #[test]
    fn any_place_on_any_picture_is_graded_without_a_panic(
        pixels in prop::collection::vec(any::<u8>(), 40 * 30),
        points in prop::collection::vec((-60.0f32..100.0, -60.0f32..100.0), 4),
        text in "[0-9A-Z]{0,4}",
    ) {
        let picture = Sheet { width: 40, levels: pixels }.picture();
        let polygon = [points[0], points[1], points[2], points[3]].map(|(x, y)| [x, y]);
        let (step, confidence) = (Step::Straight, 0.5);
        let bars = grade_code39(&picture, &Code39Reading { text, polygon, step, confidence, bands: vec![] });
        prop_assert!((0.0..=4.0).contains(&bars.overall));
        let symbol = DecodedSymbol {
            format: Format::DataMatrix,
            text: String::new(),
            bytes: Vec::new(),
            outline: points,
            step,
            confidence: None,
        };
        prop_assert!((0.0..=4.0).contains(&grade_data_matrix(&picture, &symbol).overall));
    }
}
