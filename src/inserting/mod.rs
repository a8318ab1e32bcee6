//! After the press: what the inserter and its camera report, what hands do, and what leaves.

#[cfg_attr(not(test), expect(dead_code, reason = "nothing reconciles yet"))]
mod judging;
mod read;
