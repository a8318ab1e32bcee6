//! Printing: the composed pieces of a lot become print files, with a row of the manifest for each piece.
//!
//! Composed pieces are written in order into the staging folder, a batch at a time. A writing thread works while
//! the next batches are composed. Memory holds three batches of pages whatever the lot's size, and of an imposed lot the
//! pieces of one file. A sealed file is never on the disk in clear: it is written to memory that is wiped, proved there, and
//! then sealed.

mod clear_file;
mod conformance;
mod imposed;
mod lot_sheets;
mod output;

use std::io;
use std::mem::take;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

pub(crate) use conformance::{conformance, conformance_faults, output_intent, press_profile, standard};
pub(super) use lot_sheets::SheetCount;

use clear_file::{ClearBytes, Wiped, seal};
use output::Output;

use super::lot::{
    Lot, LotNumbers, NumberedPiece, PiecePosition, PrintFile, PrintedPiece, Proof, SheetLayout,
    print_file_path,
};
use super::order::Progress;
use super::paperwork::{ControlFile, ManifestWriter};
use crate::failure::Failure;
use crate::job::PostalWeight;
use crate::vault::Recipients;
use composition::{ComposedPiece, LotSheetComposer};
use mail::lot::LotName;
use mail::piece::PieceKind;
use print_file::{
    Conformance, FileLabel, FontProgram, OutputIntent, PieceLabel, PrintFile as PrintFileWriter, PrintedPage,
    Stock,
};

/// What the files of a lot have in common.
pub(super) struct PrintOrder<'a> {
    /// The lot's name and kind, and what its pieces are called.
    pub numbers: &'a LotNumbers,
    /// What does not change between its pieces.
    pub stock: &'a Stock,
    /// The sheets at its ends, where the job asks for them.
    pub lot_sheets: Option<LotSheetComposer<'a>>,
    /// The fonts of variable text.
    pub fonts: &'a [FontProgram<'a>],
    /// How pieces lie on the press's sheets.
    pub layout: SheetLayout,
    /// Year, month and day of the night.
    pub day: (u16, u8, u8),
    /// How many pieces a file holds at most.
    pub pieces_per_file: usize,
    /// Who can open the files; `None` for files in clear.
    pub seal_to: Option<&'a Recipients>,
    /// The printing condition.
    pub intent: &'a OutputIntent,
    /// Which standards the files meet.
    pub conformance: Conformance,
    /// The postal weight classes of its pieces.
    pub weight: PostalWeight<'a>,
    /// Proves files before they are sealed; `None` where nothing is proved.
    pub before_sealing: Option<&'a dyn BeforeSealing>,
}

impl PrintOrder<'_> {
    /// The lot's name.
    fn lot(&self) -> &LotName {
        &self.numbers.name
    }

    /// The lot's kind.
    fn kind(&self) -> PieceKind {
        self.numbers.kind
    }

    /// Whether files are proved before they are sealed.
    fn proves_before_sealing(&self) -> bool {
        self.seal_to.is_some() && self.before_sealing.is_some()
    }

    /// A piece's label for press controllers.
    fn label<'p>(&'p self, piece: &'p NumberedPiece, pages: usize) -> PieceLabel<'p> {
        let sheets = pages.div_ceil(2) as u32;
        PieceLabel {
            piece: &piece.piece_id,
            lot: self.lot().as_str(),
            sequence: piece.sequence,
            kind: self.kind().code(),
            sheets,
            weight_class: self.weight.class(sheets),
        }
    }
}

/// Proves a file before it is sealed.
pub(super) trait BeforeSealing: Sync {
    /// Proves the bytes of a file, which is to be sealed at `path`, with the records of its pieces. `last` says whether it
    /// is the last of its lot.
    fn prove(&self, path: &str, bytes: &Arc<Vec<u8>>, pieces: &[NumberedPiece], last: bool) -> Proof;
}

/// The tables that get a row for each piece.
pub(super) struct PieceTables<'a> {
    /// For people and proofing.
    pub manifest: ManifestWriter<'a>,
    /// For cameras and inserters.
    pub control: ControlFile<'a>,
}

/// How many batches may wait to be written.
const AHEAD: usize = 1;

/// A batch of composed pieces in lot order.
pub(super) type Batch = Vec<(NumberedPiece, ComposedPiece)>;

/// Where a lot's pieces come from.
pub(super) trait Batches {
    /// The next batch; `None` after the last.
    ///
    /// # Errors
    /// Errors of check and composition.
    fn next(&mut self) -> Result<Option<Batch>, Failure>;

    /// The sheets of all pieces so far, for the lot's trailer.
    fn sheet_count(&self) -> SheetCount;

    /// The next pieces, at most so many, of those that were printed, with their records loaded again; none after the last.
    ///
    /// # Errors
    /// I/O errors; a record that does not parse.
    fn again(&mut self, most: usize) -> Result<Vec<NumberedPiece>, Failure>;

    /// Receives the positions of the pieces that were printed since the last call.
    ///
    /// # Errors
    /// Ledger errors.
    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure>;
}

/// Prints a lot into a folder: fills in the files, counts and manifest digest of `lot`. A lot without pieces leaves no
/// file.
///
/// # Errors
/// I/O errors; those of check, composition and ledger.
pub(super) fn print_lot<'a>(
    lot: Lot,
    order: &'a PrintOrder<'a>,
    tables: PieceTables<'a>,
    folder: &'a Path,
    batches: &mut dyn Batches,
    progress: &dyn Progress,
) -> Result<Lot, Failure> {
    let writer = LotWriter { order, folder, tables, open: None, lot };
    let (batch_sender, composed) = sync_channel(AHEAD);
    let (piece_sender, printed) = channel();
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || writer.write(&composed, &piece_sender, progress));
        let fed = feed(batches, &batch_sender, &printed);
        drop(batch_sender);
        let mut writer = writing.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        fed?;
        let count = batches.sheet_count();
        writer.lot.ends_here = writer.ends_with(&count);
        writer.end_lot(count)?;
        writer.close_file(writer.lot.ends_here)?;
        let last = take(&mut writer.lot.unrecorded);
        printed.iter().chain([last]).try_for_each(|pieces| batches.printed(pieces))?;
        let LotWriter { tables, lot, .. } = writer;
        tables.control.finish()?;
        Ok(Lot { manifest_sha256: tables.manifest.finish()?, ..lot })
    })
}

/// Sends batches to the writing thread until there are no more, or the writing has failed.
fn feed(
    batches: &mut dyn Batches,
    batch_sender: &SyncSender<Batch>,
    printed: &Receiver<Vec<PrintedPiece>>,
) -> Result<(), Failure> {
    while let Some(batch) = batches.next()? {
        if batch_sender.send(batch).is_err() {
            break;
        }
        printed.try_iter().try_for_each(|pieces| batches.printed(pieces))?;
    }
    Ok(())
}

/// Writes a lot's files in order.
struct LotWriter<'a> {
    order: &'a PrintOrder<'a>,
    folder: &'a Path,
    tables: PieceTables<'a>,
    open: Option<OpenFile<'a>>,
    lot: Lot,
}

/// The file that pieces go to.
struct OpenFile<'a> {
    file: PrintFileWriter<Output<'a>>,
    /// The pieces of a file that is proved before it is sealed.
    to_prove: Vec<NumberedPiece>,
    path: String,
    /// Its index in the lot, from 0.
    index: usize,
    pieces: u32,
    pages: u32,
    /// Pieces that wait for the file's sheets, where these are imposed.
    pending: imposed::PendingPieces,
}

impl<'a> LotWriter<'a> {
    /// Writes the batches that come and sends the pieces' positions back.
    fn write(
        mut self,
        composed: &Receiver<Batch>,
        piece_sender: &Sender<Vec<PrintedPiece>>,
        progress: &dyn Progress,
    ) -> Result<Self, Failure> {
        for batch in composed {
            self.append(batch, progress)?;
            let _ = piece_sender.send(take(&mut self.lot.unrecorded));
        }
        Ok(self)
    }

    /// Appends a batch, notes where its pieces are, and opens and ends files as they fill.
    fn append(&mut self, batch: Batch, progress: &dyn Progress) -> Result<(), Failure> {
        let count = batch.len() as u64;
        for (piece, composed) in batch {
            let full = |open: &OpenFile| open.pieces as usize >= self.order.pieces_per_file;
            if self.open.as_ref().is_some_and(full) {
                self.close_file(false)?;
            }
            self.append_piece(piece, composed)?;
        }
        progress.advance(count);
        Ok(())
    }

    fn append_piece(&mut self, piece: NumberedPiece, mut composed: ComposedPiece) -> Result<(), Failure> {
        if self.open.is_none() {
            // From the piece's sequence: a share of a lot has not all its files.
            let index = (piece.sequence as usize - 1) / self.order.pieces_per_file;
            let mut open = OpenFile::create(self.order, self.folder, index)?;
            self.begin_lot(&mut open)?;
            self.open = Some(open);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.pieces += 1;
        if self.order.layout.imposed() {
            open.pending.pieces.push((piece, composed));
            return Ok(());
        }
        let position = PiecePosition { path: &open.path, first_page: open.pages + 1, column: 1 };
        enter_piece(&mut self.lot, &mut self.tables, &piece, &composed, position)?;
        // Where sheets are turned, the next piece begins on a sheet of its own.
        if self.order.layout.duplex() && !composed.pages.len().is_multiple_of(2) {
            composed.pages.push(PrintedPage::blank());
        }
        let label = self.order.label(&piece, composed.pages.len());
        open.pages += composed.pages.len() as u32;
        let written = open.file.piece(&composed.pages, &label);
        written.map_err(|error| in_print_file(self.folder, &open.path, error))?;
        if self.order.proves_before_sealing() {
            open.to_prove.push(piece);
        }
        Ok(())
    }

    /// Ends the open file. `last` says whether it is the last of the lot.
    fn close_file(&mut self, last: bool) -> Result<(), Failure> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        self.impose(&mut open)?;
        let label = FileLabel {
            title: format!("{} {}", self.order.kind().folder(), self.order.lot()),
            lot: self.order.lot().to_string(),
            day: self.order.day,
            conformance: self.order.conformance,
        };
        let OpenFile { file, to_prove, path, pieces, pages, .. } = open;
        let in_file = |error| in_print_file(self.folder, &path, error);
        let (output, digest, length) = file.finish(self.order.fonts, &label).map_err(in_file)?;
        let (sha256, bytes) = match output {
            Output::Clear(out) => (output::close(out).map(|()| (digest, length))).map_err(in_file)?,
            Output::Memory(out, recipients) => {
                let clear = ClearBytes::new(out);
                if let Some(prover) = self.order.before_sealing {
                    self.lot.proof.add(prover.prove(&path, clear.shared(), &to_prove, last));
                }
                seal(&clear, &self.folder.join(&path), recipients).map_err(in_file)?
            }
        };
        self.lot.files.push(PrintFile { path, sha256, pieces, pages, bytes });
        Ok(())
    }
}

/// Adds a piece to the lot and its rows to the tables.
fn enter_piece(
    lot: &mut Lot,
    tables: &mut PieceTables,
    piece: &NumberedPiece,
    composed: &ComposedPiece,
    position: PiecePosition,
) -> Result<(), Failure> {
    let (file, pages) = (lot.files.len() as u16, composed.pages.len() as u16);
    lot.add(PrintedPiece { entry: piece.piece.entry, file, pages, first_page: position.first_page });
    tables.manifest.row(piece, &position, pages, composed.twoddoc.as_deref())?;
    tables.control.row(piece)?;
    Ok(())
}

/// An I/O error with the file it concerns.
fn in_print_file(folder: &Path, path: &str, error: io::Error) -> Failure {
    Failure::from(error).in_file(folder.join(path).display())
}

impl<'a> OpenFile<'a> {
    fn create(order: &PrintOrder<'a>, folder: &Path, index: usize) -> Result<OpenFile<'a>, Failure> {
        if index > usize::from(u16::MAX) {
            let most = 1 + u32::from(u16::MAX);
            let problem = format!(
                "{} lot {} would have more than {most} print files; nothing was released",
                order.kind(),
                order.lot()
            );
            return Err(Failure::refused("too_many_print_files", problem)
                .with_advice("raise `output.pieces_per_file`"));
        }
        fs_err::create_dir_all(folder.join(order.kind().folder()))?;
        let path = print_file_path(order.kind(), order.lot(), index + 1, order.seal_to.is_some());
        let (fonts, grid) = (order.fonts.len(), order.layout.grid);
        let output = match order.seal_to {
            Some(recipients) => {
                Ok(Output::Memory(Wiped::with_capacity(order.stock.objects.len() + (1 << 20)), recipients))
            }
            None => Output::create(&folder.join(&path)),
        };
        let begun = output.and_then(|output| {
            let file = PrintFileWriter::begin(output, grid, order.stock, fonts, order.intent)?;
            let file = if order.seal_to.is_some() { file.padded() } else { file };
            if order.layout.imposed() { file.imposed(grid) } else { Ok(file) }
        });
        let file = begun.map_err(|error| in_print_file(folder, &path, error))?;
        let (to_prove, pending) = (Vec::new(), Default::default());
        Ok(OpenFile { file, to_prove, path, index, pieces: 0, pages: 0, pending })
    }
}
