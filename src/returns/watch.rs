//! Folders that are still being written to: what comes into them is read as soon as it is whole.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::pile::files_so_far;
use super::session::{Receiver, Session};
use crate::failure::Failure;

/// Between two looks. A file that has not changed from one to the next is whole.
const PAUSE: Duration = Duration::from_secs(1);

/// How many files are read between two looks at whether to stop.
const AT_ONCE: usize = 32;

/// A file's length and the time of its last change.
type Look = (u64, Option<SystemTime>);

/// Reads what lies in the paths of a pile, and what comes into them, until `stop` is set.
///
/// # Errors
/// As [`Session::files`]. A folder that goes away for a while is looked for again.
pub(crate) fn watch(
    session: &mut Session,
    paths: &[PathBuf],
    receiver: &mut dyn Receiver,
    stop: &AtomicBool,
) -> Result<(), Failure> {
    files_so_far(paths)?;
    let mut gone = false;
    let (mut last, mut done): (HashMap<PathBuf, Look>, HashSet<(PathBuf, Look)>) = Default::default();
    while !stop.load(Ordering::Relaxed) {
        let mut now = HashMap::new();
        let mut whole = Vec::new();
        let found = match files_so_far(paths) {
            Err(failure) if failure.code() == "scan_path" => {
                if !gone {
                    tracing::warn!(code = failure.code(), "{failure}: it is looked for again");
                }
                gone = true;
                Vec::new()
            }
            found => {
                gone = false;
                found?
            }
        };
        for file in found {
            let Ok(found) = std::fs::metadata(&file) else { continue };
            let look = (found.len(), found.modified().ok());
            if last.get(&file) == Some(&look) && done.insert((file.clone(), look)) {
                whole.push(file.clone());
            }
            now.insert(file, look);
        }
        last = now;
        match whole.is_empty() {
            true => std::thread::sleep(PAUSE),
            false => {
                for some in whole.chunks(AT_ONCE).take_while(|_| !stop.load(Ordering::Relaxed)) {
                    session.files(some, receiver)?;
                }
                session.tell()?;
            }
        }
    }
    Ok(())
}
