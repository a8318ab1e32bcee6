//! One code, parsed, checked and verified under a trust folder.

use super::fields::Field;
use super::findings::Finding;
use super::header::Header;
use super::parse::{Code, Form, ParseError, parse, parse_text};
use super::trust::{Policy, Status, TrustStore, Verdict};
use serde::Serialize;

/// A parsed code with its findings and the verdict on its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VerificationReport {
    /// How the code is encoded; `None` if it is unreadable.
    pub form: Option<Form>,
    /// The header; `None` if the code is unreadable.
    pub header: Option<Header>,
    /// The name of the document type, in French; `None` if the type is not in the tables.
    pub document_type: Option<&'static str>,
    /// The signed fields.
    pub fields: Vec<Field>,
    /// The fields after the signature. **Not signed.**
    pub annex: Vec<Field>,
    /// The verdict. Unless it is `valid`, nothing vouches for the fields.
    pub signature: Verdict,
    /// The findings, most severe first.
    pub findings: Vec<Finding>,
}

impl VerificationReport {
    /// Parses and verifies the bytes of a symbol.
    #[must_use]
    pub fn of_symbol(symbol: &[u8], trust: &TrustStore, policy: &Policy) -> VerificationReport {
        VerificationReport::of(parse(symbol), trust, policy)
    }

    /// Parses and verifies the text of a symbol; see [`parse_text`].
    #[must_use]
    pub fn of_text(text: &str, trust: &TrustStore, policy: &Policy) -> VerificationReport {
        VerificationReport::of(parse_text(text), trust, policy)
    }

    /// The report on input without a code: status `unreadable`, with a reason.
    #[must_use]
    pub fn unreadable(reason: impl Into<String>) -> VerificationReport {
        VerificationReport {
            form: None,
            header: None,
            document_type: None,
            fields: Vec::new(),
            annex: Vec::new(),
            signature: Verdict::unreadable(reason),
            findings: Vec::new(),
        }
    }

    fn of(read: Result<Code, ParseError>, trust: &TrustStore, policy: &Policy) -> VerificationReport {
        let code = match read {
            Ok(code) => code,
            Err(error) => {
                let advice = error.advice().map(|advice| format!(": {advice}")).unwrap_or_default();
                return VerificationReport::unreadable(format!("{error}{advice}"));
            }
        };
        VerificationReport {
            form: Some(code.form),
            document_type: code.document_type().map(|known| known.name),
            signature: verdict(&code, trust, policy),
            header: Some(code.header),
            fields: code.fields,
            annex: code.annex,
            findings: code.findings,
        }
    }

    /// Whether the verdict is `valid`.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.signature.status == Status::Valid
    }
}

/// The verdict under the trust folder; `unreadable` if a scanner spoiled the text and no signature is left.
fn verdict(code: &Code, trust: &TrustStore, policy: &Policy) -> Verdict {
    match &code.scanner {
        Some(fault) if code.signature.is_none() => Verdict::unreadable(fault.with_advice()),
        _ => trust.verify(code, policy),
    }
}
