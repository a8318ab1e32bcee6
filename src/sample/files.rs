//! The paths of a sample's files.

use std::path::{Path, PathBuf};

use super::reasons::LATER;

/// The paths of a job's folder.
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
    /// Records for a later night, outside the inbox: codes that are asked again.
    pub reissues: PathBuf,
}

impl Layout {
    /// The layout of a folder.
    pub(super) fn new(folder: &Path) -> Layout {
        let (keys, inbox) = (folder.join("keys"), folder.join("inbox"));
        Layout {
            job: folder.join("job.toml"),
            signing_key: keys.join("signing.pem"),
            codes_key: [keys.join("codes.identity"), keys.join("codes.pub")],
            press_key: [keys.join("press.identity"), keys.join("press.pub")],
            cards: inbox.join("cards.csv"),
            codes: inbox.join("codes.csv.age"),
            reissues: folder.join("later").join(format!("cards-{LATER}.csv")),
        }
    }

    /// The files of keys.
    pub(super) fn keys(&self) -> Vec<PathBuf> {
        let signing = [self.signing_key.clone(), self.signing_key.with_extension("pub")];
        signing.into_iter().chain(self.codes_key.clone()).chain(self.press_key.clone()).collect()
    }

    /// The first of the files that is there already.
    pub(super) fn occupied(&self) -> Option<PathBuf> {
        let records = [self.job.clone(), self.cards.clone(), self.codes.clone(), self.reissues.clone()];
        records.into_iter().chain(self.keys()).find(|file| file.exists())
    }
}
