//! How well symbols are printed: the grades of a pile, kept by day, and their trend by lot.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use foreign::legible;
use jiff::civil::Date;
use serde::Serialize;

use super::outcome::{Outcome, PrintGrade, SymbolFormat};
use super::reading::PageRead;
use super::session::ScanOrder;
use crate::failure::Failure;
use crate::feedback::return_files;
use crate::files::{harmless_cell, write_private};
use mail::lot::WrittenPiece;

/// The table of a day's grades.
const TABLE: &str = "grades.csv";
/// Its columns; the parameters follow as `name value grade`, one after the other, and growth without a grade.
const HEADER: [&str; 9] =
    ["lot", "piece_id", "path", "page", "symbol", "overall", "letter", "worst", "parameters"];
/// The largest table that is read, in bytes.
const MAX_TABLE: u64 = 256 << 20;

/// How well the symbols of a lot are printed, as a day's scans show them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LotGrades {
    /// The lot; empty for symbols of no known piece.
    pub lot: String,
    /// The day of the scans.
    pub day: Date,
    /// The kind of symbol.
    pub symbol: String,
    /// How many were graded.
    pub count: u32,
    /// The mean of their grades, from 0 to 4.
    pub mean: f32,
    /// The least of them.
    pub least: f32,
}

/// Gives the symbols of an outcome the grades that were measured now.
pub(super) fn add(outcome: &mut Outcome, read: &PageRead) {
    for symbol in &mut outcome.symbols {
        let same = |found: &&super::reading::OnPage| {
            (found.read.format, &found.read.text) == (symbol.format, &symbol.text)
        };
        symbol.grade = read.symbols.iter().find(same).and_then(|found| found.read.grade.clone());
    }
}

/// Adds a pile's grades to the table of its day, and says how the lots of the pile are printed, day by day.
///
/// # Errors
/// I/O errors; `grades`: a table that is no table of grades.
pub(super) fn note(order: &ScanOrder, outcomes: &[Outcome]) -> Result<Vec<LotGrades>, Failure> {
    let path = order.job.returns_file(order.day, TABLE)?;
    let mut rows = if path.exists() { rows_of(&path)? } else { Vec::new() };
    let pages: HashSet<(String, String)> =
        outcomes.iter().map(|outcome| (shown_path(outcome), outcome.page.to_string())).collect();
    rows.retain(|row| {
        let cell = |column| row.get(column).unwrap_or_default().to_owned();
        !pages.contains(&(cell(2), cell(3)))
    });
    let mut lots = BTreeSet::new();
    for outcome in outcomes {
        let lot = outcome.piece_id.as_deref().and_then(WrittenPiece::parse);
        let lot = lot.map(|piece| piece.lot.as_str().to_owned()).unwrap_or_default();
        for symbol in &outcome.symbols {
            if let Some(grade) = &symbol.grade {
                rows.push(row(&lot, outcome, symbol.format, grade));
            }
        }
        lots.insert(lot);
    }
    let mut table = csv::Writer::from_writer(Vec::new());
    let written =
        table.write_record(HEADER).and_then(|()| rows.iter().try_for_each(|row| table.write_record(row)));
    written.map_err(std::io::Error::from)?;
    let bytes = table.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    write_private(&path, &bytes)?;
    trend(order, &lots)
}

fn row(lot: &str, outcome: &Outcome, format: SymbolFormat, grade: &PrintGrade) -> csv::StringRecord {
    let value = |value: Option<f32>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let parameters = grade.parameters.iter();
    let parameters = parameters
        .map(|parameter| format!("{} {} {:.1}", parameter.name, value(parameter.value), parameter.grade));
    let growth = grade.growth.iter().map(|growth| format!("growth {growth:.1}"));
    csv::StringRecord::from(vec![
        lot.to_owned(),
        outcome.piece_id.clone().unwrap_or_default(),
        shown_path(outcome),
        outcome.page.to_string(),
        name(format).to_owned(),
        format!("{:.1}", grade.overall),
        grade.letter.to_string(),
        grade.worst.clone().unwrap_or_default(),
        parameters.chain(growth).collect::<Vec<_>>().join("; "),
    ])
}

/// The path of a picture, which others may have named, as a cell for people.
fn shown_path(outcome: &Outcome) -> String {
    harmless_cell(&legible(&outcome.path)).into_owned()
}

fn name(format: SymbolFormat) -> &'static str {
    match format {
        SymbolFormat::Code39 => "Code39",
        SymbolFormat::DataMatrix => "DataMatrix",
    }
}

fn rows_of(path: &Path) -> Result<Vec<csv::StringRecord>, Failure> {
    let name = legible(&path.display().to_string()).into_owned();
    let no_table = |problem: String| {
        Failure::usage("grades", problem).with_advice("move the file away: a new one is begun").in_file(&name)
    };
    let bytes = foreign::read(path, MAX_TABLE).map_err(|error| no_table(error.to_string()))?;
    let mut table = csv::Reader::from_reader(bytes.as_slice());
    match table.headers() {
        Ok(header) if header.iter().eq(HEADER) => {}
        _ => return Err(no_table("its columns are not those of a table of grades".to_owned())),
    }
    table.records().map(|row| row.map_err(|error| no_table(error.to_string()))).collect()
}

/// The grades of these lots on all days whose tables are kept.
fn trend(order: &ScanOrder, lots: &BTreeSet<String>) -> Result<Vec<LotGrades>, Failure> {
    let mut sums: BTreeMap<(String, String, Date), (u32, f32, f32)> = BTreeMap::new();
    for file in return_files(order.job)?.iter().filter(|file| file.path.ends_with(TABLE)) {
        for row in rows_of(&file.path)? {
            let (Some(lot), Some(symbol)) = (row.get(0), row.get(4)) else { continue };
            let Some(overall) = row.get(5).and_then(|text| text.parse::<f32>().ok()) else { continue };
            if lots.contains(lot) {
                let key = (lot.to_owned(), symbol.to_owned(), file.day);
                let (count, sum, least) = sums.entry(key).or_insert((0, 0.0, 4.0));
                (*count, *sum, *least) = (*count + 1, *sum + overall, least.min(overall));
            }
        }
    }
    let grades = sums.into_iter().map(|((lot, symbol, day), (count, sum, least))| LotGrades {
        lot,
        day,
        symbol,
        count,
        mean: sum / count as f32,
        least,
    });
    Ok(grades.collect())
}
