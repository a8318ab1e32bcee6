//! Shards: a night split over the machines of a batch engine.
//!
//! Every shard takes in, plans and checks the whole night against the ledger as it is, so all of them agree on every
//! number without communicating; each composes and proves its own print files and leaves them as a *share* under the
//! output folder. A merge plans the night once more, compares the shares with the plan and with each other, and releases
//! the night as a whole run does. A shard never writes the ledger; a merge never composes, and needs neither codes nor
//! keys.

mod agreement;
mod assembly;
mod attempt;
mod compose;
mod decisions;
mod merge;
mod share;
mod share_set;

pub(crate) use compose::{ShareReport, run_shard};
pub(crate) use merge::{MergeOrder, kinds_of_shares, merge};
