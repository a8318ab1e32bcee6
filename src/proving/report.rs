//! What a proof found.

use std::path::Path;

use mail::piece::PieceKind;
use serde::Serialize;

use crate::certificate::How;

/// How many faults of a lot are listed.
const SHOWN: usize = 20;

/// What a proof found in a folder.
#[derive(Debug, Serialize)]
pub struct ProveReport {
    /// The folder.
    pub folder: String,
    /// Whether at least one lot was checked, and none has a fault.
    pub sound: bool,
    /// The lots.
    pub(crate) lots: Vec<LotReport>,
}

impl ProveReport {
    /// A report of these lots.
    pub(super) fn new(folder: &Path, lots: Vec<LotReport>) -> ProveReport {
        let sound = !lots.is_empty() && lots.iter().all(|lot| lot.sound);
        ProveReport { folder: folder.display().to_string(), sound, lots }
    }
}

/// What a proof found in a lot.
#[derive(Debug, Serialize)]
pub(crate) struct LotReport {
    /// The lot.
    pub lot: String,
    /// Its kind, where a certificate says it.
    pub kind: Option<PieceKind>,
    /// Its night.
    pub night: Option<String>,
    /// Whether it has no fault.
    pub sound: bool,
    /// Who signed its certificate, where the trust folder vouches for the key.
    pub signed_by: Option<String>,
    /// What the certificate says was proved when the lot was printed.
    pub proved: Option<How>,
    /// What was checked now, and agrees.
    pub checked: Checked,
    /// The faults; only the first 20.
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub fault_count: u64,
    /// What was not checked, and why.
    pub not_checked: Vec<String>,
}

/// How much was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Checked {
    /// Files whose digest and size agree.
    pub files: u64,
    /// Print files that were held against the standards.
    pub standards: u64,
    /// Pieces whose pages were read.
    pub pieces: u64,
    /// Their pages.
    pub pages: u64,
    /// Texts that were held against their digests.
    pub texts: u64,
    /// Symbols that were read and agree with the manifest.
    pub symbols: u64,
    /// Signatures of 2D-DOC codes that are valid.
    pub signatures: u64,
}

impl Checked {
    /// Adds what was checked of a part.
    pub(super) fn add(&mut self, other: Checked) {
        self.files += other.files;
        self.standards += other.standards;
        self.pieces += other.pieces;
        self.pages += other.pages;
        self.texts += other.texts;
        self.symbols += other.symbols;
        self.signatures += other.signatures;
    }
}

/// A fault. Its message quotes nothing that a piece shows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fault {
    /// The stable name.
    pub code: &'static str,
    /// The file.
    pub file: String,
    /// The piece; empty for a fault of a file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub piece: String,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    /// A fault of a file.
    pub(super) fn of_file(code: &'static str, file: &str, message: impl Into<String>) -> Fault {
        Fault { code, file: legible(file), piece: String::new(), message: message.into() }
    }

    /// A fault of a piece.
    pub(super) fn of_piece(code: &'static str, file: &str, piece: &str, message: impl Into<String>) -> Fault {
        Fault { piece: legible(piece), ..Fault::of_file(code, file, message) }
    }
}

/// A text of somebody's file, fit for a terminal.
fn legible(text: &str) -> String {
    foreign::legible(text).into_owned()
}

impl LotReport {
    /// A lot of which nothing is known yet.
    pub(super) fn begin(lot: &str) -> LotReport {
        LotReport {
            lot: legible(lot),
            kind: None,
            night: None,
            sound: true,
            signed_by: None,
            proved: None,
            checked: Checked::default(),
            faults: Vec::new(),
            fault_count: 0,
            not_checked: Vec::new(),
        }
    }

    /// Adds a fault.
    pub(super) fn fault(&mut self, fault: Fault) {
        self.sound = false;
        self.fault_count += 1;
        if self.faults.len() < SHOWN {
            self.faults.push(fault);
        }
    }

    /// Adds what was not checked.
    pub(super) fn leave_out(&mut self, what: impl Into<String>) {
        self.not_checked.push(what.into());
    }
}
