//! Assembly: the shares of a lot become the lot.
//!
//! Print files are linked into the staging folder, manifest and control file are written from the shares' rows, and each
//! piece's entry in the plan is found. No print file is opened.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use mail::piece::PieceKind;
use serde::Deserialize;

use super::share::{LotShare, Share};
use crate::failure::Failure;
use crate::files::{HashingWriter, finish_and_sync};
use crate::night::lot::{Lot, LotNumbers, PrintedPiece, Proof, SheetLayout, TemplateIdentity, Turn};
use crate::night::order::{NightOrder, Shard};
use crate::night::paperwork::{control_file_path, manifest_path};
use crate::night::planning::Plan;
use crate::night::production::{find_template, kept_template};

/// A piece's position in the manifests of both kinds.
#[derive(Deserialize)]
struct ManifestPosition {
    sequence: u32,
    file: String,
    first_page: u32,
    pages: u16,
}

/// Assembles a lot from undamaged shares, in order; `None` where all of its pieces were rejected.
///
/// # Errors
/// `bug`: the shares do not hold the plan's pieces; I/O and template errors.
pub(super) fn assemble(
    order: &NightOrder,
    plan: &Plan,
    numbers: &LotNumbers,
    shares: &[Share],
    staging: &Path,
) -> Result<Option<Lot>, Failure> {
    let (kind, name) = (numbers.kind, &numbers.name);
    let mut parts = Vec::with_capacity(shares.len());
    for share in shares {
        let lot = share.lot(numbers).ok_or_else(|| inconsistent(numbers, "a share has nothing of it"))?;
        parts.push(Part::open(share, lot, numbers)?);
    }
    let mut entries = plan.pieces(kind);
    let mut lot = empty_lot(order, numbers, shares, &parts)?;
    fs_err::create_dir_all(staging.join(kind.folder()))?;
    let mut manifest = Table::create(&staging.join(manifest_path(kind, name)))?;
    let mut control = Table::create(&staging.join(control_file_path(kind, name)))?;
    if let Some(part) = parts.first_mut() {
        manifest.row(&part.manifest.header)?;
        control.row(&part.control.header)?;
    }
    let of = parts.len() as u32;
    for index in 0.. {
        let part = &mut parts[Shard::holder(kind, index, of) as usize - 1];
        let Some(file) = part.lot.files.get((index / of) as usize) else { break };
        link(&part.folder.join(&file.path), &staging.join(&file.path))?;
        let file_name = file.path.rsplit('/').next().unwrap_or_default();
        for _ in 0..file.pieces {
            part.manifest.advance()?;
            part.control.advance()?;
            let sequence = lot.count + 1;
            let position = part.manifest.row.deserialize::<ManifestPosition>(Some(&part.manifest.header));
            let position =
                position.ok().filter(|found| found.sequence == sequence && found.file == file_name);
            let Some((entry, position)) = entries.next().zip(position) else {
                let problem = format!("its piece {sequence} is not where it should be");
                return Err(inconsistent(numbers, &problem));
            };
            let ManifestPosition { first_page, pages, .. } = position;
            lot.add(PrintedPiece { entry, file: index as u16, pages, first_page });
            manifest.row(&part.manifest.row)?;
            control.row(&part.control.row)?;
        }
        lot.files.push(file.clone());
    }
    let files: usize = parts.iter().map(|part| part.lot.files.len()).sum();
    if entries.next().is_some() || lot.files.len() != files {
        return Err(inconsistent(numbers, "the shares hold other pieces than the plan"));
    }
    drop(entries);
    if lot.count == 0 {
        fs_err::remove_dir_all(staging.join(kind.folder()))?;
        return Ok(None);
    }
    lot.manifest_sha256 = manifest.finish()?;
    control.finish()?;
    Ok(Some(lot))
}

/// The lot without its files, from the job, its template and the shares.
fn empty_lot(
    order: &NightOrder,
    numbers: &LotNumbers,
    shares: &[Share],
    parts: &[Part],
) -> Result<Lot, Failure> {
    let (job, kind) = (order.job, numbers.kind);
    let template = find_template(job, kind, order.night)?;
    let agreed =
        shares.first().and_then(|share| share.description.agreement.templates.get(&kind.to_string()));
    if agreed.map(String::as_str) != Some(template.version()) {
        let problem = format!("the template of the {kind}s was changed while its shares were merged");
        return Err(Failure::midway("template_changed", problem).with_advice("run the same command again"));
    }
    let turn = parts.first().map_or(Turn::Simplex, |part| part.lot.turn);
    let layout = SheetLayout::turned(job.press(), turn);
    let key = shares.first().and_then(|share| share.description.inputs.key.clone());
    let mut lot = Lot::new(
        numbers.clone(),
        TemplateIdentity::of(&template),
        layout,
        job.seals(kind),
        key.filter(|_| kind == PieceKind::Letter),
    );
    if lot.sealed {
        let inputs = shares.first().map(|share| &share.description.inputs);
        lot.recipients = inputs.map(|inputs| inputs.recipients.clone()).unwrap_or_default();
    }
    lot.kept = Some(kept_template(job, &template)?);
    lot.proof = proof(parts);
    Ok(lot)
}

/// A share's part of a lot, its tables open.
struct Part<'a> {
    folder: &'a Path,
    lot: &'a LotShare,
    manifest: Rows,
    control: Rows,
}

impl<'a> Part<'a> {
    fn open(share: &'a Share, lot: &'a LotShare, numbers: &LotNumbers) -> io::Result<Part<'a>> {
        let rows = |name: String| Rows::open(&share.folder.join(name));
        Ok(Part {
            folder: &share.folder,
            lot,
            manifest: rows(manifest_path(numbers.kind, &numbers.name))?,
            control: rows(control_file_path(numbers.kind, &numbers.name))?,
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

    /// Reads the next row; an empty one after the last.
    fn advance(&mut self) -> io::Result<()> {
        self.table.read_record(&mut self.row).map_err(io::Error::other)?;
        Ok(())
    }
}

/// A table of the lot, hashed as it is written.
struct Table(csv::Writer<HashingWriter>);

impl Table {
    fn create(path: &Path) -> io::Result<Table> {
        let file = BufWriter::new(fs_err::File::create(path)?.into_parts().0);
        Ok(Table(csv::Writer::from_writer(HashingWriter::new(file))))
    }

    fn row(&mut self, row: &csv::StringRecord) -> io::Result<()> {
        self.0.write_record(row).map_err(io::Error::other)
    }

    /// Syncs the table and returns its SHA-256.
    fn finish(self) -> io::Result<String> {
        let hashing = self.0.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        let (buffered, sha256, _) = hashing.finish();
        finish_and_sync(buffered)?;
        Ok(sha256)
    }
}

/// Hard-links a share's file, so that the share stays whole until the night is released; copies it where the file system
/// has no hard links.
fn link(share: &Path, staged: &Path) -> io::Result<()> {
    if fs_err::hard_link(share, staged).is_ok() {
        return Ok(());
    }
    fs_err::copy(share, staged)?;
    fs_err::File::open(staged)?.sync_all()
}

fn proof(parts: &[Part]) -> Proof {
    let mut all = Proof::default();
    for part in parts {
        all.add(Proof { failures: Vec::new(), ..part.lot.proof.clone() });
    }
    all
}

fn inconsistent(numbers: &LotNumbers, problem: &str) -> Failure {
    let LotNumbers { name, kind, .. } = numbers;
    Failure::bug(format!("{kind} lot {name}: {problem}; nothing was released"))
        .with_advice("keep the shares as they are and report this")
}
