//! Inputs that once failed, a test for each kind: the right value, and the advice followed.

mod history;
mod limits;
mod messages;
mod paper;
mod strangers;
