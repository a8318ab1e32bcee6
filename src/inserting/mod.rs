//! After the press: what the inserter and its camera report, what hands do, and what leaves.

mod booking;
mod dispatch;
mod hand;
mod handwork;
mod judging;
mod lot_in_hand;
mod named_pieces;
mod naming;
mod opening;
mod read;
mod recall;
mod reconcile;
mod reports;
mod results;
mod sheets;
mod standing;
mod value;
mod which_lot;

pub(crate) use dispatch::{DispatchReport, dispatch};
pub use hand::{HandAct, HandError, HandProblem, HandScan, HandScans, read_hand};
pub(crate) use hand::{ScanLines, read_hand_file};
pub(crate) use handwork::{HandFault, HandOrder, HandReport, book_hands};
pub use naming::Named;
pub(crate) use opening::OpenJob;
pub use read::{MachineReport, Read};
pub(crate) use recall::{RecallOrder, RecallReport, Recalled, recall};
pub(crate) use reconcile::{ReconcileOrder, ReconcileReport, reconcile};
pub(crate) use reports::FileFault;
pub use results::{ReportError, ReportProblem, RowFault, RowProblem, parse_report};
pub(crate) use standing::{MailerReleased, Standing};
