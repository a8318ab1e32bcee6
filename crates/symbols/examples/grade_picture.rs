//! Grades the print of every Data Matrix and every Code 39 of a picture: `cargo run -p symbols --example grade_picture -- scan.png`.

use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use symbols::grade::{Measure, grade_code39, grade_data_matrix};
use symbols::{Effort, Picture, read_code39s, read_data_matrices};

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("name a picture")?;
    let picture = Picture::decode(&fs_err::read(file)?)?;
    let effort = Effort::within(Duration::from_secs(2));
    for symbol in read_data_matrices(&picture, &effort).symbols {
        let grade = grade_data_matrix(&picture, &symbol);
        let size = format!("Data Matrix, {:.1} pixels a module", grade.module_pixels);
        print(&size, grade.letter, grade.overall, &grade.measures())?;
    }
    for reading in read_code39s(&picture, &effort) {
        let grade = grade_code39(&picture, &reading);
        let size = format!("Code 39 {}, X of {:.1} pixels", reading.text, grade.x_pixels);
        print(&size, grade.letter, grade.overall, &grade.measures())?;
    }
    Ok(())
}

fn print(symbol: &str, letter: char, overall: f32, measures: &[Measure]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{symbol}: {letter} ({overall:.1})")?;
    for measure in measures {
        let value = measure.value.map_or("-".to_owned(), |value| format!("{value:.2}"));
        writeln!(out, "  {:24} {value:>8}  {:.1}", measure.name, measure.grade)?;
    }
    Ok(())
}
