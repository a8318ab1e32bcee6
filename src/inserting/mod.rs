//! After the press: what the inserter and its camera report, what hands do, and what leaves.

#[expect(dead_code, reason = "what reads and judges reports comes next")]
mod read;
