//! Why a signer's key can't be used, and why a signature does not hold.

use jiff::civil::Date;

use crate::failure::{Exit, Explained, Position};

/// An entry of `input.signers` that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct SignerError {
    /// The entry as the job spells it, or its file.
    pub(super) signer: String,
    /// What is wrong with it. Never repeats the content of a file, which may be a private key by mistake.
    pub(super) reason: String,
    /// What to do.
    pub(super) advice: String,
}

impl Explained for SignerError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        "signer_key"
    }

    fn advice(&self) -> Option<String> {
        Some(self.advice.clone())
    }

    fn position(&self) -> Option<Position> {
        Some(Position::file(&self.signer))
    }
}

/// Why a file is not taken for its signers' own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// No signature lies beside it.
    #[error("no signature lies beside it, and the job takes signed files only (`input.signers`)")]
    Missing,
    /// The signature's file has not the form of one.
    #[error("its signature can't be read: {0}")]
    Malformed(&'static str),
    /// A signature of minisign's older kind, over the file itself.
    #[error("its signature is of minisign's older kind, which is not taken")]
    NotHashed,
    /// None of the job's signers made it.
    #[error("none of the job's signers made its signature")]
    AnotherKey,
    /// The signature is a signer's, over other bytes.
    #[error("the file was altered after it was signed, or the signature is another file's")]
    Altered,
    /// The signature is a signer's, and its trusted comment is not.
    #[error("the trusted comment of its signature was altered")]
    CommentAltered,
    /// The signature names no file and night.
    #[error("its signature is not bound to a file name and a night")]
    Unbound,
    /// The signature names another file.
    #[error("its signature is for the name `{}`", foreign::legible(.0))]
    OtherName(String),
    /// The signature names another night.
    #[error("its signature is for the night of {0}")]
    OtherNight(Date),
}

impl SignatureFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SignatureFault::Missing => "signature_missing",
            SignatureFault::Malformed(_) => "signature_malformed",
            SignatureFault::NotHashed => "signature_not_hashed",
            SignatureFault::AnotherKey => "signature_another_key",
            SignatureFault::Altered => "signature_altered_file",
            SignatureFault::CommentAltered => "signature_altered_comment",
            SignatureFault::Unbound => "signature_unbound",
            SignatureFault::OtherName(_) => "signature_other_name",
            SignatureFault::OtherNight(_) => "signature_other_night",
        }
    }

    /// What to do about the file of this name.
    pub fn advice(&self, name: &str) -> String {
        let name = foreign::legible(name);
        match self {
            SignatureFault::Missing | SignatureFault::Unbound | SignatureFault::NotHashed => format!(
                "ask its sender for `{name}.minisig`, made with `minisign -Sm {name} -t \"file:{name} night:YYYY-MM-DD\"`, or for `{name}.sig`"
            ),
            SignatureFault::Malformed(_) | SignatureFault::Altered | SignatureFault::CommentAltered => {
                "fetch the file and its signature again, in binary mode; ask its sender what was sent if they still disagree"
                    .to_owned()
            }
            SignatureFault::AnotherKey => {
                "ask its sender who signed it; a new key of a sender is added to `input.signers` once its fingerprint was compared"
                    .to_owned()
            }
            SignatureFault::OtherName(_) => {
                "give the file the name under which it was signed, or ask its sender what was sent".to_owned()
            }
            SignatureFault::OtherNight(_) => {
                "take the file out of the inbox and ask its sender for tonight's; see `--date` if the night itself is wrong"
                    .to_owned()
            }
        }
    }
}
