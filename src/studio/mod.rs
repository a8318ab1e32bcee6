//! The designer's bench: specimens of a template, its check over every variant, and pictures of what a night printed.
//!
//! Data are invented, or come from a record of the user; codes are always those of
//! [`CardCodes::specimen`](crate::vault::CardCodes::specimen).

mod pictures;
mod records;
mod specimen;

pub(crate) use pictures::pictures_of_variants;
pub(crate) use specimen::{SpecimenOrder, check_template, specimen};
