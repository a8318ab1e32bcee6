//! A lot off the press: what is known of it, and its paperwork.
//!
//! Takes the files and pieces of a lot that was printed and proved, here or in shares. Gives its work order, its job
//! ticket, and what report and ledger say of it. Never opens a print file.

use std::path::Path;

use super::control_file::control_file_name;
use super::imposition::{SheetLayout, media};
use super::job_ticket::{TicketOrder, write_job_ticket};
use super::manifest::manifest_name;
use super::numbering::Series;
use super::paperwork::{OrderedFile, WorkOrder, work_order};
use super::printed_kind::PrintedKind;
use super::printing::{PrintedFile, PrintedLot};
use super::proofing::Proof;
use super::release::{digest, write_whole};
use super::report::{FileSummary, LotSummary};
use super::run::NightOrder;
use crate::failure::Failure;
use crate::ledger::LotEntry;
use template::{Manifest, paperwork_fonts};

/// What the paperwork says of a template.
#[derive(Debug, Clone)]
pub(super) struct Dress {
    /// The template's name, without its folder.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its `template.toml`.
    pub manifest: Manifest,
}

/// A lot that was printed and proved.
pub(super) struct Pressed {
    /// Where its numbers begin.
    pub series: Series,
    /// What it was printed with.
    pub dress: Dress,
    /// How its pieces lie on sheets.
    pub layout: SheetLayout,
    /// Whether its files are sealed.
    pub sealed: bool,
    /// The fingerprint of the key that signed it.
    pub key: Option<String>,
    /// Its files and pieces.
    pub printed: PrintedLot,
    /// What proofing found.
    pub proof: Proof,
    /// How long that took.
    pub proof_seconds: f64,
}

impl Pressed {
    /// Writes the lot's paperwork; gives the lot as report and ledger take it.
    ///
    /// # Errors
    /// Those of the disk, and sums that do not agree.
    pub fn finish(self, order: &NightOrder, staging: &Path) -> Result<PrintedKind, Failure> {
        let Series { lot, kind, .. } = self.series.clone();
        let pieces = u64::from(self.printed.count);
        let ends = [1, pieces as u32].map(|sequence| lot.piece_id(kind, sequence));
        let manifest = manifest_name(kind, &lot);
        let control_file = control_file_name(kind, &lot);
        let work_order = self.write_work_order(order, &ends, staging)?;
        let ticket = TicketOrder {
            kind,
            lot: &lot,
            night: order.night,
            template: &self.dress.manifest,
            media: media(&order.job.sections.press, &self.dress.manifest),
            layout: self.layout,
            sealed: self.sealed,
        };
        let job_ticket = write_job_ticket(staging, &ticket, &self.printed)?;
        let printed = self.printed.files.iter().map(|file| (file.path.clone(), file.sha256.clone()));
        let mut files: Vec<(String, String)> = printed.collect();
        files.push((manifest.clone(), self.printed.manifest_sha256.clone()));
        for path in [&work_order, &control_file, &job_ticket] {
            files.push((path.clone(), digest(&staging.join(path))?));
        }
        let [first_piece, last_piece] = ends;
        let summary = LotSummary {
            lot: lot.to_string(),
            kind: kind.to_string(),
            pieces,
            first_piece,
            last_piece,
            work_order,
            manifest,
            control_file,
            job_ticket,
        };
        let template = format!("{} {}", self.dress.name, self.dress.version);
        Ok(PrintedKind {
            staged: files.iter().map(|(path, _)| path.clone()).collect(),
            entry: LotEntry { lot, kind, template, pieces, files },
            proof: self.proof,
            series: self.series,
            files: self.printed.files.iter().map(file_summary).collect(),
            count: self.printed.count,
            pieces: self.printed.pieces,
            summary,
            key: self.key,
        })
    }

    /// Writes the lot's work order; gives its path, relative to the staging folder.
    fn write_work_order(
        &self,
        order: &NightOrder,
        ends: &[String; 2],
        staging: &Path,
    ) -> Result<String, Failure> {
        let Pressed { series: Series { lot, kind, .. }, dress, printed, .. } = self;
        let pages: u32 = printed.files.iter().map(|file| file.pages).sum();
        let files: Vec<OrderedFile> = printed
            .files
            .iter()
            .map(|file| OrderedFile {
                path: &file.path,
                sha256: &file.sha256,
                pieces: file.pieces,
                pages: file.pages,
                bytes: file.bytes,
            })
            .collect();
        let sheet = WorkOrder {
            bureau: &order.job.sections.bureau.name,
            lot: lot.as_str(),
            kind: *kind,
            night: order.night,
            pieces: printed.count,
            pages,
            sheets: self.layout.sheets(pages),
            layout: self.layout,
            lot_sheets: order.job.sections.press.lot_sheets,
            first_piece: &ends[0],
            last_piece: &ends[1],
            files: &files,
            template: &dress.name,
            template_version: &dress.version,
            key: self.key.as_deref(),
            media: media(&order.job.sections.press, &dress.manifest),
            sealed: self.sealed,
            weight_class: dress.manifest.weight_class(),
            program: concat!("pli ", env!("CARGO_PKG_VERSION")),
        };
        let (regular, bold) = paperwork_fonts();
        let bytes = work_order(&sheet, regular, bold)
            .map_err(|error| Failure::Midway(format!("work order of lot {lot}: {error}")))?;
        let path = format!("{}/{lot}.work-order.pdf", kind.folder());
        write_whole(&staging.join(&path), &bytes)?;
        Ok(path)
    }
}

/// A print file as reports tell it.
pub(super) fn file_summary(file: &PrintedFile) -> FileSummary {
    FileSummary {
        path: file.path.clone(),
        sha256: file.sha256.clone(),
        pieces: file.pieces,
        pages: file.pages,
        bytes: file.bytes,
    }
}
