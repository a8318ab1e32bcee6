//! Inputs that once failed, a test for each kind: the right value, and the advice followed.

mod codes;
mod folding;
mod history;
mod intake;
mod kept;
mod keys;
mod limits;
mod mailers;
mod messages;
mod names;
mod opacity;
mod paper;
mod reading;
mod status;
mod strangers;
mod usage;
