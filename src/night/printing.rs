//! Printing: the pieces of a lot become print files, composed on every core and written in order.
//!
//! Takes numbered pieces and a way to compose one. Gives files in the staging folder and a row for each piece.
//! Holds two batches of pages at most, whatever the lot's size. A sealed file is never on the disk in clear.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Watch;
use super::composition::ComposedPiece;
use super::planning::DuePiece;
use crate::failure::Failure;
use crate::mail::lot::LotName;
use crate::mail::piece::PieceKind;
use crate::mail::tracking::TrackingId;
use crate::pdf::{FileLabel, FontProgram, Grid, PrintFile, Stock};
use crate::vault::{Recipients, SealedWriter};

/// How many pieces are composed while as many are written.
const BATCH: usize = 512;

/// A piece with its place in the lot.
#[derive(Debug, Clone)]
pub struct NumberedPiece<'a> {
    /// The piece.
    pub piece: DuePiece<'a>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedPiece {
    /// The file, by its place in [`PrintedLot::files`].
    pub file: usize,
    /// The first page, from 1.
    pub first_page: u32,
    /// How many pages.
    pub pages: u32,
    /// A letter's signed block.
    pub twoddoc: Option<String>,
}

/// A lot that was printed.
#[derive(Debug, Clone, Default)]
pub struct PrintedLot {
    /// Its files, in order.
    pub files: Vec<PrintedFile>,
    /// Its pieces, in order.
    pub pieces: Vec<PrintedPiece>,
}

/// What the files of a lot have in common.
pub struct LotOrder<'a> {
    /// The lot.
    pub lot: &'a LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// What does not change between its pieces.
    pub stock: &'a Stock,
    /// The fonts of what does.
    pub fonts: &'a [FontProgram<'a>],
    /// The press's grid.
    pub grid: Grid,
    /// Year, month and day of the night.
    pub day: (u16, u8, u8),
    /// How many pieces a file holds at most.
    pub pieces_per_file: usize,
    /// Who can open the files; nobody has to where there is none.
    pub seal_to: Option<&'a Recipients>,
}

/// Composes one piece. What was checked before does not fail here.
pub type Compose<'a> = dyn Fn(&NumberedPiece) -> Result<ComposedPiece, Failure> + Sync + 'a;

/// Prints a lot into a folder.
///
/// # Errors
/// Those of the disk, and of composition.
pub fn print_lot(
    order: &LotOrder,
    pieces: &[NumberedPiece],
    folder: &Path,
    compose: &Compose,
    watch: &dyn Watch,
) -> Result<PrintedLot, Failure> {
    let mut lot = PrintedLot::default();
    fs_err::create_dir_all(folder.join(order.kind.folder()))?;
    for share in pieces.chunks(order.pieces_per_file) {
        let path = file_name(order, lot.files.len() + 1);
        print_file(order, share, folder, compose, watch, &mut lot).map_err(|failure| match failure {
            Failure::Midway(message) => {
                Failure::Midway(format!("{}: {message}", folder.join(path).display()))
            }
            other => other,
        })?;
    }
    Ok(lot)
}

/// The name of a lot's file, relative to the night's folder.
fn file_name(order: &LotOrder, number: usize) -> String {
    let ending = if order.seal_to.is_some() { "pdf.age" } else { "pdf" };
    format!("{}/{}-{number:04}.{ending}", order.kind.folder(), order.lot)
}

fn print_file(
    order: &LotOrder,
    pieces: &[NumberedPiece],
    folder: &Path,
    compose: &Compose,
    watch: &dyn Watch,
    lot: &mut PrintedLot,
) -> Result<(), Failure> {
    let number = lot.files.len();
    let path = file_name(order, number + 1);
    let output = Output::create(&folder.join(&path), order.seal_to)?;
    let mut file = PrintFile::begin(output, order.grid, order.stock, order.fonts.len())?;
    let mut pages = 0;
    let compose_batch = |batch: &[NumberedPiece]| -> Result<Vec<ComposedPiece>, Failure> {
        batch.par_iter().map(compose).collect()
    };
    let mut batches = pieces.chunks(BATCH);
    let mut ready = batches.next().map(compose_batch).transpose()?;
    while let Some(composed) = ready.take() {
        let next = batches.next();
        let (written, following) = rayon::join(
            || append(&mut file, composed, number, &mut pages, lot, watch),
            || next.map(compose_batch).transpose(),
        );
        written?;
        ready = following?;
    }
    let label = FileLabel { title: format!("{} {}", order.kind.folder(), order.lot), day: order.day };
    let (output, digest, bytes) = file.finish(order.fonts, &label)?;
    let (sha256, bytes) = output.close(digest, bytes)?;
    lot.files.push(PrintedFile { path, sha256, pieces: pieces.len() as u32, pages, bytes });
    Ok(())
}

/// Appends a batch to the file and notes where its pieces are.
fn append<W: Write>(
    file: &mut PrintFile<W>,
    batch: Vec<ComposedPiece>,
    number: usize,
    pages: &mut u32,
    lot: &mut PrintedLot,
    watch: &dyn Watch,
) -> io::Result<()> {
    let count = batch.len() as u64;
    for piece in batch {
        for page in &piece.pages {
            file.page(page)?;
        }
        let of_piece = piece.pages.len() as u32;
        let first_page = *pages + 1;
        lot.pieces.push(PrintedPiece { file: number, first_page, pages: of_piece, twoddoc: piece.twoddoc });
        *pages += of_piece;
    }
    watch.advance(count);
    Ok(())
}

/// A print file on the disk, in clear or sealed.
enum Output {
    Clear(BufWriter<File>),
    Sealed(Box<SealedWriter<Hashing>>),
}

impl Output {
    /// Creates the file, for its owner only: a mailer in clear holds codes.
    fn create(path: &Path, seal_to: Option<&Recipients>) -> io::Result<Output> {
        let mut options = fs_err::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let buffered = BufWriter::with_capacity(1 << 20, options.open(path)?.into_parts().0);
        match seal_to {
            None => Ok(Output::Clear(buffered)),
            Some(recipients) => {
                let hashing = Hashing { inner: buffered, digest: Sha256::new(), bytes: 0 };
                Ok(Output::Sealed(Box::new(SealedWriter::new(recipients, hashing)?)))
            }
        }
    }

    /// Ends the file on the disk; gives SHA-256 and size of what lies there.
    fn close(self, plain_digest: String, plain_bytes: u64) -> io::Result<(String, u64)> {
        let (buffered, digest, bytes) = match self {
            Output::Clear(buffered) => (buffered, plain_digest, plain_bytes),
            Output::Sealed(sealed) => {
                let hashing = sealed.finish()?;
                let digest = hashing.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
                (hashing.inner, digest, hashing.bytes)
            }
        };
        let file = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((digest, bytes))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Clear(out) => out.write(bytes),
            Output::Sealed(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Clear(out) => out.flush(),
            Output::Sealed(out) => out.flush(),
        }
    }
}

/// Hashes what goes to the disk.
struct Hashing {
    inner: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
