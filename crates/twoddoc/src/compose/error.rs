//! Why a block can't be composed.

use crate::alphabet::ForbiddenCharacters;
use crate::header::HeaderError;
use thiserror::Error;

/// Why a block can't be composed. No message contains a field's value, so that messages may be logged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// The header can't be written.
    #[error("header: {0}")]
    Header(#[from] HeaderError),
    /// The document type is not in the tables. S326 §3.4.4 forbids other types.
    #[error("document type `{0}` is unknown")]
    UnknownType(String),
    /// The perimeter is not published. S326 §3.4.4 forbids others.
    #[error("perimeter `{0}` is not published; the national one is `01`")]
    Perimeter(String),
    /// The type requires a date of emission and the header has none, or the type forbids it and the header has one.
    #[error("documents of type `{document_type}` {} a date of emission", if *.required { "need" } else { "do not have" })]
    EmissionDate {
        /// The document type.
        document_type: &'static str,
        /// Whether the type requires the date.
        required: bool,
    },
    /// The data identifier is not in the tables.
    #[error("data identifier `{0}` is unknown")]
    UnknownIdentifier(String),
    /// The document type does not permit the identifier (S326 p. 99).
    #[error("`{id}` has no place in a document of type `{document_type}`")]
    Forbidden {
        /// The identifier.
        id: String,
        /// The document type.
        document_type: &'static str,
    },
    /// A mandatory identifier is missing.
    #[error("`{0}` is mandatory and missing")]
    Missing(&'static str),
    /// An identifier occurs more than once.
    #[error("`{0}` stands more than once")]
    Repeated(String),
    /// The value has characters that the identifier does not permit, after transliteration if there was one.
    #[error("`{id}` ({name}): {source}")]
    Characters {
        /// The identifier.
        id: String,
        /// Its name.
        name: &'static str,
        /// The characters.
        source: ForbiddenCharacters,
    },
    /// The value is shorter than the identifier's minimum.
    #[error("`{id}` ({name}) needs at least {min} characters, not {length}")]
    TooShort {
        /// The identifier.
        id: String,
        /// Its name.
        name: &'static str,
        /// Length of the value, in characters.
        length: usize,
        /// Minimum length.
        min: usize,
    },
    /// The value is longer than the identifier's maximum and may not be truncated.
    #[error("`{id}` ({name}) holds at most {max} characters, not {length}")]
    TooLong {
        /// The identifier.
        id: String,
        /// Its name.
        name: &'static str,
        /// Length of the value, in characters.
        length: usize,
        /// Maximum length.
        max: usize,
    },
}

impl ComposeError {
    /// The data identifier that the error is about; `None` if it is about header or document type.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            ComposeError::UnknownIdentifier(id) | ComposeError::Repeated(id) => Some(id),
            ComposeError::Missing(id) => Some(id),
            ComposeError::Forbidden { id, .. }
            | ComposeError::Characters { id, .. }
            | ComposeError::TooShort { id, .. }
            | ComposeError::TooLong { id, .. } => Some(id),
            _ => None,
        }
    }
}
