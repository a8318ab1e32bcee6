//! What keeps a block from being composed, a fault at a time. None of them shows a field's value, so they may
//! stand in a report of rejects.

use super::alphabet::Unreducible;
use super::header::HeaderError;
use thiserror::Error;

/// What keeps a block from being composed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FieldFault {
    /// The header can't be written.
    #[error("header: {0}")]
    Header(#[from] HeaderError),
    /// The document type is not in the tables (S326 §3.4.4 forbids others).
    #[error("document type `{0}` is unknown")]
    UnknownType(String),
    /// A perimeter that is not published (S326 §3.4.4 forbids others).
    #[error("perimeter `{0}` is not published; the national one is `01`")]
    Perimeter(String),
    /// The type wants a date of emission and the header has none, or the other way round.
    #[error("documents of type `{document_type}` {} a date of emission", if *.required { "need" } else { "do not have" })]
    EmissionDate {
        /// The type.
        document_type: &'static str,
        /// Whether the date is missing.
        required: bool,
    },
    /// The specification has no such identifier.
    #[error("data identifier `{0}` is unknown")]
    UnknownIdentifier(String),
    /// The identifier does not belong to the type (S326 p. 99).
    #[error("`{id}` has no place in a document of type `{document_type}`")]
    Forbidden {
        /// The identifier.
        id: String,
        /// The type.
        document_type: &'static str,
    },
    /// A mandatory identifier is absent.
    #[error("`{0}` is mandatory and missing")]
    Missing(&'static str),
    /// An identifier stands twice.
    #[error("`{0}` stands more than once")]
    Repeated(String),
    /// Characters that the identifier does not permit, after reduction if there was one.
    #[error("`{id}` ({name}): {source}")]
    Characters {
        /// The identifier.
        id: String,
        /// Its name.
        name: &'static str,
        /// The characters.
        source: Unreducible,
    },
    /// Fewer characters than the identifier's minimum.
    #[error("`{id}` ({name}) needs at least {min} characters, not {length}")]
    TooShort {
        /// The identifier.
        id: String,
        /// Its name.
        name: &'static str,
        /// Characters there are.
        length: usize,
        /// Characters it needs.
        min: usize,
    },
    /// More characters than the maximum, in a value that may not be truncated.
    #[error("`{id}` ({name}) holds at most {max} characters, not {length}")]
    TooLong {
        /// The identifier.
        id: String,
        /// Its name.
        name: &'static str,
        /// Characters there are.
        length: usize,
        /// Characters it holds.
        max: usize,
    },
}

impl FieldFault {
    /// The data identifier at fault, if the fault is in a field.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            FieldFault::UnknownIdentifier(id) | FieldFault::Repeated(id) => Some(id),
            FieldFault::Missing(id) => Some(id),
            FieldFault::Forbidden { id, .. }
            | FieldFault::Characters { id, .. }
            | FieldFault::TooShort { id, .. }
            | FieldFault::TooLong { id, .. } => Some(id),
            _ => None,
        }
    }
}
