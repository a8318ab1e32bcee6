//! What failed once, as kinds: each test stands for the inputs of its kind.

mod limits;
mod messages;
