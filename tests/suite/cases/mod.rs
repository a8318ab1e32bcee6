//! Kinds of input that failed once, by part of the program.

mod paper;
