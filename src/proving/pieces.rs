//! A piece's pages against its rows: texts by their digests, symbols and signatures.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail::piece::PieceKind;
use preflight::{ShowFault, ShownFile, ShownPage};
use template::MAX_PAGES;
use twoddoc::VerificationReport;
use twoddoc::trust::{Policy, TrustStore};

use super::report::{Checked, Fault};
use super::symbols::{Symbol, read_symbols};
use super::tables::Piece;
use crate::certificate::{
    FormNumbers, PieceDigest, PieceDigests, PieceRow, PressFacts, column_of_side, part_of_page,
};
use crate::failure::{agreeing, counted};

/// What the pieces of a file are held against.
pub(super) struct Judge<'a> {
    /// How the press prints.
    pub press: &'a PressFacts,
    /// The certificate's stock forms.
    pub stock: &'a [String],
    /// The kind of the lot.
    pub kind: PieceKind,
    /// What is trusted.
    pub trust: &'a TrustStore,
}

/// What came of a piece.
#[derive(Default)]
pub(super) struct Judgement {
    /// What agrees.
    pub checked: Checked,
    /// What does not.
    pub faults: Vec<Fault>,
}

impl Judgement {
    fn fault(&mut self, code: &'static str, piece: &Piece, message: impl Into<String>) {
        self.faults.push(Fault::of_piece(code, &piece.row.file, &piece.row.piece_id, message));
    }
}

impl Judge<'_> {
    /// Judges a piece. `page` is reused from piece to piece.
    pub(super) fn piece(
        &self,
        file: &ShownFile,
        forms: &FormNumbers,
        piece: &Piece,
        page: &mut ShownPage,
    ) -> Judgement {
        // A decoder that panics on what others wrote must not end the proof of other pieces.
        let judged = catch_unwind(AssertUnwindSafe(|| self.pages(file, forms, piece, page)));
        judged.unwrap_or_else(|_| {
            let mut judgement = Judgement::default();
            judgement.fault("page", piece, "its pages can't be read");
            judgement
        })
    }

    /// Reads the pages of a piece.
    fn pages(&self, file: &ShownFile, forms: &FormNumbers, piece: &Piece, page: &mut ShownPage) -> Judgement {
        let mut judgement = Judgement::default();
        let mut digests = PieceDigests::begin(piece.salt.as_ref(), forms);
        let mut symbols = Vec::new();
        let imposed = self.press.pieces_across == 2;
        if !(1..=MAX_PAGES).contains(&(piece.row.pages as usize)) {
            let message =
                format!("it has {}; a piece has 1 to {MAX_PAGES}", counted(piece.row.pages, "page"));
            judgement.fault("row", piece, message);
            return judgement;
        }
        for side in 0..piece.row.pages as usize {
            let number = (piece.row.first_page as usize).saturating_sub(1) + side;
            if number >= file.pages() {
                judgement.fault("page", piece, format!("page {} is not in the file", number + 1));
                return judgement;
            }
            if let Err(fault) = file.page(number, page) {
                let reason = match fault {
                    ShowFault::Page(_, reason) => reason,
                    other => other.to_string(),
                };
                judgement.fault("page", piece, format!("page {} can't be read: {reason}", number + 1));
                return judgement;
            }
            let column = column_of_side(&self.press.turn, piece.row.position, side);
            let part = part_of_page(page, imposed, column);
            digests.page(page, part);
            read_symbols(page, part, self.press, &mut symbols);
            judgement.checked.pages += 1;
        }
        judgement.checked.pieces += 1;
        if let (PieceKind::Letter, Some(row)) = (self.kind, &piece.digests) {
            compare(piece, row, &digests.finish(), &mut judgement);
        }
        self.symbols(piece, symbols, &mut judgement);
        judgement
    }

    fn symbols(&self, piece: &Piece, found: Vec<Result<Symbol, String>>, judgement: &mut Judgement) {
        let mut due = due_symbols(piece);
        for symbol in found {
            let symbol = match symbol {
                Ok(symbol) => symbol,
                Err(reason) => {
                    judgement.fault("symbol_unreadable", piece, reason);
                    continue;
                }
            };
            match due.iter().position(|due| due.is(&symbol)) {
                None => judgement.fault("symbol_differs", piece, "a symbol says what none of its rows says"),
                Some(index) => {
                    due.remove(index);
                    judgement.checked.symbols += 1;
                    if matches!(&symbol, Symbol::DataMatrix(text) if *text == piece.row.twoddoc) {
                        self.signature(piece, symbol.text(), judgement);
                    }
                }
            }
        }
        for missing in due {
            judgement.fault("symbol_missing", piece, format!("its pages do not show its {}", missing.name));
        }
    }

    fn signature(&self, piece: &Piece, text: &str, judgement: &mut Judgement) {
        let report = VerificationReport::of_text(text, self.trust, &Policy::default());
        match report.is_valid() {
            true => judgement.checked.signatures += 1,
            false => judgement.fault("signature", piece, report.signature.reason),
        }
    }
}

/// Holds the digests of what the pages show against those of the certificate: stock forms, and with a salt texts and places.
fn compare(piece: &Piece, row: &PieceRow, shown: &PieceDigest, judgement: &mut Judgement) {
    match shown.forms == row.forms {
        true => judgement.checked.stock += 1,
        false => {
            let message = "its pages show other stock forms than the certificate says";
            judgement.fault("stock_differs", piece, message);
        }
    }
    if piece.salt.is_none() {
        return;
    }
    if shown.texts != row.texts {
        return judgement.fault("text_differs", piece, differing_texts(&shown.texts, &row.texts));
    }
    judgement.checked.texts += shown.count;
    match shown.layout == row.layout {
        true => judgement.checked.layouts += 1,
        false => {
            let message = "what its pages show stands otherwise than the certificate says: place, font, size, glyph or symbol";
            judgement.fault("layout_differs", piece, message);
        }
    }
}

/// Which texts differ, by their digests.
fn differing_texts(shown: &str, certified: &str) -> String {
    let numbers = (1..).zip(shown.split(' ').zip(certified.split(' ')));
    let differing = numbers.filter(|(_, (shown, certified))| shown != certified).map(|(number, _)| number);
    let differing: Vec<usize> = differing.collect();
    match (shown.len() == certified.len(), differing.first()) {
        (true, Some(first)) => format!(
            "{} of its texts {} not as certified, the first its number {first}",
            differing.len(),
            agreeing(differing.len(), "is", "are")
        ),
        _ => "its pages show more or fewer texts than the certificate has digests of".to_owned(),
    }
}

/// A symbol that a piece must show.
struct DueSymbol<'p> {
    name: &'static str,
    text: &'p str,
    /// Whether it is a Code 39; `None` for a control code, which may be either.
    code39: Option<bool>,
}

impl DueSymbol<'_> {
    fn is(&self, symbol: &Symbol) -> bool {
        let kind = self.code39.is_none_or(|code39| code39 == matches!(symbol, Symbol::Code39(_)));
        kind && self.text == symbol.text()
    }
}

fn due_symbols(piece: &Piece) -> Vec<DueSymbol<'_>> {
    let mut due = Vec::new();
    if !piece.row.twoddoc.is_empty() {
        due.push(DueSymbol { name: "2D-DOC", text: &piece.row.twoddoc, code39: Some(false) });
    }
    if let Some(control) = piece.control.as_ref() {
        if control.window_symbology == "code39" {
            due.push(DueSymbol { name: "Code 39", text: &control.window_value, code39: Some(true) });
        }
        let codes = control.control_code.split(';').filter(|code| !code.is_empty());
        due.extend(codes.map(|text| DueSymbol { name: "control code", text, code39: None }));
    } else if !piece.row.window_barcode.is_empty() {
        due.push(DueSymbol { name: "Code 39", text: &piece.row.window_barcode, code39: Some(true) });
    }
    due
}
