//! Reading: a PDF page or a picture becomes the symbols printed on it, with their places.
//!
//! Takes pictures. Gives decoded Code 39 and Data Matrix symbols. Never believes a symbol: whether its content is
//! right is for the caller to say. Used by proofing and by pictures of pieces alike.

mod codewords;
mod decode;
mod raster;

pub use decode::{Format, Symbol, read_data_matrices, read_region};
pub use raster::{Artist, OpenPdf, Picture, RasterError, Region};
