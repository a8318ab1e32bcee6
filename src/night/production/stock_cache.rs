//! Laid-out stock, kept in the job's scratch folder from one run to the next: a layout takes longer than all else of a small
//! night.
//!
//! An entry is a file that is named after all that its stock depends on, and that holds the digest of its bytes. One that is
//! not as it was written is laid out anew, replaced and reported. Notes beside the entries say which stock was drawn on which
//! press and found clear, so that it is not drawn again. No night needs the cache: whatever is wrong with it, the
//! night goes on and says so. Entries hold what a template prints, and nothing of a record.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use template::{CompiledTemplate, LAYOUT_LIMITS, LaidOutStock, OrderedLayout, TemplateError};

use crate::files::{hexadecimal, open_to_writers, write_private};
use crate::job::Job;
use crate::night::report::Alert;

/// The cache's folder in the scratch folder.
const FOLDER: &str = "stock";
/// The ending of an entry's name.
const ENDING: &str = ".stock";
/// The ending of the name of an entry that is being written.
const PARTIAL: &str = ".partial";
/// The ending of the name of a note that says which stock was drawn and found clear.
const DRAWN: &str = ".drawn";
/// The beginning of an entry.
const HEAD: &[u8] = b"pli: laid-out stock, form 1\n";
/// The bytes of a digest.
const DIGEST: usize = 32;
/// The longest entry.
const MAX_SIZE: u64 = LAYOUT_LIMITS.output + 1024;
/// How many entries are kept: those that were written last.
const KEPT: usize = 32;
/// How much older than a new entry a partial one is that nobody writes any more.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// The code of what is reported.
const CODE: &str = "stock_cache";

/// The laid-out stock of a job's earlier runs.
#[derive(Debug)]
pub(in crate::night) struct StockCache {
    folder: PathBuf,
    alerts: Mutex<Vec<Alert>>,
}

/// What the cache has of a layout.
enum Found {
    Stock(LaidOutStock),
    Nothing,
    /// A file that is no entry of this layout, or can't be read.
    Unsound(String),
}

impl StockCache {
    /// The cache of a job.
    pub(in crate::night) fn of(job: &Job) -> StockCache {
        StockCache::in_folder(job.scratch().join(FOLDER))
    }

    /// The cache in a folder, which is made where it is missing.
    pub(super) fn in_folder(folder: PathBuf) -> StockCache {
        StockCache { folder, alerts: Mutex::default() }
    }

    /// What a person should know of the cache, each thing once.
    pub(in crate::night) fn alerts(&self) -> Vec<Alert> {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds what another process, which has reported it, found of the cache.
    pub(super) fn take_over(&self, found: Vec<Alert>) {
        let mut alerts = self.alerts.lock().unwrap_or_else(PoisonError::into_inner);
        for alert in found {
            if !alerts.contains(&alert) {
                alerts.push(alert);
            }
        }
    }

    /// The template of a layout with its stock, which is laid out unless the cache has it.
    ///
    /// # Errors
    /// Those of the layout. The cache has none of its own.
    pub(in crate::night) fn compiled(
        &self,
        layout: OrderedLayout,
    ) -> Result<CompiledTemplate, TemplateError> {
        let identity = layout.identity();
        let path = self.folder.join(format!("{}{ENDING}", hexadecimal(identity)));
        let usable = self.is_usable();
        let found = if usable { read(&path, &identity) } else { Found::Nothing };
        let stock = match found {
            Found::Stock(stock) => return layout.compiled(stock),
            Found::Nothing => layout.lay_out()?,
            Found::Unsound(problem) => {
                self.report(format!(
                    "{}: {problem}: the stock of `{}` is laid out anew; find out who else writes there",
                    path.display(),
                    layout.name()
                ));
                layout.lay_out()?
            }
        };
        if usable && let Err(error) = self.keep(&path, &identity, &stock) {
            self.report(format!(
                "{error}: laid-out stock is not kept, and each run takes longer; see that it can be written"
            ));
        }
        layout.compiled(stock)
    }

    /// Whether stock with this digest was drawn by an earlier run, which found nothing.
    pub(super) fn was_drawn(&self, digest: &[u8; DIGEST]) -> bool {
        let path = self.note(digest);
        if !self.is_usable() || is_missing(&path) {
            return false;
        }
        let sound = foreign::read(&path, DIGEST as u64).is_ok_and(|noted| noted == digest);
        if !sound {
            self.report(format!(
                "{}: it is not as it was written: the stock is drawn again; find out who else writes there",
                path.display()
            ));
        }
        sound
    }

    /// Notes that stock with this digest was drawn, and that nothing was found.
    pub(super) fn note_drawn(&self, digest: &[u8; DIGEST]) {
        let path = self.note(digest);
        let write = || {
            write_private(&path, digest)?;
            self.remove_old(fs_err::metadata(&path)?.modified()?)
        };
        if self.is_usable()
            && let Err(error) = write()
        {
            self.report(format!(
                "{error}: the stock is drawn again by each run, which takes longer; see that it can be written"
            ));
        }
    }

    fn note(&self, digest: &[u8; DIGEST]) -> PathBuf {
        self.folder.join(format!("{}{DRAWN}", hexadecimal(*digest)))
    }

    /// Whether the folder is there, or can be made, and nobody else may write it.
    fn is_usable(&self) -> bool {
        if let Err(error) = make_private(&self.folder) {
            self.report(format!("{}: {error}: laid-out stock is not kept", self.folder.display()));
            return false;
        }
        let Some(open) = open_to_writers(&self.folder) else { return true };
        let (path, mode) = (open.path.display(), open.mode);
        self.report(format!(
            "{path}: others may write it (mode {mode:03o}): laid-out stock is neither kept there nor taken from there; run `chmod go-w {path}`"
        ));
        false
    }

    /// Writes an entry and removes what is too old.
    fn keep(&self, path: &Path, identity: &[u8; DIGEST], stock: &LaidOutStock) -> io::Result<()> {
        let stock = stock.to_bytes();
        write_private(path, &[HEAD, identity, &digest(identity, &stock), &stock].concat())?;
        self.remove_old(fs_err::metadata(path)?.modified()?)
    }

    /// Removes all entries and notes except those written last, and what killed runs left. `now` is when the last one was written.
    fn remove_old(&self, now: SystemTime) -> io::Result<()> {
        let (mut entries, mut notes) = (Vec::new(), Vec::new());
        for entry in fs_err::read_dir(&self.folder)? {
            let path = entry?.path();
            // Another run may have removed it meanwhile.
            let Ok(written) = fs_err::metadata(&path).and_then(|metadata| metadata.modified()) else {
                continue;
            };
            let name = path.as_os_str().as_encoded_bytes();
            if name.ends_with(ENDING.as_bytes()) {
                entries.push((written, path));
            } else if name.ends_with(DRAWN.as_bytes()) {
                notes.push((written, path));
            } else if name.ends_with(PARTIAL.as_bytes())
                && now.duration_since(written).is_ok_and(|age| age > LEFT_BEHIND)
            {
                remove(&path)?;
            }
        }
        for mut kept in [entries, notes] {
            kept.sort_unstable();
            kept.iter().rev().skip(KEPT).try_for_each(|(_, path)| remove(path))?;
        }
        Ok(())
    }

    fn report(&self, message: String) {
        let alert = Alert::of(CODE, message);
        let mut alerts = self.alerts.lock().unwrap_or_else(PoisonError::into_inner);
        if !alerts.contains(&alert) {
            tracing::warn!(code = CODE, "{}", alert.message);
            alerts.push(alert);
        }
    }
}

/// Reads the entry of a layout.
fn read(path: &Path, identity: &[u8; DIGEST]) -> Found {
    let bytes = match foreign::read(path, MAX_SIZE) {
        Ok(bytes) => bytes,
        Err(_) if is_missing(path) => return Found::Nothing,
        Err(error) => return Found::Unsound(error.to_string()),
    };
    let stock = stock_of(&bytes, identity).and_then(LaidOutStock::from_bytes);
    stock.map_or_else(|| Found::Unsound("it is not as it was written".to_owned()), Found::Stock)
}

fn is_missing(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The stock in an entry; `None` where the entry is another's, is cut or was altered.
fn stock_of<'e>(entry: &'e [u8], identity: &[u8; DIGEST]) -> Option<&'e [u8]> {
    let entry = entry.strip_prefix(HEAD)?.strip_prefix(identity)?;
    let (written, stock) = entry.split_first_chunk::<DIGEST>()?;
    (*written == digest(identity, stock)).then_some(stock)
}

/// The digest of an entry.
fn digest(identity: &[u8; DIGEST], stock: &[u8]) -> [u8; DIGEST] {
    Sha256::new_with_prefix(identity).chain_update(stock).finalize().into()
}

/// Makes a folder of mode 0700 (Unix) where it is missing. Its name need not survive a power loss.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

/// Removes a file that another run may remove, too.
fn remove(path: &Path) -> io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
