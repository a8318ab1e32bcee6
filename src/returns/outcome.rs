//! What is said of a page of a pile: what was read on it, which piece it is, and whether it is genuine.

use serde::{Deserialize, Serialize};

use super::remark::Remark;

/// What a page of a picture is said to be (contract: `scan`). A page with several pieces has one for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Outcome {
    /// The picture file, as it was named or found, with its sub-folders.
    pub path: String,
    /// The page, from 1.
    pub page: u32,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// The page's width and height in pixels; zeros where the picture can't be read.
    pub size: [u32; 2],
    /// Every Code 39 and Data Matrix that was read, ours or not.
    pub symbols: Vec<SymbolRead>,
    /// Where a symbol was found that nothing could read: four corners in pixels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Polygon>,
    /// `letter` or `mailer`; `None` where the piece is not known.
    pub kind: Option<String>,
    /// The piece's printed reference.
    pub piece_id: Option<String>,
    /// The card's number, where two things agree on it.
    pub card_number: Option<String>,
    /// The signed block, as `pli verify` reports it.
    #[cfg_attr(test, schemars(schema_with = "crate::schema_tests::optional_code_report"))]
    pub twoddoc: Option<serde_json::Value>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in words: `reason` and `reason_fr`.
    #[serde(flatten)]
    pub remark: Remark,
    /// Why the piece came back: a code of `[returns]`.
    pub return_reason: Option<String>,
    /// What becomes of it: `hold`, `to_issuer` or `destroy`; `None` where nothing is booked.
    pub disposition: Option<String>,
    /// Whether the same picture was read by an earlier scan, whose verdict this is.
    #[serde(default)]
    pub seen_before: bool,
}

impl Outcome {
    /// Whether a person must look at it.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.verdict != Verdict::Matched
    }
}

/// Corners in pixels of the page, from its top left corner.
pub(crate) type Polygon = [[f32; 2]; 4];

/// A symbol that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SymbolRead {
    /// Its kind.
    pub format: SymbolFormat,
    /// Its text; bytes that are no UTF-8 are read as ISO 8859-1.
    pub text: String,
    /// Its corners.
    pub polygon: Polygon,
    /// The step of the reader that read it.
    pub step: String,
    /// From 0 to 1: of bars, how far the least certain character is from the next best; of modules, the share of the error
    /// correction that was left.
    pub confidence: f32,
    /// Of bars: whether two disjoint bands of them read the same. Always true of modules, which correct errors.
    pub agreed: bool,
    /// How well it is printed, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<PrintGrade>,
}

/// An indicative grade of a symbol's print, as a scanner sees it (docs/grading.md).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PrintGrade {
    /// The standard whose parameters these are.
    pub standard: String,
    /// From 0 to 4.
    pub overall: f32,
    /// From F to A.
    pub letter: char,
    /// The parameter with the least grade; `None` where all have 4.
    pub worst: Option<String>,
    /// The parameters.
    pub parameters: Vec<PrintParameter>,
    /// How much wider than printed for, in percent, and not graded: bars, of X; dark modules along rows and along columns, of
    /// a module. Empty where it can't be measured.
    #[serde(default)]
    pub growth: Vec<f32>,
    /// Of bars: the width of wide elements over that of narrow ones. Not graded.
    #[serde(default)]
    pub ratio: Option<f32>,
    /// The width of a narrow element or of a module in pixels.
    #[serde(default)]
    pub pixels: f32,
    /// Whether the picture has two levels only, which say nothing of the ink.
    #[serde(default)]
    pub bilevel: bool,
}

/// A parameter of a grade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PrintParameter {
    /// Its name in the standard.
    pub name: String,
    /// Its value; `None` where it can't be measured.
    pub value: Option<f32>,
    /// From 0 to 4.
    pub grade: f32,
}

/// The kinds of symbols that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum SymbolFormat {
    /// ISO/IEC 16388.
    Code39,
    /// ISO/IEC 16022.
    DataMatrix,
}

/// What a page is (contract).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// A piece of ours.
    Matched,
    /// A card's number that the ledger does not know.
    UnknownCard,
    /// A piece that came back before.
    Duplicate,
    /// A block whose signature is not its signer's.
    SignatureInvalid,
    /// Block, bars, reference and ledger do not agree.
    Inconsistent,
    /// No number that can be believed.
    Unreadable,
}

impl Verdict {
    /// Every verdict.
    pub(crate) const ALL: [Verdict; 6] = [
        Verdict::Matched,
        Verdict::UnknownCard,
        Verdict::Duplicate,
        Verdict::SignatureInvalid,
        Verdict::Inconsistent,
        Verdict::Unreadable,
    ];

    /// Its code in JSON and tables.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Verdict::Matched => "matched",
            Verdict::UnknownCard => "unknown_card",
            Verdict::Duplicate => "duplicate",
            Verdict::SignatureInvalid => "signature_invalid",
            Verdict::Inconsistent => "inconsistent",
            Verdict::Unreadable => "unreadable",
        }
    }
}
