//! What stops the bench.

use thiserror::Error;

/// Why pages can't be made or judged.
#[derive(Debug, Error)]
pub enum Fault {
    /// A file or folder can't be read or written.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// A manifest is not CSV.
    #[error("the manifest can't be read: {0}")]
    Manifest(#[from] csv::Error),
    /// A picture can't be decoded or encoded.
    #[error("a picture can't be decoded or encoded: {0}")]
    Picture(#[from] image::ImageError),
    /// An answer of a judge, or a line of truths, is not JSON.
    #[error("a line is not the JSON that it should be: {0}")]
    Line(#[from] serde_json::Error),
    /// A program that the bench runs failed. Holds its name and what it said.
    #[error("`{0}` failed: {1}")]
    Program(String, String),
    /// What was asked for can't be done. Holds why.
    #[error("{0}")]
    Asked(String),
}
