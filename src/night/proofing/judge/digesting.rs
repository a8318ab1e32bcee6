//! What the pieces of a file show, digested for the certificate while their pages are judged.

use preflight::{ShownFile, ShownPage};

use super::PrintedFile;
use super::places::{Part, SideOf};
use super::rules::LotRules;
use crate::certificate::{
    CertifiedFont, Digester, FileDigests, FormNumbers, PieceDigest, PieceDigests, StockForms,
    certified_fonts, part_of_page,
};

/// How many pages one thread judges at a time, about.
const SHARE: usize = 32;

/// Splits the pages of a file into shares, with the index of the first of each. No share ends within a piece.
pub(super) fn shares(pages: &[[Option<SideOf>; 2]]) -> Vec<(usize, &[[Option<SideOf>; 2]])> {
    let (mut shares, mut first) = (Vec::with_capacity(pages.len() / SHARE + 1), 0);
    for (index, sides) in pages.iter().enumerate() {
        if index >= first + SHARE && begins(sides) {
            shares.push((first, &pages[first..index]));
            first = index;
        }
    }
    shares.push((first, &pages[first..]));
    shares
}

/// Whether no piece goes on that begins on an earlier page.
fn begins(sides: &[Option<SideOf>; 2]) -> bool {
    sides.iter().flatten().all(|side| side.side == 0)
}

/// What the pieces of a file are digested with.
pub(super) struct Digesting<'d> {
    digester: &'d Digester<'d>,
    file: &'d PrintedFile<'d>,
    imposed: bool,
    fonts: Vec<CertifiedFont>,
    /// Made here where the digester has none.
    stock: Option<(Vec<String>, FormNumbers)>,
}

impl<'d> Digesting<'d> {
    /// Digests stock and fonts of a file; `None` where they can't be read.
    pub(super) fn of(
        digester: &'d Digester<'d>,
        file: &'d PrintedFile<'d>,
        rules: &LotRules,
        shown: &ShownFile,
    ) -> Option<Digesting<'d>> {
        let stock = match digester.forms {
            Some(_) => None,
            None => Some(StockForms::of(shown).ok()?.list()),
        };
        let fonts = certified_fonts(shown).ok()?;
        Some(Digesting { digester, file, imposed: rules.layout.imposed(), fonts, stock })
    }

    /// Begins a share of the pages.
    pub(super) fn begin(&self) -> ShareDigests<'_> {
        ShareDigests { digesting: self, open: Vec::new(), done: Vec::new() }
    }

    fn forms(&self) -> Option<&FormNumbers> {
        self.digester.forms.or(self.stock.as_ref().map(|(_, numbers)| numbers))
    }

    /// The digests of the file; `None` if a piece has none.
    pub(super) fn finish(self, mut pieces: Vec<(usize, PieceDigest)>) -> Option<FileDigests> {
        pieces.sort_unstable_by_key(|(index, _)| *index);
        let whole = pieces.iter().map(|(index, _)| *index).eq(0..self.file.pieces.len());
        let pieces = pieces.into_iter().map(|(_, digest)| digest).collect();
        whole.then_some(FileDigests { pieces, fonts: self.fonts, stock: self.stock })
    }
}

/// The digests of the pieces of a share.
pub(super) struct ShareDigests<'d> {
    digesting: &'d Digesting<'d>,
    /// The pieces of the present pages, by index.
    open: Vec<(usize, PieceDigests<'d>)>,
    done: Vec<(usize, PieceDigest)>,
}

impl<'d> ShareDigests<'d> {
    /// Adds a page with what is on it, from the left.
    pub(super) fn page(&mut self, page: &ShownPage, sides: &[Option<SideOf>; 2]) {
        if begins(sides) {
            self.close();
        }
        for (column, side) in (1..).zip(sides) {
            let Some(SideOf { part: Part::Piece(index), .. }) = side else { continue };
            let part = part_of_page(page, self.digesting.imposed, column);
            if let Some(digests) = self.of_piece(*index) {
                digests.page(page, part);
            }
        }
    }

    /// The digests of a piece, which begin with its first page.
    fn of_piece(&mut self, index: usize) -> Option<&mut PieceDigests<'d>> {
        let known = self.open.iter().position(|(open, _)| *open == index);
        let place = match known {
            Some(place) => place,
            None => {
                let Digesting { digester, file, .. } = self.digesting;
                let salt = (digester.salt)(&file.pieces.get(index)?.piece_id);
                self.open.push((index, PieceDigests::begin(Some(&salt), self.digesting.forms()?)));
                self.open.len() - 1
            }
        };
        self.open.get_mut(place).map(|(_, digests)| digests)
    }

    fn close(&mut self) {
        self.done.extend(self.open.drain(..).map(|(index, digests)| (index, digests.finish())));
    }

    /// The digests of the share's pieces.
    pub(super) fn finish(mut self) -> Vec<(usize, PieceDigest)> {
        self.close();
        self.done
    }
}
