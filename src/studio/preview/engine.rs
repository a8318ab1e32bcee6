//! The engine: one thread that lays out, prints and draws what the pages ask for. What is in view goes first; what a newer
//! save or a newer view makes obsolete is dropped.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use super::against::Against;
use super::answers::{Cell, Changes};
use super::bench::Bench;
use super::orders::{CellsRequest, Order, Reply, ViewRequest};
use super::refusal::Refusal;
use super::shared::Shared;

/// The most pages whose view is kept.
const MAX_CLIENTS: usize = 16;
/// How long after a save that could not be read the files are read again, and how often.
const AGAIN: Duration = Duration::from_millis(40);
const ATTEMPTS: u32 = 5;

/// The engine.
pub(super) struct Engine {
    pub(super) bench: Bench,
    pub(super) shared: Arc<Shared>,
    inbox: Receiver<Order>,
    /// Orders that came and wait.
    waiting: VecDeque<Order>,
    /// Galleries and comparisons on their way, a piece at a time.
    longer: VecDeque<Longer>,
    /// What each page had in view last; the one that asked last comes last.
    pub(super) clients: Vec<ViewRequest>,
    /// When the files are read again, and how often that was done.
    again: Option<(Instant, u32)>,
    /// Whether the faults of all variants were published.
    is_published: bool,
}

/// Work that goes on between other orders.
enum Longer {
    Cells { request: CellsRequest, done: Vec<Cell>, reply: Reply<Vec<Cell>> },
    Changes { against: Against, variants: VecDeque<String>, done: Vec<Changes>, reply: Reply<Vec<Changes>> },
}

impl Engine {
    pub(super) fn new(bench: Bench, shared: Arc<Shared>, inbox: Receiver<Order>) -> Engine {
        let (waiting, longer) = (VecDeque::new(), VecDeque::new());
        let (clients, again) = (Vec::new(), None);
        Engine { bench, shared, inbox, waiting, longer, clients, again, is_published: false }
    }

    /// Works until the preview ends.
    pub(super) fn run(mut self) {
        while self.receive() {
            match self.next() {
                Some(order) => self.answer(order),
                None => self.go_on(),
            }
        }
    }

    /// Receives orders; waits for one if nothing else is to be done. `false` once the preview ends.
    fn receive(&mut self) -> bool {
        let idle = self.waiting.is_empty() && self.longer.is_empty() && self.is_published;
        if idle {
            let received = match self.again {
                None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some((at, _)) => self.inbox.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match received {
                Ok(order) => self.waiting.push_back(order),
                Err(RecvTimeoutError::Timeout) => self.waiting.push_back(Order::Saved(Instant::now())),
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        loop {
            match self.inbox.try_recv() {
                Ok(order) => self.waiting.push_back(order),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        !self.waiting.iter().any(|order| matches!(order, Order::End))
    }

    /// The order that is answered next: saves, then views, then the rest as it came.
    fn next(&mut self) -> Option<Order> {
        let rank = |order: &Order| match order {
            Order::Saved(_) => 0,
            Order::View(..) => 1,
            _ => 2,
        };
        let first = (0..self.waiting.len()).min_by_key(|&index| (rank(&self.waiting[index]), index))?;
        self.waiting.remove(first)
    }

    fn answer(&mut self, order: Order) {
        match order {
            Order::Saved(since) => self.saved(since),
            Order::View(request, reply) => {
                let newer =
                    |order: &Order| matches!(order, Order::View(other, _) if other.client == request.client);
                if self.waiting.iter().any(newer) {
                    let refusal =
                        Refusal::new(hyper::StatusCode::CONFLICT, "obsolete", "a newer view follows");
                    let _ = reply.send(Err(refusal));
                    return;
                }
                self.remember(&request);
                // A page that has gone does not wait for its answer.
                let _ = reply.send(self.view(&request).map(Arc::from));
            }
            Order::Show(request, reply) => {
                let _ = reply.send(self.bench.shown(&request, &self.shared));
            }
            Order::Cells(request, reply) => {
                let request = CellsRequest { cells: request.cells.into_iter().rev().collect(), ..request };
                self.longer.push_back(Longer::Cells { request, done: Vec::new(), reply });
            }
            Order::Changes(against, reply) if !self.bench.can_compare(against) => {
                let _ = reply.send(Err(Refusal::not_found()));
            }
            Order::Changes(against, reply) => {
                let variants = self.bench.variants.iter().map(|(id, _)| id.clone()).collect();
                self.longer.push_back(Longer::Changes { against, variants, done: Vec::new(), reply });
            }
            Order::SavedBefore(reply) => {
                let _ = reply.send(Ok(self.bench.compared.get(&Against::Saved).cloned()));
            }
            Order::Reveal(request, reply) => {
                let _ = reply.send(self.reveal(&request));
            }
            Order::End => {}
        }
    }

    /// Goes on with longer work, or lays out the next variant that nobody looks at.
    fn go_on(&mut self) {
        if let Some(longer) = self.longer.pop_front() {
            return self.continue_with(longer);
        }
        match self.bench.next_variant() {
            Some(variant) => {
                self.bench.laid(&variant);
            }
            None if self.bench.hold_to_light() => {}
            None => {
                self.is_published = true;
                self.publish();
            }
        }
    }

    fn continue_with(&mut self, longer: Longer) {
        match longer {
            Longer::Cells { mut request, mut done, reply } => match request.cells.pop() {
                Some(_) if reply.is_closed() => {}
                Some(cell) => {
                    done.push(self.cell(&cell, request.dpi));
                    self.longer.push_front(Longer::Cells { request, done, reply });
                }
                None => {
                    let _ = reply.send(Ok(done));
                }
            },
            Longer::Changes { against, mut variants, mut done, reply } => match variants.pop_front() {
                Some(_) if reply.is_closed() => {}
                Some(variant) => {
                    done.extend(self.changes(against, &variant));
                    self.longer.push_front(Longer::Changes { against, variants, done, reply });
                }
                None => {
                    let _ = reply.send(Ok(done));
                }
            },
        }
    }

    /// Reads the files again, and shows every page what it has in view.
    fn saved(&mut self, since: Instant) {
        let attempts = self.again.take().map_or(0, |(_, attempts)| attempts + 1);
        self.waiting.retain(|order| !matches!(order, Order::Saved(_)));
        let changed = self.bench.read();
        if self.bench.is_unreadable() && attempts < ATTEMPTS {
            self.again = Some((Instant::now() + AGAIN, attempts));
        }
        if !changed {
            return;
        }
        self.is_published = false;
        for client in self.clients.clone() {
            if let Ok(view) = self.view(&client) {
                self.shared.events.send("view", &view);
            }
        }
        tracing::info!("shown {} ms after the save", since.elapsed().as_millis());
        self.publish();
    }

    fn remember(&mut self, request: &ViewRequest) {
        self.clients.retain(|client| client.client != request.client);
        if self.clients.len() >= MAX_CLIENTS {
            self.clients.remove(0);
        }
        self.clients.push(request.clone());
    }

    /// Publishes what lies on the bench.
    pub(super) fn publish(&self) {
        self.shared.publish_bench(self.bench_document());
    }
}
