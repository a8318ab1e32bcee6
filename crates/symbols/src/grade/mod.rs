//! How well a symbol is printed: the parameters of ISO/IEC 15416 (bars) and 15415 (modules), measured on a picture.
//!
//! Takes a picture and a symbol that was read on it. Gives each parameter's value and grade, from 4 (A) to 0 (F). Never
//! fails: what can't be measured has no value and grade 0.
//!
//! All grades are indicative. A verifier lights a symbol at 45°, is calibrated to a reflectance standard and has a round
//! aperture; a picture has grey levels of which nobody knows what reflectance they stand for. Here level 255 counts as a
//! reflectance of 100 %, and the aperture is the mean of a disc of pixels. Compare grades of one scanner at one setting.
//!
//! | parameter | limits of grades 4, 3, 2, 1 | source |
//! |---|---|---|
//! | symbol contrast | 70, 55, 40, 20 % and more | ISO/IEC 15416, 15415 |
//! | minimum reflectance | half the maximum or less: 4, else 0 | ISO/IEC 15416 |
//! | minimum edge contrast | 15 % or more: 4, else 0 | ISO/IEC 15416 |
//! | modulation of bars | 70, 60, 50, 40 % and more | ISO/IEC 15416 |
//! | defects | 15, 20, 25, 30 % and less | ISO/IEC 15416 |
//! | decodability | 62, 50, 37, 25 % and more | ISO/IEC 15416 |
//! | quiet zone of bars | 10 X or more: 4, else 0 | ISO/IEC 16388 |
//! | modulation of a module | 50, 40, 30, 20 % and more | ISO/IEC 15415 |
//! | unused error correction | 62, 50, 37, 25 % and more | ISO/IEC 15415 |
//! | fixed pattern damage | 0, 9, 13, 17 % of the L and its quiet zone; 10, 15, 20, 25 % of other lines | as GS1's guideline on verification of 2D symbols has them |
//! | axial non-uniformity | 6, 8, 10, 12 % and less | as makers of readers publish them |
//! | grid non-uniformity | 38, 50, 63, 75 % of a module and less | as makers of readers publish them |

mod aperture;
mod code39;
mod correction;
mod data_matrix;
mod fixed_pattern;
mod lines;
mod profile;
mod widths;

pub use code39::{Code39Grade, ScanGrade, grade_code39};
pub use data_matrix::{DataMatrixGrade, grade_data_matrix};

/// A parameter of a symbol's print, measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// The value, rounded to a hundredth. In percent, if the field does not say otherwise. `None` if it can't be measured.
    pub value: Option<f32>,
    /// The grade, from 4 (best) to 0.
    pub grade: u8,
}

/// A parameter by its name, for tables and trends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The name, in snake case.
    pub name: &'static str,
    /// The value, as in [`Parameter`]; of a symbol of several scans the mean of those that have one.
    pub value: Option<f32>,
    /// The grade, from 4.0 to 0.0; of a symbol of several scans the mean.
    pub grade: f32,
}

impl Parameter {
    /// What can't be measured.
    const UNKNOWN: Parameter = Parameter { value: None, grade: 0 };

    /// A value that is better the higher it is. `limits` are the least values of grades 4, 3, 2 and 1.
    fn at_least(value: f32, limits: [f32; 4]) -> Parameter {
        let value = hundredths(value);
        let missed = limits.iter().filter(|&&limit| !value.is_some_and(|value| value >= limit)).count();
        Parameter { value, grade: 4 - missed as u8 }
    }

    /// A value that is better the lower it is. `limits` are the highest values of grades 4, 3, 2 and 1.
    fn at_most(value: f32, limits: [f32; 4]) -> Parameter {
        let value = hundredths(value);
        let missed = limits.iter().filter(|&&limit| !value.is_some_and(|value| value <= limit)).count();
        Parameter { value, grade: 4 - missed as u8 }
    }
}

/// A value rounded to a hundredth, so that the last bits of a sum do not decide on a grade. `None` if it is not finite.
fn hundredths(value: f32) -> Option<f32> {
    value.is_finite().then(|| (value * 100.0).round() / 100.0)
}

/// The letter of a grade: A from 3.5, B from 2.5, C from 1.5, D from 0.5, else F.
#[must_use]
pub fn letter(grade: f32) -> char {
    match grade {
        grade if grade >= 3.5 => 'A',
        grade if grade >= 2.5 => 'B',
        grade if grade >= 1.5 => 'C',
        grade if grade >= 0.5 => 'D',
        _ => 'F',
    }
}

/// The name of the measure with the lowest grade, the first of several. `None` if all have grade 4.
fn worst(measures: &[Measure]) -> Option<&'static str> {
    let least = measures.iter().map(|measure| measure.grade).fold(4.0, f32::min);
    let worst = measures.iter().find(|measure| measure.grade <= least && measure.grade < 4.0);
    worst.map(|measure| measure.name)
}

#[cfg(test)]
mod tests;
