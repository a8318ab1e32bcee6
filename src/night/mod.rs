//! The outward way: a night's records become letters and mailers, proved and released.
//!
//! One folder for each station, in the order of a record: [`order`] (job, date and kinds), [`intake`], `planning`, `lot` (numbers and
//! layout), `paperwork`, `printing`, `proofing`, `certifying` (proofs that others can do again), `recording` (the night in the ledger), `release`. `production` takes the
//! pieces of one kind through check, composition, printing and proofing; `run` takes the whole night; `shard` splits it
//! over machines; `reprinting` prints released pieces again; `care` backs the ledger up, restores it and holds it against what was released;
//! `archiving` moves what was taken in out of the inbox;
//! `forgetting` removes what was kept long enough, and what names one person; `key_dates` holds keys against their dates.

mod archiving;
pub(crate) mod care;
mod certifying;
mod forgetting;
pub mod intake;
mod key_dates;
mod lot;
pub mod order;
mod paperwork;
mod planning;
mod printing;
mod production;
mod proofing;
mod recording;
mod release;
pub mod report;
mod reprinting;
mod run;
mod shard;

pub(crate) use care::no_ledger;
#[cfg(test)]
pub(crate) use forgetting::person::PersonReport;
pub(crate) use forgetting::person::{ErasureReport, erase, export, hold, let_go};
pub(crate) use forgetting::{LeftFile, PurgeReport, purge};
pub(crate) use intake::{ShownCell, ShownFile};
pub(crate) use key_dates::{KeyDay, check_key_dates, check_key_of_records, recipients_of_mailers};
pub(crate) use lot::{SheetLayout, refuse_light_paper};
pub(crate) use order::refuse_open_places;
pub(crate) use paperwork::{
    DestructionSheet, GONE, Minutes, ProofSentence, ProofSheet, ProofVariant, SeparatorCode, ShareSheet,
    destruction_sheet, proof_sheet, separator_sheets, share_sheet, write_recall_sheets,
};
pub(crate) use printing::output_intent;
pub(crate) use production::{OpenedCodes, find_template, make_mailers, open_waiting_codes, press_mismatch};
pub(crate) use proofing::{read_code39, read_data_matrix};
pub(crate) use release::{JobLock, Leftovers, is_locked, lock_alone, open_ledger};
pub(crate) use reprinting::{Destruction, ReprintOrder, ReprintReport, reprint};
pub use run::run;
pub(crate) use run::{MAILERS_IN_CLEAR, alerts_on_date, check, ready_ledger};
pub(crate) use shard::{MergeOrder, ShareReport, kinds_of_shares, merge, run_shard};
