//! Inputs that once failed, a test for each kind.

mod intake;
