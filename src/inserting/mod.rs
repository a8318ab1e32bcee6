//! After the press: what the inserter and its camera report, what hands do, and what leaves.

mod dispatch;
#[cfg_attr(not(test), expect(dead_code, reason = "reconciling calls it"))]
mod judging;
mod opening;
mod read;
mod recall;
mod standing;

pub(crate) use dispatch::{DispatchReport, dispatch};
pub(crate) use recall::{RecallReport, Recalled, recall};
pub(crate) use standing::{MailerReleased, Standing};
