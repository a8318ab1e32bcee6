//! The table of pieces with their digests, written file by file.

use std::io;
use std::path::Path;

use crate::certificate::{
    CertifiedFile, CertifiedFont, Digester, FileDigests, FormNumbers, LotDigests, PieceDigest, PieceRow,
    PieceTable, Role, Salt, pieces_name,
};
use crate::failure::Failure;
use crate::night::lot::LotNumbers;
use crate::night::paperwork::ManifestRow;
use crate::vault::ProofSalts;

/// The salts of a lot's pieces, by their references.
pub(super) type Salts<'s> = Box<dyn Fn(&str) -> Salt + Send + Sync + 's>;

/// The salts of a lot.
pub(super) fn salts_of<'s>(salts: &'s ProofSalts, numbers: &LotNumbers, night: &str) -> Salts<'s> {
    let (lot, night) = (numbers.name.marked(numbers.kind), night.to_owned());
    Box::new(move |piece| salts.of_piece(&night, &lot, piece))
}

/// A table of pieces that is being written. Memory holds the digests of a file.
pub(in crate::night) struct DigestTable<'s> {
    name: String,
    table: PieceTable,
    salts: Salts<'s>,
    /// The lot's stock forms, and the objects of its files by their numbers in that list: they are the same in each file.
    stock: Option<(Vec<String>, FormNumbers)>,
    fonts: Vec<Vec<CertifiedFont>>,
    texts: u64,
}

impl<'s> DigestTable<'s> {
    /// Creates the table of a lot in the staging folder.
    ///
    /// # Errors
    /// I/O errors.
    pub(in crate::night) fn create(
        numbers: &LotNumbers,
        night: &str,
        salts: &'s ProofSalts,
        staging: &Path,
    ) -> io::Result<DigestTable<'s>> {
        let name = pieces_name(numbers.name.as_str());
        let table = PieceTable::create(&staging.join(numbers.kind.folder()).join(&name))?;
        let salts = salts_of(salts, numbers, night);
        Ok(DigestTable { name, table, salts, stock: None, fonts: Vec::new(), texts: 0 })
    }

    /// What the pieces of the next file are digested with.
    pub(in crate::night) fn digester(&self) -> Digester<'_> {
        Digester { salt: &*self.salts, forms: self.stock.as_ref().map(|(_, forms)| forms) }
    }

    /// Writes the rows of the next file. A piece without a digest gets a row without one.
    ///
    /// # Errors
    /// I/O errors.
    pub(in crate::night) fn file(
        &mut self,
        rows: &[ManifestRow],
        digests: FileDigests,
    ) -> Result<(), Failure> {
        let FileDigests { pieces, fonts, stock } = digests;
        let mut pieces = pieces.into_iter();
        for row in rows {
            let PieceDigest { forms, texts, count, layout } = pieces.next().unwrap_or_default();
            self.texts += count;
            self.table.row(&PieceRow {
                piece_id: row.piece_id.clone(),
                file: row.file.clone(),
                first_page: row.first_page,
                pages: row.pages,
                position: row.column.unwrap_or(1),
                forms,
                texts,
                layout,
            })?;
        }
        self.fonts.push(fonts);
        self.stock = self.stock.take().or(stock);
        Ok(())
    }

    /// Syncs the table.
    ///
    /// # Errors
    /// I/O errors.
    pub(in crate::night) fn finish(self) -> io::Result<LotDigests> {
        let (sha256, bytes) = self.table.finish()?;
        let table = CertifiedFile {
            name: self.name,
            role: Role::Pieces,
            sha256,
            bytes,
            pieces: None,
            pages: None,
            fonts: Vec::new(),
        };
        let stock = self.stock.map(|(list, _)| list).unwrap_or_default();
        Ok(LotDigests { table, texts: self.texts, stock, fonts: self.fonts })
    }
}
