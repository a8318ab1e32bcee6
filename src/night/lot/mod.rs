//! Lots: the pieces of one kind that a night releases together.
//!
//! One [`Lot`] and one [`PrintFile`] value serve from numbering to printing, proofing, paperwork, report and ledger.

mod bundles;
mod layout;
mod numbering;
mod paper;

pub(crate) use bundles::Bundling;
pub(crate) use layout::{SheetLayout, Turn, left_stack, media};
pub(super) use numbering::{AgainNames, LotNumbers, Numbering, first_tracking_number};
pub(crate) use paper::refuse_light_paper;

use std::path::Path;
use std::sync::Arc;

use mail::lot::LotName;
use mail::piece::PieceKind;
use mail::tracking::TrackingId;
use serde::{Deserialize, Serialize};
use template::{CompiledTemplate, Manifest, Template};

use super::planning::DuePiece;
use crate::certificate::LotDigests;
use crate::kept::KeptTemplate;
use crate::vault::RecipientSummary;

/// A lot: numbered, then printed and proved.
#[derive(Debug, Clone)]
pub(super) struct Lot {
    /// Its name, kind and first numbers.
    pub numbers: LotNumbers,
    /// The template it is printed with.
    pub template: TemplateIdentity,
    /// How its pieces lie on sheets.
    pub layout: SheetLayout,
    /// Whether its files are sealed.
    pub sealed: bool,
    /// Who can open its sealed files.
    pub recipients: Vec<RecipientSummary>,
    /// The fingerprint of the key that signs its blocks; `None` for mailers.
    pub key: Option<String>,
    /// Its print files, in order.
    pub files: Vec<PrintFile>,
    /// How many pieces it has.
    pub count: u32,
    /// Whether its last piece is printed here: not so in a share that holds no end of it.
    pub ends_here: bool,
    /// How many pages its first piece has.
    pub pages_of_piece: u16,
    /// Its pieces that are not in the ledger yet, in order.
    pub unrecorded: Vec<PrintedPiece>,
    /// The template's version, as it is kept once the lot is released; `None` for a share of a lot.
    pub kept: Option<Arc<KeptTemplate>>,
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// What proofing found.
    pub proof: Proof,
    /// What its pages show, digested while they were judged; `None` where that comes later.
    pub digests: Option<LotDigests>,
    /// Seconds that proofing took.
    pub proof_seconds: f64,
}

/// A template, as paperwork and ledger name it.
#[derive(Debug, Clone)]
pub(super) struct TemplateIdentity {
    /// Its name, without its folder.
    pub name: String,
    /// Its version: SHA-256 of its files.
    pub version: String,
    /// Its `template.toml`.
    pub manifest: Manifest,
}

/// A print file on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PrintFile {
    /// Its path, relative to the night's folder.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many pieces it holds.
    pub pieces: u32,
    /// How many pages.
    pub pages: u32,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A piece with its numbers.
#[derive(Debug, Clone)]
pub(super) struct NumberedPiece {
    /// The piece.
    pub piece: DuePiece,
    /// Its sequence in the lot, from 1.
    pub sequence: u32,
    /// Its printed reference.
    pub piece_id: String,
    /// The printed reference of the piece whose place it takes; `None` for an original.
    pub reprint_of: Option<String>,
    /// A mailer's tracking identifier.
    pub tracking: Option<TrackingId>,
    /// Its bundle, from 1; `None` in a lot that is not broken into bundles.
    pub bundle: Option<u32>,
}

/// Where a piece was printed. Small, since a night may hold one for each mailer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PrintedPiece {
    /// The index of its entry in the plan, or of its piece in the order of a reprint.
    pub entry: u32,
    /// The index of its file in [`Lot::files`].
    pub file: u16,
    /// How many pages.
    pub pages: u16,
    /// Its first page, from 1.
    pub first_page: u32,
}

/// The position of a piece in a print file, as in manifests.
#[derive(Debug, Clone, Copy)]
pub(super) struct PiecePosition<'a> {
    /// The file's path, relative to the night's folder.
    pub path: &'a str,
    /// The page of its first side, from 1.
    pub first_page: u32,
    /// Its column on imposed sheets, from 1 at the left.
    pub column: u8,
}

/// What proofing found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Pieces that were read back.
    pub pieces: u64,
    /// Symbols that were read back and are right.
    pub barcodes: u64,
    /// Lines of text that were read back and are right.
    #[serde(default)]
    pub texts: u64,
    /// Signatures that were verified.
    #[serde(default)]
    pub signatures: u64,
    /// Pieces that were drawn and read as a scanner reads them.
    #[serde(default)]
    pub optical: u64,
    /// SHA-256 of each stock form, as the file with the lot's first piece has it; empty where no file was judged.
    #[serde(default)]
    pub stock: Vec<String>,
    /// One message for each wrong symbol and each fault of a file.
    pub failures: Vec<String>,
}

impl TemplateIdentity {
    /// The identity of a template.
    pub(super) fn of(template: &Template) -> TemplateIdentity {
        let manifest = template.manifest().clone();
        TemplateIdentity {
            name: template_name(template.name()).to_owned(),
            version: template.version().to_owned(),
            manifest,
        }
    }

    /// The identity of a template that is laid out.
    pub(super) fn of_compiled(template: &CompiledTemplate) -> TemplateIdentity {
        let CompiledTemplate { name, version, manifest, .. } = template;
        TemplateIdentity {
            name: template_name(name).to_owned(),
            version: version.clone(),
            manifest: manifest.clone(),
        }
    }
}

/// A template's name without its folder.
pub(super) fn template_name(name: &str) -> &str {
    Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name)
}

impl Proof {
    /// Adds what another proof found.
    pub(super) fn add(&mut self, other: Proof) {
        self.pieces += other.pieces;
        self.barcodes += other.barcodes;
        self.texts += other.texts;
        self.signatures += other.signatures;
        self.optical += other.optical;
        if self.stock.is_empty() {
            self.stock = other.stock;
        }
        self.failures.extend(other.failures);
    }
}

impl Lot {
    /// A lot without pieces yet.
    pub(super) fn new(
        numbers: LotNumbers,
        template: TemplateIdentity,
        layout: SheetLayout,
        sealed: bool,
        key: Option<String>,
    ) -> Lot {
        Lot {
            numbers,
            template,
            layout,
            sealed,
            recipients: Vec::new(),
            key,
            files: Vec::new(),
            count: 0,
            ends_here: true,
            pages_of_piece: 0,
            unrecorded: Vec::new(),
            kept: None,
            manifest_sha256: String::new(),
            proof: Proof::default(),
            digests: None,
            proof_seconds: 0.0,
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &LotName {
        &self.numbers.name
    }

    /// Its kind.
    pub(super) fn kind(&self) -> PieceKind {
        self.numbers.kind
    }

    /// Adds a printed piece.
    pub(super) fn add(&mut self, piece: PrintedPiece) {
        if self.count == 0 {
            self.pages_of_piece = piece.pages;
        }
        self.count += 1;
        self.unrecorded.push(piece);
    }

    /// The printed references of its first and last piece.
    pub(super) fn ends(&self) -> [String; 2] {
        [1, self.count].map(|sequence| self.numbers.piece_id(sequence))
    }

    /// How many pages its print files have.
    pub(super) fn pages(&self) -> u32 {
        self.files.iter().map(|file| file.pages).sum()
    }

    /// The template's name and version, as in the report.
    pub(super) fn template_label(&self) -> String {
        format!("{} {}", self.template.name, self.template.version)
    }

    /// The template's name and version and the identifier of what is kept of it, as in the ledger.
    pub(super) fn kept_label(&self) -> String {
        let kept = self.kept.iter().map(|kept| kept.id().to_owned());
        [self.template_label()].into_iter().chain(kept).collect::<Vec<_>>().join(" ")
    }
}

/// The path of a lot's print file with this number (from 1), relative to the night's folder.
pub(super) fn print_file_path(kind: PieceKind, lot: &LotName, number: usize, sealed: bool) -> String {
    let extension = if sealed { "pdf.age" } else { "pdf" };
    format!("{}/{lot}-{number:04}.{extension}", kind.folder())
}
