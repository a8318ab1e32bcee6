//! A print file: its bytes, opened where they are sealed, its standards, its leaves and its pieces.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use preflight::{Leaf, Marks, ShownFile, ShownPage, Standard, preflight};
use rayon::prelude::*;
use template::MAX_PAGES;
use zeroize::Zeroize;

use super::pieces::{Judge, Judgement};
use super::report::{Fault, LotReport};
use super::tables::Piece;
use crate::certificate::{
    CertifiedFile, FormNumbers, PressFacts, StockForms, certified_fonts, column_of_side, part_of_page,
    shows_in,
};
use crate::failure::counted;
use crate::vault::{MAX_SEALED_SIZE, open_bytes};

/// The largest print file that is read, in bytes.
const MAX_SIZE: u64 = 4 << 30;

/// How many pieces a thread reads at a time, at least.
const SHARE: usize = 32;

/// The bytes of a print file, wiped when the last reader is gone, since mailers show codes.
pub(super) struct Bytes {
    bytes: Arc<Vec<u8>>,
    secret: bool,
}

impl Drop for Bytes {
    fn drop(&mut self) {
        if let Some(bytes) = Arc::get_mut(&mut self.bytes).filter(|_| self.secret) {
            bytes.zeroize();
        }
    }
}

/// Reads a print file in clear.
///
/// # Errors
/// Why it can't be read, in words.
pub(super) fn read_clear(path: &Path, secret: bool) -> Result<Bytes, String> {
    let bytes = foreign::read(path, MAX_SIZE).map_err(|unreadable| unreadable.error.to_string())?;
    Ok(Bytes { bytes: Arc::new(bytes), secret })
}

/// Opens a sealed print file in memory.
///
/// # Errors
/// Why it can't be opened, in words.
pub(super) fn read_sealed(path: &Path, identity: &Path) -> Result<Bytes, String> {
    let sealed = foreign::read(path, MAX_SEALED_SIZE).map_err(|unreadable| unreadable.error.to_string())?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut plain = open_bytes(&name, &sealed, identity).map_err(|error| error.to_string())?;
    Ok(Bytes { bytes: Arc::new(std::mem::take(&mut *plain)), secret: true })
}

/// A print file with its pieces.
pub(super) struct PrintFile<'p> {
    /// What the certificate says of it.
    pub file: &'p CertifiedFile,
    /// Its pieces, in order.
    pub pieces: &'p [Piece],
    /// What they are held against.
    pub judge: &'p Judge<'p>,
}

impl PrintFile<'_> {
    /// Holds the file against standards, stock, fonts, leaves and rows. Returns how many pages show something and belong to no
    /// piece.
    pub(super) fn prove(&self, bytes: &Bytes, report: &mut LotReport) -> u64 {
        let PrintFile { file, pieces, judge } = self;
        let name = &file.name;
        let faults = preflight(&bytes.bytes, standard(judge.press), Marks::All);
        match faults.is_empty() {
            true => report.checked.standards += 1,
            false => faults
                .iter()
                .for_each(|fault| report.fault(Fault::of_file("standard", name, fault.to_string()))),
        }
        let shown = match ShownFile::open(Arc::clone(&bytes.bytes)) {
            Ok(shown) => shown,
            Err(fault) => {
                report.fault(Fault::of_file("page", name, fault.to_string()));
                return 0;
            }
        };
        self.check_counts(&shown, report);
        let forms = check_stock(file, &shown, judge, report);
        check_fonts(file, &shown, report);
        check_leaves(file, &shown, pieces, judge.press, report);
        let judgements: Vec<Judgement> = pieces
            .par_iter()
            .with_min_len(SHARE)
            .map_init(ShownPage::default, |page, piece| judge.piece(&shown, &forms, piece, page))
            .collect();
        for judgement in judgements {
            report.checked.add(judgement.checked);
            judgement.faults.into_iter().for_each(|fault| report.fault(fault));
        }
        self.pages_of_no_piece(&shown)
    }

    fn check_counts(&self, shown: &ShownFile, report: &mut LotReport) {
        let PrintFile { file, pieces, .. } = self;
        if file.pages.is_some_and(|pages| pages as usize != shown.pages()) {
            let message =
                format!("it has {}, and the certificate says otherwise", counted(shown.pages(), "page"));
            report.fault(Fault::of_file("page", &file.name, message));
        }
        if file.pieces.is_some_and(|count| count as usize != pieces.len()) {
            let message = format!(
                "the manifest has {} in it, and the certificate says otherwise",
                counted(pieces.len(), "piece")
            );
            report.fault(Fault::of_file("row", &file.name, message));
        }
    }

    /// How many pages show something and belong to no row. On imposed sheets each column is a page.
    fn pages_of_no_piece(&self, shown: &ShownFile) -> u64 {
        let press = self.judge.press;
        let imposed = press.pieces_across == 2;
        let mut of_piece = vec![[false; 2]; shown.pages()];
        for Piece { row, .. } in self.pieces {
            let first = (row.first_page as usize).saturating_sub(1);
            for side in 0..(row.pages as usize).min(MAX_PAGES) {
                let column = if imposed { column_of_side(&press.turn, row.position, side) } else { 1 };
                let columns = of_piece.get_mut(first.saturating_add(side));
                let place =
                    columns.and_then(|columns| columns.get_mut(usize::from(column).saturating_sub(1)));
                if let Some(place) = place {
                    *place = true;
                }
            }
        }
        let (mut page, mut count) = (ShownPage::default(), 0);
        for (number, columns) in of_piece.into_iter().enumerate() {
            let free = (1..=press.pieces_across).zip(columns).filter(|(_, of_piece)| !of_piece);
            let mut free = free.map(|(column, _)| column).peekable();
            if free.peek().is_none() {
                continue;
            }
            let unread = shown.page(number, &mut page).is_err();
            let showing =
                free.filter(|column| unread || shows_in(&page, part_of_page(&page, imposed, *column)));
            count += showing.count() as u64;
        }
        count
    }
}

/// Holds the stock forms of a file against the certificate's list, and numbers them by it.
fn check_stock(
    file: &CertifiedFile,
    shown: &ShownFile,
    judge: &Judge,
    report: &mut LotReport,
) -> FormNumbers {
    let forms = match StockForms::of(shown) {
        Ok(forms) if !judge.stock.is_empty() => forms,
        Ok(_) => return FormNumbers::default(),
        Err(_) => {
            report.fault(Fault::of_file("stock_altered", &file.name, "a stock form can't be read"));
            return FormNumbers::default();
        }
    };
    let numbers = forms.numbers(judge.stock);
    let foreign = numbers.all().filter(|number| *number == 0).count();
    let missing =
        (1..=judge.stock.len()).filter(|number| !numbers.all().any(|known| known == *number)).count();
    report.checked.forms += (judge.stock.len() - missing) as u64;
    if foreign + missing > 0 {
        let message = format!(
            "the certificate has not: {}; it has, and the file lacks: {missing}",
            counted(foreign, "stock form")
        );
        report.fault(Fault::of_file("stock_altered", &file.name, message));
    }
    numbers
}

/// Holds the fonts of a file against the certificate.
fn check_fonts(file: &CertifiedFile, shown: &ShownFile, report: &mut LotReport) {
    if file.fonts.is_empty() {
        return;
    }
    let fonts = certified_fonts(shown).unwrap_or_default();
    for font in &file.fonts {
        match fonts.contains(font) {
            true => report.checked.fonts += 1,
            false => {
                let name = foreign::legible(&font.name);
                let message =
                    format!("its font `{name}`, or the font's map to Unicode, is not the certificate's");
                report.fault(Fault::of_file("font_altered", &file.name, message));
            }
        }
    }
    if fonts.len() > file.fonts.len() {
        report.fault(Fault::of_file(
            "font_altered",
            &file.name,
            "it has fonts that are not in the certificate",
        ));
    }
}

fn standard(press: &PressFacts) -> Standard {
    match (press.archive, press.pieces_across == 2) {
        (true, false) => Standard::PressAndArchive,
        (true, true) => Standard::ImposedAndArchive,
        (false, false) => Standard::Press,
        (false, true) => Standard::Imposed,
    }
}

/// Checks that leaves, pieces and pages agree one to one: each piece has a leaf that names it and begins on its first page, each leaf
/// with a piece has a row, and no page is left over.
fn check_leaves(
    file: &CertifiedFile,
    shown: &ShownFile,
    pieces: &[Piece],
    press: &PressFacts,
    report: &mut LotReport,
) {
    let mut rows: BTreeMap<usize, Vec<(u8, &str, u32)>> = BTreeMap::new();
    for Piece { row, .. } in pieces {
        rows.entry(row.first_page as usize).or_default().push((row.position, &row.piece_id, row.pages));
    }
    // The leaf of a piece has its pages, and the blank back of its last sheet.
    let has_pages = |leaf: &Leaf, pages: u32| {
        let (has, pages) = (leaf.pages.len(), pages as usize);
        press.pieces_across == 2 || has == pages || has == pages.next_multiple_of(2)
    };
    let mut wrong = |name: &str| {
        let message = "its leaf and its row of the manifest disagree";
        report.fault(Fault::of_piece("leaf", &file.name, name, message));
    };
    let leaves = shown.leaves();
    for leaf in leaves {
        let names: Vec<&str> = names_of(leaf, press).collect();
        // A sheet of the lot names no piece, and has no row.
        let mut of_leaf = rows.remove(&(leaf.pages.start + 1)).unwrap_or_default();
        of_leaf.sort_unstable();
        let whole = leaf.named_by_its_pages && of_leaf.iter().all(|(_, _, pages)| has_pages(leaf, *pages));
        if !whole || !of_leaf.iter().map(|(_, name, _)| name).eq(&names) {
            let names: BTreeSet<&str> = of_leaf.iter().map(|(_, name, _)| *name).chain(names).collect();
            names.into_iter().for_each(&mut wrong);
        }
    }
    rows.values().flatten().for_each(|(_, name, _)| wrong(name));
    let mut next = 0;
    for leaf in leaves {
        if leaf.pages.start != next || leaf.pages.is_empty() {
            return report.fault(Fault::of_file(
                "leaf",
                &file.name,
                "its leaves do not follow each other page by page",
            ));
        }
        next = leaf.pages.end;
    }
    if next != shown.pages() {
        report.fault(Fault::of_file("leaf", &file.name, "it has pages that belong to no leaf"));
    }
}

/// What the document parts of imposed sheets call the sheets at the ends of a lot, which have no rows.
const LOT_SHEETS: [&str; 2] = ["header", "trailer"];

/// The pieces that a leaf names: one, or those of an imposed sheet.
fn names_of<'l>(leaf: &'l Leaf, press: &PressFacts) -> impl Iterator<Item = &'l str> {
    let key = if press.pieces_across == 2 { "PLI_Pieces" } else { "PLI_Piece" };
    let named = leaf.labels.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str());
    named.filter(|name| !LOT_SHEETS.contains(name))
}
