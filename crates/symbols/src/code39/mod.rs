//! Code 39 (ISO/IEC 16388): laid out in whole device dots, and read from pictures.

mod alphabet;
mod encode;
mod read;

pub use encode::{Bar, Code39, Code39Error, Code39Layout, Ratio};
pub(crate) use read::read_code39s_in;
pub use read::{BandReading, Code39Reading, read_code39s};
