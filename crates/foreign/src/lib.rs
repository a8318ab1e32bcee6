//! What others wrote: text made legible, files read within limits, work done by a child process within limits.
//!
//! Every room that meets a foreign file, name or message uses these functions. Knows nothing of what the bytes mean.

mod child;
mod frames;
mod legible;
mod reading;
mod session;
mod settings;
mod worker;

pub use child::{
    ADVICE_ON_CHILDREN, ChildError, Limits, Outcome, confine, run_this_program, this_program_may_run_itself,
};
pub use frames::{read_frame, write_frame};
pub use legible::{is_unprintable, legible, legible_json};
pub use reading::{UnreadableFile, advice, advice_on_open_files, open_regular, open_within, read, read_text};
pub use session::{LONGEST_FRAME, Session, parent};
pub use settings::{key_offset, line_and_column, nearest, plain_words};
pub use worker::{Worker, serve};
