//! Notices saves: wakes when a file is closed after writing, renamed or removed, and waits until the editor is done.
//!
//! Folders are watched and not files, since editors put a new file in the place of the old one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use template::{Template, envelope_folders};

use super::bench::PreviewOrder;
use super::orders::Order;
use super::shared::Shared;

/// How long nothing may happen before the files are read.
const SETTLED: Duration = Duration::from_millis(8);
/// How long an editor that goes on writing is waited for.
const PATIENCE: Duration = Duration::from_millis(60);

/// Watches the files of a preview and tells the engine of saves, until the preview ends. Where the system watches nothing a
/// warning is logged, and the page stays as it was when it was opened.
pub(super) fn watch(order: &PreviewOrder, shared: Arc<Shared>) {
    let files = Watched::of(order);
    let (sender, events) = channel();
    let watcher = notify::recommended_watcher(move |event| {
        // Nobody listens once the preview has ended.
        let _ = sender.send(event);
    });
    match watcher {
        Ok(mut watcher) => {
            files.watch(&mut watcher);
            std::thread::spawn(move || notice(&files, &mut watcher, &events, &shared));
        }
        Err(error) => tracing::warn!(code = "preview_not_watched", "files are not watched: {error}"),
    }
}

/// Tells the engine of each save, once nothing more happens for a moment.
fn notice(
    files: &Watched,
    watcher: &mut RecommendedWatcher,
    events: &Receiver<notify::Result<Event>>,
    shared: &Shared,
) {
    let concerns = |event: &notify::Result<Event>| event.as_ref().map_or(true, |event| files.concerns(event));
    while let Ok(event) = events.recv() {
        if !concerns(&event) {
            continue;
        }
        let since = Instant::now();
        loop {
            match events.recv_timeout(SETTLED) {
                Ok(event) if concerns(&event) && since.elapsed() > PATIENCE => break,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        // A folder that was removed and is back is another one to the system.
        files.watch_folders(watcher);
        shared.tell(Order::Saved(since));
    }
}

/// What is watched.
#[derive(Clone)]
struct Watched {
    /// Folders with all that is in them.
    folders: Vec<PathBuf>,
    /// Single files, by their folders.
    files: Vec<PathBuf>,
}

impl Watched {
    fn of(order: &PreviewOrder) -> Watched {
        let full = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let folders = [Some(&order.template), order.against.as_ref()].into_iter().flatten();
        let mut folders: Vec<PathBuf> = folders.filter(|path| path.is_dir()).map(full).collect();
        // Shared parts lie beside the template.
        let shared = Template::find(&order.template).map(|template| template.folders()).unwrap_or_default();
        folders.extend(shared.iter().map(full));
        // Envelopes lie around it.
        folders.extend(envelope_folders(&order.template));
        folders.dedup();
        let files = [order.job.as_ref(), order.records.as_ref()].into_iter().flatten().map(full).collect();
        Watched { folders, files }
    }

    fn watch(&self, watcher: &mut RecommendedWatcher) {
        let parents = self.folders.iter().chain(&self.files).filter_map(|path| path.parent());
        for parent in parents {
            if let Err(error) = watcher.watch(parent, RecursiveMode::NonRecursive) {
                tracing::warn!(
                    code = "preview_not_watched",
                    "`{}` is not watched: {error}",
                    parent.display()
                );
            }
        }
        self.watch_folders(watcher);
    }

    fn watch_folders(&self, watcher: &mut RecommendedWatcher) {
        for folder in self.folders.iter().filter(|folder| folder.is_dir()) {
            if let Err(error) = watcher.watch(folder, RecursiveMode::Recursive) {
                tracing::warn!(
                    code = "preview_not_watched",
                    "`{}` is not watched: {error}",
                    folder.display()
                );
            }
        }
    }

    /// Whether a path is one of these files or lies in one of these folders.
    fn has(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| path.starts_with(folder))
            || self.files.iter().any(|file| file == path)
    }

    /// Whether an event may have changed what is shown.
    fn concerns(&self, event: &Event) -> bool {
        let kind = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
            // On Linux the file is closed after that; half a file is not read.
            EventKind::Modify(ModifyKind::Data(_)) => !cfg!(target_os = "linux"),
            EventKind::Modify(ModifyKind::Metadata(_)) | EventKind::Access(_) => false,
            _ => true,
        };
        kind && (event.need_rescan() || event.paths.iter().any(|path| self.has(path)))
    }
}
