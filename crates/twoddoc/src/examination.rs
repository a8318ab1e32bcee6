//! A code, everything that is to be said of it: read, checked, verified.

use super::fields::Field;
use super::findings::Finding;
use super::header::Header;
use super::parse::{Code, Form, Unreadable, parse, parse_text};
use super::trust::{Policy, Status, TrustStore, Verdict};
use serde::Serialize;

/// What is to be said of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// How it is written; `None` if nothing could be read.
    pub form: Option<Form>,
    /// Its header; `None` if nothing could be read.
    pub header: Option<Header>,
    /// The name of its document type, in French; `None` if it is not in our tables.
    pub document_type: Option<&'static str>,
    /// Its signed fields.
    pub fields: Vec<Field>,
    /// Fields after the signature. **Not signed.**
    pub annex: Vec<Field>,
    /// The verdict. Fields of a code that is not `valid` were read, no more.
    pub signature: Verdict,
    /// What was noticed besides, gravest first.
    pub findings: Vec<Finding>,
}

impl Examination {
    /// Examines the bytes of a symbol.
    #[must_use]
    pub fn of_symbol(symbol: &[u8], trust: &TrustStore, policy: &Policy) -> Examination {
        Examination::of(parse(symbol), trust, policy)
    }

    /// Examines the text of a symbol, as [`parse_text`] reads it.
    #[must_use]
    pub fn of_text(text: &str, trust: &TrustStore, policy: &Policy) -> Examination {
        Examination::of(parse_text(text), trust, policy)
    }

    /// What is said where there is no code.
    #[must_use]
    pub fn unreadable(reason: impl Into<String>) -> Examination {
        Examination {
            form: None,
            header: None,
            document_type: None,
            fields: Vec::new(),
            annex: Vec::new(),
            signature: Verdict::unreadable(reason),
            findings: Vec::new(),
        }
    }

    fn of(read: Result<Code, Unreadable>, trust: &TrustStore, policy: &Policy) -> Examination {
        let code = match read {
            Ok(code) => code,
            Err(fault) => return Examination::unreadable(fault.to_string()),
        };
        let known = code.document_type().filter(|known| !known.name.is_empty());
        Examination {
            form: Some(code.form),
            document_type: known.map(|known| known.name),
            signature: verdict(&code, trust, policy),
            header: Some(code.header),
            fields: code.fields,
            annex: code.annex,
            findings: code.findings,
        }
    }

    /// Whether the code may be relied on.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.signature.status == Status::Valid
    }
}

/// The verdict of the trust folder, unless a scanner changed the text so that no signature is left to be judged.
fn verdict(code: &Code, trust: &TrustStore, policy: &Policy) -> Verdict {
    match &code.scanner {
        Some(fault) if code.signature.is_none() => Verdict::unreadable(fault.to_string()),
        _ => trust.judge(code, policy),
    }
}
