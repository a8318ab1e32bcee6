//! Strange inputs, each of a kind that once went wrong.

mod reading;
