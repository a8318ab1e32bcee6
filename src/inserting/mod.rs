//! After the press: what the inserter and its camera report, what hands do, and what leaves.

mod read;
