//! A share: its description, and whether its files match it.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::agreement::{Agreement, PieceInputs};
use super::decisions::DECISIONS;
use crate::files::sha256_of_file;
use crate::night::lot::{LotNumbers, PrintFile, Proof, Turn, print_file_path};
use crate::night::order::Shard;
use crate::night::paperwork::{control_file_path, manifest_path};
use crate::night::report::Seconds;
use mail::piece::PieceKind;

/// The description's name in a share.
pub(super) const DESCRIPTION: &str = "share.json";

/// The version of descriptions that this program writes and reads.
pub(super) const FORMAT: u32 = 3;

/// `share.json`. Holds no code, no name and no card number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    /// The version of the description.
    pub format: u32,
    /// Which share, from 1.
    pub shard: u32,
    /// Of how many.
    pub shards: u32,
    /// What all shares and the merge must agree on.
    pub agreement: Agreement,
    /// What all shares must agree on besides.
    pub inputs: PieceInputs,
    /// SHA-256 of the check's decisions, which are the same in all shares.
    pub decisions: String,
    /// Rejected records and pieces of the whole night.
    pub rejects: u64,
    /// Its part of each lot.
    pub lots: Vec<LotShare>,
    /// Seconds spent, by station.
    pub seconds: Seconds,
}

/// A share of a lot.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LotShare {
    /// The lot's kind.
    pub kind: PieceKind,
    /// The lot.
    pub lot: String,
    /// SHA-256 of the manifest of its pieces.
    pub manifest: String,
    /// SHA-256 of their control file.
    pub control_file: String,
    /// How its sheets are turned.
    pub turn: Turn,
    /// Its print files, in order.
    pub files: Vec<PrintFile>,
    /// What proofing found in them.
    pub proof: Proof,
}

/// A folder that holds no share of this program.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShareFault {
    /// The description can't be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The description is damaged.
    #[error("its description can't be read: {0}")]
    Damaged(#[from] serde_json::Error),
    /// The description is of another version.
    #[error("its description is of format {0}, and this program knows format {FORMAT}")]
    Format(u32),
}

/// A complete share.
#[derive(Debug)]
pub(super) struct Share {
    /// Its folder.
    pub folder: PathBuf,
    /// Its description.
    pub description: Description,
}

impl Share {
    /// Reads the description of a share.
    ///
    /// # Errors
    /// [`ShareFault`].
    pub(super) fn read(folder: &Path) -> Result<Share, ShareFault> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let text = fs_err::read_to_string(folder.join(DESCRIPTION))?;
        match serde_json::from_str(&text)? {
            Format { format: FORMAT } => {}
            Format { format } => return Err(ShareFault::Format(format)),
        }
        let description = serde_json::from_str(&text)?;
        Ok(Share { folder: folder.to_owned(), description })
    }

    /// Its part of a lot.
    pub(super) fn lot(&self, numbers: &LotNumbers) -> Option<&LotShare> {
        let same = |lot: &&LotShare| lot.kind == numbers.kind && lot.lot == numbers.name.as_str();
        self.description.lots.iter().find(same)
    }

    /// How many files it has, descriptions aside.
    pub(super) fn file_count(&self) -> usize {
        1 + self.description.lots.iter().map(|lot| 2 + lot.files.len()).sum::<usize>()
    }

    /// The first file of these lots that is missing or differs from the description, in words. `sealed`: mailers are sealed.
    pub(super) fn damage(&self, lots: &[LotNumbers], sealed: bool) -> Option<String> {
        let Description { shard, shards, .. } = self.description;
        let Ok(shard) = Shard::new(shard, shards) else {
            return Some(format!("there is no share {shard} of {shards}"));
        };
        let mut files = vec![(DECISIONS.to_owned(), &self.description.decisions)];
        for numbers in lots {
            let LotNumbers { name, kind, .. } = numbers;
            let Some(lot) = self.lot(numbers) else {
                return Some(format!("it has nothing of the {kind} lot {name}"));
            };
            files.push((manifest_path(*kind, name), &lot.manifest));
            files.push((control_file_path(*kind, name), &lot.control_file));
            for (file, index) in lot.files.iter().zip(shard.file_indices(*kind)) {
                // The paths are not trusted: they become those of the released files.
                let sealed = sealed && *kind == PieceKind::Mailer;
                if file.path != print_file_path(*kind, name, index as usize + 1, sealed) {
                    return Some(format!("`{}` is no file of it", file.path));
                }
                files.push((file.path.clone(), &file.sha256));
            }
        }
        files.into_par_iter().find_map_first(|(path, sha256)| {
            match sha256_of_file(&self.folder.join(&path)) {
                Err(error) => Some(error.to_string()),
                Ok(found) if found != *sha256 => {
                    Some(format!("`{path}` has other bytes than its description says"))
                }
                Ok(_) => None,
            }
        })
    }
}
