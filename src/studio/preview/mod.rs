//! The live preview of a template: a page on loopback that shows the very bytes that production would print, while the
//! template is written.
//!
//! `server` accepts connections, `guard` judges each request, `routes` answers it. `watcher` notices saves. `engine` lays out,
//! prints and draws on one thread: `bench` knows what was saved, `showing` makes the answers. Nothing here calls out, writes a
//! file of the designer, or sees a real code.

mod against;
mod answers;
mod assets;
mod bench;
mod connection;
mod connections;
mod editor;
mod engine;
mod events;
mod export;
mod faults;
mod guard;
mod ink;
mod light;
mod locate;
mod lru;
mod marks;
mod orders;
mod pieces;
mod places;
mod query;
mod refusal;
mod reveal;
mod routes;
mod server;
mod shared;
mod showing;
mod specimens;
mod symbols;
mod tiles;
mod watcher;
mod windows;

pub(crate) use bench::PreviewOrder;
pub(crate) use editor::{Editor, open_address};
pub(crate) use reveal::{RevealedPlace, reveal};
pub(crate) use server::Listeners;

use std::sync::Arc;
use std::sync::mpsc::channel;

use bench::Bench;
use engine::Engine;
use guard::Guard;
use orders::Order;
use shared::{Shared, locked};

use template::LayoutWorker;

use crate::failure::Failure;

/// Serves the preview until the process is asked to end. `opened` gets its address once it answers.
///
/// # Errors
/// Template errors where there is no such template; `io`: the system starts no server; those of `opened`.
pub(crate) fn preview(
    order: PreviewOrder,
    listeners: Listeners,
    editor: Option<Editor>,
    opened: impl FnOnce(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (sender, inbox) = channel();
    let guard = Guard::new(listeners.port())?;
    let shared = Arc::new(Shared::new(guard, editor, order.clone(), sender));
    watcher::watch(&order, shared.clone());
    let _session = reveal::Session::open(&order, listeners.port(), shared.guard.token());
    let bench = Bench::open(order, LayoutWorker::start())?;
    let engine = Engine::new(bench, shared.clone(), inbox);
    engine.publish();
    let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || engine.run())?;
    opened(&shared.guard.address())?;
    server::serve(listeners, &shared)?;
    shared.tell(Order::End);
    // A layout that is on its way ends with its process.
    if thread.is_finished() {
        let _ = thread.join();
    }
    Ok(())
}
