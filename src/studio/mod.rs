//! The designer's bench: specimens of a template, its check over every variant, a template to begin from, files for editors, pictures of what a
//! night printed, and a released piece as it was.
//!
//! Data are invented, or come from a record of the user; codes are always those of
//! [`CardCodes::specimen`](crate::vault::CardCodes::specimen).

mod beginning;
mod editors;
mod light;
mod pictures;
mod preview;
mod proof;
mod records;
mod released;
mod specimen;
mod texts;

pub(crate) use beginning::begin_template;
#[cfg(test)]
pub(crate) use editors::EditorSupport;
pub(crate) use editors::write_editor_support;
pub(crate) use pictures::{pictures_of_variants, scans_of_envelopes};
pub(crate) use preview::{Editor, Listeners, PreviewOrder, RevealedPlace, open_address, preview, reveal};
pub(crate) use proof::{WordingOrder, laid_out, proof, wording};
pub(crate) use released::released_piece;
pub(crate) use specimen::{CheckedTemplate, SpecimenOrder, check_template, load_template, specimen};
pub(crate) use texts::{Texts, texts_csv, texts_html};
