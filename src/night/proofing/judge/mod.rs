//! The judge: what a print file shows, held against records, manifest and template, piece by piece.
//!
//! Takes the bytes of a file and the records of its pieces. The bytes are interpreted by [`preflight::shown`], which shares
//! no code with the writer; what a piece must show is claimed by [`claims`](super::claims), which never calls composition;
//! symbols are read by [`symbols`](super::symbols). Everything that is painted must belong to a mark of the piece's variant,
//! and every mark must show what is claimed. Gives counts and findings, which name piece and field and never a value.
//!
//! - `plan`, `rules`: what is asked for, prepared once a lot; `places`: which side is on which page.
//! - `digesting`: what pieces show, digested for the certificate;
//! - `side`, `texts`, `fitting`, `masks`, `drawings`, `fonts`, `accents`, `spacing`: one side; `rows`: manifest and document
//!   parts; `fault`: names.

mod accents;
mod digesting;
mod drawings;
mod fault;
mod fitting;
mod fonts;
mod masks;
mod places;
mod plan;
mod rows;
mod rules;
mod side;
mod spacing;
mod texts;

use preflight::{OpenFile, Paint, ShownFile, ShownForm, ShownPage};
use rayon::prelude::*;

pub(super) use fault::field_of;
pub(in crate::night) use fault::{Fault, Finding};
pub(in crate::night) use rules::{LotRules, LotRulesOrder};

use crate::certificate::{Digester, FileDigests, StockForms};
use crate::night::lot::NumberedPiece;
use crate::night::order::Progress;
use crate::night::paperwork::ManifestRow;
use crate::vault::ShownCodes;
use digesting::{Digesting, ShareDigests, shares};
use fonts::FileFonts;
use places::{Part, Places, SideOf};
use rows::{check_leaves, check_rows, name_of};
use rules::LotCounts;
use side::{Outcome, ROUNDING, SideJudge, SideRules, SideToProve};

/// A printed file with what belongs to it.
pub(in crate::night) struct PrintedFile<'f> {
    /// Its name as in the manifest, without its folder.
    pub name: &'f str,
    /// The file, open; `None` if it is no PDF.
    pub open: Option<&'f OpenFile>,
    /// The records and numbers of its pieces, in order.
    pub pieces: &'f [NumberedPiece],
    /// The rows of its pieces; `None` where they are checked apart.
    pub rows: Option<&'f [ManifestRow]>,
    /// Whether it is the last of its lot.
    pub last: bool,
    /// The sheets of the lot's files before it; `None` where they are not known.
    pub sheets_before: Option<u32>,
}

/// What the proof of a file found.
#[derive(Debug, Default, PartialEq)]
pub(in crate::night) struct FileProof {
    /// Pieces that were judged.
    pub pieces: u64,
    /// Lines of text that are right.
    pub texts: u64,
    /// Symbols that are right.
    pub symbols: u64,
    /// Signatures that verify.
    pub signatures: u64,
    /// SHA-256 of each stock form, of the file with the lot's first piece; empty where `digests` has them.
    pub stock: Vec<String>,
    /// What the pieces show, digested; `None` where that was not asked for, or where a page can't be read.
    pub digests: Option<FileDigests>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Proves a file from its bytes.
pub(in crate::night) fn prove_file(
    file: &PrintedFile,
    rules: &LotRules,
    progress: &dyn Progress,
) -> FileProof {
    prove_and_digest(file, rules, progress, None)
}

/// Proves a file from its bytes and digests what its pieces show.
pub(in crate::night) fn prove_and_digest(
    file: &PrintedFile,
    rules: &LotRules,
    progress: &dyn Progress,
    digester: Option<&Digester>,
) -> FileProof {
    let mut proof = FileProof { pieces: file.pieces.len() as u64, ..FileProof::default() };
    let Some(places) = places_of(file, rules, &mut proof.findings) else { return proof };
    if let Some(rows) = file.rows {
        check_rows(rows, file.pieces, &places, file.name, rules, &mut proof.findings);
    }
    let Some(shown) = file.open.and_then(|open| ShownFile::of(open).ok()) else {
        proof.findings.push(Finding::new(file.name, "the file", Fault::File));
        return proof;
    };
    check_stock(&shown, file.name, rules, &mut proof.findings);
    if digester.is_none() && file.pieces.first().is_some_and(|piece| piece.sequence == 1) {
        proof.stock = StockForms::of(&shown).map(|forms| forms.digests()).unwrap_or_default();
    }
    check_leaves(shown.leaves(), file.pieces, &places, file.name, rules, &mut proof.findings);
    if shown.pages() != places.pages.len() {
        proof.findings.push(Finding::new(file.name, "the number of pages", Fault::Page));
    }
    let fonts = FileFonts::of(shown.fonts(), rules.template);
    let judge = PageJudge {
        file,
        rules,
        shown: &shown,
        sides: SideRules { press: rules.press, fonts: &fonts, key: rules.key.as_ref() },
        counts: counts_of(file, &places, rules),
        codes: codes_of(file, rules),
    };
    let digesting = digester.and_then(|digester| Digesting::of(digester, file, rules, &shown));
    let pages = &places.pages[..places.pages.len().min(shown.pages())];
    let share = |(first, pages): &(usize, &[[Option<SideOf>; 2]])| {
        let (mut page, mut out) = (ShownPage::default(), Outcome::default());
        let mut digests = digesting.as_ref().map(Digesting::begin);
        for (index, sides) in pages.iter().enumerate() {
            let read = judge.page(first + index, sides, &mut page, &mut out);
            if let (Some(digests), true) = (&mut digests, read) {
                digests.page(&page, sides);
            }
        }
        out.digests.extend(digests.into_iter().flat_map(ShareDigests::finish));
        let begun = pages.iter().flatten().flatten().filter(|side| side.side == 0);
        progress.advance(begun.filter(|side| matches!(side.part, Part::Piece(_))).count() as u64);
        out
    };
    let outcomes: Vec<Outcome> = shares(pages).par_iter().map(share).collect();
    let mut whole = Outcome::default();
    outcomes.into_iter().for_each(|outcome| whole.add(outcome));
    proof.digests = digesting.and_then(|digesting| digesting.finish(whole.digests));
    proof.texts = whole.texts;
    proof.symbols = whole.symbols;
    proof.signatures = whole.signatures;
    proof.findings.extend(whole.findings);
    proof
}

/// Proves the rows of a file whose pages were proved before it was sealed.
pub(in crate::night) fn prove_rows(file: &PrintedFile, rules: &LotRules) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let (Some(rows), Some(places)) = (file.rows, places_of(file, rules, &mut findings)) {
        check_rows(rows, file.pieces, &places, file.name, rules, &mut findings);
    }
    findings
}

/// Where the pieces of a file lie; `None` if a record belongs to no variant.
fn places_of(file: &PrintedFile, rules: &LotRules, findings: &mut Vec<Finding>) -> Option<Places> {
    let mut parts = Vec::with_capacity(file.pieces.len() + 2);
    let begins = file.pieces.first().is_some_and(|piece| piece.sequence == 1);
    if begins && !rules.header.is_empty() {
        parts.push((Part::Header, rules.header.len()));
    }
    let before = findings.len();
    for (index, piece) in file.pieces.iter().enumerate() {
        match rules.variant(piece) {
            Some(variant) => parts.push((Part::Piece(index), variant.sides.len())),
            None => findings.push(Finding::new(&piece.piece_id, "the record", Fault::Record)),
        }
    }
    if file.last && !rules.trailer.is_empty() {
        parts.push((Part::Trailer, rules.trailer.len()));
    }
    (findings.len() == before).then(|| Places::of(&parts, rules.layout))
}

/// The codes that the mailers of a file must show; none for letters.
fn codes_of(file: &PrintedFile, rules: &LotRules) -> Vec<ShownCodes> {
    let Some(codes) = rules.codes else { return Vec::new() };
    let cards = file.pieces.iter().map(|piece| piece.piece.issuance.card_number.as_str());
    codes.shown_of(&cards.collect::<Vec<_>>())
}

/// The counts of a lot that ends with a file.
fn counts_of(file: &PrintedFile, places: &Places, rules: &LotRules) -> LotCounts {
    let pieces = file.pieces.last().map_or(0, |piece| piece.sequence);
    let sides = rules.layout.sides();
    let sheets = match rules.layout.imposed() {
        true => places.pages.len().div_ceil(sides),
        false => places.parts.iter().map(|part| part.pages.div_ceil(sides)).sum(),
    };
    // A file is named after its lot and its number; a lot of reprints has a dot in its name.
    let number = file.name.split_once('-').and_then(|(_, number)| number.split('.').next());
    LotCounts {
        pieces,
        last_piece: rules.numbers.piece_id(pieces),
        files: number.and_then(|number| number.parse().ok()),
        sheets: file.sheets_before.map(|before| before + sheets as u32),
        bundles: file.pieces.last().and_then(|piece| piece.bundle).unwrap_or_default(),
    }
}

/// Checks that the objects of the stock are those of the template, byte by byte.
fn check_stock(shown: &ShownFile, name: &str, rules: &LotRules, findings: &mut Vec<Finding>) {
    let stock = &rules.template.stock;
    let mut ends = stock.offsets.iter().skip(1).map(|(_, offset)| *offset);
    for (number, offset) in &stock.offsets {
        let end = ends.next().unwrap_or(stock.objects.len());
        let own = stock.objects.get(*offset..end).unwrap_or_default().trim_ascii();
        let same = shown.object(*number).is_some_and(|bytes| bytes.trim_ascii() == own);
        if !same {
            findings.push(Finding::new(name, "an object of the stock", Fault::Stock));
        }
    }
}

/// Judges the pages of one file.
struct PageJudge<'j> {
    file: &'j PrintedFile<'j>,
    rules: &'j LotRules<'j>,
    shown: &'j ShownFile,
    sides: SideRules<'j>,
    counts: LotCounts,
    /// What the mailers of the file must show, in its order; none for letters.
    codes: Vec<ShownCodes>,
}

impl PageJudge<'_> {
    /// Judges a page: what is painted, side by side. Returns whether it can be read.
    fn page(
        &self,
        index: usize,
        sides: &[Option<SideOf>; 2],
        page: &mut ShownPage,
        out: &mut Outcome,
    ) -> bool {
        let of =
            sides.iter().flatten().next().map_or("a blank page", |side| name_of(side.part, self.file.pieces));
        if self.shown.page(index, page).is_err() {
            out.findings.push(Finding::new(of, "its page", Fault::PageUnreadable));
            return false;
        }
        if !self.has_size(page) {
            out.findings.push(Finding::new(of, "the size of its page", Fault::Page));
        }
        let mut paint = page.paint.as_slice();
        let before = paint.iter().take_while(|paint| !matches!(paint, Paint::Form(_))).count();
        for _ in 0..before {
            out.findings.push(Finding::new(of, "paint under the stock", Fault::ForeignPaint));
        }
        paint = &paint[before..];
        let mut judged = [false; 2];
        while let Some((Paint::Form(form), after)) = paint.split_first() {
            let length = after.iter().take_while(|paint| !matches!(paint, Paint::Form(_))).count();
            let (own, rest) = after.split_at(length);
            let close = |side: &SideOf| (form.origin.0 - side.left).abs() < self.column_width() / 2.0;
            match sides.iter().position(|side| side.as_ref().is_some_and(close)) {
                Some(column) if !judged[column] => {
                    judged[column] = true;
                    if let Some(side) = &sides[column] {
                        self.side(side, form, own, out);
                    }
                }
                _ => out.findings.push(Finding::new(of, "another stock", Fault::Form)),
            }
            paint = rest;
        }
        for (side, judged) in sides.iter().zip(judged) {
            if let (Some(side), false) = (side, judged) {
                out.findings.push(Finding::new(name_of(side.part, self.file.pieces), "stock", Fault::Form));
            }
        }
        true
    }

    /// The width of a piece's page, in points.
    fn column_width(&self) -> f64 {
        self.rules.press.grid.page_points().0
    }

    /// Whether a page has the size of the press's pages: as many dots as A4, twice as wide for two pieces.
    fn has_size(&self, page: &ShownPage) -> bool {
        let (width, height) = self.rules.press.grid.page_points();
        let columns = if self.rules.layout.imposed() { 2.0 } else { 1.0 };
        (page.size.0 - columns * width).abs() <= ROUNDING && (page.size.1 - height).abs() <= ROUNDING
    }

    /// Judges one side.
    fn side(&self, side: &SideOf, form: &ShownForm, paint: &[Paint], out: &mut Outcome) {
        let rules = self.rules;
        let (plan, wanted, block, codes) = match side.part {
            Part::Header => (rules.header.get(side.side), None, None, None),
            Part::Trailer => (rules.trailer.get(side.side), None, None, None),
            Part::Piece(index) => {
                let Some(piece) = self.file.pieces.get(index) else { return };
                let plan = rules.variant(piece).and_then(|variant| variant.sides.get(side.side));
                let wanted = plan.map(|plan| rules.of_piece(piece, plan.side));
                let block = self.file.rows.and_then(|rows| rows.get(index)).map(|row| row.twoddoc.as_str());
                (plan, wanted, block, self.codes.get(index))
            }
        };
        let Some(plan) = plan else { return };
        let to_prove = SideToProve {
            of: name_of(side.part, self.file.pieces),
            form: rules.template.stock.forms.get(plan.side.form).copied(),
            wanted: wanted.unwrap_or_else(|| rules.of_lot(side.part, plan.side, &self.counts)),
            plan,
            block,
            codes,
        };
        SideJudge { rules: &self.sides, side: &to_prove, paint, left: side.left, out }.judge(form);
    }
}
