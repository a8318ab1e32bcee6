//! Judging: what the symbols of a page claim, and what the ledger says of each claim.

mod claims;
mod knowledge;
mod verdict;

pub(super) use claims::{Claim, PageClaims, Words};
pub(super) use knowledge::Knowledge;
pub(super) use verdict::{Judgement, judge, judge_name};
