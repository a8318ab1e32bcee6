//! Returned letters by simulation: pages of our own letters, printed and scanned with known damage.
//!
//! [`Letters`] draws the pages of a released print file at 600 dpi. [`damage`] makes of such a [`Page`] the picture that
//! a clerk's scanner or telephone would make of it after one [`Kind`] of damage, with the [`Truth`] of what it shows.
//! The same page, kind and seed make the same picture. How severe each kind is stands in [`severity`].

pub mod damage;
pub mod fault;
pub mod files;
mod geometry;
mod ink;
pub mod kind;
pub mod letters;
mod marks;
mod optics;
mod page;
pub mod severity;
pub mod strangers;

pub use damage::{damage, damage_file};
pub use fault::Fault;
pub use files::FileFormat;
pub use kind::Kind;
pub use letters::Letters;
pub use page::{Page, Quad, Truth};
