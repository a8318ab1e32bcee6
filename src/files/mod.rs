//! Files: written whole or not at all, moved, known by digest, synced with their folders, spools without a name,
//! table cells without formulas, text of HTML, to whom a file belongs, who else may write it, and where its links lead.
//!
//! Every room that writes or compares files uses these functions. Knows nothing of what the files hold.

mod digest;
mod draft;
mod folders;
mod html;
mod links;
mod moving;
mod owners;
mod privacy;
mod spool;
mod spreadsheet;
mod whole;
mod writers;

pub(crate) use digest::{HashingWriter, hexadecimal, sha256_of_file, sha256_of_reader};
pub(crate) use draft::Draft;
pub(crate) use folders::{
    make_folder, private_folder, remove_file, remove_folder, rename_into, sync_folders,
};
pub(crate) use html::{Escaped, script_json};
pub(crate) use links::{is_named_within, link_out_of};
pub(crate) use moving::move_known;
pub(crate) use owners::{Owner, name_of_user, owner_of, working_user};
pub(crate) use privacy::{keep_private, open_to_others};
pub(crate) use spool::{Spool, SpoolSpan, UnnamedFile, remove_spool_names};
pub(crate) use spreadsheet::harmless_cell;
pub(crate) use whole::{
    finish_and_sync, is_special, write_new, write_private, write_public, write_whole, write_whole_with,
};
pub(crate) use writers::{open_folder, open_to_writers};
