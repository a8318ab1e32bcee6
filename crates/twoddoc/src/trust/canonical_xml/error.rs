//! Errors of XML that the parser refuses, each with its line.

use super::super::name::display_safe;
use super::parse::{MAX_ATTRIBUTES, MAX_DECLARED, MAX_DEPTH, MAX_NODES};
use thiserror::Error;

/// A file that is not XML, or XML that is refused: the line, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {}", display_safe(&.kind.to_string()))]
pub struct XmlError {
    /// The line, from 1.
    pub line: usize,
    pub(super) kind: XmlErrorKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum XmlErrorKind {
    #[error("the file is larger than 4 MiB")]
    TooLarge,
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// The parser's own message.
    #[error("not well-formed XML: {0}")]
    NotWellFormed(String),
    #[error("the file ends before its elements do")]
    Truncated,
    #[error("`]]>` in a text")]
    CdataEnd,
    #[error("characters outside the root")]
    OutsideRoot,
    #[error("a second root")]
    SecondRoot,
    #[error("a document type; lists have none")]
    DocumentType,
    #[error("the XML declaration is not at the start")]
    DeclarationNotFirst,
    #[error("not XML 1.0")]
    Version,
    #[error("the encoding is not UTF-8")]
    Encoding,
    #[error("more than {MAX_DEPTH} elements inside one another")]
    TooDeep,
    #[error("more than {MAX_NODES} elements and texts")]
    TooManyNodes,
    #[error("an element with more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    #[error("more than {MAX_DECLARED} namespaces declared around one place")]
    TooManyNamespaces,
    #[error("the character {0:?} has no place in XML")]
    Character(char),
    /// An entity other than the five of XML §4.6, or a character reference to a character that XML forbids.
    #[error("a reference to something XML does not know")]
    Reference,
    #[error("an `&` that begins nothing")]
    Ampersand,
    #[error("`<` in an attribute")]
    LessThan,
    #[error("`{0}` can't name an instruction")]
    InstructionTarget(String),
    #[error("a name that XML does not permit")]
    Name,
    /// The local name of the attribute.
    #[error("the attribute `{0}` stands twice")]
    DuplicateAttribute(String),
    #[error("a namespace prefix is declared twice in one element")]
    DuplicatePrefix,
    #[error("the prefix `{0}` is not declared")]
    UndeclaredPrefix(String),
    /// The prefix that is declared with the namespace.
    #[error("the prefix `{0}` is declared with a namespace that can't be")]
    Namespace(String),
}
