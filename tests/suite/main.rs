//! The program as its users meet it: commands on real job folders, judged by tools that share no code with it.
//!
//! One binary, because Typst links into every one. A missing tool fails its tests by name, or skips them with
//! `PLI_SKIP_MISSING=1`.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used)]

mod after_press;
mod approvals;
mod architecture;
mod audit;
mod book;
mod book_templates;
mod both_languages;
mod browser;
mod budget;
mod cases;
mod commands;
#[cfg(target_os = "linux")]
mod doctor;
#[cfg(target_os = "linux")]
mod doctor_inbox;
mod documents;
mod endurance;
mod feedback;
mod forgetting;
#[cfg(all(unix, feature = "pkcs11"))]
mod hsm;
mod imposition;
#[cfg(target_os = "linux")]
mod init;
mod input;
mod inserter;
mod job;
#[cfg(target_os = "linux")]
mod job_keys;
#[cfg(target_os = "linux")]
mod keeper;
mod key_dates;
mod key_of_records;
mod key_shares;
mod keys;
mod killing;
mod language;
mod ledger_care;
mod light;
mod lot_sheets;
#[cfg(target_os = "linux")]
mod mailer_stage;
#[cfg(target_os = "linux")]
mod memory;
mod messages;
#[cfg(target_os = "linux")]
mod metrics;
mod migration;
mod missing;
mod night;
mod one_kind;
mod peer;
mod piped_codes;
#[cfg(target_os = "linux")]
mod planted;
#[cfg(target_os = "linux")]
mod planted_kills;
mod postage;
mod postgres;
mod postgres_server;
mod power;
mod press;
mod preview;
mod print;
#[cfg(target_os = "linux")]
mod private_files;
mod prove;
mod prove_lots;
mod refusals;
mod reprint;
mod resume;
mod returns;
mod returns_books;
mod returns_report;
mod same;
mod schemas;
mod secrets;
#[cfg(target_os = "linux")]
mod separation;
mod shard;
mod shown;
#[cfg(target_os = "linux")]
mod signers;
mod stock_cache;
mod symbols;
mod templates;
#[cfg(target_os = "linux")]
mod terminal;
mod tools;
mod verify;
mod wording;
