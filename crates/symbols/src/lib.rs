//! Code 39 (ISO/IEC 16388) and square Data Matrix ECC 200 (ISO/IEC 16022): encoded on a grid of whole dots, and read
//! from pictures.
//!
//! Takes a value (a card number, a signed block) and gives bars or modules in whole device dots; takes a picture and
//! gives the symbols on it. Never draws, scales or rasterises, and never looks at what a value means: whether the
//! content of a symbol that was read is right is for the caller to say.

pub mod code39;
mod codewords;
pub mod datamatrix;
mod decode;
mod picture;

pub use decode::{Format, Symbol, read_data_matrices, read_region};
pub use picture::{Picture, PictureError, Region};
