//! Code 39 (ISO/IEC 16388) and Data Matrix ECC 200 (ISO/IEC 16022): encoded on a printer's dot grid (Data Matrix as
//! squares), and read from pictures (Data Matrix as squares and rectangles, those of ISO/IEC 21471 too).
//!
//! The crate is for print production. A symbol is laid out in whole device dots, so that no edge is rounded or
//! anti-aliased, and whoever draws it decides how: as rectangles, as a one-bit mask, as SVG. It never draws, scales or
//! interprets a value, except that it reads pictures of symbols back.
//!
//! | module or item | what it does | standard |
//! |---|---|---|
//! | [`code39`] | text → bars in dots, with ratio, bar-width reduction and quiet zones | ISO/IEC 16388 |
//! | [`datamatrix`] | bytes → modules, encoded in C40, 10 × 10 to 144 × 144 | ISO/IEC 16022 |
//! | [`Picture`] | PNG, JPEG, TIFF, GIF, WebP or BMP → pixels; pixels → PNG | |
//! | [`read_data_matrices`] | picture → every Data Matrix on it, and those that can't be decoded | ISO/IEC 16022, any encodation |
//! | [`Effort`] | the time that a reader may take, and the step that answered | |
//! | [`read_code39s`] | picture → every Code 39 on it, with what disjoint bands of its bars read | ISO/IEC 16388 |
//! | [`grade`] | picture and symbol → how well it is printed, by parameter | ISO/IEC 15416, 15415 |
//! | [`read_region`] | region of a picture → the symbol in it | both |
//!
//! # Encode a Code 39
//!
//! [`Code39::new`](code39::Code39::new) encodes a text, and [`layout`](code39::Code39::layout) lays it out for one
//! printer. The X dimension (the width of a narrow element) is a whole number of dots: at 600 dpi, 6 dots are 0.254 mm.
//!
//! ```
//! use symbols::code39::{Code39, Ratio};
//!
//! let symbol = Code39::new("2800012345")?;
//! let layout = symbol.layout(6, Ratio::TwoAndHalf, 0)?;
//! // 12 characters with start and stop, each of 6 narrow and 3 wide elements, and 11 gaps.
//! assert_eq!(layout.symbol_width_dots, 12 * (6 * 6 + 3 * 15) + 11 * 6);
//! // A quiet zone of 10 X on each side (ISO/IEC 16388 4.4 d).
//! assert_eq!(layout.width_dots, layout.symbol_width_dots + 2 * 60);
//! // At least 5 mm or 15 % of the width (ISO/IEC 16388 4.4 e).
//! assert_eq!(layout.min_height_dots(600), 156);
//! # Ok::<(), symbols::code39::Code39Error>(())
//! ```
//!
//! The ratio of wide to narrow elements is 2.5 or 3. A ratio of 2.5 needs an even X dimension, so that wide elements are
//! whole dots too:
//!
//! ```
//! use symbols::code39::{Code39, Code39Error, Ratio};
//!
//! let symbol = Code39::new("PLI")?;
//! assert_eq!(symbol.layout(5, Ratio::TwoAndHalf, 0), Err(Code39Error::OddXDimension(5)));
//! assert!(symbol.layout(5, Ratio::Three, 0).is_ok());
//! # Ok::<(), symbols::code39::Code39Error>(())
//! ```
//!
//! Ink spreads. Bar-width reduction takes dots off every bar and leaves the pitch as it is:
//!
//! ```
//! use symbols::code39::{Code39, Ratio};
//!
//! let symbol = Code39::new("PLI")?;
//! let (plain, reduced) = (symbol.layout(6, Ratio::Three, 0)?, symbol.layout(6, Ratio::Three, 2)?);
//! assert_eq!(plain.width_dots, reduced.width_dots);
//! assert_eq!((plain.bars[0].x, plain.bars[0].width), (60, 6));
//! assert_eq!((reduced.bars[0].x, reduced.bars[0].width), (61, 4));
//! # Ok::<(), symbols::code39::Code39Error>(())
//! ```
//!
//! # Encode a Data Matrix
//!
//! [`encode_c40`](datamatrix::encode_c40) takes the smallest square that holds a message. C40 stores capitals, digits
//! and spaces at two codewords for three characters; any other byte is stored too, at more.
//!
//! ```
//! let symbol = symbols::datamatrix::encode_c40(b"2D-DOC")?;
//! assert_eq!(symbol.side(), 14);
//! // The finder pattern: the left column is dark, the top row alternates.
//! assert!((0..14).all(|row| symbol.dark(row, 0)));
//! assert!((0..14).all(|column| symbol.dark(0, column) == (column % 2 == 0)));
//! // The modules as a one-bit mask: two bytes a row.
//! assert_eq!(symbol.packed_rows().len(), 14 * 2);
//! # Ok::<(), symbols::datamatrix::TooLong>(())
//! ```
//!
//! Leave at least one light module on each side (ISO/IEC 16022 7.1).
//!
//! # Read a picture
//!
//! ```
//! use symbols::{Effort, Format, Picture, datamatrix::encode_c40, read_data_matrices};
//!
//! // Draw a symbol: 8 pixels a module, 2 modules of quiet zone.
//! let symbol = encode_c40(b"HELLO WORLD")?;
//! let side = 8 * (symbol.side() + 4);
//! let dark = |x: usize, y: usize| match ((y / 8).checked_sub(2), (x / 8).checked_sub(2)) {
//!     (Some(row), Some(column)) => symbol.dark(row, column),
//!     _ => false,
//! };
//! let pixels: Vec<u8> = (0..side * side)
//!     .flat_map(|pixel| if dark(pixel % side, pixel / side) { [0, 0, 0, 255] } else { [255; 4] })
//!     .collect();
//! let picture = Picture::from_rgba(side as u32, side as u32, pixels)?;
//!
//! // `Picture::decode` reads a file instead.
//! let again = Picture::decode(&picture.to_png()?)?;
//! let found = read_data_matrices(&again, &Effort::unlimited());
//! assert_eq!((found.symbols.len(), found.symbols[0].format), (1, Format::DataMatrix));
//! assert_eq!(found.symbols[0].bytes, b"HELLO WORLD");
//! assert!(found.unread.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Effort::within`] gives the time that a picture may take. The symbol says which step read it, and how much of its
//! error correction was left.
//!
//! A reader that panics or gives up has read nothing: reading never fails and never panics. Whether a value that was read
//! is right is for the caller to check.

pub mod code39;
mod codewords;
mod data_matrices;
pub mod datamatrix;
mod decode;
mod effort;
pub mod grade;
mod locate;
mod picture;
mod tiff;

pub use code39::{BandReading, Code39Reading, read_code39s};
pub use data_matrices::{DataMatrices, Known, read_data_matrices, read_known_data_matrices};
pub use decode::{DecodedSymbol, Format, read_region};
pub use effort::{Effort, Step};
pub use picture::{Picture, PictureError, Region};
