//! Room on the disks for the night. Nothing is known of a file system that does not say how much room it has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::finding::shown;
use super::sizes::Sizes;
use super::{Finding, Scene};
use crate::failure::Failure;
use crate::job::{LedgerLocation, OutputLocation};
use mail::piece::PieceKind;

const LOOK: &str = "disk";
/// Bytes of a record in the scratch folder.
const SPOOL: u64 = 1_000;
/// Bytes of a night without pieces: reports, kept templates, laid-out stock.
const NIGHT: u64 = 8 << 20;
/// Files and folders of a night without print files.
const FILES: u64 = 64;

/// What the night needs of a file system.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Need {
    bytes: u64,
    files: u64,
    place: PathBuf,
}

/// Room on a file system; `None` where it has no such limit.
#[derive(Debug, Clone, Copy)]
struct Room {
    bytes: u64,
    files: Option<u64>,
}

/// Estimates the night's size from the rows of the inbox and the pieces that wait, and looks whether it fits.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let (sizes, needs) = match Sizes::of(scene).and_then(|sizes| Ok((sizes, needs(scene, &sizes)?))) {
        Ok(found) => found,
        Err(failure) => return vec![Finding::failure(LOOK, &failure)],
    };
    let mut found: Vec<Finding> =
        needs.iter().filter_map(|need| short(need, room(&need.place)?, scene, &sizes)).collect();
    if found.is_empty() {
        let bytes: u64 = needs.iter().map(|need| need.bytes).sum();
        let well = format!("there is room for the night: {} at most; {}", shown(bytes), sizes.words());
        found.push(Finding::ok(LOOK, well));
    }
    found
}

/// What the night needs, by file system.
fn needs(scene: &Scene, sizes: &Sizes) -> Result<Vec<Need>, Failure> {
    let (letters, mailers) = pieces(scene)?;
    let print = letters * sizes.letter.bytes + mailers * sizes.mailer.bytes + NIGHT;
    let files = FILES + (letters + mailers) / u64::from(scene.job.pieces_per_file());
    let mut needs: BTreeMap<u64, Need> = BTreeMap::new();
    let mut add = |place: PathBuf, bytes: u64, files: u64| {
        let place = existing(&place);
        let need = needs.entry(device(&place)).or_default();
        (need.bytes, need.files) = (need.bytes + bytes, need.files + files);
        if need.place.as_os_str().is_empty() {
            need.place = place;
        }
    };
    match scene.job.output() {
        OutputLocation::Folder(folder) => add(folder, print, files),
        // It is staged here first.
        OutputLocation::Objects(_) => add(scene.job.scratch(), print, files),
    }
    add(scene.job.scratch(), (scene.rows + letters + mailers) * SPOOL, 0);
    if let (LedgerLocation::File(file), Some(record)) = (scene.job.ledger().location, sizes.record) {
        add(file, (scene.rows + mailers) * record.bytes, 0);
    }
    Ok(needs.into_values().collect())
}

/// How many letters and mailers the night prints at most: a row is one piece, and what waits is due.
fn pieces(scene: &Scene) -> Result<(u64, u64), Failure> {
    let waiting = scene.ledger.as_ref().map_or(Ok(Vec::new()), |ledger| ledger.waiting_by_day())?;
    let night = scene.night.to_string();
    let due = |kind: PieceKind| -> u64 {
        let due = waiting
            .iter()
            .filter(|day| day.kind == kind.code() && day.due.as_ref().is_some_and(|due| *due <= night));
        due.map(|day| day.pieces.unsigned_abs()).sum()
    };
    Ok((scene.rows + due(PieceKind::Letter), due(PieceKind::Mailer)))
}

/// The finding where there is less room than the night needs.
fn short(need: &Need, room: Room, scene: &Scene, sizes: &Sizes) -> Option<Finding> {
    let place = need.place.display();
    let problem = if room.bytes < need.bytes {
        let (there, needed, words) = (shown(room.bytes), shown(need.bytes), sizes.words());
        format!("{place} has room for {there}, and the night may need {needed}; {words}")
    } else if room.files.is_some_and(|files| files < need.files) {
        format!(
            "{place} has room for {} files, and the night may need {}",
            room.files.unwrap_or_default(),
            need.files
        )
    } else {
        return None;
    };
    let advice =
        format!("make room there; old nights go with `pli ledger {} purge`", scene.job.file.display());
    Some(Finding::failure(LOOK, &Failure::midway("disk_full", problem).with_advice(advice)))
}

/// A path, or the first folder above it that is there.
fn existing(path: &Path) -> PathBuf {
    let found = path.ancestors().find(|above| !above.as_os_str().is_empty() && above.exists());
    found.unwrap_or(Path::new(".")).to_owned()
}

#[cfg(unix)]
fn device(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::dev(&match fs_err::metadata(path) {
        Ok(found) => found,
        Err(_) => return 0,
    })
}

#[cfg(not(unix))]
fn device(_: &Path) -> u64 {
    0
}

/// The room for this user on the file system of a path.
#[cfg(unix)]
fn room(path: &Path) -> Option<Room> {
    let found = rustix::fs::statvfs(path).ok()?;
    // A file system without a fixed number of files says 0.
    let files = (found.f_files > 0).then_some(found.f_favail);
    Some(Room { bytes: found.f_bavail.saturating_mul(found.f_frsize), files })
}

#[cfg(not(unix))]
fn room(_: &Path) -> Option<Room> {
    None
}
