//! Inputs that once went wrong, a file for each part of the program.

mod folding;
