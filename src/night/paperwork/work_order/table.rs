//! The list of print files, with their sum: two lines for each file, on as many pages as needed. Digests are not shortened.

use super::WorkOrder;
use super::front::CONTINUATION_TOP;
use super::sign_off;
use crate::night::lot::PrintFile;
use crate::night::paperwork::sheet::{
    FOOTER_TOP, GREY, HAIR, LEFT, Page, PaperworkError, RIGHT, ROOM, bold, regular, words,
};
use mail::Language;

/// Height of the list's title and of its column heads.
const HEAD: f32 = 26.0;
/// Height of one file.
const ROW: f32 = 25.0;
/// Height of the line that ends the list or refers to the next page.
const END: f32 = 20.0;
/// Least space below the list.
const CLEARANCE: f32 = 10.0;

/// The lowest top of the list on the first page: one file fits above what is filled in by hand.
pub(super) const LOWEST_TOP: f32 = sign_off::TOP - CLEARANCE - HEAD - END - ROW;

/// Right edge of the numbers.
const NUMBER: f32 = LEFT + 18.0;
/// Left edge of paths and digests.
const PATH: f32 = LEFT + 27.0;
/// Right edges of the three columns of figures, and their width.
const FIGURES: [f32; 3] = [RIGHT - 132.0, RIGHT - 66.0, RIGHT];
const FIGURE_ROOM: f32 = 58.0;

/// A file with its number, from 1.
type NumberedFile<'a> = (usize, &'a PrintFile);

/// Distributes the files over pages, at least one. The first page's list begins at `top`.
pub(super) fn spread<'a>(files: &'a [PrintFile], top: f32) -> Vec<Vec<NumberedFile<'a>>> {
    let rows: Vec<NumberedFile> = files.iter().enumerate().map(|(index, file)| (index + 1, file)).collect();
    let (front, rest) = rows.split_at(rows.len().min(capacity(top, sign_off::TOP)));
    let further = rest.chunks(capacity(CONTINUATION_TOP, FOOTER_TOP)).map(<[NumberedFile]>::to_vec);
    std::iter::once(front.to_vec()).chain(further).collect()
}

/// How many files a page lists between two heights: at least one.
fn capacity(top: f32, bottom: f32) -> usize {
    (((bottom - CLEARANCE - top - HEAD - END) / ROW) as usize).max(1)
}

/// Draws one page of the list, which continues on page `next`.
pub(super) fn draw(
    page: &mut Page,
    top: f32,
    order: &WorkOrder,
    rows: &[NumberedFile],
    next: Option<usize>,
) -> Result<(), PaperworkError> {
    heads(page, order.language, top)?;
    let mut y = top + HEAD - 12.0;
    for row in rows {
        file(page, order.language, y, row)?;
        y += ROW;
    }
    page.fill(LEFT, y, ROOM, 0.75, 0.0);
    match next {
        Some(next) => {
            let next = format!("{} page {next}", order.language.of("Suite", "Continued on"));
            page.text_left_of(RIGHT, y + 13.0, ROOM, regular(8.5).grey(GREY), &next)
        }
        None => total(page, y + 13.0, order),
    }
}

fn heads(page: &mut Page, language: Language, y: f32) -> Result<(), PaperworkError> {
    let digests = language.of("et leurs empreintes SHA-256", "and their SHA-256 digests");
    page.text(LEFT, y + 8.0, 100.0, bold(11.0), language.of("Fichiers", "Files"))?;
    page.text(LEFT + language.of(53.0, 34.0), y + 8.0, 180.0, regular(8.5).grey(GREY), digests)?;
    let heads = language.of(["Pièces", "Pages", "Taille"], ["Pieces", "Pages", "Size"]);
    for (right, head) in FIGURES.into_iter().zip(heads) {
        page.text_left_of(right, y + 8.0, FIGURE_ROOM, regular(8.5).grey(GREY), head)?;
    }
    Ok(())
}

fn file(
    page: &mut Page,
    language: Language,
    y: f32,
    (number, file): &NumberedFile,
) -> Result<(), PaperworkError> {
    page.fill(LEFT, y, ROOM, 0.5, HAIR);
    let line = y + 11.5;
    page.text_left_of(NUMBER, line, NUMBER - LEFT, regular(8.5).grey(GREY), &number.to_string())?;
    page.path(PATH, line, FIGURES[0] - FIGURE_ROOM - PATH, regular(9.0), &file.path)?;
    let figures =
        [count(language, file.pieces), count(language, file.pages), words::size(language, file.bytes)];
    for (right, figure) in FIGURES.into_iter().zip(figures) {
        page.text_left_of(right, line, FIGURE_ROOM, regular(9.0), &figure)?;
    }
    page.digest(PATH, line + 9.5, RIGHT - PATH, regular(7.25), &file.sha256)
}

fn total(page: &mut Page, y: f32, order: &WorkOrder) -> Result<(), PaperworkError> {
    let language = order.language;
    let files = words::counted(language, order.files.len() as u64, ("fichier", "file"));
    let bytes = order.files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
    page.text(PATH, y, 200.0, bold(9.0), &files)?;
    let figures = [count(language, order.pieces), count(language, order.pages), words::size(language, bytes)];
    for (right, figure) in FIGURES.into_iter().zip(figures) {
        page.text_left_of(right, y, FIGURE_ROOM, bold(9.0), &figure)?;
    }
    Ok(())
}

/// A figure of the list; a dash for nothing.
fn count(language: Language, number: u32) -> String {
    if number == 0 { "–".to_owned() } else { words::count(language, number.into()) }
}
