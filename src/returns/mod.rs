//! The way back: a clerk's pile of returned mail becomes verdicts, and each return is booked.
//!
//! Pictures: `pile` (which files), [`reading`](self) (pages become symbols, in workers), `judging` (symbols become claims, claims verdicts),
//! `session` (verdicts are booked, chunk by chunk). A hand scanner: `wand`. What becomes of what came back: `destruction`, `holds`.

mod accept;
mod affine;
mod booking;
mod crop;
mod decisions;
mod destruction;
mod grades;
mod holds;
mod judging;
mod notes;
mod outcome;
mod papers;
mod patience;
mod pile;
mod reading;
mod remark;
mod report;
mod separators;
mod session;
mod told;
mod trusted;
mod wand;
mod watch;

pub(crate) use accept::{AcceptReport, RefusedDecision, accept};
pub(crate) use booking::MailerUnderWay;
#[cfg(test)]
pub(crate) use decisions::Written as WrittenDecision;
pub(crate) use decisions::read_decisions;
pub(crate) use destruction::{DestructionOrder, DestructionReport, destroy};
pub(crate) use grades::LotGrades;
pub(crate) use holds::{HeldPlace, HeldReport, LetGo, LetGoReport, held, let_go};
pub(crate) use outcome::{Outcome, Verdict};
pub(crate) use pile::files;
pub(crate) use reading::serve;
pub(crate) use separators::separators;
pub(crate) use session::{Receiver, ScanOrder, ScanReport, Session};
pub(crate) use trusted::trusted;
pub(crate) use wand::{Answer, wand};
pub(crate) use watch::watch;
