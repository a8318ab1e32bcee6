//! What others wrote: text made legible, files read within limits, work done by a child process within limits.
//!
//! Every room that meets a foreign file, name or message uses these functions. Knows nothing of what the bytes mean.

mod child;
mod legible;
mod reading;
mod settings;
mod worker;

pub use child::{
    ADVICE_ON_CHILDREN, ChildError, Limits, Outcome, confine, run_this_program, this_program_may_run_itself,
};
pub use legible::{is_unprintable, legible, legible_json};
pub use reading::{UnreadableFile, advice, advice_on_open_files, open_regular, read, read_text};
pub use settings::{key_offset, line_and_column, nearest, plain_words};
pub use worker::{Worker, serve};
