//! Damage to what every symbol of a size has in common: the L, the alternating lines and the quiet zone (ISO/IEC 16022
//! annex M).

use super::Parameter;
use super::data_matrix::{Expected, Levels};

/// The limits of damage of the L and of the quiet zone beside it, in percent.
const L_LIMITS: [f32; 4] = [0.0, 9.0, 13.0, 17.0];
/// The limits of damage of the other lines.
const LINE_LIMITS: [f32; 4] = [10.0, 15.0, 20.0, 25.0];
/// The limits of the mean grade of the sides of the L, of their quiet zones and of the worst other line.
const MEAN_LIMITS: [f32; 4] = [4.0, 3.5, 3.0, 2.5];
/// Neighbours on an alternating line of which at most [`MOST_WRONG`] may be wrong.
const NEIGHBOURS: usize = 5;
const MOST_WRONG: usize = 2;

/// Modules in a row or column.
struct Segment {
    modules: Vec<Expected>,
    /// Whether it belongs to the L or its quiet zone.
    of_l: bool,
    /// Whether its modules alternate.
    alternates: bool,
}

/// The grade of the fixed pattern. Its value is the damage of the most damaged line, in percent of its modules.
pub(super) fn grade(levels: &Levels) -> Parameter {
    let segments = segments(levels.rows() as isize, levels.columns() as isize, &|row, column| {
        levels.shape().finder(row, column)
    });
    let damage = |segment: &Segment| share(segment, &|module| levels.is_right(module));
    let grade = |segment: &Segment| segment.grade(levels);
    let grades: Vec<u8> = segments.iter().map(grade).collect();
    let of_l: Vec<u8> =
        segments.iter().zip(&grades).filter(|(segment, _)| segment.of_l).map(|(_, &grade)| grade).collect();
    let others = segments.iter().zip(&grades).filter(|(segment, _)| !segment.of_l);
    let other = others.map(|(_, &grade)| grade).min().unwrap_or(4);
    let sum: u8 = of_l.iter().chain([&other]).sum();
    let mean = Parameter::at_least(f32::from(sum) / (of_l.len() + 1) as f32, MEAN_LIMITS).grade;
    let least = grades.into_iter().min().unwrap_or_default();
    let most = segments.iter().map(damage).fold(0.0, f32::max);
    Parameter { grade: least.min(mean), ..Parameter::at_most(most, L_LIMITS) }
}

impl Segment {
    /// The best grade of all grades of modulation: what damage there is if modules below it count as wrong, and no better
    /// than the grade itself.
    fn grade(&self, levels: &Levels) -> u8 {
        let limits = if self.of_l { L_LIMITS } else { LINE_LIMITS };
        let at = |level: u8| {
            let good = |module: Expected| levels.grade_as(module) >= level;
            Parameter::at_most(share(self, &good), limits).grade.min(level)
        };
        if self.alternates && self.is_irregular(levels) {
            return 0;
        }
        (1..=4).map(at).max().unwrap_or_default()
    }

    /// Whether neighbours on an alternating line are wrong.
    fn is_irregular(&self, levels: &Levels) -> bool {
        let wrong = |modules: &[Expected]| {
            modules.iter().filter(|&&module| !levels.is_right(module)).count() > MOST_WRONG
        };
        self.modules.windows(NEIGHBOURS).any(wrong)
    }
}

/// The share of modules that are not good, in percent.
fn share(segment: &Segment, good: &dyn Fn(Expected) -> bool) -> f32 {
    let wrong = segment.modules.iter().filter(|&&module| !good(module)).count();
    100.0 * wrong as f32 / segment.modules.len().max(1) as f32
}

/// The lines of a symbol's fixed pattern. A line between data regions counts over the whole symbol.
fn segments(rows: isize, columns: isize, finder: &dyn Fn(usize, usize) -> Option<bool>) -> Vec<Segment> {
    let module = |row: isize, column: isize| {
        let outside = row < 0 || column < 0 || row >= rows || column >= columns;
        let expected = if outside { Some(false) } else { finder(row as usize, column as usize) };
        expected.map(|dark| Expected { row, column, dark })
    };
    let across = |row: isize, from: isize| {
        (from..columns).map(|column| module(row, column)).collect::<Option<Vec<_>>>()
    };
    let down = |column: isize, to: isize| (0..to).map(|row| module(row, column)).collect::<Option<Vec<_>>>();
    // Both quiet zones of the L have its corner.
    let beside_l = [(down(-1, rows + 1), true), (across(rows, -1), true)];
    let beside_others = [(across(-1, 0), false), (down(columns, rows), false)];
    let l = |line: isize, end: isize| line == end;
    let horizontal = (0..rows).map(|row| (across(row, 0), l(row, rows - 1)));
    let vertical = (0..columns).map(|column| (down(column, rows), l(column, 0)));
    let lines = horizontal.chain(vertical).chain(beside_l).chain(beside_others);
    let segment = |(modules, of_l): (Option<Vec<Expected>>, bool)| {
        let modules = modules?;
        let alternates = modules.windows(2).take(2).any(|pair| pair[0].dark != pair[1].dark);
        Some(Segment { modules, of_l, alternates })
    };
    lines.filter_map(segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datamatrix::SymbolSize;
    use crate::datamatrix::shape::Shape;

    #[test]
    fn every_fixed_module_is_on_a_line_and_the_l_has_two_sides() {
        for size in SymbolSize::all() {
            let shape = Shape::square(size);
            let side = size.side() as isize;
            let segments = segments(side, side, &|row, column| shape.finder(row, column));
            let of_l: Vec<&Segment> = segments.iter().filter(|segment| segment.of_l).collect();
            assert_eq!(of_l.len(), 4);
            let dark = of_l.iter().filter(|segment| segment.modules.iter().all(|module| module.dark)).count();
            assert_eq!(dark, 2);
            let lines = 2 * 2 * shape.region_rows + 4;
            assert_eq!(
                (segments.len(), segments.iter().filter(|s| s.alternates).count()),
                (lines, lines / 2 - 2)
            );
            for &(row, column, dark) in &shape.plan().finder {
                let module = Expected { row: row as isize, column: column as isize, dark };
                assert!(segments.iter().any(|segment| segment.modules.contains(&module)), "{module:?}");
            }
        }
    }
}
