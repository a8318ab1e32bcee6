//! What the server's connections, the watcher and the engine have in common.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use tokio::sync::oneshot;

use super::editor::Editor;
use super::events::Events;
use super::guard::Guard;
use super::lru::Lru;
use super::orders::Order;
use super::pieces::Piece;
use super::places::Places;
use super::refusal::Refusal;
use super::tiles::Tiles;

/// The most bytes of the PDFs that are kept.
const PIECES_SIZE: usize = 96 << 20;

/// What is shared.
pub(super) struct Shared {
    pub guard: Guard,
    pub events: Events,
    pub tiles: Tiles,
    pub places: Places,
    pub editor: Option<Editor>,
    /// The date on the pieces.
    pub night: Date,
    /// The answer to `/api/bench`.
    bench: Mutex<Arc<str>>,
    pieces: Mutex<Lru<String, Arc<Piece>>>,
    engine: Sender<Order>,
}

impl Shared {
    pub(super) fn new(guard: Guard, editor: Option<Editor>, night: Date, engine: Sender<Order>) -> Shared {
        Shared {
            guard,
            events: Events::default(),
            tiles: Tiles::default(),
            places: Places::default(),
            editor,
            night,
            bench: Mutex::new("{}".into()),
            pieces: Mutex::new(Lru::new(PIECES_SIZE)),
            engine,
        }
    }

    /// What `/api/bench` answers.
    pub(super) fn bench(&self) -> Arc<str> {
        locked(&self.bench).clone()
    }

    /// Changes what `/api/bench` answers, and sends it to the pages that listen.
    pub(super) fn publish_bench(&self, bench: String) {
        self.events.send("bench", &bench);
        *locked(&self.bench) = bench.into();
    }

    /// The piece with this identifier, while it is kept.
    pub(super) fn piece(&self, id: &str) -> Option<Arc<Piece>> {
        locked(&self.pieces).get(&id.to_owned())
    }

    /// Keeps a piece.
    pub(super) fn keep(&self, piece: &Arc<Piece>) {
        locked(&self.pieces).put(piece.id.clone(), piece.clone(), piece.pdf.len());
    }

    /// Tells the engine something.
    pub(super) fn tell(&self, order: Order) {
        // Nobody listens once the preview has ended.
        let _ = self.engine.send(order);
    }

    /// Asks the engine.
    ///
    /// # Errors
    /// The engine's refusal; that of a preview which has ended.
    pub(super) async fn ask<T>(
        &self,
        order: impl FnOnce(oneshot::Sender<Result<T, Refusal>>) -> Order,
    ) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.tell(order(reply));
        answer.await.unwrap_or_else(|_| Err(Refusal::ending()))
    }
}

/// What a mutex holds. A thread that panicked leaves nothing half done behind these.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
