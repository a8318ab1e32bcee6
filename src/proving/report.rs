//! What a proof found.

use std::path::Path;

use mail::piece::PieceKind;
use serde::Serialize;

use crate::certificate::How;

/// How many faults of a lot are listed.
const SHOWN: usize = 20;

/// What a proof found in a folder.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LotReport {
    /// The lot.
    pub lot: String,
    /// Its kind, where a certificate says it.
    #[cfg_attr(test, schemars(schema_with = "crate::schema_tests::optional_foreign::<PieceKind>"))]
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
    pub not_checked: Vec<NotChecked>,
}

/// What was not checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NotChecked {
    /// What.
    pub what: String,
    /// Why, and what would help.
    pub reason: String,
}

/// How much was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Checked {
    /// Files whose digest and size agree.
    pub files: u64,
    /// Print files that were held against the standards.
    pub standards: u64,
    /// Pieces whose pages were read.
    pub pieces: u64,
    /// Their pages.
    pub pages: u64,
    /// Stock forms of print files that are those of the certificate.
    pub forms: u64,
    /// Fonts of print files that are those of the certificate, with their maps to Unicode.
    pub fonts: u64,
    /// Pieces that show the stock forms that the certificate says.
    pub stock: u64,
    /// Texts that were held against their digests.
    pub texts: u64,
    /// Pieces on which everything stands where the certificate says, in its font and size.
    pub layouts: u64,
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
        self.forms += other.forms;
        self.fonts += other.fonts;
        self.stock += other.stock;
        self.texts += other.texts;
        self.layouts += other.layouts;
        self.symbols += other.symbols;
        self.signatures += other.signatures;
    }
}

/// A fault. Its message quotes nothing that a piece shows.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// What to do.
    pub advice: &'static str,
}

/// What to do about a fault.
fn advice(code: &str) -> &'static str {
    match code {
        "certificate_missing" => "ask the bureau for it; a lot that was run with `--prove none` has none",
        "certificate" => {
            "copy the certificate again from the bureau, or prove it with the version of pli that wrote it"
        }
        "certificate_signature" | "signature" => {
            "put the bureau's key or certificate into the trust folder; if it is there, do not use the lot"
        }
        "file_missing" | "file_unreadable" | "file_altered" | "table_unreadable" => {
            "copy the file again from the bureau; if it stays so, do not print the lot"
        }
        "file_added" | "file_twice" => "remove what the bureau does not know, and ask where it comes from",
        "salt" => "copy the file of salts again from the bureau's job",
        _ => "do not print or post the lot before the bureau has explained it",
    }
}

impl Fault {
    /// A fault of a file.
    pub(super) fn of_file(code: &'static str, file: &str, message: impl Into<String>) -> Fault {
        let (file, advice) = (legible(file), advice(code));
        Fault { code, file, piece: String::new(), message: legible(&message.into()), advice }
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

    /// Adds what was not checked, and why.
    pub(super) fn leave_out(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        let (what, reason) = (legible(&what.into()), legible(&reason.into()));
        self.not_checked.push(NotChecked { what, reason });
    }
}
