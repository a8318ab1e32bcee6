//! Which lots lie in a folder.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use mail::lot::{LotName, WrittenLot};
use mail::piece::PieceKind;

use crate::certificate::CERTIFICATE_ENDING;
use crate::failure::Failure;

/// The folders of a night in which lots lie; the first is the folder itself.
const FOLDERS: [&str; 3] = ["", "letters", "mailers"];

/// How the name of every manifest ends.
const MANIFEST_ENDING: &str = ".manifest.csv";

/// A lot that lies in a folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FoundLot {
    /// Its folder.
    pub folder: PathBuf,
    /// Its name, as its files have it.
    pub name: String,
    /// Whether it has a certificate.
    pub certified: bool,
    /// The names of its files that are there, without their folder.
    pub files: Vec<String>,
}

/// Finds the lots in a folder and in its `letters` and `mailers`: those with a certificate or a manifest.
///
/// # Errors
/// `folder`: it can't be read; `lot_ambiguous`: `wanted` names lots of both kinds.
pub(super) fn find(folder: &Path, wanted: Option<&WrittenLot>) -> Result<Vec<FoundLot>, Failure> {
    let mut found = Vec::new();
    for below in FOLDERS {
        let folder = folder.join(below);
        if !below.is_empty() && !folder.is_dir() {
            continue;
        }
        let names = names(&folder).map_err(|error| {
            Failure::usage("folder", format!("{}: {error}", folder.display()))
                .with_advice("give the folder of a night, or one with the files of a lot")
                .caused_by(error)
        })?;
        found.extend(lots(&folder, &names));
    }
    let Some(wanted) = wanted else { return Ok(found) };
    found.retain(|lot| lot.name == wanted.name.as_str() && wanted.kind.is_none_or(|kind| lot.may_be(kind)));
    if found.len() > 1 {
        let problem = format!("`{wanted}` is a lot of letters and one of mailers here");
        let advice = format!("write `L{0}` or `M{0}`", wanted.name);
        return Err(Failure::usage("lot_ambiguous", problem).with_advice(advice));
    }
    Ok(found)
}

impl FoundLot {
    /// Whether it may be of that kind: what its folder says.
    fn may_be(&self, kind: PieceKind) -> bool {
        let folder = self.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        PieceKind::ALL.iter().all(|other| other.folder() != folder) || kind.folder() == folder
    }
}

/// The names of the files of a folder, in order.
fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

fn lots(folder: &Path, names: &BTreeSet<String>) -> Vec<FoundLot> {
    let with = |ending: &str| -> BTreeSet<&str> {
        let lots = names.iter().filter_map(|name| name.strip_suffix(ending));
        lots.filter(|lot| LotName::parse(lot).is_some()).collect()
    };
    let certified = with(CERTIFICATE_ENDING);
    let all: BTreeSet<&str> = certified.union(&with(MANIFEST_ENDING)).copied().collect();
    let lot = |name: &str| FoundLot {
        folder: folder.to_owned(),
        name: name.to_owned(),
        certified: certified.contains(name),
        files: names.iter().filter(|file| is_of(file, name)).cloned().collect(),
    };
    all.into_iter().map(lot).collect()
}

/// Whether a file's name is that of a file of the lot, and not of a reprint of it: `26327A.1` is a lot of its own.
fn is_of(file: &str, lot: &str) -> bool {
    let Some(rest) = file.strip_prefix(lot) else { return false };
    match rest.split_at_checked(1) {
        Some(("-", _)) => true,
        Some((".", rest)) => !rest.starts_with(|first: char| first.is_ascii_digit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reprint_s_files_are_not_those_of_its_lot() {
        assert!(is_of("26327A-0001.pdf", "26327A") && is_of("26327A.manifest.csv", "26327A"));
        assert!(!is_of("26327A.1-0001.pdf", "26327A") && !is_of("26327A.1.manifest.csv", "26327A"));
        assert!(is_of("26327A.1-0001.pdf", "26327A.1") && !is_of("26327A.12-0001.pdf", "26327A.1"));
        assert!(!is_of("26327B.xjdf", "26327A") && !is_of("run.json", "26327A"));
    }

    #[test]
    fn lots_are_those_with_a_certificate_or_a_manifest() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "letters/26327A.proof.json",
            "letters/26327A.manifest.csv",
            "letters/26327B.manifest.csv",
            "mailers/26327A.proof.json",
            "other.proof.json",
        ] {
            let path = folder.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "").unwrap();
        }
        let lot = |text: &str| WrittenLot::parse(text).unwrap();
        let found = find(folder.path(), None).unwrap();
        let told: Vec<_> =
            found.iter().map(|lot| (lot.name.as_str(), lot.certified, lot.files.len())).collect();
        assert_eq!(told, [("26327A", true, 2), ("26327B", false, 1), ("26327A", true, 1)]);
        assert_eq!(find(folder.path(), Some(&lot("26327A"))).unwrap_err().code(), "lot_ambiguous");
        assert!(find(folder.path(), Some(&lot("M26327A"))).unwrap()[0].folder.ends_with("mailers"));
        assert_eq!(find(folder.path(), Some(&lot("M26327B"))).unwrap(), []);
        assert_eq!(find(&folder.path().join("none"), None).unwrap_err().code(), "folder");
    }
}
