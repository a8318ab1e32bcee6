//! After the press: what the inserter and its camera report, what hands do, and what leaves.

mod dispatch;
#[cfg_attr(not(test), expect(dead_code, reason = "reconciling calls it"))]
mod hand;
#[cfg_attr(not(test), expect(dead_code, reason = "reconciling calls it"))]
mod judging;
mod naming;
mod opening;
mod read;
mod recall;
#[cfg_attr(not(test), expect(dead_code, reason = "reconciling calls it"))]
mod results;
mod standing;
mod value;

pub(crate) use dispatch::{DispatchReport, dispatch};
pub use hand::{HandAct, HandError, HandProblem, HandScan, HandScans, read_hand};
pub use naming::Named;
pub use read::{MachineReport, Read};
pub(crate) use recall::{RecallReport, Recalled, recall};
pub use results::{ReportError, ReportProblem, RowFault, RowProblem, parse_report};
pub(crate) use standing::{MailerReleased, Standing};
