//! After the press: what the inserter and its camera report, what hands do, and what leaves.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the command that reads a file or standard input comes next")
)]
mod hand;
mod naming;
mod read;
#[cfg_attr(not(test), expect(dead_code, reason = "the command that reads a file comes next"))]
mod results;
mod value;

pub use hand::{HandAct, HandError, HandProblem, HandScan, HandScans, read_hand};
pub use naming::Named;
pub use read::{MachineReport, Read};
pub use results::{ReportError, ReportProblem, RowFault, RowProblem, parse_report};
