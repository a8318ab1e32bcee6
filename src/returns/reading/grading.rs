//! The grades of a symbol's print as they are reported.

use symbols::grade::{Code39Grade, DataMatrixGrade, Measure};

use super::super::outcome::{PrintGrade, PrintParameter};

impl From<&Code39Grade> for PrintGrade {
    fn from(grade: &Code39Grade) -> PrintGrade {
        PrintGrade {
            standard: "ISO/IEC 15416".to_owned(),
            overall: grade.overall,
            letter: grade.letter,
            worst: grade.worst().map(str::to_owned),
            parameters: parameters(grade.measures()),
            growth: grade.bar_growth.into_iter().collect(),
            ratio: grade.ratio,
            pixels: grade.x_pixels,
            bilevel: grade.bilevel,
        }
    }
}

impl From<&DataMatrixGrade> for PrintGrade {
    fn from(grade: &DataMatrixGrade) -> PrintGrade {
        PrintGrade {
            standard: "ISO/IEC 15415".to_owned(),
            overall: grade.overall,
            letter: grade.letter,
            worst: grade.worst().map(str::to_owned),
            parameters: parameters(grade.measures()),
            growth: grade.print_growth.into_iter().flat_map(<[f32; 2]>::from).collect(),
            ratio: None,
            pixels: grade.module_pixels,
            bilevel: grade.bilevel,
        }
    }
}

fn parameters(measures: Vec<Measure>) -> Vec<PrintParameter> {
    let parameter =
        |Measure { name, value, grade }: Measure| PrintParameter { name: name.to_owned(), value, grade };
    measures.into_iter().map(parameter).collect()
}
