//! Packs the official table of postcodes into the crate: `pack_postcodes TABLE.csv crates/mail/postcodes.bin`.
//!
//! The table has a line `postcode,label` for each pair, sorted, after that header (`crates/mail/postcodes.md`).

use std::error::Error;
use std::path::PathBuf;

/// The largest table that is read, in bytes.
const MAX_TABLE: u64 = 4 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(table), Some(packed)) = (arguments.next(), arguments.next()) else {
        return Err(
            "name the table and the file to write: pack_postcodes TABLE.csv crates/mail/postcodes.bin".into(),
        );
    };
    let text = foreign::read_text(&table, MAX_TABLE)?;
    fs_err::write(packed, mail::postcode::pack(&text)?)?;
    Ok(())
}
