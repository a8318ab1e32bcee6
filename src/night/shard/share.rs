//! A share: its description, and whether its files are what it says.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Shard;
use super::agreement::{Agreement, Makings};
use super::rulings::RULINGS;
use crate::night::control_file::control_file_name;
use crate::night::imposition::Turn;
use crate::night::manifest::manifest_name;
use crate::night::numbering::Series;
use crate::night::printing::file_name;
use crate::night::proofing::Proof;
use crate::night::release::digest;
use crate::night::report::{FileSummary, Seconds};
use mail::piece::PieceKind;

/// The description's name in a share.
pub(super) const DESCRIPTION: &str = "share.json";

/// The version of descriptions that this program writes and reads.
pub(super) const FORMAT: u32 = 1;

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
    /// What all shares and the merge agree on.
    pub agreement: Agreement,
    /// What all shares agree on besides.
    pub makings: Makings,
    /// SHA-256 of the rulings, which are the same in all shares.
    pub rulings: String,
    /// Refused records and pieces of the whole night.
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
    pub files: Vec<FileSummary>,
    /// What proofing found in them.
    pub proof: Proof,
}

/// A share that lies in its place.
#[derive(Debug)]
pub(super) struct Share {
    /// Its folder.
    pub folder: PathBuf,
    /// What it says of itself.
    pub description: Description,
}

impl Share {
    /// Reads the description of a share.
    ///
    /// # Errors
    /// In words: none there, or none of this program's.
    pub fn read(folder: &Path) -> Result<Share, String> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let text = fs_err::read_to_string(folder.join(DESCRIPTION)).map_err(|error| error.to_string())?;
        let damaged = |error: serde_json::Error| format!("its description can't be read: {error}");
        match serde_json::from_str(&text).map_err(damaged)? {
            Format { format: FORMAT } => {}
            Format { format } => {
                return Err(format!(
                    "its description is of format {format}, and this program knows format {FORMAT}"
                ));
            }
        }
        let description = serde_json::from_str(&text).map_err(damaged)?;
        Ok(Share { folder: folder.to_owned(), description })
    }

    /// Its part of a lot, where it is of that lot.
    pub fn lot(&self, series: &Series) -> Option<&LotShare> {
        let same = |lot: &&LotShare| lot.kind == series.kind && lot.lot == series.lot.as_str();
        self.description.lots.iter().find(same)
    }

    /// How many files it has, descriptions aside.
    pub fn file_count(&self) -> usize {
        1 + self.description.lots.iter().map(|lot| 2 + lot.files.len()).sum::<usize>()
    }

    /// The first file that is not there or not what the description says, in words; of the lots of `series`, whose
    /// mailers are sealed or not.
    pub fn damage(&self, series: &[Series], sealed: bool) -> Option<String> {
        let Description { shard, shards, .. } = self.description;
        let Ok(shard) = Shard::new(shard, shards) else {
            return Some(format!("there is no share {shard} of {shards}"));
        };
        let mut files = vec![(RULINGS.to_owned(), &self.description.rulings)];
        for series in series {
            let Some(lot) = self.lot(series) else {
                return Some(format!("it has nothing of the {} lot {}", series.kind, series.lot));
            };
            files.push((manifest_name(series.kind, &series.lot), &lot.manifest));
            files.push((control_file_name(series.kind, &series.lot), &lot.control_file));
            for (file, rank) in lot.files.iter().zip(shard.ranks(series.kind)) {
                // Names are not believed: they become those of the released files.
                let sealed = sealed && series.kind == PieceKind::Mailer;
                if file.path != file_name(series.kind, &series.lot, rank as usize + 1, sealed) {
                    return Some(format!("`{}` is no file of it", file.path));
                }
                files.push((file.path.clone(), &file.sha256));
            }
        }
        files.into_par_iter().find_map_first(|(path, sha256)| match digest(&self.folder.join(&path)) {
            Err(error) => Some(error.to_string()),
            Ok(found) if found != *sha256 => {
                Some(format!("`{path}` has other bytes than its description says"))
            }
            Ok(_) => None,
        })
    }
}
