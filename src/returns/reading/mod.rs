//! Reading: the pages of foreign picture files become symbols, in worker processes that may die without taking the pile
//! along.

mod grading;
mod page;
mod pool;
mod questions;

pub(super) use page::{OnPage, PageRead, middle};
pub(super) use pool::{Done, Pool, Task};
pub(crate) use questions::serve;
pub(super) use questions::{Fault, Shown};

/// The largest picture file that is read, in bytes.
pub(super) const MAX_FILE: u64 = 256 << 20;

/// The most pages of a file that are read.
pub(super) const MAX_PAGES: u32 = 2000;
