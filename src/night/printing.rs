//! Printing: the pieces of a lot become print files, composed on every core and written in order, with a row of the
//! manifest each.
//!
//! Takes composed pieces, a batch at a time. Gives files in the staging folder and where each piece is. A thread of its
//! own writes while the next batches are composed. Holds three batches of pages, whatever the lot's size, and of an imposed
//! lot the pieces of one file. A sealed file is never on the disk in clear.

mod imposed;
mod lot_sheets;
mod output;

use std::io;
use std::mem::take;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use serde::Serialize;

pub(super) use lot_sheets::Tally;
pub(super) use output::Hashing;
use output::Output;

use super::Watch;
use super::conformance::Twin;
use super::control_file::ControlFile;
use super::imposition::SheetLayout;
use super::manifest::ManifestWriter;
use super::planning::DuePiece;
use crate::failure::Failure;
use crate::vault::Recipients;
use composition::{ComposedPiece, LotSheetComposer};
use mail::lot::LotName;
use mail::piece::PieceKind;
use mail::tracking::TrackingId;
use print_file::{
    Conformance, FileLabel, FontProgram, OutputIntent, PieceLabel, PrintFile, PrintedPage, SheetLabel, Stock,
};

/// A piece with its place in the lot.
#[derive(Debug, Clone)]
pub struct NumberedPiece {
    /// The piece.
    pub piece: DuePiece,
    /// Its place, from 1.
    pub sequence: u32,
    /// Its printed reference.
    pub piece_id: String,
    /// A mailer's tracking identifier.
    pub tracking: Option<TrackingId>,
}

/// A print file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrintedFile {
    /// Its path, relative to the night's folder.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many pieces it holds.
    pub pieces: u32,
    /// How many pages.
    pub pages: u32,
    /// Its size.
    pub bytes: u64,
}

/// Where a piece was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PrintedPiece {
    /// Its entry, by its place in the plan.
    pub entry: u32,
    /// The file, by its place in [`PrintedLot::files`].
    pub file: u16,
    /// How many pages.
    pub pages: u16,
    /// The first page, from 1.
    pub first_page: u32,
}

/// A lot that was printed.
#[derive(Debug, Default)]
pub(super) struct PrintedLot {
    /// Its files, in order.
    pub files: Vec<PrintedFile>,
    /// How many pieces it has.
    pub count: u32,
    /// How many pages its first piece has.
    pub pages_of_piece: u16,
    /// Its pieces that the ledger's keeper is not told of, in order.
    pub pieces: Vec<PrintedPiece>,
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// What the twins of sealed files break of the standards of print files, in words.
    pub faults: Vec<String>,
}

impl PrintedLot {
    /// Adds a piece.
    pub fn add(&mut self, piece: PrintedPiece) {
        if self.count == 0 {
            self.pages_of_piece = piece.pages;
        }
        self.count += 1;
        self.pieces.push(piece);
    }
}

/// What the files of a lot have in common.
pub struct LotOrder<'a> {
    /// The lot.
    pub lot: &'a LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// What does not change between its pieces.
    pub stock: &'a Stock,
    /// The sheets at its ends, where the job asks for them.
    pub lot_sheets: Option<LotSheetComposer<'a>>,
    /// The fonts of what does.
    pub fonts: &'a [FontProgram<'a>],
    /// How pieces lie on the press's sheets.
    pub layout: SheetLayout,
    /// Year, month and day of the night.
    pub day: (u16, u8, u8),
    /// How many pieces a file holds at most.
    pub pieces_per_file: usize,
    /// Who can open the files; nobody has to where there is none.
    pub seal_to: Option<&'a Recipients>,
    /// The printing condition.
    pub intent: &'a OutputIntent,
    /// Which standards the files meet.
    pub conformance: Conformance,
    /// The pieces' postal weight class, in grams.
    pub weight_class: u32,
    /// Whether a sealed file has a twin in memory that is held against the standards.
    pub twins: bool,
}

impl LotOrder<'_> {
    /// What a press controller is told of a piece.
    fn label<'p>(&'p self, piece: &'p NumberedPiece, pages: usize) -> PieceLabel<'p> {
        PieceLabel {
            piece: &piece.piece_id,
            lot: self.lot.as_str(),
            sequence: piece.sequence,
            kind: self.kind.code(),
            sheets: pages.div_ceil(2) as u32,
            weight_class: self.weight_class,
        }
    }
}

/// What gets a row for each piece.
pub(super) struct Rows<'a> {
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
    /// The next batch; nothing where there is no more.
    ///
    /// # Errors
    /// Those of composition.
    fn next(&mut self) -> Result<Option<Batch>, Failure>;

    /// What its trailer counts, once there is no next batch.
    fn tally(&self) -> Tally;

    /// Is told where the next pieces of the lot are that were printed. Whoever needs them later keeps them.
    ///
    /// # Errors
    /// Those of the ledger.
    fn printed(&mut self, pieces: Vec<PrintedPiece>) -> Result<(), Failure>;
}

/// Prints a lot into a folder. A lot without pieces leaves no file.
///
/// # Errors
/// Those of the disk, and of composition.
pub(super) fn print_lot<'a>(
    order: &'a LotOrder<'a>,
    rows: Rows<'a>,
    folder: &'a Path,
    batches: &mut dyn Batches,
    watch: &dyn Watch,
) -> Result<PrintedLot, Failure> {
    let bench = Bench { order, folder, rows, open: None, lot: PrintedLot::default() };
    let (give, composed) = sync_channel(AHEAD);
    let (tell, printed) = channel();
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || bench.write(&composed, &tell, watch));
        let fed = feed(batches, &give, &printed);
        drop(give);
        let mut bench = writing.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        fed?;
        bench.end_lot(batches.tally())?;
        bench.close_file()?;
        printed.iter().chain([take(&mut bench.lot.pieces)]).try_for_each(|pieces| batches.printed(pieces))?;
        let Bench { rows, lot, .. } = bench;
        rows.control.finish()?;
        Ok(PrintedLot { manifest_sha256: rows.manifest.finish()?, ..lot })
    })
}

/// Gives batches to be written until there are no more, or the writing has failed.
fn feed(
    batches: &mut dyn Batches,
    give: &SyncSender<Batch>,
    printed: &Receiver<Vec<PrintedPiece>>,
) -> Result<(), Failure> {
    while let Some(batch) = batches.next()? {
        if give.send(batch).is_err() {
            break;
        }
        printed.try_iter().try_for_each(|pieces| batches.printed(pieces))?;
    }
    Ok(())
}

/// The name of a lot's file of that number, from 1, relative to the night's folder.
pub(super) fn file_name(kind: PieceKind, lot: &LotName, number: usize, sealed: bool) -> String {
    let ending = if sealed { "pdf.age" } else { "pdf" };
    format!("{}/{lot}-{number:04}.{ending}", kind.folder())
}

/// Where a lot is written.
struct Bench<'a> {
    order: &'a LotOrder<'a>,
    folder: &'a Path,
    rows: Rows<'a>,
    open: Option<OpenFile>,
    lot: PrintedLot,
}

/// The file that pieces go to.
struct OpenFile {
    file: PrintFile<Output>,
    /// What a sealed file's first pieces are held against the standards by.
    twin: Option<Twin>,
    path: String,
    /// Its place in the lot, from 0.
    rank: usize,
    pieces: u32,
    pages: u32,
    /// What waits for its sheets, where they are imposed.
    waiting: imposed::Waiting,
}

impl Bench<'_> {
    /// Writes the batches that come; tells where the pieces are.
    fn write(
        mut self,
        composed: &Receiver<Batch>,
        tell: &Sender<Vec<PrintedPiece>>,
        watch: &dyn Watch,
    ) -> Result<Self, Failure> {
        for batch in composed {
            self.append(batch, watch)?;
            let _ = tell.send(take(&mut self.lot.pieces));
        }
        Ok(self)
    }

    /// Appends a batch, notes where its pieces are, and opens and ends files as they fill.
    fn append(&mut self, batch: Batch, watch: &dyn Watch) -> Result<(), Failure> {
        let count = batch.len() as u64;
        for (piece, composed) in batch {
            let full = |open: &OpenFile| open.pieces as usize >= self.order.pieces_per_file;
            if self.open.as_ref().is_some_and(full) {
                self.close_file()?;
            }
            self.append_piece(piece, composed)?;
        }
        watch.advance(count);
        Ok(())
    }

    fn append_piece(&mut self, piece: NumberedPiece, mut composed: ComposedPiece) -> Result<(), Failure> {
        if self.open.is_none() {
            // By the piece's place in the lot: a share of a lot has not all its files.
            let rank = (piece.sequence as usize - 1) / self.order.pieces_per_file;
            let mut open = OpenFile::create(self.order, self.folder, rank)?;
            self.begin_lot(&mut open)?;
            self.open = Some(open);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.pieces += 1;
        if self.order.layout.imposed() {
            open.waiting.held.push((piece, composed));
            return Ok(());
        }
        let place = PiecePlace { path: &open.path, first_page: open.pages + 1, position: 1 };
        note(&mut self.lot, &mut self.rows, &piece, &composed, place)?;
        // Where sheets are turned, the next piece begins on a sheet of its own.
        if self.order.layout.duplex() && !composed.pages.len().is_multiple_of(2) {
            composed.pages.push(PrintedPage::blank());
        }
        let label = self.order.label(&piece, composed.pages.len());
        open.pages += composed.pages.len() as u32;
        open.piece(&composed.pages, &label).map_err(|error| within(self.folder, &open.path, error))
    }

    fn close_file(&mut self) -> Result<(), Failure> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        self.impose(&mut open)?;
        let label = FileLabel {
            title: format!("{} {}", self.order.kind.folder(), self.order.lot),
            lot: self.order.lot.to_string(),
            day: self.order.day,
            conformance: self.order.conformance,
        };
        let OpenFile { file, twin, path, pieces, pages, .. } = open;
        let ended = file
            .finish(self.order.fonts, &label)
            .and_then(|(output, digest, bytes)| output.close(digest, bytes));
        let (sha256, bytes) = ended.map_err(|error| within(self.folder, &path, error))?;
        if let Some(twin) = twin {
            self.lot.faults.extend(twin.finish(self.order.fonts, &label, &path)?);
        }
        self.lot.files.push(PrintedFile { path, sha256, pieces, pages, bytes });
        Ok(())
    }
}

/// Where a piece is printed.
pub(super) struct PiecePlace<'a> {
    /// The file, relative to the night's folder.
    pub path: &'a str,
    /// The page of its first side, from 1.
    pub first_page: u32,
    /// Where on its sheets it lies, from 1 at the left.
    pub position: u8,
}

/// Notes where a piece is, and gives it its rows.
fn note(
    lot: &mut PrintedLot,
    rows: &mut Rows,
    piece: &NumberedPiece,
    composed: &ComposedPiece,
    place: PiecePlace,
) -> Result<(), Failure> {
    let (file, pages) = (lot.files.len() as u16, composed.pages.len() as u16);
    lot.add(PrintedPiece { entry: piece.piece.entry, file, pages, first_page: place.first_page });
    rows.manifest.row(piece, &place, pages, composed.twoddoc.as_deref())?;
    rows.control.row(piece)?;
    Ok(())
}

/// A failure of the disk, with the file it befell.
fn within(folder: &Path, path: &str, error: io::Error) -> Failure {
    match Failure::from(error) {
        Failure::Midway(message) => Failure::Midway(format!("{}: {message}", folder.join(path).display())),
        other => other,
    }
}

impl OpenFile {
    fn create(order: &LotOrder, folder: &Path, rank: usize) -> Result<OpenFile, Failure> {
        if rank > usize::from(u16::MAX) {
            return Err(Failure::Refused(format!(
                "{} lot {} would have more than {} print files; nothing was released\n  raise `output.pieces_per_file`",
                order.kind,
                order.lot,
                1 + u32::from(u16::MAX)
            )));
        }
        fs_err::create_dir_all(folder.join(order.kind.folder()))?;
        let path = file_name(order.kind, order.lot, rank + 1, order.seal_to.is_some());
        let (fonts, grid) = (order.fonts.len(), order.layout.grid);
        let begun = Output::create(&folder.join(&path), order.seal_to).and_then(|output| {
            let file = PrintFile::begin(output, grid, order.stock, fonts, order.intent)?;
            if order.layout.imposed() { file.imposed(grid) } else { Ok(file) }
        });
        let file = begun.map_err(|error| within(folder, &path, error))?;
        let twin = match order.seal_to.is_some() && order.twins {
            true => Some(Twin::begin(order.layout, order.stock, fonts, order.intent)?),
            false => None,
        };
        Ok(OpenFile { file, twin, path, rank, pieces: 0, pages: 0, waiting: Default::default() })
    }

    fn piece(&mut self, pages: &[PrintedPage], label: &PieceLabel) -> io::Result<()> {
        self.file.piece(pages, label)?;
        match &mut self.twin {
            Some(twin) => twin.piece(pages, label),
            None => Ok(()),
        }
    }

    fn sheet(&mut self, sides: &[[Option<&PrintedPage>; 2]], label: &SheetLabel) -> io::Result<()> {
        self.file.sheet(sides, label)?;
        match &mut self.twin {
            Some(twin) => twin.sheet(sides, label),
            None => Ok(()),
        }
    }
}
