//! Assembly: the shares of a lot become the lot.
//!
//! Takes sound shares in order, and the plan with their rulings. Links print files into the staging folder, writes
//! manifest and control file from the shares' own rows, and finds each piece's entry again. Opens no print file.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use serde::Deserialize;

use super::agreement::template;
use super::holder;
use super::share::{LotShare, Share};
use crate::failure::Failure;
use crate::job::Job;
use crate::night::control_file::control_file_name;
use crate::night::imposition::{SheetLayout, Turn};
use crate::night::manifest::{manifest_name, template_name};
use crate::night::numbering::Series;
use crate::night::planning::Plan;
use crate::night::pressed::{Dress, Pressed};
use crate::night::printing::{Hashing, PrintedFile, PrintedLot, PrintedPiece};
use crate::night::proofing::Proof;
use crate::night::report::FileSummary;
use mail::piece::PieceKind;

/// What a row of a manifest tells of where its piece is, the same for both kinds.
#[derive(Deserialize)]
struct Place {
    sequence: u32,
    file: String,
    first_page: u32,
    pages: u16,
}

/// Puts a lot together; nothing where all of its pieces were refused.
///
/// # Errors
/// Those of the disk; shares that do not make up the plan's pieces, which would be a fault of the program.
pub(super) fn assemble(
    job: &Job,
    plan: &Plan,
    series: &Series,
    shares: &[Share],
    staging: &Path,
) -> Result<Option<Pressed>, Failure> {
    let kind = series.kind;
    let mut parts = Vec::with_capacity(shares.len());
    for share in shares {
        let lot = share.lot(series).ok_or_else(|| unfit(series, "a share has nothing of it"))?;
        parts.push(Part::open(share, lot, series)?);
    }
    let mut entries = plan.pieces(kind);
    let mut printed = PrintedLot::default();
    fs_err::create_dir_all(staging.join(kind.folder()))?;
    let mut manifest = Table::create(&staging.join(manifest_name(kind, &series.lot)))?;
    let mut control = Table::create(&staging.join(control_file_name(kind, &series.lot)))?;
    if let Some(part) = parts.first_mut() {
        manifest.row(&part.manifest.header)?;
        control.row(&part.control.header)?;
    }
    let of = parts.len() as u32;
    for rank in 0.. {
        let part = &mut parts[holder(kind, rank, of) as usize - 1];
        let Some(file) = part.lot.files.get((rank / of) as usize) else { break };
        link(&part.folder.join(&file.path), &staging.join(&file.path))?;
        let name = file.path.rsplit('/').next().unwrap_or_default();
        for _ in 0..file.pieces {
            part.manifest.advance()?;
            part.control.advance()?;
            let sequence = printed.count + 1;
            let place = part.manifest.row.deserialize::<Place>(Some(&part.manifest.header)).ok();
            let place = place.filter(|place| place.sequence == sequence && place.file == name);
            let Some((entry, Place { first_page, pages, .. })) = entries.next().zip(place) else {
                return Err(unfit(series, &format!("its piece {sequence} is not where it should be")));
            };
            printed.add(PrintedPiece { entry, file: rank as u16, pages, first_page });
            manifest.row(&part.manifest.row)?;
            control.row(&part.control.row)?;
        }
        printed.files.push(printed_file(file));
    }
    let files: usize = parts.iter().map(|part| part.lot.files.len()).sum();
    if entries.next().is_some() || printed.files.len() != files {
        return Err(unfit(series, "the shares hold other pieces than the plan"));
    }
    drop(entries);
    if printed.count == 0 {
        fs_err::remove_dir_all(staging.join(kind.folder()))?;
        return Ok(None);
    }
    printed.manifest_sha256 = manifest.finish()?;
    control.finish()?;
    let template = template(job, kind)?;
    let turn = parts.first().map_or(Turn::Simplex, |part| part.lot.turn);
    Ok(Some(Pressed {
        series: series.clone(),
        dress: Dress {
            name: template_name(template.name()).to_owned(),
            version: template.version().to_owned(),
            manifest: template.manifest().clone(),
        },
        layout: SheetLayout::turned(&job.sections.press, turn),
        sealed: kind == PieceKind::Mailer && !job.sections.output.unsealed,
        key: shares
            .first()
            .and_then(|share| share.description.makings.key.clone())
            .filter(|_| kind == PieceKind::Letter),
        proof: proof(&parts),
        proof_seconds: 0.0,
        printed,
    }))
}

/// A share's part of a lot, its tables open.
struct Part<'a> {
    folder: &'a Path,
    lot: &'a LotShare,
    manifest: Rows,
    control: Rows,
}

impl<'a> Part<'a> {
    fn open(share: &'a Share, lot: &'a LotShare, series: &Series) -> io::Result<Part<'a>> {
        let rows = |name: String| Rows::open(&share.folder.join(name));
        Ok(Part {
            folder: &share.folder,
            lot,
            manifest: rows(manifest_name(series.kind, &series.lot))?,
            control: rows(control_file_name(series.kind, &series.lot))?,
        })
    }
}

/// A table of a share, row by row.
struct Rows {
    header: csv::StringRecord,
    row: csv::StringRecord,
    table: csv::Reader<File>,
}

impl Rows {
    fn open(path: &Path) -> io::Result<Rows> {
        let mut table = csv::Reader::from_reader(fs_err::File::open(path)?.into_parts().0);
        let header = table.headers().map_err(io::Error::other)?.clone();
        Ok(Rows { header, row: csv::StringRecord::new(), table })
    }

    /// Goes to the next row; an empty one after the last.
    fn advance(&mut self) -> io::Result<()> {
        self.table.read_record(&mut self.row).map_err(io::Error::other)?;
        Ok(())
    }
}

/// A table of the lot, hashed as it is written.
struct Table(csv::Writer<Hashing>);

impl Table {
    fn create(path: &Path) -> io::Result<Table> {
        let file = BufWriter::new(fs_err::File::create(path)?.into_parts().0);
        Ok(Table(csv::Writer::from_writer(Hashing::new(file))))
    }

    fn row(&mut self, row: &csv::StringRecord) -> io::Result<()> {
        self.0.write_record(row).map_err(io::Error::other)
    }

    /// Ends the table on the disk; gives its SHA-256.
    fn finish(self) -> io::Result<String> {
        let hashing = self.0.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        let (buffered, sha256, _) = hashing.finish();
        buffered.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(sha256)
    }
}

/// Gives a share's file a second name, so that the share stays whole until the night is released; copies it where the
/// file system knows no second names.
fn link(share: &Path, staged: &Path) -> io::Result<()> {
    if fs_err::hard_link(share, staged).is_ok() {
        return Ok(());
    }
    fs_err::copy(share, staged)?;
    fs_err::File::open(staged)?.sync_all()
}

fn printed_file(file: &FileSummary) -> PrintedFile {
    PrintedFile {
        path: file.path.clone(),
        sha256: file.sha256.clone(),
        pieces: file.pieces,
        pages: file.pages,
        bytes: file.bytes,
    }
}

fn proof(parts: &[Part]) -> Proof {
    let proofs = parts.iter().map(|part| &part.lot.proof);
    Proof {
        pieces: proofs.clone().map(|proof| proof.pieces).sum(),
        barcodes: proofs.map(|proof| proof.barcodes).sum(),
        failures: Vec::new(),
    }
}

fn unfit(series: &Series, problem: &str) -> Failure {
    Failure::Midway(format!(
        "{} lot {}: {problem}; nothing was released\n  keep the shares as they are and report this",
        series.kind, series.lot
    ))
}
