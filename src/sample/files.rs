//! The files of a sample's folder.
//!
//! Takes contents. Gives files that appear whole: written beside their place, synced, renamed.
//! Never overwrites a file that is there already.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use fs_err::File;

/// Where everything lies in a job's folder.
pub(super) struct Layout {
    /// The job file, written last: a folder that has it is complete.
    pub job: PathBuf,
    /// The key that signs the blocks; its public key lies beside it, `.pub`.
    pub signing_key: PathBuf,
    /// The identity that opens the codes file, and its recipient.
    pub codes_key: [PathBuf; 2],
    /// The identity that opens the mailers, and its recipient.
    pub press_key: [PathBuf; 2],
    /// The records.
    pub cards: PathBuf,
    /// The sealed codes.
    pub codes: PathBuf,
}

impl Layout {
    /// The layout of a folder.
    pub fn new(folder: &Path) -> Layout {
        let (keys, inbox) = (folder.join("keys"), folder.join("inbox"));
        Layout {
            job: folder.join("job.toml"),
            signing_key: keys.join("signing.pem"),
            codes_key: [keys.join("codes.identity"), keys.join("codes.pub")],
            press_key: [keys.join("press.identity"), keys.join("press.pub")],
            cards: inbox.join("cards.csv"),
            codes: inbox.join("codes.csv.age"),
        }
    }

    /// The files of keys.
    pub fn keys(&self) -> Vec<PathBuf> {
        let signing = [self.signing_key.clone(), self.signing_key.with_extension("pub")];
        signing.into_iter().chain(self.codes_key.clone()).chain(self.press_key.clone()).collect()
    }

    /// The first of the files that is there already.
    pub fn occupied(&self) -> Option<PathBuf> {
        let records = [self.job.clone(), self.cards.clone(), self.codes.clone()];
        records.into_iter().chain(self.keys()).find(|file| file.exists())
    }
}

/// Writes a file that appears whole or not at all.
pub(super) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let beside = path.with_file_name(name);
    let written = written_to(&beside, write).and_then(|()| fs_err::rename(&beside, path));
    if written.is_err() {
        // Best effort: the error that counts is the first one.
        let _ = fs_err::remove_file(&beside);
    }
    written
}

fn written_to(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()
}
