//! The letters of a night as the peers get them: everything that can be known before a page is drawn.
//!
//! Signed texts, modules and bars are ready; texts are broken into lines, fitted and placed; what does not change lies
//! ready as a page of a PDF. Of all that our own night does, the peers are left the drawing.

use std::collections::BTreeMap;
use std::path::Path;

use composition::facts;
use jiff::ToSpan;
use jiff::civil::Date;
use mail::calendar::french_date;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use pli::job::Job;
use pli::night::intake::{IntakeSettings, take_in};
use print_file::{Conformance, FileLabel, Grid, OutputIntent, PageContent, PieceLabel, PrintFile, shape};
use serde::{Deserialize, Serialize};
use symbols::code39::{Code39, Ratio};
use symbols::datamatrix::encode_c40;
use template::{CompiledTemplate, Facts, FieldName, Mark, SheetSide, Template, TextMark};

/// The letters of one night.
#[derive(Serialize, Deserialize)]
pub struct Letters {
    /// The facts of each variant, and those of the bureau.
    pub variants: Vec<Facts>,
    pub letters: Vec<Letter>,
}

/// One letter. Lengths are points from the page's top left corner.
#[derive(Clone, Serialize, Deserialize)]
pub struct Letter {
    /// Its variant, which is also its page of the stock.
    pub variant: usize,
    pub card_number: String,
    /// The signed block.
    pub twoddoc: String,
    /// What its fields say, and the recipient's block, for a peer that lays out text itself.
    pub fields: BTreeMap<String, String>,
    pub address: Vec<String>,
    /// The same, ready to draw.
    pub runs: Vec<Run>,
    pub code39: Symbol,
    pub datamatrix: Symbol,
}

/// A line of text.
#[derive(Clone, Serialize, Deserialize)]
pub struct Run {
    /// The PostScript name; the file is `fonts/NAME.ttf`.
    pub font: String,
    pub size: f64,
    pub x: f64,
    /// The baseline.
    pub y: f64,
    pub text: String,
}

/// Bars or modules as an image of one bit a pixel, 1 is ink, each row in whole bytes.
#[derive(Clone, Serialize, Deserialize)]
pub struct Symbol {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub columns: usize,
    pub rows: usize,
    /// Hexadecimal.
    pub bits: String,
}

impl Symbol {
    pub fn bytes(&self) -> Vec<u8> {
        let digits = self.bits.as_bytes().chunks(2);
        digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("digits"))
            .collect()
    }

    /// The dark runs: column, row and length.
    pub fn runs(&self) -> Vec<(usize, usize, usize)> {
        let bytes = self.bytes();
        let dark = |row: usize, column: usize| {
            column < self.columns
                && bytes[row * self.columns.div_ceil(8) + column / 8] >> (7 - column % 8) & 1 == 1
        };
        let mut runs = Vec::new();
        for row in 0..self.rows {
            let mut column = 0;
            while column < self.columns {
                let length = (column..).take_while(|&column| dark(row, column)).count();
                if length > 0 {
                    runs.push((column, row, length));
                }
                column += length.max(1);
            }
        }
        runs
    }
}

/// What the manifest of our night says of a letter.
#[derive(Deserialize)]
struct Row {
    piece_id: String,
    card_number: String,
    twoddoc: String,
}

/// The first `count` letters of a night, and what does not change in them as a PDF with a page for each variant.
pub fn letters_of(job: &Job, night: Date, lot: &str, count: usize) -> (Letters, Vec<u8>) {
    let folder = job.path("out").join(night.to_string()).join("letters");
    let mut manifest =
        csv::Reader::from_path(folder.join(format!("{lot}.manifest.csv"))).expect("a manifest");
    let rows: Vec<Row> = manifest.deserialize().take(count).map(|row| row.expect("a row")).collect();
    let intake = take_in(&[job.path("inbox/cards.csv")], &IntakeSettings::default()).expect("records");
    let records: BTreeMap<&str, &Issuance> =
        intake.records.iter().map(|taken| (taken.issuance.card_number.as_str(), &taken.issuance)).collect();

    let template = Template::find(Path::new("card-letter")).expect("a template");
    let variant =
        |row: &Row| template.variant_of(&facts(PieceKind::Letter, records[row.card_number.as_str()]));
    let mut variants: Vec<Facts> = rows.iter().map(variant).collect();
    variants.sort();
    variants.dedup();
    let bureau = job.bureau().facts();
    let compiled = template.compile(&variants, &bureau).expect("variants");
    let letters = rows
        .iter()
        .map(|row| {
            let index = variants.binary_search(&variant(row)).expect("a variant");
            letter(&compiled, index, row, records[row.card_number.as_str()], night)
        })
        .collect();
    let variants =
        variants.into_iter().map(|facts| bureau.clone().into_iter().chain(facts).collect()).collect();
    (Letters { variants, letters }, stock(&compiled))
}

/// What does not change, a page for each variant.
fn stock(compiled: &CompiledTemplate) -> Vec<u8> {
    let grid = Grid::new(600);
    let intent = OutputIntent::uncoated();
    let mut file =
        PrintFile::begin(Vec::new(), grid, &compiled.stock, compiled.fonts.len(), &intent).expect("memory");
    for variant in &compiled.variants {
        let label =
            PieceLabel { piece: "", lot: "", sequence: 1, kind: "letter", sheets: 1, weight_class: 20 };
        let pages: Vec<_> =
            variant.sides.iter().map(|side| PageContent::new(grid, side.form).finish()).collect();
        file.piece(&pages, &label).expect("memory");
    }
    let fonts: Vec<_> = compiled.fonts.iter().map(|font| font.program()).collect();
    let label = FileLabel {
        title: "Stock".to_owned(),
        lot: String::new(),
        day: (2026, 11, 20),
        conformance: Conformance::Plain,
    };
    file.finish(&fonts, &label).expect("memory").0
}

fn letter(compiled: &CompiledTemplate, variant: usize, row: &Row, record: &Issuance, night: Date) -> Letter {
    let grid = Grid::new(600);
    let side: &SheetSide = &compiled.variants[variant].sides[0];
    let address: Vec<String> = record.address.lines().map(str::to_owned).collect();
    let (mut fields, mut runs, mut code39, mut datamatrix) = (BTreeMap::new(), Vec::new(), None, None);
    for mark in &side.marks {
        match mark {
            Mark::Text(mark) => match mark.field {
                None => runs.extend(placed(compiled, mark, address.clone())),
                Some(field) => {
                    let text = value(field, row, record, night);
                    runs.extend(placed(compiled, mark, broken(compiled, mark, &text)));
                    fields.insert(field.name().to_owned(), text);
                }
            },
            Mark::Code39(mark) => {
                let x = grid.dots(mark.x) / 3;
                let symbol = Code39::new(record.card_number.as_str()).expect("digits");
                let layout = symbol.layout(x, Ratio::TwoAndHalf, 0).expect("bars");
                let dark =
                    |column: u32| layout.bars.iter().any(|bar| (bar.x..bar.x + bar.width).contains(&column));
                let dot = 3.0 * grid.dot();
                code39 = Some(Symbol {
                    x: f64::from(grid.dots(mark.rect.x)) * grid.dot(),
                    y: f64::from(grid.dots(mark.rect.y)) * grid.dot(),
                    width: f64::from(layout.width_dots) * dot,
                    height: f64::from(grid.dots(mark.rect.height)) * grid.dot(),
                    columns: layout.width_dots as usize,
                    rows: 1,
                    bits: hexadecimal(&packed((0..layout.width_dots).map(dark))),
                });
            }
            Mark::TwoDDoc(mark) => {
                let symbol = encode_c40(row.twoddoc.as_bytes()).expect("a symbol");
                let module = f64::from(grid.dots(mark.module)) * grid.dot();
                let corner = |points: f64| f64::from(grid.dots(points)) * grid.dot() + 2.0 * module;
                datamatrix = Some(Symbol {
                    x: corner(mark.rect.x),
                    y: corner(mark.rect.y),
                    width: symbol.side() as f64 * module,
                    height: symbol.side() as f64 * module,
                    columns: symbol.side(),
                    rows: symbol.side(),
                    bits: hexadecimal(symbol.packed_rows()),
                });
            }
            Mark::Omr(_) | Mark::ControlCode(_) | Mark::Confusion(_) | Mark::Area(_) => {}
        }
    }
    Letter {
        variant,
        card_number: row.card_number.clone(),
        twoddoc: row.twoddoc.clone(),
        fields,
        address,
        runs,
        code39: code39.expect("a Code 39"),
        datamatrix: datamatrix.expect("a 2D-DOC"),
    }
}

/// What a field of the card letter says.
fn value(field: FieldName, row: &Row, record: &Issuance, night: Date) -> String {
    match field {
        FieldName::PieceId => row.piece_id.clone(),
        FieldName::CardNumber => row.card_number.clone(),
        FieldName::ReplacedCardNumber => {
            record.replaced_card_number.as_ref().map_or("", |number| number.as_str()).to_owned()
        }
        FieldName::Holder => record.holder.display_line(&record.organisation),
        FieldName::Date => french_date(night),
        FieldName::ExpiryDate => record.expiry_date.map(french_date).unwrap_or_default(),
        FieldName::RevocationDate => {
            let issued = record.issue_date.filter(|issued| *issued >= record.requested_at.date());
            french_date(issued.unwrap_or(night).saturating_add(30.days()))
        }
        FieldName::Organisation => record.organisation.clone(),
        other => panic!("the card letter has no `{}`", other.name()),
    }
}

fn width(compiled: &CompiledTemplate, mark: &TextMark, text: &str) -> f64 {
    let font = compiled.fonts[mark.style.font].program();
    shape(&font, text).expect("glyphs").width(mark.style.size, mark.style.tracking)
}

/// A text over the lines that it needs.
fn broken(compiled: &CompiledTemplate, mark: &TextMark, text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer.filter(|line| mark.lines == 1 || width(compiled, mark, line) <= mark.rect.width) {
            Some(line) => *lines.last_mut().expect("a line") = line,
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Lines in their place, smaller where they must be.
fn placed(compiled: &CompiledTemplate, mark: &TextMark, lines: Vec<String>) -> Vec<Run> {
    let widths: Vec<f64> = lines.iter().map(|line| width(compiled, mark, line)).collect();
    let widest = widths.iter().copied().fold(mark.rect.width, f64::max);
    let share = mark.rect.width / widest;
    let font = compiled.fonts[mark.style.font].program().name.to_owned();
    let run = |((text, width), index): ((String, f64), usize)| {
        let shift = match mark.align {
            template::Align::Left => 0.0,
            template::Align::Center => (mark.rect.width - width * share) / 2.0,
            template::Align::Right => mark.rect.width - width * share,
        };
        let (x, y) = (mark.rect.x + shift, mark.rect.y + index as f64 * mark.leading);
        Run { font: font.clone(), size: mark.style.size * share, x, y, text }
    };
    lines.into_iter().zip(widths).zip(0..).map(run).collect()
}

fn packed(dark: impl Iterator<Item = bool>) -> Vec<u8> {
    let dark: Vec<bool> = dark.collect();
    let byte = |bits: &[bool]| {
        bits.iter().enumerate().fold(0, |byte, (place, &bit)| byte | u8::from(bit) << (7 - place))
    };
    dark.chunks(8).map(byte).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
