//! `LOT.proof.json`.

use serde::{Deserialize, Serialize};

use mail::piece::PieceKind;

use super::stock::CertifiedFont;

/// The version of certificates that this program writes and reads.
pub(crate) const FORMAT: u32 = 1;

/// The key of the signature, which covers the canonical JSON of everything else.
pub(crate) const SIGNATURE: &str = "signature";

/// A certificate without its signature. It holds no code, no name and no card number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificate {
    /// The version of its format.
    pub format: u32,
    /// The program that wrote it, with its version.
    pub program: String,
    /// The version of the rules by which the lot was proved.
    pub rules: u32,
    /// The lot.
    pub lot: String,
    /// Its kind.
    #[cfg_attr(test, schemars(schema_with = "crate::schema_tests::foreign::<PieceKind>"))]
    pub kind: PieceKind,
    /// The night, or the day of a reprint.
    pub night: String,
    /// The template of its pieces.
    pub template: TemplateName,
    /// How the press prints it.
    pub press: PressFacts,
    /// Whether its print files are sealed.
    pub sealed: bool,
    /// What was proved, and how.
    pub proved: How,
    /// What it holds.
    pub counts: Counts,
    /// The stock forms, each once: SHA-256 of all that each consists of, in hexadecimal. Rows of pieces name them by their
    /// number, from 1.
    pub stock: Vec<String>,
    /// Every other file of the lot, print files first.
    pub files: Vec<CertifiedFile>,
    /// Who signed it.
    pub signer: Signer,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateName {
    /// Its name.
    pub name: String,
    /// Its version: SHA-256 of its files.
    pub version: String,
}

/// The grid of the press and how pieces lie on its sheets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct PressFacts {
    /// Dots per inch.
    pub dpi: u32,
    /// Dots by which every bar is narrowed.
    pub bar_width_reduction: u32,
    /// How many pieces lie side by side on a sheet: 1 or 2.
    pub pieces_across: u8,
    /// How sheets are turned: `simplex`, `long_edge`, `short_edge`.
    pub turn: String,
    /// Whether the files are PDF/A-2b too.
    pub archive: bool,
}

/// What the night proved, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct How {
    /// How much was read back: `sample` or `all`.
    pub extent: String,
    /// Pieces that were read back.
    pub pieces: u64,
    /// Symbols that were read back and were right.
    pub symbols: u64,
    /// Texts that were compared with the record.
    pub texts: u64,
    /// Signatures of blocks that were verified.
    pub signatures: u64,
    /// Pieces that were drawn and read optically.
    pub optical: u64,
}

/// What a lot holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    /// Pieces.
    pub pieces: u64,
    /// Pages of the print files.
    pub pages: u64,
    /// Texts whose digests stand in the table of pieces; 0 for mailers.
    pub texts: u64,
}

/// A file of the lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CertifiedFile {
    /// Its name; it lies beside the certificate.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// How many pieces a print file holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u32>,
    /// How many pages a print file has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// The fonts of a print file; of mailers none, since the glyphs of a subset would say which digits codes have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fonts: Vec<CertifiedFont>,
}

/// What was digested of a lot's pages.
#[derive(Debug, Clone)]
pub(crate) struct LotDigests {
    /// The table of its pieces.
    pub table: CertifiedFile,
    /// How many texts that has.
    pub texts: u64,
    /// The stock forms.
    pub stock: Vec<String>,
    /// The fonts of each print file.
    pub fonts: Vec<Vec<CertifiedFont>>,
}

/// What a file of a lot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// A print file.
    Print,
    /// The manifest.
    Manifest,
    /// The control file.
    Control,
    /// The job ticket.
    JobTicket,
    /// The work order.
    WorkOrder,
    /// The deposit table.
    Deposit,
    /// The table of its pieces with their digests.
    Pieces,
}

/// The key that signs a certificate, as a 2D-DOC names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Signer {
    /// The certification authority.
    pub ca_id: String,
    /// The certificate.
    pub certificate_id: String,
    /// `ed25519` or `ecdsa-p256`.
    pub algorithm: String,
    /// The first sixteen hexadecimal digits of the SHA-256 of the public key in DER.
    pub fingerprint: String,
}
