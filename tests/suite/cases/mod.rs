//! Inputs that once failed, written anew: one test a kind.

mod codes;
mod keys;
mod mailers;
