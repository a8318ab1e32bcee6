//! Paperwork: the files of a lot besides its print files.
//!
//! Manifest and control file get a row for each piece as it is printed. Work order and job ticket are written once the lot
//! is printed and proved. No print file is opened.

mod control_file;
mod deposit;
mod job_ticket;
mod manifest;
mod piece_sheets;
mod proof_sheet;
mod recall_sheets;
mod separator_sheets;
mod share_sheet;
mod sheet;
mod work_order;

pub(super) use control_file::{ControlFile, control_file_path};
pub(super) use deposit::{BundleSpan, Deposit, PostalParts, deposit_path};
pub(super) use manifest::{ManifestRow, ManifestWriter, manifest_path};
pub(crate) use piece_sheets::{DestructionSheet, Minutes, destruction_sheet};
use piece_sheets::{RecallSheet, StackedPiece, recall_sheet};
pub(crate) use proof_sheet::{GONE, ProofSentence, ProofSheet, ProofVariant, proof_sheet};
pub(crate) use recall_sheets::{write_recall_sheets, write_recalls_of_night};
pub(crate) use separator_sheets::{SeparatorCode, separator_sheets};
pub(crate) use share_sheet::{ShareSheet, share_sheet};

use std::path::Path;

use template::paperwork_fonts;

use super::key_dates::{EndingKey, ending_keys};
use super::lot::{Lot, media};
use super::order::NightOrder;
use crate::audit::newest_closed;
use crate::certificate::RULES;
use crate::failure::Failure;
use crate::files::{sha256_of_file, write_whole};
use crate::job::Job;
use job_ticket::{TicketSettings, write_job_ticket};
use sheet::PaperworkError;
use work_order::{ProvedFacts, WorkOrder, work_order};

/// What to do about a text that a work order can't show.
const UNPRINTED: &str = "write `bureau.name` and `press.media` in the job, and `media` in the template, shorter and in letters of the Latin alphabet";

/// The files of a lot, relative to the night's folder.
#[derive(Debug, Clone)]
pub(super) struct LotFiles {
    /// The work order.
    pub work_order: String,
    /// The manifest.
    pub manifest: String,
    /// The control file.
    pub control_file: String,
    /// The job ticket.
    pub job_ticket: String,
    /// The deposit table.
    pub deposit: String,
    /// The certificate; empty where the lot has none.
    pub certificate: String,
    /// Every file of the lot, print files first, with its SHA-256.
    pub all: Vec<(String, String)>,
}

/// Writes a lot's work order and job ticket into the staging folder, once its deposit table is there; `parts` is what that says of the lot.
///
/// # Errors
/// `work_order`: sums that disagree, a text that does not fit; I/O errors.
pub(super) fn write_paperwork(
    lot: &Lot,
    parts: &PostalParts,
    order: &NightOrder,
    staging: &Path,
) -> Result<LotFiles, Failure> {
    let (kind, name) = (lot.kind(), lot.name());
    let media = media(order.job.press(), &lot.template.manifest);
    let settings = TicketSettings { night: order.night, media };
    let mut files = LotFiles {
        work_order: write_work_order(lot, parts, order, staging)?,
        manifest: manifest_path(kind, name),
        control_file: control_file_path(kind, name),
        job_ticket: write_job_ticket(staging, lot, &settings)?,
        deposit: deposit_path(kind, name),
        certificate: String::new(),
        all: Vec::new(),
    };
    let print_files = lot.files.iter().map(|file| (file.path.clone(), file.sha256.clone()));
    files.all.extend(print_files);
    files.all.push((files.manifest.clone(), lot.manifest_sha256.clone()));
    for path in [&files.work_order, &files.control_file, &files.job_ticket, &files.deposit] {
        files.all.push((path.clone(), sha256_of_file(&staging.join(path))?));
    }
    Ok(files)
}

/// The fewest pieces that a lot of the job should have, where this lot has fewer. A reprint lot always may.
pub(super) fn few_pieces(lot: &Lot, job: &Job) -> Option<u32> {
    let least = job.postage().min_pieces;
    (lot.count < least && lot.name().reprint_number().is_none()).then_some(least)
}

/// Writes the work order and returns its path, relative to the staging folder.
fn write_work_order(
    lot: &Lot,
    parts: &PostalParts,
    order: &NightOrder,
    staging: &Path,
) -> Result<String, Failure> {
    let (kind, name) = (lot.kind(), lot.name());
    let press = order.job.press();
    let language = order.job.language();
    let lot_with_kind = name.marked(kind);
    let manifest = &lot.template.manifest;
    let closed = newest_closed(&order.job.audit_folder())?;
    let colon = language.of(" :", ":");
    let head = closed.map(|(day, head)| format!("{day}{colon} {}", head.printed()));
    let ending: Vec<String> = ending_keys(order.job, order.night, kind, lot.key.as_deref())
        .into_iter()
        .map(|EndingKey { fingerprint, last, .. }| {
            let last = sheet::words::long_date(language, last);
            language.of(format!("{fingerprint} expire le {last}"), format!("{fingerprint} expires on {last}"))
        })
        .collect();
    let sheet = WorkOrder {
        language,
        bureau: &order.job.bureau().name,
        lot: &lot_with_kind,
        kind,
        night: order.night,
        pieces: lot.count,
        pages: lot.pages(),
        sheets: lot.layout.sheets(lot.pages()),
        layout: lot.layout,
        lot_sheets: press.lot_sheets,
        ends: lot.ends(),
        files: &lot.files,
        template: &lot.template.name,
        template_version: &lot.template.version,
        key: lot.key.as_deref(),
        media: media(press, manifest),
        opacity: manifest.paper.opacity,
        sealed: lot.sealed,
        recipients: &lot.recipients,
        envelope: manifest
            .envelope
            .stock
            .as_ref()
            .map(|stock| (stock.title.as_str(), stock.reference.as_str())),
        seal: manifest.seal,
        weight_classes: &parts.classes,
        bundles: &parts.bundles,
        too_few: few_pieces(lot, order.job),
        ending: &ending,
        audit: head.as_deref(),
        proved: ProvedFacts {
            extent: order.prove,
            rules: RULES,
            pieces: lot.proof.pieces,
            texts: lot.proof.texts,
            symbols: lot.proof.barcodes,
            signatures: lot.proof.signatures,
            drawn: lot.proof.optical,
        },
        program: concat!("pli ", env!("CARGO_PKG_VERSION")),
    };
    let (regular, bold) = paperwork_fonts();
    let bytes = work_order(&sheet, regular, bold).map_err(|error| {
        let problem = format!("work order of lot {lot_with_kind}: {error}");
        let failure = match &error {
            PaperworkError::MissingGlyph { .. } | PaperworkError::TooWide(_) => {
                Failure::usage("work_order", problem).with_advice(UNPRINTED)
            }
            _ => Failure::midway("work_order", problem),
        };
        failure.caused_by(error)
    })?;
    let path = format!("{}/{name}.work-order.pdf", kind.folder());
    write_whole(&staging.join(&path), &bytes)?;
    Ok(path)
}
