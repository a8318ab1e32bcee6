//! Barcodes as marks on the device grid.
//!
//! Takes a value (card number, signed block) and gives bars or modules in whole device dots or
//! whole modules: Code 39 (ISO/IEC 16388) and square Data Matrix ECC 200 (ISO/IEC 16022).
//! Never draws, scales or rasterises; never looks at what a value means.

pub mod code39;
pub mod datamatrix;
